"""The firm's word in an update: how it is made, and whether it is about the very items there.

What it is good for: `verifier.words`. What can go wrong in here is an update that a container takes
and no program believes, so a word that is not about its own update lets the update be refused.
"""

from __future__ import annotations

import struct
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from appliance.licences.deltas import in_order, whole
from appliance.licences.grants import item_hash
from appliance.licences.model import ContainerUpdate, FirmItem, FirmWord
from appliance.licences.refusals import UpdateRefused
from appliance.verifier.certificates import (
    CertificateRefused,
    ContainerIdentity,
    FirmIdentity,
    read_container_certificate,
    verify_firm_certificate,
)
from appliance.verifier.merkle import NO_LEAVES, Peaks, leaf_hash
from appliance.verifier.words import Holding, ItemTree, key_hash, word_bytes


class Rooted(Protocol):
    """What a firm gives its word for."""

    @property
    def root(self) -> bytes:
        """The Merkle root."""

    @property
    def size(self) -> int:
        """Of how many items it is."""


def make_word(
    firm_key: Ed25519PrivateKey,
    firm_certificate: bytes,
    update: ContainerUpdate,
    tree: Rooted | None = None,
) -> FirmWord:
    """The firm's word for what the container holds after this update, of which `tree` has
    root and size; without it, it is what is in the update. Raises UpdateRefused."""
    tree = tree or ItemTree(update.firm.firm_code, in_order(update.firm.items))
    try:
        container = read_container_certificate(update.certificate)
        signed = word_bytes(_holding(update, container, tree.size, tree.root))
    except (CertificateRefused, struct.error) as error:
        raise UpdateRefused(f"The firm cannot give its word for this update: {error}") from None
    return FirmWord(
        root=tree.root,
        size=tree.size,
        signature=firm_key.sign(signed),
        certificate=firm_certificate,
    )


def check_word(
    update: ContainerUpdate, firm: FirmIdentity, container: ContainerIdentity, root: bytes
) -> None:
    """Raises UpdateRefused unless the update has the firm's word for all of its items, and for the
    container that it is for. For an update of changes, that the word is the firm's; whether it is
    for the items is known once the changes are made (`check_items`)."""
    word = update.firm.word
    if word is None:
        raise UpdateRefused(
            "The update lacks the firm's word for its items, without which no program believes a"
            " receipt of them: have the vendor issue it again."
        )
    if update.base is None:
        check_items(whole(None, update))
    try:
        if verify_firm_certificate(word.certificate, root) != firm:
            raise InvalidSignature
        signed = word_bytes(_holding(update, container, word.size, word.root))
        Ed25519PublicKey.from_public_bytes(firm.public_key).verify(word.signature, signed)
    except (CertificateRefused, InvalidSignature):
        raise _other_items() from None


def check_items(firm: FirmItem, before: Peaks = NO_LEAVES) -> Peaks:
    """The tree of the items of this whole firm item, which are in their order. `before` is that of
    the first of them, if these were checked already. Raises UpdateRefused unless the firm's word is
    for these items."""
    new = firm.items[before.size :]
    tree = before.appended(leaf_hash(item_hash(firm.firm_code, item)) for item in new)
    if firm.word is None or (firm.word.size, firm.word.root) != (tree.size, tree.root):
        raise _other_items()
    return tree


def check_changed(firm: FirmItem, update: ContainerUpdate, before: Peaks) -> Peaks:
    """As `check_items`, of what this update made of the item with the tree `before`. Where it only
    puts items behind those that were there, as what is issued is, no other is looked at."""
    behind = firm.items[before.size :] == in_order(update.firm.items)
    only = len(firm.items) == before.size + len(update.firm.items)
    return check_items(firm, before if behind and only else NO_LEAVES)


def _other_items() -> UpdateRefused:
    return UpdateRefused(
        "The firm's word in the update is not about these items in this container: have the vendor"
        " issue it again."
    )


def _holding(
    update: ContainerUpdate, container: ContainerIdentity, size: int, root: bytes
) -> Holding:
    names = container.serial, container.cmact_id, container.twin, key_hash(container)
    return Holding(update.firm.firm_code, *names, update.firm.sequence, size, root)
