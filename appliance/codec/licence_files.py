"""Licence files: a vendor's update (design D3, D8).

An update is a signed file (`appliance.codec.signed_files`), signed by the firm's key, whose
certificate it carries (`x5c`). What a container asks with is `appliance.codec.request_files`.

What can go wrong in here is a file with two readings. So the payload has no unknown members, and an
option that this version does not know is refused, not skipped.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.codec.firm_words import Rooted, check_word, make_word
from appliance.codec.signed_files import (
    ALGORITHM,
    FILE_BYTES_MAX,
    FileRefused,
    open_file,
    sign_file,
    verify_file,
)
from appliance.licences.bounds import CODE_MAX, COUNT_MAX, HASH_SIZE
from appliance.licences.model import ContainerUpdate, FirmItem, ProductItem
from appliance.licences.options import OPTIONS, contradiction, out_of_bounds
from appliance.licences.options.row import Kind
from appliance.licences.refusals import UpdateRefused
from appliance.licences.rules import FIRST, VERSION_MAX
from appliance.licences.serials import Binding
from appliance.licences.updates import ITEMS_MAX, RETURNED_MAX
from appliance.unreadable import UNREADABLE
from appliance.verifier.certificates import (
    CertificateRefused,
    ContainerIdentity,
    FirmIdentity,
    verify_container_certificate,
    verify_firm_certificate,
)

UPDATE_TYPE: Final = "tmr-update+jws"
UNKNOWN_RULES: Final = VERSION_MAX + 1
"""What an update needs that names an option which this release does not know."""


class _StrictItem(ProductItem, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product item in which nothing is skipped."""


class _StrictFirm(FirmItem, frozen=True, kw_only=True, forbid_unknown_fields=True):
    items: tuple[_StrictItem, ...] = ()


class _Named(msgspec.Struct, frozen=True):
    """The names of all members of a firm's items, whatever they hold."""

    items: tuple[dict[str, msgspec.Raw], ...] = ()


class _NamedUpdate(msgspec.Struct, frozen=True):
    firm: _Named


class _StrictUpdate(ContainerUpdate, frozen=True, kw_only=True, forbid_unknown_fields=True):
    firm: _StrictFirm


_SINCE: Final = dict.fromkeys(ProductItem.__struct_fields__, FIRST) | {
    field.field: option.since for option in OPTIONS for field in option.fields
}
"""With which rules each member of an item came."""


def build_update(
    firm_key: Ed25519PrivateKey,
    firm_certificate: bytes,
    update: ContainerUpdate,
    tree: Rooted | None = None,
) -> bytes:
    """The update file, signed by the firm, with the firm's word for its items. Raises UpdateRefused
    if it would be over the bounds. `tree` is that of all items afterwards; without it they are
    those in the update.

    What it says is judged by `read_update` alone: a vendor's tool reads back what it wrote.
    """
    header = {
        "alg": ALGORITHM,
        "typ": UPDATE_TYPE,
        "x5c": [b64encode(firm_certificate).decode()],
    }
    word = make_word(firm_key, firm_certificate, update, tree)
    firm = msgspec.structs.replace(update.firm, word=word)
    data = sign_file(firm_key, header, msgspec.structs.replace(update, firm=firm))
    if len(data) > FILE_BYTES_MAX:
        raise UpdateRefused(
            f"The update would be {len(data)} bytes long; more than {FILE_BYTES_MAX} is refused."
        )
    return data


def read_update(data: bytes, root: bytes) -> ContainerUpdate:
    """The update in this file, if every link of its chain holds up to `root` (DER).

    Checked: bounds, spelling, type, the firm's certificate and signature, that the firm signs for
    its own firm code and name, that the container's certificate is the root's and names the same
    container, the range of every value, and the firm's word for the items. Raises UpdateRefused,
    whatever the bytes are.
    """
    try:
        opened = open_file(data, UPDATE_TYPE, "update")
        if len(opened.header.x5c) != 1:
            raise FileRefused("The update carries no single firm certificate.")
        firm = _firm(opened.header.x5c[0], root)
        verify_file(opened, firm.public_key, "update")
    except FileRefused as refused:
        raise UpdateRefused(str(refused)) from None
    return update_in(opened.payload, firm, root)


def rules_of_update(data: bytes) -> int:
    """The version of the rules that these bytes need by the names of their options, whether or not
    anybody signed them: `UNKNOWN_RULES` if one is unknown here, the first if they are no update.

    Depends on nothing but names, so that a release that does not know one says the same.
    """
    try:
        return _rules_of(open_file(data, UPDATE_TYPE, "update").payload)
    except FileRefused:
        return FIRST


def _rules_of(payload: bytes) -> int:
    try:
        items = msgspec.json.decode(payload, type=_NamedUpdate).firm.items
    except UNREADABLE:
        return FIRST
    named = {name for item in items for name in item}
    return max((_SINCE.get(name, UNKNOWN_RULES) for name in named), default=FIRST)


def update_in(payload: bytes, firm: FirmIdentity, root: bytes) -> ContainerUpdate:
    """The update that this firm signed: everything after its signature. Raises UpdateRefused."""
    if _rules_of(payload) == UNKNOWN_RULES:
        raise UpdateRefused(
            "The update holds options that this release does not know: install a newer one."
        )
    try:
        msgspec.json.decode(payload, type=_StrictUpdate)
        update = msgspec.json.decode(payload, type=ContainerUpdate)
    except UNREADABLE as error:
        raise UpdateRefused(f"The update's content is not understood: {error}.") from None
    _check_firm(update, firm)
    container = _container(update, root)
    if update.binding:
        raise UpdateRefused("The update says how its container is bound; its certificate says it.")
    _check_base(update)
    _check_items(update.firm, single=container.is_single)
    check_word(update, firm, container, root)
    binding = "" if container.binding is Binding.FILE else container.binding.value
    return msgspec.structs.replace(update, binding=binding)


