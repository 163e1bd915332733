"""Why a replica does not take the log it is given, and why a coordinator is where it is."""

from __future__ import annotations

from typing import Final

LEDGER: Final[dict[str, str]] = {
    # --- a log that is refused ---
    "no-common-entry": "no common entry {index}",
    "log-ends-elsewhere": "the log ends at {index}, not as announced at {announced}",
    "entry-after-other": "entry {index} does not follow on {previous}",
    "entry-unreadable": "entry {index} cannot be read: {said}",
    "entry-conflicts": "another entry {index}",
    "too-much-uncommitted": "too much of this log is not committed",
    "too-much-aside": "too much to keep aside",
    "not-consented": "no operator of this host agreed to who votes then",
    "not-replaced": "nothing proves that this store was replaced",
    "log-unfounded": "a log that nobody founded",
    "rules-newer": "this ledger uses rules {in_force}, this release knows {known}: install a newer"
    " one",
    "entries-unvouched": "entries after {index} that no vow speaks of",
    "votes-too-few": "too few votes",
    "logs-conflict": "logs of one term that contradict each other",
    "log-unproven": "it lacks an entry that is proven to be committed",
    "founded-by-all": "a ledger is founded with all three upstreams",
    "log-not-chosen": "it is not the log that the rule chooses",
    "log-forgot": "its log ends before an entry that it signed",
    "no-vote-yet": "its store does not vote yet",
    "holder-contradicts": "what its holder says of it cannot be",
    "time-of-restored": "a restored ledger goes on from its log time",
    "time-not-allowed": "log time {time} is not what the containers' clocks allow",
    "time-lower": "log time {time} is before {previous}, and the entry is not one that lowers it",
    "time-lower-uncertified": "log time {time} is before {previous}, without certified tokens of"
    " two containers",
    "time-below-certified": "log time {time} is before {previous}, and before the certified time"
    " {certified}",
    "time-lower-unvoted": "log time {time} is before {previous}, and is not what the containers'"
    " clocks say",
    "snapshot-format": "a snapshot of format {format}, this release reads {known}",
    "snapshot-other-ledger": "a snapshot of another ledger, {ledger}",
    "snapshot-older": "a snapshot of entry {index}, and {committed} are committed here",
    "snapshot-other-entry": "the snapshot is of entry {index}, not of {wanted}",
    "snapshot-not-sealed-by-two": "two stores that vote have not sealed it",
    "snapshot-not-here": "the snapshot of entry {index} is not here, or cut short",
    "snapshot-aside-other": "what was put aside is another snapshot than the one that was sealed",
    "snapshot-no-operator": "an empty store takes a snapshot only if an operator named two stores"
    " that sealed it: `tmr replace-upstream` does, if it is given this upstream's --admin, too",
    "no-request": "not a request to an upstream",
    "claims-for-another": "{host} claims for {claimed}",
    "counter-far": "this counter is far beyond any other",
    # --- why nothing is founded yet ---
    "awaits-restore": "the upstreams wait for a restore",
    "not-all-await": "some upstreams wait for a restore, and others do not",
    "restores-differ": "the upstreams were told to restore different things",
    "restores-newer-rules": "what is to be restored uses newer rules than this release knows",
    # --- where a coordinator is ---
    "just-started": "just started",
    "stops": "stops",
    "willing": "two upstreams are willing",
    "waits-for-promises": "waits for promises",
    "waits-for-promise": "waits for a promise: {why}",
    "waits-why-and-doubts": "waits for a promise: {why}; and doubts what was promised ({doubts})",
    "waits-and-doubts": "waits for a promise, and doubts what was promised ({doubts})",
    "too-long": "{phase} took too long",
    "too-long-and-doubts": "{phase} took too long, and what was promised is doubted ({doubts})",
    "reads-log": "reads the log of {host}",
    "chose-log": "chose the log of {host}",
    "log-other": "{host} has another log",
    "adopted-by-two": "two upstreams adopted the log",
    "promised-higher": "{host} promised {term}",
    "voters-replaced": "nobody can join a term whose voters were replaced",
    "quorum-lost": "quorum lost",
    "in-maintenance": "in maintenance",
    "switched-over": "switched over to the twin",
    "cut-off": "reaches {reached} upstreams, the twin two",
    "other-coordinator": "two upstreams hear another coordinator",
    "address-elsewhere": "the address is elsewhere",
    "serves": "serving",
    "takes-term": "has the address, takes a term",
}
