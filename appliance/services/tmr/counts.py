"""What a TMR host counts as it happens, for its metrics and its status.

The hot path pays one increment for each request and two observations for each batch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from prometheus_client import Counter, Histogram

from appliance.ledger.effects import Changed, Committed, Decided, Disputed, Effect, Tell
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.leader.phases import SERVING
from appliance.ledger.messages import Append
from appliance.licences.reasons import QUEUED
from appliance.services.tmr.calls import Calls

GRANTED: Final = "granted"
CHECK_OUT: Final = "check-out"
HEARTBEAT: Final = "heartbeat"
BATCH_BUCKETS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
COMMIT_BUCKETS_S: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)


class Counts:
    """Counters of one TMR host. `boot_s` is the boot clock; `calls` are the check-outs of the last
    minute."""

    def __init__(self, coordinator: Coordinator, boot_s: Callable[[], float]) -> None:
        self.calls = Calls()
        self._coordinator = coordinator
        self._boot_s = boot_s
        self._sent = (0, 0.0)
        self._checkouts = Counter(
            "tmr_checkouts",
            "Check-outs answered by this host: granted, queued, or the reason of the refusal",
            ("result",),
            registry=None,
        )
        self._denials = Counter(
            "tmr_denials",
            "Requests refused by this host, by call (a route, or `other`) and reason",
            ("call", "reason"),
            registry=None,
        )
        self._heartbeats = Counter(
            "tmr_heartbeats", "Heartbeats answered by this host", registry=None
        )
        self._batch_commands = Histogram(
            "tmr_batch_commands",
            "Commands in a batch that this host had committed",
            buckets=BATCH_BUCKETS,
            registry=None,
        )
        self._batch_commit = Histogram(
            "tmr_batch_commit_seconds",
            "From sending a batch to the upstreams until two have it on disk",
            buckets=COMMIT_BUCKETS_S,
            registry=None,
        )
        self._takeovers = Counter(
            "tmr_takeovers", "How often this host came to serve", registry=None
        )
        self._disputes = Counter(
            "tmr_endorsement_disputes",
            "Batches of which an upstream endorsed another outcome than this host computed",
            ("upstream",),
            registry=None,
        )
        self._granted = self._checkouts.labels(GRANTED)
        self._queued = self._checkouts.labels(QUEUED)
        self.all: Final = (
            self._checkouts,
            self._denials,
            self._heartbeats,
            self._batch_commands,
            self._batch_commit,
            self._takeovers,
            self._disputes,
        )

    def answered(self, call: str, *, waits: bool = False) -> None:
        """A lease call got what it asked for, or `waits` for it."""
        if waits:
            self._queued.inc()
        elif call == HEARTBEAT:
            self._heartbeats.inc()
        elif call == CHECK_OUT:
            self._granted.inc()
            self.calls.granted(self._boot_s())

    def refused(self, call: str, reason: str) -> None:
        """A call was refused for one of problems.REASONS."""
        self._denials.labels(call, reason).inc()
        if call == CHECK_OUT:
            self._checkouts.labels(reason).inc()
            self.calls.refused(self._boot_s(), reason)

    def watch(self, effect: Effect) -> None:
        """See what the coordinator asks for."""
        if type(effect) is Decided:  # One for each request, so it must cost next to nothing.
            return
        match effect:
            case Tell(_, Append(entry=entry)) if entry.index > self._sent[0]:
                self._sent = (entry.index, self._boot_s())
            case Committed() if self._coordinator.serving:
                self._batch_commands.observe(len(effect.commands))
                index, at_s = self._sent
                if effect.index == index:
                    self._batch_commit.observe(self._boot_s() - at_s)
            case Changed(phase, _, _):
                self._sent = (0, 0.0)
                if phase == SERVING:
                    self._takeovers.inc()
            case Disputed(upstream, _):
                self._disputes.labels(upstream).inc()
