"""Makes tests/vectors/receipt.json; write it anew with `python -m tests.unit.verifier.vectors`."""

from __future__ import annotations

import base64
import json
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from cryptography.x509.oid import NameOID

from appliance.codec.api import GrantDocument
from appliance.ledger.certificates.receipts import Statement
from appliance.ledger.election.terms import Term
from appliance.licences.grants import FIELDS, Grant, item_hash
from appliance.verifier.certificates import (
    CONTAINER_USAGE,
    FIRM_USAGE,
    verify_container_certificate,
)
from appliance.verifier.documents import FirmWordsDocument
from appliance.verifier.layouts import (
    ZERO_ROOT,
    endorsement_bytes,
    entry_root,
    history_root,
    outcome_leaf,
)
from appliance.verifier.merkle import leaf_hash
from appliance.verifier.receipts import Wanted
from appliance.verifier.words import Holding, ItemTree, key_hash, word_bytes
from tests.unit.verifier import product_vectors, wish_vectors, word_vectors
from tests.unit.verifier.certified import CONTAINER, FIRM, certified
from tests.unit.verifier.plant import (
    FIRM_CODE,
    ITEM,
    ITEMS,
    LOG_TIME_MS,
    Endorser,
    Plant,
    a_grant,
    a_line,
    an_item,
    changed,
    seeded_bytes,
)

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "receipt.json"
NONCE = seeded_bytes("nonce")
WANTED = Wanted(100001, 10, NONCE)
CANONICAL = (
    '{"feature_map":5,"modes":["user-limit","station-share"],"product_code":10,"quantity":3,'
    '"text":"Line of \\"α & ω\\"\\n","tmr_id":4,"units":500}'
)
SHARE = seeded_bytes("share", 16)
BORROWER = seeded_bytes("borrower's key")
OTHERS = tuple(seeded_bytes(f"leaf hash {number}") for number in range(4))
Case = tuple[str, GrantDocument, Wanted]


