"""The model before servers that lie: there is always a verdict, a picture and rows, as text."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.codec import api
from monitor_gui.model import forecast
from monitor_gui.model.alerts import overall
from monitor_gui.model.clocks import clocks
from monitor_gui.model.limits import AlertLimits
from monitor_gui.model.matrix import lease_rows, licence_rows
from monitor_gui.model.picture import picture
from monitor_gui.model.timeline import Timeline
from monitor_gui.model.updates import LeasesHeard, StatusHeard, Update
from tests.unit.monitor.documents import filled, lease, opened, status
from tests.unit.monitor.wild import changed, taken, updates


@settings(max_examples=300, deadline=None)
@given(told=updates(), now_s=st.sampled_from([0.0, 100.1, 1e9, -1.0]))
def test_every_answer_leads_to_a_verdict_in_words(told: list[Update], now_s: float) -> None:
    store = filled()
    timeline = Timeline()
    for update in [opened(), *told]:
        store.apply(update)
        if isinstance(update, StatusHeard):
            for entry in timeline.heard(update.document, update.at_s, 1.8e9):
                assert str(entry.phrase)
    found = overall(store, now_s, AlertLimits())
    assert str(found.headline)
    for cause in found.causes:
        assert str(cause.text) and str(cause.advice)
    shown = picture(store, now_s)
    assert str(forecast.switchover(shown, shown.leases))
    for row in lease_rows(store):
        assert str(forecast.release(row))
    for licence in licence_rows(store):
        assert licence.key is not None and len(licence.twins) == 3
    for endpoint in store.endpoints.values():
        if endpoint.document is not None:
            assert all(clock.host is not None for clock in clocks(endpoint.document))


@settings(max_examples=200, deadline=None)
@given(wild=changed(status()))
def test_a_document_is_whole_or_refused(wild: object) -> None:
    """Nothing in between reaches the store: wrong types and missing fields are no document."""
    document = taken(api.StatusDocument, wild)
    if document is not None:
        assert isinstance(document.host, str)
        assert all(isinstance(row.last_heard_s, float | int | None) for row in document.upstreams)


def test_a_million_rows_are_held_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled()
    rows = (lease(1),) * 1_000_000
    store.apply(LeasesHeard(100.0, api.LeasesDocument(leases=rows)))
    assert len(lease_rows(store)) == 1_000_000
    assert lease_rows(store)[999_999].product == "Drafter"
    assert sys.getsizeof(lease_rows(store)) < 1_000, "rows are made when they are looked at"
