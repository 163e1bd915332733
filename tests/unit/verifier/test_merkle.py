"""The Merkle tree against RFC 6962's own recursive definition, written down here as it stands."""

from __future__ import annotations

from hashlib import sha256

import pytest

from appliance.verifier.merkle import (
    EMPTY_ROOT,
    NO_LEAVES,
    Tree,
    leaf_hash,
    root_from_path,
    root_of,
)


def oracle_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, for one or more leaves."""
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = oracle_root(leaves[:split]), oracle_root(leaves[split:])
    return sha256(b"\x01" + left + right).digest()


def oracle_path(position: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if position < split:
        return [*oracle_path(position, leaves[:split]), oracle_root(leaves[split:])]
    return [*oracle_path(position - split, leaves[split:]), oracle_root(leaves[:split])]


def leaves_of(size: int) -> list[bytes]:
    """Different leaves."""
    return [b"leaf %d" % number for number in range(size)]


@pytest.mark.parametrize("size", range(1, 40))
def test_roots_and_paths_are_those_of_rfc_6962(size: int) -> None:
    leaves = leaves_of(size)
    hashes = [leaf_hash(leaf) for leaf in leaves]
    tree = Tree(hashes)
    assert tree.root == root_of(hashes) == oracle_root(leaves)
    for position in range(size):
        path = tree.path(position)
        assert path == oracle_path(position, leaves)
        assert root_from_path(hashes[position], position, size, path) == tree.root


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert Tree([]).root == root_of([]) == EMPTY_ROOT == sha256(b"").digest()


@pytest.mark.parametrize("size", range(20))
def test_a_tree_is_made_of_one_with_the_same_first_leaves(size: int) -> None:
    hashes = [leaf_hash(leaf) for leaf in leaves_of(20)]
    for same in range(size + 1):
        others = [leaf_hash(b"other %d" % number) for number in range(size - same)]
        before = Tree([*hashes[:same], *others])
        for end in range(same, 20):
            made, anew = Tree(hashes[:end], before, same), Tree(hashes[:end])
            assert made.root == anew.root
            assert [made.path(at) for at in range(end)] == [anew.path(at) for at in range(end)]


def test_leaves_are_appended_to_what_is_known_of_a_tree() -> None:
    hashes = [leaf_hash(leaf) for leaf in leaves_of(40)]
    for size in range(40):
        known = NO_LEAVES.appended(hashes[:size])
        assert (known.size, len(known.roots)) == (size, size.bit_count())
        assert known.root == root_of(hashes[:size])
        for end in range(size, 40):
            assert known.appended(hashes[size:end]) == NO_LEAVES.appended(hashes[:end])


@pytest.mark.parametrize("size", range(1, 20))
def test_a_path_proves_only_its_own_leaf_position_and_size(size: int) -> None:
    hashes = [leaf_hash(leaf) for leaf in leaves_of(size)]
    tree = Tree(hashes)
    for position in range(size):
        path = tree.path(position)
        other = leaf_hash(b"forged")
        assert root_from_path(other, position, size, path) != tree.root
        assert root_from_path(hashes[position], size, size, path) is None
        assert root_from_path(hashes[position], -1, size, path) is None
        assert root_from_path(hashes[position], position, size, [*path, other]) is None
        if path:
            assert root_from_path(hashes[position], position, size, path[:-1]) is None
            flipped = [bytes([path[0][0] ^ 1]) + path[0][1:], *path[1:]]
            assert root_from_path(hashes[position], position, size, flipped) != tree.root
