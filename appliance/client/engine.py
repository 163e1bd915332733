"""One call, repeated until it is answered, against servers that may be silent, gone or passive.

The rules (design D1, D2): every call is idempotent, so it is repeated with the same id until its
deadline. A connection that was silent for 100 ms gets a second one beside it, never a third: the
first answer wins and the other connection is dropped. After a failure the first retry goes at once,
the later ones wait 20 to 200 ms by chance, so that many clients do not come back as one. What can
go wrong in here is a storm: a slow server must not be answered with ever more connections, so each
further silence is borne twice as long as the one before, counted from when the server's kernel
answered, and two connections that wait in a busy server's queue are not given up in a hurry.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from appliance.client.errors import (
    ClientError,
    ConnectionFailed,
    OutcomeUnknown,
    QuorumLost,
    TlsRefused,
    TooManyCalls,
)
from appliance.client.forks import Home
from appliance.client.tls import ResumingContext
from appliance.client.transport import Address, Answer, Connection, Patience, connect
from appliance.client.wire import DEADLINE_PASSED, NOT_ACTIVE, QUORUM_LOST, problem_of, wants_repeat

ATTEMPTS_MAX: Final = 2


class Sent(NamedTuple):
    """One request as sent: its bytes, its nonce, and the boot time before which it was not sent."""

    data: bytes
    nonce: bytes
    sent_at_s: float


Make = Callable[[float], Sent]
"""Makes a request with a fresh nonce, given the seconds that are left for it."""


@dataclass(frozen=True, slots=True)
class CallTiming:
    """How long the engine waits for what, in seconds.

    `silence_s` until a second connection; `patience_s` until the next one replaces the older of
    two, doubled each time up to `patience_max_s`, at least `shake_s` after a kernel answered, and
    `busy_s` more if kernels answered on both; `retry_min_s` to `retry_max_s` between failures;
    `connect_s` for TCP where another address waits, `connect_sole_s` where there is only one, and
    `again_s` until TCP tries once more beside itself, all half as much again after each failure;
    `settle_s` is how long another address may still contradict a quorum-lost.
    """

    deadline_s: float = 30.0
    silence_s: float = 0.1
    patience_s: float = 0.3
    patience_max_s: float = 5.0
    shake_s: float = 0.5
    busy_s: float = 5.0
    retry_min_s: float = 0.02
    retry_max_s: float = 0.2
    connect_s: float = 0.1
    connect_sole_s: float = 1.0
    connect_max_s: float = 3.0
    again_s: float = 0.04
    again_max_s: float = 0.5
    handshake_s: float = 10.0
    dead_s: float = 0.3
    settle_s: float = 0.5
    calls_waiting_max: int = 1024


class _Attempt:
    """One request on one connection, whether that stands already or is being made."""

    def __init__(
        self, sent: Sent, address_index: int, on_reached: Callable[[_Attempt], None]
    ) -> None:
        self.sent = sent
        self._on_reached = on_reached
        self.address_index = address_index
        self.connection: Connection | None = None
        self.reached = False
        self.future: asyncio.Future[Answer]

    def reach(self) -> None:
        """A kernel answered at its address."""
        self.reached = True
        self._on_reached(self)

    def hasten(self) -> None:
        """It is silent: look soon whether the peer still knows of its connection."""
        if self.connection is not None:
            self.connection.hasten()

    def drop(self) -> None:
        """Give this attempt up, and its connection with it."""
        if self.future.done():
            if not self.future.cancelled():
                self.future.exception()  # marks it as seen
        else:
            self.future.cancel()
        if self.connection is not None:
            self.connection.close()


class Engine:
    """The connection of one client, and the calls made over it, one at a time.

    `addresses` are tried in turn, beginning with the last that answered; `now` is the boot clock,
    `chance` gives the jitter. At most two connections exist at any time.
    """

    def __init__(
        self,
        addresses: Sequence[Address],
        context: ResumingContext,
        now: Callable[[], float],
        timing: CallTiming,
        chance: random.Random,
    ) -> None:
        if not addresses:
            raise ValueError("a client needs at least one address")
        self.home = Home()
        self.addresses = tuple(addresses)
        self.context = context
        self.now = now
        self.timing = timing
        self.chance = chance
        self.address_index = 0
        self.on_asked: Callable[[], None] = lambda: None
        """Called when a server wants to be shown how far this client has seen the ledger."""
        self.connections_made = 0
        self._primary: Connection | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._closed = False

    async def exchange(
        self, make: Make, *, deadline_s: float | None = None, quorum_wait_s: float = 0.0
    ) -> tuple[Answer, Sent]:
        """The final answer to what `make` makes, and the very request that it answers.

        Raises OutcomeUnknown at the deadline, QuorumLost after it lasted for `quorum_wait_s`,
        TlsRefused, or TooManyCalls. An answer may still be a refusal: `wire.read` tells.
        """
        self.check_open()
        limit_s = self.timing.deadline_s if deadline_s is None else deadline_s
        if self._waiting >= self.timing.calls_waiting_max:
            raise TooManyCalls(f"{self._waiting} calls wait in this client; use more clients")
        ends_at = asyncio.get_running_loop().time() + limit_s
        self._waiting += 1
        try:
            async with asyncio.timeout_at(ends_at):
                await self._turn.acquire()
        except TimeoutError:
            raise OutcomeUnknown(
                limit_s, "earlier requests of this client have no answer yet"
            ) from None
        finally:
            self._waiting -= 1
        try:
            answer, sent = await _Race(self, make, limit_s, ends_at, quorum_wait_s).run()
            if answer.asks:
                self.on_asked()
            return answer, sent
        finally:
            self._turn.release()

    async def open(self, attempt: _Attempt, patience: Patience) -> Answer:
        """Make a new connection for this attempt and send its request there."""
        address = self.addresses[attempt.address_index]
        self.connections_made += 1
        attempt.connection = connection = await connect(
            address, self.context, Connection, patience, attempt.reach
        )
        answer = await connection.send(attempt.sent.data)
        self.context.remember(address.host, connection.session())
        return answer

    def idle(self) -> Connection | None:
        """The connection that stands, if it can be used now; from here on it is the caller's."""
        primary, self._primary = self._primary, None
        return primary if primary is not None and primary.idle else None

    def keep(self, attempt: _Attempt) -> None:
        """Use this attempt's connection for the next call, and its address first."""
        if self._closed:
            attempt.drop()
            return
        self.address_index = attempt.address_index
        old, self._primary = self._primary, attempt.connection
        if old is not None and old is not attempt.connection:
            old.close()

    def check_open(self) -> None:
        """Raise ClientError after `close`, and in a child process."""
        self.home.check()
        if self._closed:
            raise ClientError("this client is closed")

    def close(self) -> None:
        """Drop the connection; a call that runs fails when it next looks up from its waiting.

        Does nothing in a child process: the connection is the parent's.
        """
        if self.home.left:
            return
        self._closed = True
        if self._primary is not None:
            self._primary.close()
            self._primary = None


