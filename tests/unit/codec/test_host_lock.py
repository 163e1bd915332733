"""A key locked by what a host shows: who opens it, who does not, and how it drifts."""

from __future__ import annotations

from itertools import combinations
from random import Random

import msgspec
import pytest

from appliance.codec.host_lock import (
    HostLock,
    LockDamaged,
    is_current,
    lock,
    opened,
    renewed,
)
from appliance.licences.binding import FEATURES, VALUES_MAX, compared
from appliance.licences.serials import Binding

KEY = bytes(range(32))
ALL = tuple(feature.name for feature in FEATURES)
HOST: dict[str, tuple[str, ...]] = {name: (f"{name} of a", f"more {name} of a") for name in ALL}
OTHER: dict[str, tuple[str, ...]] = {name: (f"{name} of b",) for name in ALL}
BINDINGS = (Binding.STRICT, Binding.LOOSE)
draw = Random(1).randbytes


@pytest.mark.parametrize("binding", BINDINGS)
def test_it_opens_exactly_where_the_rule_says_so(binding):
    held = lock(KEY, binding, HOST, draw)
    for count in range(len(ALL) + 1):
        for same in combinations(ALL, count):
            facts = {name: (HOST if name in same else OTHER)[name] for name in ALL}
            key, verdict = opened(held, binding, facts)
            assert verdict == compared(binding, ALL, set(same), facts)
            assert key == (KEY if verdict.fits else None)


def test_one_value_of_several_is_enough_and_more_do_no_harm():
    held = lock(KEY, Binding.STRICT, HOST, draw)
    facts = {name: ("a new one", some[1]) for name, some in HOST.items()}
    key, verdict = opened(held, Binding.STRICT, facts)
    assert key == KEY and verdict.as_it_was
    assert not is_current(held, facts)


def test_what_is_stored_holds_neither_key_nor_values():
    held = lock(KEY, Binding.LOOSE, HOST, draw)
    text = msgspec.json.encode(held)
    assert KEY not in text and b" of a" not in text
    assert msgspec.json.decode(text, type=HostLock) == held


def test_slow_drift_is_followed_until_nothing_is_as_it_was():
    facts = dict(HOST)
    held = lock(KEY, Binding.STRICT, facts, draw)
    for name in ("disk", "network", "cpu", "machine-id"):
        facts = {**facts, name: OTHER[name]}
        key, verdict = opened(held, Binding.STRICT, facts)
        assert key == KEY and verdict.changed == (name,)
        held = renewed(held, KEY, Binding.STRICT, facts, draw)
        assert is_current(held, facts)
    assert opened(held, Binding.STRICT, HOST).key is None
    assert opened(held, Binding.STRICT, facts).compared.as_it_was


def test_without_renewal_the_same_drift_ends_in_a_shut_container():
    held = lock(KEY, Binding.STRICT, HOST, draw)
    facts = {**HOST, "disk": OTHER["disk"], "network": OTHER["network"]}
    assert opened(held, Binding.STRICT, facts).key is None


def test_what_is_not_to_be_seen_for_once_counts_again_when_it_is_back():
    held = lock(KEY, Binding.STRICT, HOST, draw)
    unseen = {**HOST, "network": ()}
    key, verdict = opened(held, Binding.STRICT, unseen)
    assert key == KEY and verdict.gone == ("network",)
    held = renewed(held, KEY, Binding.STRICT, unseen, draw)
    back = opened(held, Binding.STRICT, {**HOST, "disk": OTHER["disk"]})
    assert back.key == KEY and back.compared.changed == ("disk",)
    # It was not forgotten, so it counts as another one, too.
    assert opened(held, Binding.STRICT, {**HOST, "network": OTHER["network"]}).compared.changed


def test_a_new_feature_is_taken_over():
    held = lock(KEY, Binding.LOOSE, {**HOST, "board": ()}, draw)
    assert not is_current(held, HOST)
    held = renewed(held, KEY, Binding.LOOSE, HOST, draw)
    assert {feature.name for feature in held.features} == set(ALL)


def test_values_beyond_the_bound_are_left_out():
    many = {**HOST, "network": tuple(f"card {n:03}" for n in range(VALUES_MAX + 5))}
    held = lock(KEY, Binding.LOOSE, many, draw)
    assert [len(f.sealed) for f in held.features if f.name == "network"] == [VALUES_MAX]
    assert is_current(held, many)


def test_a_host_that_shows_too_little_is_refused():
    with pytest.raises(ValueError, match="too few"):
        lock(KEY, Binding.LOOSE, {"machine-id": ("m",), "cpu": ("c",)}, draw)


def test_a_damaged_lock_says_so():
    held = lock(KEY, Binding.LOOSE, HOST, draw)
    broken = msgspec.structs.replace(
        held, sets=tuple(msgspec.structs.replace(one, sealed=b"x" * 60) for one in held.sets)
    )
    with pytest.raises(LockDamaged, match="does not open"):
        opened(broken, Binding.LOOSE, HOST)
    with pytest.raises(LockDamaged, match="renewing"):
        renewed(msgspec.structs.replace(held, kept=b""), KEY, Binding.LOOSE, HOST, draw)
    with pytest.raises(LockDamaged, match="renewing"):
        renewed(held, bytes(32), Binding.LOOSE, HOST, draw)
