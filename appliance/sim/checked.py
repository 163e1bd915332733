"""The simulator's reference machine: it applies only what is committed, and checks each outcome."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from appliance.ledger.invariants import InvariantViolation, check_grant
from appliance.licences.commands import AnyCommand, Found, LowerLogTime, Outcome, Unknown
from appliance.licences.model import Container, LicenceKey
from appliance.licences.reasons import EXPIRED, GRANTED, UNITS_UNCONFIRMED, USAGE_OVER
from appliance.licences.records import NO_LOSS, Loss
from appliance.licences.state import State
from appliance.sim.access import check_access
from appliance.sim.history import Row
from appliance.sim.releases import NEWEST, SimMachine, Words


class CheckedMachine(SimMachine):
    """The reference machine: after each command, seats and units are within what was issued.

    `rows` collects what the licences were after each change of them, by product.
    """

    def __init__(self) -> None:
        super().__init__(NEWEST)
        self._words = Words()
        self.rows: list[tuple[tuple[int, int], tuple[Row, ...]]] = []
        self._known: dict[tuple[int, int], tuple[Row, ...]] = {}
        self._seen: tuple[tuple[Container, ...], int, Loss] = ((), -1, NO_LOSS)
        self._carried: dict[LicenceKey, int] = {}
        self._first_ms: dict[LicenceKey, int] = {}

    def apply(self, state: State, command: AnyCommand | Unknown, log_time_ms: int) -> Outcome:
        """As `Machine.apply`; raises InvariantViolation."""
        outcome = super().apply(state, command, log_time_ms)
        check_grant(state, command, outcome)
        check_access(state, command, outcome)
        self._words.heard(state, command, outcome)
        if isinstance(command, Found) and command.restored is not None:
            self._carried = dict(command.restored.units_used)
            self._first_ms = {key: one.at_ms for key, one in command.restored.usage_starts}
        self._watch_usage(state, command, outcome)
        for key in outcome.keys if outcome.reason == GRANTED else ():
            if _unconfirmed(state, key):
                raise InvariantViolation(f"{key} counts units that nobody confirmed")
        seen = tuple(state.containers.values()), state.log_time_ms, state.loss
        if seen != self._seen:
            self._seen = seen
            self._notice(state)
        return outcome

    def carry(self, units_used: Mapping[LicenceKey, int]) -> None:
        """So many units were used by what is no call of this history."""
        self._carried = dict(units_used)
        self._seen = ((), -1, NO_LOSS)

    def _watch_usage(self, state: State, command: AnyCommand | Unknown, outcome: Outcome) -> None:
        """Usage periods begin with the first grant, and never later than now; no vendor resets one
        here."""
        first_ms, now_ms = self._first_ms, state.log_time_ms
        if isinstance(command, LowerLogTime):
            first_ms.update({key: min(at_ms, now_ms) for key, at_ms in first_ms.items()})
        for key in outcome.keys if outcome.reason == GRANTED and outcome.valid_for_s else ():
            item = state.items.get(key)
            if item is not None and item.usage_period_s is not None:
                first_ms.setdefault(key, now_ms)
        if first_ms != {key: start.at_ms for key, start in state.usage_starts.items()}:
            raise InvariantViolation("a usage period began at another time than with its first use")

    def _notice(self, state: State) -> None:
        products: dict[tuple[int, int], tuple[Row, ...]] = {}
        for offer in chain.from_iterable(state.offers.values()):  # in the order of choice
            key, item = offer.key, offer.item
            over = item.expires_at_s is not None and state.log_time_ms >= item.expires_at_s * 1000
            period_s, first_ms = item.usage_period_s, self._first_ms.get(key)
            used_up = (
                period_s is not None
                and first_ms is not None
                and state.log_time_ms >= first_ms + period_s * 1000
            )
            rests = EXPIRED if over else USAGE_OVER if used_up else ""
            rests = rests or (UNITS_UNCONFIRMED if _unconfirmed(state, key) else "")
            product = (key.firm_code, key.product_code)
            units = item.units
            if units is not None:  # What was used before a restore is no call of this history.
                units -= self._carried.get(key, 0)
            row = (key.tmr_id, item.quantity, units, rests)
            products[product] = (*products.get(product, ()), row)
        for product in sorted(products.keys() | self._known.keys()):
            rows = products.get(product, ())
            if self._known.get(product) != rows:
                self._known[product] = rows
                self.rows.append((product, rows))


def _unconfirmed(state: State, key: LicenceKey) -> bool:
    """Whether this licence counts units in a ledger that was restored or put back, of which its
    vendor said nothing."""
    item = state.items.get(key)
    said = state.loss.key or (state.ledger_id if state.origin.ledger_id else b"")
    if item is None or item.units is None or not said:
        return False
    words = [
        firm.units_confirmed
        for container in state.containers.values()
        for firm in container.firms
        if firm.firm_code == key.firm_code and not container.locked
    ]
    return words.count(said.hex()) < 2
