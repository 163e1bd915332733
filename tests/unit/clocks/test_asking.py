"""Which time server is asked when: order, fallback, backoff, schedule."""

from __future__ import annotations

import pytest

from appliance.clocks.asking import BACKOFF_FIRST_S, BACKOFF_MAX_S, LIAR, RETRY_S, Asking

URLS = ("http://a/", "http://b/", "http://c/")


def test_they_are_asked_in_order_and_two_are_compared():
    asking = Asking(URLS, 3_600)
    assert asking.order(0.0, on_demand=False) == URLS
    assert asking.wanted == 2
    assert Asking(URLS[:1], 3_600).wanted == 1


def test_a_failed_one_rests_longer_each_time_but_on_demand_it_is_tried_last():
    asking = Asking(URLS, 3_600)
    now_s, rest_s = 0.0, BACKOFF_FIRST_S
    for _ in range(12):
        asking.failed("http://a/", now_s, "unreachable: gone")
        assert asking.order(now_s + rest_s - 1, on_demand=False) == URLS[1:]
        assert asking.order(now_s, on_demand=True) == ("http://b/", "http://c/", "http://a/")
        for on_demand in (False, True):
            assert asking.order(now_s + rest_s, on_demand) == URLS, "once each"
        now_s, rest_s = now_s + rest_s, min(BACKOFF_MAX_S, rest_s * 2)
    assert rest_s == BACKOFF_MAX_S
    asking.believed("http://a/", now_s)
    asking.failed("http://a/", now_s, "unreachable: gone")
    assert asking.order(now_s + BACKOFF_FIRST_S, on_demand=False) == URLS, "it began anew"


def test_a_liar_is_shown_as_one_until_it_is_believed_again():
    asking = Asking(URLS, 3_600)
    asking.failed("http://b/", 5.0, "an hour off", LIAR)
    assert [one.state for one in asking.servers] == ["never", "liar", "never"]
    assert [one.detail for one in asking.servers] == ["", "an hour off", ""]
    asking.believed("http://b/", 9.0)
    assert [one.state for one in asking.servers] == ["never", "good", "never"]
    assert [one.detail for one in asking.servers] == ["", "", ""]
    assert asking.servers[1].answered_boot_s == 9.0


def test_the_schedule():
    asking = Asking(URLS, 3_600)
    assert asking.due_in_s(100.0, 0.0) == 0.0, "at the start"
    asking.updated(100.0, done=True)
    assert asking.due_in_s(100.0, 0.0) == 3_600
    assert asking.due_in_s(100.0, 1.0) == pytest.approx(3_960)
    assert asking.due_in_s(3_700.0, 1.0) == 0.0
    asking.updated(3_700.0, done=False)
    assert asking.due_in_s(3_700.0, 0.0) == RETRY_S
    assert Asking((), 3_600).due_in_s(0.0, 0.0) is None
