"""Window, fences, lease clock and batches, each alone."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.ledger.effects import Failed
from appliance.ledger.election.terms import NO_TERM
from appliance.ledger.leader.batches import NO_TICKET, Batches
from appliance.ledger.leader.lease_clock import STALE_MAX, LeaseClock
from appliance.ledger.leader.read_index import ReadIndex
from appliance.ledger.log.window import Window
from appliance.ledger.messages import Entry
from appliance.licences.commands import AnyCommand, CheckIn, LeaseRef, LowerLogTime, Tick
from appliance.verifier.layouts import ZERO_ROOT

LEASE = LeaseRef("cert:c", "l")


def entry(index: int, size: int = 10) -> Entry:
    """An entry whose root names its index."""
    return Entry(index, NO_TERM, index.to_bytes(32, "big"), bytes(size))


# --- window ---


@settings(max_examples=200)
@given(st.lists(st.one_of(st.integers(1, 50), st.integers(-5, 0)), max_size=60))
def test_a_window_is_a_list_that_forgets_its_start(steps: list[int]) -> None:
    """A positive step pushes an entry of that size, another cuts that many entries off."""
    window, log = Window(100), [entry(0, 0)]
    for step in steps:
        if step > 0:
            log.append(entry(len(log), step))
            window.push(log[-1])
        else:
            keep = max(window.base_index, len(log) - 1 + step)
            del log[keep + 1 :]
            window.cut(keep)
        assert window.last_index == len(log) - 1
        held = log[window.base_index + 1 :]
        assert window.after(window.base_index, 99, 10**6) == tuple(held)
        assert len(held) <= 1 or sum(len(e.body) for e in held) <= 100
        for index in range(len(log)):
            known = index >= window.base_index
            root = ZERO_ROOT if index == 0 else log[index].root
            assert window.root_at(index) == (root if known else None)
        assert window.after(window.base_index - 1, 1, 1) is None


def test_a_window_gives_at_least_one_entry_and_keeps_both_bounds() -> None:
    window = Window(10_000)
    for index in range(1, 6):
        window.push(entry(index, 100))
    assert [e.index for e in window.after(0, 3, 10**6) or ()] == [1, 2, 3]
    assert [e.index for e in window.after(0, 9, 250) or ()] == [1, 2]
    assert [e.index for e in window.after(2, 9, 1) or ()] == [3]
    assert window.after(5, 9, 999) == ()


def test_a_window_lets_go_of_no_more_than_it_must() -> None:
    """Whoever is just behind else gets a snapshot instead of two entries."""
    window = Window(100)
    window.push(entry(1, 50))
    window.push(entry(2, 50))
    assert window.base_index == 0
    window.push(entry(3, 1))
    assert (window.base_index, window.base_root) == (1, entry(1).root)
    window.cut(2)
    window.push(entry(3, 40))
    assert window.base_index == 1, "what was cut takes no room"
    window.cut(2)
    window.push(entry(3, 51))
    assert window.base_index == 2, "what was not cut does"
    window.push(entry(4, 49))
    assert window.base_index == 2, "and no more than it takes"
    window.cut(3)
    assert window.root_at(4) is None
    window.push(entry(4, 200))
    assert (window.base_index, window.last_index) == (3, 4), "the newest stays"
    window.restart(7, b"root")
    assert (window.base_index, window.last_index, window.root_at(7)) == (7, 7, b"root")
    window.push(entry(8, 60))
    window.push(entry(9, 40))
    assert window.base_index == 7
    assert window.after(6, 9, 999) is None
    assert [e.index for e in window.after(7, 9, 100) or ()] == [8, 9]


# --- fences ---


def test_a_fence_needs_two_acks_of_a_beat_sent_after_it_was_asked() -> None:
    fences = ReadIndex(10)
    assert fences.ask(1)
    assert fences.wants_beat
    assert fences, "one waits"
    fences.sent(7)
    assert fences, "one is in flight"
    assert fences.ask(2)
    assert not fences.wants_beat
    assert fences.acked([6, 6, 9], 2) == []
    assert fences.acked([7, 0, 7], 2) == [1]
    assert fences.acked([9, 9, 9], 2) == []
    assert fences.wants_beat
    fences.sent(10)
    assert fences.acked([10, 10, 0], 2) == [2]
    assert not fences


def test_fences_are_bounded_and_survive_a_lost_term() -> None:
    fences = ReadIndex(2)
    assert fences.ask(1)
    fences.sent(1)
    assert fences.ask(2)
    assert not fences.ask(3)
    fences.ground()
    assert fences.acked([5, 5, 5], 2) == []
    fences.sent(6)
    assert fences.acked([6, 6, 0], 2) == [1, 2]
    assert fences.ask(4)
    assert fences.clear() == [4]
    assert not fences


def test_a_ticket_that_needs_no_fence_any_more_leaves_its_place() -> None:
    fences = ReadIndex(2)
    assert fences.ask(1) and fences.ask(2) and not fences.ask(3)
    fences.forget(1)
    assert fences.ask(4)
    fences.ask_again([5])  # It had its place.
    assert not fences.ask(6)
    fences.sent(1)
    assert fences.acked([1, 1, 0], 2) == [2, 4, 5]


def test_when_nobody_will_serve_every_ticket_is_given_back() -> None:
    fences = ReadIndex(2)
    fences.ask(1)
    fences.sent(1)
    assert fences.ask(2) and fences
    assert fences.clear() == [1, 2]
    assert not fences and not fences.wants_beat


# --- leases ---


def test_a_lease_is_due_once_its_lifetime_passed_in_silence() -> None:
    clock = LeaseClock()
    clock.start(100.0, LEASE, 5, 10.0)
    assert clock.due(109.9, 9) == []
    assert clock.touch(109.0, LEASE, 5) == 10.0
    assert clock.due(118.9, 9) == []
    assert clock.due(119.0, 9) == [(LEASE, 5)]
    assert clock.due(200.0, 9) == []
    assert clock.is_over(LEASE, 5)
    assert clock.touch(119.5, LEASE, 5) == 0.0


def test_a_lease_that_is_renewed_while_it_is_due_lives_on() -> None:
    clock = LeaseClock()
    clock.start(0.0, LEASE, 5, 10.0)
    assert clock.due(10.0, 9) == [(LEASE, 5)]
    clock.start(10.5, LEASE, 5, 10.0)
    assert not clock.is_over(LEASE, 5)
    assert clock.due(20.0, 9) == []
    assert clock.due(20.5, 9) == [(LEASE, 5)]


def test_a_grant_that_is_repeated_is_due_once() -> None:
    clock = LeaseClock()
    clock.start(0.0, LEASE, 5, 10.0)
    clock.start(1.0, LEASE, 5, 10.0)
    assert clock.due(10.5, 9) == []
    assert clock.due(11.0, 9) == [(LEASE, 5)]


def test_a_revived_lease_that_stays_silent_is_due_again() -> None:
    clock = LeaseClock()
    clock.start(0.0, LEASE, 5, 10.0)
    assert clock.due(10.0, 9) == [(LEASE, 5)]
    clock.revive(LEASE, 5)
    assert clock.due(10.0, 9) == [(LEASE, 5)]


def test_unknown_and_old_leases_are_not_touched() -> None:
    clock = LeaseClock()
    assert clock.touch(0.0, LEASE, 1) is None
    assert clock.age_s(0.0, LEASE) is None
    clock.start(0.5, LEASE, 2, 10.0)
    assert clock.touch(1.0, LEASE, 1) is None
    assert clock.age_s(3.0, LEASE) == 2.5
    clock.end(LEASE)
    assert clock.touch(1.0, LEASE, 2) is None
    assert clock.due(99.0, 9) == []


def test_a_restart_gives_a_fresh_lifetime_and_forgets_the_rest() -> None:
    clock = LeaseClock()
    other = LeaseRef("cert:c", "m")
    clock.start(0.0, LEASE, 1, 10.0)
    clock.start(0.0, other, 2, 10.0)
    clock.restart(9.0, [(LEASE, 1, 10.0)])
    assert clock.due(18.9, 9) == []
    assert clock.touch(10.0, other, 2) is None
    assert clock.due(19.0, 9) == [(LEASE, 1)]


def test_leases_that_ended_long_before_their_deadline_leave_nothing_behind() -> None:
    """A day's lease that is checked in at once must not stay in memory for a day."""
    clock = LeaseClock()
    clock.start(0.0, LEASE, 1, 50.0)
    for number in range(2_000):
        lease = LeaseRef("cert:c", str(number))
        clock.start(number / 1_000, lease, number, 86_400.0)
        clock.end(lease)
        assert len(clock._heap) <= 2 * len(clock._lives) + STALE_MAX
    assert clock.due(49.5, 9) == []
    assert clock.due(50.0, 9) == [(LEASE, 1)], "what has not ended is due as before"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["start", "touch", "revive", "end", "due"]),
            st.integers(0, 5),
            st.integers(0, 30),
        ),
        max_size=120,
    )
)
def test_a_lease_clock_agrees_with_a_table_of_deadlines(steps) -> None:
    """However the heap is tidied: what is due is what a plain table says."""
    clock, table, over, now_s, generation = LeaseClock(), {}, set(), 0.0, 0
    clock_heap_max = 0
    for act, number, wait_s in steps:
        lease, now_s = LeaseRef("cert:c", str(number)), now_s + wait_s
        if act == "start":
            generation += 1
            clock.start(now_s, lease, generation, 20.0 + number)
            table[lease] = (generation, now_s + 20.0 + number)
            over.discard(lease)
        elif act == "end":
            clock.end(lease)
            table.pop(lease, None)
            over.discard(lease)
        elif act == "due":
            wanted = {r for r, (_, at_s) in table.items() if at_s <= now_s and r not in over}
            found = clock.due(now_s, 1_000)
            assert {ref for ref, _ in found} == wanted
            assert len(found) == len(wanted)
            over |= wanted
        elif lease in table and act == "touch":
            clock.touch(now_s, lease, table[lease][0])
            if lease not in over:
                table[lease] = (table[lease][0], now_s + 20.0 + number)
        elif lease in table:
            clock.revive(lease, table[lease][0])
            over.discard(lease)
        clock_heap_max = max(clock_heap_max, len(clock._heap) - 2 * len(clock._lives))
    assert clock_heap_max <= STALE_MAX


