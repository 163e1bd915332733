"""From what real replicas stored to uses: what began, how it ended, who was refused."""

from __future__ import annotations

from appliance.ledger.log.results import Result, decode_result
from appliance.ledger.messages import EntryBody, decode_body
from appliance.licences import commands as c
from appliance.licences.commands import Outcome
from appliance.licences.grants import Line
from appliance.licences.model import LicenceKey
from appliance.licences.reasons import DONE, GRANTED
from appliance.usage.rows import Row, rows_of
from tests.unit.usage.record import lived


def rows() -> list[Row]:
    """All rows of an upstream's record."""
    return [
        row
        for kept in lived().upstreams["up2"].recorded()
        for row in rows_of(
            kept.entry.index, decode_body(kept.entry.body), decode_result(kept.result)
        )
    ]


def test_each_row_says_what_happened() -> None:
    story = [(row.kind, row.client) for row in rows()]
    assert story == [
        ("granted", "cert:alice"),
        ("granted", "cert:bob"),
        ("episode", "cert:bob"),
        ("units", "cert:alice"),
        ("units", "cert:alice"),
        ("checked-in", "cert:alice"),
        ("checked-in", "cert:alice"),
        ("granted", "cert:bob"),
        ("episode-over", "cert:bob"),
        ("expired", "cert:bob"),
        ("renewed", "cert:bob"),
        ("expired", "cert:bob"),
    ]


def test_rows_name_lease_licence_and_holder_by_tags() -> None:
    first, *_, last = rows()
    assert first.lines[0][0].firm_code and first.lines[0][1] == 1
    assert len(first.holder.user) == 16 and first.holder.pid == 0
    assert first.generation < last.generation
    units = next(row for row in rows() if row.kind == "units")
    assert (units.number, units.units[0][1], units.lines) == (1, 30, first.lines)


def test_borrowing_is_a_use_with_an_end_and_a_return_ends_it() -> None:
    line = Line(1, 7, 2)
    lent = Outcome(
        GRANTED, kind="borrowed", lines=(line,), firm_code=10, generation=5, ends_at_ms=99
    )
    back = Outcome(DONE, lines=(line,), firm_code=10, generation=5)
    commands = (
        c.Borrow("cert:a", b"k" * 32, 10, 1, 60, c.Holder(), b"n", seats=2),
        c.Borrow("cert:a", b"k" * 32, 10, 1, 60, c.Holder(), b"m", seats=2),
        c.Borrow("cert:b", b"l" * 32, 10, 1, 60, c.Holder(), b"n"),
        c.ReturnBorrowed(b"k" * 32, b"s"),
        c.ReturnBorrowed(b"k" * 32, b"s"),
    )
    body = EntryBody(7, (), tuple(map(c.encode_command, commands)))
    full = Outcome("no-seat-free")
    result = Result((lent, lent, full, back, Outcome(DONE)), 9, None)
    found = list(rows_of(4, body, result))
    assert [(row.kind, row.generation, row.ends_ms) for row in found] == [
        ("granted", 5, 99),
        ("renewed", 5, 99),
        ("denied", 0, 0),
        ("returned", 5, 0),
    ]
    assert found[0].lines == ((LicenceKey(10, 1, 7), 2),)


def test_episodes_that_the_ledger_tells_and_who_waits_for_its_turn() -> None:
    out = c.CheckOut(c.LeaseRef("cert:a", "one"), 10, 1, b"", c.Holder(), b"", wait_s=60)
    commands = (
        c.OpenDenial("cert:a", 10, 1, "no-seat-free", c.Holder()),
        c.CloseDenial("cert:a", 10, 1, 12, False, True),
        out,
    )
    body = EntryBody(7, (), tuple(map(c.encode_command, commands)))
    result = Result((Outcome(DONE), Outcome(DONE), Outcome("queued", generation=9)), 9, None)
    found = [(row.kind, row.reason, row.number) for row in rows_of(4, body, result)]
    assert found[:2] == [("episode", "no-seat-free", 0), ("episode-over", "", 12)]
    (waits,) = list(rows_of(4, body, result))[2:]
    assert (waits.kind, waits.reason, waits.generation, waits.lease_id) == ("queued", "", 9, "one")
    assert waits.lines == ((LicenceKey(10, 1, 0), 1),)
