"""What can be wrong with the service and the hosts that make it: the sentences by code and case."""

from __future__ import annotations

from typing import Final

from appliance.watch.problem import CRITICAL, NOTICE, WARNING, Problem, Text, one_case

_TURNED_AWAY: Final = "See to the reason that is named: a host is there."
_OPERATOR: Final = "Ask an operator, or repeat this with an operator's certificate."
_HOST: Final = "Look whether {host} has power and network, then at tmr-server.service on it."
_SEATS: Final = "`tmr leases` shows who holds the seats: release one, or ask the vendor for more."
_APART: Final = "{host} answers but does not take part: {why}"
_APART_BRIEF: Final = "{host} does not take part: {why}"
_DOWN: Final = "{host} does not answer: the next upstream lost ends the service"
_DOWN_WHY: Final = "{host} does not answer ({why}): the next upstream lost ends the service"
_DOWN_BRIEF: Final = "{host} does not answer"
_BRING_BACK: Final = (
    "Bring back the hosts that are named here: two upstreams and one TMR host are enough."
)
_NEWER: Final = (
    "Install a release that knows the rules in force: `ansible-playbook"
    " playbooks/rolling_upgrade.yml`."
)
_TAKES_A_SECOND: Final = "This takes a second. If it stays so, read `tmr logs --level warning`."

_ACCEPT: Final = (
    'Find out who put the machines back, and read docs/replacing.md, "The ledger was put back";'
    " then `tmr accept-loss --why …`."
)
_TWO: Final = (
    "Find the machines that are copies, and switch them off: `tmr status` and docs/replacing.md,"
    ' "Two systems"; tell the vendors.'
)
_LOST: Final = (
    "The ledger was put back: entry {index} was committed, as {other} can prove, and is gone; lost"
    " are {entries} entries, {units} units and up to {leases} leases"
)
_LOST_BRIEF: Final = "the ledger was put back: entry {index} and others are lost"

