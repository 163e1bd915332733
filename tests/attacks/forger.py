"""Somebody with the keys of two containers, who makes receipts of whatever he likes."""

from __future__ import annotations

import hashlib
import secrets
import time

import msgspec

from appliance.adapters.container_home import ContainerHome
from appliance.codec.api import (
    EndorsementDocument,
    GrantDocument,
    ReceiptDocument,
    TermDocument,
)
from appliance.lab.build import LabFiles
from appliance.ledger.certificates.receipts import Statement
from appliance.ledger.election.terms import Term
from appliance.licences.grants import KIND_GRANTED, Line
from appliance.licences.modes import USER_LIMIT
from appliance.verifier.layouts import endorsement_bytes, outcome_leaf
from appliance.verifier.merkle import leaf_hash
from appliance.verifier.receipts import Wanted


class Forger:
    """Endorses with the true keys of these upstreams' containers, read from their disks."""

    def __init__(self, files: LabFiles, *upstreams: str) -> None:
        root = files.root_certificate().read_bytes()
        self.homes = [
            ContainerHome.open(files.host(name) / "container", root) for name in upstreams
        ]

    def grant(self, wanted: Wanted, tmr_id: int, item_hash: bytes, **fields: int) -> GrantDocument:
        """A grant of what is wanted, as if the ledger had made it; with other `fields`."""
        units = wanted.units_taken
        line = Line(wanted.product_code, tmr_id, wanted.seats, item_hash, units)
        bare = GrantDocument(
            reason="granted",
            kind=KIND_GRANTED,
            mode=USER_LIMIT,
            firm_code=wanted.firm_code,
            generation=wanted.generation or 1,
            lines=(line,),
            seats=wanted.seats,
            units_taken=wanted.units_taken,
            valid_for_s=600,
            lease_ttl_s=60,
            lease_id="forged",
        )
        return self.endorsed(msgspec.structs.replace(bare, **fields), wanted.nonce)

    def endorsed(self, grant: GrantDocument, nonce: bytes) -> GrantDocument:
        """The grant with a receipt that is sound in all that containers vouch for."""
        ledger_id, command = secrets.token_bytes(16), hashlib.sha256(nonce).digest()
        leaf = leaf_hash(outcome_leaf(ledger_id, command, nonce, grant))
        now_ms = int(time.time() * 1000)
        term = Term(7, "tmr1", secrets.randbits(64))
        roots = secrets.token_bytes(32), leaf, secrets.token_bytes(32)
        statement = Statement(ledger_id, term, 9, *roots, 1, now_ms)
        signed = endorsement_bytes(statement, (), now_ms)
        words = []
        for home in self.homes:
            assert home.certificate is not None
            words.append(
                EndorsementDocument(
                    certificate=home.certificate,
                    objections=(),
                    system_time_ms=now_ms,
                    signature=home.sign(signed),
                )
            )
        receipt = ReceiptDocument(
            ledger_id=ledger_id,
            term=TermDocument(counter=term.counter, host=term.host, nonce=term.nonce),
            index=9,
            log_root=roots[0],
            outcome_root=leaf,
            history_root=roots[2],
            size=1,
            log_time_ms=now_ms,
            endorsements=tuple(words),
            position=0,
            path=(),
            command_hash=command,
            nonce=nonce,
        )
        return msgspec.structs.replace(grant, receipt=receipt)
