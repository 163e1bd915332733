"""Gets certified time for this host's container: asks, compares, believes or refuses (design D8).

    store box time -> request with a fresh nonce -> ask servers in order -> verify each token, and
    the block list that comes with it -> compare -> set certified and box time, durably

What can go wrong in here is half an update. All is looked at before anything is set; whatever is
refused leaves the container's times as they were and is told by name, per server, in the status.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from random import SystemRandom
from typing import Final, NamedTuple

from appliance.adapters import tsa
from appliance.adapters.http_client import Proxy
from appliance.adapters.keys.shut import KeyShut
from appliance.clocks.asking import LIAR, RETRY_S, Asking
from appliance.clocks.certified import (
    NONCE_BYTES,
    LastCertified,
    TimeAnswer,
    TimeRequest,
    agree,
    judge,
)
from appliance.codec.api import TimeServerStatus
from appliance.codec.certified_statements import build_statement
from appliance.codec.contacts import LedgerHead
from appliance.codec.timestamps import TimestampRefused, Trust, build_query, verify_reply
from appliance.details import Detail, detail
from appliance.ledger.certificates.proofs import CommitProof
from appliance.licences.blocking import check_current
from appliance.licences.certified import FRESH_MS, is_news
from appliance.licences.refusals import BlockListRefused
from appliance.licences.state import State
from appliance.sentences import sentence_of
from appliance.services.settings import TimeServerSettings
from appliance.services.upstream.container import ContainerClock, HostContainer, Shown
from appliance.services.upstream.heads import head_of

log = logging.getLogger(__name__)

CHECK_EVERY_S: Final = 5.0
"""The schedule looks at the clock this often, since sleep may stand still while a host sleeps."""


class TimeServer(NamedTuple):
    """One time server: where it is, and whose tokens are believed from it."""

    place: tsa.Place
    trust: Trust


def servers_of(
    settings: Sequence[TimeServerSettings], root: bytes, proxy: Proxy | None = None
) -> list[TimeServer]:
    """The configured time servers, with whom to believe; `root` is DER. Raises UserError."""
    return [TimeServer(tsa.Place(one.url, one.ca, proxy), one.trust(root)) for one in settings]


class Updated(NamedTuple):
    """What became of a certified update: the new certified time (Unix ms), or None and why: what
    is the matter, and of each server what went wrong there."""

    certified_ms: int | None
    said: tuple[str, ...]

    @property
    def detail(self) -> str:
        """All of it in English."""
        return "; ".join(self.said)

    @property
    def details(self) -> tuple[Detail, ...]:
        """All of it as it travels."""
        return tuple(filter(None, map(Detail.of, self.said)))


class _NotUsable(Exception):
    """An answer that counts for nothing; `detail` says why."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class TimeKeeper:
    """Certified updates of one container, on demand and on a schedule.

    `ledger` gives the ledger's state as this upstream knows it, `proof` what of it is proven.
    """

    def __init__(
        self,
        servers: Sequence[TimeServer],
        clock: ContainerClock,
        container: HostContainer,
        ledger: Callable[[], State],
        interval_s: float,
        proof: Callable[[], CommitProof | None] = lambda: None,
    ) -> None:
        self._servers = {server.place.url: server for server in servers}
        self._asking = Asking(tuple(self._servers), interval_s)
        self._clock = clock
        self._container = container
        self._ledger = ledger
        self._proof = proof
        self._known: LastCertified | None = None
        self._updating = asyncio.Lock()
        self._updated_at_s = -1e9
        self._random = SystemRandom()

    def servers(self) -> tuple[TimeServerStatus, ...]:
        """The time servers as this container last found them."""
        now_ms, now_s = self._clock.system_ms(), self._now_s()
        return tuple(
            TimeServerStatus(
                url=one.url,
                state=one.state,
                detail=Detail.of(one.detail),
                answered_at_ms=None
                if one.answered_boot_s is None
                else now_ms - int((now_s - one.answered_boot_s) * 1000),
            )
            for one in self._asking.servers
        )

    def head(self) -> LedgerHead:
        """How far the ledger is, as a contact says it."""
        return head_of(self._ledger(), self._proof())

    async def update(self, on_demand: bool = True) -> Updated:
        """Get certified time now. Whoever asks while an update is under way gets a new one after.

        Raises nothing: a refusal is told in the result, and the times are then unchanged.
        """
        async with self._updating:
            try:
                updated = await self._update(on_demand)
            except OSError as error:
                updated = Updated(None, (detail("disk-failed", said=error),))
            except KeyShut as shut:
                updated = Updated(None, (shut.detail,))
            self._updated_at_s = self._now_s()
            self._asking.updated(self._updated_at_s, done=updated.certified_ms is not None)
        level = logging.INFO if updated.certified_ms is not None else logging.WARNING
        log.log(level, "certified update: %s", updated.detail)
        return updated

    async def run(self) -> None:
        """Update on schedule, for ever."""
        while True:
            due_in_s = self._asking.due_in_s(self._now_s(), self._random.random())
            if due_in_s is None:
                return
            if due_in_s <= 0 or self._is_overtaken():
                await self.update(on_demand=False)
            await asyncio.sleep(CHECK_EVERY_S)

    def _is_overtaken(self) -> bool:
        """Whether the ledger can take no notice any more of what was shown to it last: its log time
        has moved on since (it may have been founded since), or was lowered."""
        shown, state = self._container.shown, self._ledger()
        return (
            shown is not None
            and self._container.lacks_certified(state)
            and not is_news(state, shown.anchor)
            and self._now_s() - self._updated_at_s >= RETRY_S
        )

    # --- one update ---

    async def _update(self, on_demand: bool) -> Updated:
        if not self._servers:
            return Updated(None, (detail("no-server"),))
        if self._container.shut:
            return Updated(None, (self._container.shut,))
        await self._clock.save_aside()
        request = TimeRequest(
            self._container.serial,
            self._clock.box_ms,
            self._ledger().anchor,
            secrets.token_bytes(NONCE_BYTES),
        )
        answers: list[TimeAnswer] = []
        for url in self._asking.order(self._now_s(), on_demand):
            try:
                answers.append(await self._ask(self._servers[url], request))
            except _NotUsable as refused:
                self._asking.failed(url, self._now_s(), refused.detail)
            if len(answers) == self._asking.wanted:
                break
        verdict = judge(answers, self._known)
        for url, why in verdict.outvoted.items():
            log.error("time server lies: url=%s why=%s", url, why)
            self._asking.failed(url, self._now_s(), why, LIAR)
        if verdict.believed is None:
            return Updated(None, self._why_not(verdict.problem))
        await self._believe(request, verdict.believed)
        for answer in answers:
            if agree(answer, verdict.believed):
                self._asking.believed(answer.server, self._now_s())
        return Updated(
            self._clock.certified_ms, (detail("certified", url=verdict.believed.server),)
        )

    async def _ask(self, server: TimeServer, request: TimeRequest) -> TimeAnswer:
        """One server's verified answer; an own server's block list is taken over with it."""
        url, query = server.place.url, build_query(request.imprint(), request.query_nonce())
        asked_boot_ms = self._clock.boot_ms()
        contact = await self._contact(url) if server.trust.own else ""
        heard: list[str] = []
        try:
            reply = await asyncio.to_thread(
                tsa.ask_time, server.place, query, contact=contact, heard=heard.append
            )
            came_boot_ms = self._clock.boot_ms()
            certified = verify_reply(reply, request.imprint(), request.query_nonce(), server.trust)
            if server.trust.own and heard:
                await asyncio.to_thread(self._container.contacted, url, heard[-1], contact)
            if server.trust.own:
                await self._take(server, certified.time_ms)
            else:
                self._check_foreign(url, certified.time_ms)
        except tsa.AskFailed as failed:
            raise _NotUsable(failed.detail) from None
        except TimestampRefused as refused:
            raise _NotUsable(_of_server(url, refused.reason, refused)) from None
        return TimeAnswer(
            url,
            certified.time_ms,
            certified.accuracy_ms,
            asked_boot_ms,
            came_boot_ms,
            certified.token,
        )

    async def _contact(self, url: str) -> str:
        """What this container says of itself there, "" for nothing."""
        now_s = self._clock.system_ms() // 1000
        return await asyncio.to_thread(self._container.contact, url, self.head(), now_s)

    def _check_foreign(self, url: str, certified_ms: int) -> None:
        """Whoever may name time servers here must not hold log time back by them: two clocks that
        are set back would do it."""
        log_time_ms = self._ledger().log_time_ms
        if certified_ms < log_time_ms - FRESH_MS:
            times = {"time": certified_ms, "log_time": log_time_ms}
            raise _NotUsable(detail("server-before-log-time", url=url, **times))

    async def _take(self, server: TimeServer, certified_ms: int) -> None:
        """The block list beside the token: without it there is no certified time either."""
        data = await asyncio.to_thread(tsa.fetch_crl, server.place)
        try:
            check_current(await self._container.learn_block_list(data), certified_ms)
        except BlockListRefused as refused:
            reason = f"list-{refused.reason}"
            raise _NotUsable(_of_server(server.place.url, reason, refused)) from None

    async def _believe(self, request: TimeRequest, answer: TimeAnswer) -> None:
        now_boot_ms = self._clock.boot_ms()
        await self._clock.certify(answer.at(now_boot_ms), now_boot_ms)
        self._known = LastCertified.of(answer)
        certificate = self._container.content.certificate
        if certificate is not None and self._servers[answer.server].trust.own:
            statement = build_statement(request, answer.token, certificate, self._container)
            self._container.shown = Shown(statement, answer.time_ms, request.anchor)

    def _why_not(self, problem: str) -> tuple[str, ...]:
        failures = (one.detail for one in self._asking.servers if one.detail)
        return tuple(dict.fromkeys((problem, *failures)))

    def _now_s(self) -> float:
        return self._clock.boot_ms() / 1000


def _of_server(url: str, reason: str, refused: Exception) -> str:
    """What is wrong with a server's answer, by the reason for which it was refused."""
    return detail(f"server-{reason}", url=url, said=sentence_of(refused).rstrip("."))
