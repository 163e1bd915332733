"""A licence root, twin containers and the receipts they sign, the same in every run."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from appliance.codec.api import (
    EndorsementDocument,
    GrantDocument,
    ReceiptDocument,
    TermDocument,
)
from appliance.codec.certificates import (
    build_container_certificate,
    build_firm_certificate,
    build_root_certificate,
)
from appliance.ledger.certificates.receipts import Statement
from appliance.ledger.election.terms import Term
from appliance.licences.deltas import in_order
from appliance.licences.grants import KIND_GRANTED, Line, canonical_item, item_hash
from appliance.licences.model import ProductItem
from appliance.licences.modes import STATION_SHARE, USER_LIMIT
from appliance.licences.serials import MASK_OF, Binding
from appliance.verifier.certificates import (
    ContainerIdentity,
    FirmIdentity,
    verify_container_certificate,
)
from appliance.verifier.documents import FirmWordDocument, FirmWordsDocument
from appliance.verifier.layouts import endorsement_bytes, outcome_leaf
from appliance.verifier.merkle import Tree, leaf_hash
from appliance.verifier.receipts import Verifier
from appliance.verifier.words import Holding, ItemTree, key_hash, word_bytes

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
LOG_TIME_MS = 1_767_225_600_000


def seeded_bytes(seed: str, size: int = 32) -> bytes:
    """Bytes that are the same in every run."""
    return hashlib.shake_256(seed.encode()).digest(size)


def seeded_key(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seeded_bytes(seed))


@dataclass(frozen=True)
class Twin:
    """A container's key and certificate."""

    key: Ed25519PrivateKey
    certificate: bytes


@dataclass(frozen=True)
class Firm:
    """A vendor's key and certificate."""

    code: int
    key: Ed25519PrivateKey
    certificate: bytes


@dataclass(frozen=True)
class Endorser:
    """Who signs, and how: `lie` spoils the signature."""

    twin: Twin
    objections: tuple[int, ...] = ()
    lie: bool = False


_Verifier = TypeVar("_Verifier", bound=Verifier)


@dataclass
class Plant:
    """One root and its containers. `batch` counts the receipts made, as ledger indices."""

    name: str = "plant"
    cmact_id: str = "A1"
    ledger_id: bytes = b"ledger-of-tests!"
    batch: int = 0
    root_key: Ed25519PrivateKey = field(init=False)
    root: bytes = field(init=False)
    twins: tuple[Twin, ...] = field(init=False)
    firm: Firm = field(init=False)

    def __post_init__(self) -> None:
        self.root_key = seeded_key(f"{self.name} root")
        self.root = build_root_certificate(
            self.root_key, f"Root of {self.name}", LONG_AGO, self._rng("root")
        )
        self.twins = tuple(self.twin(number, self.cmact_id) for number in (1, 2, 3))
        self.firm = self.firm_of(FIRM_CODE)

    def firm_of(self, code: int) -> Firm:
        """A vendor of this root."""
        key = seeded_key(f"{self.name} firm {code}")
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        identity = FirmIdentity(code, "Firm of tests", public)
        rng = self._rng(f"firm {code}")
        certificate = build_firm_certificate(self.root_key, self.root, identity, LONG_AGO, rng)
        return Firm(code, key, certificate)

    def words(
        self,
        item: ProductItem,
        held: Sequence[ProductItem] = (),
        *,
        twins: Sequence[Twin] | None = None,
        sequence: int = 1,
        firm: Firm | None = None,
        firm_code: int = 100001,
    ) -> FirmWordsDocument:
        """What the firm signed of `item`, which each of these twins holds with others."""
        firm = firm or self.firm
        tree = ItemTree(firm_code, in_order(held or (item,)))
        position, path = tree.place(item.product_code, item.tmr_id)
        words = []
        for twin in self.twins if twins is None else twins:
            who = verify_container_certificate(twin.certificate, self.root)
            names = (who.serial, who.cmact_id, who.twin, key_hash(who))
            signed = word_bytes(Holding(firm_code, *names, sequence, tree.size, tree.root))
            words.append(
                FirmWordDocument(
                    serial=who.serial,
                    cmact_id=who.cmact_id,
                    twin=who.twin,
                    key_hash=key_hash(who),
                    sequence=sequence,
                    size=tree.size,
                    position=position,
                    path=path,
                    signature=firm.key.sign(signed),
                    certificate=firm.certificate,
                )
            )
        text = canonical_item(item).decode()
        return FirmWordsDocument(firm_code=firm_code, item=text, words=tuple(words))

    def taught(self, verifier: _Verifier) -> _Verifier:
        """A verifier that knows what the firm signed of the plain licence."""
        verifier.learn(self.words(ITEM, ITEMS))
        return verifier

    def _rng(self, seed: str) -> random.Random:
        return random.Random(f"{self.name} serial {seed}")

    def twin(
        self,
        number: int,
        cmact_id: str,
        again: str = "",
        binding: Binding = Binding.FILE,
        key: Ed25519PrivateKey | None = None,
        serial: str = "",
    ) -> Twin:
        """A container of this root."""
        key = key or seeded_key(f"{self.name} {cmact_id} twin {number}{again}")
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        identity = ContainerIdentity(
            serial or f"{int(MASK_OF[binding])}-10000{number}", cmact_id, number, public, binding
        )
        rng = self._rng(f"{cmact_id} {number}{again}")
        return Twin(
            key, build_container_certificate(self.root_key, self.root, identity, LONG_AGO, rng)
        )

    def receipt_for(
        self,
        grant: GrantDocument,
        nonce: bytes,
        *,
        endorsers: Sequence[Endorser] | None = None,
        others: Sequence[bytes] = (),
        position: int = 0,
    ) -> GrantDocument:
        """`grant` with a receipt over it, in a batch together with `others` (leaf hashes)."""
        self.batch += 1
        command_hash = hashlib.sha256(b"command of " + nonce).digest()
        hashes = list(others)
        hashes.insert(position, leaf_hash(outcome_leaf(self.ledger_id, command_hash, nonce, grant)))
        tree = Tree(hashes)
        statement = Statement(
            self.ledger_id,
            Term(3, "tmr1", 0x0123456789ABCDEF),
            self.batch,
            seeded_bytes(f"log root {self.batch}"),
            tree.root,
            seeded_bytes(f"history root {self.batch}"),
            len(hashes),
            LOG_TIME_MS,
        )
        chosen = endorsers or [Endorser(self.twins[0]), Endorser(self.twins[1])]
        receipt = ReceiptDocument(
            ledger_id=statement.ledger_id,
            term=TermDocument(counter=3, host="tmr1", nonce=statement.term.nonce),
            index=statement.index,
            log_root=statement.log_root,
            outcome_root=statement.outcome_root,
            history_root=statement.history_root,
            size=statement.size,
            log_time_ms=statement.log_time_ms,
            endorsements=tuple(sign(statement, endorser) for endorser in chosen),
            position=position,
            path=tuple(tree.path(position)),
            command_hash=command_hash,
            nonce=nonce,
        )
        return changed(grant, receipt=receipt)


