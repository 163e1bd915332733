"""The log, page by page, for an operator's backup (design D7).

The pages come from an upstream, over a link of their own, so that they delay no append; the host
that passes them on need not be trusted, since the last one ends in a proof (`ledger.backups`). What
can go wrong in here is a copy that ends before what a client was told: so the first page waits for
a proof of all that is committed when it is asked for.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import msgspec

from appliance.adapters.links import Chance, Link
from appliance.codec import api
from appliance.codec.frames import link_reader
from appliance.ledger.messages import AnyMessage, Entries, Fetch
from appliance.ledger.proofs import encode_proof
from appliance.services.tmr.host import ANSWER_WITHIN_S, TmrHost
from appliance.services.tmr.identity import OPERATE, Caller
from appliance.services.tmr.problems import Refusal

log = logging.getLogger(__name__)

PAGE_BYTES: Final = 1 << 20
READ_WITHIN_S: Final = 3.0
TRIES_MAX: Final = 12
WAITING_MAX: Final = 4

Read = Callable[[str, int], Awaitable[Entries]]
"""(upstream, first index) -> its committed entries from there on. Raises TimeoutError."""

_encode: Final = msgspec.msgpack.Encoder().encode


async def _unread(name: str, first: int) -> Entries:
    raise TimeoutError


class Backups:
    """The operators' route to the log. `read` is whoever asks an upstream."""

    def __init__(self, host: TmrHost, read: Read = _unread) -> None:
        self._host = host
        self.read = read
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def page(self, caller: Caller, first: int) -> api.BackupPage:
        """Committed entries from `first` on, with the proof of what is committed. Raises Refusal.

        Names and hashes of tokens are among them: whoever may only look does not get them.
        """
        caller.need(OPERATE)
        if first < 1:
            raise Refusal("bad-request", "the first entry is 1")
        if self._waiting >= WAITING_MAX:
            raise Refusal("overloaded", "other backups are being taken")
        self._waiting += 1
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S), self._turn:
                await self._host.fence()
                return await self._page(caller, first)
        except TimeoutError:
            raise Refusal("deadline-passed", "no upstream gave its log: repeat it") from None
        finally:
            self._waiting -= 1

    async def _page(self, caller: Caller, first: int) -> api.BackupPage:
        host = self._host
        state, committed = host.state, host.coordinator.book.commit_index
        if not state.founded:
            raise Refusal("not-founded", "there is nothing to copy yet")
        for attempt in range(TRIES_MAX):
            entries = await self._read(first, attempt)
            if entries is None:
                continue
            proof = entries.commit
            if proof is not None and (first > 1 or proof.index >= committed):
                break
            await asyncio.sleep(host.coordinator.timing.beat_s)  # The next beat brings it.
        else:
            raise Refusal("unknown-repeat", "no upstream gave its log: repeat it")
        if first == 1:
            log.info("backup: index=%d who=%s", proof.index, caller.client)
        return api.BackupPage(
            ledger_id=state.ledger_id,
            virtual_serial=state.virtual_serial,
            first=first,
            entries=tuple(_encode(entry) for entry in entries.entries),
            commit_index=proof.index,
            proof=encode_proof(proof),
        )

    async def _read(self, first: int, attempt: int) -> Entries | None:
        """One upstream's answer; another one is asked at each attempt, the furthest ahead first."""
        peers = [peer for peer in self._host.coordinator.peers if peer.up and not peer.damaged]
        if not peers:
            return None
        peers.sort(key=lambda peer: (-peer.match_index, peer.name))
        name = peers[attempt % len(peers)].name
        try:
            entries = await self.read(name, first)
        except TimeoutError:
            log.warning("backup: upstream=%s does not give its log", name)
            return None
        return entries if entries.first == first else None


class LogLinks:
    """Asks an upstream for a part of its log, each time over a new link.

    `addresses` maps an upstream's name to where it listens.
    """

    def __init__(
        self, addresses: Mapping[str, tuple[str, int]], context: ssl.SSLContext, chance: Chance
    ) -> None:
        self._addresses = addresses
        self._context = context
        self._chance = chance

    async def read(self, name: str, first: int) -> Entries:
        """As `Read` says."""
        came: asyncio.Future[Entries] = asyncio.get_running_loop().create_future()

        def take(_: str, message: AnyMessage) -> None:
            if isinstance(message, Entries) and not came.done():
                came.set_result(message)

        def ask(_: str) -> None:
            link.send(Fetch(None, first, PAGE_BYTES))

        link: Link[AnyMessage] = Link(
            name,
            self._addresses[name],
            self._context,
            link_reader,
            on_up=ask,
            on_message=take,
            on_down=lambda _, why: None,
            chance=self._chance,
            silent_s=READ_WITHIN_S,
            connect_timeout_s=READ_WITHIN_S,
        )
        link.start()
        try:
            async with asyncio.timeout(READ_WITHIN_S):
                return await came
        finally:
            await link.close()
