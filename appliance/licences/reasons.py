"""Every reason that the licence machine gives, in one table: the word, and what follows from it.

Whoever needs a set of them derives it from here: the API's problems and their HTTP statuses, what
uses up the number of a consumption, what a client takes for a final word, and what the simulator
and the chaos judge take for an honest answer. A new reason is one row.
"""

from __future__ import annotations

from typing import Final

from appliance.licences import reason
from appliance.licences.options import (
    AT_REST,
    certified_age,
    expiration,
    modes,
    units,
    usage_period,
)
from appliance.licences.reason import Reason

GRANTED: Final = reason.GRANTED
DONE: Final = reason.DONE
TOOK_EFFECT: Final = reason.TOOK_EFFECT
UNKNOWN_PRODUCT: Final = "unknown-product"
NO_SEAT_FREE: Final = "no-seat-free"
QUEUED: Final = "queued"
NEVER_SATISFIABLE: Final = "never-satisfiable"
QUEUE_FULL: Final = "queue-full"
EXPIRED: Final = expiration.REASON.word
USAGE_OVER: Final = usage_period.REASON.word
CERTIFIED_STALE: Final = certified_age.REASON.word
UNITS_UNCONFIRMED: Final = units.REASON.word
NO_UNIT_COUNTER: Final = "no-unit-counter"
UNITS_EXHAUSTED: Final = "units-exhausted"
LEASE_UNKNOWN: Final = "lease-unknown"
LEASE_ENDED: Final = "lease-ended"
LEASE_CONFLICT: Final = "lease-conflict"
OLD_GENERATION: Final = "old-generation"
OUT_OF_ORDER: Final = "number-out-of-order"
TOO_MANY_RESERVED: Final = "too-many-reserved"
NOT_RESERVED: Final = "not-reserved"
BEYOND_RESERVE: Final = "beyond-reserve"
NOT_PROVEN: Final = "settlement-not-proven"
NO_REFUND: Final = "refund-refused"
TOO_MANY_LEASES: Final = "too-many-leases"
UPDATE_REFUSED: Final = "update-refused"
BLOCK_LIST_REFUSED: Final = "block-list-refused"
STATEMENT_REFUSED: Final = "certified-statement-refused"
ALREADY_FOUNDED: Final = "already-founded"
UNKNOWN_ACTION: Final = "unknown-action"
NOT_FOUNDED: Final = "not-founded"
BAD_REQUEST: Final = "bad-request"
TOO_MANY_CLIENTS: Final = "too-many-clients"
OVER_QUOTA: Final = "over-quota"
EXCLUSIVE_CONFLICT: Final = "exclusive-conflict"
DENIED_BY_RULE: Final = "denied-by-rule"
MAXIMUM_REACHED: Final = "maximum-reached"
SEATS_RESERVED: Final = "seats-reserved"
ACCESS_REFUSED: Final = "access-rules-refused"
MODE_NOT_PERMITTED: Final = modes.REASON.word
NOT_DISMISSED: Final = "not-dismissed"
TOO_MANY_DISMISSED: Final = "too-many-dismissed"
NOT_REPLACED: Final = "not-replaced"
RULES_NOT_RAISED: Final = "rules-not-raised"
BORROW_NOT_PERMITTED: Final = "borrow-not-permitted"
BORROW_TOO_LONG: Final = "borrow-too-long"
BORROW_LIMIT: Final = "borrow-limit"
BORROW_TIME_UNCERTAIN: Final = "borrow-time-uncertain"
BORROW_UNKNOWN: Final = "borrow-unknown"
BORROW_ENDED: Final = "borrow-ended"
BORROW_NOT_PROVEN: Final = "borrow-not-proven"


