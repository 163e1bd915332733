"""Who has to go when a server is full: the rules alone, with a clock that the test turns."""

from __future__ import annotations

import random

import pytest

from appliance.adapters.doors.doorkeeper import (
    DISPLACED,
    TOO_OFTEN,
    Bounds,
    Doorkeeper,
    Guest,
    Rank,
    site_of,
)

SMALL = Bounds(
    arrivals_max=4,
    arrivals_per_address_max=3,
    shaking_max=2,
    shaking_share_s=1.0,
    turns_max=2,
    strangers_max=4,
    strangers_per_address_max=2,
    known_max=8,
    known_per_client_max=3,
    operators_kept=2,
    holders_kept=2,
)


class Crowd:
    """A doorkeeper, and who was hung up on, by name and why."""

    def __init__(self, bounds: Bounds = SMALL, holders: tuple[str, ...] = ()) -> None:
        self.keeper = Doorkeeper(bounds, holders.__contains__)
        self.ended: list[tuple[str, str]] = []
        self.now_s = 0.0

    def guest(self, name: str, address: str = "10.0.0.1") -> Guest:
        return Guest(address, lambda why: self.ended.append((name, why)))

    def arrive(self, name: str, address: str = "10.0.0.1") -> Guest:
        guest = self.guest(name, address)
        self.keeper.arrive(guest, self.now_s)
        return guest

    def connect(self, name: str, address: str = "10.0.0.1") -> Guest:
        guest = self.arrive(name, address)
        assert self.keeper.connect(guest)
        return guest

    def known(self, name: str, who: str, rank: Rank = Rank.CLIENT) -> tuple[Guest, str]:
        guest = self.connect(name, f"10.1.0.{len(self.keeper)}")
        return guest, self.keeper.prove(guest, who, rank)

    @property
    def gone(self) -> list[str]:
        return [name for name, _ in self.ended]


def test_a_newcomer_takes_the_place_of_the_oldest_at_the_address_that_has_most():
    crowd = Crowd()
    crowd.arrive("alone", "10.0.0.9")
    for name in "abc":
        crowd.arrive(name)
    assert crowd.ended == []
    crowd.arrive("new", "10.0.0.8")
    assert crowd.ended == [("a", DISPLACED)]
    # One address has three places at most, even where there is room.
    crowd.arrive("d")
    crowd.arrive("e")
    assert crowd.gone == ["a", "b", "c"]


def test_among_equals_the_oldest_goes():
    crowd = Crowd()
    for number in range(6):
        crowd.arrive(str(number), f"10.0.0.{number}")
    assert crowd.gone == ["0", "1"]


def test_who_asks_properly_stays_before_who_does_not():
    crowd = Crowd()
    guests = {name: crowd.connect(name, f"10.0.0.{name}") for name in "1234"}
    crowd.keeper.heard(guests["1"])
    crowd.connect("5", "10.0.0.5")
    assert crowd.gone == ["2"]


def test_nobody_known_goes_for_any_number_of_strangers():
    crowd = Crowd()
    known = [crowd.known(f"k{n}", f"cert:{n}")[0] for n in range(4)]
    for number in range(1_000):
        guest = crowd.arrive(f"s{number}", f"10.9.{number % 7}.1")
        crowd.keeper.ask_turn(guest)
        while (turn := crowd.keeper.next_turn(number)) is not None:
            crowd.keeper.connect(turn)
            crowd.keeper.end_turn()
    assert all(guest.who for guest in known)
    assert not [name for name in crowd.gone if name.startswith("k")]
    assert crowd.keeper.known == 4
    assert len(crowd.keeper) <= 4 + 4 + 2 + 4


def test_one_client_has_so_many_connections_and_is_told():
    crowd = Crowd()
    guests = [crowd.known(str(n), "cert:a") for n in range(4)]
    assert [refusal for _, refusal in guests[:3]] == ["", "", ""]
    assert "cert:a has 3 connections" in guests[3][1]
    assert guests[3][0].who == ""
    crowd.keeper.leave(guests[0][0])
    assert crowd.keeper.prove(guests[3][0], "cert:a", Rank.CLIENT) == ""
    assert crowd.keeper.of("cert:a") == 3


def test_places_are_kept_for_who_holds_a_lease_and_for_operators():
    crowd = Crowd(holders=("cert:holder",))
    for number in range(4):
        assert crowd.known(f"c{number}", f"cert:{number}")[1] == ""
    assert "4 connections are open" in crowd.known("late", "cert:late")[1]
    for number in range(2):
        assert crowd.known(f"h{number}", "cert:holder")[1] == ""
    assert "6 connections" in crowd.known("h2", "cert:holder")[1]
    for number in range(2):
        assert crowd.known(f"o{number}", "cert:op", Rank.OPERATOR)[1] == ""
    assert "8 connections" in crowd.known("o2", "cert:op", Rank.OPERATOR)[1]
    assert crowd.gone == []


def test_addresses_take_turns_and_at_one_address_who_came_first():
    crowd = Crowd(Bounds(turns_max=1))
    for name, address in (("a1", "A"), ("a2", "A"), ("a3", "A"), ("b1", "B"), ("c1", "C")):
        guest = crowd.arrive(name, address)
        guest.who = name  # a name for the test
        crowd.keeper.ask_turn(guest)
    order = []
    while (begins := crowd.keeper.next_turn(0.0)) is not None:
        assert crowd.keeper.next_turn(0.0) is None  # one at a time
        order.append(begins.who)
        crowd.keeper.end_turn()
    assert order == ["a1", "b1", "c1", "a2", "a3"]


