"""What the seats of a product do: each is counted once, whatever it does."""

from __future__ import annotations

from appliance.ledger.invariants import check_state
from appliance.licences.access.form import RESERVE
from appliance.licences.seat_states import STATES, seat_states
from tests.unit.licences.access_rules import apply, form, rule, rule_set
from tests.unit.licences.builders import FIRM, NOW_S, PRODUCT, Desk, founded, product
from tests.unit.licences.queue_desk import ask, free, waits
from tests.unit.licences.test_borrowing import WEEK_S, lending, request

THE_PRODUCT = (FIRM, PRODUCT)


def states(desk: Desk) -> dict[str, int]:
    """Those that are not nought; the sum of all is the quantity."""
    check_state(desk.state)
    (found,) = seat_states(desk.state, 10)
    assert tuple(found[THE_PRODUCT]) == STATES
    quantity = sum(offer.item.quantity for offer in desk.state.offers[THE_PRODUCT])
    assert sum(found[THE_PRODUCT].values()) == quantity
    return {word: count for word, count in found[THE_PRODUCT].items() if count}


def test_each_seat_is_counted_by_what_it_does() -> None:
    item = product(quantity=6, linger_s=30, lease_ttl_s=60, borrow_max_s=WEEK_S)
    desk = lending(item)
    assert states(desk) == {"free": 6}
    assert desk.do(request()).ok
    for name in ("h1", "h2", "h3"):
        assert desk.do(ask(name, wait_s=0)).ok
    assert states(desk) == {"borrowed": 1, "leased": 3, "free": 2}
    assert apply(desk, form(rule_set(rule(RESERVE, "user:grace", seats=1)))).ok
    assert states(desk) == {"borrowed": 1, "leased": 3, "reserved": 1, "free": 1}
    free(desk, "h1")
    assert states(desk) == {
        "borrowed": 1,
        "leased": 2,
        "lingering": 1,
        "reserved": 1,
        "free": 1,
    }


def test_a_seat_that_is_offered_is_neither_leased_nor_free() -> None:
    desk = founded(product(quantity=2))
    for name in ("h0", "h1"):
        assert desk.do(ask(name, wait_s=0)).ok
    waits(desk, "a", "b", "c")
    free(desk, "h0")
    assert states(desk) == {"leased": 1, "offered": 1}


def test_free_seats_of_a_licence_that_is_over_rest() -> None:
    desk = founded(product(quantity=3, expires_at_s=NOW_S + 60), product(tmr_id=2, quantity=2))
    assert desk.do(ask("h0", wait_s=0)).ok
    assert states(desk) == {"leased": 1, "free": 4}
    desk.wait(61_000)
    assert desk.do(ask("h1", wait_s=0)).ok
    assert states(desk) == {"leased": 2, "resting": 3}, "both are of the licence without an end"
