"""Somebody with a host's stolen certificate, who speaks the real link protocol to one upstream."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from appliance.adapters import pki
from appliance.adapters.links import Link
from appliance.codec.frames import link_reader
from appliance.codec.licence_files import read_update
from appliance.lab.build import LabFiles
from appliance.lab.hosts import UPSTREAM_LINK_PORT, host_named
from appliance.ledger.book import Book
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
    Promise,
    Refused,
    encode_body,
)
from appliance.ledger.receipts import Endorsement, entry_root
from appliance.ledger.terms import Term
from appliance.licences.commands import CheckOut, Outcome, encode_command
from appliance.licences.machine import Machine

ANSWER_WITHIN_S = 20.0
FETCH_BYTES = 1 << 20

M = TypeVar("M")


class Beaten(Exception):
    """The real coordinator was quicker: this attempt's term is not the upstream's any more."""


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

    async def ask(self, message: AnyMessage, *kinds: type[M]) -> M:
        """Send a message; the first answer of one of these kinds. Raises TimeoutError."""
        assert self._link.send(message)
        async with asyncio.timeout(ANSWER_WITHIN_S):
            while True:
                answer = await self._answers.get()
                if isinstance(answer, kinds):
                    return answer

    async def read_log(self, term: Term | None = None) -> list[Entry]:
        """All committed entries, with `term` (which must be promised) the others as well."""
        entries: list[Entry] = []
        while True:
            fetch = Fetch(term, len(entries) + 1, FETCH_BYTES)
            answer = _unless_refused(await self.ask(fetch, Entries, Refused))
            if not answer.entries:
                return entries
            entries += answer.entries

    def replay(self, entries: list[Entry]) -> Book:
        """The licence state that these entries amount to."""
        book = Book(Machine(lambda data: read_update(data, self._root)))
        for entry in entries:
            book.apply(entry)
        book.commit(book.last_index)
        return book

    async def take_over(self, term: Term, forge: Callable[[Book], CheckOut]) -> Theft:
        """Prepare, adopt the log as it is, append a grant. Raises Beaten."""
        promise = _unless_refused(await self.ask(Prepare(term), Promise, Refused))
        entries = await self.read_log(term)
        book = self.replay(entries)
        tail = tuple(entry for entry in entries if entry.index > promise.commit_index)
        cut, root = promise.commit_index, promise.commit_root
        adopt = Adopt(term, cut, root, cut, tail, book.last_index)
        _unless_refused(await self.ask(adopt, Adopted, Refused))
        command = forge(book)
        previous, index = book.last_root, book.last_index + 1
        body = encode_body(EntryBody(book.log_time_ms, (), (encode_command(command),)))
        entry = Entry(index, term, entry_root(previous, index, body), body)
        append = Append(term, entry, previous, book.commit_index, True)
        ack = _unless_refused(await self.ask(append, Ack, Refused))
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


def _unless_refused(answer: M | Refused) -> M:
    if isinstance(answer, Refused):
        raise Beaten(f"{answer.why} {answer.detail}")
    return answer
