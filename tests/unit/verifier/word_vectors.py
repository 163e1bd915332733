"""The cases of tests/vectors/receipt.json that are about the firm's word."""

from __future__ import annotations

from typing import Any, Final

from appliance.codec.api import GrantDocument
from appliance.licences.grants import Line, item_hash
from appliance.licences.model import ProductItem
from appliance.licences.modes import MODES, NO_LIMIT, STATION_SHARE
from appliance.licences.serials import Binding
from appliance.verifier.documents import FirmWordsDocument
from appliance.verifier.receipts import Wanted
from tests.unit.verifier.plant import (
    FIRM_CODE,
    ITEM,
    ITEMS,
    LOG_TIME_MS,
    Endorser,
    Plant,
    a_grant,
    an_item,
    changed,
    seeded_bytes,
)

NONCE = seeded_bytes("nonce")
WANTED = Wanted(FIRM_CODE, 10, NONCE)
LOG_TIME_S = LOG_TIME_MS // 1000
WordCase = tuple[str, tuple[FirmWordsDocument, ...], GrantDocument, Wanted]


def cases(plant: Plant) -> dict[str, WordCase]:
    """Each case: what must come of it, what the firm's words are, the grant, what was asked for."""
    return _whose(plant) | _what(plant) | _where(plant)


def _where(plant: Plant) -> dict[str, WordCase]:
    """Licences that want containers of a kind, and containers of all kinds."""
    file, loose, strict, tpm, token = (
        Binding.FILE,
        Binding.LOOSE,
        Binding.STRICT,
        Binding.TPM,
        Binding.TOKEN,
    )
    rows = (
        ("bound", file, tpm, "beyond-item"),
        ("bound", loose, strict, "accepted"),
        ("bound", tpm, token, "accepted"),
        ("hardware", tpm, token, "beyond-item"),
        ("hardware", token, token, "accepted"),
    )
    made: dict[str, WordCase] = {}
    for wanted, one, other, expected in rows:
        item = an_item(containers=wanted)
        line = Line(item.product_code, item.tmr_id, 1, item_hash(FIRM_CODE, item))
        twins = [plant.twin(n, "A1", f" in {of}", of) for n, of in enumerate((one, other), 1)]
        endorsers = [Endorser(twin) for twin in twins]
        grant = plant.receipt_for(a_grant(lines=(line,)), NONCE, endorsers=endorsers)
        words = (plant.words(item, twins=twins),)
        made[f"{wanted}: {one} and {other}"] = (expected, words, grant, WANTED)
    return made


def _whose(plant: Plant) -> dict[str, WordCase]:
    """Words by others, about others, or changed."""
    words, first, second = plant.words, plant.twins[0], plant.twins[1]
    good = words(ITEM, ITEMS)
    grant = plant.receipt_for(a_grant(), NONCE)
    another, foreign = plant.firm_of(100002), Plant("elsewhere")
    again = plant.twin(2, "A1", " again")
    longer = changed(good.words[0], path=(*good.words[0].path, bytes(32)))
    short = changed(good.words[0], key_hash=good.words[0].key_hash[:31])

    def case(expected: str, *documents: FirmWordsDocument) -> WordCase:
        return expected, documents, grant, WANTED

    def each(**fields: Any) -> FirmWordsDocument:
        return changed(good, words=tuple(changed(word, **fields) for word in good.words))

    return {
        "the firm's word for two endorsers": case("accepted", words(ITEM, twins=(first, second))),
        "one of three words is changed": case(
            "accepted", changed(good, words=(*good.words[:2], changed(good.words[2], size=15)))
        ),
        "nobody asked the firm": case("no-firm-word"),
        "the firm's word for one endorser": case("no-firm-word", words(ITEM, twins=(first,))),
        "the firm's word for another container of that name": case(
            "no-firm-word", words(ITEM, twins=(first, again))
        ),
        "the firm's word for another item": case("no-firm-word", words(ITEMS[0], ITEMS)),
        "the word of another firm": case("wrong-firm", words(ITEM, firm=another)),
        "the word of another firm for its own firm code": case(
            "no-firm-word", words(ITEM, firm=another, firm_code=100002)
        ),
        "a firm of another root": case("foreign-root", words(ITEM, firm=foreign.firm)),
        "a container in a firm's place": case("foreign-root", each(certificate=first.certificate)),
        "more seats than the firm signed": case(
            "bad-signature", changed(good, item=good.item.replace('"quantity":3', '"quantity":9'))
        ),
        "a later update than the firm signed": case("bad-signature", each(sequence=2)),
        "a word for another key than signed": case("bad-signature", each(key_hash=bytes(32))),
        "a key's hash of 31 bytes": case("malformed", changed(good, words=(short,))),
        "a word with too long a path": case("malformed", changed(good, words=(longer,))),
        "no word": case("malformed", changed(good, words=())),
        "an item that is none": case("malformed", changed(good, item="[]")),
        "an older word than before": case(
            "old-firm-word", words(ITEMS[0], ITEMS, sequence=2), words(ITEM, ITEMS)
        ),
        "an item that the newest word has no more": case(
            "no-firm-word", words(ITEM, ITEMS), words(ITEMS[0], sequence=2)
        ),
        "the newest of three words": case(
            "accepted",
            words(ITEM, ITEMS),
            words(ITEMS[0], ITEMS, sequence=2),
            words(ITEM, ITEMS, sequence=2),
        ),
    }


