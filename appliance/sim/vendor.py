"""Three twin containers and their vendors, with cheap stand-ins for signatures.

A signature here is a keyed hash, so that a seed costs milliseconds; who signed what, and over which
bytes, is exactly as in the appliance. The real keys have tests of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

import msgspec

from appliance.ledger.certificates.proofs import proof_reader
from appliance.ledger.certificates.receipts import Endorsement, Statement, agreeing
from appliance.licences.certified import is_news
from appliance.licences.commands import (
    CertifyTime,
    ImportBlockList,
    ImportUpdate,
    Offerable,
    Outcome,
)
from appliance.licences.model import (
    NO_BLOCK_LIST,
    Blocked,
    BlockList,
    CertifiedStatement,
    ContainerUpdate,
    FirmItem,
    LicenceKey,
    ProductItem,
)
from appliance.licences.reasons import GRANTED
from appliance.licences.refusals import BlockListRefused, StatementRefused, UpdateRefused
from appliance.licences.state import State
from appliance.unreadable import UNREADABLE
from appliance.verifier.layouts import endorsement_bytes, outcome_leaf
from appliance.verifier.merkle import leaf_hash, root_from_path

UPSTREAMS = ("up1", "up2", "up3")
FIRM_A = 10
FIRM_B = 20
PRODUCT = 1
CMACT_ID = "A-1"
ID_MAX = 64
TIME_SERVER = b"time server"

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(ContainerUpdate)
_pair_decoder = msgspec.msgpack.Decoder(tuple[bytes, bytes])
_statement_decoder = msgspec.msgpack.Decoder(CertifiedStatement)
_list_decoder = msgspec.msgpack.Decoder(BlockList)


def serial_of(twin: int) -> str:
    """The serial of the container with this twin number, or of one that stands alone (0)."""
    return f"130-{twin or 9}"


def certificate_of(twin: int) -> bytes:
    """What stands for the container's X.509 certificate: its serial."""
    return serial_of(twin).encode()


def fake_signature(certificate: bytes, data: bytes) -> bytes:
    """What stands for an Ed25519 signature: a hash keyed by the certificate."""
    return blake2b(data, key=certificate, digest_size=16).digest()


def verify(certificate: bytes, data: bytes, signature: bytes) -> bool:
    """Whether that container signed these bytes."""
    return fake_signature(certificate, data) == signature


def read_update(data: bytes) -> ContainerUpdate:
    """The update in these bytes. Raises UpdateRefused."""
    try:
        return _decoder.decode(data)
    except UNREADABLE as error:
        raise UpdateRefused(f"The update cannot be read: {error}.") from error


@dataclass(frozen=True, slots=True)
class SimStore:
    """A store's identity: its id, and signatures by it."""

    id: bytes

    def sign(self, data: bytes) -> bytes:
        """The store's signature under `data`."""
        return fake_signature(self.id, data)


def verify_store(store: bytes, data: bytes, signature: bytes) -> bool:
    """Whether that store signed these bytes."""
    return 0 < len(store) <= ID_MAX and fake_signature(store, data) == signature


read_proof = proof_reader(verify_store)


def block_list(number: int, blocked: Mapping[str, str]) -> BlockList:
    """The vendors' block list with this number; `blocked` gives a reason for each serial."""
    entries = tuple(Blocked(serial, serial, reason) for serial, reason in sorted(blocked.items()))
    bare = BlockList(number=number, this_update_s=0, next_update_s=2**40, blocked=entries, data=b"")
    return msgspec.structs.replace(bare, data=_encoder.encode(bare))


def read_block_list(data: bytes) -> BlockList:
    """The block list in these bytes. Raises BlockListRefused."""
    try:
        return msgspec.structs.replace(_list_decoder.decode(data), data=data)
    except UNREADABLE as error:
        raise BlockListRefused("malformed", f"The list cannot be read: {error}.") from error


def read_statement(data: bytes) -> CertifiedStatement:
    """The certified statement in these bytes. Raises StatementRefused."""
    try:
        signature, inner = _pair_decoder.decode(data)
        statement = _statement_decoder.decode(inner)
    except UNREADABLE as error:
        raise StatementRefused(f"The statement cannot be read: {error}.") from error
    if fake_signature(TIME_SERVER, inner) != signature:
        raise StatementRefused("The statement is not signed by the time server.")
    return statement


READERS = (read_update, read_block_list, read_statement, read_proof, verify_store)
"""What every machine reads vendors' bytes with."""