def _firm(x5c: str, root: bytes) -> FirmIdentity:
    try:
        der = b64decode(x5c, validate=True)
        if b64encode(der).decode() != x5c:
            raise ValueError
    except ValueError:  # binascii.Error is one
        raise FileRefused("The firm certificate in the update is not base64.") from None
    try:
        return verify_firm_certificate(der, root)
    except CertificateRefused as refused:
        raise FileRefused(f"The update's signer is not a firm: {refused.detail}") from None


def _check_firm(update: ContainerUpdate, firm: FirmIdentity) -> None:
    if update.firm.firm_code != firm.firm_code:
        raise UpdateRefused(
            f"Firm {firm.firm_code} ({firm.firm_name}) signed this update, but it is for firm code "
            f"{update.firm.firm_code}, which that key cannot sign for."
        )
    if update.firm.firm_name != firm.firm_name:
        raise UpdateRefused(
            f"The update calls firm {firm.firm_code} {update.firm.firm_name!r}, "
            f"its certificate {firm.firm_name!r}."
        )


def _container(update: ContainerUpdate, root: bytes) -> ContainerIdentity:
    try:
        container = verify_container_certificate(update.certificate, root)
    except CertificateRefused as refused:
        raise UpdateRefused(
            f"The container in the update is not genuine: {refused.detail}"
        ) from None
    said = (update.serial, update.cmact_id, update.twin)
    certified = (container.serial, container.cmact_id, container.twin)
    if said != certified:
        raise UpdateRefused(
            "The update is for container {} (CmActID {}, twin {}), the certificate in it for "
            "{} (CmActID {}, twin {}).".format(*said, *certified)
        )
    return container


def _check_base(update: ContainerUpdate) -> None:
    base = update.base
    if base is None and update.dropped:
        raise UpdateRefused("The update takes licences away, and does not say from which content.")
    if base is None:
        return
    _check_range("sequence of the update that is changed", base.sequence, 0, COUNT_MAX)
    if base.sequence >= update.firm.sequence or len(base.root) != (base.sequence and HASH_SIZE):
        raise UpdateRefused("The update changes no update that could come before it.")
    if len(update.dropped) > RETURNED_MAX:
        raise UpdateRefused(f"The update takes away more than {RETURNED_MAX} licences.")
    put = {(item.product_code, item.tmr_id) for item in update.firm.items}
    gone = {(one.product_code, one.tmr_id) for one in update.dropped}
    if put & gone or len(gone) != len(update.dropped):
        raise UpdateRefused("The update takes a licence away twice, or puts it there as well.")


def _check_items(firm: FirmItem, *, single: bool) -> None:
    _check_range("firm code", firm.firm_code, 1, CODE_MAX)
    _check_range("sequence", firm.sequence, 1, COUNT_MAX)
    if len(firm.items) > ITEMS_MAX:
        raise UpdateRefused(f"The update holds more than {ITEMS_MAX} product items.")
    seen: set[tuple[int, int]] = set()
    for item in firm.items:
        check_item(item, single=single)
        if (item.product_code, item.tmr_id) in seen:
            raise UpdateRefused(
                f"The update holds product {item.product_code} with TMR-ID {item.tmr_id} twice."
            )
        seen.add((item.product_code, item.tmr_id))
    _check_returned(firm, seen)


def _check_returned(firm: FirmItem, held: set[tuple[int, int]]) -> None:
    if len(firm.returned) > RETURNED_MAX:
        raise UpdateRefused(f"The update names more than {RETURNED_MAX} returned licences.")
    for one in firm.returned:
        _check_range("product code of a returned licence", one.product_code, 0, CODE_MAX)
        _check_range("TMR-ID of a returned licence", one.tmr_id, 1, CODE_MAX)
        if (one.product_code, one.tmr_id) in held:
            raise UpdateRefused(
                f"The update holds product {one.product_code} with TMR-ID {one.tmr_id}, and says"
                " that it was given back."
            )


def check_item(item: ProductItem, *, single: bool = False) -> None:
    """Raises UpdateRefused if an option of this product item is out of its range, or if two
    contradict each other. `single` says that it is for a container that stands alone, which holds
    ordinary licences: twins hold none."""
    _check_range("product code", item.product_code, 0, CODE_MAX)
    _check_range("TMR-ID", item.tmr_id, *((0, 0) if single else (1, CODE_MAX)))
    field = out_of_bounds(item)
    if field is not None and field.kind is Kind.TEXT:
        raise UpdateRefused(f"The product's {field.name} is longer than {field.most} characters.")
    if field is not None and field.kind in (Kind.DATE, Kind.WORD, Kind.MODES):
        said = getattr(item, field.field)
        raise UpdateRefused(f"The {field.name} is {said!r}; it must be {field.what}.")
    if field is not None:
        _check_range(field.name, getattr(item, field.field), field.least, field.most)
    wrong = contradiction(item)
    if wrong:
        raise UpdateRefused(f"The licence of product {item.product_code} {wrong}.")


def _check_range(what: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise UpdateRefused(f"The {what} is {value}; it must be {least} to {most}.")
