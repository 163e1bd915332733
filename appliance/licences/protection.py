"""In which containers a licence works: in any, in bound ones, or only in hardware.

A vendor says so of a product item (`options.containers`). What can go wrong in here is a licence
whose three containers are of different kinds: those that do not fit count for nothing, so each of
them objects, and two others have to do.
"""

from __future__ import annotations

from typing import Final

from appliance.licences.item import ItemOptions
from appliance.licences.model import Container
from appliance.licences.serials import Kind, kind_of

CONTAINERS: Final = {"any": Kind.ANY, "bound": Kind.BOUND, "hardware": Kind.HARDWARE}
"""What a vendor may say, and how firmly a container then has to be bound."""


def fits(item: ItemOptions, kind: Kind) -> bool:
    """Whether this item works in a container that is bound so firmly."""
    return item.containers == "any" or kind >= CONTAINERS[item.containers]


def fits_in(item: ItemOptions, container: Container) -> bool:
    """Whether this item works in that container."""
    return item.containers == "any" or fits(item, kind_of(container.serial, container.binding))
