"""The unit counter: how many units were issued. What has been used is the ledger's to know.

In a ledger that was restored, or put back (`licences.loss`), it rests until its vendor confirms it,
since units may have been used that this ledger does not know of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from appliance.licences.bounds import COUNT_MAX
from appliance.licences.options.row import Case, Field, Kind, Option, Said
from appliance.licences.reason import at_rest

if TYPE_CHECKING:
    from appliance.licences.state import State

REASON: Final = at_rest(
    "units-unconfirmed",
    "The unit counter rests until the vendor confirms it",
    "import the vendor's update that confirms its unit counter",
)


def units_key(state: State) -> bytes:
    """What a vendor names to confirm his unit counters: what was lost, or the ledger that was
    restored; empty, if they rest for nobody."""
    if state.loss.key:
        return state.loss.key
    return state.ledger_id if state.origin.ledger_id else b""


def units_rest(state: State, firm_code: int) -> bool:
    """Whether this firm's unit counters are at rest: the ledger was restored or put back, and fewer
    unlocked containers than it takes hold the firm's word that they are right in this ledger."""
    key = units_key(state)
    if not key:
        return False
    firms = (one.firm(firm_code) for one in state.containers.values() if not one.locked)
    said = [firm.units_confirmed for firm in firms if firm is not None]
    return said.count(key.hex()) < state.membership.needed


def _refuses(case: Case) -> bool:
    return case.item.units is not None and units_rest(case.state, case.key.firm_code)


OPTION = Option(
    fields=(
        Field(
            "units", "unit counter", "--units", "Unit counter, or none.", Kind.COUNT, 0, COUNT_MAX
        ),
    ),
    name=Said("units", "Einheiten", "ユニット"),
    reason=REASON,
    why=Said("units not confirmed", "Einheiten nicht bestätigt", "ユニット数が未確認"),
    rests="rests, since this system was restored from a backup or put back",
    refuses=_refuses,
)
