"""Somebody with a host's stolen certificate, who speaks the real link protocol to one upstream."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from appliance.adapters.links.links import Link
from appliance.adapters.machines import machine_of
from appliance.adapters.pki import authority as pki
from appliance.codec.api import (
    EndorsementDocument,
    GrantDocument,
    ReceiptDocument,
    TermDocument,
)
from appliance.codec.frames import link_reader
from appliance.lab.build import LabFiles
from appliance.lab.hosts import UPSTREAM_LINK_PORT, host_named
from appliance.ledger.certificates.proofs import start_of
from appliance.ledger.certificates.receipts import Endorsement
from appliance.ledger.election.terms import Term
from appliance.ledger.log.book import Book
from appliance.ledger.messages import (
    Ack,
    Adopt,
    Adopted,
    AnyMessage,
    Append,
    Entries,
    Entry,
    EntryBody,
    Fetch,
    Prepare,
    PreVote,
    PreVoteReply,
    Promise,
    TermRefused,
    encode_body,
)
from appliance.licences.commands import CheckOut, LeaseRef, Outcome, encode_command
from appliance.licences.grants import FIELDS
from appliance.verifier.layouts import entry_root

ANSWER_WITHIN_S = 20.0
FETCH_BYTES = 1 << 20

M = TypeVar("M")


class Beaten(Exception):
    """The upstream refused."""


class Grown(Exception):
    """The log had an entry that was not committed when it was read: read it again."""


class Thief:
    """A link to one upstream under a stolen name; used inside an event loop of a host's network."""

    def __init__(self, files: LabFiles, name: str, upstream: str) -> None:
        self.name = name
        self._root = files.root_certificate().read_bytes()
        self._answers: asyncio.Queue[AnyMessage] = asyncio.Queue()
        self._up = asyncio.Event()
        self._link: Link[AnyMessage] = Link(
            upstream,
            (files.address(host_named(upstream).octet), UPSTREAM_LINK_PORT),
            pki.client_context(pki.IdentityFiles.of(files.host(name) / "tls")),
            link_reader,
            lambda _: self._up.set(),
            lambda _, message: self._answers.put_nowait(message),
            lambda _, __: None,
            random.Random(),
            silent_s=60.0,
        )

    async def __aenter__(self) -> Self:
        self._link.start()
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await self._up.wait()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._link.close()

    async def ask(self, message: AnyMessage, kind: type[M], within_s: float = ANSWER_WITHIN_S) -> M:
        """Send a message; the first answer of this kind. Raises TimeoutError, or Beaten."""
        assert self._link.send(message)
        async with asyncio.timeout(within_s):
            while True:
                answer = await self._answers.get()
                if isinstance(answer, kind):
                    return answer
                if isinstance(answer, TermRefused):
                    raise Beaten(f"{answer.why} {answer.detail}")

    async def read_log(self) -> list[Entry]:
        """All committed entries; anybody who passes for a TMR host may read them."""
        entries: list[Entry] = []
        while True:
            answer = await self.ask(Fetch(None, len(entries) + 1, FETCH_BYTES), Entries)
            if not answer.entries:
                return entries
            entries += answer.entries

    def replay(self, entries: list[Entry]) -> Book:
        """The licence state that these entries amount to."""
        book = Book(machine_of(self._root))
        for entry in entries:
            book.apply(entry)
        book.commit(book.last_index)
        return book

    async def take_over(self, forge: Callable[[Book], CheckOut], *others: Thief) -> Theft:
        """Prepare a higher term, adopt the log as it is, append a grant. Raises Beaten, Grown.

        `others` are links to other upstreams, whose promises go with the adopt.

        The real coordinators stand still meanwhile: they notice a higher term within a beat.
        """
        promised = (await self.ask(PreVote(1), PreVoteReply)).promised
        term = Term(promised.counter + 1000, self.name, random.getrandbits(64))
        entries = await self.read_log()
        book = self.replay(entries)
        command = forge(book)
        previous, index = book.last_root, book.last_index + 1
        body = encode_body(EntryBody(book.log_time_ms, (), (encode_command(command),)))
        entry = Entry(index, term, entry_root(previous, index, body), body)
        promise = await self.ask(Prepare(term), Promise)
        promises = [promise] + [await other.ask(Prepare(term), Promise) for other in others]
        vows = tuple(given.vow for given in promises)
        if any(vow.last_root != book.last_root for vow in vows):
            raise Grown
        cut, root = start_of(promise.commit)
        tail = tuple(entry for entry in entries if entry.index > cut)
        adopt = Adopt(term, cut, root, cut, tail, book.last_index, book.last_root, vows, None, None)
        await self.ask(adopt, Adopted)
        append = Append(term, entry, previous, True)
        ack = await self.ask(append, Ack)
        applied = book.apply(entry)
        return Theft(ack.endorsement, applied.outcomes[0], applied.command_hashes[0])


class Theft:
    """What an attack brought: the endorsement, if any, and the outcome it is about."""

    def __init__(
        self, endorsement: Endorsement | None, outcome: Outcome, command_hash: bytes
    ) -> None:
        self.endorsement = endorsement
        self.outcome = outcome
        self.command_hash = command_hash

    def as_grant(
        self, ref: LeaseRef, nonce: bytes, certificate: bytes, count: int
    ) -> GrantDocument:
        """What the thief would show a client: the real statement, signed `count` times."""
        endorsement, outcome = self.endorsement, self.outcome
        assert endorsement is not None
        statement = endorsement.statement
        term = statement.term
        word = EndorsementDocument(
            certificate=certificate,
            objections=endorsement.objections,
            system_time_ms=endorsement.system_time_ms,
            signature=endorsement.signature,
        )
        receipt = ReceiptDocument(
            ledger_id=statement.ledger_id,
            term=TermDocument(counter=term.counter, host=term.host, nonce=term.nonce),
            index=statement.index,
            log_root=statement.log_root,
            outcome_root=statement.outcome_root,
            history_root=statement.history_root,
            size=statement.size,
            log_time_ms=statement.log_time_ms,
            endorsements=(word,) * count,
            position=0,
            path=(),
            command_hash=self.command_hash,
            nonce=nonce,
        )
        return GrantDocument(
            **{name: getattr(outcome, name) for name in FIELDS},
            lease_id=ref.lease_id,
            receipt=receipt,
        )
