"""The 2-of-3 merge: which TMR licences three twins hold together (design section 1, invariant 4).

Firm code, product code and TMR-ID say which constituents are the same licence; all other fields of
the product item must then be equal too. Content is compared first, over all containers, and only
then locks are looked at: a locked twin still says what the licence is, but does not count for its
availability. Items without a TMR-ID (0) are ordinary licences and no business of the merge of
twins; of a container that stands alone they are all that counts, by the same rule: one of one. A
licence that was given back is none any more, whichever of the containers says so: one that did not
import the update which took it away, or was put back to before it, holds nothing by what it has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, TypeVar

import msgspec

from appliance.licences.deltas import item_in
from appliance.licences.grants import NO_HASH, item_hash
from appliance.licences.members import majority
from appliance.licences.model import Container, LicenceKey, ProductItem
from appliance.licences.protection import fits_in

OK: Final = "ok"
DIFFERS: Final = "differs"
MISSING: Final = "missing"
LOCKED: Final = "locked"
UNREACHABLE: Final = "unreachable"

TWINS: Final = (1, 2, 3)
QUORUM: Final = majority(len(TWINS))
SINGLE: Final = 0
"""In the place of a twin number: that of a container that stands alone."""

V = TypeVar("V")
_FIELDS = tuple(
    name for name in ProductItem.__struct_fields__ if name not in ("product_code", "tmr_id")
)


class Constituent(msgspec.Struct, frozen=True):
    """One twin's share of a licence. `state` is OK, DIFFERS, MISSING, LOCKED or, in a live view
    only, UNREACHABLE; `serial` is "" if the ledger knows no container with this twin number.

    `differs_in` names the fields of ProductItem in which a twin, locked or not, disagrees.
    """

    serial: str
    twin: int
    state: str
    differs_in: tuple[str, ...] = ()


class TmrLicence(msgspec.Struct, frozen=True):
    """One licence as three twins hold it.

    `item` is what two or more of them agree on, None if no two do, and `item_hash` (zeros for None)
    tells it from any other; `listed` is for display: `item`, or else what the lowest twin holds.
    `constituents` are always three, in the order of twins, or the one that stands alone, of which
    one is enough where it takes two of three. `available` says whether two or more
    matching twins are unlocked; `fitting` are the serials of those that are bound as the item
    wants.
    """

    key: LicenceKey
    firm_name: str
    item: ProductItem | None
    listed: ProductItem
    constituents: tuple[Constituent, ...]
    available: bool
    item_hash: bytes = NO_HASH
    fitting: tuple[str, ...] = ()

    @property
    def needed(self) -> int:
        """How many of the constituents it takes."""
        return majority(len(self.constituents))

    @property
    def matching(self) -> tuple[str, ...]:
        """Serials of the unlocked twins that hold the agreed item (or of the only one there is)."""
        return self._serials(OK)

    @property
    def differing(self) -> dict[str, tuple[str, ...]]:
        """Serials of the unlocked twins that disagree, each with the fields in which it does."""
        return {twin.serial: twin.differs_in for twin in self.constituents if twin.state == DIFFERS}

    @property
    def missing(self) -> tuple[int, ...]:
        """The twin numbers that hold no such licence."""
        return tuple(twin.twin for twin in self.constituents if twin.state == MISSING)

    @property
    def locked(self) -> tuple[str, ...]:
        """Serials of the locked twins that hold some version of it."""
        return self._serials(LOCKED)

    def _serials(self, state: str) -> tuple[str, ...]:
        return tuple(twin.serial for twin in self.constituents if twin.state == state)

    def available_among(self, reachable: Collection[str]) -> bool:
        """Whether two or more matching, unlocked twins that fit are among these serials; if fewer
        fit at all, whether they fit does not matter here."""
        if not self.available:
            return False
        among = 0
        needed = self.needed
        for serial in self.fitting if len(self.fitting) >= needed else self.matching:
            if serial in reachable:
                among += 1
        return among >= needed

    def live(self, reachable: Collection[str]) -> tuple[Constituent, ...]:
        """The constituents, with UNREACHABLE for each that would be OK but is not among these."""
        return tuple(
            Constituent(twin.serial, twin.twin, UNREACHABLE)
            if twin.state == OK and twin.serial not in reachable
            else twin
            for twin in self.constituents
        )


def merge(containers: Iterable[Container]) -> dict[LicenceKey, TmrLicence]:
    """Every licence with a TMR-ID that any of these twins holds, or every other one that a
    container that stands alone holds.

    The containers must share a CmActID and have different twin numbers out of 1, 2, 3, or be one
    that stands alone; a container must hold a key at most once (appliance.licences.updates sees to
    it).
    """
    twins = sorted(containers, key=lambda container: container.twin)
    gone = _returned(twins)
    held: dict[LicenceKey, dict[int, ProductItem]] = {}
    names: dict[LicenceKey, str] = {}
    for container in twins:
        for firm in container.firms:
            for item in firm.items:
                key = LicenceKey(firm.firm_code, item.product_code, item.tmr_id)
                if not _is_of(container.twin, key) or key in gone:
                    continue
                held.setdefault(key, {})[container.twin] = item
                names.setdefault(key, firm.firm_name)
    return {key: _licence(key, names[key], twins, held[key]) for key in sorted(held)}


def merged_again(
    before: Mapping[LicenceKey, TmrLicence],
    containers: Iterable[Container],
    changed: Collection[LicenceKey],
) -> Mapping[LicenceKey, TmrLicence]:
    """As `merge`, which gave `before`, once these licences changed in the firm items of one of the
    containers, and nothing else of any container: what costs as much as what changed.

    The items of a firm have to be in their order (`licences.deltas`).
    """
    twins = sorted(containers, key=lambda container: container.twin)
    gone = _returned(twins)
    return changed_in(
        before, {key: None if key in gone else _merged(twins, key) for key in changed}
    )


def _merged(twins: Sequence[Container], key: LicenceKey) -> TmrLicence | None:
    """What these twins hold of this licence together, None if nothing."""
    held, name = _held(twins, key)
    return _licence(key, name, twins, held) if held else None


def _is_of(twin: int, key: LicenceKey) -> bool:
    """Whether a container of this twin number has a part in such a licence."""
    return (key.tmr_id == 0) == (twin == SINGLE)


def _held(twins: Iterable[Container], key: LicenceKey) -> tuple[dict[int, ProductItem], str]:
    """What each twin holds of this licence, and the firm's name."""
    held: dict[int, ProductItem] = {}
    name = ""
    for container in twins:
        firm = container.firm(key.firm_code)
        if firm is None or not _is_of(container.twin, key):
            continue
        item = item_in(firm.items, key.product_code, key.tmr_id)
        if item is not None:
            held[container.twin] = item
            name = name or firm.firm_name
    return held, name


