"""Pages of licences: in a stable order, each licence once, and a list that changed says so."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from appliance.codec import api
from appliance.licences.model import LicenceKey, ProductItem
from appliance.licences.options import OPTIONS
from appliance.licences.roles import EMERGENCY, OVERFLOW
from appliance.services.tmr.licence_lists import (
    ANY,
    PAGE_BYTES,
    SLICE_ROWS,
    Seen,
    Wanted,
    as_it_is,
    edition,
    licences,
    of_concern,
    page,
    slices,
)
from appliance.services.tmr.overview import judged
from appliance.watch.licence_checks import is_plain
from tests.unit.licences.builders import (
    FIRM,
    NOW_S,
    Desk,
    check_out,
    founded,
    import_of,
    product,
    update_of,
)
from tests.unit.licences.option_samples import sampled
from tests.unit.services.tmr.world import ALICE, OPERATOR, VIEWER, World, run
from tests.unit.watch.facts_world import status

SERIALS = tuple(f"130-1234567{twin}" for twin in (1, 2, 3))
SEEN = Seen(SERIALS, {serial: f"up{twin}" for twin, serial in enumerate(SERIALS, 1)})
OTHER_FIRM = FIRM + 1
DAY_S = 86_400


def many(count: int, **options: object) -> list[ProductItem]:
    """So many licences of three products, issued in no order of theirs."""
    items = [product(product_code=number % 3, tmr_id=number + 1) for number in range(count)]
    items = [msgspec.structs.replace(item, **options) for item in items]
    random.Random(count).shuffle(items)
    return items


def read(desk: Desk, **wanted: Any) -> list[api.LicencesDocument]:
    """All pages, one after the other."""
    pages, after = [], None
    while True:
        asked = Wanted(after=after, **wanted)
        data = page(desk.state, SEEN, asked, as_it_is)
        pages.append(msgspec.json.decode(data, type=api.LicencesDocument))
        if pages[-1].next is None:
            return pages
        after = LicenceKey(*map(int, pages[-1].next.split(":")))


def keys(*pages: api.LicencesDocument) -> list[tuple[int, int, int]]:
    return [(x.firm_code, x.product_code, x.tmr_id) for one in pages for x in one.licences]


@pytest.mark.parametrize("limit", [1, 2, 7, 40, 41])
def test_each_licence_stands_on_one_page_in_the_order_of_keys(limit: int) -> None:
    desk = founded(*many(40))
    pages = read(desk, limit=limit)
    assert all(len(one.licences) <= limit for one in pages)
    found = keys(*pages)
    assert found == sorted(found) == keys(licences(desk.state, SEEN))
    assert len({one.edition for one in pages}) == 1


def test_a_page_is_as_long_as_its_bound_and_has_one_licence_at_least(monkeypatch) -> None:
    desk = founded(*many(20))
    monkeypatch.setattr("appliance.services.tmr.licence_lists.PAGE_BYTES", 5_000)
    pages = read(desk)
    sizes = [len(msgspec.json.encode(one.licences)) for one in pages]
    assert len(pages) > 2 and max(sizes) <= 5_002
    monkeypatch.setattr("appliance.services.tmr.licence_lists.PAGE_BYTES", 1)
    assert [len(one.licences) for one in read(desk)] == [1] * 20
    assert PAGE_BYTES < 4 << 20, "what a client takes"


def test_one_firm_and_one_product() -> None:
    desk = founded(*many(12))
    other = update_of(1, product(product_code=1), firm_code=OTHER_FIRM)
    for twin in (1, 2, 3):
        assert desk.do(import_of(msgspec.structs.replace(other, **_of(twin)))).ok
    of_all = keys(licences(desk.state, SEEN))
    for firm_code in (ANY, FIRM, OTHER_FIRM, FIRM + 7):
        for product_code in (ANY, 0, 1, 99):
            wanted = [
                key
                for key in of_all
                if firm_code in (ANY, key[0]) and product_code in (ANY, key[1])
            ]
            asked: dict[str, Any] = {"firm_code": firm_code, "product_code": product_code}
            assert keys(*read(desk, limit=2, **asked)) == wanted, asked


def _of(twin: int) -> dict[str, object]:
    like = update_of(twin)
    return {name: getattr(like, name) for name in ("serial", "twin", "certificate")}


def test_a_licence_that_comes_or_goes_between_two_pages_leaves_all_others_where_they_were() -> None:
    """Whatever is there all the while is listed once; that the list is another one is told."""
    items = many(10)
    for place in range(11):
        desk = founded(*items)
        first = msgspec.json.decode(
            page(desk.state, SEEN, Wanted(limit=4), as_it_is), type=api.LicencesDocument
        )
        assert first.next is not None
        gone = sorted(items, key=lambda item: (item.product_code, item.tmr_id))[place % 10]
        left = [item for item in items if item != gone or place == 10]
        new = product(product_code=place % 3, tmr_id=100 + place)
        for twin in (1, 2, 3):
            assert desk.do(import_of(update_of(twin, *left, new, sequence=2))).ok
        after = LicenceKey(*map(int, first.next.split(":")))
        rest = msgspec.json.decode(
            page(desk.state, SEEN, Wanted(after=after), as_it_is), type=api.LicencesDocument
        )
        found = keys(first, rest)
        assert len(found) == len(set(found))
        assert {(FIRM, item.product_code, item.tmr_id) for item in left} <= set(found)
        assert first.edition != rest.edition


def test_an_edition_follows_from_the_containers_alone() -> None:
    desk, same = founded(*many(5)), founded(*many(5))
    assert edition(desk.state, SEEN, everything=True) == edition(same.state, SEEN, everything=True)
    two = Seen(SERIALS[:2], {})
    assert edition(desk.state, SEEN, everything=True) == edition(desk.state, two, everything=True)
    # With one upstream less others are available.
    assert edition(desk.state, SEEN, everything=False) != edition(desk.state, two, everything=False)
    before = edition(desk.state, SEEN, everything=True)
    assert desk.do(check_out(product_code=1)).ok
    assert edition(desk.state, SEEN, everything=True) == before


def test_licences_stand_in_the_order_of_their_keys() -> None:
    items = [product(product_code=code, tmr_id=tmr_id) for code, tmr_id in ((20, 1), (7, 3))]
    found = licences(founded(*items).state, SEEN).licences
    assert [(one.product_code, one.tmr_id) for one in found] == [(7, 3), (20, 1)]


def test_slices_are_the_whole_list() -> None:
    desk = founded(*many(SLICE_ROWS * 2 + 1))
    found = list(slices(desk.state, SEEN))
    assert [len(some) for some in found] == [SLICE_ROWS, SLICE_ROWS, 1]
    whole = licences(desk.state, SEEN).licences
    assert tuple(one for some in found for one in some) == whole


# --- what is judged ---


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.fields[0].field)
@pytest.mark.parametrize("ends_in_s", [None, -DAY_S, 5 * DAY_S, 29 * DAY_S, 400 * DAY_S])
def test_what_is_not_looked_at_has_nothing_to_be_found(option, ends_in_s) -> None:
    """Each option alone, whole and with seats in use: the findings are those of the whole list."""
    items = [sampled(option, tmr_id=1), product(tmr_id=2)]
    if ends_in_s is not None:
        items.append(product(tmr_id=3, expires_at_s=NOW_S + ends_in_s))
    desk = founded(*items)
    desk.do(check_out())
    for reachable in (SERIALS, SERIALS[:2], SERIALS[:1], ()):
        seen = Seen(reachable, SEEN.hosts)
        whole = licences(desk.state, seen)
        few = of_concern(desk.state, seen)
        told = status("tmr1", log_time_ms=desk.now_ms)
        assert judged(told, few) == judged(told, whole)


def test_ten_thousand_plain_licences_are_not_looked_at_one_by_one() -> None:
    desk = founded(*many(60, expires_at_s=NOW_S + 300 * DAY_S), product(product_code=9, units=3))
    assert keys(of_concern(desk.state, SEEN)) == [(FIRM, 9, 1)]
    # But each of which a twin is missing.
    assert len(of_concern(desk.state, Seen(SERIALS[:2], {})).licences) == 61


@pytest.mark.parametrize("role", [OVERFLOW, EMERGENCY])
def test_an_emergency_licence_is_looked_at(role: str) -> None:
    assert is_plain(product(role=role), NOW_S) == (role != EMERGENCY)


# --- the route ---


def test_the_route_gives_a_page_and_says_where_to_go_on() -> None:
    async def test(world: World) -> None:
        reply = await world.call("GET", "/v1/licences?all=1&limit=1", who=OPERATOR)
        document = reply.of(api.LicencesDocument)
        (licence,) = document.licences
        assert document.next is None and document.edition
        assert len(licence.constituents) == 3
        told = await world.call("GET", "/v1/licences", who=ALICE)
        assert told.of(api.LicencesDocument).licences[0].constituents == ()
        key = f"{licence.firm_code}:{licence.product_code}:{licence.tmr_id}"
        for query in (f"after={key}", f"firm_code={licence.firm_code + 1}", "product_code=99"):
            none = await world.call("GET", f"/v1/licences?{query}", who=VIEWER)
            assert none.of(api.LicencesDocument).licences == (), query

    run(test)


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("after=6000010", "after"),
        ("after=6000010:1%237", "after"),
        ("after=1:2:3:4", "after"),
        ("after=1:2:-3", "after"),
        ("after=1:2:" + "9" * 19, "after"),
        ("limit=0", "limit"),
        ("limit=2001", "limit"),
        ("firm_code=x", "firm_code"),
        ("firm_code=0", "firm_code"),
        ("product_code=-1", "product_code"),
    ],
)
def test_what_is_no_place_and_no_number_is_refused_by_name(query: str, word: str) -> None:
    async def test(world: World) -> None:
        reply = await world.call("GET", f"/v1/licences?{query}", who=OPERATOR)
        assert (reply.status, reply.reason) == (400, "bad-request")
        assert word in reply.problem.detail

    run(test)
