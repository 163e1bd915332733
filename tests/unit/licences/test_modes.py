"""Access modes: who takes a seat of a licence, who shares one, and who keeps others out."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences.model import LicenceKey
from appliance.licences.modes import EXCLUSIVE, MODES, NO_LIMIT, STATION_SHARE, USER_LIMIT
from appliance.licences.snapshot import dump, load
from appliance.licences.wishes import Wishes
from tests.unit.licences.builders import (
    FIRM,
    KEY,
    PRODUCT,
    Desk,
    check_out,
    founded,
    give_back,
    import_of,
    product,
    update_of,
)

DESK, OTHER = b"desk station 16b", b"next station 16b"
HERE, THERE = bytes([10, 0, 0, 7]), bytes([10, 0, 0, 8])
SECOND = LicenceKey(FIRM, PRODUCT, 2)


def ask(
    lease_id: str,
    mode: str = USER_LIMIT,
    *,
    station: bytes = DESK,
    address: bytes = HERE,
    client: str = "cert:ada",
    **more: Any,
) -> c.CheckOut:
    wishes = Wishes(mode=mode, **more.pop("wishes", {}))
    return check_out(lease_id, client, wishes=wishes, station=station, address=address, **more)


def in_use(desk: Desk, key: LicenceKey = KEY) -> int:
    return desk.state.in_use(key)


def open_desk(quantity: int = 10, **fields: Any) -> Desk:
    return founded(product(quantity=quantity, modes=MODES, **fields))


# --- what the vendor permits ---


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_but_the_user_limit_is_denied_unless_the_vendor_permits_it(mode: str) -> None:
    outcome = founded(product()).do(ask("l", mode))
    wanted = reasons.GRANTED if mode == USER_LIMIT else reasons.MODE_NOT_PERMITTED
    assert outcome.reason == wanted
    assert founded(product(modes=(mode,))).do(ask("l", mode)).ok
    rest = tuple(other for other in MODES if other != mode)
    refused = founded(product(modes=rest)).do(ask("l", mode))
    assert refused.reason == "mode-not-permitted"
    assert reasons.ROWS[refused.reason].status == 403


def test_a_licence_that_permits_the_mode_is_taken_even_if_another_is_first() -> None:
    desk = founded(product(), product(tmr_id=2, modes=(NO_LIMIT,)))
    assert desk.do(ask("l", NO_LIMIT)).key == SECOND


def test_a_mode_that_the_vendor_takes_back_gets_no_new_receipt_and_keeps_its_seat() -> None:
    desk = open_desk()
    assert desk.do(ask("l", STATION_SHARE)).ok
    for twin in (1, 2, 3):
        assert desk.do(import_of(update_of(twin, product(), sequence=2))).ok
    assert desk.do(ask("l", STATION_SHARE)).reason == "mode-not-permitted"
    assert in_use(desk) == 1


@pytest.mark.parametrize("mode", [STATION_SHARE, EXCLUSIVE])
def test_a_mode_of_a_station_needs_one(mode: str) -> None:
    desk = open_desk()
    refused = desk.do(ask("l", mode, station=b""))
    assert (refused.reason, "station" in refused.detail) == (reasons.BAD_REQUEST, True)
    for station, address in ((b"15 bytes, alas", HERE), (DESK, b"long")):
        wrong = desk.do(ask("l", mode, station=station + b"!" * 9, address=address * 2))
        assert wrong.reason == reasons.BAD_REQUEST
    assert not desk.state.leases


@pytest.mark.parametrize("mode", [STATION_SHARE, NO_LIMIT])
def test_where_no_seats_are_counted_one_by_one_nobody_asks_for_several(mode: str) -> None:
    refused = open_desk().do(ask("l", mode, seats=2))
    assert (refused.reason, "one seat" in refused.detail) == (reasons.BAD_REQUEST, True)


# --- what the receipt says ---


@pytest.mark.parametrize("mode", MODES)
def test_a_grant_says_its_mode_and_whose_seat_it_is(mode: str) -> None:
    desk = open_desk()
    first = desk.do(ask("l", mode))
    again = desk.do(ask("l", mode, nonce=b"another nonce"))
    for outcome in (first, again):
        assert outcome.ok and outcome.mode == mode
        assert outcome.share == (DESK if mode in (STATION_SHARE, EXCLUSIVE) else bytes(16))
        assert [line.seats for line in outcome.lines] == [0 if mode == NO_LIMIT else 1]
        assert outcome.seats == 1


def test_so_does_one_of_a_consumption() -> None:
    desk = open_desk(units=5)
    generation = desk.do(ask("lease", STATION_SHARE)).generation
    taken = desk.consume(generation, 1, 2)
    assert (taken.units_taken, taken.mode, taken.share) == (2, STATION_SHARE, DESK)
    repeated = desk.consume(generation, 1, 2)
    assert (repeated.mode, repeated.share) == (STATION_SHARE, DESK)


def test_a_repeat_names_the_same_station_and_may_come_from_another_address() -> None:
    desk = open_desk()
    first = desk.do(ask("l", STATION_SHARE))
    assert desk.do(ask("l", STATION_SHARE, station=OTHER)).reason == reasons.LEASE_CONFLICT
    moved = desk.do(ask("l", STATION_SHARE, address=THERE))
    assert moved.generation == first.generation, "a laptop takes its lease along"
    assert desk.state.leases[c.LeaseRef("cert:ada", "l")].address == HERE


# --- station share ---


def test_case_4_one_station_with_six_uses_takes_three_seats() -> None:
    """Complaint 4: three shared, two of their own, one without limit; whichever two shared ones
    end first, it stays three."""
    for first, second in (("s1", "s2"), ("s2", "s3"), ("s3", "s1")):
        desk = open_desk()
        for lease_id in ("s1", "s2", "s3"):
            assert desk.do(ask(lease_id, STATION_SHARE)).ok
        for lease_id in ("u1", "u2"):
            assert desk.do(ask(lease_id)).ok
        assert desk.do(ask("n1", NO_LIMIT)).ok
        assert (in_use(desk), len(desk.state.leases)) == (3, 6)
        give_back(desk, first)
        give_back(desk, second)
        assert in_use(desk) == 3, "the seat is the share's, as long as its last lease"
        (last,) = {"s1", "s2", "s3"} - {first, second}
        give_back(desk, last)
        assert in_use(desk) == 2


def test_case_3_containers_that_are_told_one_station_share_a_seat() -> None:
    desk = founded(product(modes=(STATION_SHARE,)))
    told = [desk.do(ask(name, STATION_SHARE, station=DESK)) for name in ("a", "b")]
    assert all(one.ok for one in told) and in_use(desk) == 1
    assert desk.do(ask("c", STATION_SHARE, station=OTHER)).ok
    assert in_use(desk) == 2


@pytest.mark.parametrize(
    "other",
    [{"station": OTHER}, {"address": THERE}, {"client": "cert:eve"}],
    ids=["station", "address", "client"],
)
def test_all_of_a_share_has_to_agree(other: dict[str, Any]) -> None:
    """The station's id is a claim that every computer of a plant could make alike."""
    desk = open_desk(quantity=2)
    assert desk.do(ask("a", STATION_SHARE)).ok
    assert desk.do(ask("b", STATION_SHARE, **other)).ok
    assert in_use(desk) == 2
    refused = desk.do(ask("c", STATION_SHARE, station=b"a third station!"))
    assert refused.reason == reasons.NO_SEAT_FREE