def _returned(twins: Iterable[Container]) -> frozenset[LicenceKey]:
    """What any of these containers says was given back, of whom it was issued."""
    return frozenset(
        LicenceKey(firm.firm_code, one.product_code, one.tmr_id)
        for container in twins
        for firm in container.firms
        for one in firm.returned
    )


def _licence(
    key: LicenceKey, firm_name: str, twins: Sequence[Container], items: dict[int, ProductItem]
) -> TmrLicence:
    places = (SINGLE,) if SINGLE in items else TWINS
    needed = majority(len(places))
    item = _agreed(list(items.values()), needed)
    by_twin = {container.twin: container for container in twins}
    constituents = []
    for twin in places:
        container, mine = by_twin.get(twin), items.get(twin)
        serial = container.serial if container else ""
        if container is None or mine is None:
            constituents.append(Constituent(serial, twin, MISSING))
            continue
        differs_in = _differences(mine, items.values() if item is None else (item,))
        state = LOCKED if container.locked else DIFFERS if differs_in else OK
        constituents.append(Constituent(serial, twin, state, differs_in))
    matching = [by_twin[one.twin] for one in constituents if one.state == OK]
    return TmrLicence(
        key=key,
        firm_name=firm_name,
        item=item,
        listed=item or items[min(items)],
        constituents=tuple(constituents),
        available=len(matching) >= needed,
        item_hash=NO_HASH if item is None else item_hash(key.firm_code, item),
        fitting=tuple(one.serial for one in matching if item is not None and fits_in(item, one)),
    )


def _agreed(items: Sequence[ProductItem], needed: int) -> ProductItem | None:
    """The item that so many of them hold, which is a majority: there is no second one."""
    return next((item for item in items if items.count(item) >= needed), None)


def _differences(mine: ProductItem, others: Iterable[ProductItem]) -> tuple[str, ...]:
    others = tuple(others)
    return tuple(
        name
        for name in _FIELDS
        if any(getattr(mine, name) != getattr(other, name) for other in others)
    )


def available_again(
    before: Mapping[LicenceKey, ProductItem],
    view: Mapping[LicenceKey, TmrLicence],
    changed: Collection[LicenceKey],
) -> Mapping[LicenceKey, ProductItem]:
    """As `available`, which gave `before`, once these licences changed in the view."""
    some = available({key: view[key] for key in changed if key in view})
    return changed_in(before, {key: some.get(key) for key in changed})


def changed_in(
    before: Mapping[LicenceKey, V], changes: Mapping[LicenceKey, V | None]
) -> Mapping[LicenceKey, V]:
    """This table with these rows, None for those that are gone: the very table if that changes
    nothing. In no particular order: to keep one would cost a walk over all for each that is new."""
    others = {key: value for key, value in changes.items() if before.get(key) != value}
    if not others:
        return before
    made = dict(before)
    for key, value in others.items():
        if value is not None:
            made[key] = value
        else:
            del made[key]
    return made


def available(view: Mapping[LicenceKey, TmrLicence]) -> dict[LicenceKey, ProductItem]:
    """The item of each licence that may be used."""
    return {
        key: licence.item
        for key, licence in view.items()
        if licence.available and licence.item is not None
    }
