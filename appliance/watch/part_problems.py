"""What can be wrong with any host, the times, the licences and this host: by code and case."""

from __future__ import annotations

from typing import Final

from appliance.watch.problem import CRITICAL, NOTICE, WARNING, Problem, Text, one_case

_BY_LEVEL: Final = (NOTICE, WARNING, CRITICAL)
_CERTIFICATE: Final = (
    "Renew it: `ansible-playbook playbooks/site.yml --tags pki`, or"
    " playbooks/rotate_certificates.yml for all."
)
_MISFIT: Final = "Issue it anew: `ansible-playbook playbooks/site.yml --tags pki`."
_CLOCK: Final = (
    "Put the clock of {host} right; a time that is ahead comes back only by"
    " `tmr time update {host} --why …`."
)
_COMPARE_TWO: Final = (
    "Compare the clocks of both hosts (`timedatectl`), put the wrong one right, then"
    " `tmr time update --all --why …`; or bring the third upstream back."
)
_TWO_CLOCKS: Final = (
    "The containers of {hosts} are {apart_s} apart, and of two nobody can tell who is right:"
    " the earlier counts, which is {first}"
)
_UPDATE: Final = "Ask the vendor for an update and import it at all three upstreams."
_RESET: Final = "Bring back the licence that it stands in for, or ask the vendor to reset it."
_MEND: Final = (
    "Mend or renew the main licence of this product (`tmr licences`), or ask the vendor; a program"
    " keeps its seat until it checks out anew."
)
_UNITS: Final = (
    "Ask the vendor for an update with more units, and import it at all three upstreams."
)
_SEATS: Final = "`tmr leases` shows who holds the seats: release one, or ask the vendor for more."
_CERTIFY: Final = "Get one for two containers: `tmr time update --all --why …`."
_TWINS: Final = (
    "Bring back the upstreams that are named; where a twin is missing or differs, import the"
    " vendor's update there: `tmr container import`."
)
_REPORT: Final = "If {host} runs an earlier version, upgrade it; else read its log."

