"""The monitor tells what the appliance's checks find: all of it, at its level, in each language."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from appliance.codec import api
from appliance.codec.api import LicencesDocument
from appliance.codec.health_documents import CallsDocument, Finding, Value
from appliance.details import TEXTS, Detail
from appliance.details.links import REFUSED
from appliance.watch import words
from appliance.watch.facts import Facts
from appliance.watch.problems import PROBLEMS
from monitor_gui.model.alerting import Book
from monitor_gui.model.alerts import Alert, find, overall
from monitor_gui.model.findings import LEVELS, NOBODY_SERVED, alert, shown
from monitor_gui.model.hosts import host_rows
from monitor_gui.model.limits import Limits
from monitor_gui.model.phrases import Phrase, say
from monitor_gui.model.picture import picture
from monitor_gui.model.store import Endpoint, Store
from monitor_gui.model.updates import Opened
from monitor_gui.model.verdict import Level, Verdict
from tests.unit.monitor.documents import ENDPOINTS, filled, licence, missed
from tests.unit.monitor.test_translations import the_script
from tests.unit.watch import facts_world as fw
from tests.unit.watch.test_checks import EXAMPLES

COMES = Detail("snapshot-comes", {"done": 3, "chunks": 10})

NOW_S = 100.2


def changed(
    upstreams: dict[str, dict[str, object]] | None = None,
    hosts: dict[str, dict[str, object]] | None = None,
    **more: object,
) -> Store:
    """A store in which these rows of every answer are otherwise; `more` goes to `filled`."""
    store = filled(**more)  # type: ignore[arg-type]
    for endpoint in store.endpoints.values():
        document = endpoint.document
        assert document is not None
        rows = tuple(replace(x, **(upstreams or {}).get(x.name, {})) for x in document.upstreams)
        tmr = tuple(replace(x, **(hosts or {}).get(x.name, {})) for x in document.tmr_hosts)
        endpoint.document = replace(document, upstreams=rows, tmr_hosts=tmr)
    return store


def verdict(store: Store, now_s: float) -> Verdict:
    """The verdict at that moment."""
    return overall(store, now_s, Limits())


def alerts(store: Store) -> dict[str, Alert]:
    """The alerts by their key."""
    return {alert.key: alert for alert in find(store, NOW_S, Limits()).alerts}


def document(store: Store) -> api.StatusDocument:
    """What the first endpoint said."""
    found = store.endpoints[ENDPOINTS[0]].document
    assert found is not None
    return found


def test_a_damaged_store_is_told_with_what_to_do_instead_of_unreachable() -> None:
    damage = {"up2": {"damage": Detail("entry-altered", {"index": 7}), "reachable": False}}
    found = verdict(changed(damage), NOW_S)
    assert found.level == Level.DEGRADED
    assert str(found.headline).startswith("Serving on two of three: the store of up2 takes no part")
    assert [cause.key for cause in found.causes] == ["store-damaged/up2"]
    assert "(entry 7 is not as it was written)" in str(found.causes[0].text)
    assert "tmr upstream init --again" in str(found.causes[0].advice)
    (alert,) = alerts(changed(damage)).values()
    assert (alert.key, alert.page, alert.subject) == ("store-damaged/up2", "hosts", "up2")


def test_a_store_that_does_not_vote_is_told_once() -> None:
    store = changed({"up2": {"votes": False, "phase": "asked"}})
    found = verdict(store, NOW_S)
    assert str(found.headline) == "Serving on two of three: the store of up2 has no vote"
    assert list(alerts(store)) == ["store-no-vote/up2"]


def test_a_damaged_store_and_a_lost_upstream_are_the_loss_of_quorum() -> None:
    store = changed({"up2": {"damage": Detail.of("cut short")}}, active="", lost=("up3",))
    found = verdict(store, NOW_S)
    assert str(found.headline).startswith("Not serving: quorum lost: without up2 and up3")
    assert [cause.key for cause in found.causes] == [
        "not-serving",
        "store-damaged/up2",
        "upstream-down/up3",
    ]


def test_the_drawing_and_the_list_of_hosts_tell_damaged_and_new_stores() -> None:
    store = changed({"up1": {"votes": False}, "up2": {"damage": Detail.of("cut short")}})
    boxes = {box.name: (box.damaged, box.votes) for box in picture(store, NOW_S).upstreams}
    assert boxes == {"up1": (False, False), "up2": (True, None), "up3": (False, None)}
    states = {row.name: (row.state, row.note) for row in host_rows(document(store))}
    assert states["up1"] == ("learning", None)
    assert states["up2"] == ("damaged", Detail.of("cut short"))
    assert states["up3"] == ("up", None)


def test_an_upstream_that_hangs_up_may_have_a_wrong_clock() -> None:
    refused: dict[str, dict[str, object]] = {"up2": {"failure": Detail(REFUSED)}}
    store = changed(refused, lost=("up2",))
    (cause,) = verdict(store, NOW_S).causes
    assert (cause.key, str(cause.text)) == (
        "upstream-down/up2",
        f"up2 does not answer ({TEXTS[REFUSED]}): the next upstream lost ends the service",
    )
    assert "timedatectl" in str(cause.advice)
    assert host_rows(document(store))[3].note == Detail(REFUSED)


def test_an_upstream_that_gets_a_snapshot_is_drawn_so() -> None:
    store = changed({"up3": {"catching_up": COMES}})
    assert [box.catching_up for box in picture(store, NOW_S).upstreams] == [False, False, True]
    assert host_rows(document(store))[4].note == COMES


def test_licences_whose_units_nobody_confirmed_are_told_and_not_as_unusable_twins() -> None:
    resting = [replace(licence(n), available=False, units_unconfirmed=True) for n in (10, 20)]
    found = alerts(filled(licences=(*resting, licence(30))))
    assert list(found) == ["units-unconfirmed/100:10#1", "units-unconfirmed/100:20#1"]
    assert {alert.page for alert in found.values()} == {"licences"}


def test_the_watchs_own_findings_are_alerts_too() -> None:
    store = changed(
        {"up3": {"phase": "staging"}},
        {"tmr1": {"holds_address": False}, "tmr2": {"vrrp": ""}},
    )
    found = alerts(store)
    assert set(found) == {"upstream-apart/up3", "address-nowhere", "vrrp/tmr2"}
    apart = found["upstream-apart/up3"].text
    assert str(apart) == "up3 answers but does not take part: gets a long log"
    assert apart.template == "{host} answers but does not take part: {why}"
    assert found["vrrp/tmr2"].page == "failover"


def test_an_address_on_both_hosts_is_an_alert() -> None:
    store = changed(hosts={"tmr2": {"holds_address": True}})
    (found,) = alerts(store).values()
    assert str(found.text) == "tmr1 and tmr2 both hold the address 10.77.0.100"


def test_hosts_that_do_not_report_are_told() -> None:
    rows: dict[str, dict[str, object]] = {"up1": {"report_age_s": None}}
    found = alerts(changed(rows, {"tmr2": {"report_age_s": 600.0}}))
    assert list(found) == ["report-old/tmr2", "report-old/up1"]


def test_an_address_that_does_not_answer_although_its_host_is_up_is_told_once() -> None:
    store = filled()
    missed(store, "tmr2", 100.1, "10.0.0.2:7200 does not answer")
    assert list(alerts(store)) == [f"address-silent/{ENDPOINTS[1]}"]
    store = filled()
    missed(store, "tmr1", 100.1)
    assert list(alerts(store)) == [f"address-silent/{ENDPOINTS[0]}"]


def seen(facts: Facts) -> Store:
    """What the monitor knows once it heard the same."""
    store = Store()
    store.opened = Opened("plant", ("a:1", "b:1"), "x", "view", "directly")
    for address, document in zip(("a:1", "b:1"), facts.statuses, strict=False):
        store.endpoints[address] = Endpoint(address, document.host, document, NOW_S)
    store.licences, store.licences_at_s = facts.licences, NOW_S
    return store


@pytest.mark.parametrize("finding", EXAMPLES, ids=[f"{x.cause} {x.case}" for x in EXAMPLES])
def test_each_problem_is_told_with_the_sentences_of_the_one_list(finding: Finding) -> None:
    told = alert(finding)
    assert told.level == NOBODY_SERVED.get(finding.code, LEVELS[finding.severity])
    # Words of the program (a phase, a reason) are spelled out here.
    said = {name: str(shown(name, value)) for name, value in finding.values.items()}
    spelled = {k for k, v in finding.values.items() if said[k] != words.shown(k, v)}
    assert spelled <= {"why", "reason", "state", "twins"}
    if not spelled:
        assert f"{told.text}." == words.what(finding)
        assert str(told.brief) == words.brief(finding)
    assert str(told.advice) == words.remedy(finding)


@pytest.mark.parametrize("language", ["de", "ja"])
def test_each_problem_has_its_sentences_in_each_language(language: str) -> None:
    known = the_script().read(language)
    missing = [
        (code, case, part)
        for code, problem in PROBLEMS.items()
        for case, text in problem.cases.items()
        for part in text
        if part and not all(known.get(part, [""]))
    ]
    assert missing == []


def test_values_are_told_in_the_language_of_whoever_looks() -> None:
    german = {
        "Licence {licence} ({name}) is not whole: {twins}": "Lizenz {licence} ({name}): {twins}",
        "{word}: {names}": "{word}: {names}",
        "{first}; {next}": "{first} und {next}",
        "differs": "weicht ab",
        "missing": "fehlt",
        "{n} days": "{n} Tage",
        "{most} and {last}": "{most} und {last}",
        "no seat free": "kein Platz",
    }

    def told(name: str, value: Value) -> str:
        said = shown(name, value)
        phrase = said if isinstance(said, Phrase) else say("{x}", x=said)
        return phrase.text(lambda template, _: german.get(template, template))

    assert told("twins", {"missing": ("up2",), "differs": ("up1", "up3")}) == (
        "fehlt: up2 und weicht ab: up1, up3"
    )
    assert told("left_s", 20 * 86_400) == "20 Tage"
    assert told("hosts", ("tmr1", "tmr2")) == "tmr1 und tmr2"
    assert told("reason", "no-seat-free") == "kein Platz"


def test_the_band_is_amber_for_what_cannot_be_used() -> None:
    torn = (licence(10, ("ok", "unreachable", "differs"), text="Flow"), licence(20))
    found = overall(filled(licences=torn, lost=("up2",)), NOW_S, Limits())
    assert found.level == Level.DEGRADED
    assert [(one.key, one.level) for one in found.causes] == [
        ("licence-unusable/100:10#1", Level.CRITICAL),
        ("upstream-down/up2", Level.DEGRADED),
    ]
    assert str(found.headline).startswith("Serving, but: licence 100:10#1 cannot be used")


def test_refusals_and_units_that_are_gone_are_in_the_verdict() -> None:
    calls = CallsDocument(over_s=60, granted=0, refused=31, reason="licence-expired")
    found = overall(seen(fw.seen_with(calls=calls)), NOW_S, Limits())
    assert (found.level, found.causes[0].key) == (Level.DEGRADED, "requests-refused")
    empty = LicencesDocument(
        virtual_serial="131-1", licences=(fw.licence(units=500, units_left=0),)
    )
    found = overall(seen(fw.facts(licences=empty)), NOW_S, Limits())
    assert (found.level, found.causes[0].key) == (Level.DEGRADED, "units-gone/100001:10#4")


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
    assert before == {"disk/up2", "licence-expiry/100001:10#4"}
    for number in range(1, 4):
        store = seen(Facts(lost.now_ms, lost.statuses))
        book.update(find(store, NOW_S, limits), NOW_S + number, 1e6 + number)
    items = {item.alert.key: item for item in book.open()}
    assert before <= set(items)
    assert all(items[key].gone_s is None for key in before)
    book.update(find(seen(fw.facts()), NOW_S, limits), NOW_S + 9, 1e6 + 9)
    book.update(find(seen(fw.facts()), NOW_S, limits), NOW_S + 10, 1e6 + 10)
    assert not book.open()
