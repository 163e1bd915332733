"""A ticket's lines: what a group wants of them, and what is left (pure)."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from appliance.codec.ticket_codes import Chosen
from appliance.licences.model import ProductItem
from appliance.services.central import CentralRefused, Options
from appliance.services.central.tickets import IN_PART, OPEN, USED_UP, Ticket, Use, lines_of


def ticket() -> Ticket:
    """Twenty seats, a unit counter, no seat, and a mode without a limit."""
    items = (
        ProductItem(product_code=10, tmr_id=1, quantity=20),
        ProductItem(product_code=20, tmr_id=1, units=500),
        ProductItem(product_code=30, tmr_id=1, quantity=0),
        ProductItem(product_code=40, tmr_id=1, quantity=3, modes=("user-limit", "no-limit")),
    )
    return Ticket(code="T", lines=lines_of([(one, Options()) for one in items]))


def used(one: Ticket, *uses: tuple[int, int, str]) -> Ticket:
    made = tuple(
        Use(line=line, quantity=some, tmr_id=number, cmact_id=group)
        for number, (line, some, group) in enumerate(uses, start=len(one.uses) + 1)
    )
    return msgspec.structs.replace(one, uses=(*one.uses, *made))


def wanted(one: Ticket, group: str, *chosen: tuple[int, int]) -> list[tuple[int, int]]:
    return [(made.line.line, made.quantity) for made in one.wanted(chosen, group)]


def test_all_or_chosen_lines_and_quantities() -> None:
    sold = ticket()
    assert wanted(sold, "") == [(1, 20), (2, 1), (3, 0), (4, 3)]
    assert wanted(sold, "", (1, 5), (2, 0)) == [(1, 5), (2, 1)]
    assert (sold.state, sold.state_of(sold.lines[2])) == (OPEN, OPEN)
    some = used(sold, (1, 5, "A"), (2, 1, "A"))
    assert (some.state, some.left(some.lines[0]), some.left(some.lines[1])) == (IN_PART, 15, None)
    assert wanted(some, "B") == [(1, 15), (3, 0), (4, 3)]
    assert some.wanted(((1, 15),), "B")[0].options.values == {"quantity": 15}
    for chosen, said in (
        ((1, 16), "15 of 20 left"),
        ((2, 0), "nothing left"),
        ((3, 1), "as a whole"),
        ((4, 1), "as a whole"),
        ((5, 0), "no line 5"),
    ):
        with pytest.raises(CentralRefused, match=said):
            some.wanted((chosen,), "B")


def test_what_is_chosen_is_what_a_group_is_to_have() -> None:
    """So the same command, repeated, gets nothing twice; and a greater number gets the rest."""
    some = used(ticket(), (1, 5, "A"), (2, 1, "A"), (3, 0, "A"), (4, 3, "A"))
    had: list[Chosen] = [((1, 5),), ((1, 3),), ((2, 0), (4, 3)), ((3, 0),)]
    for chosen in had:
        assert wanted(some, "A", *chosen) == []
    assert wanted(some, "A", (1, 12)) == [(1, 7)]
    assert wanted(some, "A", (1, 0)) == wanted(some, "A") == [(1, 15)]
    full = used(some, (1, 15, "B"))
    assert full.state == USED_UP
    assert wanted(full, "A") == wanted(full, "B") == wanted(full, "A", (1, 0)) == []
    none: list[Chosen] = [(), ((1, 1),)]
    for chosen in none:
        with pytest.raises(CentralRefused, match="other containers"):
            full.wanted(chosen, "C")
    with pytest.raises(CentralRefused, match="nothing left"):
        full.wanted(((1, 6),), "A")


def test_what_came_back_is_there_again() -> None:
    full = used(ticket(), (1, 20, "A"), (2, 1, "A"), (3, 0, "A"), (4, 3, "A"))
    uses = tuple(msgspec.structs.replace(one, credited=one.line in (1, 3)) for one in full.uses)
    back = msgspec.structs.replace(full, uses=uses)
    assert (back.state, wanted(back, "B")) == (IN_PART, [(1, 20), (3, 0)])


@pytest.mark.parametrize("seed", range(5))
def test_no_course_of_groups_and_returns_gives_more_than_was_sold(seed: int) -> None:
    """Against counting: whatever is asked in which order."""
    rng, sold = Random(seed), ticket()
    for _ in range(200):
        chosen = () if rng.random() < 0.3 else ((rng.choice((1, 2, 3, 4)), rng.choice((0, 1, 7))),)
        group = rng.choice("ABC")
        before = sold
        try:
            made = sold.wanted(chosen, group)
        except CentralRefused:
            made = ()
        sold = used(sold, *((one.line.line, one.quantity, group) for one in made))
        if made:
            assert sold.wanted(chosen, group) == (), "the same once more"
        if sold.uses and rng.random() < 0.2:
            at = rng.randrange(len(sold.uses))
            uses = list(sold.uses)
            uses[at] = msgspec.structs.replace(uses[at], credited=True)
            sold = msgspec.structs.replace(sold, uses=tuple(uses))
        for line in sold.lines:
            live = [one for one in sold.uses if one.line == line.line and not one.credited]
            assert sum(one.quantity for one in live) <= line.quantity, before
            assert not line.whole or len(live) <= 1


def test_a_ticket_has_a_bounded_number_of_lines() -> None:
    item = ProductItem(product_code=10, tmr_id=1)
    for count in (0, 51):
        with pytest.raises(CentralRefused, match="1 to 50 lines"):
            lines_of([(item, Options())] * count)
