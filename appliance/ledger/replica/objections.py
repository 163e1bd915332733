"""Which grants of a batch this upstream's container does not vouch for (design D3).

It objects only if its own contents or its own clock make that very grant invalid, and to all of a
grant if any of its lines fails. What can go wrong in here is to look at one line alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from appliance.ledger.replica.surroundings import OwnContainer
from appliance.licences.commands import Outcome
from appliance.licences.grants import KIND_BORROWED, Line
from appliance.licences.item import ItemOptions
from appliance.licences.model import LicenceKey
from appliance.licences.reasons import GRANTED
from appliance.licences.state import State
from appliance.licences.validity import why_rests_at

SLACK_MS: Final = 3_600_000
"""A container's own clock may be so far behind log time without its objecting to when a loan
ends."""

_Terms = tuple[int, int, tuple[Line, ...], str, int]
"""Of a grant, what a container can object to: many in a batch have it in common."""


def objections_to(
    outcomes: Sequence[Outcome], container: OwnContainer, state: State, system_ms: int
) -> tuple[int, ...]:
    """The positions of the grants that this container denies, at this time of its own clock."""
    denied: dict[_Terms, bool] = {}
    found = []
    for position, outcome in enumerate(outcomes):
        if outcome.reason != GRANTED:
            continue
        terms = (
            outcome.firm_code,
            outcome.features,
            outcome.lines,
            outcome.kind,
            outcome.ends_at_ms if outcome.kind == KIND_BORROWED else 0,
        )
        if terms not in denied:
            denied[terms] = not outcome.lines or not all(
                _holds(container, state, outcome, key, line, system_ms)
                for key, line in zip(outcome.keys, outcome.lines, strict=True)
            )
        if denied[terms]:
            found.append(position)
    return tuple(found)


def _holds(
    container: OwnContainer,
    state: State,
    outcome: Outcome,
    key: LicenceKey,
    line: Line,
    system_ms: int,
) -> bool:
    """Whether this container holds what this line says, good by its own clock, too."""
    item = container.item(key)
    if item is None or item != state.items.get(key):
        return False
    licence = state.view[key]
    if container.serial not in licence.matching:
        return False  # The ledger has not heard of it yet, so nobody can ask for the firm's word.
    if line.item_hash != licence.item_hash or outcome.features & ~item.feature_map:
        return False
    if item.containers != "any" and container.serial not in licence.fitting:
        return False
    if outcome.kind == KIND_BORROWED and _too_long(item, outcome.ends_at_ms - system_ms):
        return False
    return not why_rests_at(state, key, item, system_ms)


def _too_long(item: ItemOptions, left_ms: int) -> bool:
    """Whether a seat of this item is not lent for that long, by this container's clock."""
    return item.borrow_max_s is None or left_ms > item.borrow_max_s * 1000 + SLACK_MS
