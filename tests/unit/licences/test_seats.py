"""One client takes neither the table of leases, nor that of ended ones, nor a product from others,
and a refusal can be told from the state alone."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.licences import commands as c
from appliance.licences import reasons, seats
from appliance.licences import state as state_module
from appliance.licences.granting import held
from appliance.licences.queue.waiting import refusal
from appliance.licences.records import Lease
from appliance.licences.seats import judge
from appliance.licences.state import State
from tests.unit.licences.builders import (
    FIRM,
    HOLDER,
    NOW_MS,
    NOW_S,
    PRODUCT,
    Desk,
    check_out,
    founded,
    import_of,
    product,
    update_of,
)
from tests.unit.licences.test_machine_properties import (
    ITEMS,
    RUNS,
    aimed,
    check_ended,
    check_invariants,
)

MANY = product(quantity=1000)
PAST: dict[str, Any] = {"expires_at_s": NOW_S}
NEVER_CERTIFIED: dict[str, Any] = {"certified_age_max_s": 60}


def of(client: str, lease_id: str) -> c.CheckOut:
    return check_out(lease_id, client)


def take(desk: Desk, client: str, count: int, first: int = 0) -> list[str]:
    """Check out under `count` ids; gives the reasons."""
    return [desk.do(of(client, f"l{number}")).reason for number in range(first, first + count)]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of 20 leases, at most 8 of one client, 6 kept for who has fewer than 2."""
    for name, value in (
        ("LEASES_MAX", 20),
        ("LEASES_PER_CLIENT_MAX", 8),
        ("LEASES_KEPT", 6),
        ("LEASES_SHARE", 2),
    ):
        monkeypatch.setattr(seats, name, value)


@pytest.mark.usefixtures("small")
def test_a_client_has_so_many_leases_and_only_it_is_refused() -> None:
    desk = founded(MANY)
    assert take(desk, "cert:greedy", 8) == [reasons.GRANTED] * 8
    refused = desk.do(of("cert:greedy", "one more"))
    assert (refused.reason, "This client holds 8" in refused.detail) == (
        reasons.TOO_MANY_LEASES,
        True,
    )
    assert desk.do(of("cert:honest", "l")).ok
    lease = desk.state.leases[c.LeaseRef("cert:greedy", "l0")]
    assert desk.do(c.CheckIn(lease.ref, lease.generation)).ok
    assert desk.do(of("cert:greedy", "one more")).ok


@pytest.mark.usefixtures("small")
def test_a_table_that_is_nearly_full_is_kept_for_who_has_few() -> None:
    desk = founded(MANY)
    assert take(desk, "cert:a", 8) + take(desk, "cert:b", 6) == [reasons.GRANTED] * 14
    assert take(desk, "cert:b", 1, 6) == [reasons.TOO_MANY_LEASES], "14 of 20, and it has its share"
    for number in range(3):
        assert take(desk, f"cert:{number}", 3) == [reasons.GRANTED] * 2 + [reasons.TOO_MANY_LEASES]
    assert len(desk.state.leases) == 20
    assert take(desk, "cert:last", 1) == [reasons.TOO_MANY_LEASES]
    assert take(desk, "cert:a", 1) == [reasons.GRANTED], "a repeat takes nothing"