TABLE: Final = (
    Reason(GRANTED, 201, "Granted", "", answers_lease=True, uses_number=True),
    Reason(DONE, 200, "Done", "", answers_lease=True),
    Reason(
        UNKNOWN_PRODUCT,
        404,
        "No such licence is available",
        "check the codes, or list all licences to see which constituents are missing or differ",
        answers_lease=True,
        uses_number=True,
        no_licence=True,
    ),
    Reason(
        NO_SEAT_FREE,
        409,
        "All seats are taken",
        "try again when one is free, or ask an operator to release one",
        answers_lease=True,
        no_licence=True,
    ),
    Reason(QUEUED, 202, "It waits for its turn", "", answers_lease=True),
    Reason(
        NEVER_SATISFIABLE,
        422,
        "More seats are asked for than there can be",
        "ask for fewer, or ask an administrator",
        answers_lease=True,
        no_licence=True,
    ),
    Reason(
        QUEUE_FULL,
        503,
        "As many wait as can",
        "try again later, or ask an operator to release a seat",
        answers_lease=True,
        no_licence=True,
    ),
    Reason(
        EXCLUSIVE_CONFLICT,
        409,
        "At this station the product is used, and one of its uses is exclusive",
        "end the other program of this station first, or start this one elsewhere",
        answers_lease=True,
        no_licence=True,
    ),
    Reason(
        DENIED_BY_RULE,
        403,
        "The access rules do not allow it",
        "ask an administrator; `tmr access explain` shows which rule decides",
        answers_lease=True,
        no_licence=True,
    ),
    Reason(
        MAXIMUM_REACHED,
        409,
        "By the access rules no further seat is to be had",
        "check one in first, or ask an administrator",
        answers_lease=True,
        no_licence=True,
    ),
    Reason(
        SEATS_RESERVED,
        409,
        "The free seats are reserved for others",
        "try again when one is free, or ask an administrator",
        answers_lease=True,
        no_licence=True,
    ),
    *AT_REST,
    Reason(
        NO_UNIT_COUNTER,
        409,
        "The licence has no unit counter",
        "use it without consuming units",
        answers_lease=True,
        uses_number=True,
        no_licence=True,
    ),
    Reason(
        UNITS_EXHAUSTED,
        409,
        "The unit counter does not hold that many",
        "ask for fewer, or have the vendor add some",
        answers_lease=True,
        uses_number=True,
        no_licence=True,
    ),
    Reason(
        LEASE_UNKNOWN,
        404,
        "No such lease",
        "check out first",
        answers_lease=True,
        ends_lease=True,
        no_licence=True,
    ),
    Reason(
        LEASE_ENDED,
        410,
        "The lease has ended",
        "check out under a new lease id",
        answers_lease=True,
        ends_lease=True,
        no_licence=True,
    ),
    Reason(
        LEASE_CONFLICT,
        409,
        "The same id stands for another request",
        "choose a new lease id, or repeat that request unchanged",
        ends_lease=True,
    ),
    Reason(
        OLD_GENERATION,
        409,
        "The lease was granted anew since",
        "repeat the check-out to learn where it stands",
        ends_lease=True,
    ),
    Reason(
        OUT_OF_ORDER,
        409,
        "Requests on a lease are numbered without gaps",
        "send the next number",
        answers_lease=True,
    ),
    Reason(
        TOO_MANY_RESERVED,
        409,
        "The lease has as many open reservations as it can",
        "settle one of them first",
        answers_lease=True,
    ),
    Reason(
        NOT_RESERVED,
        409,
        "There is no such reservation",
        "it was settled long ago, or the request took its units for good",
        answers_lease=True,
    ),
    Reason(
        BEYOND_RESERVE,
        422,
        "No more units can be used than were reserved",
        "settle what was reserved, and take the rest by a request of its own",
        answers_lease=True,
    ),
    Reason(
        NOT_PROVEN,
        403,
        "The settlement is not signed by who made the reservation",
        "sign it with the key that the reservation named",
    ),
    Reason(
        NO_REFUND,
        409,
        "These units cannot be refunded",
        "`tmr units list` shows which can be",
    ),
    Reason(TOO_MANY_LEASES, 507, "No room for a further lease", "try again when some have ended"),
    Reason(
        OVER_QUOTA,
        409,
        "An operator limits how many seats one client may hold",
        "check one in first, or ask the operator",
    ),
    Reason(
        ACCESS_REFUSED,
        409,
        "The access rules are not put in force",
        "correct the document, or begin with the version in force (`tmr access show`)",
    ),
    Reason(
        BORROW_NOT_PERMITTED,
        403,
        "The seat may not be borrowed",
        "use it online, or ask whoever runs the licence servers",
        no_licence=True,
    ),
    Reason(
        BORROW_TOO_LONG,
        422,
        "The seat may not be borrowed for so long",
        "borrow it for a shorter time, and extend that later",
    ),
    Reason(
        BORROW_LIMIT,
        409,
        "As many seats are out as may be",
        "try again when one is back (`tmr borrow list`), or use the seat online",
        no_licence=True,
    ),
    Reason(
        BORROW_TIME_UNCERTAIN,
        409,
        "It is not known well enough what time it is",
        "have an operator update the certified time (`tmr time update`), then try again",
    ),
    Reason(
        BORROW_UNKNOWN,
        404,
        "Nothing is borrowed under this key",
        "it was returned long ago, or borrowed from another system",
    ),
    Reason(
        BORROW_ENDED,
        410,
        "What was borrowed under this key is over",
        "borrow again, under a new key",
    ),
    Reason(
        BORROW_NOT_PROVEN,
        403,
        "It is not signed by who borrowed",
        "do it on the computer that has the borrower's key",
    ),
    Reason(
        UPDATE_REFUSED,
        409,
        "The licence update was refused",
        "ask the vendor for an update that fits",
    ),
    Reason(
        BLOCK_LIST_REFUSED,
        409,
        "The block list was refused",
        "ask the vendor for the newest list",
    ),
    Reason(
        STATEMENT_REFUSED,
        0,
        "The certified statement was refused",
        "have the container ask a time server again",
    ),
    Reason(ALREADY_FOUNDED, 0, "The ledger has its content already", "use it as it is"),
    Reason(
        UNKNOWN_ACTION, 400, "No such action", "use switchover, maintenance-on or maintenance-off"
    ),
    Reason(
        NOT_FOUNDED,
        503,
        "The ledger has no content yet: repeat the request with the same id",
        "found it first, or repeat the request with the same id",
        repeat=True,
    ),
    Reason(BAD_REQUEST, 400, "The request is not well formed", "correct the request"),
    Reason(
        TOO_MANY_CLIENTS,
        507,
        "The appliance knows as many enrolled clients as it can",
        "dismiss one first, or use client certificates",
    ),
    Reason(
        NOT_DISMISSED,
        409,
        "The certificate cannot be dismissed so",
        "read in the detail which one can be",
    ),
    Reason(
        TOO_MANY_DISMISSED,
        507,
        "As many certificates are dismissed as can be",
        "make a new certificate authority for clients",
    ),
    Reason(
        NOT_REPLACED,
        409,
        "The store cannot be replaced so",
        "look with `tmr status` which stores vote",
    ),
    Reason(
        RULES_NOT_RAISED,
        409,
        "The rules that this needs are not in force yet",
        "upgrade the hosts that `tmr rules status` names, then `tmr rules raise`",
    ),
)

WANT_OF_SEATS: Final = frozenset((NO_SEAT_FREE, SEATS_RESERVED, MAXIMUM_REACHED, OVER_QUOTA))
"""Refusals for want of seats alone: whoever gets one may wait, and it is a denial."""
ROWS: Final = {row.word: row for row in TABLE}
NO_LICENCE: Final = frozenset(row.word for row in TABLE if row.no_licence)
"""There is no licence to be had: what exit code 3 of a command line means."""
NUMBER_USED_UP: Final = frozenset(row.word for row in TABLE if row.uses_number)
"""After any of these answers to a Consume a client goes on with the next number; after any other
refusal with the same one."""
LEASE_ANSWERS: Final = frozenset(row.word for row in TABLE if row.answers_lease)
LEASE_OVER: Final = frozenset(row.word for row in TABLE if row.ends_lease)
FINAL: Final = frozenset(row.word for row in TABLE if not row.repeat)
"""The ledger's final words: whoever is told one of them need not ask again."""
