"""The alert rules: each cause once; and the book of what is open, acknowledged and snoozed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from appliance.codec import api
from appliance.watch.licence_checks import EACH_MAX
from monitor_gui.model.alerting import ENDED_MAX, AlertBook
from monitor_gui.model.alerts import Alert, FoundAlerts, find
from monitor_gui.model.connections import BadConnections, System, parse, parse_limits, render
from monitor_gui.model.limits import AlertLimits
from monitor_gui.model.matrix import licence_rows
from monitor_gui.model.phrases import say
from monitor_gui.model.store import Store
from monitor_gui.model.verdict import Level
from tests.unit.monitor.documents import NOW_MS, filled, licence, missed, with_report_in

NOW_S = 100.2
DAY_S = 86_400
LOG_S = NOW_MS // 1000


def keys(store: Store, limits: AlertLimits | None = None, now_s: float = NOW_S) -> list[str]:
    """What the alerts are about."""
    return [alert.key for alert in find(store, now_s, limits or AlertLimits()).alerts]


def texts(store: Store) -> list[str]:
    """What the alerts say."""
    return [str(alert.text) for alert in find(store, NOW_S, AlertLimits()).alerts]


def expiring(product: int, days: float, **more: object) -> api.LicenceDocument:
    """A licence that ends so soon."""
    return replace(licence(product, **more), expires_at_s=int(LOG_S + days * DAY_S))  # type: ignore[arg-type]


def test_all_is_well_and_nothing_rings() -> None:
    assert keys(with_report_in(filled())) == []


def test_an_upstream_that_is_gone_is_one_alert_not_twenty() -> None:
    torn = (licence(10, ("ok", "unreachable", "ok")), licence(20, ("ok", "unreachable", "ok")))
    store = with_report_in(
        filled(licences=torn, lost=("up2",), times_ms={"up2": 99_000}),
        up2={
            "disk_free_bytes": 1,
            "certificate_expires_at_s": LOG_S,
            "version": "0.0.1",
            "clock_synchronised": False,
            "server_states": ("failed", "failed"),
        },
    )
    assert keys(store) == ["upstream-down/up2"]


def test_a_tmr_host_that_is_gone_has_no_other_trouble() -> None:
    store = with_report_in(filled(twin="unreachable"), tmr2={"version": "0.0.1"})
    missed(store, "tmr2", 101.0)
    assert keys(store, now_s=101.5) == ["tmr-down/tmr2"]


def test_many_licences_that_end_are_one_alert_with_the_first_that_ends() -> None:
    rows = tuple(expiring(n, 7 + n, text=f"P{n}") for n in range(20, 0, -1))
    store = filled(licences=rows)
    assert texts(store) == ["Licence 100:1#1 (P1) expires in 8 days; 19 more have the same trouble"]
    assert keys(filled(licences=(expiring(1, 40),))) == []
    assert keys(filled(licences=(expiring(1, 40),)), AlertLimits(licence_expires_d=41)) == [
        "licence-expiry/100:1#1"
    ]
    old = replace(expiring(1, -1, text="Old"), available=False, refusal="licence-expired")
    over = filled(licences=(old, expiring(2, 15, text="New")))
    assert texts(over) == [
        "Licence 100:1#1 (Old) has expired",
        "Licence 100:2#1 (New) expires in 15 days",
    ]


def test_a_licence_ends_by_log_time_whatever_this_computers_clock_says() -> None:
    """Log time here is of another year than the clock of whoever runs this test."""
    (alert,) = find(filled(licences=(expiring(1, 2),)), NOW_S, AlertLimits()).alerts
    assert str(alert.text) == "Licence 100:1#1 (Drafter) expires in 2 days"
    (row,) = licence_rows(filled(licences=(expiring(1, 2),)))
    assert row.left_s == 2 * DAY_S, "the table says the same"


def test_a_usage_period_ends_a_licence_as_well() -> None:
    used = replace(expiring(1, 2), usage_ends_s=int(LOG_S + DAY_S // 2))
    assert keys(filled(licences=(used,))) == ["licence-expiry/100:1#1", "usage-period/100:1#1"]
    (row,) = licence_rows(filled(licences=(used,)))
    assert row.left_s == DAY_S // 2, "the table shows what ends first"


def test_a_licence_that_wants_a_fresh_certified_time_is_told_before_it_rests() -> None:
    def wanting(days: float) -> api.LicenceDocument:
        return replace(licence(), certified_until_s=int(LOG_S + days * DAY_S))

    assert keys(filled(licences=(wanting(3), licence(20)))) == []
    soon = filled(licences=(wanting(1),))
    assert texts(soon) == [
        "Licence 100:10#1 (Drafter) needs a newer certified time within 24 hours"
    ]
    resting = replace(
        licence(), certified_until_s=0, available=False, refusal="certified-time-stale"
    )
    for row in (wanting(-1), resting):
        (over,) = find(filled(licences=(row,)), NOW_S, AlertLimits()).alerts
        assert (over.level, over.page, over.code) == (Level.CRITICAL, "clocks", "licence-rests")


def test_seats_and_units_that_run_out() -> None:
    full = tuple(licence(n, in_use=3, text=f"P{n}") for n in range(1, 4))
    store = filled(licences=full)
    assert keys(store) == [f"seats-low/100:{n}#1" for n in range(1, 4)]
    assert texts(store)[0] == "Licence 100:1#1 (P1) has 0 of 3 seats free"
    assert keys(filled(licences=(licence(1, in_use=2),))) == []
    low = filled(licences=(licence(1, in_use=2),))
    assert keys(low, AlertLimits(seats_free=1)) == ["seats-low/100:1#1"]
    many = tuple(licence(n, in_use=3, text=f"P{n}") for n in range(EACH_MAX + 1))
    assert keys(filled(licences=many)) == ["seats-low"]
    scarce = replace(licence(1), units=1_000, units_left=100)
    assert keys(filled(licences=(scarce,))) == ["units-low/100:1#1"]
    more = filled(licences=(replace(scarce, units_left=101),))
    assert (keys(more), keys(more, AlertLimits(units_left_percent=11))) == (
        [],
        ["units-low/100:1#1"],
    )
    assert keys(filled(licences=(replace(scarce, units_left=0),))) == ["units-gone/100:1#1"]


def test_disks_certificates_versions_and_clocks() -> None:
    store = with_report_in(
        filled(),
        up1={"disk_free_bytes": 6 << 30},
        tmr1={"disk_free_bytes": 1 << 30, "certificate_expires_at_s": LOG_S + 3 * DAY_S},
        up2={"certificate_expires_at_s": LOG_S + 20 * DAY_S, "clock_synchronised": False},
        up3={"version": "0.2.0"},
    )
    found = {alert.key: alert for alert in find(store, NOW_S, AlertLimits()).alerts}
    assert {key: alert.level for key, alert in found.items()} == {
        "certificate/tmr1": Level.CRITICAL,
        "disk/tmr1": Level.CRITICAL,
        "certificate/up2": Level.DEGRADED,
        "disk/up1": Level.DEGRADED,
        "clock-unsynchronised": Level.NOTICE,
        "versions-differ": Level.NOTICE,
    }
    assert "0.2.0: up3" in str(found["versions-differ"].text)
    assert {found[key].page for key in found} == {"hosts"}
    early = with_report_in(filled(), up1={"disk_free_bytes": 12 << 30})
    (disk,) = find(early, NOW_S, AlertLimits(disk_free_percent=20)).alerts
    assert (keys(early), disk.key, disk.level) == ([], "disk/up1", Level.NOTICE)


def test_a_wrong_clock_is_not_told_again_as_unsynchronised() -> None:
    store = with_report_in(filled(times_ms={"up3": 42_000}), up3={"clock_synchronised": False})
    assert keys(store) == ["clock-off/up3"]


def test_time_servers_one_or_all_and_certified_times_that_grew_old() -> None:
    some: dict[str, object] = {"server_states": ("good", "failed")}
    none: dict[str, object] = {"server_states": ("failed", "failed")}
    one = with_report_in(filled(), up1=some, up2=some)
    (alert,) = find(one, NOW_S, AlertLimits()).alerts
    assert (alert.key, alert.level) == ("time-server/https://time-2.example", Level.NOTICE)
    assert str(alert.text).startswith("up1 and up2 get no certified time from https://time-2")
    alone = find(with_report_in(filled(), up1=none), NOW_S, AlertLimits()).alerts
    assert [alert.level for alert in alone] == [Level.DEGRADED] * 2
    old = with_report_in(filled())
    assert keys(old) == []
    for endpoint in old.endpoints.values():
        document = endpoint.document
        assert document is not None
        times = api.ContainerTimes(box_ms=1, system_ms=NOW_MS, certified_age_s=8.0 * DAY_S)
        rows = tuple(
            replace(row, times=times) if row.name == "up1" else row for row in document.upstreams
        )
        endpoint.document = replace(document, upstreams=rows)
    assert keys(old) == ["certified-age/up1"]
    assert keys(old, AlertLimits(certified_age_d=0)) == []


def test_a_locked_container_is_one_alert_and_two_are_the_end() -> None:
    torn = (licence(states=("locked", "ok", "ok")),)
    store = with_report_in(filled(licences=torn), up1={"locked": "lost"})
    (alert,) = find(store, NOW_S, AlertLimits()).alerts
    assert (alert.key, alert.level) == ("container-locked/up1", Level.DEGRADED)
    assert alert.page == "timeservers"
    both = with_report_in(filled(lost=("up2",)), up1={"locked": "lost"})
    worst = find(both, NOW_S, AlertLimits()).alerts[0]
    assert worst.level == Level.DOWN
    assert "without those of up1 and up2" in str(worst.text)


def test_a_licence_that_one_more_loss_made_unusable_is_told() -> None:
    torn = (licence(10, ("ok", "unreachable", "differs"), text="Flow"), licence(20))
    store = filled(licences=torn, lost=("up2",))
    assert keys(store) == ["licence-unusable/100:10#1", "upstream-down/up2"]
    assert "(Flow) cannot be used" in texts(store)[0]
    down = filled(active="nobody", licences=torn, lost=("up1", "up2"))
    assert keys(down) == ["not-serving", "upstream-down/up1", "upstream-down/up2"]


def test_silence_is_one_alert_and_says_that_nothing_else_is_known() -> None:
    store = with_report_in(filled(), up1={"disk_free_bytes": 1})
    for name in ("tmr1", "tmr2"):
        missed(store, name, 101.0, "no route")
    found = find(store, 130.0, AlertLimits())
    assert ([alert.key for alert in found.alerts], found.blind) == (["no-answer"], True)
    assert find(Store(), 0.0, AlertLimits()) == FoundAlerts((), True), "connecting is no trouble"


def test_a_moment_without_an_answer_is_no_silence_yet() -> None:
    store = filled()
    for name in ("tmr1", "tmr2"):
        missed(store, name, 101.0, "no route")
    assert {alert.code for alert in find(store, 101.5, AlertLimits()).alerts} == {"address-silent"}


# --- the book ---


def alert(key: str = "disk up1", level: Level = Level.NOTICE) -> Alert:
    """An alert."""
    return Alert(key, level, say("It is filling"), say("make room"))


def rung(book: AlertBook, at_s: float, *alerts: Alert, blind: bool = False) -> list[str]:
    """Who rings at that moment; the wall clock is a million seconds ahead."""
    return [a.key for a in book.update(FoundAlerts(alerts, blind), at_s, at_s + 1e6)]


def test_a_cause_rings_once_it_has_lasted_and_not_again() -> None:
    book = AlertBook(AlertLimits())
    assert rung(book, 0, alert()) == []
    assert book.open() == []
    assert rung(book, 3, alert()) == ["disk up1"]
    assert rung(book, 4, alert()) == []
    assert [item.since_unix_s for item in book.open()] == [1e6]


def test_what_flickers_does_not_ring_and_ends_late() -> None:
    book = AlertBook(AlertLimits())
    rung(book, 0, alert())
    assert rung(book, 1) == []
    assert rung(book, 2, alert()) == []
    assert rung(book, 5, alert()) == ["disk up1"]
    rung(book, 6)
    assert rung(book, 20, alert()) == []
    rung(book, 21)
    rung(book, 50)
    assert len(book.open()) == 1
    rung(book, 51)
    assert book.open() == []
    (ended,) = book.ended
    assert (ended.since_unix_s, ended.ended_unix_s) == (1e6 + 2, 1e6 + 51)


def test_who_is_blind_ends_nothing() -> None:
    book = AlertBook(AlertLimits())
    rung(book, 0, alert())
    rung(book, 3, alert())
    for at_s in range(4, 90):
        rung(book, at_s, alert("silence", Level.UNKNOWN), blind=True)
    assert {item.alert.key for item in book.open()} == {"silence", "disk up1"}


def test_an_acknowledged_alert_rings_only_when_it_gets_worse() -> None:
    book = AlertBook(AlertLimits())
    rung(book, 0, alert())
    rung(book, 3, alert())
    book.acknowledge("disk up1")
    assert book.ringing(1e6 + 4) == []
    assert rung(book, 5, alert()) == []
    assert rung(book, 6, alert(level=Level.DEGRADED)) == ["disk up1"]
    assert rung(book, 7, alert(level=Level.DEGRADED)) == []
    assert book.worst(1e6 + 7) == Level.DEGRADED


def test_a_snoozed_alert_rings_when_its_time_is_up() -> None:
    book = AlertBook(AlertLimits())
    rung(book, 0, alert())
    rung(book, 3, alert())
    book.snooze("disk up1", 1e6 + 60)
    assert rung(book, 59, alert()) == []
    assert rung(book, 60, alert()) == ["disk up1"]
    assert rung(book, 61, alert()) == []
    book.snooze("disk up1", 1e6 + 100)
    book.reopen("disk up1")
    assert len(book.ringing(1e6 + 62)) == 1


def test_acknowledged_and_snoozed_outlive_a_restart_and_what_is_over_does_not() -> None:
    book = AlertBook(AlertLimits())
    for at_s in (0, 3):
        rung(book, at_s, alert(), alert("versions"), alert("lag up2"))
    book.acknowledge("disk up1")
    book.snooze("versions", 1e6 + 500)
    assert book.dirty
    kept = book.remembered()
    assert not book.dirty
    again = AlertBook(AlertLimits())
    again.recall(kept)
    assert rung(again, 1_000, alert(), alert("versions"), blind=True) == ["versions"]
    assert [item.since_unix_s for item in again.open()] == [1e6, 1e6]
    assert {one.key for one in again.remembered()} == {"disk up1", "versions", "lag up2"}
    rung(again, 1_001, alert())
    rung(again, 1_032, alert())
    assert {one.key for one in again.remembered()} == {"disk up1"}


@given(st.lists(st.tuples(st.integers(0, 3), st.sets(st.sampled_from("abcd"))), max_size=60))
def test_the_book_agrees_with_its_rules_whatever_comes(
    steps: list[tuple[int, set[str]]],
) -> None:
    """An alert is open iff its cause lasted, and has not been away for long since."""
    limits = AlertLimits(raise_after_s=3, clear_after_s=5)
    book, now_s = AlertBook(limits), 0.0
    first: dict[str, float] = {}
    seen: dict[str, float] = {}
    raised: set[str] = set()
    for pause_s, present in steps:
        now_s += pause_s
        rung(book, now_s, *(alert(key) for key in sorted(present)))
        for key in present:
            seen.pop(key, None)
            if now_s - first.setdefault(key, now_s) >= 3:
                raised.add(key)
        for key in set(first) - present:
            if key not in raised:
                del first[key]
            elif now_s - seen.setdefault(key, now_s) >= 5:
                raised.discard(key)
                del first[key], seen[key]
        assert {item.alert.key for item in book.open()} == raised
    assert len(book.ended) <= ENDED_MAX


# --- the file ---


def test_limits_stand_beside_the_systems_and_are_kept() -> None:
    text = '[alerts]\ndisk_free_percent = 5\n[[system]]\nname = "a"\nprofile = "/p"\n'
    limits = parse_limits(text)
    assert limits == AlertLimits(disk_free_percent=5)
    assert parse(text) == [System(name="a", profile="/p")]
    again = render(parse(text), limits)
    assert (parse_limits(again), parse(again)) == (limits, parse(text))
    assert "[alerts]" not in render([])


@pytest.mark.parametrize(
    "text",
    ["[alerts]\ndisk_free_percent = 101", "[alerts]\nraise_after_s = -1", "[alerts]\nodd = 1"],
)
def test_limits_that_make_no_sense_are_named(text: str) -> None:
    with pytest.raises(BadConnections, match=r"alerts|odd"):
        parse_limits(text)