class _Maker:
    """What the cases are made of."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.one, self.two, self.three = (Endorser(twin) for twin in plant.twins)
        self.liar = Endorser(plant.twins[1], lie=True)
        self.good = self.of(self.one, self.two)
        assert self.good.receipt is not None
        self.receipt = self.good.receipt

    def of(self, *endorsers: Endorser, position: int = 2, **fields: Any) -> GrantDocument:
        """A grant, endorsed by these, in a batch of five."""
        return self.plant.receipt_for(
            a_grant(**fields), NONCE, endorsers=endorsers, others=OTHERS, position=position
        )

    def spoiled(self, **fields: Any) -> GrantDocument:
        """The good grant with a receipt of which something was changed afterwards."""
        return changed(self.good, receipt=changed(self.receipt, **fields))


def cases(plant: Plant) -> dict[str, Case]:
    """Each case: what must come of it ("accepted" or a reason), the grant, what was asked for."""
    maker = _Maker(plant)
    cases = _accepted(maker) | _wrong_endorsements(maker) | _wrong_contents(maker)
    return cases | _other_terms(maker) | _certificates(maker)


def _accepted(maker: _Maker) -> dict[str, Case]:
    plant, of = maker.plant, maker.of
    one, two, three, liar = maker.one, maker.two, maker.three, maker.liar
    good = maker.good
    return {
        "two twins": ("accepted", good, WANTED),
        "three twins": ("accepted", of(one, two, three), WANTED),
        "alone in its batch": ("accepted", plant.receipt_for(a_grant(), NONCE), WANTED),
        "last of an odd batch": ("accepted", of(one, three, position=4), WANTED),
        "one of three lies": ("accepted", of(one, liar, three), WANTED),
        "one of three objects": (
            "accepted",
            of(one, Endorser(plant.twins[1], objections=(2,)), three),
            WANTED,
        ),
        "objection to another position": (
            "accepted",
            of(one, Endorser(plant.twins[1], objections=(0, 1, 3))),
            WANTED,
        ),
        "units consumed": (
            "accepted",
            of(one, two, units_taken=5, units_left=495),
            Wanted(100001, 10, NONCE, 5, 17),
        ),
        "one of the features asked for": ("accepted", good, _wanted(features=4)),
        "no end": ("accepted", of(one, two, ends_at_ms=0), WANTED),
        "an answer that is valid no more": (
            "accepted",
            of(one, two, ends_at_ms=LOG_TIME_MS - 1, valid_for_s=0),
            WANTED,
        ),
        "three seats of two licences": (
            "accepted",
            of(one, two, seats=3, lines=(a_line(seats=2), a_line(tmr_id=5))),
            _wanted(seats=3),
        ),
        "shared by a station": (
            "accepted",
            of(one, two, mode="station-share", share=SHARE, lines=(a_line(seats=0),)),
            _wanted(mode="station-share", share=SHARE),
        ),
    }


def _wrong_endorsements(maker: _Maker) -> dict[str, Case]:
    plant, of, one, liar = maker.plant, maker.of, maker.one, maker.liar
    foreign = Plant("elsewhere")
    elder = Endorser(plant.twin(1, "A1", " of before"))
    other_group = Endorser(plant.twin(2, "B2"))
    receipt = maker.receipt
    return {
        "no receipt": ("no-receipt", a_grant(), WANTED),
        "one endorsement": ("one-endorsement", of(one), WANTED),
        "the same endorsement twice": ("same-twin", of(one, one), WANTED),
        "two containers of one twin number": ("same-twin", of(one, elder), WANTED),
        "different CmActIDs": ("different-groups", of(one, other_group), WANTED),
        "bad signature": ("bad-signature", of(one, liar), WANTED),
        "other log root than signed": (
            "bad-signature",
            maker.spoiled(log_root=bytes(32)),
            WANTED,
        ),
        "other history root than signed": (
            "bad-signature",
            maker.spoiled(history_root=bytes(32)),
            WANTED,
        ),
        "a history root of 31 bytes": (
            "malformed",
            maker.spoiled(history_root=receipt.history_root[:31]),
            WANTED,
        ),
        "later index than signed": (
            "bad-signature",
            maker.spoiled(index=receipt.index + 1),
            WANTED,
        ),
        "container of another root": (
            "foreign-root",
            of(one, Endorser(foreign.twins[1])),
            WANTED,
        ),
    }


def _certificates(maker: _Maker) -> dict[str, Case]:
    """One endorsement is sound; the other is by somebody whom the root itself certified."""
    unit = {NameOID.ORGANIZATIONAL_UNIT_NAME: "TMR firm"}
    certificates: dict[str, tuple[Any, Any, dict[str, bool]]] = {
        "a certificate of another maker": (CONTAINER, CONTAINER_USAGE, {}),
        "a firm in a container's place": (FIRM, FIRM_USAGE, {}),
        "a container's name with a firm's key usage": (CONTAINER, FIRM_USAGE, {}),
        "a firm's name with a container's key usage": (FIRM, CONTAINER_USAGE, {}),
        "a container's name in a firm's unit": (CONTAINER | unit, CONTAINER_USAGE, {}),
        "a container's name without a key usage": (CONTAINER, None, {}),
        "a key usage that is not critical": (CONTAINER, CONTAINER_USAGE, {"critical": False}),
        "a container that may certify others": (CONTAINER, CONTAINER_USAGE, {"ca": True}),
    }
    return {
        name: (
            "accepted" if name == "a certificate of another maker" else "foreign-root",
            maker.of(maker.one, Endorser(certified(maker.plant, subject, usage, **how))),
            WANTED,
        )
        for name, (subject, usage, how) in certificates.items()
    }


def firm_words(plant: Plant) -> list[FirmWordsDocument]:
    """What the firm signed of all licences in the plain cases."""
    made = certified(plant, CONTAINER, CONTAINER_USAGE)
    documents = {item: plant.words(item, ITEMS, twins=plant.twins[:2]) for item in ITEMS}
    other = an_item(11)
    documents[other] = plant.words(other, (*ITEMS, other), twins=plant.twins[:2])
    documents[ITEM] = plant.words(ITEM, ITEMS, twins=(*plant.twins, made))
    return list(documents.values())


def _divided_elsewhere(maker: _Maker) -> GrantDocument:
    """The path's bytes, but its first two hashes have 31 and 33 bytes."""
    first, second, *others = maker.receipt.path
    return maker.spoiled(path=(first[:31], first[31:] + second, *others))