@dataclass(slots=True)
class SimContainer:
    """One twin on its host. `updates` are those it imported, oldest first, per firm from 1 up;
    `shown` is what it has to show of its last certified time."""

    twin: int
    updates: list[ContainerUpdate] = field(default_factory=list)
    block_list: BlockList = NO_BLOCK_LIST
    shown: tuple[bytes, CertifiedStatement] | None = None

    @property
    def serial(self) -> str:
        """The container's serial."""
        return serial_of(self.twin)

    @property
    def locked(self) -> str:
        """Why this container is blocked, "" if it is not."""
        return self.block_list.reason_for(self.serial)

    def item(self, key: LicenceKey) -> ProductItem | None:
        """This container's constituent of a licence, None if it has none or is locked."""
        if self.locked:
            return None
        for update in reversed(self.updates):
            if update.firm.firm_code == key.firm_code:
                for item in update.firm.items:
                    if (item.product_code, item.tmr_id) == (key.product_code, key.tmr_id):
                        return item
                return None
        return None

    def sign(self, data: bytes) -> bytes:
        """The container's signature under `data`."""
        return fake_signature(certificate_of(self.twin), data)

    def news_for(self, state: State) -> Offerable | None:
        """The newer block list or the next imported update that this ledger state lacks."""
        if self.block_list.number > state.block_list.number:
            return ImportBlockList(self.block_list.data, "")
        known = state.containers.get(self.serial)
        for update in self.updates:
            firm = known.firm(update.firm.firm_code) if known else None
            if update.firm.sequence == (firm.sequence if firm else 0) + 1:
                return ImportUpdate(_encoder.encode(update), "")
        if self.shown is not None and known is not None:
            data, statement = self.shown
            certified = state.certified.get(self.serial)
            news = certified is None or certified.time_ms != statement.time_ms
            if news and is_news(state, statement.anchor):
                return CertifyTime(data, "")
        return None

    def certify(self, time_ms: int, anchor: bytes) -> None:
        """The time server says what time it is, to a container that knows this entry's root."""
        statement = CertifiedStatement(
            serial=self.serial,
            certificate=certificate_of(self.twin),
            anchor=anchor,
            time_ms=time_ms,
            accuracy_ms=1_000,
        )
        inner = _encoder.encode(statement)
        self.shown = _encoder.encode((fake_signature(TIME_SERVER, inner), inner)), statement

    def issue(
        self, firm_code: int, items: tuple[ProductItem, ...], units_confirmed: str = ""
    ) -> None:
        """The vendor's next update for this firm code, imported here at once."""
        sequence = 1 + sum(update.firm.firm_code == firm_code for update in self.updates)
        firm = FirmItem(
            firm_code=firm_code,
            firm_name=f"Firm {firm_code}",
            sequence=sequence,
            items=items,
            units_confirmed=units_confirmed,
        )
        self.updates.append(
            ContainerUpdate(
                serial=self.serial,
                cmact_id=CMACT_ID,
                twin=self.twin,
                certificate=certificate_of(self.twin),
                firm=firm,
            )
        )


@dataclass(frozen=True, slots=True)
class SimReceipt:
    """What a grant carries so that its client need not believe the TMR host."""

    endorsements: tuple[Endorsement, ...]
    ledger_id: bytes
    command_hash: bytes
    nonce: bytes
    position: int
    path: tuple[bytes, ...]


def vouching(receipt: SimReceipt | None, outcome: Outcome, nonce: bytes) -> tuple[int, ...]:
    """The twins that vouch for a grant (design D3, `ledger.certificates.receipts`): two, or none.

    A client believes a grant if there are any.
    """
    if receipt is None or receipt.nonce != nonce or outcome.reason != GRANTED:
        return ()
    leaf = leaf_hash(outcome_leaf(receipt.ledger_id, receipt.command_hash, nonce, outcome))
    for statement, endorsements in agreeing(receipt.endorsements).items():
        root = root_from_path(leaf, receipt.position, statement.size, receipt.path)
        if root != statement.outcome_root or statement.ledger_id != receipt.ledger_id:
            continue
        twins = {_twin_of(e) for e in endorsements if receipt.position not in e.objections}
        if len(twins - {0}) >= 2:
            return tuple(sorted(twins - {0}))
    return ()


def vouched(receipt: SimReceipt | None) -> Statement:
    """The statement in a receipt that most twins signed: the one that a client believes."""
    assert receipt is not None
    groups = agreeing(receipt.endorsements)
    return max(groups, key=lambda said: len({_twin_of(word) for word in groups[said]} - {0}))


def _twin_of(endorsement: Endorsement) -> int:
    """Which twin signed this, 0 if none did."""
    data = endorsement_bytes(
        endorsement.statement, endorsement.objections, endorsement.system_time_ms
    )
    for twin in (1, 2, 3):
        if verify(certificate_of(twin), data, endorsement.signature):
            return twin
    return 0