def test_a_handshake_gets_its_share_of_time_before_another_may_end_it():
    crowd = Crowd()
    guests = [crowd.arrive(name, f"10.0.0.{name}") for name in "123"]
    for guest in guests:
        crowd.keeper.ask_turn(guest)
    assert crowd.keeper.next_turn(10.0) is guests[0]
    assert crowd.keeper.next_turn(10.0) is guests[1]
    crowd.keeper.end_turn()
    crowd.keeper.end_turn()
    assert crowd.keeper.next_turn(10.9) is None
    assert crowd.gone == []
    assert crowd.keeper.next_turn(11.0) is guests[2]
    assert crowd.gone == ["1"]


def test_who_left_or_was_dropped_gets_no_turn_and_no_connection():
    crowd = Crowd()
    first, second = crowd.arrive("1"), crowd.arrive("2")
    crowd.keeper.ask_turn(first)
    crowd.keeper.ask_turn(second)
    crowd.keeper.leave(first)
    crowd.keeper.leave(first)
    assert crowd.keeper.next_turn(0.0) is second
    assert not crowd.keeper.connect(first)
    crowd.keeper.ask_turn(first)
    assert crowd.keeper.next_turn(0.0) is None
    assert crowd.keeper.prove(first, "cert:a", Rank.CLIENT) == ""
    assert crowd.keeper.known == 0


def test_overdue_is_whose_time_has_passed():
    crowd = Crowd()
    early, late, never = (crowd.connect(name, name) for name in "abc")
    early.due_s, late.due_s = 5.0, 9.0
    assert crowd.keeper.overdue(4.9) == []
    assert crowd.keeper.overdue(5.0) == [early]
    assert crowd.keeper.overdue(1e12) == [early, late]
    assert never in [never]


def test_without_a_file_descriptor_a_stranger_is_given_up_and_never_somebody_known():
    crowd = Crowd()
    crowd.known("known", "cert:a")
    crowd.connect("stranger")
    crowd.arrive("silent")
    assert crowd.keeper.make_room()
    assert crowd.keeper.make_room()
    assert not crowd.keeper.make_room()
    assert crowd.gone == ["silent", "stranger"]


def test_an_address_that_connects_too_often_is_cut_off_before_anything_is_read():
    crowd = Crowd(Bounds(arrivals_per_minute=60))
    for number in range(61):
        crowd.arrive(str(number), "10.0.0.1")
    crowd.arrive("other", "10.0.0.2")
    assert crowd.ended == [("60", TOO_OFTEN)]
    crowd.now_s = 1.0
    crowd.arrive("later")
    assert len(crowd.ended) == 1


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("", ""),
        ("a path", "a path"),
    ],
)
def test_what_counts_as_one_address(address, site):
    assert site_of(address) == site


@pytest.mark.parametrize("name", ["arrivals_max", "shaking_max", "turns_max", "known_max"])
def test_bounds_are_positive(name):
    with pytest.raises(ValueError, match=name):
        Bounds(**{name: 0})


@pytest.mark.parametrize("seed", range(20))
def test_every_count_is_what_a_dumb_count_says(seed):
    """Whatever comes in whatever order, no bound is passed, and everybody counts once."""
    chance = random.Random(seed)
    crowd = Crowd(holders=("cert:1",))
    keeper, names = crowd.keeper, 0
    inside: dict[str, Guest] = {}
    for step in range(2_000):
        for name in crowd.gone:
            inside.pop(name, None)
        crowd.ended.clear()
        act = chance.randrange(6)
        if act == 0 or not inside:
            names += 1
            inside[str(names)] = crowd.arrive(str(names), f"10.0.0.{chance.randrange(4)}")
            continue
        name, guest = chance.choice(list(inside.items()))
        match act:
            case 1:
                keeper.ask_turn(guest)
            case 2:
                if keeper.next_turn(step) is not None:
                    keeper.end_turn()
            case 3:
                if not guest.who:
                    keeper.connect(guest)
            case 4:
                if guest.pool is keeper.strangers:
                    who = f"cert:{chance.randrange(4)}"
                    keeper.prove(guest, who, chance.choice(list(Rank)))
            case 5:
                keeper.leave(guest)
                del inside[name]
        alive = [guest for name, guest in inside.items() if name not in crowd.gone]
        assert len(keeper) == len(alive)
        for pool, most, own in (
            (keeper.arrivals, SMALL.arrivals_max, SMALL.arrivals_per_address_max),
            (keeper.shaking, SMALL.shaking_max, SMALL.shaking_max),
            (keeper.strangers, SMALL.strangers_max, SMALL.strangers_per_address_max),
        ):
            there = [guest.address for guest in alive if guest.pool is pool]
            assert len(pool) == len(there) <= most
            assert all(there.count(address) <= own for address in there)
        known = [guest.who for guest in alive if guest.who]
        assert keeper.known == len(known) <= SMALL.known_max
        assert all(keeper.of(who) == known.count(who) <= 3 for who in known)
