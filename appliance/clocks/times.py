"""The three times of a container: certified, box and system (design section 1).

Certified time is set only by a time server. Box time is what the container remembers: stored at
intervals, raised to the computer's clock when that is later, never lowered by it, set to the
certified time by a certified update. System time is box time counted on by boot time, and is what
licences are compared with. So setting the computer's clock back gains nothing, not even across a
restart, and setting it forward moves box time until a certified update; that update lasts only once
the computer's clock is right too.

What is stored is a plain file in the hands of whoever owns the host. So at a start the container
looks up what it last signed of its system time in its own log, which is a chain, and goes on from
there (`not_before`): a file that was edited, put back or taken away gains nothing.

What can go wrong in here: counting on by the computer's clock instead of boot time, which jumps.
Boot time (`boot_ms`) starts anew with each boot, so it is never stored.
"""

from __future__ import annotations

import msgspec


class StoredTime(msgspec.Struct, frozen=True):
    """What survives a restart. Unix ms; `certified_ms` is None until a time server was asked."""

    box_ms: int
    certified_ms: int | None = None


class ContainerTime(msgspec.Struct, frozen=True):
    """A container's times: box time was `box_ms` (Unix ms) when boot time was `boot_ms`."""

    box_ms: int
    boot_ms: int
    certified_ms: int | None = None

    def system_time_ms(self, boot_ms: int) -> int:
        """System time in Unix ms at this boot time; never earlier than box time."""
        return self.box_ms + max(0, boot_ms - self.boot_ms)

    def stored(self) -> StoredTime:
        """What to store now, after `persisted_now` or `certified`."""
        return StoredTime(self.box_ms, self.certified_ms)


def started(persisted: StoredTime | None, wall_ms: int, boot_ms: int) -> ContainerTime:
    """The times at a start: box time as stored, raised to the computer's clock if that is later.

    `persisted` is None at a container's first start, which trusts the computer's clock.
    """
    if persisted is None:
        return ContainerTime(wall_ms, boot_ms)
    return ContainerTime(max(persisted.box_ms, wall_ms), boot_ms, persisted.certified_ms)


def not_before(time: ContainerTime, said_ms: int, boot_ms: int) -> ContainerTime:
    """The times at a start of a container that once signed that its system time was `said_ms`: what
    is stored of its clock may be gone, put back or edited, and it goes on from what it said."""
    if time.system_time_ms(boot_ms) >= said_ms:
        return time
    return ContainerTime(said_ms, max(boot_ms, time.boot_ms), time.certified_ms)


def persisted_now(time: ContainerTime, wall_ms: int, boot_ms: int) -> ContainerTime:
    """The times at a storing interval: box time is system time, or the computer's if that is later.

    Store `.stored()` of it.
    """
    box_ms = max(time.system_time_ms(boot_ms), wall_ms)
    return ContainerTime(box_ms, max(boot_ms, time.boot_ms), time.certified_ms)


def certified(time: ContainerTime, certified_ms: int, boot_ms: int) -> ContainerTime:
    """The times after a certified update, which alone may set box time back.

    `certified_ms` is the verified time of a time server. Store `.stored()` of the result.
    """
    return ContainerTime(certified_ms, max(boot_ms, time.boot_ms), certified_ms)