def test_a_share_is_served_when_all_seats_are_taken() -> None:
    desk = open_desk(quantity=1)
    assert desk.do(ask("a", STATION_SHARE)).ok
    assert desk.do(ask("b", STATION_SHARE)).ok
    assert desk.do(ask("c")).reason == reasons.NO_SEAT_FREE
    assert in_use(desk) == 1


def test_a_share_looks_for_its_seat_before_the_order_of_licences() -> None:
    desk = founded(
        product(quantity=1, modes=MODES), product(tmr_id=2, quantity=5, modes=MODES, feature_map=1)
    )
    assert desk.do(ask("u", client="cert:eve")).key == KEY
    assert desk.do(ask("a", STATION_SHARE)).key == SECOND
    give_back(desk, "u", "cert:eve")
    assert desk.do(ask("b", STATION_SHARE)).key == SECOND, "the first has a seat free again"
    assert (in_use(desk), in_use(desk, SECOND)) == (0, 1)


def test_a_share_whose_seat_lacks_what_is_asked_for_takes_another() -> None:
    desk = founded(product(modes=MODES), product(tmr_id=2, modes=MODES, feature_map=1))
    assert desk.do(ask("a", STATION_SHARE)).key == KEY
    assert desk.do(ask("b", STATION_SHARE, wishes={"features": 1})).key == SECOND
    assert (in_use(desk), in_use(desk, SECOND)) == (1, 1)


@pytest.mark.parametrize("how", [c.Expire, c.Release])
def test_a_shares_seat_is_freed_by_its_last_lease_however_that_ends(how: Any) -> None:
    desk = open_desk()
    for lease_id in ("a", "b"):
        assert desk.do(ask(lease_id, STATION_SHARE)).ok
    for lease_id, left in (("a", 1), ("b", 0)):
        lease = desk.state.leases[c.LeaseRef("cert:ada", lease_id)]
        by = ("olga", "why") if how is c.Release else ()
        assert desk.do(how(lease.ref, lease.generation, *by)).ok
        assert in_use(desk) == left


def test_a_share_moves_with_its_leases_where_their_licence_goes() -> None:
    desk = founded(
        product(quantity=2, modes=MODES), product(tmr_id=2, quantity=2, modes=MODES, feature_map=1)
    )
    firsts = {one: desk.do(ask(one, STATION_SHARE)) for one in ("a", "b")}
    assert {first.key for first in firsts.values()} == {KEY}
    for twin in (1, 2, 3):
        gone = update_of(
            twin, product(tmr_id=2, quantity=2, modes=MODES, feature_map=1), sequence=2
        )
        assert desk.do(import_of(gone)).ok
    for lease_id, first in firsts.items():
        moved = desk.do(ask(lease_id, STATION_SHARE))
        assert (moved.key, moved.generation, moved.share) == (SECOND, first.generation, DESK)
    assert (in_use(desk), in_use(desk, SECOND)) == (0, 1), "one seat there as well"


