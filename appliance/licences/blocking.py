"""Blocked containers: which block list is news, and whom it locks.

A vendor blocks a container by a signed list that names it, and unblocks it by a newer list that no
longer does. What can go wrong in here is to take an old list for news: whoever stole a container
has the list of the day before, too. So the highest number ever seen is kept, by each container and
by the ledger, and no lower one counts again.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from appliance.licences.model import BlockList, Container
from appliance.licences.refusals import BlockListRefused


def is_news(seen: BlockList, offered: BlockList) -> bool:
    """Whether `offered` is newer than what was seen; False if it is that very list.

    Raises BlockListRefused if it is older, or another list under the same number.
    """
    if offered.number < seen.number:
        raise BlockListRefused(
            "older",
            f"Block list {offered.number} is older than list {seen.number}, which was seen before;"
            " fetch the present one.",
        )
    if offered.number > seen.number:
        return True
    if offered.data != seen.data:
        raise BlockListRefused(
            "same-number",
            f"There are two different block lists {seen.number}, both signed by the licence root;"
            " report this to the vendor.",
        )
    return False


def check_current(block_list: BlockList, at_ms: int) -> None:
    """Raise BlockListRefused if this list is over at `at_ms` (Unix ms, a certified time).

    Else whoever keeps a container's block from it could show it the last list without that block
    for ever.
    """
    if at_ms > block_list.next_update_s * 1000:
        raise BlockListRefused(
            "stale",
            f"Block list {block_list.number} is over; the time server has to serve a newer one.",
        )


def relocked(containers: Iterable[Container], block_list: BlockList) -> tuple[Container, ...]:
    """The containers that this list locks or unlocks, as they are then."""
    return tuple(
        msgspec.structs.replace(container, locked=not container.locked)
        for container in containers
        if container.locked != bool(block_list.reason_for(container.serial))
    )
