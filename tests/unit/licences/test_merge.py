"""The 2-of-3 merge, case by case and against a dumb oracle."""

from __future__ import annotations

from itertools import combinations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.licences.merge import DIFFERS, LOCKED, MISSING, OK, UNREACHABLE, TmrLicence, merge
from appliance.licences.model import Container, LicenceKey, ProductItem, ReturnedItem
from tests.unit.licences.builders import KEY, container_of, product, update_of

UP1, UP2, UP3 = "130-12345671", "130-12345672", "130-12345673"


def merged(*containers: Container) -> TmrLicence:
    view = merge(containers)
    assert list(view) == [KEY]
    return view[KEY]


def states(licence: TmrLicence) -> list[str]:
    return [twin.state for twin in licence.constituents]


def test_three_equal_constituents_are_one_licence():
    licence = merged(*(container_of(twin, product()) for twin in (3, 1, 2)))
    assert licence.available
    assert licence.item == product() == licence.listed
    assert licence.matching == (UP1, UP2, UP3)
    assert (licence.differing, licence.missing, licence.locked) == ({}, (), ())


def test_one_that_differs_is_left_out_and_named():
    odd = product(expires_at_s=5, quantity=9)
    licence = merged(container_of(1, odd), container_of(2, product()), container_of(3, product()))
    assert licence.available
    assert licence.item == product()
    assert licence.matching == (UP2, UP3)
    assert licence.differing == {UP1: ("quantity", "expires_at_s")}


def test_two_that_differ_are_no_licence():
    licence = merged(container_of(1, product(units=1)), container_of(3, product(units=2)))
    assert not licence.available
    assert licence.item is None
    assert licence.listed == product(units=1)
    assert licence.differing == {UP1: ("units",), UP3: ("units",)}
    assert licence.missing == (2,)


def test_two_equal_ones_are_enough():
    licence = merged(container_of(1, product()), container_of(2), container_of(3, product()))
    assert licence.available
    assert states(licence) == [OK, MISSING, OK]
    assert licence.constituents[1].serial == UP2


def test_one_alone_is_not_available():
    licence = merged(container_of(2, product()))
    assert not licence.available
    assert licence.item is None
    assert states(licence) == [MISSING, OK, MISSING]
    assert not licence.available_among({UP1, UP2, UP3})


def test_a_locked_twin_does_not_count():
    one_locked = [container_of(twin, product(), locked=twin == 1) for twin in (1, 2, 3)]
    licence = merged(*one_locked)
    assert licence.available
    assert licence.locked == (UP1,)
    licence = merged(*one_locked[:2])
    assert not licence.available
    assert licence.item == product()
    assert states(licence) == [LOCKED, OK, MISSING]


def test_a_locked_twin_still_says_what_the_licence_is():
    odd = product(text="other")
    licence = merged(
        container_of(1, odd), container_of(2, product(), locked=True), container_of(3, product())
    )
    assert licence.item == product()
    assert not licence.available
    assert states(licence) == [DIFFERS, LOCKED, OK]


def test_other_codes_or_tmr_ids_are_other_licences():
    view = merge(
        [
            container_of(1, product(), product(tmr_id=2)),
            container_of(2, product(tmr_id=2), product(tmr_id=3)),
            container_of(3, product(product_code=21), product(tmr_id=2)),
        ]
    )
    assert [key for key, licence in view.items() if licence.available] == [
        LicenceKey(KEY.firm_code, KEY.product_code, 2)
    ]
    assert len(view) == 4


def test_items_without_a_tmr_id_are_not_merged():
    assert merge([container_of(twin, product(tmr_id=0)) for twin in (1, 2, 3)]) == {}


def test_reachability_counts_matching_twins_only():
    odd = product(feature_map=1)
    licence = merged(container_of(1, odd), container_of(2, product()), container_of(3, product()))
    assert licence.available_among({UP2, UP3})
    assert not licence.available_among({UP1, UP3})
    live = licence.live({UP3})
    assert [twin.state for twin in live] == [DIFFERS, UNREACHABLE, OK]
    assert live[1].serial == UP2
    assert licence.live({UP1, UP2, UP3}) == licence.constituents


ITEMS = st.builds(
    ProductItem,
    product_code=st.just(KEY.product_code),
    tmr_id=st.integers(1, 2),
    quantity=st.integers(1, 2),
    units=st.sampled_from([None, 5]),
)


@st.composite
def groups(draw: st.DrawFn) -> list[Container]:
    twins = draw(st.lists(st.sampled_from([1, 2, 3]), unique=True))
    return [
        container_of(
            twin,
            *draw(st.lists(ITEMS, max_size=2, unique_by=lambda item: item.tmr_id)),
            locked=draw(st.booleans()),
        )
        for twin in twins
    ]


def held(container: Container, tmr_id: int) -> ProductItem | None:
    items = [item for firm in container.firms for item in firm.items if item.tmr_id == tmr_id]
    return items[0] if items else None


@settings(max_examples=2000)
@given(groups(), st.sets(st.sampled_from([UP1, UP2, UP3])))
def test_availability_is_what_a_dumb_oracle_says(group, reachable):
    view = merge(group)
    for tmr_id in (1, 2):
        key = LicenceKey(KEY.firm_code, KEY.product_code, tmr_id)
        pairs = [
            pair
            for pair in combinations(group, 2)
            if held(pair[0], tmr_id) is not None and held(pair[0], tmr_id) == held(pair[1], tmr_id)
        ]
        usable = [pair for pair in pairs if not any(twin.locked for twin in pair)]
        live = [pair for pair in usable if all(twin.serial in reachable for twin in pair)]
        if key not in view:
            assert all(held(container, tmr_id) is None for container in group)
            continue
        licence = view[key]
        assert licence.available == bool(usable)
        assert licence.available_among(reachable) == bool(live)
        assert licence.item == (held(pairs[0][0], tmr_id) if pairs else None)
        assert [twin.twin for twin in licence.constituents] == [1, 2, 3]
        for container in group:
            mine = held(container, tmr_id)
            state = licence.constituents[container.twin - 1].state
            assert (state == MISSING) == (mine is None)
            assert (state == LOCKED) == (mine is not None and container.locked)


def returning(container: Container, *returned: ReturnedItem) -> Container:
    """The container, whose newest update says that these were given back."""
    firm = container.firms[0] if container.firms else update_of(container.twin).firm
    firms = (msgspec.structs.replace(firm, returned=returned),)
    return msgspec.structs.replace(container, firms=firms)


def test_what_one_container_says_was_given_back_no_container_holds():
    """Whichever of the three says so, locked or not: the others did not import, or went back."""
    gone = ReturnedItem(KEY.product_code, KEY.tmr_id)
    whole = [container_of(twin, product()) for twin in (1, 2, 3)]
    for twin in (1, 2, 3):
        for locked in (False, True):
            told = list(whole)
            told[twin - 1] = returning(container_of(twin, locked=locked), gone)
            assert merge(told) == {}
    for other in (ReturnedItem(KEY.product_code, 9), ReturnedItem(9, KEY.tmr_id)):
        assert merged(returning(whole[0], other), *whole[1:]).available
