"""The story's attackers: what a stolen key is good for, tried with the real protocol."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from appliance.adapters.container_home import ContainerHome
from appliance.adapters.links.links import Link
from appliance.adapters.pki import authority as pki
from appliance.client.errors import ReceiptRefused
from appliance.client.receipts import ReceiptVerifier
from appliance.codec.api import EndorsementDocument, GrantDocument
from appliance.codec.frames import link_reader
from appliance.ledger.certificates.receipts import Statement
from appliance.ledger.election.terms import Term
from appliance.ledger.messages import (
    AnyMessage,
    DirectUse,
    DirectUseRefused,
    Prepare,
    Promise,
    TermRefused,
)
from appliance.verifier.layouts import endorsement_bytes
from appliance.verifier.receipts import Wanted
from appliance.verifier.trust import Trust

ANSWER_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class AttackVerdict:
    """How an attack ended: the name of the refusal, "" if there was none."""

    refusal: str
    detail: str


class StolenHost:
    """Someone with a TMR host's certificate, who speaks to one upstream alone."""

    def __init__(self, name: str, files: pki.IdentityFiles, upstream: str, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._name = name
        self._answers: asyncio.Queue[AnyMessage] = asyncio.Queue(16)
        self._up = asyncio.Event()
        self._link: Link[AnyMessage] = Link(
            upstream,
            (host, int(port)),
            pki.client_context(files),
            link_reader,
            lambda name: self._up.set(),
            lambda name, message: self._answers.put_nowait(message),
            lambda name, why: None,
            random.Random(),
            silent_s=60.0,
        )

    async def attack(self, firm_code: int, product_code: int) -> list[AttackVerdict]:
        """Use a licence directly, then take the ledger over."""
        self._link.start()
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._up.wait()
            return [await self._use(firm_code, product_code), await self._take_over()]
        finally:
            await self._link.close()

    async def _use(self, firm_code: int, product_code: int) -> AttackVerdict:
        answer = await self._ask(DirectUse(firm_code, product_code), DirectUseRefused)
        if isinstance(answer, DirectUseRefused):
            return AttackVerdict("direct-use-refused", answer.detail)
        return AttackVerdict("", f"the upstream answered {answer}")

    async def _take_over(self) -> AttackVerdict:
        term = Term(2**40, self._name, random.getrandbits(64))
        answer = await self._ask(Prepare(term), TermRefused, Promise)
        if isinstance(answer, TermRefused):
            return AttackVerdict(answer.why, f"the upstream stays with {answer.hears}")
        return AttackVerdict("", f"the upstream answered {answer}")

    async def _ask(self, message: AnyMessage, *kinds: type) -> AnyMessage:
        self._link.send(message)
        async with asyncio.timeout(ANSWER_WITHIN_S):
            while True:
                answer = await self._answers.get()
                if isinstance(answer, kinds):
                    return answer


def forge(
    grant: GrantDocument, wanted: Wanted, home: ContainerHome, trust: Trust
) -> list[AttackVerdict]:
    """Forge a receipt for more units than granted, with one stolen container key.

    Two ways to get the second endorsement: show the stolen twin twice, or claim to be another twin.
    """
    receipt = grant.receipt
    assert receipt is not None
    others = [e for e in receipt.endorsements if e.certificate != home.certificate]
    other = others[0].certificate
    return [
        _try_forgery(grant, wanted, home, trust, lambda own: (own, own)),
        _try_forgery(
            grant,
            wanted,
            home,
            trust,
            lambda own: (own, msgspec.structs.replace(own, certificate=other)),
        ),
    ]


def _try_forgery(
    grant: GrantDocument,
    wanted: Wanted,
    home: ContainerHome,
    trust: Trust,
    pair: Callable[[EndorsementDocument], tuple[EndorsementDocument, ...]],
) -> AttackVerdict:
    receipt = grant.receipt
    assert receipt is not None and home.certificate is not None
    term = Term(receipt.term.counter, receipt.term.host, receipt.term.nonce)
    statement = Statement(
        receipt.ledger_id,
        term,
        receipt.index + 1,
        receipt.log_root,
        receipt.outcome_root,
        receipt.history_root,
        receipt.size,
        receipt.log_time_ms,
    )
    own = EndorsementDocument(
        certificate=home.certificate,
        objections=(),
        system_time_ms=receipt.log_time_ms,
        signature=home.sign(endorsement_bytes(statement, (), receipt.log_time_ms)),
    )
    forged = msgspec.structs.replace(
        grant,
        receipt=msgspec.structs.replace(receipt, index=statement.index, endorsements=pair(own)),
    )
    try:
        ReceiptVerifier(trust).verify(forged, wanted)
    except ReceiptRefused as refused:
        return AttackVerdict(refused.reason, refused.detail)
    return AttackVerdict("", "the forged receipt was accepted")


def stolen_files(directory: Path) -> pki.IdentityFiles:
    """A host's TLS files, as a thief finds them."""
    return pki.IdentityFiles.of(directory / "tls")
