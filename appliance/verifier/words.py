"""The firm's word: that a product item is one which the firm itself signed for these containers.

Containers endorse grants, and who holds the keys of two of them endorses what he likes. So beside
each of its updates a firm signs the Merkle root of all the items which one container then holds,
with that container's name and key and the update's sequence; a program asks for this word once per
item, and compares each grant with the item (docs/receipts.md, "The firm's word").

What can go wrong in here is an old word passing for the present one, so no container's sequence
goes back in one verifier's memory. What it cannot know is what was signed after the newest word
that it was shown.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.licences.deltas import place_in
from appliance.licences.grants import (
    HASH_BYTES,
    KIND_BORROWED,
    Grant,
    Line,
    hash_of_item,
    item_hash,
)
from appliance.licences.model import ProductItem
from appliance.unreadable import UNREADABLE
from appliance.verifier.certificates import (
    CertificateRefused,
    ContainerIdentity,
    verify_firm_certificate,
)
from appliance.verifier.documents import FirmWordDocument, FirmWordsDocument
from appliance.verifier.merkle import Tree, alike, leaf_hash, root_from_path
from appliance.verifier.recent import Recent
from appliance.verifier.refusals import (
    BAD_SIGNATURE,
    BEYOND_ITEM,
    FOREIGN_ROOT,
    MALFORMED,
    OLD_FIRM_WORD,
    OUTLIVES_LICENCE,
    WRONG_FIRM,
    NotProven,
)

ITEM_BYTES_MAX: Final = 16_384
WORDS_MAX: Final = 8
ITEMS_CACHED_MAX: Final = 256
"""Of so many product items a verifier keeps the firm's word."""
SEQUENCES_KEPT_MAX: Final = 1_024
"""Of so many containers, firm by firm, a verifier remembers how far their updates had come."""
_TAG: Final = b"tmr-firm-word-1\x00"
_items: Final = msgspec.json.Decoder(ProductItem)


class Holding(NamedTuple):
    """What one container holds of a firm, as the firm signs it: who it is, how far its updates
    came, and the root over its items. `key_hash` is the SHA-256 of its certified public key."""

    firm_code: int
    serial: str
    cmact_id: str
    twin: int
    key_hash: bytes
    sequence: int
    size: int
    root: bytes


def key_hash(identity: ContainerIdentity) -> bytes:
    """What a firm calls a container's key by."""
    return sha256(identity.public_key).digest()


def word_bytes(holding: Holding) -> bytes:
    """The bytes that a firm signs. Raises struct.error if a number does not fit its place."""
    names = (holding.serial.encode(), holding.cmact_id.encode())
    return b"".join(
        (
            _TAG,
            struct.pack(">Q", holding.firm_code),
            *(part for name in names for part in (struct.pack(">H", len(name)), name)),
            struct.pack(">QH", holding.twin, len(holding.key_hash)),
            holding.key_hash,
            struct.pack(">QQH", holding.sequence, holding.size, len(holding.root)),
            holding.root,
        )
    )


class ItemTree:
    """The Merkle tree over a firm's items in one container."""

    def __init__(
        self, firm_code: int, items: tuple[ProductItem, ...], before: ItemTree | None = None
    ) -> None:
        """The items are in their order (`licences.deltas`). `before` is a tree of the same firm:
        of thousands of items a few change, and what is the same is not hashed again."""
        self._items, self.size = items, len(items)
        were: tuple[ProductItem, ...] = () if before is None else before._items
        leaves: list[bytes] = [] if before is None else before._leaves
        same = alike(were, items)
        behind = alike(were[same:][::-1], items[same:][::-1])
        new = [leaf_hash(item_hash(firm_code, item)) for item in items[same : len(items) - behind]]
        self._leaves: list[bytes] = [*leaves[:same], *new, *leaves[len(leaves) - behind :]]
        self._tree: Tree = Tree(self._leaves, None if before is None else before._tree)
        self.root = self._tree.root

    def place(self, product_code: int, tmr_id: int) -> tuple[int, tuple[bytes, ...]]:
        """Where an item stands, and its audit path. Raises KeyError."""
        position, held_there = place_in(self._items, product_code, tmr_id)
        if not held_there:
            raise KeyError(product_code, tmr_id)
        return position, tuple(self._tree.path(position))


class _Known(NamedTuple):
    """An item that its firm signed, and for which containers, by the hashes of their keys."""

    item: ProductItem
    holdings: dict[bytes, Holding]


