"""When a licence rests, and for how long a receipt of it may be relied on.

What lets a licence rest is said by its options (`appliance.licences.options`); this walks their
table, and the first that refuses gives the reason. Times are compared with log time, and by each
container with its own clock, too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Final

from appliance.licences import reasons
from appliance.licences.item import ItemOptions
from appliance.licences.merge import TmrLicence
from appliance.licences.model import LicenceKey, ProductItem
from appliance.licences.modes import MODES, NO_LIMIT
from appliance.licences.offers import Offer
from appliance.licences.options import AT_REST, OPTIONS, bits_of
from appliance.licences.options.row import Case, Option
from appliance.licences.state import State
from appliance.licences.wishes import NO_WISHES, Wishes

TWINS_UNREACHABLE: Final = "quorum-lost"
"""What a check-out is told if fewer than two of the matching twins can be reached."""

KINDS_KEPT: Final = 256
"""Of so many sets of options it is remembered which can let a licence rest."""
_BY_CLOCK: Final = tuple(
    (option.at, option.reason.word)
    for option in OPTIONS
    if option.at is not None and option.reason is not None
)
_IN_MODE: Final = {mode: Wishes(mode=mode) for mode in MODES}
NOBODY: Final = ("", b"", b"")
"""To whom no seat lingers."""
_ENDS: Final = tuple(
    (option.ends_ms, option.reason.word)
    for option in OPTIONS
    if option.ends_ms is not None and option.reason is not None
)
_UNTIL: Final = tuple(option.until_ms for option in OPTIONS if option.until_ms is not None)
_TIMED: Final = sum(
    bits_of(option)
    for option in OPTIONS
    if option.ends_ms is not None or option.until_ms is not None
)
"""The fields by which a licence ends, or a receipt of it holds for less than usual."""
_FURTHEST: Final = {row.word: place for place, row in enumerate(AT_REST)}


def _refuses(option: Option) -> Callable[[Case], bool] | None:
    """What this option has against a licence; what depends on the time alone, by log time."""
    at = option.at
    if at is None:
        return option.refuses
    return lambda case: at(case.item, case.state.log_time_ms)


_REFUSALS: Final = tuple(
    (bits_of(option), refuses, option.reason.word)
    for option in OPTIONS
    if option.reason is not None and (refuses := _refuses(option)) is not None
)


@lru_cache(maxsize=KINDS_KEPT)
def _refusals_of(options: int) -> tuple[tuple[Callable[[Case], bool], str], ...]:
    """What can be wrong with an item that uses these options, if nobody wishes for anything."""
    return tuple((refuses, why) for bits, refuses, why in _REFUSALS if options & bits)


def why_rests(
    state: State, key: LicenceKey, item: ProductItem, wishes: Wishes | None = None
) -> str:
    """The reason for which nobody with these wishes can use this licence at present, "" if there is
    none. Without wishes: whoever asks for nothing but a mode that it permits."""
    case = Case(state, key, item, anybodys(item) if wishes is None else wishes)
    for _, refuses, why in _REFUSALS:
        if refuses(case):
            return why
    return ""


def anybodys(item: ItemOptions) -> Wishes:
    """The wishes of whoever asks for nothing but a mode that this licence permits."""
    return _IN_MODE[item.modes[0]]


def why_rests_at(state: State, key: LicenceKey, item: ItemOptions, now_ms: int) -> str:
    """The reason for which this licence rests by that clock (Unix ms) alone, "" for none."""
    for at, why in _BY_CLOCK:
        if at(item, now_ms):
            return why
    for ends_ms, why in _ENDS:
        end_ms = ends_ms(state, key, item)
        if end_ms is not None and now_ms >= end_ms:
            return why
    return ""


def why_offer_rests(state: State, offer: Offer, wishes: Wishes = NO_WISHES) -> str:
    """The same as `why_rests`; of a licence that uses few options it asks these alone."""
    if wishes != NO_WISHES:
        return why_rests(state, offer.key, offer.item, wishes)
    refusals = _refusals_of(offer.options)
    if refusals:
        case = Case(state, offer.key, offer.item, wishes)
        for refuses, why in refusals:
            if refuses(case):
                return why
    return ""


def furthest(whys: Collection[str]) -> str:
    """Of the reasons why a product's licences rest the one that came furthest in the table: what is
    wrong with the licence that is nearest to being of use."""
    return max(whys, key=_FURTHEST.__getitem__)


def why_refused(state: State, licence: TmrLicence, reachable: Collection[str]) -> str:
    """The reason that a new check-out of this licence would get now, "" if it would be granted.

    `reachable` are the serials of the containers whose upstreams answer. With several licences of
    one product, a check-out takes another one if there is one.
    """
    if not licence.available or licence.item is None:
        return reasons.UNKNOWN_PRODUCT
    if not licence.available_among(reachable):
        return TWINS_UNREACHABLE
    key, item = licence.key, licence.item
    why = why_rests(state, key, item)
    if why or item.modes[0] == NO_LIMIT:
        return why
    lacks = 1 - state.free(key, item)
    if lacks > 0 and state.spare(key, NOBODY, lacks) < lacks:
        return reasons.NO_SEAT_FREE
    return ""


def ends_at_ms(state: State, key: LicenceKey, item: ItemOptions) -> int | None:
    """When this licence ends (Unix ms), by whatever ends it first; None for never."""
    earliest_ms = None
    for ends_ms, _ in _ENDS:
        end_ms = ends_ms(state, key, item)
        if end_ms is not None and (earliest_ms is None or end_ms < earliest_ms):
            earliest_ms = end_ms
    return earliest_ms


def valid_for_s(state: State, item: ProductItem, end_ms: int | None) -> int:
    """How long a receipt holds: whole seconds, so that none outlives the licence (design D3), which
    ends at `end_ms`."""
    valid_s = item.receipt_valid_s
    now_s = -(-state.log_time_ms // 1000)
    if end_ms is not None:
        valid_s = min(valid_s, end_ms // 1000 - now_s)
    for until_ms in _UNTIL:
        rests_ms = until_ms(state, item)
        if rests_ms is not None:
            valid_s = min(valid_s, rests_ms // 1000 - now_s)
    return max(0, valid_s)


def time_left(state: State, offer: Offer) -> tuple[int | None, int]:
    """The same two of what is offered: when it ends (Unix ms, None for never), and for how many
    seconds a receipt holds. What uses no option of time is not asked."""
    if not offer.options & _TIMED:
        return None, offer.item.receipt_valid_s
    end_ms = ends_at_ms(state, offer.key, offer.item)
    return end_ms, valid_for_s(state, offer.item, end_ms)


def lingers_for_ms(state: State, key: LicenceKey, item: ProductItem) -> int:
    """For how long a seat lingers that is given back now: never past the licence's end."""
    end_ms, linger_ms = ends_at_ms(state, key, item), item.linger_s * 1000
    return linger_ms if end_ms is None else max(0, min(linger_ms, end_ms - state.log_time_ms))
