"""Simulated applications: they check out, renew, consume, beat and check in, and remember it all.

A client repeats a request under the same id until it is answered or its patience ends, as the
client library does; each attempt is a call of its own in the history, since each may take effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from appliance.ledger.invariants import InvariantViolation
from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences.commands import AnyCommand, LeaseRef
from appliance.licences.settlements import settle_bytes
from appliance.sim.byzantine.oracle import UNVOUCHED
from appliance.sim.history import (
    ALIVE,
    CHECK_IN,
    CHECK_OUT,
    CONSUME,
    GONE,
    HEARTBEAT,
    SETTLE,
    Call,
    CallAnswer,
)
from appliance.sim.stage import Reply, Request, Stage
from appliance.sim.vendor import FIRM_A, FIRM_B, PRODUCT, fake_signature, vouched, vouching

SECRET_HASH = b"s" * 32
WAIT_S = 60
ASK_AGAIN_S = 0.05
WAITED = "answers that a check-out waits for its turn"
SETTLE_KEY = b"k" * 32
DEFINITE = reasons.LEASE_ANSWERS | {ALIVE, GONE}
"""Answers that end a request; all others mean "repeat with the same id"."""
_LOST = frozenset({reasons.LEASE_UNKNOWN, reasons.LEASE_ENDED, reasons.OUT_OF_ORDER, GONE})
UNEXPECTED = frozenset({reasons.LEASE_CONFLICT, reasons.OLD_GENERATION, reasons.BAD_REQUEST})
"""Answers that these clients never earn."""


@dataclass(slots=True)
class Held:
    """A lease as its client knows it."""

    lease: LeaseRef
    product: tuple[int, int]
    generation: int
    ttl_s: float


@dataclass(slots=True)
class Wish:
    """What a client is after until it is answered: one request, repeated in several attempts."""

    kind: str
    lease: LeaseRef
    product: tuple[int, int]
    generation: int = 0
    number: int = 0
    units: int = 0
    reserves: bool = False
    wait_s: int = 0
    attempts: int = 0
    attempts_max: int = 0


@dataclass(slots=True)
class _Attempt:
    wish: Wish
    call: Call
    sent_s: float
    nonce: bytes


class SimClient:
    """One application. `ask` may be used by a script instead of its own will (`lively` False)."""

    def __init__(self, cluster: Stage, name: str, lively: bool = True) -> None:
        self._cluster = cluster
        self._rng = cluster.rng
        self.name = name
        self.lively = lively
        self.finishing = False
        self.held: Held | None = None
        self.wish: Wish | None = None
        self.last: Reply | None = None
        self.answered = 0
        self._attempts: dict[int, _Attempt] = {}
        self._numbers = 0
        self._leases = 0
        self._used: dict[LeaseRef, int] = {}
        self._past: list[tuple[LeaseRef, tuple[int, int]]] = []
        self._open: Wish | None = None
        self._ledger_id = b""
        if lively:
            cluster.at(self._pause_s(), self._decide)

    # --- will ---

    def _pause_s(self) -> float:
        return self._rng.expovariate(1 / self._cluster.options.think_s)

    def _decide(self) -> None:
        """Choose the next request."""
        if self.wish is not None or (self.finishing and self.answered):
            return
        rng, held = self._rng, self.held
        if held is None:
            self.check_out()
            return
        if self._open is not None and rng.random() < 0.7:
            self.settle(self._open)
            return
        dice = rng.random()
        if dice < 0.4:
            self.ask(Wish(HEARTBEAT, held.lease, held.product, held.generation))
        elif dice < 0.55:
            self.ask(Wish(CHECK_OUT, held.lease, held.product, held.generation))
        elif dice < 0.8:
            self.consume(rng.randint(1, 3))
        elif dice < 0.95:
            self.check_in()
        else:  # It dies without a word; its seat must lapse.
            self._past.append((held.lease, held.product))
            self.held = None
            self._later()

    def check_out(self, product: tuple[int, int] | None = None) -> None:
        """Ask for a seat under a new lease id, once in a while under an old one."""
        rng = self._rng
        if product is None and self._past and rng.random() < 0.05:
            lease, product = rng.choice(self._past)
        else:
            self._leases += 1
            lease = LeaseRef(self.name, f"{self.name}-{self._leases}")
            product = product or (FIRM_A if rng.random() < 0.7 else FIRM_B, PRODUCT)
        wish = Wish(CHECK_OUT, lease, product)
        often = self._cluster.options.waits
        wish.wait_s = WAIT_S if often and rng.random() < often else 0
        self.ask(wish)

    def consume(self, units: int) -> None:
        """Take units on the lease that is held."""
        held = self.held
        assert held is not None
        number = self._used.get(held.lease, 0) + 1
        self._used[held.lease] = number
        often = self._cluster.options.reserves
        reserves = bool(often) and self._rng.random() < often
        self.ask(Wish(CONSUME, held.lease, held.product, held.generation, number, units, reserves))

    def settle(self, reserved: Wish) -> None:
        """Say how much of a reservation was used."""
        lease, product, generation = reserved.lease, reserved.product, reserved.generation
        used = self._rng.randint(0, reserved.units)
        self._open = None
        self.ask(Wish(SETTLE, lease, product, generation, reserved.number, used))

    def check_in(self) -> None:
        """Give the seat back."""
        held = self.held
        assert held is not None
        self.ask(Wish(CHECK_IN, held.lease, held.product, held.generation))

    def _later(self) -> None:
        if self.lively:
            self._cluster.at(self._pause_s(), self._decide)

    # --- asking ---

    def ask(self, wish: Wish) -> None:
        """Begin a request."""
        wish.attempts_max = self._rng.randint(1, 12)
        self.wish = wish
        self._attempt(wish)

    def _attempt(self, wish: Wish) -> None:
        cluster = self._cluster
        if wish is not self.wish:
            return
        if wish.attempts >= wish.attempts_max and not self.finishing:
            self.give_up()
            return
        wish.attempts += 1
        self._numbers += 1
        number = self._numbers
        nonce = number.to_bytes(4, "big") + self.name.encode()
        call = Call(self.name, wish.kind, wish.lease, cluster.now_s, wish.number, wish.units)
        call.reserves = wish.reserves
        holders = cluster.holders()
        cluster.at(cluster.options.patience_s, self._attempt_again, number)
        self._attempts[number] = _Attempt(wish, call, cluster.now_s, nonce)
        if not holders:
            return
        cluster.history.called(wish.product, call)
        host = self._rng.choice(holders)
        command = self._command(wish, nonce)
        if command is not None:
            call.command_hash = sha256(c.encode_command(command)).digest()
        request = Request(number, self.name, command, wish.lease, wish.generation, self._answer)
        cluster.network.carry(self.name, host, cluster.tmrs[host].request, request)

    def _attempt_again(self, number: int) -> None:
        """Patience is over: repeat under the same id, unless another attempt is newer."""
        if number == self._numbers and self.wish is self._attempts[number].wish:
            self._attempt(self._attempts[number].wish)

    def _command(self, wish: Wish, nonce: bytes) -> AnyCommand | None:
        firm_code, product_code = wish.product
        match wish.kind:
            case "check-out":
                return c.CheckOut(
                    wish.lease,
                    firm_code,
                    product_code,
                    SECRET_HASH,
                    c.Holder(self.name.encode()),
                    nonce,
                    wait_s=wish.wait_s,
                )
            case "consume":
                key = SETTLE_KEY if wish.reserves else b""
                return c.Consume(
                    wish.lease,
                    wish.generation,
                    wish.number,
                    wish.units,
                    nonce,
                    settle_key=key,
                )
            case "settle":
                said = settle_bytes(self._ledger_id, wish.generation, wish.number, wish.units)
                signature = fake_signature(SETTLE_KEY, said)
                return c.Settle(wish.lease, wish.generation, wish.number, wish.units, signature)
            case "check-in":
                return c.CheckIn(wish.lease, wish.generation)
            case _:
                return None

    def give_up(self) -> None:
        """Its process ends: nobody will ever know, and what it may hold has to lapse."""
        if self.wish is not None:
            self._past.append((self.wish.lease, self.wish.product))
        self.held, self.wish = None, None
        self._later()

    # --- answers ---

    def _answer(self, number: int, reply: Reply) -> None:
        """A TMR host's answer to one attempt arrives, perhaps late, perhaps twice."""
        self._cluster.trace.note(self._cluster.now_s, self.name, reply)
        attempt = self._attempts[number]
        wish, now_s = attempt.wish, self._cluster.now_s
        if reply.reason in UNEXPECTED and reply.by != self._cluster.options.malicious:
            if not self._cluster.oracle.admits(attempt.call):
                raise InvariantViolation(f"{self.name} was told {reply.reason} for {attempt.call}")
            self._go_on(attempt, reply)
            return
        if reply.reason == reasons.QUEUED:
            self._cluster.oracle.measure(WAITED)
            if self.finishing:  # Whoever has a seat keeps it now, so this is an answer.
                self._go_on(attempt, reply)
                return
        if reply.reason not in DEFINITE or reply.reason == reasons.QUEUED:
            if wish is self.wish and number == self._numbers:
                self.last = reply
                pause_s = ASK_AGAIN_S if reply.reason == reasons.QUEUED else 0.01
                self._cluster.at(pause_s, self._attempt_again, number)
            return
        if reply.reason == reasons.NO_SEAT_FREE and self._cluster.options.waits:
            # A seat may be free and kept for who waits, which no history explains.
            self._go_on(attempt, reply)
            return
        if attempt.call.answer is not None:
            return
        outcome = reply.outcome
        lied = reply.by != "" and reply.by == self._cluster.options.malicious
        if lied and reply.reason != reasons.GRANTED:
            # Only grants are vouched for. It goes by this, and no history has to explain it.
            self._cluster.oracle.measure(UNVOUCHED)
            self._go_on(attempt, reply)
            return
        if reply.reason == reasons.GRANTED:
            twins = vouching(reply.receipt, outcome, attempt.nonce)
            if not twins and lied:
                self._cluster.oracle.measure("receipts that no client believed")
                return
            if not twins:
                raise InvariantViolation(f"{self.name} got a receipt that it cannot believe")
            statement = vouched(reply.receipt)
            self._ledger_id = statement.ledger_id
            self._cluster.oracle.granted(outcome, statement)
            self._cluster.check_constituents(twins, outcome.key)
            answer = CallAnswer(reasons.GRANTED, outcome.key.tmr_id, outcome.units_left)
        else:
            answer = CallAnswer(reply.reason)
        attempt.call.answer, attempt.call.returned_s = answer, now_s
        self._rely(attempt, reply)
        self._go_on(attempt, reply)

    def _go_on(self, attempt: _Attempt, reply: Reply) -> None:
        """The request is over: go by its answer, and think of another one later."""
        wish = attempt.wish
        if wish is self.wish:
            self.wish, self.last = None, reply
            self.answered += self.finishing
            self._take(wish, reply)
            self._later()

    def _rely(self, attempt: _Attempt, reply: Reply) -> None:
        """From here on this client counts on its lease, from its last sending."""
        oracle, wish = self._cluster.oracle, attempt.wish
        if reply.reason == ALIVE:
            oracle.relied_on(wish.lease, wish.generation, attempt.sent_s, reply.ttl_s)
        elif reply.reason == reasons.GRANTED and wish.kind == CHECK_OUT:
            generation, ttl_s = reply.outcome.generation, float(reply.outcome.lease_ttl_s)
            oracle.relied_on(wish.lease, generation, attempt.sent_s, ttl_s)

    def _take(self, wish: Wish, reply: Reply) -> None:
        """What an answer means for the lease that is held."""
        held = self.held
        if wish.kind == CHECK_OUT:
            if reply.reason == reasons.GRANTED:
                outcome = reply.outcome
                self.held = Held(wish.lease, wish.product, outcome.generation, outcome.lease_ttl_s)
            elif reply.reason in (reasons.LEASE_ENDED, reasons.LEASE_UNKNOWN):
                self.held = None
            elif held is not None:  # Not to be had at the moment; it gives the seat up.
                self._past.append((wish.lease, wish.product))
                self.held = None
        elif held is None:
            return
        elif wish.kind == CONSUME and wish.reserves and reply.reason == reasons.GRANTED:
            self._open = wish
        elif wish.kind == CHECK_IN or reply.reason in _LOST:
            self._past.append((held.lease, held.product))
            self.held = None
