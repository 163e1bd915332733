"""How much of a host may change, as a table; and what is told of a change."""

from __future__ import annotations

from itertools import combinations

import pytest

from appliance.licences.binding import (
    ANCHORS,
    DIGEST_BYTES,
    FEATURES,
    NEEDED_LEAST,
    VALUES_MAX,
    Contact,
    Evidence,
    compared,
    contact,
    digests,
    enough_sets,
    is_evidence,
    needed,
    too_little,
    weight_of,
)
from appliance.licences.serials import Binding

ALL = tuple(feature.name for feature in FEATURES)
VIRTUAL = ("machine-id", "board", "network", "cpu")
HOST = {
    "machine-id": ("5f3c",),
    "board": ("4c4c4544",),
    "disk": ("S1", "S2"),
    "network": ("52:54:00:00:00:01",),
    "cpu": ("cpu:type:x86",),
}


def judged(binding, bound_to, *, lost):
    """How a host is judged that lost these features."""
    same = set(bound_to) - set(lost)
    return compared(binding, bound_to, same, HOST)


@pytest.mark.parametrize(
    ("lost", "strict", "loose"),
    [
        ((), True, True),
        (("cpu",), True, True),
        (("disk",), True, True),
        (("network",), True, True),
        (("machine-id",), True, True),  # installed anew
        (("board",), False, True),
        (("board", "network"), False, True),  # a new main board with its network card
        (("disk", "network"), False, True),
        (("machine-id", "disk"), False, True),
        (("board", "disk", "network"), False, False),  # a copy of the disk in an equal computer
        (("board", "machine-id"), False, False),  # nothing left that nobody guesses
        (("machine-id", "disk", "network"), False, False),
    ],
)
def test_what_may_change_of_a_host_that_shows_everything(lost, strict, loose):
    assert judged(Binding.STRICT, ALL, lost=lost).fits is strict
    assert judged(Binding.LOOSE, ALL, lost=lost).fits is loose


@pytest.mark.parametrize("binding", [Binding.STRICT, Binding.LOOSE])
@pytest.mark.parametrize("size", range(1, len(ALL) + 1))
def test_a_copy_of_the_disk_never_fits_however_little_there_is_to_compare(binding, size):
    for some in combinations(ALL, size):
        copied = {"machine-id", "cpu"} & set(some)
        if not (set(some) - copied):
            continue
        assert not compared(binding, some, copied, HOST).fits, some


@pytest.mark.parametrize("binding", [Binding.STRICT, Binding.LOOSE])
@pytest.mark.parametrize("size", range(len(ALL) + 1))
def test_the_smallest_sets_are_those_that_fit_and_no_other(binding, size):
    for names in combinations(ALL, size):
        least = enough_sets(binding, names)
        for count in range(len(names) + 1):
            for same in combinations(names, count):
                fits = compared(binding, names, set(same), HOST).fits
                assert fits == any(set(some) <= set(same) for some in least), (names, same)
        assert all(ANCHORS & set(some) for some in least)


def test_a_strict_binding_never_allows_what_a_loose_one_forbids():
    for size in range(len(ALL) + 1):
        for names in combinations(ALL, size):
            total = weight_of(names)
            assert needed(Binding.STRICT, total) >= needed(Binding.LOOSE, total) >= NEEDED_LEAST


def test_what_changed_is_named():
    shown = {**HOST, "disk": ()}
    verdict = compared(Binding.LOOSE, ALL, {"machine-id", "board", "cpu"}, shown)
    assert (verdict.changed, verdict.gone) == (("network",), ("disk",))
    assert (verdict.weight, verdict.needed, verdict.total) == (6, 5, 10)
    assert not verdict.as_it_was
    assert judged(Binding.LOOSE, ALL, lost=()).as_it_was


@pytest.mark.parametrize("names", [(), ("cpu",), ("machine-id", "cpu"), ("disk", "network", "cpu")])
def test_a_host_that_shows_too_little_is_not_bound_to(names):
    facts = {name: HOST[name] for name in names}
    for binding in (Binding.STRICT, Binding.LOOSE):
        assert "too little" in too_little(binding, facts)
    assert too_little(Binding.FILE, facts) == ""
    assert too_little(Binding.STRICT, HOST) == ""


# --- what is told ---


def said(binding=Binding.FILE, serial="130-12345678", **changes):
    return Evidence(binding, digests(serial, {**HOST, **changes}))


def test_values_are_not_told_and_two_containers_of_one_host_look_different():
    evidence = said()
    assert is_evidence(evidence)
    told = [one for _, some in evidence.known_by for one in some]
    assert all(len(one) == DIGEST_BYTES for one in told)
    others = [one for _, some in said(serial="130-87654321").known_by for one in some]
    assert not set(told) & set(others)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Contact((), False)),
        ({"disk": ("S2", "S3")}, Contact((), False)),  # one of two was replaced
        ({"disk": ()}, Contact((), False)),  # not to be seen is not another one
        ({"network": ("52:54:00:00:00:02",)}, Contact(("network",), False)),
        ({"board": ("b",), "network": ("n",)}, Contact(("board", "network"), False)),
        (
            {"board": ("b",), "network": ("n",), "disk": ("d",)},
            Contact(("board", "disk", "network"), True),
        ),
    ],
)
def test_a_contact_is_compared_with_the_one_before(changes, expected):
    assert contact(said(), said(**changes)) == expected


def test_held_in_another_way_or_by_another_token_is_elsewhere():
    assert contact(said(), said(Binding.LOOSE)).elsewhere
    one = Evidence(Binding.TOKEN, digests("1-12345678", {"token": ("maker\0a",)}))
    two = Evidence(Binding.TOKEN, digests("1-12345678", {"token": ("maker\0b",)}))
    assert contact(one, one) == Contact((), False)
    assert contact(one, two) == Contact(("token",), True)


def test_who_has_said_nothing_before_is_not_elsewhere():
    assert contact(Evidence(Binding.FILE, ()), said()) == Contact((), False)
    assert contact(said(), Evidence(Binding.FILE, ())) == Contact((), False)


D = bytes(DIGEST_BYTES)


@pytest.mark.parametrize(
    "known_by",
    [
        (("b", (D,)), ("a", (D,))),
        (("a", (D,)), ("a", (D,))),
        (("a", ()),),
        (("a", (D, D)),),
        (("a", (D[1:],)),),
        (("", (D,)),),
        (("a" * 33, (D,)),),
        (("a", tuple(bytes([n]) * DIGEST_BYTES for n in range(VALUES_MAX + 1))),),
        tuple((f"{n}", (D,)) for n in range(len(FEATURES) + 2)),
    ],
)
def test_evidence_has_one_form(known_by):
    assert not is_evidence(Evidence(Binding.FILE, known_by))