@pytest.mark.usefixtures("small")
def test_one_client_alone_cannot_take_what_is_kept_for_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whichever of the two bounds is lower."""
    monkeypatch.setattr(seats, "LEASES_PER_CLIENT_MAX", 17)
    desk = founded(MANY)
    assert take(desk, "cert:greedy", 15) == [reasons.GRANTED] * 14 + [reasons.TOO_MANY_LEASES]
    refused = desk.do(of("cert:greedy", "one more"))
    assert refused.detail.startswith("This ledger holds 20 leases, which is all it can")
    assert take(desk, "cert:a", 3) == [reasons.GRANTED] * 2 + [reasons.TOO_MANY_LEASES]


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (PAST, PAST, reasons.EXPIRED),
        (PAST, NEVER_CERTIFIED, reasons.CERTIFIED_STALE),
        (NEVER_CERTIFIED, PAST, reasons.CERTIFIED_STALE),
        (PAST, {"quantity": 0}, reasons.NO_SEAT_FREE),
        ({"quantity": 0}, PAST, reasons.NO_SEAT_FREE),
        (PAST, {}, reasons.GRANTED),
    ],
)
def test_of_several_licences_what_can_be_mended_is_told(
    first: dict[str, Any], second: dict[str, Any], why: str
) -> None:
    """A licence at rest for another reason than its end may come back: that one is named."""
    desk = founded(product(tmr_id=1, **first), product(tmr_id=2, **second))
    outcome = desk.do(check_out())
    assert outcome.reason == why
    assert outcome.ok or f"{FIRM}:{PRODUCT}" in outcome.detail


@pytest.mark.parametrize(
    "fields",
    [
        {"firm_code": FIRM + 1},
        {"product_code": PRODUCT + 1},
        {"secret_hash": b"t" * 32},
        {"holder": msgspec.structs.replace(HOLDER, pid=8)},
    ],
)
def test_another_check_out_under_a_key_in_use_is_a_conflict(fields: dict[str, Any]) -> None:
    desk = founded(product())
    assert desk.do(check_out()).ok
    outcome = judge(desk.state, check_out(**fields))
    assert isinstance(outcome, c.Outcome) and outcome.reason == reasons.LEASE_CONFLICT
    assert outcome.detail.startswith("Lease lease was checked out by another request")


def test_a_repeat_tells_where_the_lease_stands_now() -> None:
    item = product(units=9, lease_ttl_s=45, expires_at_s=NOW_S + 100)
    desk = founded(item)
    granted = desk.do(check_out())
    assert desk.consume(granted.generation, 1, 4).ok
    desk.wait(30_000)
    desk.do(c.Tick())
    lease = desk.state.leases[c.LeaseRef("cert:ada", "lease")]
    assert judge(desk.state, check_out()) is lease, "it stays where it is"
    assert held(desk.state, lease) == msgspec.structs.replace(granted, valid_for_s=70, units_left=5)
    desk.state.log_time_ms = NOW_MS + 100_000
    at_rest = judge(desk.state, check_out())
    assert isinstance(at_rest, c.Outcome) and at_rest.reason == reasons.EXPIRED


def test_a_repeat_after_the_licence_was_taken_away_is_told_so() -> None:
    desk = founded(product())
    assert desk.do(check_out()).ok
    for twin in (1, 2):
        assert desk.do(import_of(update_of(twin, sequence=2))).ok
    again = judge(desk.state, check_out())
    assert isinstance(again, c.Outcome) and again.reason == reasons.UNKNOWN_PRODUCT
    assert f"{FIRM}:{PRODUCT}" in again.detail


def test_what_is_not_there_and_what_is_over_are_named() -> None:
    desk = founded(product())
    for firm_code, product_code in ((FIRM + 1, PRODUCT), (FIRM, PRODUCT + 1)):
        unknown = judge(desk.state, check_out(firm_code=firm_code, product_code=product_code))
        assert isinstance(unknown, c.Outcome) and unknown.reason == reasons.UNKNOWN_PRODUCT
        assert f"{firm_code}:{product_code}" in unknown.detail
    assert desk.check_in(desk.do(check_out()).generation).ok
    over = judge(desk.state, check_out())
    assert isinstance(over, c.Outcome) and over.reason == reasons.LEASE_ENDED
    assert over.detail.startswith("Lease lease was ")


def test_only_what_would_be_refused_is_told_by_the_state() -> None:
    desk = founded(product(quantity=1))
    assert refusal(desk.state, check_out()) is None
    assert desk.do(check_out()).ok
    assert refusal(desk.state, check_out()) is None, "it is granted again"
    told = refusal(desk.state, check_out("another"))
    assert told is not None and told.reason == reasons.NO_SEAT_FREE
    desk.state.ledger_id = b""
    assert refusal(desk.state, check_out("another")) is None


def test_an_operators_limit_counts_seats_of_one_product_and_client() -> None:
    twice = (MANY, product(tmr_id=2, quantity=3), product(product_code=21, quantity=9))
    desk = founded(*twice)
    assert desk.do(c.Limit(FIRM, PRODUCT, 2, "olga", "shared")).ok
    assert take(desk, "cert:ada", 3) == [reasons.GRANTED, reasons.GRANTED, reasons.OVER_QUOTA]
    assert "2 seats" in desk.do(of("cert:ada", "x")).detail
    assert desk.do(check_out("other", product_code=21)).ok
    assert take(desk, "cert:bob", 1) == [reasons.GRANTED]
    assert desk.do(c.Limit(FIRM, PRODUCT, 1, "olga", "fewer")).ok
    assert desk.do(of("cert:ada", "l0")).ok, "a lower limit ends nothing"
    assert desk.do(c.Limit(FIRM, PRODUCT, 0, "olga", "enough for all")).ok
    assert not desk.state.quotas
    assert take(desk, "cert:ada", 2, 5) == [reasons.GRANTED] * 2
    assert [act.subject for act in desk.state.acts()][-1].endswith("to all seats for each client")
    assert desk.do(c.Limit(FIRM, PRODUCT, -1, "", "")).reason == reasons.BAD_REQUEST


def churn(desk: Desk, client: str, lease_id: str) -> c.LeaseRef:
    """A lease that begins and ends."""
    grant = desk.do(of(client, lease_id))
    ref = c.LeaseRef(client, lease_id)
    assert desk.do(c.CheckIn(ref, grant.generation)).ok
    return ref


def test_one_clients_ended_leases_push_out_its_own_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_module, "TOMBSTONES_PER_CLIENT_MAX", 5)
    desk = founded(MANY)
    honest = churn(desk, "cert:honest", "l")
    greedy = [churn(desk, "cert:greedy", f"l{number}") for number in range(20)]
    assert desk.state.ended(honest) is not None
    kept = [desk.state.ended(ref) is not None for ref in greedy]
    assert kept == [False] * 15 + [True] * 5
    check_ended(desk.state)


def test_a_full_table_forgets_those_of_who_has_many_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_module, "TOMBSTONES_MAX", 10)
    monkeypatch.setattr(state_module, "TOMBSTONES_SHARE", 3)
    desk = founded(MANY)
    honest = [churn(desk, "cert:honest", f"l{number}") for number in range(3)]
    for number in range(40):
        churn(desk, "cert:greedy", f"l{number}")
    assert all(desk.state.ended(ref) is not None for ref in honest)
    assert len(desk.state._ended_order) == 10
    check_ended(desk.state)


CLIENTS = st.sampled_from(["cert:a", "cert:b", "cert:c"])
LIVES = st.lists(st.tuples(CLIENTS, st.integers(0, 9), st.booleans(), st.integers(0, 300_000)))


@settings(max_examples=150)
@given(LIVES)
def test_tables_stay_within_their_bounds_and_are_undone(lives: list[tuple[str, int, bool, int]]):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state_module, "TOMBSTONES_MAX", 6)
        patch.setattr(state_module, "TOMBSTONES_PER_CLIENT_MAX", 4)
        patch.setattr(state_module, "TOMBSTONES_SHARE", 1)
        patch.setattr(seats, "LEASES_PER_CLIENT_MAX", 3)
        desk = founded(MANY)
        desk.state.take_changes()
        before = desk.state.fingerprint()
        for client, number, ends, step_ms in lives:
            desk.wait(step_ms)
            lease = desk.state.leases.get(c.LeaseRef(client, str(number)))
            if ends and lease is not None:
                assert desk.do(c.CheckIn(lease.ref, lease.generation)).ok
            else:
                desk.do(of(client, str(number)))
            check_invariants(desk.state)
            assert len(desk.state._tombstones) <= len(desk.state._ended_order) <= 7
            assert all(ended.count <= 4 for ended in desk.state._ended_of.values())
            assert all(
                held <= 3 for whose, held in desk.state.held.items() if isinstance(whose, str)
            )
        desk.state.revert(desk.state.take_changes())
        assert desk.state.fingerprint() == before


@settings(max_examples=300)
@given(RUNS)
def test_what_the_state_alone_tells_is_what_the_machine_then_says(run) -> None:
    """Whoever is refused without an entry would have been refused by one at the same log time, and
    a refusal leaves nothing in the state but the count of commands and what became overdue."""
    desk = founded(*ITEMS)
    for (drawn, aim), step_ms in run:
        command = aimed(desk.state, drawn, aim)
        if not isinstance(command, c.CheckOut):
            desk.now_ms += step_ms
            desk.do(command)
            continue
        desk.now_ms = desk.state.log_time_ms
        told, found = refusal(desk.state, command), judge(desk.state, command)
        leases, units = dict(desk.state.leases), dict(desk.state.units_used)
        had_a_place = desk.state.place(command.lease) is not None
        outcome = desk.do(command)
        if told is not None:
            assert told == outcome
            assert (desk.state.leases, desk.state.units_used) == (leases, units)
        elif outcome.reason == reasons.NO_SEAT_FREE:
            assert desk.state.lingering, "only the next command knows how old it has become"
        elif outcome.reason == reasons.QUEUED:
            assert command.wait_s
        else:
            assert outcome.ok
            if had_a_place:
                continue  # It took what was held for it.
            assert not isinstance(found, c.Outcome)
            lines = found.lines if isinstance(found, Lease) else found
            assert outcome.keys == tuple(charge.key for charge in lines)


def test_before_there_is_a_ledger_nobody_is_refused_by_the_state() -> None:
    assert refusal(State(), check_out()) is None
