"""Ages, phrases, rates, clocks, the matrix, the picture and forecasts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor_gui.model import forecast
from monitor_gui.model.ages import STALE_AFTER_S, age, duration, is_stale, precise
from monitor_gui.model.clocks import clocks, disagreement_ms
from monitor_gui.model.hosts import host_rows
from monitor_gui.model.matrix import lease_rows, licence_rows
from monitor_gui.model.phrases import Phrase, listed, say
from monitor_gui.model.picture import CUT, UNKNOWN, UP, picture
from monitor_gui.model.rates import WINDOW_S, Rate
from monitor_gui.model.store import Store
from monitor_gui.model.timeline import SWITCH, Entry
from monitor_gui.model.updates import Opened, StatusHeard
from monitor_gui.model.usage import Usage
from tests.unit.monitor.documents import ENDPOINTS, filled, licence, missed, opened, status


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 ms"),
        (0.25, "250 ms"),
        (1, "1 s"),
        (59.9, "59 s"),
        (240, "4 min 0 s"),
        (3_661, "1 h 1 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_durations_are_words(seconds: float, text: str) -> None:
    assert str(duration(seconds)) == text


def test_measured_durations_keep_what_was_measured() -> None:
    assert str(precise(0.5471)) == "547 ms"
    assert str(precise(1.444)) == "1.44 s"
    assert str(precise(12.3)) == "12 s"


def test_an_age_grows_and_turns_stale() -> None:
    assert str(age(None, 5)) == "never"
    assert str(age(5, 5.5)) == "now"
    assert str(age(5, 9)) == "4 s ago"
    assert is_stale(None, 0)
    assert not is_stale(10, 10 + STALE_AFTER_S)
    assert is_stale(10, 10 + STALE_AFTER_S + 0.01)


def test_phrases_are_translated_from_the_inside_out() -> None:
    german = {"{n} s": "{n} Sek.", "{what} · for {age}": "{what} seit {age}", "lost": "weg"}
    phrase = say("{what} · for {age}", what=say("lost"), age=duration(3))
    assert phrase.text(lambda template, _: german.get(template, template)) == "weg seit 3 Sek."
    assert str(phrase) == "lost · for 3 s"


def test_braces_in_names_do_no_harm() -> None:
    assert str(say("{name} is lost", name="up{1}")) == "up{1} is lost"


@pytest.mark.parametrize(
    ("names", "text"), [((), "none"), (("a",), "a"), (("a", "b", "c"), "a, b and c")]
)
def test_names_are_listed(names: tuple[str, ...], text: str) -> None:
    assert str(listed(names)) == text


@given(st.lists(st.floats(0, 200, allow_nan=False), max_size=80))
def test_rates_agree_with_a_plain_list(times: list[float]) -> None:
    rate, now_s = Rate(), 200.0
    for at_s in sorted(times):
        rate.add(at_s)
    expected = sum(int(at_s) > int(now_s) - WINDOW_S for at_s in times)
    assert rate.last_minute(now_s) == expected
    assert sum(rate.history(now_s)) == expected
    assert rate.total == len(times)


def test_one_clock_of_three_is_outvoted_in_either_direction() -> None:
    for offset_ms in (-600_000, 600_000):
        found = {c.host: c for c in clocks(status(times_ms={"up2": offset_ms}))}
        assert found["up2"].outvoted
        assert found["up2"].offset_ms == offset_ms
        assert not found["up1"].outvoted
        assert found["up1"].offset_ms == 0


def test_two_clocks_cannot_outvote_each_other() -> None:
    document = status(lost=("up3",), times_ms={"up2": 60_000})
    assert not any(clock.outvoted for clock in clocks(document))
    assert disagreement_ms(document) == 60_000
    assert disagreement_ms(status(lost=("up3",), times_ms={"up2": 100})) == 0


def test_the_matrix_shows_what_is_missing_or_differs() -> None:
    store = filled(licences=(licence(20, ("ok",)), licence(10, ("ok", "differs", "ok"))))
    rows = licence_rows(store)
    assert [row.licence.product_code for row in rows] == [10, 20]
    assert [twin.state for twin in rows[0].twins] == ["ok", "differs", "ok"]
    assert (rows[0].matching, rows[0].free) == (2, 2)
    assert [twin.state for twin in rows[1].twins] == ["ok", "missing", "missing"]
    assert rows[1].free == 0


def test_leases_know_what_their_product_is_called() -> None:
    rows = lease_rows(filled())
    assert [row.product for row in rows] == ["Drafter", "Drafter"]
    assert [row.product for row in lease_rows(filled(licences=()))] == ["100:10", "100:10"]


def test_the_picture_takes_each_host_by_its_own_word() -> None:
    store = filled(lost=("up2",))
    shown = picture(store, 100.0)
    links = {(host, up): state for host, up, state in shown.links}
    assert links["tmr1", "up1"] == UP
    assert links["tmr1", "up2"] == CUT
    missed(store, "tmr2", 101.0)
    links = {(host, up): state for host, up, state in picture(store, 101.0).links}
    assert links["tmr2", "up1"] == UNKNOWN
    assert shown.active == "tmr1"


def test_a_deposed_host_is_not_drawn_as_active() -> None:
    store = filled(active="tmr2", term=2)
    store.endpoints["tmr1:7200"].document = status("tmr1", "tmr1", term=1)
    roles = {box.name: box.role for box in picture(store, 100.2).tmr}
    assert roles == {"tmr1": "unknown", "tmr2": "active"}
    holders = [box.name for box in picture(store, 100.2).tmr if box.holds_address]
    assert holders == ["tmr2"]


def through_the_virtual_ip(host: str) -> Store:
    """What is known where the profile names the virtual IP alone, which `host` holds."""
    store = Store()
    store.apply(Opened("plant", ("vip:7200",), "olga", "operate", "directly"))
    store.apply(StatusHeard("vip:7200", 100.0, status("tmr1", "tmr1")))
    if host == "tmr2":
        store.apply(StatusHeard("vip:7200", 100.0, status("tmr2", "tmr2", term=2)))
    return store


@pytest.mark.parametrize(("host", "spare"), [("tmr1", "tmr2"), ("tmr2", "tmr1")])
def test_a_host_that_nobody_asks_is_not_said_to_be_silent(host: str, spare: str) -> None:
    boxes = {box.name: box for box in picture(through_the_virtual_ip(host), 100.2).tmr}
    assert (boxes[host].fresh, boxes[host].asked) == (True, True)
    assert (boxes[spare].fresh, boxes[spare].asked) == (False, False)
    assert boxes[spare].role == "passive", "by its twin's word"


def test_an_address_from_which_nobody_ever_answered_may_be_the_silent_hosts() -> None:
    store = Store()
    store.apply(opened())
    store.apply(StatusHeard(ENDPOINTS[0], 100.0, status("tmr1", "tmr1")))
    missed(store, "tmr2", 100.0)
    (silent,) = [box for box in picture(store, 100.2).tmr if box.name == "tmr2"]
    assert (silent.fresh, silent.asked) == (False, True)


def test_what_is_not_known_is_no_zero() -> None:
    assert Store().seats() == (None, None)
    assert filled().seats() == (1, 3)
    assert filled(licences=()).seats() == (0, 0), "none was imported"
    unusable = licence(states=("ok", "unreachable", "unreachable"), in_use=2)
    assert filled(licences=(unusable,)).seats() == (2, None), "nobody knows without a quorum"
    never = replace(status(lost=("up2",)).upstreams[1], last_heard_s=None)
    document = replace(status(), upstreams=(never,))
    (row,) = [row for row in host_rows(document) if row.name == "up2"]
    assert row.lag is None
    assert [row.lag for row in host_rows(document) if row.kind == "tmr"] == [None, None]
    store = filled()
    for endpoint in store.endpoints.values():
        endpoint.document = document
    (box,) = picture(store, 100.2).upstreams
    assert (box.lag, box.last_index) == (None, None)
    usage = Usage()
    usage.hear((licence(in_use=2),), 1.0)
    usage.hear((unusable,), 2.0)
    assert usage.all.now == 2


def test_what_a_host_told_long_ago_is_old() -> None:
    document = status()
    first = replace(document.upstreams[0], report_age_s=500.0)
    rows = host_rows(replace(document, upstreams=(first, *document.upstreams[1:])))
    assert [row.name for row in rows if row.old_report] == ["up1"]


def test_an_old_picture_is_stale() -> None:
    assert not picture(filled(), 100.0).stale
    assert picture(filled(), 110.0).stale


def test_a_switchover_needs_somebody_to_switch_to() -> None:
    assert forecast.switchover_hindrance(picture(filled(), 100.0)) is None
    store = filled(twin="unreachable")
    missed(store, "tmr2", 100.5)
    hindrance = forecast.switchover_hindrance(picture(store, 100.5))
    assert str(hindrance) == "The other TMR host does not answer."
    del store.endpoints["tmr2:7200"]
    assert forecast.switchover_hindrance(picture(store, 100.5)) is not None


def test_the_forecast_rests_on_what_was_measured() -> None:
    assert "No switch has been seen" in str(forecast.usual_interruption([]))
    entries = [
        Entry(unix_s=1, kind=SWITCH, text="", at_most_s=at_most_s) for at_most_s in (0.2, 0.4, 3)
    ]
    text = str(forecast.usual_interruption(entries))
    assert "400 ms (median)" in text
    assert "3.00 s (longest)" in text


def test_a_release_names_who_loses_what() -> None:
    text = str(forecast.release(lease_rows(filled())[0]))
    assert "aiko @ ws-1 loses the seat for Drafter" in text


def test_maintenance_of_the_active_host_says_that_it_hands_over() -> None:
    shown = picture(filled(), 100.0)
    assert "hands over first" in str(forecast.maintenance(shown, "tmr1", True))
    assert "would end the service" in str(forecast.maintenance(shown, "tmr2", True))
    assert "may serve again" in str(forecast.maintenance(shown, "tmr2", False))


def test_a_phrase_is_a_value() -> None:
    assert say("a {b}", b=1) == Phrase("a {b}", (("b", 1),))
