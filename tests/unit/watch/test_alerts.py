"""When an alert is sent: once for each cause, seldom again, with an all-clear, by one host."""

from __future__ import annotations

from appliance.watch.alerts import (
    CAUSES_MAX,
    NOTICES_MAX,
    KnownCause,
    Pace,
    due,
    forgotten,
    remembered,
    settled,
    speaks,
)
from appliance.watch.facts import CRITICAL, WARNING, Finding, found
from tests.unit.watch.facts_world import facts, hosts_as, status, tmr_host

PACE = Pace(hold_s=30, repeat_s=3600)
DOWN = found("upstream-down", WARNING, "up2", host="up2")
DISK = found("disk", WARNING, "up1", host="up1", free_bytes=9, total_bytes=100)
FULL = found("disk", CRITICAL, "up1", host="up1", free_bytes=1, total_bytes=100)


class Host:
    """A host that looks now and then."""

    def __init__(self, pace: Pace = PACE) -> None:
        self.pace = pace
        self.known: dict[str, KnownCause] = {}
        self.webhook_works = True

    def at(self, seconds: float, *findings: Finding, speaking: bool = True) -> list[str]:
        """One pass at this time; gives what was told, "kind cause"."""
        now_ms = int(seconds * 1000) + 1_000_000
        self.known = remembered(self.known, findings, now_ms)
        notices = due(self.known, now_ms, self.pace) if speaking else ()
        told = {notice.finding.cause: self.webhook_works for notice in notices}
        self.known = settled(self.known, told, notices, now_ms)
        self.known = forgotten(self.known, now_ms, self.pace, speaking)
        return [f"{n.kind} {n.finding.cause}" + " again" * n.again for n in notices]


def test_an_alert_once_a_repeat_seldom_and_an_all_clear():
    host = Host()
    told = {at: host.at(at, DOWN) for at in range(0, 7300, 20)}
    assert {at: what for at, what in told.items() if what} == {
        40: ["alert upstream-down/up2"],
        3640: ["repeat upstream-down/up2"],
        7240: ["repeat upstream-down/up2"],
    }
    assert host.at(7320) == []
    assert host.at(7352) == ["clear upstream-down/up2"]
    assert host.known == {}
    assert host.at(7400) == []


def test_what_is_over_before_it_lasted_wakes_nobody():
    host = Host()
    assert [host.at(at, DOWN) for at in (0, 20)] == [[], []]
    assert [host.at(at) for at in (40, 60, 80, 100)] == [[]] * 4
    assert host.known == {}
    assert host.at(200, DOWN) == [], "it begins anew"


def test_a_flapping_cause_is_one_alert_and_no_all_clear():
    host = Host()
    host.at(0, DOWN)
    assert host.at(30, DOWN) == ["alert upstream-down/up2"]
    for at in range(40, 600, 20):
        present = [DOWN] if at % 40 else []
        assert host.at(at, *present) == []


def test_a_cause_that_gets_worse_is_told_of_at_once():
    host = Host()
    host.at(0, DISK)
    assert host.at(40, DISK) == ["alert disk/up1"]
    assert host.at(60, FULL) == ["alert disk/up1"]
    assert host.at(80, DISK) == [], "better is no news"


def test_without_patience_alert_and_all_clear_come_at_once():
    host = Host(Pace(hold_s=0, repeat_s=3600))
    assert host.at(0, DOWN) == ["alert upstream-down/up2"]
    assert host.at(1) == ["clear upstream-down/up2"]
    assert host.known == {}


def test_what_the_webhook_did_not_take_is_owed():
    host = Host()
    host.at(0, DOWN)
    host.webhook_works = False
    assert host.at(40, DOWN) == ["alert upstream-down/up2"]
    assert host.at(60, DOWN) == ["alert upstream-down/up2 again"]
    host.webhook_works = True
    assert host.at(80, DOWN) == ["alert upstream-down/up2 again"]
    assert host.at(100, DOWN) == []
    host.webhook_works = False
    host.at(120)
    assert host.at(160) == ["clear upstream-down/up2"]
    assert host.at(180) == ["clear upstream-down/up2 again"]
    host.webhook_works = True
    assert host.at(200) == ["clear upstream-down/up2 again"]
    assert host.known == {}


def test_the_passive_host_is_silent_and_takes_over_with_what_it_saw():
    host = Host()
    for at in (0, 20, 40, 60):
        assert host.at(at, DOWN, speaking=False) == []
    assert host.at(80, DOWN) == ["alert upstream-down/up2"], "twice is better than never"
    assert host.at(100, DOWN) == []


def test_after_a_failover_the_all_clear_of_the_others_alert_is_given():
    host = Host()
    for at in (0, 20, 40, 60):
        host.at(at, DOWN, speaking=False)
    assert host.at(70, speaking=False) == []
    assert host.at(110) == ["clear upstream-down/up2"]


def test_what_ended_while_the_other_spoke_is_left_to_it():
    host = Host()
    host.at(0, DOWN)
    assert host.at(40, DOWN) == ["alert upstream-down/up2"]
    for at in (60, 100, 140):
        assert host.at(at, speaking=False) == []
    assert host.known == {}
    assert host.at(160) == []


def test_nothing_is_without_bound():
    many = [
        found("disk", WARNING, str(n), host=str(n), free_bytes=9, total_bytes=100)
        for n in range(CAUSES_MAX + 50)
    ]
    host = Host()
    host.at(0, *many)
    assert len(host.known) == CAUSES_MAX
    assert len(host.at(40, *many)) == NOTICES_MAX
    assert len(host.at(41, *many)) == NOTICES_MAX


def test_the_worst_is_told_first_and_all_clears_last():
    host = Host(Pace(hold_s=0, repeat_s=3600))
    host.at(0, DOWN)
    assert host.at(1, FULL) == ["alert disk/up1", "clear upstream-down/up2"]
    other = found("maintenance", WARNING, "b", host="b")
    assert Host(Pace(hold_s=0, repeat_s=3600)).at(0, other, FULL) == [
        "alert disk/up1",
        "alert maintenance/b",
    ]


def test_one_host_speaks_and_both_if_none_is_active():
    assert speaks(facts(), "tmr1")
    assert not speaks(facts(), "tmr2")
    # The passive one alone is reached, and knows who is active.
    assert not speaks(facts(status("tmr2")), "tmr2")
    none = hosts_as(tmr_host("tmr1", role="passive"))
    assert speaks(none, "tmr1")
    assert speaks(none, "tmr2")