def _wrong_contents(maker: _Maker) -> dict[str, Case]:
    plant, of, one, two = maker.plant, maker.of, maker.one, maker.two
    good, receipt = maker.good, maker.receipt
    other = seeded_bytes("another nonce")
    short = receipt.command_hash[:31]
    return {
        "another nonce than asked": (
            "wrong-nonce",
            plant.receipt_for(a_grant(), seeded_bytes("another nonce")),
            WANTED,
        ),
        "nonce exchanged afterwards": (
            "path-mismatch",
            maker.spoiled(nonce=other),
            Wanted(100001, 10, other),
        ),
        "another firm code": ("wrong-firm", of(one, two, firm_code=100002), WANTED),
        "another product": ("wrong-product", of(one, two, product_code=11), WANTED),
        "fewer units than asked": ("wrong-units", good, Wanted(100001, 10, NONCE, 5)),
        "objected": (
            "objected",
            of(one, Endorser(plant.twins[1], objections=(2,))),
            WANTED,
        ),
        "a refusal": ("not-granted", of(one, two, reason="no-seat-free"), WANTED),
        "a refusal shown as a grant": (
            "path-mismatch",
            changed(of(one, two, reason="no-seat-free"), reason="granted"),
            WANTED,
        ),
        "longer validity than proven": ("path-mismatch", changed(good, valid_for_s=900), WANTED),
        "path too long": (
            "path-mismatch",
            maker.spoiled(path=(*receipt.path, bytes(32))),
            WANTED,
        ),
        "position outside the batch": (
            "path-mismatch",
            maker.spoiled(position=5),
            WANTED,
        ),
        "a hash of 31 bytes": ("malformed", maker.spoiled(command_hash=short), WANTED),
        "two hashes of the path divided elsewhere": (
            "malformed",
            _divided_elsewhere(maker),
            WANTED,
        ),
        "a negative number": ("malformed", changed(good, generation=-1), WANTED),
    }


def _other_terms(maker: _Maker) -> dict[str, Case]:
    """Sound receipts of something else than was asked for, or of what makes no sense."""
    one, two = maker.one, maker.two

    def of(**fields: Any) -> GrantDocument:
        return maker.of(one, two, **fields)

    sixteen = tuple(a_line(tmr_id=tmr_id, seats=0) for tmr_id in range(1, 17))
    shared = {"mode": "station-share", "share": SHARE}
    return {
        "sixteen lines": ("accepted", of(**shared, lines=sixteen), _wanted(**shared)),
        "seventeen lines": (
            "malformed",
            changed(of(**shared), lines=(*sixteen, a_line(tmr_id=17))),
            _wanted(**shared),
        ),
        "borrowed, and asked for a seat": ("not-granted", of(kind="borrowed"), WANTED),
        "more seats than asked": (
            "wrong-seats",
            of(seats=2, lines=(a_line(seats=2),)),
            WANTED,
        ),
        "more seats than counted": ("wrong-seats", of(seats=2), _wanted(seats=2)),
        "another mode": ("wrong-mode", of(mode="exclusive"), WANTED),
        "a share that nobody asked for": ("wrong-mode", of(share=SHARE), WANTED),
        "a feature that is not granted": ("wrong-features", of(), _wanted(features=6)),
        **wish_vectors.wish_cases(of, _wanted),
        **product_vectors.product_cases(of, _wanted),
        "borrowed by somebody": ("wrong-borrower", of(borrower_key=BORROWER), WANTED),
        "another generation": ("wrong-generation", of(), _wanted(generation=16)),
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
            _wanted(mode="station-share", share=bytes([1] * 15)),
        ),
        "another item than proven": (
            "path-mismatch",
            changed(of(), lines=(a_line(item_hash=bytes([1] * 32)),)),
            WANTED,
        ),
        "other features than proven": ("path-mismatch", changed(of(), features=7), WANTED),
        "a later end than proven": ("path-mismatch", changed(of(), ends_at_ms=0), WANTED),
    }


