"""What a firm has issued: updates, licences, and to which container."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from appliance.licences.model import ProductItem
from appliance.licences.protection import fits
from appliance.licences.serials import Kind
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.root import ActivatedContainer


def update_file_name(serial: str, firm_code: int, sequence: int) -> str:
    """How an update file is named where it is handed out."""
    return f"{serial}.{firm_code}.{sequence:08d}.tmr-update"


class IssuedUpdate(NamedTuple):
    """One signed update file, for one container."""

    serial: str
    firm_code: int
    sequence: int
    data: bytes

    @property
    def file_name(self) -> str:
        """The file's name: sorts in the order in which a container must apply a firm's updates."""
        return update_file_name(self.serial, self.firm_code, self.sequence)


class Issue(NamedTuple):
    """What came of issuing or changing a licence; `expires_at_s` is Unix time, None for no end."""

    firm_code: int
    product_code: int
    tmr_id: int
    updates: tuple[IssuedUpdate, ...]
    expires_at_s: int | None


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """How far one firm is with one container: the newest update's `sequence`; `confirmed` is the
    newest sequence of which the container's receipt is here, `confirmed_at_s` when it signed that
    one by its own clock (Unix time), `units_confirmed` as in a FirmItem. `heir` is the serial of
    the container to which all that it held was issued anew, "" if it was not."""

    container: ActivatedContainer
    sequence: int = 0
    confirmed: int = 0
    confirmed_at_s: int = 0
    units_confirmed: str = ""
    heir: str = ""

    @property
    def serial(self) -> str:
        """The container's serial."""
        return self.container.serial


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What an act does to what one container holds: its next update puts these items, each in the
    place of the one with its product code and TMR-ID, and takes away those of `dropped`."""

    held: Held
    put: tuple[ProductItem, ...] = ()
    dropped: tuple[tuple[int, int], ...] = ()
    units_confirmed: str | None = None

    @property
    def sequence(self) -> int:
        """The next update's."""
        return self.held.sequence + 1


class IssuedItem(NamedTuple):
    """One licence's constituent in one container."""

    firm_code: int
    container: ActivatedContainer
    item: ProductItem


def check_kinds(items: Iterable[ProductItem], kinds: Mapping[str, Kind]) -> None:
    """Raises CentralRefused if one of these would rest in one of these containers, by serial, as it
    is of another kind than its vendor wants."""
    for item in items:
        for serial, kind in kinds.items():
            if not fits(item, kind):
                raise CentralRefused(
                    f"Product {item.product_code} works in containers of the kind"
                    f" {item.containers!r} only (--containers), and {serial} is none: have the"
                    " customer send requests of such containers, or change that option."
                )
