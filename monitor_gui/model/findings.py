"""What the appliance's checks find (`appliance.watch`), as templates: see `retold`.

Each problem of docs/health.md with what to do about it. The checks say it in English, for a log, a
webhook and a terminal alike; here it is told again in the language of whoever looks. A test reads
the checks and fails on a sentence that is missing below.
"""

from __future__ import annotations

from typing import Final

from monitor_gui.model.phrases import say

FINDINGS: Final = (
    # The service.
    say("No TMR host answers ({why})"),
    say("none is known"),
    say("Look at tmr-server.service on both TMR hosts, and at the network to them."),
    say("No licence can be taken: {why}"),
    say("there are two logs, both vouched for, and nobody may choose one"),
    say('Follow docs/replacing.md, "A disk was put back": the problems below name it.'),
    say("quorum lost: {names} do not answer"),
    say("quorum lost: {names} take no part"),
    say("Bring back the hosts that are named here: two upstreams and one TMR host are enough."),
    say("no ledger is founded: {why}"),
    say("Finish `tmr restore`, or found it with all three upstreams: docs/backup.md."),
    say("{host} has the address and takes a term"),
    say("{host} has the address and takes a term ({why})"),
    say("This takes a second. If it stays so, read `tmr logs --level warning`."),
    say("no TMR host is known to serve"),
    say(
        "A failover takes a second. If it stays so, look at tmr-server.service and "
        "tmr-vip.service on both TMR hosts."
    ),
    say("{host} says that something is wrong ({why}), and tells only operators what"),
    say("Ask an operator, or repeat this with an operator's certificate."),
    say("All {n} check-outs of the last {s} s were refused, mostly as {code}"),
    say("`tmr leases` shows who holds the seats: release one, or ask the vendor for more."),
    say("`tmr licences` shows what can be used, and why not."),
    say("See to the reason that is named: a host is there."),
    # TMR hosts.
    say("{two} both say that they serve; the upstreams let only one"),
    say("If it stays so, look at the links from both TMR hosts to the upstreams."),
    say("{host} does not answer: nobody could take over"),
    say("Look whether {host} has power and network, then at tmr-server.service on it."),
    say("{two} do not hear each other, though both answer"),
    say(
        "Look at the network and the packet filter between the two TMR hosts, and at their clocks "
        "and certificates."
    ),
    say("{host} reaches {n} of three upstreams: nobody could take over"),
    say("Look at the network between {host} and the upstreams, and at its clock and certificate."),
    say("{host} is in maintenance: nobody could take over"),
    say("End it when the work is done: `tmr maintenance off {host} --why …`."),
    say("{host} does not answer from here ({why})"),
    say(
        "Check the address in the profile, and the network and packet filter between here and "
        "there."
    ),
    say("{two} both hold the address {address}"),
    say(
        "Look whether VRRP (protocol 112) passes between the two, then restart tmr-vip.service on "
        "the one that does not serve."
    ),
    say("No host holds the address {address}, so no client gets through"),
    say("Look at tmr-vip.service on both TMR hosts."),
    say("VRRP does not run on {host} ({why}): it could not take the address"),
    say("no word from it"),
    say("Read `journalctl -u tmr-vip` on {host}."),
    say("{host} does not hear the VRRP adverts of the host with the address"),
    say("A stranger on the network of {host} wants the virtual IP: {why}"),
    say("{address} ({link}) sends VRRP adverts for our router id {number} (priority {priority})"),
    say(
        "VRRP adverts in the twin's name ({address}, priority {priority}) come from {link}, and "
        "the twin is at {other}"
    ),
    say(
        "Find out who that is and keep it off this network; another VRRP router there needs "
        "another router id than `tmr_vrid`."
    ),
    say("Let IP protocol 112 pass between the two TMR hosts, by multicast or by vip_unicast."),
    # Upstreams.
    say(
        "The store of {host} is damaged ({why}): it takes no part, and the next upstream lost ends "
        "the service"
    ),
    say(
        "Stop tmr-upstream.service on {host}, look after its disk, set the store aside with `tmr "
        "upstream init --again --config FILE`, and have the new one admitted."
    ),
    say("{host} does not answer: the next upstream lost ends the service"),
    say("{host} does not answer ({why}): the next upstream lost ends the service"),
    say("Look whether {host} has power and network, then at tmr-upstream.service on it."),
    say(
        "Look at the clock of {name} (`timedatectl`): put right, it brings the host back. If "
        "it is right already, read `journalctl -u tmr-upstream` there."
    ),
    say("The store of {host} has no vote: the next upstream lost ends the service"),
    say("If it is meant to vote, have it admitted: `tmr replace-upstream`."),
    say("{name} is {n} entries behind"),
    say("Look at the disk and the load of {host}, and at the network to it."),
    say("{name} answers but does not take part: {why}"),
    say("no phase"),
    say("it holds another log than the one that serves"),
    say(
        "Stop {name} and keep its disk: it may know what the others lost. Then read "
        'docs/replacing.md, "A disk was put back".'
    ),
    say("Give it a minute; if it stays so, read `tmr logs --host {name}`."),
    say(
        "There are two logs, both vouched for: {host} signed entry {index} that {other} holds, and "
        "does not hold it any more, so the disk of {host} was put back to an earlier state"
    ),
    say(
        "Do not touch the disk of {host}: it knows more. Then decide whose log goes on, as "
        'docs/replacing.md says under "A disk was put back".'
    ),
    say("gets a snapshot, {count} of {all} chunks"),
    say("the upstreams wait for a restore"),
    say("some upstreams wait for a restore, and others do not"),
    say("the upstreams were told to restore different things"),
    # Why a store is damaged, as it says itself.
    say("its mark is there, but the database is not"),
    say("its mark cannot be read"),
    say("its mark is missing"),
    say("its mark is that of another store"),
    say("the database is not in order: {what}"),
    say("the log's last entry {index} is another one than was stored last"),
    say("the record of its {table} is not as it was written"),
    say("entry {index} is not as it was written"),
    say("entry {index} is missing"),
    say("entry {index} does not follow on the one before"),
    say("entry {index}, which its mark names, is missing"),
    say("entry {index} is another one than its mark says"),
    say("chunk {index} of the snapshot is missing or not as it was written"),
    say("the snapshot belongs to another log"),
    say("it is {count} transactions behind its mark: entry {index} instead of {last} is its last"),
    say("it says something else than its mark"),
    say("it promised or adopted a lower term than its mark says"),
    say("fewer entries of it are committed than its mark says"),
    say("it says that {count} entries were committed, but ends with {index}"),
    say(
        "it holds {count} entries from {first} to {last} instead of {wanted} from {start} to {end}"
    ),
    # All hosts.
    say("{host} serves but never did tell how it is: its disk and clock are unknown"),
    say("{host} serves but did not lately tell how it is: its disk and clock are unknown"),
    say("If {host} runs an earlier version, upgrade it; else read its log."),
    say("Hosts run different versions: {versions}"),
    say("Finish it: `ansible-playbook playbooks/rolling_upgrade.yml`."),
    say("The disk of {host} has {free} of {all} GiB free"),
    say(
        "Make room on {host}: `journalctl --vacuum-size=200M`, old releases in /opt/tmr, or a "
        "larger disk."
    ),
    say(
        "The archive of {host} reaches its bound of {size} MiB with {held} of {wanted} days: the "
        "oldest entries are deleted"
    ),
    say(
        "On {host} raise `archive_mib_max`, or lower `archive_days`, or copy the oldest segments "
        "away regularly: docs/archive.md."
    ),
    say("The certificate of {host} has expired: no new connection is made"),
    say("The certificate of {host} ends in {span}"),
    say(
        "Renew it: `ansible-playbook playbooks/site.yml --tags pki`, or "
        "playbooks/rotate_certificates.yml for all."
    ),
    # Times.
    say("Nothing keeps the clock of {host} right"),
    say("Nothing keeps the clocks of {hosts} right"),
    say(
        "Look at `chronyc sources` there: a host needs a time source it can reach; in a lab there "
        "is none."
    ),
    say("This computer's clock is {off} s off the containers' times"),
    say("Have this computer's clock kept by a time daemon, and compare again."),
    say("The container of {host} is {off} s off the others: its time does not count"),
    say(
        "The container of {host} is {off} s off the others: its time does not count, but this "
        "computer's clock agrees with it: the others may be wrong together"
    ),
    say(
        "Put the clock of {host} right; a time that is ahead comes back only by `tmr time update "
        "{host} --why …`."
    ),
    say(
        "Compare the clocks of all three upstreams (`timedatectl`) and put the wrong ones right; "
        "then `tmr time update --all --why …`."
    ),
    say(
        "The containers of {host} and {other} are {off} s apart, and of two nobody can tell who is "
        "right: the earlier counts, which is {first}"
    ),
    say(
        "The containers of {host} and {other} are {off} s apart, and of two nobody can tell who is "
        "right: the earlier counts, which is {first}. This computer's clock agrees with {name}"
    ),
    say(
        "Compare the clocks of both hosts (`timedatectl`), put the wrong one right, then `tmr time "
        "update --all --why …`; or bring the third upstream back."
    ),
    say("Log time, with which licences are compared, is {off} s ahead of the containers' clocks"),
    say("Get certified time for two containers: `tmr time update --all --why …`."),
    say("{host} gets no certified time from {url}: {why}"),
    say("failed"),
    say("liar"),
    say("Check the way from {host} to that server, or name another."),
    # Containers and licences.
    say("The container of {host} is blocked: {why}"),
    say("Ask the vendor why it was blocked; it takes a new container or a release."),
    say("{n} licences have the same trouble: {why}"),
    say("Licence {licence} is not whole: fewer than two containers hold it"),
    say("Import the vendor's update at the other upstreams: `tmr container import`."),
    say("Licence {licence} cannot be used: fewer than two of its twins count"),
    say("Licence {licence} cannot be used: fewer than two of its twins count ({twins})"),
    say(
        "Bring back the upstreams that are named; where a twin is missing or differs, import the "
        "vendor's update there: `tmr container import`."
    ),
    say("Licence {licence} is not whole: {twins}"),
    say("Import the vendor's update at the upstreams that are named: `tmr container import`."),
    say("Licence {licence} has expired"),
    say("Licence {licence} expires in {span}"),
    say("Ask the vendor for an update and import it at all three upstreams."),
    say("Licence {licence} rests until there is a newer certified time"),
    say("Licence {licence} needs a newer certified time within {span}"),
    say("Get one for two containers: `tmr time update --all --why …`."),
    say(
        "Licence {licence} rests: this system was restored from a backup, and its unit counter is "
        "not confirmed"
    ),
    say(
        "Give the vendor the backup and the ledger id (`tmr status --json`), and import the update "
        "that confirms the counter."
    ),
    say("Licence {licence} has {left} of {all} units left"),
    say("Ask the vendor for an update with more units, and import it at all three upstreams."),
    # The host on which `tmr doctor` runs: no window ever shows these, but the list is one.
    say("Put it right in the inventory and run playbooks/site.yml again."),
    say("The store of {host} is not there, though its service has run"),
    say(
        "Look for it first; `tmr upstream init` makes an empty one, which has to be admitted: see "
        "docs/deployment.md on replacing a host."
    ),
    say("Debian's own {unit} runs on {host} beside tmr-vip.service"),
    say("Stop it for good: `systemctl mask --now {unit}`."),
    say("{unit} does not run on {host} ({state})"),
    say("Read `journalctl -u {unit}`, then `systemctl start {unit}`."),
    say("{unit} would not start with {host} ({state})"),
    say("`systemctl enable {unit}`."),
    say("{unit} was restarted {count} times on {host}"),
    say("Read `journalctl -u {unit} -p warning` for why it ends."),
    say("The certificate {path} cannot serve {host}: {why}"),
    say("the authority in ca.pem did not issue it"),
    say("it is for {name} in the role {role}"),
    say("the key beside it is another one's"),
    say("it does not name {names}"),
    say("Issue it anew: `ansible-playbook playbooks/site.yml --tags pki`."),
)
