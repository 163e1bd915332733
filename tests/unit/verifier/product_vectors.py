"""What tests/vectors/receipt.json has about several products, and units of several licences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from appliance.codec.api import GrantDocument
from appliance.verifier.receipts import Wanted
from tests.unit.verifier.plant import a_line, changed, seeded_bytes
from tests.unit.verifier.wish_vectors import WISHED

ONE, TWO = a_line(), a_line(product_code=11, seats=2)
BOTH: Final[dict[str, Any]] = {"seats": 3, "lines": (ONE, TWO)}
MORE: Final[dict[str, Any]] = {"more": ((11, 2),)}


def product_cases(
    of: Callable[..., GrantDocument], wanted: Callable[..., Wanted]
) -> dict[str, tuple[str, GrantDocument, Wanted]]:
    """Receipts of all products that were asked for, and of others."""
    of_two = {"seats": 3, "units_taken": 1, "lines": (ONE, changed(TWO, units=1))}
    gave = (a_line(units=3), a_line(tmr_id=5, seats=0, units=2))
    return {
        "two products": ("accepted", of(**BOTH), wanted(**MORE)),
        "one of two products": (
            "wrong-seats",
            of(seats=3, lines=(a_line(seats=3),)),
            wanted(**MORE),
        ),
        "seats of the other of two products": (
            "wrong-seats",
            of(seats=3, lines=(a_line(seats=2), changed(TWO, seats=1))),
            wanted(**MORE),
        ),
        "units of a licence without a seat": (
            "accepted",
            of(units_taken=5, lines=gave),
            wanted(units_taken=5),
        ),
        "units of the second product": (
            "accepted",
            of(**of_two),
            wanted(**MORE, units_taken=1, units_of=11),
        ),
        "units of the other of two products": (
            "wrong-units",
            of(**of_two),
            wanted(**MORE, units_taken=1),
        ),
        "units that no line gave": (
            "wrong-units",
            of(units_taken=5, lines=(a_line(),)),
            wanted(units_taken=5),
        ),
    }


def many(of: Callable[..., GrantDocument]) -> GrantDocument:
    """A grant with every field set."""
    share = seeded_bytes("share", 16)
    return of(
        kind="borrowed",
        mode="station-share",
        share=share,
        borrower_key=seeded_bytes("borrower's key"),
        wishes_hash=WISHED,
        seats=3,
        features=2**53 - 1,
        units_taken=7,
        units_left=0,
        lines=(
            a_line(seats=2),
            a_line(product_code=11, tmr_id=2**32 - 1, item_hash=share * 2, units=7),
        ),
    )