# --- exclusive ---


@pytest.mark.parametrize("mode", MODES)
def test_exclusive_use_is_refused_while_the_station_has_any_other(mode: str) -> None:
    desk = open_desk()
    assert desk.do(ask("a", mode)).ok
    refused = desk.do(ask("b", EXCLUSIVE))
    assert (refused.reason, reasons.ROWS[refused.reason].status) == ("exclusive-conflict", 409)
    assert desk.do(ask("c", EXCLUSIVE, station=OTHER)).ok, "elsewhere it is nobody's business"
    give_back(desk, "a")
    assert desk.do(ask("b", EXCLUSIVE)).ok


@pytest.mark.parametrize("mode", MODES)
def test_exclusive_use_keeps_all_others_of_the_station_out(mode: str) -> None:
    desk = open_desk()
    assert desk.do(ask("a", EXCLUSIVE)).ok
    assert desk.do(ask("b", mode)).reason == reasons.EXCLUSIVE_CONFLICT
    assert desk.do(ask("a", EXCLUSIVE)).ok, "not itself"
    assert desk.do(ask("b", mode, station=OTHER)).ok
    give_back(desk, "a")
    assert desk.do(ask("c", mode)).ok


def test_exclusive_use_is_of_one_product_and_takes_a_seat() -> None:
    other = product(product_code=21, modes=MODES)
    desk = founded(product(quantity=1, modes=MODES), other)
    assert desk.do(ask("a", EXCLUSIVE)).ok
    assert desk.do(ask("b", EXCLUSIVE, product_code=21)).ok
    full = desk.do(ask("c", EXCLUSIVE, station=OTHER))
    assert full.reason == reasons.NO_SEAT_FREE
    assert desk.do(ask("d")).reason == reasons.EXCLUSIVE_CONFLICT, "said before that it is full"


def test_several_products_are_exclusive_all_or_none() -> None:
    other = product(product_code=21, modes=MODES)
    desk = founded(product(modes=MODES), other)
    more = (c.Item(21),)
    assert desk.do(ask("a", USER_LIMIT, product_code=21)).ok
    assert desk.do(ask("b", EXCLUSIVE, more=more)).reason == reasons.EXCLUSIVE_CONFLICT
    give_back(desk, "a")
    assert desk.do(ask("b", EXCLUSIVE, more=more)).ok
    assert desk.do(ask("c", product_code=21)).reason == reasons.EXCLUSIVE_CONFLICT


# --- no user limit ---


def test_without_a_limit_no_seat_is_taken_and_none_has_to_be_there() -> None:
    desk = open_desk(quantity=0)
    for number in range(5):
        assert desk.do(ask(f"l{number}", NO_LIMIT)).ok
    assert (in_use(desk), len(desk.state.leases)) == (0, 5)
    assert desk.do(ask("u")).reason == reasons.NO_SEAT_FREE


# --- what an operator allows a client ---


def test_a_clients_quota_counts_a_share_once_and_no_limit_never() -> None:
    desk = open_desk()
    assert desk.do(c.Limit(FIRM, PRODUCT, 1, "olga", "one each")).ok
    assert desk.do(ask("n", NO_LIMIT)).ok
    assert desk.do(ask("a", STATION_SHARE)).ok
    assert desk.do(ask("b", STATION_SHARE)).ok
    assert desk.do(ask("m", NO_LIMIT)).ok
    assert desk.do(ask("c", STATION_SHARE, station=OTHER)).reason == reasons.OVER_QUOTA
    assert desk.do(ask("u")).reason == reasons.OVER_QUOTA


# --- what a product that counts by no station keeps ---


def test_a_lease_of_a_plain_licence_keeps_no_station() -> None:
    """It would be bytes of each of 200,000 leases, for nothing."""
    desk = founded(product())
    assert desk.do(ask("l")).ok
    lease = desk.state.leases[c.LeaseRef("cert:ada", "l")]
    assert (lease.station, lease.address, desk.state.stations) == (b"", b"", {})
    assert desk.do(ask("l", station=OTHER)).ok, "so a repeat may name any"


def test_a_snapshot_counts_shares_and_stations_again() -> None:
    desk = open_desk()
    for lease_id, mode in (("a", STATION_SHARE), ("b", STATION_SHARE), ("c", NO_LIMIT)):
        assert desk.do(ask(lease_id, mode)).ok
    assert desk.do(ask("x", EXCLUSIVE, station=OTHER)).ok
    again = load(dump(desk.state))
    assert again.fingerprint() == desk.state.fingerprint()
    assert again.in_use(KEY) == 2
