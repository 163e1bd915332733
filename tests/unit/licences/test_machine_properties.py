"""What holds for every sequence of commands: undo, seats, units, one effect, determinism."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.ledger.invariants import check_state
from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences import state as state_module
from appliance.licences.access.form import DENY, MAX, RESERVE, AccessRules, Rule, RuleSet, Subjects
from appliance.licences.machine import Machine
from appliance.licences.merge import merge
from appliance.licences.model import LicenceKey
from appliance.licences.modes import MODES, NO_LIMIT, OF_A_STATION, STATION_SHARE
from appliance.licences.state import State
from appliance.licences.wishes import NO_WISHES, Wishes
from appliance.verifier.layouts import outcome_leaf
from tests.unit.licences.access_rules import THE_FIRM, form, rule, rule_set
from tests.unit.licences.builders import (
    FIRM,
    NOW_MS,
    NOW_S,
    PRODUCT,
    check_out,
    founded,
    import_of,
    product,
    read_update,
    update_of,
)

ITEMS = (
    product(quantity=2, units=2, usage_period_s=1_200, refundable_units=1),
    product(tmr_id=2, quantity=1, units=1, expires_at_s=NOW_S + 900),
    product(product_code=21, quantity=1, modes=MODES, linger_s=1),
)
REFS = st.builds(c.LeaseRef, st.sampled_from(["cert:a", "token:b"]), st.sampled_from("xy"))
GENERATIONS = st.integers(4, 40)
NONCES = st.binary(max_size=2)
TEXTS = st.sampled_from(["", "olga"])
UPDATES = st.builds(
    lambda twin, sequence, firm_code, quantity: import_of(
        update_of(
            twin,
            *(msgspec.structs.replace(item, quantity=quantity) for item in ITEMS[:quantity]),
            sequence=sequence,
            firm_code=firm_code,
        )
    ),
    st.integers(1, 3),
    st.integers(1, 4),
    st.sampled_from([FIRM, FIRM, 9]),
    st.integers(2, 3),
)
PLACES = [(b"", b""), (b"a" * 16, b"here"), (b"a" * 16, b"else"), (b"b" * 16, b"here")]
ASKING = [
    *(3 * [(b"", b"", NO_WISHES)]),
    *(
        (station, address, Wishes(mode=mode))
        for station, address in PLACES
        for mode in MODES
        if station or mode not in OF_A_STATION
    ),
]
CHECK_OUTS = st.builds(
    lambda ref, product_code, secret_hash, nonce, asking, wait_s: c.CheckOut(
        ref,
        FIRM,
        product_code,
        secret_hash,
        c.Holder(),
        nonce,
        station=asking[0],
        address=asking[1],
        wishes=asking[2],
        wait_s=wait_s,
    ),
    REFS,
    st.sampled_from([PRODUCT, PRODUCT, PRODUCT, 21, 22]),
    st.sampled_from([b"s", b"s", b"s", b"t"]),
    NONCES,
    st.sampled_from(ASKING),
    st.sampled_from([0, 0, 1, 600]),
)
CONSUMPTIONS = st.builds(
    c.Consume, REFS, GENERATIONS, st.integers(0, 3), st.sampled_from([1, 2, 1, 0]), NONCES
)
PLAUSIBLE = st.one_of(
    CHECK_OUTS,
    CHECK_OUTS,
    CONSUMPTIONS,
    CONSUMPTIONS,
    CONSUMPTIONS,
    st.builds(c.CheckIn, REFS, GENERATIONS),
    st.builds(c.Expire, REFS, GENERATIONS),
    st.builds(c.Release, REFS, GENERATIONS, TEXTS, TEXTS),
    st.builds(c.Enrol, st.sampled_from("ab"), st.sampled_from([b"", b"h"]), TEXTS, TEXTS),
    st.builds(
        c.Operate,
        st.sampled_from(["switchover", "maintenance-on", "maintenance-off", "?"]),
        st.sampled_from(["tmr1", "tmr2"]),
        TEXTS,
        TEXTS,
    ),
    st.builds(
        c.Dismiss,
        st.sampled_from(["A1", "B2", "0"]),
        st.just("ada"),
        st.just("client"),
        st.sampled_from([0, NOW_S]),
        st.sampled_from(["A1", "C3"]),
        TEXTS,
        TEXTS,
    ),
    st.builds(c.Limit, st.just(FIRM), st.just(PRODUCT), st.integers(-1, 2), TEXTS, TEXTS),
    st.builds(
        c.OpenDenial,
        st.sampled_from("ab"),
        st.just(FIRM),
        st.just(PRODUCT),
        st.just("no-seat-free"),
        st.just(c.Holder()),
    ),
    st.builds(
        c.CloseDenial,
        st.sampled_from("ab"),
        st.just(FIRM),
        st.just(PRODUCT),
        st.integers(0, 2),
        st.booleans(),
        st.booleans(),
    ),
    st.builds(c.SetQueue, st.integers(-1, 2), st.sampled_from([0, 1, 60]), TEXTS, TEXTS),
    st.builds(c.EraseName, st.sampled_from([bytes(16), b"t" * 16, b""]), TEXTS, TEXTS),
    st.builds(
        c.SetAccess,
        st.integers(0, 2),
        st.sampled_from(
            [
                form(),
                form(rule_set(rule(RESERVE, "cert:a", seats=1), rule(MAX, seats=2))),
                form(rule_set(rule(DENY, "cert:a"), scope=THE_FIRM)),
            ]
        ),
        TEXTS,
        TEXTS,
    ),
    UPDATES,
    st.builds(c.Found, st.just(b"again"), st.just("131-1")),
    st.just(c.Tick()),
)
# Most commands aim at a lease's true generation, or hardly any would have an effect.
AIMED = st.tuples(PLAUSIBLE, st.sampled_from([True, True, True, False]))
STEPS_MS = st.sampled_from([0, 0, 0, 1, 1_000, 200_000, 600_000, -300_000])
RUNS = st.lists(st.tuples(AIMED, STEPS_MS), min_size=12, max_size=60)


def aimed(state: State, command: Any, aim: bool) -> Any:
    """The command with the generation, and next or last number, of an active lease."""
    if not aim or not hasattr(command, "generation") or not state.leases:
        return command
    lease = state.lease(command.lease) or state.leases[min(state.leases)]
    command = msgspec.structs.replace(command, lease=lease.ref, generation=lease.generation)
    if isinstance(command, c.Consume):
        if command.number == 0 and lease.answers:
            last = lease.answers[-1]
            return msgspec.structs.replace(command, number=last.number, units=last.units)
        if command.number < 3:
            return msgspec.structs.replace(command, number=lease.last_number + 1)
    return command


def check_invariants(state: State) -> None:
    """Design section 3, invariants 2 and 4, and that what is derived is what it is derived from."""
    seats, held = Counter[Any](), Counter[Any]()
    shares: set[Any] = set()
    for lease in state.holdings():
        held[lease.ref.client] += 1
        for charge in lease.lines:
            share = (charge.key, lease.ref.client, lease.station, lease.address)
            shared = lease.wishes.mode == STATION_SHARE and share in shares
            if shared or lease.wishes.mode == NO_LIMIT:
                continue
            if lease.wishes.mode == STATION_SHARE:
                shares.add(share)
            seats[charge.key] += charge.seats
            codes = charge.key.firm_code, charge.key.product_code
            held[(lease.ref.client, *codes)] += charge.seats
    for kept in state.lingers():
        seats[kept.key] += kept.seats
    assert (state.seats, state.held) == (seats, held)
    check_state(state)
    check_ended(state)
    assert state.view == merge(state.containers.values())
    for key, item in state.items.items():
        assert state.view[key].available
        if item.units is not None:  # no update in here lowers it
            used = state.units_used.get(key, 0)
            assert 0 <= used <= item.units
            assert state.units_left(key) == item.units - used
    assert not any(
        ref in state.leases for ref in list(state._tombstones) if state.ended(ref) is not None
    )


def check_ended(state: State) -> None:
    """Of each client its ended leases hang together, oldest first, and none is left over."""
    seen: list[int] = []
    for client, of in state._ended_of.items():
        numbers = [of.first]
        while after := state._ended_order[numbers[-1]].next:
            numbers.append(after)
        assert (len(numbers), numbers[-1]) == (of.count, of.last)
        assert {state._ended_order[number].ref.client for number in numbers} == {client}
        assert numbers == sorted(numbers)
        seen += numbers
    assert sorted(seen) == sorted(state._ended_order)
    for ref, tombstone in state._tombstones.items():
        assert state._ended_order[tombstone.number].ref == ref


@settings(max_examples=400)
@given(RUNS)
def test_invariants_hold_and_a_grant_never_exceeds_the_quantity(run):
    desk = founded(*ITEMS)
    effects: dict[tuple[c.LeaseRef, int, int], c.Outcome] = {}
    for (drawn, aim), step_ms in run:
        desk.now_ms += step_ms
        command = aimed(desk.state, drawn, aim)
        before = dict(desk.state.leases), dict(desk.state.units_used)
        outcome = desk.do(command)
        check_invariants(desk.state)
        if isinstance(command, c.CheckOut) and outcome.ok:
            assert outcome.key is not None
            if command.lease not in before[0]:
                assert desk.state.in_use(outcome.key) <= desk.state.items[outcome.key].quantity
                assert outcome.generation == desk.state.commands_applied
            else:
                assert outcome.generation == before[0][command.lease].generation
        lease = before[0].get(command.lease) if isinstance(command, c.Consume) else None
        if lease is not None and command.generation == lease.generation:
            for answer in lease.answers:
                if (answer.number, answer.units) == (command.number, command.units):
                    assert outcome.reason == answer.outcome.reason, "a retry gets the first answer"
            if command.number > lease.last_number + 1:
                assert outcome.reason in (reasons.OUT_OF_ORDER, reasons.BAD_REQUEST)
        if isinstance(command, c.Consume) and outcome.ok:
            # Every numbered request has one effect, however often it is repeated.
            number = (command.lease, command.generation, command.number)
            first = effects.setdefault(number, outcome)
            assert msgspec.structs.replace(outcome, valid_for_s=first.valid_for_s) == first
            assert sum(effect.units_taken for effect in effects.values()) == sum(
                desk.state.units_used.values()
            )
        else:
            assert desk.state.units_used == before[1]


@settings(max_examples=400)
@given(RUNS, st.lists(st.integers(1, 6), min_size=1))
def test_reverting_restores_every_earlier_fingerprint(run, batches):
    desk = founded(*ITEMS)
    desk.state.take_changes()
    history = []
    steps = iter(run)
    for size in batches * 40:
        fingerprint = desk.state.fingerprint()
        batch = [step for step, _ in zip(steps, range(size), strict=False)]
        if not batch:
            break
        for (command, aim), step_ms in batch:
            desk.now_ms += step_ms
            desk.do(aimed(desk.state, command, aim))
        history.append((fingerprint, desk.state.take_changes()))
    desk.do(check_out("not taken"))
    for fingerprint, changes in reversed(history):
        desk.state.revert(changes)
        assert desk.state.fingerprint() == fingerprint
        check_invariants(desk.state)


@settings(max_examples=200)
@given(RUNS, RUNS)
def test_a_state_that_went_astray_and_back_does_as_one_that_never_did(astray, run):
    straight, winding = founded(*ITEMS), founded(*ITEMS)
    winding.state.take_changes()
    for (command, aim), step_ms in astray:
        winding.now_ms += step_ms
        winding.do(aimed(winding.state, command, aim))
    winding.state.revert(winding.state.take_changes())
    now_ms = NOW_MS
    for (drawn, aim), step_ms in run:
        now_ms += step_ms
        straight.now_ms = winding.now_ms = now_ms
        command = aimed(straight.state, drawn, aim)
        assert straight.do(command) == winding.do(command)
        assert straight.state.fingerprint() == winding.state.fingerprint()


def test_reverting_all_leads_back_to_an_empty_state():
    desk = founded(*ITEMS)
    desk.do(check_out())
    desk.state.revert(desk.state.take_changes())
    assert desk.state.fingerprint() == State().fingerprint()
    assert not desk.state.founded


def test_few_tombstones_and_acts_are_undone_too(monkeypatch):
    monkeypatch.setattr(state_module, "TOMBSTONES_MAX", 2)
    monkeypatch.setattr(state_module, "ACTS_MAX", 2)
    desk = founded(*ITEMS)
    desk.state.take_changes()
    prints, changes = [], []
    for number in range(12):
        prints.append(desk.state.fingerprint())
        name = f"l{number}"
        desk.check_in(desk.do(check_out(name)).generation, name)
        desk.do(c.Operate("switchover", "", "olga", name))
        changes.append(desk.state.take_changes())
    assert len(set(prints)) == 12
    for fingerprint, change in zip(prints[::-1], changes[::-1], strict=True):
        desk.state.revert(change)
        assert desk.state.fingerprint() == fingerprint


@pytest.mark.parametrize(
    "command",
    [
        check_out(),
        c.Enrol("a", b"h", "", ""),
        c.Operate("maintenance-on", "tmr1", "", ""),
        import_of(update_of(1, sequence=2)),
        c.Tick(),
    ],
)
def test_the_fingerprint_sees_every_effect(command):
    desk = founded(*ITEMS)
    before = desk.state.fingerprint()
    assert desk.do(command).ok
    counted_back = desk.state.fingerprint()
    desk.state.commands_applied -= 1
    assert counted_back != before
    assert (desk.state.fingerprint() == before) == isinstance(command, c.Tick)


# --- anything that can be decoded ---

INTS = st.one_of(st.integers(-(2**63), 2**64 - 1), st.integers(-2, 30))
WORDS = st.one_of(st.text(max_size=5), st.sampled_from(["cert:ada", "x" * 300]))
BYTES = st.one_of(st.binary(max_size=4), st.just(bytes(70_000)))
ANY_REF = st.builds(c.LeaseRef, WORDS, st.sampled_from(["lease", "", "y" * 300]))
ANY_HOLDER = st.builds(c.Holder, BYTES, BYTES, INTS, BYTES)
ARBITRARY = st.one_of(
    st.builds(c.Found, BYTES, st.one_of(WORDS, st.just("131-5"))),
    st.builds(c.ImportUpdate, BYTES, WORDS),
    st.builds(c.Deliver, BYTES, WORDS),
    st.builds(c.CheckOut, ANY_REF, st.one_of(st.just(FIRM), INTS), INTS, BYTES, ANY_HOLDER, BYTES),
    st.builds(c.Consume, ANY_REF, INTS, INTS, INTS, BYTES),
    st.builds(c.CheckIn, ANY_REF, INTS),
    st.builds(c.Expire, ANY_REF, INTS),
    st.builds(c.Release, ANY_REF, INTS, WORDS, WORDS),
    st.builds(c.Enrol, WORDS, BYTES, WORDS, WORDS),
    st.builds(c.Operate, WORDS, WORDS, WORDS, WORDS),
    st.builds(c.Dismiss, st.one_of(WORDS, st.just("A1")), WORDS, WORDS, INTS, WORDS, WORDS, WORDS),
    st.builds(c.Limit, INTS, INTS, INTS, WORDS, WORDS),
    st.builds(c.OpenDenial, WORDS, INTS, INTS, WORDS, ANY_HOLDER, INTS),
    st.builds(c.CloseDenial, WORDS, INTS, INTS, INTS, st.booleans(), st.booleans()),
    st.builds(c.SetQueue, INTS, INTS, WORDS, WORDS),
    st.builds(c.EraseName, st.one_of(BYTES, st.just(bytes(16))), WORDS, WORDS),
    st.builds(
        c.SetAccess,
        st.sampled_from([0, 1]),
        st.builds(
            lambda action, seats, everyone, clients, groups, line: AccessRules(
                (),
                (
                    RuleSet(
                        FIRM,
                        PRODUCT,
                        "allow",
                        (Rule(action, seats, everyone, Subjects((clients,)), groups, line, 1),),
                    ),
                ),
            ),
            st.sampled_from(["allow", "deny", "max", "reserve", "else"]),
            INTS,
            st.booleans(),
            WORDS,
            st.sampled_from([(), (0,), (-1,)]),
            INTS,
        ),
        WORDS,
        WORDS,
    ),
    st.just(c.Tick()),
)


@settings(max_examples=300)
@given(
    st.lists(st.tuples(ARBITRARY, st.sampled_from([NOW_MS, 0, -5, 2**53])), max_size=15),
    st.booleans(),
)
def test_no_decodable_command_raises_and_every_outcome_fits_its_leaf(steps, start):
    desk = founded(*ITEMS)
    if not start:
        desk.state = State()
    twin = State()
    twin_machine = Machine(read_update)
    fresh = not start
    for command, log_time_ms in steps:
        decoded = c.decode_command(c.encode_command(command))
        assert decoded == command
        outcome = desk.machine.apply(desk.state, decoded, log_time_ms)
        assert outcome_leaf(desk.state.ledger_id, bytes(32), b"", outcome)
        if fresh:
            assert twin_machine.apply(twin, decoded, log_time_ms) == outcome
            assert twin.fingerprint() == desk.state.fingerprint()
        check_invariants(desk.state)


def test_licence_keys_sort_by_tmr_id_last():
    keys = [LicenceKey(1, 2, 3), LicenceKey(1, 2, 1), LicenceKey(1, 1, 9)]
    assert sorted(keys) == [keys[2], keys[1], keys[0]]