class _Race:
    """One call: at most two attempts at a time, until one of them has a final answer."""

    def __init__(
        self, engine: Engine, make: Make, limit_s: float, ends_at: float, quorum_wait_s: float
    ) -> None:
        self._engine = engine
        self._make = make
        self._limit_s = limit_s
        self._ends_at = ends_at
        several = len(engine.addresses) > 1
        self._quorum_wait_s = max(quorum_wait_s, engine.timing.settle_s if several else 0.0)
        self._quorum_until: float | None = None
        self._quorum: QuorumLost | None = None
        self._attempts: list[_Attempt] = []
        self._next_address = engine.address_index
        self._next_launch = 0.0
        self._wait_s = 0.0
        self._silences = 0
        self._bore = False
        self._failures = 0
        self._tls_failures = 0
        self._last = ""
        self._loop = asyncio.get_running_loop()

    async def run(self) -> tuple[Answer, Sent]:
        """The final answer, or one of the errors of `Engine.exchange`."""
        try:
            self._launch()
            while True:
                await self._wait()
                for attempt in [a for a in self._attempts if a.future.done()]:
                    self._attempts.remove(attempt)
                    answer = self._settle(attempt)
                    if answer is not None:
                        return answer, attempt.sent
                self._check_limits()
                if self._loop.time() >= self._next_launch:
                    self._launch()
        finally:
            for attempt in self._attempts:
                attempt.drop()

    async def _wait(self) -> None:
        until = min(self._next_launch, self._ends_at)
        if self._quorum_until is not None:
            until = min(until, self._quorum_until)
        timeout_s = max(0.0, until - self._loop.time())
        if self._attempts:
            await asyncio.wait(
                [attempt.future for attempt in self._attempts],
                timeout=timeout_s,
                return_when=asyncio.FIRST_COMPLETED,
            )
        else:
            await asyncio.sleep(timeout_s)

    def _check_limits(self) -> None:
        now = self._loop.time()
        self._engine.check_open()
        if self._quorum is not None and self._quorum_until is not None:
            if now >= min(self._quorum_until, self._ends_at):
                raise self._quorum
        elif now >= self._ends_at:
            raise OutcomeUnknown(self._limit_s, self._last or "the server is silent")

    def _launch(self) -> None:
        """Start one attempt: on the connection that stands if there is one, else on a new one."""
        engine, timing = self._engine, self._engine.timing
        if len(self._attempts) >= ATTEMPTS_MAX:
            if not self._bore and all(attempt.reached for attempt in self._attempts):
                self._bore = True
                longer_s = timing.busy_s * engine.chance.uniform(0.5, 1)
                self._next_launch = self._loop.time() + longer_s
                return
            # The older one has had its time; the younger may still be in its handshake.
            self._attempts.pop(0).drop()
        self._bore = False
        if self._attempts:
            # A second connection carries the same request, so either answer fits.
            sent = self._attempts[-1].sent
            for attempt in self._attempts:
                attempt.hasten()
        else:
            sent = self._make(max(0.001, self._ends_at - self._loop.time()))
        standing = None if self._attempts else engine.idle()
        if standing is not None:
            attempt = _Attempt(sent, engine.address_index, self._reached)
            attempt.connection = standing
            attempt.future = standing.send(sent.data)
        else:
            attempt = _Attempt(sent, self._next_address, self._reached)
            attempt.future = asyncio.ensure_future(engine.open(attempt, self._patience()))
        self._attempts.append(attempt)
        self._next_address = (attempt.address_index + 1) % len(engine.addresses)
        if standing is not None and self._silences == 0:
            wait_s = timing.silence_s
        else:
            longest_s = min(timing.patience_max_s, timing.patience_s * 2**self._silences)
            wait_s = longest_s * engine.chance.uniform(0.75, 1.25)
            self._silences += 1
        self._wait_s = wait_s
        self._next_launch = self._loop.time() + wait_s

    def _reached(self, attempt: _Attempt) -> None:
        """A kernel answered this attempt: its server's silence counts from now on."""
        if self._attempts and self._attempts[-1] is attempt:
            shake_s = self._engine.timing.shake_s * self._engine.chance.uniform(0.75, 1.25)
            self._next_launch = self._loop.time() + max(self._wait_s, shake_s)

    def _patience(self) -> Patience:
        timing = self._engine.timing
        growth = 1.5 ** min(self._failures, 32)
        several = len(self._engine.addresses) > 1
        connect_s = growth * (timing.connect_s if several else timing.connect_sole_s)
        return Patience(
            min(timing.connect_max_s, connect_s),
            timing.handshake_s,
            timing.dead_s,
            min(timing.again_max_s, growth * timing.again_s),
            min(timing.connect_max_s, growth * timing.connect_s),
        )

    def _settle(self, attempt: _Attempt) -> Answer | None:
        """The final answer of a finished attempt, or None and the next attempt is due later."""
        error = attempt.future.exception()
        if error is not None:
            if attempt.connection is not None:
                attempt.connection.close()
            self._failed(attempt, error)
            return None
        answer = attempt.future.result()
        self._tls_failures = 0
        problem = problem_of(answer)
        if problem is None or not wants_repeat(problem):
            self._engine.keep(attempt)
            return answer
        if problem.reason != DEADLINE_PASSED or not self._last:
            # That this call's time is over says less than what it was told until then.
            self._last = ": ".join(filter(None, (problem.reason, problem.detail)))
        moves_on = len(self._engine.addresses) > 1 and problem.reason in (NOT_ACTIVE, QUORUM_LOST)
        if moves_on and attempt.connection is not None:
            attempt.connection.close()
        else:
            # Where there is no other address, the one that answered is the one that will serve.
            self._engine.keep(attempt)
            self._next_address = attempt.address_index
        if problem.reason == QUORUM_LOST:
            self._quorum = QuorumLost(problem.missing, problem.detail)
            if self._quorum_until is None:
                self._quorum_until = self._loop.time() + self._quorum_wait_s
        elif not moves_on:
            self._quorum = self._quorum_until = None
        self._retry_soon()
        return None

    def _failed(self, attempt: _Attempt, error: BaseException) -> None:
        if isinstance(error, TlsRefused):
            self._tls_failures += 1
            if self._tls_failures >= len(self._engine.addresses):
                raise error
        elif not isinstance(error, ConnectionFailed):
            raise error
        self._last = error.sentence
        self._next_address = (attempt.address_index + 1) % len(self._engine.addresses)
        self._retry_soon()

    def _retry_soon(self) -> None:
        """The first retry of a call goes at once, later ones after a pause that chance spreads."""
        timing = self._engine.timing
        pause_s = 0.0
        if self._failures:
            longest_s = min(timing.retry_max_s, timing.retry_min_s * 2 ** min(self._failures, 16))
            pause_s = self._engine.chance.uniform(timing.retry_min_s, longest_s)
        self._failures += 1
        self._next_launch = min(self._next_launch, self._loop.time() + pause_s)
