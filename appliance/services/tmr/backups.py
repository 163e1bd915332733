"""The log, page by page, for an operator's backup (design D7).

The pages come from an upstream, over a link of their own, so that they delay no append; the host
that passes them on need not be trusted, since the last one ends in a proof
(`ledger.membership.backups`). What can go wrong in here is a copy that ends before what a client
was told: so each page waits for a proof of all that is committed when it is asked for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import msgspec

from appliance.codec.backup_pages import BackupPage, BackupSnapshot
from appliance.details import detail
from appliance.ledger.certificates.proofs import encode_proof
from appliance.ledger.messages import (
    AnyMessage,
    Entries,
    Fetch,
    SnapshotChunk,
    SnapshotChunkRequest,
    SnapshotHead,
    SnapshotHeadRequest,
)
from appliance.licences.members import STORES
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.problems import Refusal
from appliance.services.tmr.turns import Turns

log = logging.getLogger(__name__)

PAGE_BYTES: Final = 1 << 20
TRIES_MAX: Final = 12

Ask = Callable[[str, AnyMessage], Awaitable[AnyMessage]]
"""(upstream, question) -> its first answer. Raises TimeoutError."""

_Answer = TypeVar("_Answer", Entries, SnapshotHead, SnapshotChunk)
_encode: Final = msgspec.msgpack.Encoder().encode


async def unasked(name: str, question: AnyMessage) -> AnyMessage:
    """Where no upstream can be asked."""
    raise TimeoutError


class Backups:
    """The operators' routes to the log. `ask` is whoever asks an upstream."""

    def __init__(self, host: TmrHost, ask: Ask = unasked) -> None:
        self._host = host
        self._ask = ask
        self._turns = Turns(host, detail("backups-others"), detail("log-not-given"))

    async def page(self, caller: Caller, first: int) -> BackupPage:
        """Committed entries from `first` on, with the proof of what is committed. Raises Refusal.

        Names and hashes of tokens are among them: whoever may only look does not get them.
        """
        async with self._turns.one():
            return await self._page(caller, first)

    async def snapshot(self, caller: Caller, index: int, chunk: int) -> BackupSnapshot:
        """Which snapshot stands for entries that are gone, or a chunk of it. Raises Refusal."""
        async with self._turns.one():
            for attempt in range(STORES):
                if not index:
                    head = await self._asked(attempt, SnapshotHeadRequest(), SnapshotHead)
                    if head is not None and head.sealed is not None:
                        sealed = head.sealed
                        return BackupSnapshot(
                            index=sealed.head.index, chunks=head.chunks, sealed=_encode(sealed)
                        )
                    continue
                part = await self._asked(attempt, SnapshotChunkRequest(index, chunk), SnapshotChunk)
                if part is not None and (part.index, part.chunk) == (index, chunk):
                    return BackupSnapshot(index=index, chunk=chunk, data=part.data)
        raise Refusal("snapshot-gone", detail("snapshot-followed"))

    async def _page(self, caller: Caller, first: int) -> BackupPage:
        host = self._host
        state, committed = host.state, host.coordinator.book.commit_index
        if not state.founded:
            raise Refusal("not-founded", detail("nothing-to-copy"))
        for attempt in range(TRIES_MAX):
            entries = await self._asked(attempt, Fetch(None, first, PAGE_BYTES), Entries)
            if entries is None or entries.first != first:
                continue
            proof = entries.commit
            if proof is not None and proof.index >= committed:
                break
            await asyncio.sleep(host.coordinator.timing.beat_s)  # The next beat brings it.
        else:
            raise Refusal("unknown-repeat", detail("log-not-given"))
        if first == 1:
            log.info("backup: index=%d who=%s", proof.index, caller.client)
        return BackupPage(
            ledger_id=state.ledger_id,
            virtual_serial=state.virtual_serial,
            first=first,
            entries=tuple(_encode(entry) for entry in entries.entries),
            commit_index=proof.index,
            proof=encode_proof(proof),
            base_index=entries.base_index,
        )

    async def _asked(
        self, attempt: int, question: AnyMessage, kind: type[_Answer]
    ) -> _Answer | None:
        """One upstream's answer; another one is asked at each attempt, the furthest ahead first."""
        peers = [peer for peer in self._host.coordinator.peers if peer.up and not peer.damaged]
        if not peers:
            return None
        peers.sort(key=lambda peer: (-peer.match_index, peer.name))
        name = peers[attempt % len(peers)].name
        try:
            answer = await self._ask(name, question)
        except TimeoutError:
            log.warning("backup: upstream=%s does not answer", name)
            return None
        return answer if isinstance(answer, kind) else None
