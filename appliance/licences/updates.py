"""What may change a container's content: one verified update on top of its predecessor, no other.

A signature says who made an update, not that it fits: an update of another group, of a twin number
already taken, applied twice or out of order, or with values that no licence can have, must change
nothing. What can go wrong in here is a value that passes and later overflows where outcomes are
laid out as bytes (appliance.ledger.certificates.receipts), so every number has a bound.

A twin number is free again once its container is blocked: the vendor issued that twin anew for the
host that took the lost one's place (design D7). Container contents enter by an entry with the
vendor-signed file only (D1), and the licence root, which certified the new one as that twin, is who
blocked the old one. A blocked container is no newcomer, so no old file of his brings it back.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from appliance.licences.bounds import CODE_MAX, COUNT_MAX, HASH_SIZE, TEXT_MAX
from appliance.licences.deltas import whole
from appliance.licences.merge import SINGLE, TWINS
from appliance.licences.model import BlockList, Container, ContainerUpdate, FirmItem, ProductItem
from appliance.licences.options import contradiction, out_of_bounds
from appliance.licences.refusals import UpdateRefused
from appliance.licences.serials import Mask, Serial

FIRMS_MAX = 256
"""Firm items in one container."""
ITEMS_MAX = 4_096
"""Product items in one update: more come by several, each of which changes the one before."""
RETURNED_MAX = 4_096
"""Licences that one update names as given back, or takes away."""
CERTIFICATE_MAX = 8_192
"""Bytes of a container's certificate."""


def updated_container(
    containers: Mapping[str, Container], update: ContainerUpdate, *, alone: bool = False
) -> Container | None:
    """The container after this update, or None if it was imported before, exactly as it is.

    `containers` are those the ledger knows, by serial; `alone` says that it is one on one host.
    Raises UpdateRefused.
    """
    _check_values(update)
    _check_kind(update, alone=alone)
    known = containers.get(update.serial)
    _check_identity(containers, known, update)
    current = known.firm(update.firm.firm_code) if known else None
    if _is_imported(current, update):
        return None
    _check_sequence(update, current.sequence if current else 0)
    firm = whole(current, update)
    others = known.firms if known else ()
    firms = [other for other in others if other.firm_code != firm.firm_code]
    if len(firms) >= FIRMS_MAX:
        raise UpdateRefused(
            f"Container {update.serial} already holds {FIRMS_MAX} firm items, which is all it can;"
            " use another group of containers for this firm."
        )
    firms.append(firm)
    firms.sort(key=lambda item: item.firm_code)
    if known:
        return msgspec.structs.replace(known, firms=tuple(firms))
    return Container(
        serial=update.serial,
        cmact_id=update.cmact_id,
        twin=update.twin,
        certificate=update.certificate,
        firms=tuple(firms),
        binding=update.binding,
    )


def succeeded_container(
    containers: Mapping[str, Container], block_list: BlockList, update: ContainerUpdate
) -> Container | None:
    """The blocked container whose place this update's container takes, None if it takes nobody's.

    For an update that `updated_container` allows. Raises UpdateRefused if the new one is blocked.
    """
    if update.serial in containers:
        return None
    gone = _twin(containers, update.twin)
    reason = block_list.reason_for(update.serial)
    if gone is not None and reason:
        raise UpdateRefused(
            f"Container {update.serial} is blocked itself ({reason}) and cannot take the place of"
            f" {gone.serial}; have the vendor issue that twin to a new container."
        )
    return gone


def _twin(containers: Mapping[str, Container], twin: int) -> Container | None:
    return next((other for other in containers.values() if other.twin == twin), None)


def _check_identity(
    containers: Mapping[str, Container], known: Container | None, update: ContainerUpdate
) -> None:
    """Refuse an update of a container that is none of this ledger's three, or changed identity."""
    first = next(iter(containers.values()), None)
    if first and update.cmact_id != first.cmact_id:
        raise UpdateRefused(
            f"The update is for the container group with CmActID {update.cmact_id}, but this ledger"
            f" serves {first.cmact_id}; import it where that group runs."
        )
    if known is None:
        taken = _twin(containers, update.twin)
        if taken and not taken.locked:
            raise UpdateRefused(
                f"Container {update.serial} says it is twin {update.twin}, which is container"
                f" {taken.serial}; if that one is lost, import the vendor's block list that names"
                " it first, else ask the vendor for an update that fits this group."
            )
        return
    if known.twin != update.twin:
        raise UpdateRefused(
            f"Container {update.serial} is twin {known.twin}, but the update says twin"
            f" {update.twin}; ask the vendor for an update that fits this group."
        )
    if known.certificate != update.certificate:
        raise UpdateRefused(
            f"The update names another certificate for container {update.serial} than the ledger"
            " knows; make a new request on that host and have the vendor answer it."
        )


