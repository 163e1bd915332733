"""From a decided command to the documents a client gets.

The expensive parts of a receipt are the same for all grants of a batch, so they are made once: the
Merkle tree, and the endorsements as finished JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter

import msgspec

from appliance.codec.api import EndorsementDocument, TermDocument
from appliance.ledger.certificates.receipts import Endorsement
from appliance.ledger.effects import Batch, Decided
from appliance.licences.commands import LeaseRef
from appliance.licences.grants import FIELDS, Grant
from appliance.licences.members import VOTES_NEEDED
from appliance.verifier.merkle import Tree

ENDORSEMENTS_NEEDED = VOTES_NEEDED
_BATCHES_KEPT = 8

_encoder = msgspec.json.Encoder()
_fields = attrgetter(*FIELDS)


class _Receipt(msgspec.Struct, frozen=True):
    """codec.api.ReceiptDocument, with the parts that a batch shares already encoded."""

    ledger_id: bytes
    term: TermDocument
    index: int
    log_root: bytes
    outcome_root: bytes
    history_root: bytes
    size: int
    log_time_ms: int
    endorsements: msgspec.Raw
    position: int
    path: list[bytes]
    command_hash: bytes
    nonce: bytes


class _Grant(Grant, frozen=True, kw_only=True, omit_defaults=True):
    """codec.api.GrantDocument, with such a receipt."""

    lease_id: str
    receipt: _Receipt


class _Prepared:
    """What all receipts of one batch share."""

    def __init__(self, batch: Batch, certificates: Mapping[str, bytes], needed: int) -> None:
        self.batch = batch
        self.voices = len(batch.endorsements)
        self.tree = Tree(batch.leaf_hashes)
        term = batch.statement.term
        self.term = TermDocument(counter=term.counter, host=term.host, nonce=term.nonce)
        self._voices = [
            (endorsement, self._document(endorsement, certificates[name]))
            for name, endorsement in batch.endorsements.items()
            if name in certificates
        ]
        self._needed = needed
        self._all = self._joined([document for _, document in self._voices[:needed]])
        self._objected = any(endorsement.objections for endorsement, _ in self._voices)

    @staticmethod
    def _document(endorsement: Endorsement, certificate: bytes) -> bytes:
        return _encoder.encode(
            EndorsementDocument(
                certificate=certificate,
                objections=endorsement.objections,
                system_time_ms=endorsement.system_time_ms,
                signature=endorsement.signature,
            )
        )

    def _joined(self, documents: list[bytes]) -> msgspec.Raw | None:
        if len(documents) < self._needed:
            return None
        return msgspec.Raw(b"[" + b",".join(documents) + b"]")

    def endorsements(self, position: int) -> msgspec.Raw | None:
        """As many endorsements as it takes that do not object to this position, as JSON; None if
        there are not."""
        if not self._objected:
            return self._all
        willing = [doc for voice, doc in self._voices if position not in voice.objections]
        return self._joined(willing[: self._needed])


class ReceiptMaker:
    """Makes grant documents, with `needed` endorsements. `certificates` maps an upstream to its
    container's certificate."""

    def __init__(self, needed: int = ENDORSEMENTS_NEEDED) -> None:
        self._needed = needed
        self.certificates: dict[str, bytes] = {}
        self._prepared: dict[int, _Prepared] = {}

    def grant(self, decided: Decided, lease: LeaseRef, nonce: bytes) -> bytes | None:
        """The grant with its receipt as JSON, or None if too few upstreams vouch for it."""
        batch, outcome = decided.batch, decided.outcome
        prepared = self._prepare(batch)
        endorsements = prepared.endorsements(decided.position)
        if endorsements is None or not outcome.lines:
            return None
        statement = batch.statement
        receipt = _Receipt(
            statement.ledger_id,
            prepared.term,
            statement.index,
            statement.log_root,
            statement.outcome_root,
            statement.history_root,
            statement.size,
            statement.log_time_ms,
            endorsements,
            decided.position,
            prepared.tree.path(decided.position),
            decided.command_hash,
            nonce,
        )
        return _encoder.encode(_Grant(*_fields(outcome), lease_id=lease.lease_id, receipt=receipt))

    def _prepare(self, batch: Batch) -> _Prepared:
        index, voices = batch.statement.index, len(batch.endorsements)
        kept = self._prepared.get(index)
        if kept is not None and kept.batch is batch and kept.voices == voices:
            return kept
        prepared = self._prepared[index] = _Prepared(batch, self.certificates, self._needed)
        while len(self._prepared) > _BATCHES_KEPT:
            del self._prepared[next(iter(self._prepared))]
        return prepared
