"""The usage record, for operators: pages of it, the names in it, and short reports.

What is stored lies on the upstreams, each with the results that it computed. They are asked over
links of their own, so that a long answer delays no append. Reports are folded here a few entries at
a time, so that beats go out between; a long record is for `tmr usage report`, which reads the pages
and counts where nobody waits.
"""

from __future__ import annotations

import asyncio
import logging
from functools import lru_cache
from itertools import islice
from secrets import token_bytes
from typing import Final

import msgspec

from appliance.codec.api_usage import RecordDocument, UsageDocument, UsageNamesDocument
from appliance.details import detail
from appliance.ledger.messages import RecordPage, RecordRequest
from appliance.licences.names import KEY_BYTES, pseudonym
from appliance.services.tmr.backups import Ask, unasked
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.problems import Refusal
from appliance.services.tmr.turns import Turns
from appliance.usage.calendar import LAST_MS
from appliance.usage.figures import UsageGap
from appliance.usage.folding import Folding
from appliance.usage.pseudonyms import Pseudonyms
from appliance.usage.reading import NobodyAnswers, Page, pages
from appliance.usage.report import Report, TooMuch
from appliance.usage.sessions import EPISODE_MS

log = logging.getLogger(__name__)

ENTRIES_MAX: Final = 100_000
"""Entries that a host reads for one report."""
ROWS_MAX: Final = 10_000
"""Lines of a report that a host gives."""
NAMES_ROWS: Final = 1_000
"""Names of one page."""
_IN_ONE_GO: Final = 32
_NAMES_SHOWN_MAX: Final = 10_000
_encode: Final = msgspec.msgpack.Encoder().encode


class Usage:
    """The routes below /v1/usage. `ask` is whoever asks an upstream."""

    def __init__(self, host: TmrHost, ask: Ask = unasked) -> None:
        self._host = host
        self._ask = ask
        self._turns = Turns(host, detail("usage-busy"), detail("usage-record-slow"))

    async def report(
        self, caller: Caller, from_ms: int, to_ms: int, by: list[str], pseudonymous: bool
    ) -> UsageDocument:
        """GET /v1/usage. Raises Refusal."""
        known = lru_cache(_NAMES_SHOWN_MAX)(
            pseudonym if pseudonymous else self._host.names.or_pseudonym
        )
        try:
            client_of = Pseudonyms(token_bytes(KEY_BYTES)) if pseudonymous else str
            report = Report(by, known, from_ms, to_ms or LAST_MS, client_of)
        except ValueError as error:
            raise Refusal("bad-request", str(error)) from None
        folding = Folding(report)
        async with self._turns.one():
            try:
                await self._fold(folding, report, (to_ms or LAST_MS) + EPISODE_MS)
            except TooMuch as much:
                raise Refusal("bad-request", str(much)) from None
        rows = report.rows(folding.begin_ms, folding.end_ms)
        if len(rows) > ROWS_MAX:
            raise Refusal(
                "bad-request",
                detail("usage-lines-many", count=len(rows), most=ROWS_MAX),
            )
        return UsageDocument(
            rows=tuple(rows),
            begin_ms=folding.begin_ms,
            end_ms=folding.end_ms,
            last_index=folding.last_index,
            gaps=tuple(folding.gaps),
        )

    async def record(self, caller: Caller, first: int, upstream: str) -> RecordDocument:
        """GET /v1/usage/record: a page of one upstream's record, the best one's unless it is named.

        Hashes of tokens are in it, as in a backup: whoever may only look does not get it. Raises
        Refusal.
        """
        host = self._host
        if upstream and upstream not in {peer.name for peer in host.coordinator.peers}:
            raise Refusal("bad-request", detail("usage-host-unknown"))
        async with self._turns.one():
            name, page = upstream, None
            if not upstream:
                name, page = await self._newest(first)
            elif upstream in self._upstreams():
                page = await self._page(upstream, first)
        if page is None:
            raise Refusal("not-found", detail("usage-record-elsewhere", host=name))
        if first == 1:
            log.info("usage record: upstream=%s who=%s", name, caller.client)
        return RecordDocument(
            ledger_id=host.state.ledger_id,
            upstream=name,
            first=first,
            kept=tuple(map(_encode, page.kept)),
            last_index=page.last_index,
            certificates=tuple(one.certificate for one in host.state.containers.values()),
        )

    async def known(self, caller: Caller, after: int) -> UsageNamesDocument:
        """GET /v1/usage/names: which names stand for which tags, page by page."""
        rows = list(islice(self._host.names.known(), after, after + NAMES_ROWS + 1))
        following = after + NAMES_ROWS if len(rows) > NAMES_ROWS else None
        found = {tag.hex(): name for tag, name in rows[:NAMES_ROWS]}
        return UsageNamesDocument(names=found, next=following)

    # --- inside ---

    async def _fold(self, folding: Folding, report: Report, until_ms: int) -> None:
        async def ask(name: str, first: int) -> Page | None:
            page = await self._page(name, first)
            return None if page is None else Page(page.kept)

        try:
            async for part in pages(ask, self._upstreams()):
                if isinstance(part, UsageGap):
                    folding.gap(part)
                    continue
                for number, kept in enumerate(part, start=1):
                    folding.entry(kept)
                    if number % _IN_ONE_GO == 0:
                        await asyncio.sleep(0)
                if folding.end_ms > until_ms:
                    break
                if folding.entries > ENTRIES_MAX:
                    raise Refusal(
                        "bad-request",
                        detail("usage-entries-many", most=ENTRIES_MAX),
                    )
        except NobodyAnswers:
            raise Refusal("unknown-repeat", detail("usage-record-silent")) from None
        folding.close()

    def _upstreams(self) -> list[str]:
        """Who can be asked, the furthest ahead first."""
        peers = [peer for peer in self._host.coordinator.peers if peer.up and not peer.damaged]
        return [p.name for p in sorted(peers, key=lambda peer: (-peer.match_index, peer.name))]

    async def _newest(self, first: int) -> tuple[str, RecordPage]:
        """The page of whoever is furthest ahead and has some of it. Raises Refusal."""
        found: tuple[str, RecordPage] | None = None
        for name in self._upstreams():
            page = await self._page(name, first)
            if page is not None:
                found = found or (name, page)
                if page.kept:
                    return name, page
        if found is None:
            raise Refusal("unknown-repeat", detail("usage-record-silent"))
        return found

    async def _page(self, name: str, first: int) -> RecordPage | None:
        try:
            answer = await self._ask(name, RecordRequest(first))
        except TimeoutError:
            log.warning("usage record: upstream=%s does not answer", name)
            return None
        return answer if isinstance(answer, RecordPage) and answer.first == first else None
