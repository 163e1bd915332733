"""What the state keeps of containers: what they hold, where they are, their times and bindings.

A base of `appliance.licences.state.State`; what two of three make of it is said in `merge`. Only
the handlers that `appliance.licences.machine` lists write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Final

import msgspec

from appliance.licences.blocking import relocked
from appliance.licences.counting import Counting
from appliance.licences.merge import (
    available,
    available_again,
    changed_in,
    merge,
    merged_again,
)
from appliance.licences.model import BlockList, Certified, Container, LicenceKey
from appliance.licences.offers import by_licence, offers_again, offers_of, with_periods
from appliance.licences.records import Bound, Delivery
from appliance.licences.undo import ABSENT

HOSTS_MAX: Final = 16
"""Of how many hosts it is remembered which container they brought."""


class ContainerBook(Counting):
    """The tables of a state, with what writes those of containers."""

    __slots__ = ()

    def virtual_certified_ms(self) -> int | None:
        """The virtual container's certified time, Unix ms: the second-highest of the unlocked
        containers' (design D6), or that of the one; None while fewer than two have one."""
        certified = self.virtual_certified()
        return None if certified is None else certified.time_ms

    def virtual_certified(self) -> Certified | None:
        """The same, as that container's certified time is known."""
        known = sorted(
            (
                certified
                for serial, certified in self.certified.items()
                if serial in self.containers and not self.containers[serial].locked
            ),
            key=attrgetter("time_ms", "age_ms"),
        )
        needed = self.membership.needed
        return known[-needed] if len(known) >= needed else None

    def contact_ms(self) -> int:
        """When the vendor had contact with the virtual container last, Unix ms: the second-highest
        of what the unlocked containers had, by certified time or by an update; 0: never."""
        known = sorted(
            max(one.contact_ms, self.certified[serial].time_ms if serial in self.certified else 0)
            for serial, one in self.containers.items()
            if not one.locked
        )
        needed = self.membership.needed
        return known[-needed] if len(known) >= needed else 0

    def lower_contacts(self) -> None:
        """Log time was set back: no contact was later than that."""
        self.move_contacts(lambda at_ms: min(at_ms, self.log_time_ms))

    def move_contacts(self, moved: Callable[[int], int]) -> None:
        """Put when the vendor had contact with each container to what `moved` makes of it."""
        for serial, container in list(self.containers.items()):
            at_ms = moved(container.contact_ms)
            if at_ms != container.contact_ms:
                changed = msgspec.structs.replace(container, contact_ms=at_ms)
                self._put(self.containers, serial, changed)

    def set_container(
        self, container: Container, changed: frozenset[LicenceKey] | None = None
    ) -> None:
        """Take over one container's content, and merge anew: only the licences that `changed`, if
        it says what it has been known to hold otherwise."""
        self._put(self.containers, container.serial, container)
        if changed is None:
            self.derive()
        else:
            self._derive_again(changed)

    def remove_container(self, container: Container) -> None:
        """Forget a known container, its certified time and its word on its host; `set_container` of
        its successor, with which the merge is made anew, has to follow."""
        self._put(self.containers, container.serial, ABSENT)
        for table in (self.certified, self.bindings):
            if container.serial in table:
                self._put(table, container.serial, ABSENT)
        for key in [key for key in self.deliveries if key[0] == container.serial]:
            self._put(self.deliveries, key, ABSENT)

    def set_delivery(self, key: tuple[str, int], delivery: Delivery) -> None:
        """This update waits for the container and firm of this key."""
        self._put(self.deliveries, key, delivery)

    def end_delivery(self, key: tuple[str, int], sequence: int) -> None:
        """The container has this firm's update of this sequence: nothing up to it waits."""
        waiting = self.deliveries.get(key)
        if waiting is not None and waiting.sequence <= sequence:
            self._put(self.deliveries, key, ABSENT)

    def set_host(self, name: str, serial: str) -> None:
        """The container with this serial is at this upstream."""
        if self.hosts.get(name) != serial and (name in self.hosts or len(self.hosts) < HOSTS_MAX):
            self._put(self.hosts, name, serial)

    def derive(self) -> None:
        """Renew what follows from the containers: `view`, `items` and what is offered."""
        self.view = merge(self.containers.values())
        self.items = available(self.view)
        self.offers = offers_of(self.view, self.items)
        self.offered = by_licence(self.offers)
        self.periods = with_periods(self.items)

    def _derive_again(self, changed: frozenset[LicenceKey]) -> None:
        """As `derive`, if nothing but these licences changed in one container."""
        self.view = merged_again(self.view, self.containers.values(), changed)
        self.items = available_again(self.items, self.view, changed)
        self.offers, self.offered = offers_again(
            self.offers, self.offered, changed, self.view, self.items
        )
        some = with_periods({key: self.items[key] for key in changed if key in self.items})
        self.periods = changed_in(self.periods, {key: some.get(key) for key in changed})

    def set_block_list(self, block_list: BlockList) -> tuple[Container, ...]:
        """Take over a newer block list; gives the containers that it locked or unlocked."""
        self.block_list = block_list
        changed = relocked(self.containers.values(), block_list)
        for container in changed:
            self.set_container(container)
        return changed

    def set_anchor(self, root: bytes, log_time_ms: int, gone: Iterable[bytes]) -> None:
        """The entry with this root is what requests for certified time name from now on; those with
        the roots `gone`, no more."""
        for old in gone:
            self._put(self.anchors, old, ABSENT)
        self._put(self.anchors, root, log_time_ms)
        self.anchor = root

    def spend_certified(self, serial: str) -> None:
        """What this container's certified time says lowers log time no second time."""
        spent = msgspec.structs.replace(self.certified[serial], spent=True)
        self._put(self.certified, serial, spent)

    def set_certified(self, serial: str, certified_ms: int, asked_log_time_ms: int = 0) -> None:
        """Take over a container's certified time (Unix ms), asked for at that log time."""
        certified = Certified(certified_ms, asked_log_time_ms, age_ms=self.age_ms)
        self._put(self.certified, serial, certified)

    def set_binding(self, serial: str, bound: Bound) -> None:
        """Keep what a known container said of what holds its key."""
        self._put(self.bindings, serial, bound)