PARTS: Final[dict[str, Problem]] = {
    # --- all hosts ---
    "report-old": Problem(
        (NOTICE,),
        {
            "": Text(
                "{host} serves but did not lately tell how it is: its disk and clock are unknown",
                _REPORT,
            ),
            "never": Text(
                "{host} serves but never did tell how it is: its disk and clock are unknown",
                _REPORT,
            ),
        },
    ),
    "versions-differ": one_case(
        (NOTICE,),
        "Hosts run different versions: {versions}",
        "Finish it: `ansible-playbook playbooks/rolling_upgrade.yml`.",
    ),
    "host-outdated": one_case(
        (WARNING,),
        "{host} takes no part: this ledger uses rules {in_force}, its release knows {known}",
        "Install a release on {host} that knows the rules in force: `ansible-playbook"
        " playbooks/rolling_upgrade.yml`.",
        "{host} does not know the rules in force",
    ),
    "rules-to-raise": one_case(
        (NOTICE,),
        "All hosts know rules {known}, and rules {in_force} are in force: what is new is refused",
        "If the upgrade is to stay, put them in force: `tmr rules raise --why …`.",
    ),
    "disk": one_case(
        _BY_LEVEL,
        "The disk of {host} has {free_bytes} of {total_bytes} free",
        "Make room on {host}: `journalctl --vacuum-size=200M`, old releases in /opt/tmr, or a"
        " larger disk.",
    ),
    "archive": one_case(
        (WARNING,),
        "The archive of {host} reaches its bound of {most_bytes} with {held_days} of {wanted_days}"
        " days: the oldest entries are deleted",
        "On {host} raise `archive_mib_max`, or lower `archive_days`, or copy the oldest segments"
        " away regularly: docs/archive.md.",
    ),
    "certificate": Problem(
        _BY_LEVEL,
        {
            "": Text("The certificate of {host} ends in {left_s}", _CERTIFICATE),
            "over": Text(
                "The certificate of {host} has expired: no new connection is made", _CERTIFICATE
            ),
        },
    ),
    # --- times ---
    "clock-unsynchronised": one_case(
        (NOTICE,),
        "Nothing keeps the clocks of these hosts right: {hosts}",
        "Look at `chronyc sources` there: a host needs a time source it can reach; in a lab there"
        " is none.",
    ),
    "clock-off": Problem(
        (NOTICE, WARNING),
        {
            "": Text(
                "The container of {host} is {off_ms} off the others: its time does not count",
                _CLOCK,
            ),
            "agrees": Text(
                "The container of {host} is {off_ms} off the others: its time does not count, but"
                " this computer's clock agrees with it: the others may be wrong together",
                "Compare the clocks of all three upstreams (`timedatectl`) and put the wrong ones"
                " right; then `tmr time update --all --why …`.",
            ),
            "one-of-two": Text(_TWO_CLOCKS, _COMPARE_TWO),
            "one-of-two-agrees": Text(
                _TWO_CLOCKS + ". This computer's clock agrees with {name}", _COMPARE_TWO
            ),
            "here": Text(
                "This computer's clock is {off_ms} off the containers' times",
                "Have this computer's clock kept by a time daemon, and compare again.",
            ),
        },
    ),
    "clock-slow": one_case(
        (WARNING,),
        "The container's clock of {host} has stood still, or gone far too slow, for {slow_s}",
        "Licences would live on by it. See what holds the time of {host} back: a virtual machine"
        " that is starved, or somebody; then `tmr time update {host} --why …`.",
    ),
    "log-time-ahead": one_case(
        (WARNING,),
        "Log time, with which licences are compared, is {ahead_s} ahead of the containers' clocks",
        "Get certified time for two containers: `tmr time update --all --why …`.",
    ),
    "time-server": Problem(
        (NOTICE, WARNING),
        {
            "": Text(
                "{host} gets no certified time from {url}: {why}",
                "Check the way from {host} to that server, or name another.",
            ),
            "several": Text(
                "{hosts} get no certified time from {url}: {why}",
                "Check the way from these hosts to that server, or name another.",
            ),
        },
    ),
    "certified-age": one_case(
        (NOTICE,),
        "The certified time of {host} is {age_s} old",
        "Get a new one: `tmr time update {host} --why …`.",
    ),
    # --- licences ---
    "licence-unusable": Problem(
        (CRITICAL,),
        {
            "": Text(
                "Licence {licence} ({name}) cannot be used: fewer than two of its twins count",
                _TWINS,
                "licence {licence} cannot be used",
            ),
            "twins": Text(
                "Licence {licence} ({name}) cannot be used: fewer than two of its twins count"
                " ({twins})",
                _TWINS,
                "licence {licence} cannot be used",
            ),
        },
    ),
    "licence-twin": Problem(
        (NOTICE,),
        {
            "": Text(
                "Licence {licence} ({name}) is not whole: {twins}",
                "Import the vendor's update at the upstreams that are named: `tmr container"
                " import`.",
            ),
            "one": Text(
                "Licence {licence} ({name}) is not whole: fewer than two containers hold it",
                "Import the vendor's update at the other upstreams: `tmr container import`.",
            ),
        },
    ),
    "licence-expiry": Problem(
        _BY_LEVEL,
        {
            "": Text(
                "Licence {licence} ({name}) expires in {left_s}",
                _UPDATE,
                "licence {licence} expires in {left_s}",
            ),
            "over": Text(
                "Licence {licence} ({name}) has expired", _UPDATE, "licence {licence} has expired"
            ),
        },
    ),
    "usage-period": Problem(
        _BY_LEVEL,
        {
            "": Text(
                "The usage period of licence {licence} ({name}) ends in {left_s}",
                _RESET,
                "the usage period of licence {licence} ends in {left_s}",
            ),
            "over": Text(
                "The usage period of licence {licence} ({name}) is over",
                _RESET,
                "the usage period of licence {licence} is over",
            ),
        },
    ),
    "emergency-licence": Problem(
        (WARNING,),
        {
            "": Text(
                "Emergency licence {licence} ({name}) has {in_use} of {quantity} seats in use",
                _MEND,
                "emergency licence {licence} is in use",
            ),
            "timed": Text(
                "Emergency licence {licence} ({name}) has {in_use} of {quantity} seats in use, and"
                " its usage period ends in {left_s}",
                _MEND,
                "emergency licence {licence} is in use and ends in {left_s}",
            ),
        },
    ),
    "licence-rests": Problem(
        (WARNING, CRITICAL),
        {
            "": Text(
                "Licence {licence} ({name}) needs a newer certified time within {left_s}",
                _CERTIFY,
                "licence {licence} needs a newer certified time within {left_s}",
            ),
            "over": Text(
                "Licence {licence} ({name}) rests until there is a newer certified time",
                _CERTIFY,
                "licence {licence} rests until there is a newer certified time",
            ),
            "unbound": Text(
                "Licence {licence} ({name}) rests: its vendor wants containers that are bound more"
                " firmly than those that hold it",
                "Move it to such containers (`tmr container explain` shows how these are bound), or"
                " ask the vendor to change that.",
                "licence {licence} wants containers that are bound more firmly",
            ),
        },
    ),
    "over-reserved": one_case(
        (WARNING,),
        "Access rules reserve {reserved} seats of {product}, and there are {quantity}: earlier"
        " lines get theirs, later ones less or none",
        "Reserve fewer (`tmr access show`, then `tmr access apply`), or ask the vendor for more"
        " seats.",
        "more seats of {product} are reserved than there are",
    ),
    "units-unconfirmed": one_case(
        (CRITICAL,),
        "Licence {licence} ({name}) rests: this system was restored from a backup or put back, and"
        " its unit counter is not confirmed",
        "Give the vendor the backup, and the key of what was lost or else the ledger id (`tmr"
        " status --json`), and import the update that confirms the counter.",
        "licence {licence} rests until its units are confirmed",
    ),
    "units-gone": one_case(
        (WARNING,),
        "Licence {licence} ({name}) has none of its {issued} units left",
        _UNITS,
        "licence {licence} has no units left",
    ),
    "units-low": one_case(
        (NOTICE,),
        "Licence {licence} ({name}) has {left} of {issued} units left",
        _UNITS,
        "licence {licence} has {left} units left",
    ),
    "seats-low": one_case(
        (NOTICE,),
        "Licence {licence} ({name}) has {free} of {quantity} seats free",
        _SEATS,
    ),
    # --- the host on which `tmr doctor` runs ---
    "settings": one_case(
        (CRITICAL,),
        "{fault}",
        "Put it right in the inventory and run playbooks/site.yml again.",
    ),
    "store-missing": one_case(
        (CRITICAL,),
        "The store of {host} is not there, though its service has run",
        "Look for it first; `tmr upstream init` makes an empty one, which has to be admitted: see"
        " docs/deployment.md on replacing a host.",
    ),
    "unit-down": one_case(
        (CRITICAL,),
        "{unit} does not run on {host} ({state})",
        "Read `journalctl -u {unit}`, then `systemctl start {unit}`.",
    ),
    "unit-foreign": one_case(
        (CRITICAL,),
        "Debian's own {unit} runs on {host} beside tmr-vip.service",
        "Stop it for good: `systemctl mask --now {unit}`.",
    ),
    "unit-disabled": one_case(
        (WARNING,),
        "{unit} would not start with {host} ({state})",
        "`systemctl enable {unit}`.",
    ),
    "unit-restarts": one_case(
        (WARNING,),
        "{unit} was restarted {count} times on {host}",
        "Read `journalctl -u {unit} -p warning` for why it ends.",
    ),
    "certificate-misfit": Problem(
        (CRITICAL,),
        {
            "": Text("The certificate {path} cannot serve {host}: {why}", _MISFIT),
            "authority": Text(
                "The certificate {path} cannot serve {host}: the authority in ca.pem did not issue"
                " it",
                _MISFIT,
            ),
            "another": Text(
                "The certificate {path} cannot serve {host}: it is for {name} in the role {role}",
                _MISFIT,
            ),
            "key": Text(
                "The certificate {path} cannot serve {host}: the key beside it is another one's",
                _MISFIT,
            ),
            "names": Text(
                "The certificate {path} cannot serve {host}: it does not name {names}", _MISFIT
            ),
        },
    ),
}