def _check_kind(update: ContainerUpdate, *, alone: bool) -> None:
    """Refuse a twin where a container stands alone, and one that stands alone among twins."""
    if alone and update.twin != SINGLE:
        raise UpdateRefused(
            f"Container {update.serial} is twin {update.twin} of a group, and this is a server that"
            " stands alone; ask the vendor for a licence for a single container."
        )
    if not alone and update.twin == SINGLE:
        raise UpdateRefused(
            f"Container {update.serial} is certified to stand alone, and takes no part in a group"
            " of three; ask the vendor to issue the licence to the group."
        )


def _is_imported(current: FirmItem | None, update: ContainerUpdate) -> bool:
    firm = update.firm
    if current is None or current.sequence != firm.sequence:
        return False
    if update.base is None:
        return current == whole(None, update)
    # The firm's word is for all items afterwards, and for nothing else.
    return (current.word, current.units_confirmed) == (firm.word, firm.units_confirmed)


def _check_sequence(update: ContainerUpdate, current: int) -> None:
    firm = update.firm
    name = f"Update {firm.sequence} of firm {firm.firm_code} for container {update.serial}"
    if firm.sequence == current:
        raise UpdateRefused(
            f"{name} has other content than the update {current} already imported;"
            " ask the vendor for a new update."
        )
    if firm.sequence < current:
        raise UpdateRefused(
            f"{name} is older than update {current}, which is imported already;"
            " nothing needs to be done."
        )
    if update.base is None and firm.sequence > current + 1:
        raise UpdateRefused(f"{name} does not follow on {current}; import {current + 1} first.")


def _check_values(update: ContainerUpdate) -> None:
    """Refuse whatever no container, firm or product item can be."""
    try:
        serial = Serial.parse(update.serial)
    except ValueError as error:
        raise UpdateRefused(f"The update is for no container: {error}.") from error
    if serial.mask is Mask.VIRTUAL:
        raise UpdateRefused(
            f"Container {serial} is virtual, and a virtual container takes no updates;"
            " import the updates of its three constituents."
        )
    firm = update.firm
    _require(update.twin in (SINGLE, *TWINS), update, "twin")
    _require(0 < len(update.cmact_id) <= TEXT_MAX, update, "CmActID")
    _require(len(update.certificate) <= CERTIFICATE_MAX, update, "certificate")
    _require(0 < firm.firm_code <= CODE_MAX, update, "firm code")
    _require(0 < firm.sequence <= COUNT_MAX, update, "sequence")
    _require(len(firm.firm_name) <= TEXT_MAX, update, "firm name")
    _require(len(firm.items) <= ITEMS_MAX, update, "number of product items")
    _require(len(firm.returned) <= RETURNED_MAX, update, "number of returned licences")
    _require(len(update.dropped) <= RETURNED_MAX, update, "number of licences that are gone")
    if update.base is not None:
        _require(0 <= update.base.sequence < firm.sequence, update, "base")
        _require(len(update.base.root) <= HASH_SIZE, update, "base")
    for returned in firm.returned:
        _require(0 <= returned.product_code <= CODE_MAX, update, "returned licence")
        _require(0 < returned.tmr_id <= CODE_MAX, update, "returned licence")
    _check_items(update, firm)


def _check_items(update: ContainerUpdate, firm: FirmItem) -> None:
    seen: set[tuple[int, int]] = set()
    for item in firm.items:
        wrong = _wrong_field(item)
        name = f"{firm.firm_code}:{item.product_code}#{item.tmr_id}"
        if wrong:
            raise UpdateRefused(
                f"Licence {name} in the update for container {update.serial} has an impossible"
                f" {wrong}; ask the vendor to issue it again."
            )
        wrong = contradiction(item)
        if wrong:
            raise UpdateRefused(
                f"Licence {name} in the update for container {update.serial} {wrong}; ask the"
                " vendor to issue it again."
            )
        identity = (item.product_code, item.tmr_id)
        if (item.tmr_id or update.twin == SINGLE) and identity in seen:
            raise UpdateRefused(
                f"Licence {name} stands twice in the update for container {update.serial};"
                " ask the vendor to issue it again."
            )
        seen.add(identity)


def _wrong_field(item: ProductItem) -> str:
    """The first field of a product item whose value is out of bounds, "" if there is none."""
    for name, code in (("product code", item.product_code), ("TMR-ID", item.tmr_id)):
        if not 0 <= code <= CODE_MAX:
            return name
    field = out_of_bounds(item)
    return "" if field is None else field.name


def _require(condition: bool, update: ContainerUpdate, what: str) -> None:
    if not condition:
        raise UpdateRefused(
            f"The update for container {update.serial} has an impossible {what};"
            " ask the vendor to issue it again."
        )
