"""What a container's host shows of itself, and how much of it may change (docs/containers.md).

A **feature** is one thing by which a host is known. It may have several values, such as a computer
with two disks, and is the same as long as one of them is: what is added never counts against a
host. Each has a weight; a container opens where the weight of what is the same reaches what its
binding asks for. The weights follow from two rules:

* what comes along with a copy of a disk into an equal computer (machine id and CPU model) is never
  enough, however little else there is to compare (`NEEDED_LEAST`);
* one of the two features that nobody guesses (`ANCHORS`) has to be among what is the same, since
  otherwise the key could be tried out from a copied directory alone.

What can go wrong in here is a false alarm in an honest plant; and a host that shows so little that
any would do (`too_little`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from itertools import combinations
from typing import Final, NamedTuple

import msgspec

from appliance.details import detail
from appliance.licences.serials import Binding

VALUES_MAX: Final = 16
"""Values of one feature that are kept; more are left out, in their order."""
DIGEST_BYTES: Final = 8
NEEDED_LEAST: Final = 4
_STRICT_LOSS: Final = 2
_TAG: Final = b"tmr-feature-1\0"

Facts = Mapping[str, tuple[str, ...]]
"""The values of each feature that a host shows."""


class Feature(NamedTuple):
    """One thing by which a host is known. `words` are for people."""

    name: str
    weight: int
    words: str


FEATURES: Final = (
    Feature("machine-id", 2, "machine id"),
    Feature("board", 3, "main board"),
    Feature("disk", 2, "disks"),
    Feature("network", 2, "network cards"),
    Feature("cpu", 1, "CPU model"),
)
WEIGHTS: Final = {feature.name: feature.weight for feature in FEATURES}
WORDS: Final = {feature.name: feature.words for feature in FEATURES}
ANCHORS: Final = frozenset(("machine-id", "board"))
BOUND_TO_HOST: Final = frozenset((Binding.STRICT, Binding.LOOSE))
"""The bindings whose key opens by what the host shows."""


class Compared(NamedTuple):
    """What became of each feature that a container is bound to: the same, another one, or not to be
    seen now; and by how much that is enough (`weight` of `total`, where `needed` is asked for)."""

    same: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    weight: int
    needed: int
    total: int
    anchored: bool

    @property
    def fits(self) -> bool:
        """Whether it is the host that the container is bound to."""
        return self.anchored and self.weight >= self.needed

    @property
    def as_it_was(self) -> bool:
        """Whether nothing changed."""
        return not self.changed and not self.gone


def weight_of(names: Iterable[str]) -> int:
    """The weight of these features together."""
    return sum(WEIGHTS[name] for name in names)


def needed(binding: Binding, total: int) -> int:
    """How much of a host that shows features of weight `total` has to be the same."""
    loss = _STRICT_LOSS if binding is Binding.STRICT else total // 2
    return max(total - loss, NEEDED_LEAST)


def compared(
    binding: Binding, bound_to: Iterable[str], fitting: set[str], shown: Facts
) -> Compared:
    """How the features that a container is bound to are found, where `fitting` are the same."""
    names = _ordered(bound_to)
    same = tuple(name for name in names if name in fitting)
    rest = [name for name in names if name not in fitting]
    total = weight_of(names)
    return Compared(
        same,
        tuple(name for name in rest if shown.get(name)),
        tuple(name for name in rest if not shown.get(name)),
        weight_of(same),
        needed(binding, total),
        total,
        bool(ANCHORS & set(same)),
    )


def enough_sets(binding: Binding, names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The smallest sets of these features, any one of which is enough; each opens the key."""
    ordered = _ordered(names)
    least = needed(binding, weight_of(ordered))
    found: list[tuple[str, ...]] = []
    for size in range(1, len(ordered) + 1):
        for some in combinations(ordered, size):
            enough = weight_of(some) >= least and bool(ANCHORS & set(some))
            if enough and not any(set(smaller) <= set(some) for smaller in found):
                found.append(some)
    return tuple(found)


def too_little(binding: Binding, facts: Facts) -> str:
    """Why a host that shows no more than this cannot be bound to, "" if it can."""
    names = names_shown(facts)
    if binding in BOUND_TO_HOST and not enough_sets(binding, names):
        shown = ", ".join(WORDS[name] for name in names) or "nothing"
        return detail("host-shows-too-little", shown=shown)
    return ""


def names_shown(facts: Facts) -> tuple[str, ...]:
    """The features of which a host shows anything, in their order."""
    return _ordered(name for name in facts if facts[name])


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    known = set(names)
    return tuple(feature.name for feature in FEATURES if feature.name in known)


# --- what is told to others ---

Digests = tuple[tuple[str, tuple[bytes, ...]], ...]
"""Hashes of the values of each feature, by the feature's name."""


class Evidence(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a container says of what holds its key: how, and by what that is known again.

    The values themselves are not told: only hashes that are salted with the serial. Of a token and
    a TPM it is the number that the maker or the chip gave it, of all others the host's features.
    """

    binding: Binding
    known_by: Digests


NO_EVIDENCE: Final = Evidence(Binding.FILE, ())


class Contact(NamedTuple):
    """How an evidence differs from the one before: features that are others, and whether it is
    another host, token or TPM altogether."""

    changed: tuple[str, ...]
    elsewhere: bool


def digests(serial: str, facts: Facts) -> Digests:
    """What the container of this serial tells of these values."""
    return tuple(
        (name, tuple(sorted({_digest(serial, name, value) for value in facts[name]})[:VALUES_MAX]))
        for name in sorted(facts)
        if facts[name]
    )


def _digest(serial: str, name: str, value: str) -> bytes:
    data = b"\0".join((_TAG, serial.encode(), name.encode(), value.encode()))
    return sha256(data).digest()[:DIGEST_BYTES]


def contact(before: Evidence, now: Evidence) -> Contact:
    """How what a container says now differs from what it said before.

    Elsewhere is: held in another way, by another token or TPM; or on a host of which less than half
    is as it was, that is what `Binding.LOOSE` does not allow.
    """
    then, today = dict(before.known_by), dict(now.known_by)
    changed = tuple(
        name for name in sorted(then) if name in today and not set(then[name]) & set(today[name])
    )
    if before.binding is not now.binding:
        return Contact(changed, True)
    names = [name for name in then if name in WEIGHTS]
    if not names:
        return Contact(changed, bool(changed))
    # What is not to be seen now proves nothing against a host.
    seen = [name for name in names if name in today]
    same = weight_of(name for name in seen if name not in changed)
    return Contact(changed, bool(seen) and 2 * same < weight_of(seen))


def is_evidence(evidence: Evidence) -> bool:
    """Whether all of it is in its bounds and in its one form."""
    names = [name for name, _ in evidence.known_by]
    return (
        len(names) <= len(FEATURES) + 1
        and names == sorted(set(names))
        and all(
            0 < len(name) <= 32
            and 0 < len(some) <= VALUES_MAX
            and list(some) == sorted(set(some))
            and all(len(one) == DIGEST_BYTES for one in some)
            for name, some in evidence.known_by
        )
    )