def sign(statement: Statement, endorser: Endorser) -> EndorsementDocument:
    """One endorsement of the statement."""
    system_time_ms = LOG_TIME_MS + 7
    signed = endorsement_bytes(statement, endorser.objections, system_time_ms)
    signature = endorser.twin.key.sign(signed)
    if endorser.lie:
        signature = bytes([signature[0] ^ 1]) + signature[1:]
    return EndorsementDocument(
        certificate=endorser.twin.certificate,
        objections=endorser.objections,
        system_time_ms=system_time_ms,
        signature=signature,
    )


_Document = TypeVar("_Document", bound=msgspec.Struct)


def changed(document: _Document, **fields: Any) -> _Document:
    """The same document with other fields."""
    return msgspec.structs.replace(document, **fields)


FIRM_CODE = 100001


def an_item(product_code: int = 10, tmr_id: int = 4, **fields: Any) -> ProductItem:
    """A product item as the firm signed it."""
    values: dict[str, Any] = {"text": 'Line of "α & ω"\n', "quantity": 3, "feature_map": 5}
    values |= {"product_code": product_code, "tmr_id": tmr_id, "units": 500}
    values["modes"] = (USER_LIMIT, STATION_SHARE)
    return ProductItem(**(values | fields))


ITEM = an_item()
"""The product item of the plain grant."""
ITEMS = tuple(an_item(tmr_id=tmr_id) for tmr_id in range(1, 17))
"""All that the containers hold of the firm."""


def a_line(product_code: int = 10, tmr_id: int = 4, **fields: Any) -> Line:
    """One line of a grant."""
    values: dict[str, Any] = {"product_code": product_code, "tmr_id": tmr_id, "seats": 1}
    values["item_hash"] = item_hash(FIRM_CODE, an_item(product_code, tmr_id))
    return Line(**(values | fields))


def a_grant(
    lease_id: str = "lease-1", product_code: int = 10, tmr_id: int = 4, **fields
) -> GrantDocument:
    """A plain grant without a receipt; units are those of its one line unless lines are given."""
    values: dict[str, Any] = {
        "reason": "granted",
        "lease_id": lease_id,
        "kind": KIND_GRANTED,
        "role": "main",
        "mode": USER_LIMIT,
        "firm_code": 100001,
        "generation": 17,
        "seats": 1,
        "features": 5,
        "valid_for_s": 600,
        "lease_ttl_s": 60,
        "ends_at_ms": LOG_TIME_MS + 600_000,
        "lines": (a_line(product_code, tmr_id, units=fields.get("units_taken", 0)),),
    }
    return GrantDocument(**(values | fields))


__all__ = ["Endorser", "Plant", "Twin", "a_grant", "changed", "seeded_bytes"]
