"""Operators' acts on the state: maintenance, switchover, enrolment, release; and their words."""

from __future__ import annotations

import pytest

from appliance.client.states import RELEASED
from appliance.details import TEXTS
from appliance.licences import administration, reasons, state
from appliance.licences import commands as c
from appliance.licences.records import Act
from tests.unit.licences.builders import (
    NOW_MS,
    check_out,
    founded,
    import_of,
    product,
    update_of,
)

REF = c.LeaseRef("cert:ada", "lease")


def test_acts_say_who_and_why_and_are_bounded(monkeypatch):
    monkeypatch.setattr(state, "ACTS_MAX", 3)
    desk = founded()
    for number in range(5):
        desk.do(c.Operate("switchover", "tmr1", "olga", f"drill {number}"))
    assert [act.why for act in desk.state.acts()] == ["drill 2", "drill 3", "drill 4"]
    assert desk.state.acts()[-1] == Act("switchover", "tmr1", "olga", "drill 4", NOW_MS)


def test_a_release_and_an_import_are_acts():
    desk = founded()
    for twin in (1, 2, 3):
        assert desk.do(import_of(update_of(twin, product(), sequence=2))).ok
    generation = desk.do(check_out()).generation
    assert desk.do(c.Release(REF, generation, "olga", "left the company")).ok
    assert [act.action for act in desk.state.acts()] == ["import"] * 6 + ["release"]
    assert desk.state.acts()[-1].subject == "cert:ada/lease"
    over = desk.consume(generation, 1, 1)
    assert over.said is not None and over.said.code == RELEASED, "so its client takes no new seat"


def test_maintenance_is_kept_per_host():
    desk = founded()
    for host in ("tmr1", "tmr2"):
        assert desk.do(c.Operate("maintenance-on", host, "olga", "disk")).ok
    assert desk.do(c.Operate("maintenance-off", "tmr1", "olga", "done")).ok
    assert list(desk.state.maintenance) == ["tmr2"]
    assert desk.do(c.Operate("maintenance-off", "tmr1", "olga", "done")).ok
    assert desk.do(c.Operate("explode", "tmr1", "eve", "")).reason == reasons.UNKNOWN_ACTION
    for number in range(14, 40):
        last = desk.do(c.Operate("maintenance-on", f"h{number}", "eve", ""))
    assert last.reason == reasons.BAD_REQUEST
    assert len(desk.state.maintenance) == administration.HOSTS_MAX


def test_clients_are_enrolled_changed_and_dismissed(monkeypatch):
    monkeypatch.setattr(administration, "CLIENTS_MAX", 1)
    desk = founded()
    assert desk.do(c.Enrol("ada", b"1" * 32, "olga", "new")).ok
    assert desk.do(c.Enrol("ada", b"2" * 32, "olga", "lost token")).ok
    assert desk.state.clients == {"ada": b"2" * 32}
    assert desk.do(c.Enrol("bob", b"3" * 32, "olga", "new")).reason == reasons.TOO_MANY_CLIENTS
    for _ in range(2):
        assert desk.do(c.Enrol("ada", b"", "olga", "left")).ok
    assert desk.state.clients == {}
    assert desk.do(c.Enrol("bob", b"3" * 32, "olga", "new")).ok


@pytest.mark.parametrize(
    "command",
    [
        c.Enrol("", b"1" * 32, "", ""),
        c.Enrol("x" * 257, b"1" * 32, "", ""),
        c.Enrol("x", b"1" * 33, "", ""),
        c.Enrol("x", b"1" * 32, "", "y" * 1025),
        c.Operate("switchover", "h" * 257, "", ""),
        c.Operate("switchover", "h", "w" * 257, ""),
        c.Release(REF, 1, "w" * 257, ""),
        c.ImportUpdate(b"", "w" * 257),
    ],
)
def test_oversize_acts_are_refused(command):
    desk = founded()
    before = desk.state.acts()
    assert desk.do(command).reason == reasons.BAD_REQUEST
    assert desk.state.acts() == before


def test_a_tick_only_moves_log_time():
    desk = founded()
    desk.now_ms += 60_000
    assert desk.do(c.Tick()) == c.Outcome(reasons.DONE)
    assert desk.state.log_time_ms == NOW_MS + 60_000


def test_every_refusal_speaks_in_one_sentence():
    desk = founded(product(units=10))
    generation = desk.do(check_out()).generation
    assert desk.do(c.Expire(REF, generation)).ok
    refusals = [
        desk.do(check_out()),
        desk.do(check_out("x", product_code=9)),
        desk.check_in(generation),
        desk.check_in(generation, "nowhere"),
        desk.consume(generation, 1, 0),
        desk.do(c.Operate("x", "", "", "")),
    ]
    for outcome in refusals:
        assert not outcome.ok
        assert outcome.said is not None and outcome.said.code in TEXTS
        assert outcome.detail.count(". ") == 0