BORROWED: Final[dict[str, Any]] = {
    "kind": "borrowed",
    "borrower_key": seeded_bytes("borrower's key"),
}


def _what(plant: Plant) -> dict[str, WordCase]:
    """Sound receipts of more than the firm signed."""

    def case(expected: str, item: ProductItem, released: str = "", **fields: Any) -> WordCase:
        seats, taken = fields.get("seats", 1), fields.get("units_taken", 0)
        hashed = item_hash(FIRM_CODE, item)
        line = Line(item.product_code, item.tmr_id, seats, hashed, taken)
        terms: dict[str, Any] = {"lines": (line,), "units_left": 500} | fields
        grant = a_grant(**terms)
        wanted = Wanted(
            FIRM_CODE,
            10,
            NONCE,
            units_taken=taken,
            kind=grant.kind,
            mode=grant.mode,
            share=grant.share,
            borrower_key=grant.borrower_key,
            seats=seats,
            release_date=released,
        )
        return expected, (plant.words(item),), plant.receipt_for(grant, NONCE), wanted

    ends_s = LOG_TIME_S + 600
    maintained = an_item(maintenance_from="2026-01-01", maintenance_until="2026-03-31")
    return {
        "all seats": case("accepted", ITEM, seats=3),
        "more seats than there are": case("beyond-item", ITEM, seats=4),
        "another TMR-ID than the item's": case(
            "beyond-item",
            ITEM,
            lines=(Line(10, 5, 1, item_hash(FIRM_CODE, ITEM)),),
        ),
        "a feature that is not licensed": case("beyond-item", ITEM, features=7),
        "a mode that the firm permits": case(
            "accepted", an_item(modes=MODES), mode=STATION_SHARE, share=bytes(range(16))
        ),
        "a mode that the firm does not permit": case("beyond-item", ITEM, mode=NO_LIMIT),
        "the user limit where the firm does not permit it": case(
            "beyond-item", an_item(modes=(NO_LIMIT,))
        ),
        "a longer receipt than the firm allows": case("beyond-item", an_item(receipt_valid_s=599)),
        "as many units as there are": case("accepted", ITEM, units_taken=500, units_left=0),
        "more units than there are": case("beyond-item", ITEM, units_taken=501),
        "units of a licence without": case("beyond-item", an_item(units=None), units_taken=1),
        "before it begins": case("beyond-item", an_item(activates_at_s=LOG_TIME_S + 1)),
        "when it begins": case("accepted", an_item(activates_at_s=LOG_TIME_S)),
        "until its end": case("accepted", an_item(expires_at_s=ends_s)),
        "without the end that it has": case(
            "outlives-licence", an_item(expires_at_s=ends_s), ends_at_ms=0
        ),
        "a later end than its usage period allows": case(
            "outlives-licence", an_item(usage_period_s=599)
        ),
        "within its usage period": case("accepted", an_item(usage_period_s=600)),
        "a usage period without an end": case(
            "outlives-licence", an_item(usage_period_s=600), ends_at_ms=0
        ),
        "released on the last day of maintenance": case("accepted", maintained, "2026-03-31"),
        "released on the first day of maintenance": case("accepted", maintained, "2026-01-01"),
        "released after the maintenance": case("beyond-item", maintained, "2026-04-01"),
        "released before the maintenance": case("beyond-item", maintained, "2025-12-31"),
        "of no release date": case("accepted", maintained),
        "released at any time": case("accepted", ITEM, "2099-12-31"),
        "borrowed for as long as the firm allows": case(
            "accepted", an_item(borrow_max_s=600), **BORROWED
        ),
        "borrowed for longer than the firm allows": case(
            "beyond-item", an_item(borrow_max_s=599), **BORROWED
        ),
        "borrowed where the firm lends nothing": case("beyond-item", ITEM, **BORROWED),
        "a later end than the firm's": case("outlives-licence", an_item(expires_at_s=ends_s - 1)),
    }
