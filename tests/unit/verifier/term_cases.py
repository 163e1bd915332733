"""Cases of the published vectors: sound receipts of something else than was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from appliance.codec.api import GrantDocument
from appliance.verifier.receipts import Wanted
from tests.unit.verifier.plant import LOG_TIME_MS, a_line, changed, seeded_bytes

NONCE = seeded_bytes("nonce")
WANTED = Wanted(100001, 10, NONCE)
SHARE = seeded_bytes("share", 16)
BORROWER = seeded_bytes("borrower's key")
Case = tuple[str, GrantDocument, Wanted]
BOTH: Final = (a_line(), a_line(product_code=11, seats=2))
BOTH_WANTED: Final[dict[str, Any]] = {"more": ((11, 2),)}


def wanted(**fields: Any) -> Wanted:
    return Wanted(100001, 10, NONCE, **fields)


def other_products(of: Callable[..., GrantDocument]) -> dict[str, Case]:
    """The same of several products, of units and of roles."""
    return {
        "an emergency licence that was not wanted": (
            "wrong-role",
            of(role="emergency"),
            wanted(emergency=False),
        ),
        "one of two products": (
            "wrong-seats",
            of(seats=3, lines=(a_line(seats=3),)),
            wanted(**BOTH_WANTED),
        ),
        "seats of the other of two products": (
            "wrong-seats",
            of(seats=3, lines=(a_line(seats=2), changed(BOTH[1], seats=1))),
            wanted(**BOTH_WANTED),
        ),
        "units of the other of two products": (
            "wrong-units",
            of(seats=3, units_taken=1, lines=(BOTH[0], changed(BOTH[1], units=1))),
            wanted(**BOTH_WANTED, units_taken=1),
        ),
        "units that no line gave": (
            "wrong-units",
            of(units_taken=5, lines=(a_line(),)),
            wanted(units_taken=5),
        ),
    }


def other_terms(of: Callable[..., GrantDocument]) -> dict[str, Case]:
    """Sound receipts of something else than was asked for, or of what makes no sense."""
    sixteen = tuple(a_line(tmr_id=tmr_id, seats=0) for tmr_id in range(1, 17))
    shared = {"mode": "station-share", "share": SHARE}
    return {
        "sixteen lines": ("accepted", of(**shared, lines=sixteen), wanted(**shared)),
        "seventeen lines": (
            "malformed",
            changed(of(**shared), lines=(*sixteen, a_line(tmr_id=17))),
            wanted(**shared),
        ),
        "borrowed, and asked for a seat": ("not-granted", of(kind="borrowed"), WANTED),
        "more seats than asked": (
            "wrong-seats",
            of(seats=2, lines=(a_line(seats=2),)),
            WANTED,
        ),
        "more seats than counted": ("wrong-seats", of(seats=2), wanted(seats=2)),
        "another mode": ("wrong-mode", of(mode="exclusive"), WANTED),
        "a share that nobody asked for": ("wrong-mode", of(share=SHARE), WANTED),
        "a feature that is not granted": ("wrong-features", of(), wanted(features=6)),
        "borrowed by somebody": ("wrong-borrower", of(borrower_key=BORROWER), WANTED),
        "another generation": ("wrong-generation", of(), wanted(generation=16)),
        "valid beyond the licence's end": (
            "outlives-licence",
            of(ends_at_ms=LOG_TIME_MS + 599_999),
            WANTED,
        ),
        "another product beside": (
            "wrong-product",
            of(lines=(a_line(), a_line(product_code=11, seats=0))),
            WANTED,
        ),
        "no line": ("malformed", of(lines=()), WANTED),
        "one licence twice": ("malformed", of(lines=(a_line(), a_line(seats=0))), WANTED),
        "a line without its item": ("malformed", of(lines=(a_line(item_hash=bytes(32)),)), WANTED),
        "an item hash of 31 bytes": (
            "malformed",
            changed(of(), lines=(a_line(item_hash=bytes([1] * 31)),)),
            WANTED,
        ),
        "a share of 15 bytes": (
            "malformed",
            changed(of(**shared), share=bytes([1] * 15)),
            wanted(mode="station-share", share=bytes([1] * 15)),
        ),
        "another item than proven": (
            "path-mismatch",
            changed(of(), lines=(a_line(item_hash=bytes([1] * 32)),)),
            WANTED,
        ),
        "other features than proven": ("path-mismatch", changed(of(), features=7), WANTED),
        "a later end than proven": ("path-mismatch", changed(of(), ends_at_ms=0), WANTED),
    }
