"""Why a grant is not believed: the stable words of docs/receipts.md."""

from __future__ import annotations

from typing import Final

from appliance.verifier.trust import BEFORE_BUILD, CLOCK_DIFFERS

NO_RECEIPT: Final = "no-receipt"
ONE_ENDORSEMENT: Final = "one-endorsement"
SAME_TWIN: Final = "same-twin"
NOT_REDUNDANT: Final = "not-redundant"
DIFFERENT_GROUPS: Final = "different-groups"
BAD_SIGNATURE: Final = "bad-signature"
FOREIGN_ROOT: Final = "foreign-root"
WRONG_NONCE: Final = "wrong-nonce"
WRONG_FIRM: Final = "wrong-firm"
WRONG_PRODUCT: Final = "wrong-product"
WRONG_UNITS: Final = "wrong-units"
WRONG_SEATS: Final = "wrong-seats"
WRONG_MODE: Final = "wrong-mode"
WRONG_FEATURES: Final = "wrong-features"
WRONG_BORROWER: Final = "wrong-borrower"
WRONG_WISHES: Final = "wrong-wishes"
WRONG_GENERATION: Final = "wrong-generation"
OUTLIVES_LICENCE: Final = "outlives-licence"
OBJECTED: Final = "objected"
NOT_GRANTED: Final = "not-granted"
PATH_MISMATCH: Final = "path-mismatch"
DIFFERENT_LEDGER: Final = "different-ledger"
MALFORMED: Final = "malformed"
NO_FIRM_WORD: Final = "no-firm-word"
OLD_FIRM_WORD: Final = "old-firm-word"
BEYOND_ITEM: Final = "beyond-item"
REASONS: Final = (
    NO_RECEIPT,
    ONE_ENDORSEMENT,
    SAME_TWIN,
    NOT_REDUNDANT,
    DIFFERENT_GROUPS,
    BAD_SIGNATURE,
    FOREIGN_ROOT,
    WRONG_NONCE,
    WRONG_FIRM,
    WRONG_PRODUCT,
    WRONG_UNITS,
    WRONG_SEATS,
    WRONG_MODE,
    WRONG_FEATURES,
    WRONG_BORROWER,
    WRONG_WISHES,
    WRONG_GENERATION,
    OUTLIVES_LICENCE,
    OBJECTED,
    NOT_GRANTED,
    PATH_MISMATCH,
    DIFFERENT_LEDGER,
    MALFORMED,
    NO_FIRM_WORD,
    OLD_FIRM_WORD,
    BEYOND_ITEM,
    BEFORE_BUILD,
    CLOCK_DIFFERS,
)


class NotProven(Exception):
    """A grant without a receipt that convinces. `reason` is one of REASONS; `detail` says it in one
    sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
