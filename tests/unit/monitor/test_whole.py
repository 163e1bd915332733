"""The monitor tells what the appliance's checks find: nothing less, and no other level."""

from __future__ import annotations

import pytest

from appliance.codec.api import LicencesDocument
from appliance.codec.health_documents import CallsDocument
from appliance.watch.checks import examine
from appliance.watch.facts import Facts
from monitor_gui.model import whole
from monitor_gui.model.alerting import Book
from monitor_gui.model.alerts import find, overall
from monitor_gui.model.limits import Limits
from monitor_gui.model.store import Endpoint, Store
from monitor_gui.model.updates import Opened
from monitor_gui.model.verdict import Level
from tests.unit.monitor.documents import filled, licence
from tests.unit.watch import facts_world as fw
from tests.unit.watch.each_problem import ALONE

NOW_S = 100.0
HERE = frozenset(("clock-off/here", "no-answer", "address-silent/10.77.0.21:7200"))
"""What is about the place from which it is looked at, which for the monitor is another one."""
SYSTEM = [
    (facts, wanted)
    for facts, wanted in ALONE
    if facts.statuses and examine(Facts(facts.now_ms, facts.statuses, licences=facts.licences))
]


def seen(facts: Facts) -> Store:
    """What the monitor knows once it heard the same."""
    store = Store()
    store.opened = Opened("plant", ("a:1", "b:1"), "x", "view", "directly")
    for address, document in zip(("a:1", "b:1"), facts.statuses, strict=False):
        store.endpoints[address] = Endpoint(address, document.host, document, NOW_S)
    store.licences, store.licences_at_s = facts.licences, NOW_S
    return store


@pytest.mark.parametrize(("facts", "wanted"), SYSTEM, ids=[f"{w[0]}-{w[1]}" for _, w in SYSTEM])
def test_each_problem_is_told_at_its_level(facts: Facts, wanted: tuple[str, str, str]) -> None:
    cause, severity, _ = wanted
    if cause in HERE:
        return
    store = seen(facts)
    (finding,) = [one for one in whole.findings(store, NOW_S) if one.cause == cause]
    alerts = find(store, NOW_S, Limits()).alerts
    mine = [alert for alert in alerts if whole.tells_of(alert, finding)]
    if cause == "not-serving":
        assert [alert.level for alert in alerts] == [Level.DOWN]
        return
    assert [alert.level for alert in mine] == [whole.LEVELS[severity]]
    causes = overall(store, NOW_S, Limits()).causes
    assert {one.key: one.level for one in causes} == {one.key: one.level for one in alerts}


def test_the_band_is_amber_for_what_cannot_be_used() -> None:
    torn = (licence(10, ("ok", "unreachable", "differs"), text="Flow"), licence(20))
    found = overall(filled(licences=torn, lost=("up2",)), NOW_S, Limits())
    assert found.level == Level.DEGRADED
    assert [(one.key, one.level) for one in found.causes] == [
        ("unusable", Level.CRITICAL),
        ("upstream-lost up2", Level.DEGRADED),
    ]
    assert str(found.headline).startswith("Serving, but Flow cannot be used")


def test_refusals_and_units_that_are_gone_are_in_the_verdict() -> None:
    calls = CallsDocument(over_s=60, granted=0, refused=31, reason="licence-expired")
    found = overall(seen(fw.seen_with(calls=calls)), NOW_S, Limits())
    assert (found.level, found.causes[0].key) == (Level.DEGRADED, "requests-refused")
    empty = LicencesDocument(
        virtual_serial="131-1", licences=(fw.licence(units=500, units_left=0),)
    )
    found = overall(seen(fw.facts(licences=empty)), NOW_S, Limits())
    assert (found.level, found.causes[0].key) == (Level.DEGRADED, "units 100001:10#4")


def test_what_nobody_can_see_has_not_ended() -> None:
    """Quorum is lost: whether the licence and the disk are well again is not known."""
    ending = LicencesDocument(
        virtual_serial="131-1", licences=(fw.licence(expires_at_s=fw.NOW_S + fw.DAY_S),)
    )
    full = fw.upstream("up2", health=fw.health(disk_free_bytes=fw.GIB))
    well = fw.facts(*fw.seen_with(full).statuses, licences=ending)
    gone = [
        fw.upstream(name, reachable=False, health=None, report_age_s=None, phase="")
        for name in ("up2", "up3")
    ]
    lost = fw.hosts_as(
        fw.tmr_host("tmr1", role="passive"), upstreams=(fw.upstream("up1"), *gone), missing=("up2",)
    )
    limits = Limits(raise_after_s=0, clear_after_s=0)
    book = Book(limits)
    book.update(find(seen(well), NOW_S, limits), NOW_S, 1e6)
    before = {item.alert.key for item in book.open()}
    assert before == {"disk up2", "expires 100001"}
    for number in range(1, 4):
        store = seen(Facts(lost.now_ms, lost.statuses))
        book.update(find(store, NOW_S, limits), NOW_S + number, 1e6 + number)
    items = {item.alert.key: item for item in book.open()}
    assert before <= set(items)
    assert all(items[key].gone_s is None for key in before)
    book.update(find(seen(fw.facts()), NOW_S, limits), NOW_S + 9, 1e6 + 9)
    book.update(find(seen(fw.facts()), NOW_S, limits), NOW_S + 10, 1e6 + 10)
    assert not book.open()
