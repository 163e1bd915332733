"""From what real replicas stored to uses: what began, how it ended, who was refused."""

from __future__ import annotations

from appliance.ledger.log.results import decode_result
from appliance.ledger.messages import decode_body
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
        ("units", "cert:alice"),
        ("units", "cert:alice"),
        ("checked-in", "cert:alice"),
        ("checked-in", "cert:alice"),
        ("granted", "cert:bob"),
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
