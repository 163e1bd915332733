"""Nothing that a replica says rests on what its disk does not hold yet, however often it is asked.

Each test leaves writes undone. Whoever repeats a request then, must not be answered by what is in
memory only: a power cut would take it, and somebody has counted on it.
"""

from __future__ import annotations

from appliance.ledger.messages import (
    Ack,
    Adopted,
    Append,
    Heartbeat,
    HeartbeatAck,
    Prepare,
    Promise,
    Stage,
)
from tests.unit.ledger.world import LOG, Bench, adopt, append, only, served, term


def done_once(bench: Bench) -> list[object]:
    """One write becomes durable; what is answered then."""
    write, _ = bench.disk.complete()
    assert write is not None
    return list(bench._sorted(bench.replica.written(bench.now_s, write.ticket)))


def test_a_repeated_prepare_promises_nothing_before_it_is_durable() -> None:
    bench = served()
    for _ in range(2):
        assert bench.tell(Prepare(term(6))) == []
    assert only(bench.sync(), Promise).term == term(6)


def test_a_repeated_adopt_is_not_answered_before_it_is_durable() -> None:
    bench = served()
    bench.ask(Prepare(term(6)))
    message = adopt(term(6), LOG)
    for _ in range(3):
        assert bench.tell(message) == []
    bench.power_cut()
    assert bench.replica.adopted == term(5)
    assert only(bench.ask(message), Adopted).last_index == 4


def test_who_stages_again_is_not_told_of_an_adopt_that_is_not_durable() -> None:
    bench = served()
    bench.ask(Prepare(term(6)))
    assert bench.tell(adopt(term(6), LOG)) == []
    assert bench.tell(Stage(term(6), (LOG[0],))) == []
    assert Adopted in [type(answer) for answer in bench.sync()]


def test_an_entry_of_before_is_not_acked_in_a_term_whose_adopt_is_not_durable() -> None:
    bench = served()
    bench.ask(Prepare(term(6)))
    assert bench.tell(adopt(term(6), LOG[:3])) == []
    for index in (1, 2, 3):
        assert bench.tell(append(term(6), LOG, index)) == [], index
    bench.sync()
    assert only(bench.tell(append(term(6), LOG, 3)), Ack).term == term(6)


def test_one_durable_entry_says_nothing_of_the_next() -> None:
    bench = Bench()
    bench.serve(term(5), LOG[:2])
    assert bench.tell(append(term(5), LOG, 3)) == []
    assert bench.tell(append(term(5), LOG, 4)) == []
    assert only(done_once(bench), Ack).index == 3
    assert bench.tell(append(term(5), LOG, 4)) == []
    assert only(bench.tell(append(term(5), LOG, 3)), Ack).index == 3
    assert only(done_once(bench), Ack).index == 4


def test_a_beat_is_answered_by_where_the_disk_is() -> None:
    bench = served()
    assert bench.tell(append(term(5), LOG, 4)) == []
    assert only(bench.tell(Heartbeat(term(5), 1, False)), HeartbeatAck).last_index == 3
    bench.sync()
    assert only(bench.tell(Heartbeat(term(5), 2, False)), HeartbeatAck).last_index == 4


def test_a_consent_is_told_once_it_is_durable() -> None:
    bench = served()
    assert bench.consent(b"new store")
    assert only(bench.tell(Heartbeat(term(5), 1, False)), HeartbeatAck).consents == ()
    bench.sync()
    assert only(bench.tell(Heartbeat(term(5), 2, False)), HeartbeatAck).consents == (b"new store",)


def test_staged_entries_are_acked_by_nobody() -> None:
    bench = Bench()
    bench.ask(Prepare(term(1)))
    bench.ask(Stage(term(1), tuple(LOG)))
    answers = bench.ask(Append(term(1), LOG[0], bytes(32), True))
    assert not [answer for answer in answers if isinstance(answer, Ack)]
