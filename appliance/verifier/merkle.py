"""Merkle tree hashes and audit paths over a batch's outcomes, as in RFC 6962 section 2.1."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import compress, count
from operator import is_not
from typing import Final, NamedTuple

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one leaf's bytes."""
    return sha256(b"\x00" + leaf).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def alike(some: Sequence[object], others: Sequence[object]) -> int:
    """How many of these are the same, from the first on."""
    shorter = min(len(some), len(others))
    if some[:shorter] == others[:shorter]:  # The rule, and quicker than to look where they differ.
        return shorter
    return next(compress(count(), map(is_not, some, others)))


def _levels(hashes: Sequence[bytes], known: Sequence[list[bytes]] = ([],)) -> list[list[bytes]]:
    """The tree bottom up; a last node without a sibling rises unchanged, as in RFC 6962. Of a tree
    with these `known` levels the nodes over the first leaves are taken that both have alike."""
    levels = [list(hashes)]
    same = alike(known[0], levels[0])
    while len(levels[-1]) > 1:
        below = levels[-1]
        same //= 2
        above = known[len(levels)][:same] if same else []
        above += [_node(below[i], below[i + 1]) for i in range(2 * same, len(below) - 1, 2)]
        if len(below) % 2:
            above.append(below[-1])
        levels.append(above)
    return levels


class Tree:
    """A Merkle tree over leaf hashes, kept whole so that many audit paths cost little."""

    def __init__(self, hashes: Sequence[bytes], before: Tree | None = None) -> None:
        """Where the first leaves are those of the tree `before`, only what stands over the others
        is hashed."""
        self._levels: list[list[bytes]] = [[EMPTY_ROOT]]
        if hashes:
            self._levels = _levels(hashes) if before is None else _levels(hashes, before._levels)

    @property
    def root(self) -> bytes:
        """The Merkle tree hash."""
        return self._levels[-1][0]

    def path(self, position: int) -> list[bytes]:
        """The audit path of the leaf at `position`, lowest sibling first."""
        path = []
        for level in self._levels[:-1]:
            sibling = position ^ 1
            if sibling < len(level):
                path.append(level[sibling])
            position >>= 1
        return path


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of these leaf hashes."""
    return _levels(hashes)[-1][0] if hashes else EMPTY_ROOT


class Peaks(NamedTuple):
    """All that has to be known of a tree to which leaves are only appended: how many there are, and
    the roots of its perfect parts, the largest first: one for each bit of the size."""

    size: int
    roots: tuple[bytes, ...]

    def appended(self, hashes: Iterable[bytes]) -> Peaks:
        """With these leaf hashes behind the others."""
        size, roots = self.size, list(self.roots)
        for leaf in hashes:
            roots.append(leaf)
            size += 1
            while len(roots) > size.bit_count():  # The last two are of one size.
                right = roots.pop()
                roots.append(_node(roots.pop(), right))
        return Peaks(size, tuple(roots))

    @property
    def root(self) -> bytes:
        """The Merkle tree hash."""
        if not self.roots:
            return EMPTY_ROOT
        *larger, root = self.roots
        for one in reversed(larger):
            root = _node(one, root)
        return root


NO_LEAVES: Final = Peaks(0, ())
"""Of a tree without leaves."""


def root_from_path(leaf: bytes, position: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that `leaf` (a leaf hash) at `position` of `size` leaves has by this audit path.

    Returns None if the path's length does not fit position and size (RFC 9162 section 2.1.3.2).
    """
    if not 0 <= position < size:
        return None
    siblings = iter(path)
    node, last = leaf, size - 1
    while last > 0:
        if position % 2 or position < last:
            sibling = next(siblings, None)
            if sibling is None:
                return None
            node = _node(sibling, node) if position % 2 else _node(node, sibling)
        position >>= 1
        last >>= 1
    return node if next(siblings, None) is None else None
