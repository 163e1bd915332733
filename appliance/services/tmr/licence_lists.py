"""Licences as API documents: all, a page of them, and those that something may be wrong with.

What can go wrong in here is length: a firm may have ten thousand licences, and a document of one
takes 30 microseconds to make. So whoever asks gets a page, what judges looks at few, and what needs
them all lets other work in between (`slices`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from hashlib import sha256
from operator import attrgetter
from typing import Final, NamedTuple

import msgspec

from appliance.codec import api
from appliance.licences.item import ItemOptions, options_of
from appliance.licences.merge import OK, TmrLicence
from appliance.licences.model import LicenceKey
from appliance.licences.options.certified_age import certified_until_ms
from appliance.licences.options.contact import contact_until_ms
from appliance.licences.options.units import units_rest
from appliance.licences.options.usage_period import usage_end_ms, usage_start_ms
from appliance.licences.reasons import NO_SEAT_FREE
from appliance.licences.state import State
from appliance.licences.validity import why_refused
from appliance.watch.licence_checks import is_plain

PAGE_ROWS: Final = 500
PAGE_ROWS_MAX: Final = 2_000
PAGE_BYTES: Final = 512 << 10
"""Held in memory until its reader has it, so it is small; whoever wants more asks for the next."""
SLICE_ROWS: Final = 100
ANY: Final = -1
"""Of a code: whichever it is."""
_EDITION_BYTES: Final = 8

_encoder = msgspec.json.Encoder()


class Wanted(NamedTuple):
    """Which licences somebody asks for: with `everything` also those that cannot be used now, and
    only those behind `after`, of that firm code, of that product code. At most `limit` of them."""

    everything: bool = True
    after: LicenceKey | None = None
    limit: int = PAGE_ROWS
    firm_code: int = ANY
    product_code: int = ANY


class Seen(NamedTuple):
    """How one host sees the containers: `reachable` are serials, `hosts` maps one to its
    upstream."""

    reachable: Collection[str]
    hosts: Mapping[str, str]


def licences(state: State, seen: Seen) -> api.LicencesDocument:
    """The virtual container: all that is known, also what cannot be used now."""
    return _listed(state, seen, state.view.values())


def of_concern(state: State, seen: Seen) -> api.LicencesDocument:
    """The licences of which the checks of `appliance.watch` may have something to say."""
    now_s = state.log_time_ms / 1000
    shown = (
        one
        for one in state.view.values()
        if not (_is_whole(one, seen) and is_plain(one.listed, now_s))
    )
    return _listed(state, seen, shown)


def slices(state: State, seen: Seen) -> Iterator[list[api.LicenceDocument]]:
    """All licences, a few at a time. What changes in between shows in the later ones."""
    whole, reserved = _in_order(state.view.values()), units_reserved(state)
    for at in range(0, len(whole), SLICE_ROWS):
        yield [licence(state, one, seen, reserved) for one in whole[at : at + SLICE_ROWS]]


def page(
    state: State,
    seen: Seen,
    wanted: Wanted,
    told: Callable[[api.LicenceDocument], api.LicenceDocument],
) -> bytes:
    """A `LicencesDocument` as JSON: at most `limit` licences in order, and no more than
    `PAGE_BYTES`; of each what `told` says."""
    rows: list[msgspec.Raw] = []
    size = 0
    following = False
    last: LicenceKey | None = None
    reserved = units_reserved(state)
    for one in _wanted(state, seen, wanted):
        row = _encoder.encode(told(licence(state, one, seen, reserved)))
        size += len(row) + 1
        if len(rows) == wanted.limit or (rows and size > PAGE_BYTES):
            following = True
            break
        rows.append(msgspec.Raw(row))
        last = one.key
    made: dict[str, object] = {
        "virtual_serial": state.virtual_serial,
        "licences": rows,
        "log_time_ms": state.log_time_ms,
        "edition": edition(state, seen, everything=wanted.everything),
    }
    if following and last is not None:
        made["next"] = place(last)
    return _encoder.encode(made)


def as_it_is(document: api.LicenceDocument) -> api.LicenceDocument:
    """All that is known of a licence."""
    return document


def place(key: LicenceKey) -> str:
    """What a page ends with, as `?after=` takes it: it needs no quoting in an address."""
    return f"{key.firm_code}:{key.product_code}:{key.tmr_id}"


def edition(state: State, seen: Seen, *, everything: bool) -> str:
    """What tells one list of licences from another, on whichever host: it follows from what the
    containers were issued, and from which of them are reached if not everything is listed."""
    told = [
        state.ledger_id.hex(),
        everything or sorted(seen.reachable),
        sorted(
            (one.serial, one.locked, [(firm.firm_code, firm.sequence) for firm in one.firms])
            for one in state.containers.values()
        ),
    ]
    return sha256(_encoder.encode(told)).digest()[:_EDITION_BYTES].hex()


def _wanted(state: State, seen: Seen, wanted: Wanted) -> Iterator[TmrLicence]:
    """All that is asked for, in order."""
    keys = sorted(state.view)
    first = 0 if wanted.after is None else bisect_right(keys, wanted.after)
    if wanted.firm_code != ANY:
        begins = LicenceKey(wanted.firm_code, max(0, wanted.product_code), 0)
        first = max(first, bisect_right(keys, begins))
    for at in range(first, len(keys)):
        key = keys[at]
        if wanted.firm_code not in (ANY, key.firm_code):
            return
        if wanted.product_code not in (ANY, key.product_code):
            continue
        one = state.view[key]
        if wanted.everything or _is_there(one, seen):
            yield one


def _in_order(licences: Iterable[TmrLicence]) -> list[TmrLicence]:
    """By their keys: almost in that order already, so this is quick."""
    return sorted(licences, key=attrgetter("key"))


def _listed(state: State, seen: Seen, shown: Iterable[TmrLicence]) -> api.LicencesDocument:
    reserved = units_reserved(state)
    return api.LicencesDocument(
        virtual_serial=state.virtual_serial,
        licences=tuple(licence(state, one, seen, reserved) for one in _in_order(shown)),
        log_time_ms=state.log_time_ms,
    )


def units_reserved(state: State) -> Counter[LicenceKey]:
    """How many units of each licence are reserved and not settled yet."""
    found: Counter[LicenceKey] = Counter()
    for taking in state.takings.values():
        if taking.unsettled:
            found.update(dict(taking.shares))
    return found


def _is_there(licence: TmrLicence, seen: Seen) -> bool:
    return licence.available_among(seen.reachable)


def _is_whole(licence: TmrLicence, seen: Seen) -> bool:
    """Whether all three twins match, are unlocked, are reached and fit."""
    if len(licence.fitting) != len(licence.constituents):
        return False
    return all(twin.state == OK and twin.serial in seen.reachable for twin in licence.constituents)


def licence(
    state: State, licence: TmrLicence, seen: Seen, reserved: Mapping[LicenceKey, int]
) -> api.LicenceDocument:
    """One licence as it is now; `reserved` are units (`units_reserved`)."""
    key, item = licence.key, licence.listed
    refusal = why_refused(state, licence, seen.reachable)
    started_s = _seconds(usage_start_ms(state, key, item))
    return api.LicenceDocument(
        firm_code=key.firm_code,
        firm_name=licence.firm_name,
        product_code=key.product_code,
        tmr_id=key.tmr_id,
        **options_of(item),
        in_use=state.in_use(key),
        available=refusal in ("", NO_SEAT_FREE),
        constituents=tuple(
            api.ConstituentDocument(
                host=seen.hosts.get(twin.serial, ""),
                serial=twin.serial,
                twin=twin.twin,
                state=twin.state,
                differs_in=twin.differs_in,
            )
            for twin in licence.live(seen.reachable)
        ),
        units_left=state.units_left(key),
        certified_until_s=_seconds(_certified_until_ms(state, item)),
        units_unconfirmed=item.units is not None and units_rest(state, key.firm_code),
        usage_started_s=started_s,
        usage_ends_s=None if started_s is None else _seconds(usage_end_ms(state, key, item)),
        refusal=refusal,
        lingering=state.lingering.get(key, 0),
        units_reserved=reserved.get(key, 0),
    )


def _certified_until_ms(state: State, item: ItemOptions) -> int | None:
    """When a licence rests unless certified time comes: as certified time itself or as contact."""
    limits = (certified_until_ms(state, item), contact_until_ms(state, item))
    return min((limit for limit in limits if limit is not None), default=None)


def _seconds(time_ms: int | None) -> int | None:
    return None if time_ms is None else time_ms // 1000
