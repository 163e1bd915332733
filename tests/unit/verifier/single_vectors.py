"""The cases of tests/vectors/receipt.json that are about a container that stands alone."""

from __future__ import annotations

from typing import Any

import msgspec
from cryptography.x509.oid import NameOID

from appliance.codec.api import GrantDocument
from appliance.licences.grants import Line, item_hash
from appliance.licences.model import ProductItem
from appliance.verifier.certificates import CONTAINER_USAGE, SINGLE, SINGLE_USAGE
from appliance.verifier.receipts import Wanted
from appliance.verifier.trust import SINGLE as ALONE
from appliance.verifier.trust import TWINS
from tests.unit.verifier.certified import CONTAINER, certified
from tests.unit.verifier.plant import (
    FIRM_CODE,
    ITEM,
    ITEMS,
    Endorser,
    Plant,
    Twin,
    a_grant,
    an_item,
    seeded_bytes,
)

NONCE = seeded_bytes("nonce")
WANTED = Wanted(FIRM_CODE, 10, NONCE)
ORDINARY = an_item(tmr_id=0)
UNIT = NameOID.ORGANIZATIONAL_UNIT_NAME
_ALONE = {
    NameOID.COMMON_NAME: "130-100000",
    NameOID.SERIAL_NUMBER: "S1",
    UNIT: "TMR single container",
}


def grant_by(
    plant: Plant, *endorsers: Endorser, item: ProductItem = ORDINARY, **fields: Any
) -> GrantDocument:
    """A seat of this item, endorsed by these."""
    line = Line(item.product_code, item.tmr_id, 1, item_hash(FIRM_CODE, item))
    return plant.receipt_for(a_grant(lines=(line,), **fields), NONCE, endorsers=endorsers)


def single_of(plant: Plant, group: str = "S1", again: str = "") -> Twin:
    """A container of this root that stands alone."""
    return plant.twin(SINGLE, group, again)


def rows(plant: Plant) -> list[dict[str, Any]]:
    """The cases as the file has them."""
    alone, other = single_of(plant), single_of(plant, again=" other")
    one, two, _ = plant.twins

    def case(
        name: str,
        expected: str,
        *endorsers: Twin | Endorser,
        redundancy: str = ALONE,
        item: ProductItem = ORDINARY,
        held_by: tuple[Twin, ...] = (),
    ) -> dict[str, Any]:
        said = [one if isinstance(one, Endorser) else Endorser(one) for one in endorsers]
        held = ITEMS if item is ITEM else (item,)
        holders = held_by or tuple({one.twin.certificate: one.twin for one in said}.values())
        return {
            "name": name,
            "redundancy": redundancy,
            "expected": expected,
            "firm_words": [msgspec.to_builtins(plant.words(item, held, twins=holders))],
            "wanted": msgspec.to_builtins(WANTED),
            "grant": msgspec.to_builtins(grant_by(plant, *said, item=item)),
        }

    made = certified(plant, _ALONE, SINGLE_USAGE)
    return [
        case("a container that stands alone", "accepted", alone),
        case("two twins where one that stands alone is enough", "accepted", one, two, item=ITEM),
        case(
            "one that stands alone where it takes two twins",
            "not-redundant",
            alone,
            redundancy=TWINS,
        ),
        case("it signed twice", "not-redundant", alone, alone, redundancy=TWINS),
        case("two that stand alone, of one name", "not-redundant", alone, other, redundancy=TWINS),
        case(
            "one that stands alone and a twin of its group",
            "not-redundant",
            single_of(plant, "A1"),
            one,
            redundancy=TWINS,
        ),
        case("a stolen twin", "one-endorsement", one),
        case("a stolen twin of a licence with a TMR-ID", "one-endorsement", one, item=ITEM),
        case(
            "one that stands alone, and a licence with a TMR-ID",
            "one-endorsement",
            alone,
            item=ITEM,
        ),
        case("it objects", "objected", Endorser(alone, objections=(0,))),
        case("its signature is bad", "bad-signature", Endorser(alone, lie=True)),
        case("the firm signed for another one", "no-firm-word", alone, held_by=(other,)),
        case(
            "the firm signed for a twin with the same key",
            "no-firm-word",
            alone,
            held_by=(_with_key_of(plant, alone),),
        ),
        case("a certificate of another maker", "accepted", made),
        *(
            case(name, "foreign-root", twin, held_by=(alone,))
            for name, twin in _posing(plant).items()
        ),
    ]


def _with_key_of(plant: Plant, alone: Twin) -> Twin:
    """The same key and names, certified as a twin by mistake."""
    return plant.twin(1, "S1", key=alone.key, serial="130-100000")


def _posing(plant: Plant) -> dict[str, Twin]:
    """Who has only a part of what makes a container that stands alone."""
    twin_in_unit = CONTAINER | {UNIT: "TMR single container"}
    without_number = {name: value for name, value in CONTAINER.items() if name in _ALONE}

    def posing(subject: dict[Any, str], usage: Any, **how: bool) -> Twin:
        return certified(plant, subject, usage, **how)

    return {
        "a twin that names the unit": posing(twin_in_unit, CONTAINER_USAGE),
        "a twin that has the key usage": posing(CONTAINER, SINGLE_USAGE),
        "a twin number in its name": posing(twin_in_unit, SINGLE_USAGE),
        "a twin without its number": posing(without_number, CONTAINER_USAGE),
        "a twin without its number, with the key usage": posing(without_number, SINGLE_USAGE),
        "a key usage that is not critical": posing(_ALONE, SINGLE_USAGE, critical=False),
        "one that may certify others": posing(_ALONE, SINGLE_USAGE, ca=True),
        "one of another root": single_of(Plant("elsewhere")),
    }