@given(st.integers(1, 20), st.integers(1, 5))
def test_what_is_due_comes_in_bounded_helpings(leases: int, most: int) -> None:
    clock = LeaseClock()
    for number in range(leases):
        clock.start(0.0, LeaseRef("c", str(number)), number, 1.0)
    seen: list[object] = []
    while due := clock.due(2.0, most):
        assert len(due) <= most
        seen += due
    assert len(set(map(str, seen))) == len(seen) == leases


# --- batches ---


def test_the_queue_is_bounded_but_never_refuses_the_ledger_itself() -> None:
    batches = Batches(2, 10, 10**6)
    assert batches.submit(1, Tick())
    assert batches.submit(2, Tick())
    assert not batches.submit(3, Tick())
    assert batches.submit(NO_TICKET, Tick())
    assert len(batches) == 3


def test_a_batch_keeps_both_bounds_and_holds_at_least_one() -> None:
    big = CheckIn(LeaseRef("c" * 100, "l"), 1)
    batches = Batches(100, 3, 250)
    for ticket in range(1, 6):
        batches.submit(ticket, big)
    assert [request.ticket for request in batches.take()] == [1, 2]
    assert [request.ticket for request in batches.take()] == [3, 4]
    tiny = Batches(100, 3, 1)
    tiny.submit(1, big)
    tiny.submit(2, big)
    assert [request.ticket for request in tiny.take()] == [1]


def test_what_lowers_log_time_goes_alone_whatever_waits_before_and_after() -> None:
    """A replica refuses a batch in which it stands beside something else, whole."""
    batches = Batches(100, 9, 10**6)
    tick, lower = Tick(), LowerLogTime("t")
    commands: tuple[AnyCommand, ...] = (tick, tick, lower, tick, lower, lower)
    for ticket, command in enumerate(commands, 1):
        batches.submit(ticket, command)
    taken = []
    while batches:
        taken.append([request.ticket for request in batches.take()])
    assert taken == [[1, 2], [3], [4], [5], [6]]


def test_what_a_term_queued_by_itself_dies_with_it() -> None:
    batches = Batches(100, 3, 10**6)
    batches.submit(NO_TICKET, Tick())
    batches.submit(7, Tick())
    batches.drop_own()
    assert [request.ticket for request in batches.take()] == [7]


def test_a_refused_queue_fails_every_ticket_once() -> None:
    batches = Batches(100, 3, 10**6)
    batches.submit(7, Tick())
    batches.submit(NO_TICKET, Tick())
    failed = batches.refuse_queue("not-active")
    assert failed == [Failed(7, "not-active")]
    assert not batches
