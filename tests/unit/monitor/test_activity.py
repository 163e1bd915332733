"""Events in words, whatever a server sends; logs as one; rates and denials in the store."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from appliance.codec.api import LogRecord
from monitor_gui.model import activity
from monitor_gui.model.logs import LINES_MAX, NAME_MAX, TEXT_MAX, Logs, rank
from monitor_gui.model.store import DENIED_MAX, EVENTS_MAX, Store
from monitor_gui.model.updates import Event, Happened, LogsHeard
from tests.unit.monitor.documents import filled, opened


def event(name: str, **data: Any) -> Event:
    """One event of tmr1's stream."""
    return Event("tmr1:7200", name, data, 1.8e9)


HOLDER = {"user": "aiko", "host": "ws-1"}


@pytest.mark.parametrize(
    ("found", "kind", "who", "what"),
    [
        (
            event("check-out", outcome="granted", holder=HOLDER, client="cert:ws-1"),
            activity.CHECKOUT,
            "aiko@ws-1",
            "seat checked out",
        ),
        (
            event("check-out", outcome="no-seat-free", holder={}, client="cert:ws-1"),
            activity.DENIAL,
            "cert:ws-1",
            "check-out denied",
        ),
        (event("denial", outcome="quorum-lost"), activity.DENIAL, "tmr1:7200", "check-out denied"),
        (
            event("units", outcome="units-exhausted", client="c"),
            activity.DENIAL,
            "c",
            "units denied",
        ),
        (
            event("release", outcome="done", who="olga", client="c"),
            activity.LEASE,
            "c",
            "seat released by force, by olga",
        ),
        (
            event("check-in", outcome="lease-unknown"),
            activity.LEASE,
            "tmr1:7200",
            "seat given back",
        ),
        (
            event("phase", host="tmr2", phase="serving"),
            activity.ROLE,
            "tmr2",
            "serves now: active",
        ),
        (
            event("upstreams", host="tmr1", missing=["up1", "up2"]),
            activity.ROLE,
            "tmr1",
            "upstreams unreachable: up1 and up2",
        ),
        (
            event("operator", action="switchover", who="olga", host="tmr2"),
            activity.OPERATOR,
            "olga",
            "switchover ordered by olga",
        ),
        (event("blocks", who="up2"), activity.BLOCK, "up2", "block list taken over"),
        (event("gap", lost=7), activity.OTHER, "tmr1:7200", "7 events were not shown"),
        (event("from-the-future"), activity.OTHER, "tmr1:7200", "from-the-future"),
    ],
)
def test_an_event_is_told(found: Event, kind: str, who: str, what: str) -> None:
    assert (activity.kind(found), activity.who(found)) == (kind, who)
    assert str(activity.what(found)) == what


def test_a_denial_has_its_reason_and_its_product() -> None:
    denied = event(
        "check-out", outcome="no-seat-free", detail="3 of 3 are out", firm_code=1, product_code=2
    )
    assert str(activity.why(denied)) == "no seat free: 3 of 3 are out"
    assert activity.product(denied, {}) == "1:2"
    assert activity.product(denied, {(1, 2): "Drafter"}) == "Drafter"
    assert activity.product(event("expiry", licence="1:2#7"), {(1, 2): "Drafter"}) == "Drafter"
    assert activity.product(event("expiry", licence="what#ever"), {}) == ""
    assert activity.tone(denied) == "degraded"


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
fields = st.sampled_from(
    ["outcome", "holder", "client", "licence", "firm_code", "missing", "action", "lost", "why"]
)
names = st.sampled_from([*activity._KIND_OF, "gap", "disputed", "x", "{braces}", "%s"])


@given(names, st.dictionaries(fields, json))
def test_no_event_is_too_odd_to_be_shown(name: str, data: dict[str, Any]) -> None:
    found = event(name, **data)
    assert activity.kind(found) in activity.KINDS
    for text in (activity.who(found), str(activity.why(found)), activity.product(found, {})):
        assert len(text) <= 3 * activity.TEXT_MAX + 10
    assert str(activity.what(found))
    activity.tone(found)


def test_the_store_counts_denials_by_product_and_reason_within_a_bound() -> None:
    store = filled()
    events = [
        event("check-out", outcome="no-seat-free", firm_code=1, product_code=number)
        for number in (*range(DENIED_MAX + 50), 3, 3)
    ]
    store.apply(Happened(100.0, tuple(events)))
    assert len(store.denied) == DENIED_MAX
    assert store.denials.last_minute(100.0) == DENIED_MAX + 52
    assert activity.top_denials(store.denied)[0] == ("1:3", "no-seat-free", 3)
    store.apply(Happened(101.0, (event("check-out", outcome="granted"),) * (EVENTS_MAX + 10)))
    assert len(store.events) == EVENTS_MAX
    assert store.events_total == DENIED_MAX + 52 + EVENTS_MAX + 10
    store.apply(type(opened())("other", (), "olga", "view", "directly"))
    assert (store.events_total, store.denied, store.generation) == (0, {}, 2)


def line(host: str, number: int, at_ms: int, level: str = "info") -> LogRecord:
    """One line."""
    return LogRecord(host=host, number=number, at_ms=at_ms, level=level, logger="x", text="said")


def test_logs_are_merged_in_order_and_a_late_lump_is_put_where_it_belongs() -> None:
    store = Store()
    store.apply(LogsHeard(1.0, (line("up1", 1, 20), line("tmr1", 1, 10))))
    assert [record.at_ms for record in store.logs.lines] == [10, 20]
    store.apply(LogsHeard(2.0, (line("up1", 2, 30),)))
    assert (store.logs.epoch, store.logs.total) == (0, 3)
    store.apply(LogsHeard(3.0, (line("up3", 1, 15), line("up3", 2, 40))))
    assert [record.at_ms for record in store.logs.lines] == [10, 15, 20, 30, 40]
    assert (store.logs.epoch, store.logs.total) == (1, 5)
    store.apply(LogsHeard(4.0, (), "it does not answer"))
    assert (store.logs.trouble, store.logs.heard_at_s) == ("it does not answer", 3.0)
    assert store.logs.hosts() == ["tmr1", "up1", "up3"]


@given(st.lists(st.lists(st.integers(0, 60), max_size=6), max_size=12))
def test_merged_logs_agree_with_sorting_everything(lumps: list[list[int]]) -> None:
    logs, number, everything = Logs(), 0, []
    for lump in lumps:
        records = []
        for at_ms in lump:
            number += 1
            records.append(line("up1", number, at_ms))
        everything += records
        logs.hear(records, 0.0)
    assert logs.lines == sorted(everything, key=lambda record: (record.at_ms, record.number))
    assert logs.total == len(everything)


def test_logs_are_bounded_and_levels_ranked() -> None:
    logs = Logs()
    logs.hear([line("a", n, n) for n in range(LINES_MAX)], 0.0)
    logs.hear([line("a", LINES_MAX, LINES_MAX, "ERROR")], 1.0)
    assert (len(logs.lines), logs.lines[0].number) == (LINES_MAX, 1)
    assert logs.count(3) == 1
    logs.hear([replace(line("x" * 999, 1, LINES_MAX + 9), text="y" * 9_999)], 2.0)
    last = logs.lines[-1]
    assert (len(last.text), len(last.host)) == (TEXT_MAX, NAME_MAX)
    assert [rank(word) for word in ("debug", "INFO", "warn", "critical", "odd")] == [0, 1, 2, 3, 1]
