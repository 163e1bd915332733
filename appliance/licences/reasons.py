"""Every reason that the licence machine gives, in one table: the word, and what follows from it.

Whoever needs a set of them derives it from here: the API's problems and their HTTP statuses, what
uses up the number of a consumption, what a client takes for a final word, and what the simulator
and the chaos judge take for an honest answer. A new reason is one row.
"""

from __future__ import annotations

from typing import Final, NamedTuple

GRANTED: Final = "granted"
DONE: Final = "done"
UNKNOWN_PRODUCT: Final = "unknown-product"
NO_SEAT_FREE: Final = "no-seat-free"
EXPIRED: Final = "licence-expired"
CERTIFIED_STALE: Final = "certified-time-stale"
UNITS_UNCONFIRMED: Final = "units-unconfirmed"
NO_UNIT_COUNTER: Final = "no-unit-counter"
UNITS_EXHAUSTED: Final = "units-exhausted"
LEASE_UNKNOWN: Final = "lease-unknown"
LEASE_ENDED: Final = "lease-ended"
LEASE_CONFLICT: Final = "lease-conflict"
OLD_GENERATION: Final = "old-generation"
OUT_OF_ORDER: Final = "number-out-of-order"
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
NOT_DISMISSED: Final = "not-dismissed"
TOO_MANY_DISMISSED: Final = "too-many-dismissed"
NOT_REPLACED: Final = "not-replaced"


class Reason(NamedTuple):
    """One row. `status` is HTTP's, 0 for what no client is ever told, `title` the problem's.

    `answers_lease`: an honest client's check-out, consumption or check-in may get it as a final
    word. `uses_number`: a consumption that gets it uses its number up (`leases`, note 3).
    `ends_lease`: the lease itself is over for this client. `repeat`: the same request may well be
    answered otherwise a moment later, so it is no final word.
    """

    word: str
    status: int
    title: str
    answers_lease: bool = False
    uses_number: bool = False
    ends_lease: bool = False
    repeat: bool = False


TABLE: Final = (
    Reason(GRANTED, 201, "Granted", answers_lease=True, uses_number=True),
    Reason(DONE, 200, "Done", answers_lease=True),
    Reason(
        UNKNOWN_PRODUCT,
        404,
        "No such licence is available",
        answers_lease=True,
        uses_number=True,
    ),
    Reason(NO_SEAT_FREE, 409, "All seats are taken", answers_lease=True),
    Reason(EXPIRED, 403, "The licence has expired", answers_lease=True, uses_number=True),
    Reason(
        CERTIFIED_STALE,
        403,
        "The licence wants a newer certified time",
        answers_lease=True,
        uses_number=True,
    ),
    Reason(
        UNITS_UNCONFIRMED,
        403,
        "The unit counter rests until the vendor confirms it",
        answers_lease=True,
        uses_number=True,
    ),
    Reason(
        NO_UNIT_COUNTER,
        409,
        "The licence has no unit counter",
        answers_lease=True,
        uses_number=True,
    ),
    Reason(
        UNITS_EXHAUSTED,
        409,
        "The unit counter does not hold that many",
        answers_lease=True,
        uses_number=True,
    ),
    Reason(LEASE_UNKNOWN, 404, "No such lease", answers_lease=True, ends_lease=True),
    Reason(LEASE_ENDED, 410, "The lease has ended", answers_lease=True, ends_lease=True),
    Reason(LEASE_CONFLICT, 409, "The same id stands for another request", ends_lease=True),
    Reason(OLD_GENERATION, 409, "The lease was granted anew since", ends_lease=True),
    Reason(OUT_OF_ORDER, 409, "Requests on a lease are numbered without gaps", answers_lease=True),
    Reason(TOO_MANY_LEASES, 507, "No room for a further lease"),
    Reason(OVER_QUOTA, 409, "An operator limits how many seats one client may hold"),
    Reason(UPDATE_REFUSED, 409, "The licence update was refused"),
    Reason(BLOCK_LIST_REFUSED, 409, "The block list was refused"),
    Reason(STATEMENT_REFUSED, 0, "The certified statement was refused"),
    Reason(ALREADY_FOUNDED, 0, "The ledger has its content already"),
    Reason(UNKNOWN_ACTION, 400, "No such action"),
    Reason(
        NOT_FOUNDED,
        503,
        "The ledger has no content yet: repeat the request with the same id",
        repeat=True,
    ),
    Reason(BAD_REQUEST, 400, "The request is not well formed"),
    Reason(TOO_MANY_CLIENTS, 507, "The appliance knows as many enrolled clients as it can"),
    Reason(NOT_DISMISSED, 409, "The certificate cannot be dismissed so"),
    Reason(TOO_MANY_DISMISSED, 507, "As many certificates are dismissed as can be"),
    Reason(NOT_REPLACED, 409, "The store cannot be replaced so"),
)

TOOK_EFFECT: Final = frozenset((GRANTED, DONE))
NUMBER_USED_UP: Final = frozenset(row.word for row in TABLE if row.uses_number)
"""After any of these answers to a Consume a client goes on with the next number; after any other
refusal with the same one."""
LEASE_ANSWERS: Final = frozenset(row.word for row in TABLE if row.answers_lease)
LEASE_OVER: Final = frozenset(row.word for row in TABLE if row.ends_lease)
FINAL: Final = frozenset(row.word for row in TABLE if not row.repeat)
"""The ledger's final words: whoever is told one of them need not ask again."""
