"""The queue by client: nobody waits behind another's crowd, and each one's order is kept."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.ledger.leader.lanes import LANE_LEAST, NO_TICKET, Lanes, Request
from appliance.licences.commands import (
    AnyCommand,
    CheckIn,
    CheckOut,
    Consume,
    Expire,
    Holder,
    LeaseRef,
    LowerLogTime,
    Tick,
    encode_command,
)


def request(ticket: int, command: AnyCommand) -> Request:
    return Request(ticket, command, encode_command(command))


def check_in(client: str, number: int) -> Request:
    return request(number, CheckIn(LeaseRef(client, str(number)), 1))


def check_out(client: str, number: int) -> Request:
    return request(number, CheckOut(LeaseRef(client, "l"), 1, 1, b"", Holder(), b""))


def tickets(lanes: Lanes, count: int = 512, size: int = 1 << 20) -> list[int]:
    return [one.ticket for one in lanes.take(count, size)]


def test_a_late_client_waits_for_no_crowd_of_another() -> None:
    lanes = Lanes(20_000)
    for number in range(1, 4001):
        assert lanes.put(check_in("cert:greedy", number))
    assert lanes.put(check_in("cert:honest", 9_001))
    assert lanes.put(request(9_002, Tick()))
    assert {9_001, 9_002} <= set(tickets(lanes, 8))


def test_one_lane_is_full_long_before_the_queue_is() -> None:
    lanes = Lanes(100)
    put = [lanes.put(check_in("cert:greedy", number)) for number in range(1, 101)]
    assert put == [True] * 25 + [False] * 75
    assert lanes.put(check_in("cert:honest", 200))
    assert len(lanes) == 26
    assert sum(Lanes(20).put(check_in("a", 1)) for _ in range(16)) == LANE_LEAST


def test_expiries_come_first_but_fill_a_quarter_at_most() -> None:
    lanes = Lanes(1000)
    for number in range(1, 21):
        lanes.put(check_in("cert:a", number))
        lanes.put(request(NO_TICKET, Expire(LeaseRef("cert:a", str(number)), 1)))
    first = tickets(lanes, 8)
    assert first[:2] == [NO_TICKET] * 2
    assert first.count(NO_TICKET) == 5, "two ahead, then one in each round"
    assert [ticket for ticket in first if ticket] == [1, 2, 3]


def test_what_lowers_log_time_goes_alone() -> None:
    lanes = Lanes(100)
    lanes.put(request(NO_TICKET, Tick()))
    lanes.put(request(NO_TICKET, LowerLogTime("clocks")))
    lanes.put(check_in("cert:a", 7))
    lanes.put(request(NO_TICKET, Tick()))
    kinds = []
    while lanes:
        kinds.append([type(one.command) for one in lanes.take(512, 1 << 20)])
    alone = [batch for batch in kinds if LowerLogTime in batch]
    assert alone == [[LowerLogTime]]
    assert sum(len(batch) for batch in kinds) == 4


def test_a_check_out_is_known_to_wait_until_it_is_taken() -> None:
    lanes = Lanes(100)
    lease = LeaseRef("cert:a", "l")
    lanes.put(check_out("cert:a", 1))
    lanes.put(check_out("cert:a", 2))
    assert tickets(lanes, 1) == [1]
    assert lanes.waits(lease)
    assert tickets(lanes, 1) == [2]
    assert not lanes.waits(lease)
    lanes.put(check_out("cert:a", 3))
    assert [one.ticket for one in lanes.clear()] == [3]
    assert not lanes.waits(lease)
    assert not len(lanes)


PUTS = st.lists(st.tuples(st.sampled_from(["a", "b", "c", ""]), st.integers(1, 40)), max_size=60)


@settings(max_examples=200)
@given(PUTS, st.integers(1, 9), st.integers(1, 400))
def test_everything_comes_out_once_in_its_clients_order(
    puts: list[tuple[str, int]], count: int, size: int
) -> None:
    lanes = Lanes(1000)
    mine: dict[str, list[int]] = {}
    for ticket, (client, length) in enumerate(puts, 1):
        lease = LeaseRef(client, "x" * length)
        command: AnyCommand = CheckIn(lease, 1) if client else Tick()
        assert lanes.put(request(ticket, command))
        mine.setdefault(client, []).append(ticket)
    came: dict[str, list[int]] = {}
    while lanes:
        left = len(lanes)
        batch = lanes.take(count, size)
        assert 0 < len(batch) <= count
        assert len(batch) == 1 or sum(len(one.data) for one in batch) <= size
        assert len(lanes) == left - len(batch)
        for one in batch:
            client = one.command.lease.client if isinstance(one.command, CheckIn) else ""
            came.setdefault(client, []).append(one.ticket)
    assert came == mine


def test_the_batch_is_filled_by_bytes_and_not_beyond() -> None:
    lanes = Lanes(100)
    one = check_in("cert:a", 1)
    size = len(one.data)
    for number in range(1, 7):
        lanes.put(check_in(f"cert:{'abc'[number % 3]}", number))
    assert len(tickets(lanes, 9, 3 * size)) == 3, "just as many as fit"
    assert len(tickets(lanes, 9, 3 * size - 1)) == 2
    assert len(tickets(lanes, 9, 1)) == 1, "one goes always"


def test_the_own_lane_is_filled_by_bytes_and_not_beyond() -> None:
    lanes = Lanes(100)
    size = len(request(NO_TICKET, Tick()).data)
    for _ in range(9):
        lanes.put(request(NO_TICKET, Tick()))
    assert len(lanes.take(400, 4 * size)) == 4
    assert len(lanes.take(400, 3 * size - 1)) == 2
    assert len(lanes.take(400, 1)) == 1


def test_what_is_put_first_comes_first_and_is_counted() -> None:
    lanes = Lanes(100)
    for number in (1, 2):
        lanes.put(request(number, Tick()))
    lanes.put_first(request(7, Tick()))
    assert len(lanes) == 3
    assert tickets(lanes, 1) == [7]
    assert len(lanes) == 2
    empty = Lanes(100)
    empty.put_first(request(8, Tick()))
    assert (len(empty), tickets(empty)) == (1, [8])


def test_what_nobody_waits_for_is_dropped_and_the_rest_stays() -> None:
    lanes = Lanes(100)
    for number in (NO_TICKET, 1, NO_TICKET, 2):
        lanes.put(request(number, Tick()))
    lanes.put(check_in("cert:a", 3))
    lanes.drop_own()
    assert len(lanes) == 3
    assert tickets(lanes) == [1, 2, 3]
    lanes.put(request(NO_TICKET, Tick()))
    lanes.drop_own()
    lanes.drop_own()
    assert (len(lanes), tickets(lanes)) == (0, [])


def test_seats_and_units_are_the_clients_own_affair() -> None:
    """An operator's commands and the ledger's have their lane; these have the client's."""
    lanes = Lanes(16)
    lease = LeaseRef("cert:a", "l")
    mine = [
        request(1, CheckOut(lease, 1, 1, b"", Holder(), b"")),
        request(2, Consume(lease, 1, 1, 1, b"")),
        request(3, CheckIn(lease, 1)),
    ]
    for one in mine:
        lanes.put(one)
    lanes.put(check_in("cert:b", 4))
    assert tickets(lanes) == [1, 4, 2, 3], "one of each client in turn"


def test_a_lane_that_empties_gives_its_turn_to_the_next() -> None:
    lanes = Lanes(100)
    for client, numbers in (("a", (1, 2, 3)), ("b", (4,)), ("c", (5, 6))):
        for number in numbers:
            lanes.put(check_in(client, number))
    assert tickets(lanes) == [1, 4, 5, 2, 6, 3]


def test_bounds_are_whole_numbers() -> None:
    """A fourth of 70 requests are 17 in one lane, and of 7 in a batch one of the ledger's own."""
    lanes = Lanes(70)
    assert sum(lanes.put(check_in("a", number)) for number in range(1, 40)) == 17
    lanes = Lanes(100)
    for number in range(1, 4):
        lanes.put(request(NO_TICKET, Tick()))
        lanes.put(check_in("a", number))
    assert tickets(lanes, 7)[:3] == [NO_TICKET, NO_TICKET, 1]