SERVICE: Final[dict[str, Problem]] = {
    # --- the service ---
    "no-answer": Problem(
        (CRITICAL,),
        {
            "": Text(
                "No TMR host answers ({silent})",
                "Look at tmr-server.service on both TMR hosts, and at the network to them.",
            ),
            "unknown": Text(
                "No TMR host answers: none is known",
                "Name the TMR hosts in the client profile.",
            ),
            "turned-away": Text("No TMR host answers ({silent})", _TURNED_AWAY),
        },
    ),
    "not-serving": Problem(
        (CRITICAL,),
        {
            "two-logs": Text(
                "No licence can be taken: there are two logs, both vouched for, and nobody may"
                " choose one",
                'Follow docs/replacing.md, "A disk was put back": the problems below name it.',
                "there are two logs, both vouched for, and nobody may choose one",
            ),
            "quorum-lost": Text(
                "No licence can be taken: quorum lost, no answer from {hosts}",
                _BRING_BACK,
                "quorum lost: no answer from {hosts}",
            ),
            "no-part": Text(
                "No licence can be taken: quorum lost, without {hosts}",
                _BRING_BACK,
                "quorum lost: without {hosts}",
            ),
            "outdated": Text(
                "No licence can be taken: the releases of {hosts} do not know the rules that are in"
                " force",
                _NEWER,
                "the releases of {hosts} do not know the rules that are in force",
            ),
            "locked": Text(
                "No licence can be taken: fewer than two containers are left, without those of"
                " {hosts}",
                "Two of three containers are needed: bring back the hosts that do not answer, and"
                " ask the vendor about a container that is blocked.",
                "fewer than two containers are left, without those of {hosts}",
            ),
            "unfounded": Text(
                "No licence can be taken: no ledger is founded ({why})",
                "Finish `tmr restore`, or found it with all three upstreams: docs/backup.md.",
                "no ledger is founded ({why})",
            ),
            "taking": Text(
                "No licence can be taken: {host} has the address and takes a term",
                _TAKES_A_SECOND,
                "{host} has the address and takes a term",
            ),
            "taking-why": Text(
                "No licence can be taken: {host} has the address and takes a term ({why})",
                _TAKES_A_SECOND,
                "{host} has the address and takes a term ({why})",
            ),
            "": Text(
                "No licence can be taken: no TMR host is known to serve",
                "A failover takes a second. If it stays so, look at tmr-server.service and"
                " tmr-vip.service on both TMR hosts.",
                "no TMR host is known to serve",
            ),
        },
    ),
    "two-active": one_case(
        (WARNING,),
        "{hosts} both say that they serve; the upstreams let only one",
        "If it stays so, look at the links from both TMR hosts to the upstreams.",
    ),
    "told-in-short": Problem(
        (WARNING,),
        {
            "": Text(
                "{host} says that something is wrong, and tells only operators what", _OPERATOR
            ),
            "missing": Text("{hosts} do not answer; more is told only to operators", _OPERATOR),
        },
    ),
    "requests-refused": Problem(
        (NOTICE, WARNING),
        {
            "": Text(
                "All {refused} check-outs of the last {over_s} were refused, mostly as {reason}",
                "`tmr licences` shows what can be used, and why not.",
                "all check-outs are refused, mostly as {reason}",
            ),
            "full": Text(
                "All {refused} check-outs of the last {over_s} were refused: no seat is free",
                _SEATS,
                "all check-outs are refused: no seat is free",
            ),
        },
    ),
    # --- TMR hosts ---
    "tmr-down": one_case((WARNING,), "{host} does not answer: nobody could take over", _HOST),
    "twins-apart": one_case(
        (WARNING,),
        "{hosts} do not hear each other, though both answer",
        "Look at the network and the packet filter between the two TMR hosts, and at their clocks"
        " and certificates.",
    ),
    "maintenance": one_case(
        (WARNING,),
        "{host} is in maintenance: nobody could take over",
        "End it when the work is done: `tmr maintenance off {host} --why …`.",
    ),
    "standby-cut-off": one_case(
        (WARNING,),
        "{host} reaches {reached} of three upstreams: nobody could take over",
        "Look at the network between {host} and the upstreams, and at its clock and certificate.",
    ),
    "address-silent": Problem(
        (WARNING,),
        {
            "": Text(
                "{address} does not answer from here ({why})",
                "Check the address in the profile, and the network and packet filter between here"
                " and there.",
            ),
            "turned-away": Text("{address} does not answer from here ({why})", _TURNED_AWAY),
        },
    ),
    "address-twice": one_case(
        (CRITICAL,),
        "{hosts} both hold the address {address}",
        "Look whether VRRP (protocol 112) passes between the two, then restart tmr-vip.service on"
        " the one that does not serve.",
    ),
    "address-nowhere": one_case(
        (CRITICAL,),
        "No host holds the address {address}, so no client gets through",
        "Look at tmr-vip.service on both TMR hosts.",
    ),
    "vrrp": Problem(
        (WARNING,),
        {
            "": Text(
                "VRRP does not run on {host} ({state}): it could not take the address",
                "Read `journalctl -u tmr-vip` on {host}.",
            ),
            "no-word": Text(
                "VRRP does not run on {host} (no word from it): it could not take the address",
                "Read `journalctl -u tmr-vip` on {host}.",
            ),
        },
    ),
    "adverts-not-heard": one_case(
        (WARNING,),
        "{host} does not hear the VRRP adverts of the host with the address",
        "Let IP protocol 112 pass between the two TMR hosts, by multicast or by vip_unicast.",
    ),
    "vrrp-stranger": one_case(
        (WARNING,),
        "A stranger on the network of {host} wants the virtual IP: {why}",
        "Find out who that is and keep it off this network; another VRRP router there needs"
        " another router id than `tmr_vrid`.",
    ),
    # --- upstreams ---
    "upstream-down": Problem(
        (WARNING,),
        {
            "": Text(
                _DOWN,
                "Look whether {host} has power and network, then at tmr-upstream.service on it.",
                _DOWN_BRIEF,
            ),
            "why": Text(
                _DOWN_WHY,
                "Look whether {host} has power and network, then at tmr-upstream.service on it.",
                _DOWN_BRIEF,
            ),
            "refuses": Text(
                _DOWN_WHY,
                "Look at the clock of {host} (`timedatectl`): put right, it brings the host back."
                " If it is right already, read `journalctl -u tmr-upstream` there.",
                _DOWN_BRIEF,
            ),
        },
    ),
    "upstream-apart": Problem(
        (WARNING,),
        {
            "": Text(
                _APART,
                "Give it a minute; if it stays so, read `tmr logs --host {host}`.",
                _APART_BRIEF,
            ),
            "refuses": Text(
                _APART,
                "Stop {host} and keep its disk: it may know what the others lost. Then read"
                ' docs/replacing.md, "A disk was put back".',
                _APART_BRIEF,
            ),
            "knows-more": Text(
                "{host} answers but does not take part: it holds another log than the one that"
                " serves",
                "Stop {host} and keep its disk: it may know what the others lost. Then read"
                ' docs/replacing.md, "A disk was put back".',
                "{host} does not take part: it holds another log than the one that serves",
            ),
        },
    ),
    "upstream-behind": one_case(
        (NOTICE, WARNING),
        "{host} is {n} entries behind",
        "Look at the disk and the load of {host}, and at the network to it.",
    ),
    "store-damaged": one_case(
        (WARNING,),
        "The store of {host} is damaged ({why}): it takes no part, and the next upstream lost ends"
        " the service",
        "Stop tmr-upstream.service on {host}, look after its disk, set the store aside with"
        " `tmr upstream init --again --config FILE`, and have the new one admitted.",
        "the store of {host} takes no part",
    ),
    "container-shut": one_case(
        (WARNING,),
        "The container of {host} is shut: {why}. {host} takes no part meanwhile, and the next"
        " upstream lost ends the service",
        "Mend what it says; on {host} `tmr container explain` shows what holds the key, and"
        " docs/containers.md says what may change. It is tried again by itself.",
        "the container of {host} is shut",
    ),
    "store-no-vote": one_case(
        (WARNING,),
        "The store of {host} has no vote: the next upstream lost ends the service",
        "If it is meant to vote, have it admitted: `tmr replace-upstream`.",
        "the store of {host} has no vote",
    ),
    "ledger-rolled-back": Problem(
        (CRITICAL,),
        {
            "": Text(_LOST, _ACCEPT, _LOST_BRIEF),
            "units": Text(
                _LOST,
                f"{_ACCEPT} Unit counters rest until the vendor confirms them: give him the key"
                " {key}.",
                _LOST_BRIEF,
            ),
            "anew": Text(
                "Another ledger is served than the one that {other} knew up to entry {index}, and"
                " it was not restored from that: {entries} entries and {units} units are lost",
                _ACCEPT,
                "another ledger is served than the one that was there before",
            ),
        },
    ),
    "two-systems": Problem(
        (CRITICAL,),
        {
            "": Text(
                "Another system works with the containers of this one: {other} has receipts of both"
                " ledgers in turn, the other one is {ledger}… at entry {index}",
                _TWO,
                "another system works with the same containers",
            ),
            "serving": Text(
                "{hosts} serve two different ledgers as one virtual container, {serial}",
                _TWO,
                "two ledgers are served as one virtual container",
            ),
        },
    ),
    "disk-put-back": one_case(
        (CRITICAL,),
        "There are two logs, both vouched for: {host} signed entry {index} that {other} holds, and"
        " does not hold it any more, so the disk of {host} was put back to an earlier state",
        "Do not touch the disk of {other}: it knows more. Then decide whose log goes on, as"
        ' docs/replacing.md says under "A disk was put back".',
        "two logs: the disk of {host} was put back, {other} knows more",
    ),
    "container-elsewhere": one_case(
        (NOTICE,),
        "The container of {host} is held by another host, token or TPM than before (not as it was:"
        " {what})",
        "If you moved it, there is nothing to do: the notice ends after a week. If not, somebody"
        " runs a copy of it: look who has access to {host}, and tell the vendor, who can block it.",
        "the container of {host} is elsewhere than before",
    ),
    "container-locked": one_case(
        (WARNING,),
        "The container of {host} is blocked: {why}",
        "Ask the vendor why it was blocked; it takes a new container or a release.",
        "the vendor blocked the container of {host}",
    ),
}