class FirmWords:
    """The words that one verifier was shown. `root` is the licence root, DER."""

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._known: Recent[bytes, _Known] = Recent(ITEMS_CACHED_MAX)
        self._newest: Recent[tuple[int, bytes], int] = Recent(SEQUENCES_KEPT_MAX)

    def learn(self, document: FirmWordsDocument) -> None:
        """Keep what firms signed of one item. Raises NotProven if no word in it holds."""
        firm_code, data = document.firm_code, document.item.encode()
        if len(data) > ITEM_BYTES_MAX or not 0 < len(document.words) <= WORDS_MAX:
            raise NotProven(MALFORMED, "the firm's word for it is too long, or there is none")
        try:
            item, hashed = _items.decode(data), hash_of_item(firm_code, data)
        except (*UNREADABLE, struct.error) as error:
            raise NotProven(MALFORMED, f"the firm's item cannot be understood ({error})") from error
        holdings: dict[bytes, Holding] = {}
        trouble: NotProven | None = None
        for word in document.words:
            try:
                holding = self._holding(firm_code, hashed, word)
            except NotProven as refused:
                trouble = trouble or refused
                continue
            holdings[holding.key_hash] = holding
        if trouble is not None and not holdings:
            raise trouble
        for holding in holdings.values():
            self._newest.put((firm_code, holding.key_hash), holding.sequence)
        self._known.put(hashed, _Known(item, holdings))

    def _holding(self, firm_code: int, hashed: bytes, word: FirmWordDocument) -> Holding:
        """What this word says, if its firm signed it and nothing newer was seen."""
        try:
            firm = verify_firm_certificate(word.certificate, self._root)
        except CertificateRefused as refused:
            raise NotProven(FOREIGN_ROOT, refused.detail) from refused
        if firm.firm_code != firm_code:
            raise NotProven(WRONG_FIRM, f"firm {firm.firm_code} signed for firm code {firm_code}")
        root = None
        if all(len(one) == HASH_BYTES for one in (word.key_hash, *word.path)):
            root = root_from_path(leaf_hash(hashed), word.position, word.size, word.path)
        if root is None:
            raise NotProven(MALFORMED, "the firm's word has no path to the item")
        names = (word.serial, word.cmact_id, word.twin, word.key_hash)
        holding = Holding(firm_code, *names, word.sequence, word.size, root)
        try:
            key = Ed25519PublicKey.from_public_bytes(firm.public_key)
            key.verify(word.signature, word_bytes(holding))
        except (InvalidSignature, ValueError, struct.error, UnicodeError) as error:
            raise NotProven(BAD_SIGNATURE, f"firm {firm_code} did not sign this item") from error
        newest = self._newest.get((firm_code, holding.key_hash)) or 0
        if holding.sequence < newest:
            raise NotProven(
                OLD_FIRM_WORD,
                f"container {holding.serial} showed the firm's update {newest} before, and now "
                f"{holding.sequence}: import the newer update there again",
            )
        return holding

    def covers(self, firm_code: int, hashed: bytes, container: ContainerIdentity) -> bool:
        """Whether the newest word for this container has the item with this hash."""
        known = self._known.get(hashed)
        if known is None:
            return False
        holding = known.holdings.get(key_hash(container))
        return (
            holding is not None
            and (holding.firm_code, holding.serial) == (firm_code, container.serial)
            and (holding.cmact_id, holding.twin) == (container.cmact_id, container.twin)
            and holding.sequence == self._newest.get((firm_code, holding.key_hash))
        )

    def item(self, hashed: bytes) -> ProductItem | None:
        """The item with this hash, if its firm's word is known."""
        known = self._known.get(hashed)
        return None if known is None else known.item


class When(NamedTuple):
    """Log time of a grant (Unix ms), and when the program was released, "" if it does not say."""

    log_time_ms: int
    release_date: str = ""


def check_item(grant: Grant, line: Line, item: ProductItem, when: When) -> None:
    """Raise NotProven unless a line of a grant is within its item."""
    for beyond, said in _BEYOND:
        if beyond(grant, line, item, when):
            raise NotProven(BEYOND_ITEM, f"{said} ({item.product_code}#{item.tmr_id})")
    ends_ms = [item.expires_at_s * 1000] if item.expires_at_s is not None else []
    if item.usage_period_s is not None:
        ends_ms.append(when.log_time_ms + item.usage_period_s * 1000)
    if any(not 0 < grant.ends_at_ms <= end_ms for end_ms in ends_ms):
        raise NotProven(OUTLIVES_LICENCE, "the firm signed an earlier end")


def _too_early(grant: Grant, line: Line, item: ProductItem, when: When) -> bool:
    starts_s = item.activates_at_s
    return bool(grant.valid_for_s) and starts_s is not None and when.log_time_ms < starts_s * 1000


def _not_lent(grant: Grant, line: Line, item: ProductItem, when: When) -> bool:
    if grant.kind != KIND_BORROWED:
        return False
    return grant.ends_at_ms > when.log_time_ms + (item.borrow_max_s or 0) * 1000


def _no_units(grant: Grant, line: Line, item: ProductItem, when: When) -> bool:
    return line.units > (item.units or 0)


def _not_maintained(grant: Grant, line: Line, item: ProductItem, when: When) -> bool:
    first, last, day = item.maintenance_from or "", item.maintenance_until or "~", when.release_date
    return bool(grant.valid_for_s and day) and not first <= day <= last


_BEYOND: Final[tuple[tuple[Callable[[Grant, Line, ProductItem, When], bool], str], ...]] = (
    (
        lambda _, line, item, __: (
            (item.product_code, item.tmr_id) != (line.product_code, line.tmr_id)
        ),
        "it is another licence than the firm's item",
    ),
    (
        lambda _, line, item, __: line.seats > item.quantity,
        "it is for more seats than the firm signed",
    ),
    (
        lambda grant, _, item, __: bool(grant.features & ~item.feature_map),
        "it has features that the firm did not sign",
    ),
    (
        lambda grant, _, item, __: grant.mode not in item.modes,
        "it is in an access mode that the firm does not permit",
    ),
    (
        lambda grant, _, item, __: grant.valid_for_s > item.receipt_valid_s,
        "it is valid for longer than the firm allows",
    ),
    (_not_lent, "it is borrowed for longer than the firm allows"),
    (_no_units, "it took more units than the firm signed"),
    (_too_early, "the licence does not work yet"),
    (_not_maintained, "the licence's maintenance does not cover this program"),
)
"""What a grant may not be, and how that is said."""
