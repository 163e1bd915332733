"""Reports against an oracle that looks at each moment, and the cases that users complain of."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from appliance.licences.access.form import AccessRules, Group, Subjects
from appliance.licences.commands import Holder
from appliance.licences.model import LicenceKey
from appliance.usage import report as reports
from appliance.usage import sessions
from appliance.usage.calendar import DAY_MS, HOUR_MS, LAST_MS, read_moment, starts_at
from appliance.usage.figures import UsageRow
from appliance.usage.report import Report, TooMuch
from appliance.usage.rows import (
    CHECKED_IN,
    DENIED,
    EPISODE,
    EPISODE_OVER,
    EXPIRED,
    GRANTED,
    QUEUED,
    RENEWED,
    RETURNED,
    RULES,
    SETTLED,
    UNITS,
    Row,
)
from appliance.usage.sessions import Sessions

K1, K2 = LicenceKey(10, 1, 1), LicenceKey(10, 2, 1)
BEGIN_MS = read_moment("2026-11-30T22:00")
ADA, BEN = Holder(b"ada", b"pc1"), Holder(b"ben", b"pc2")


def name(tag: bytes) -> str:
    return tag.decode()


def granted(
    generation: int, at_ms: int, *, key: LicenceKey = K1, seats: int = 1, holder: Holder = ADA
) -> Row:
    return Row(1, 0, GRANTED, at_ms, holder.host.decode(), generation, ((key, seats),), holder)


def ended(generation: int, at_ms: int, kind: str = CHECKED_IN) -> Row:
    return Row(1, 0, kind, at_ms, generation=generation)


def denied(at_ms: int, holder: Holder = ADA, reason: str = "no-seat-free") -> Row:
    client = holder.host.decode()
    return Row(1, 0, DENIED, at_ms, client, 0, ((K1, 1),), holder, reason=reason)


def told(rows: list[Row], *by: str, end_ms: int, **options: int) -> list[UsageRow]:
    """The report on these rows, up to when the record ends."""
    report = Report(by, name, options.get("from_ms", 0), options.get("to_ms", LAST_MS))
    sessions = Sessions(report)
    for row in rows:
        sessions.feed([row], row.at_ms)
    sessions.close(end_ms)
    return report.rows(rows[0].at_ms if rows else 0, end_ms)


# --- the oracle ---


@dataclass
class Use:
    key: LicenceKey
    seats: int
    holder: Holder
    from_ms: int
    to_ms: int


USES = st.lists(
    st.tuples(
        st.sampled_from([K1, K2]),
        st.integers(1, 3),
        st.sampled_from([ADA, BEN]),
        st.integers(0, 200),
        st.integers(1, 200),
    ),
    max_size=8,
)
STEP_MS = HOUR_MS // 4


@settings(max_examples=25, deadline=None)
@given(USES, st.sampled_from(["hour", "day", "month", ""]), st.integers(0, 150), st.data())
def test_peaks_and_averages_are_those_of_an_oracle(drawn, period, from_step, data) -> None:
    """The oracle looks at each quarter of an hour: nothing changes but at its beginning."""
    uses = [Use(one[0], one[1], one[2], one[3], one[3] + one[4]) for one in drawn]
    to_step = data.draw(st.integers(from_step + 1, 420))
    events = [(use.from_ms, 1, n, use) for n, use in enumerate(uses)]
    events += [(use.to_ms, 0, n, use) for n, use in enumerate(uses)]
    rows = [
        granted(n + 1, BEGIN_MS + at * STEP_MS, key=use.key, seats=use.seats, holder=use.holder)
        if begins
        else ended(n + 1, BEGIN_MS + at * STEP_MS)
        for at, begins, n, use in sorted(events, key=lambda one: one[:3])
    ]
    end_ms = BEGIN_MS + 420 * STEP_MS
    cut = {"from_ms": BEGIN_MS + from_step * STEP_MS, "to_ms": BEGIN_MS + to_step * STEP_MS}
    found = told(rows, *filter(None, (period, "product", "user")), end_ms=end_ms, **cut)
    expected: dict[tuple[int, str, str], list[int]] = {}
    for step in range(from_step, to_step):
        at_ms = BEGIN_MS + step * STEP_MS
        start_ms = starts_at(period, at_ms) if period else 0
        for key in (K1, K2):
            for who in (ADA, BEN):
                held = sum(
                    use.seats
                    for use in uses
                    if use.key == key and use.holder == who and use.from_ms <= step < use.to_ms
                )
                if held:
                    label = f"{key.firm_code}:{key.product_code}", who.user.decode()
                    expected.setdefault((start_ms, *label), []).append(held)
    seen = {
        (row.start_ms, row.of["product"], row.of["user"]): (row.in_use_peak, row.seat_s)
        for row in found
    }
    assert seen == {key: (max(held), sum(held) * STEP_MS / 1000) for key, held in expected.items()}
    begun = sum(from_step <= use.from_ms < to_step for use in uses)
    assert sum(row.sessions for row in found) == begun


def test_an_average_is_over_the_part_of_the_hour_that_the_record_has() -> None:
    rows = [granted(1, BEGIN_MS + HOUR_MS // 2), ended(1, BEGIN_MS + HOUR_MS)]
    (row,) = told(rows, "hour", end_ms=BEGIN_MS + HOUR_MS)
    assert (row.period, row.in_use_peak, row.in_use_avg) == ("2026-11-30T22", 1, 1.0)
    rows = [granted(2, BEGIN_MS), ended(2, BEGIN_MS + 1), granted(3, BEGIN_MS + HOUR_MS // 2)]
    first, second = told(rows, "hour", end_ms=BEGIN_MS + 2 * HOUR_MS)
    assert (first.sessions, first.seat_s, second.in_use_avg) == (2, 1800.001, 1.0)


# --- what users complain of ---


def test_who_polls_and_gets_a_seat_waited_and_was_not_denied() -> None:
    """Case 24: twelve requests, one waiting episode of that length, no true denial."""
    rows = [denied(BEGIN_MS + 5000 * n) for n in range(12)]
    rows.append(granted(1, BEGIN_MS + 60_000))
    (row,) = told(rows, "product", end_ms=BEGIN_MS + HOUR_MS)
    assert (row.requests_denied, row.waits, row.waited_s, row.denials) == (12, 1, 60.0, 0)
    assert row.why == {"no-seat-free": 12}


def test_who_gives_up_was_denied_once() -> None:
    rows = [denied(BEGIN_MS + 5000 * n) for n in range(12)]
    rows.append(granted(1, BEGIN_MS + 120_000))
    (row,) = told(rows, "product", end_ms=BEGIN_MS + HOUR_MS)
    assert (row.requests_denied, row.waits, row.denials) == (12, 0, 1)


def test_an_episode_that_the_ledger_tells_is_counted_once_with_its_number() -> None:
    def told_of(kind: str, at_ms: int, count: int = 0, is_granted: bool = False) -> Row:
        line = ((LicenceKey(10, 1, 0), 1),)
        return Row(
            1,
            0,
            kind,
            at_ms,
            "pc1",
            0,
            line,
            ADA,
            reason="no-seat-free",
            number=count,
            is_granted=is_granted,
        )

    rows = [
        told_of(EPISODE, BEGIN_MS),
        denied(BEGIN_MS + 1000),
        granted(1, BEGIN_MS + 40_000),
        told_of(EPISODE_OVER, BEGIN_MS + 40_000, 12, True),
        told_of(EPISODE, BEGIN_MS + 50_000),
        told_of(EPISODE_OVER, BEGIN_MS + 500_000, 90),
    ]
    (row,) = told(rows, "product", end_ms=BEGIN_MS + HOUR_MS)
    assert (row.waits, row.waited_s, row.denials, row.requests_denied) == (1, 40.0, 1, 102)


def queued(number: int, at_ms: int, lease_id: str) -> Row:
    line = ((LicenceKey(10, 1, 0), 1),)
    return Row(1, 0, QUEUED, at_ms, "pc1", number, line, ADA, lease_id=lease_id)


def test_who_waits_in_the_queue_waits_from_its_first_request_to_its_seat() -> None:
    """For days, and told of its place again meanwhile; it counts where it had its seat."""
    turn_ms = BEGIN_MS + 2 * DAY_MS
    rows = [
        queued(7, BEGIN_MS, "a"),
        queued(7, BEGIN_MS + HOUR_MS, "a"),
        replace(granted(9, turn_ms), lease_id="a"),
    ]
    (row,) = told(rows, "product", end_ms=turn_ms + HOUR_MS)
    seen = (row.waits, row.waited_s, row.denials, row.requests_denied, row.why)
    assert seen == (1, 2 * DAY_MS / 1000, 0, 0, {})
    by_day = told(rows, "day", end_ms=turn_ms + HOUR_MS)
    assert [(one.period, one.waits) for one in by_day if one.waits] == [("2026-12-02", 1)]


def test_a_place_that_ends_without_a_seat_is_a_denial_and_one_that_goes_on_is_nothing() -> None:
    late_ms = BEGIN_MS + 600_000
    refused = replace(denied(late_ms), lease_id="b")
    rows = [queued(7, BEGIN_MS, "a"), queued(8, BEGIN_MS, "b"), queued(9, BEGIN_MS, "c")]
    rows += [ended(7, late_ms, EXPIRED), refused, queued(11, late_ms, "c")]
    (row,) = told(rows, "product", end_ms=BEGIN_MS + HOUR_MS)
    assert (row.denials, row.waits, row.requests_denied) == (2, 0, 1)
    assert row.why == {"no-seat-free": 1}


def test_more_places_than_are_remembered_drop_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "PLACES_MAX", 2)
    rows = [queued(n, BEGIN_MS, f"l{n}") for n in (1, 2, 3)]
    rows += [ended(n, BEGIN_MS + 1000, EXPIRED) for n in (1, 2, 3)]
    (row,) = told(rows, "product", end_ms=BEGIN_MS + HOUR_MS)
    assert row.denials == 2


def test_somebody_elses_seat_ends_no_wait() -> None:
    rows = [denied(BEGIN_MS), granted(1, BEGIN_MS + 1000, holder=BEN)]
    rows_by_user = told(rows, "user", end_ms=BEGIN_MS + HOUR_MS)
    assert [(row.of["user"], row.denials) for row in rows_by_user] == [("ada", 1), ("ben", 0)]


def test_fifty_leases_whose_clients_never_return_have_fifty_ends() -> None:
    """Case 25, as far as the report goes."""
    rows = [granted(n, BEGIN_MS) for n in range(50)]
    rows += [ended(n, BEGIN_MS + 60_000, EXPIRED) for n in range(50)]
    (row,) = told(rows, "day", end_ms=BEGIN_MS + HOUR_MS)
    assert (row.sessions, row.in_use_peak, row.seat_s) == (50, 50, 3000.0)


def test_leases_of_a_station_use_one_seat_together() -> None:
    def shared(generation: int, at_ms: int) -> Row:
        return Row(1, 0, GRANTED, at_ms, "pc1", generation, ((K1, 1),), ADA, b"s" * 16, b"addr")

    rows = [shared(1, BEGIN_MS), shared(2, BEGIN_MS + 1000), granted(3, BEGIN_MS + 1000)]
    rows += [ended(1, BEGIN_MS + 2000), ended(2, BEGIN_MS + 3000), ended(3, BEGIN_MS + 3000)]
    (row,) = told(rows, "product", end_ms=BEGIN_MS + HOUR_MS)
    assert (row.in_use_peak, row.seat_s, row.sessions) == (2, 5.0, 3)


def test_a_lease_that_moves_to_another_product_moves_its_seat() -> None:
    moved = Row(1, 0, RENEWED, BEGIN_MS + 1000, "pc1", 1, ((K2, 1),), ADA)
    rows = [granted(1, BEGIN_MS), moved, ended(1, BEGIN_MS + 5000)]
    first, second = told(rows, "product", end_ms=BEGIN_MS + HOUR_MS)
    assert (first.seat_s, second.seat_s, first.sessions, second.sessions) == (1.0, 4.0, 1, 0)


def test_a_name_that_comes_later_takes_the_seat_to_itself() -> None:
    """A host that has no key says no names; the next renewal does."""
    nameless = granted(1, BEGIN_MS, holder=Holder(b"", b"pc1"))
    named = Row(1, 0, RENEWED, BEGIN_MS + 1000, "pc1", 1, ((K1, 1),), ADA)
    rows = [nameless, named, ended(1, BEGIN_MS + 5000)]
    first, second = told(rows, "user", end_ms=BEGIN_MS + HOUR_MS)
    assert [(row.of["user"], row.seat_s) for row in (first, second)] == [("", 1.0), ("ada", 4.0)]


def test_units_count_once_for_each_number_and_less_what_was_settled() -> None:
    def took(number: int, units: int, reserves: bool = False) -> Row:
        return Row(
            1,
            0,
            UNITS,
            BEGIN_MS + 1000,
            "pc1",
            1,
            ((K1, 1),),
            number=number,
            units=((K1, units),),
            reserves=reserves,
        )

    settled = Row(1, 0, SETTLED, BEGIN_MS + 2000, "pc1", 1, number=2, units=((K1, 7),))
    rows = [granted(1, BEGIN_MS), took(1, 30), took(1, 30), took(2, 50, True), settled, settled]
    (row,) = told(rows, "product", end_ms=BEGIN_MS + HOUR_MS)
    assert row.units == 37


def test_what_is_borrowed_is_in_use_until_it_is_returned_or_its_end_is_there() -> None:
    def borrowed(generation: int, at_ms: int, ends_ms: int, kind: str = GRANTED) -> Row:
        return Row(1, 0, kind, at_ms, "pc1", generation, ((K1, 1),), ADA, ends_ms=ends_ms)

    rows = [borrowed(n, BEGIN_MS, BEGIN_MS + 5000) for n in (1, 2, 3)]
    rows.append(borrowed(2, BEGIN_MS + 1000, BEGIN_MS + 9000, RENEWED))
    rows.append(ended(3, BEGIN_MS + 2000, RETURNED))
    (row,) = told(rows, "product", end_ms=BEGIN_MS + HOUR_MS)
    assert (row.in_use_peak, row.sessions, row.seat_s) == (3, 3, 5.0 + 9.0 + 2.0)


def test_groups_are_those_of_the_rules_in_force() -> None:
    rules = AccessRules((Group("design", Subjects(users=(b"ada",))),))
    rows = [
        Row(1, 0, RULES, BEGIN_MS, rules=rules),
        granted(1, BEGIN_MS),
        granted(2, BEGIN_MS, holder=BEN),
    ]
    found = told(rows, "group", end_ms=BEGIN_MS + 1000)
    assert [(row.of["group"], row.seat_s) for row in found] == [("", 1.0), ("design", 1.0)]


def test_a_record_that_begins_later_meets_its_leases_at_renewal() -> None:
    report = Report(["product"], name)
    sessions = Sessions(report, is_whole=False)
    renewed = Row(1, 0, RENEWED, BEGIN_MS + 1000, "pc1", 5, ((K1, 1),), ADA)
    for row in (ended(4, BEGIN_MS), renewed, ended(5, BEGIN_MS + 3000), renewed):
        sessions.feed([row], row.at_ms)
    sessions.close(BEGIN_MS + 9000)
    (line,) = report.rows(BEGIN_MS, BEGIN_MS + 9000)
    assert (line.seat_s, line.sessions) == (2.0, 0)


def test_where_entries_are_missing_uses_end_and_are_met_again() -> None:
    report = Report(["product"], name)
    sessions = Sessions(report)
    sessions.feed([granted(1, BEGIN_MS), granted(2, BEGIN_MS)], BEGIN_MS)
    sessions.feed([], BEGIN_MS + 1000)
    sessions.gap()
    renewed = Row(1, 0, RENEWED, BEGIN_MS + 5000, "pc1", 2, ((K1, 1),), ADA)
    sessions.feed([renewed], BEGIN_MS + 5000)
    sessions.close(BEGIN_MS + 6000)
    (row,) = report.rows(BEGIN_MS, BEGIN_MS + 6000)
    assert (row.seat_s, row.sessions) == (3.0, 2)


def test_log_time_that_goes_back_counts_nothing_twice() -> None:
    rows = [granted(1, BEGIN_MS + 9000), ended(1, BEGIN_MS), granted(2, BEGIN_MS + 9000)]
    (row,) = told(rows, "product", end_ms=BEGIN_MS + 10_000)
    assert row.seat_s == 1.0


def test_a_report_with_too_many_lines_is_refused_with_what_to_do(monkeypatch) -> None:
    monkeypatch.setattr(reports, "CELLS_MAX", 3)
    with pytest.raises(TooMuch, match="by day or month instead of hour"):
        told([granted(1, BEGIN_MS)], "hour", end_ms=BEGIN_MS + DAY_MS)


@pytest.mark.parametrize("by", [["week"], ["hour", "day"]])
def test_what_no_report_can_be_cut_by_is_refused(by) -> None:
    with pytest.raises(ValueError, match="hour, day, month"):
        Report(by, name)


def test_months_and_moments_are_utc() -> None:
    assert starts_at("month", read_moment("2026-12-31T23:59:59")) == read_moment("2026-12")
    with pytest.raises(ValueError, match="2026-11-30"):
        read_moment("yesterday")
