"""One verdict for each thing that can be wrong, with its reason and since when."""

from __future__ import annotations

from appliance.details import detail
from monitor_gui.model.alerts import overall
from monitor_gui.model.limits import AlertLimits
from monitor_gui.model.store import Store
from monitor_gui.model.updates import Closed, StatusHeard
from monitor_gui.model.verdict import Level, ShownVerdict
from tests.unit.monitor.documents import ENDPOINTS, filled, licence, missed, opened, status

NOW_S = 100.2


def verdict(store: Store, now_s: float) -> ShownVerdict:
    """The verdict at that moment."""
    return overall(store, now_s, AlertLimits())


def told(store: Store, now_s: float = NOW_S) -> tuple[Level, str]:
    """Level and headline."""
    found = verdict(store, now_s)
    return found.level, str(found.headline)


def test_all_is_well() -> None:
    found = verdict(filled(), NOW_S)
    assert found.level == Level.OK
    assert str(found.headline) == "Serving: tmr1 is active, all three upstreams answer"
    assert found.causes == ()


def test_two_of_three_names_the_lost_one_and_since_when() -> None:
    level, text = told(filled(lost=("up2",)))
    assert level == Level.DEGRADED
    assert text == "Serving on two of three: up2 does not answer · for 4 min 0 s"


def test_quorum_lost_names_both_and_what_to_do() -> None:
    store = filled(active="nobody", lost=("up1", "up3"), licences=(licence(states=("ok",)),))
    found = verdict(store, NOW_S)
    assert found.level == Level.DOWN
    assert str(found.headline) == (
        "Not serving: quorum lost: no answer from up1 and up3 · for 4 min 0 s"
    )
    assert "two upstreams and one TMR host are enough" in str(found.causes[0].advice)
    assert found.causes[0].key == "not-serving"


def test_no_term_anywhere_is_down() -> None:
    assert told(filled(active="nobody")) == (
        Level.DOWN,
        "Not serving: no TMR host is known to serve",
    )


def test_a_host_that_fell_silent_is_not_taken_for_serving() -> None:
    store = filled()
    missed(store, "tmr1", 101.0)
    store.apply(StatusHeard(ENDPOINTS[1], 101.1, status("tmr2", "nobody", twin="unreachable")))
    level, text = told(store, 101.2)
    assert level == Level.DOWN
    assert text.startswith("Not serving: no TMR host is known to serve")


def test_an_active_host_that_only_its_twin_sees_is_probably_serving() -> None:
    store = filled()
    missed(store, "tmr1", 101.0)
    level, text = told(store, 101.2)
    assert level == Level.DEGRADED
    assert text.startswith("Probably serving: tmr1:7200 does not answer from here")


def test_a_lost_spare_is_told_although_everything_serves() -> None:
    store = filled(twin="unreachable")
    missed(store, "tmr2", 101.0)
    level, text = told(store, 101.5)
    assert level == Level.DEGRADED
    assert "tmr2 does not answer: nobody could take over" in text


def test_maintenance_is_told() -> None:
    store = filled()
    store.apply(StatusHeard(ENDPOINTS[0], 100.1, status("tmr1", twin="maintenance")))
    store.apply(StatusHeard(ENDPOINTS[1], 100.1, status("tmr2", own="maintenance")))
    level, text = told(store)
    assert level == Level.DEGRADED
    assert "tmr2 is in maintenance" in text


def test_an_outvoted_clock_is_told() -> None:
    found = verdict(filled(times_ms={"up3": 42_000}), NOW_S)
    assert found.level == Level.DEGRADED
    assert "The container of up3 is +42.0 s off the others" in str(found.causes[0].text)


def test_torn_licences_are_a_notice_but_not_while_an_upstream_is_gone() -> None:
    torn = (licence(states=("ok", "differs", "ok")),)
    found = verdict(filled(licences=torn), NOW_S)
    assert (found.level, found.causes[0].key) == (Level.NOTICE, "licence-twin/100:10#1")
    causes = verdict(filled(licences=torn, lost=("up1",)), NOW_S).causes
    assert [cause.key for cause in causes] == ["licence-twin/100:10#1", "upstream-down/up1"][::-1]


def test_silence_is_unknown_not_down_and_keeps_the_reason() -> None:
    store = filled()
    for name in ("tmr1", "tmr2"):
        missed(store, name, 101.0, "no route to host")
    level, text = told(store, 130.0)
    assert level == Level.UNKNOWN
    assert text == (
        "No TMR host answers (tmr1:7200: no route to host; tmr2:7200: no route to host) · for 30 s"
    )


def test_silence_for_a_certificate_or_a_clock_is_none_of_the_network() -> None:
    store = filled()
    for name in ("tmr1", "tmr2"):
        missed(
            store,
            name,
            101.0,
            detail("tls-early", now="2001-01-01 00:00 UTC"),
        )
    (cause,) = verdict(store, 130.0).causes
    assert str(cause.advice) == "See to the reason that is named: a host is there."
    for name in ("tmr1", "tmr2"):
        missed(store, name, 102.0, "no route to host")
    (cause,) = verdict(store, 130.0).causes
    assert "network" in str(cause.advice)


def test_before_the_first_answer() -> None:
    assert told(Store()) == (Level.UNKNOWN, "No system is chosen")
    store = Store()
    store.apply(Closed("the client profile is missing"))
    assert told(store)[1] == "Not connected: the client profile is missing"


def test_a_cause_keeps_its_beginning_and_a_new_one_starts_anew() -> None:
    store = filled(times_ms={"up3": 42_000})
    verdict(store, 100.0)
    assert str(verdict(store, 102.0).causes[0].with_age(102.0)).endswith("for 2 s")
    store.apply(StatusHeard(ENDPOINTS[0], 102.5, status()))
    assert verdict(store, 102.5).causes == ()
    store.apply(StatusHeard(ENDPOINTS[0], 103.0, status(times_ms={"up3": 42_000})))
    verdict(store, 103.0)
    assert str(verdict(store, 105.0).causes[0].with_age(105.0)).endswith("for 2 s")


def test_of_two_that_claim_to_serve_the_later_term_counts() -> None:
    store = filled()
    store.apply(StatusHeard(ENDPOINTS[1], 100.1, status("tmr2", "tmr2", term=2)))
    assert store.active(NOW_S) == "tmr2"


def test_another_system_starts_with_nothing() -> None:
    store = filled()
    store.apply(opened())
    assert store.licences is not None, "the same system goes on"
    other = opened()
    store.apply(type(other)("other", ENDPOINTS, "olga", "view", "directly"))
    assert store.licences is None
    assert told(store)[0] == Level.UNKNOWN