def _wanted(**fields: Any) -> Wanted:
    return Wanted(100001, 10, NONCE, **fields)


def _fields(grant: GrantDocument) -> dict[str, Any]:
    """The fields that are in the leaf, as an API document has them."""
    bare = Grant(*(getattr(grant, name) for name in FIELDS))
    fields: dict[str, Any] = msgspec.to_builtins(bare)
    return fields


def _holding(plant: Plant) -> Holding:
    """What the first container holds of the firm."""
    who = verify_container_certificate(plant.twins[0].certificate, plant.root)
    tree = ItemTree(FIRM_CODE, ITEMS)
    names = (who.serial, who.cmact_id, who.twin, key_hash(who))
    return Holding(FIRM_CODE, *names, 1, tree.size, tree.root)


def _shown(holding: Holding) -> dict[str, Any]:
    return {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in holding._asdict().items()
    }


def document() -> dict[str, Any]:
    """The whole file."""
    plant = Plant()
    maker = _Maker(plant)
    term = Term(3, "tmr1", 0x0123456789ABCDEF)
    statement = Statement(
        plant.ledger_id,
        term,
        1,
        bytes(range(32)),
        bytes(range(32, 64)),
        bytes(range(64, 96)),
        5,
        1_767_225_600_000,
    )
    grants = {
        "leaf": maker.good,
        "leaf_of_many_lines": product_vectors.many(partial(maker.of, maker.one, maker.two)),
    }
    leaves = {
        name: outcome_leaf(plant.ledger_id, bytes(range(32)), NONCE, grant)
        for name, grant in grants.items()
    }
    return {
        "about": "docs/receipts.md explains the fields; bytes are hex here, base64 in documents",
        "bytes": {
            "entry_root": entry_root(ZERO_ROOT, 1, b"body").hex(),
            "entry_root_of": {"previous": ZERO_ROOT.hex(), "index": 1, "body": b"body".hex()},
            "history_root": history_root(ZERO_ROOT, bytes(range(32, 64))).hex(),
            "history_root_of": {
                "previous": ZERO_ROOT.hex(),
                "outcome_root": bytes(range(32, 64)).hex(),
            },
            **{name: leaf.hex() for name, leaf in leaves.items()},
            **{f"{name}_of": _fields(grant) for name, grant in grants.items()},
            "leaf_hash": leaf_hash(leaves["leaf"]).hex(),
            "item_of": {"firm_code": 100001, "item": msgspec.to_builtins(ITEM)},
            "item_canonical": CANONICAL,
            "item_hash": item_hash(100001, ITEM).hex(),
            "items_root": ItemTree(FIRM_CODE, ITEMS).root.hex(),
            "firm_word": word_bytes(_holding(plant)).hex(),
            "firm_word_of": _shown(_holding(plant)),
            **wish_vectors.BYTES,
            "endorsement": endorsement_bytes(statement, (2, 4), 1_767_225_600_007).hex(),
        },
        "root_certificate": base64.b64encode(plant.root).decode(),
        "firm_words": [msgspec.to_builtins(words) for words in firm_words(plant)],
        "cases": [
            {
                "name": name,
                "expected": expected,
                "wanted": msgspec.to_builtins(wanted),
                "grant": msgspec.to_builtins(grant),
            }
            for name, (expected, grant, wanted) in cases(plant).items()
        ],
        "word_cases": [
            {
                "name": name,
                "expected": expected,
                "firm_words": [msgspec.to_builtins(document) for document in words],
                "wanted": msgspec.to_builtins(wanted),
                "grant": msgspec.to_builtins(grant),
            }
            for name, (expected, words, grant, wanted) in word_vectors.cases(plant).items()
        ],
    }


def text() -> str:
    """The file's text."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    VECTORS.parent.mkdir(exist_ok=True)
    VECTORS.write_text(text(), encoding="utf-8")
