"""Releases in the simulator: each host's knows rules up to some version, and learns more by time.

Here limits of seats came with rules 2, and dismissed certificates with rules 3. A release that
knows less cannot read such a command.
"""

from __future__ import annotations

from random import Random
from typing import Final

from appliance.ledger.certificates.proofs import head_reader
from appliance.ledger.invariants import require
from appliance.licences.commands import (
    UNKNOWN,
    AnyCommand,
    Dismiss,
    Limit,
    Outcome,
    RaiseRules,
    Support,
    Unknown,
)
from appliance.licences.machine import Machine
from appliance.licences.raising import support_bytes
from appliance.licences.reasons import RULES_NOT_RAISED
from appliance.licences.rules import FIRST
from appliance.licences.state import State
from appliance.sim.options import Options
from appliance.sim.vendor import READERS, verify_store

NEWEST: Final = 3
CAME: Final[dict[type, int]] = {Limit: 2, Dismiss: 3}


def first_release(options: Options, name: str) -> int:
    """The rules that this host's release knows when a seed's life begins."""
    if not options.releases:
        return FIRST
    return Random(f"release of {name} {options.seed}").choice((FIRST, 2, 2, 2))


class SimMachine(Machine):
    """The licence machine of a release that knows these rules."""

    def __init__(self, rules: int = FIRST) -> None:
        super().__init__(*READERS, rules=rules, seen=head_reader(verify_store))

    def needs(self, command: AnyCommand | Unknown) -> int:
        """As `Machine.needs`."""
        return CAME.get(type(command), FIRST)

    def apply(self, state: State, command: AnyCommand | Unknown, log_time_ms: int) -> Outcome:
        """As `Machine.apply`, of what this release can read."""
        known = command if self.needs(command) <= self.rules else UNKNOWN
        return super().apply(state, known, log_time_ms)


class Words:
    """What each host last said of the rules that it knows, found anew from all commands."""

    def __init__(self) -> None:
        self._of_stores: dict[bytes, tuple[int, int]] = {}
        self._of_tmrs: dict[str, int] = {}
        self._in_force = 0

    def heard(self, state: State, command: AnyCommand | Unknown, outcome: Outcome) -> None:
        """A command was applied. Raises InvariantViolation if it should not have been, so."""
        came = CAME.get(type(command), FIRST)
        waits = outcome.reason == RULES_NOT_RAISED
        if state.founded and came > FIRST:
            require(waits == (came > state.rules), f"{command} under rules {state.rules}")
        if isinstance(command, Support):
            self._said(state, command)
        raised, self._in_force = state.rules > self._in_force, state.rules
        if isinstance(command, RaiseRules) and raised:
            for voter in state.membership.voters:
                _, version = self._of_stores.get(voter.store, (0, FIRST))
                self._require(voter.place, version, state.rules)
            for host in command.hosts:
                self._require(host, self._of_tmrs.get(host, FIRST), state.rules)

    def _said(self, state: State, command: Support) -> None:
        if not command.store:
            self._of_tmrs[command.who] = command.version
            return
        store, version, known_index = command.store, command.version, command.known_index
        data = support_bytes(state.ledger_id, store, version, known_index)
        if verify_store(store, data, command.signature):
            before = self._of_stores.get(store, (-1, FIRST))
            self._of_stores[store] = max(before, (known_index, version))

    @staticmethod
    def _require(host: str, version: int, in_force: int) -> None:
        require(version >= in_force, f"rules {in_force} are in force, and {host} knows {version}")
