"""Damaged stores, stores that do not vote yet, and what the appliance's own watch finds."""

from __future__ import annotations

from msgspec.structs import replace

from appliance.codec import api
from monitor_gui.model.alerts import Alert, find
from monitor_gui.model.hosts import host_rows
from monitor_gui.model.limits import Limits
from monitor_gui.model.picture import picture
from monitor_gui.model.store import Store
from monitor_gui.model.verdict import Level, verdict
from tests.unit.monitor.documents import ENDPOINTS, filled, licence, missed

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


def alerts(store: Store) -> dict[str, Alert]:
    """The alerts by their key."""
    return {alert.key: alert for alert in find(store, NOW_S, Limits()).alerts}


def document(store: Store) -> api.StatusDocument:
    """What the first endpoint said."""
    found = store.endpoints[ENDPOINTS[0]].document
    assert found is not None
    return found


def test_a_damaged_store_is_told_with_what_to_do_instead_of_unreachable() -> None:
    damage = {"up2": {"damage": "record 7 has a wrong checksum", "reachable": False}}
    found = verdict(changed(damage), NOW_S)
    assert found.level == Level.DEGRADED
    assert str(found.headline).startswith(
        "Serving on two of three: the store of up2 is damaged (record 7 has a wrong checksum)"
    )
    assert [cause.key for cause in found.causes] == ["store-damaged up2"]
    assert "tmr replace-upstream" in str(found.causes[0].advice)
    (alert,) = alerts(changed(damage)).values()
    assert (alert.key, alert.page, alert.subject) == ("store-damaged up2", "hosts", "up2")


def test_a_store_that_does_not_vote_is_told_once() -> None:
    store = changed({"up2": {"votes": False, "phase": "asked"}})
    found = verdict(store, NOW_S)
    assert str(found.headline) == "Serving on two of three: the store of up2 does not vote"
    assert list(alerts(store)) == ["store-new up2"]


def test_a_damaged_store_and_a_lost_upstream_are_the_loss_of_quorum() -> None:
    store = changed({"up2": {"damage": "cut short"}}, active="", lost=("up3",))
    found = verdict(store, NOW_S)
    assert str(found.headline).startswith("Not serving: quorum lost without up2 and up3")
    assert [cause.key for cause in found.causes] == ["quorum-lost", "store-damaged up2"]


def test_the_drawing_and_the_list_of_hosts_tell_damaged_and_new_stores() -> None:
    store = changed({"up1": {"votes": False}, "up2": {"damage": "cut short"}})
    boxes = {box.name: (box.damaged, box.votes) for box in picture(store, NOW_S).upstreams}
    assert boxes == {"up1": (False, False), "up2": (True, None), "up3": (False, None)}
    states = {row.name: (row.state, row.note) for row in host_rows(document(store))}
    assert states["up1"] == ("learning", "")
    assert states["up2"] == ("damaged", "cut short")
    assert states["up3"] == ("up", "")


def test_an_upstream_that_hangs_up_may_have_a_wrong_clock() -> None:
    refused: dict[str, dict[str, object]] = {
        "up2": {"failure": "refused: the certificate is not yet valid"}
    }
    store = changed(refused, lost=("up2",))
    (cause,) = verdict(store, NOW_S).causes
    assert (cause.key, str(cause.text)) == ("upstream-lost up2", "up2 unreachable")
    assert "timedatectl" in str(cause.advice)
    assert host_rows(document(store))[3].note == "refused: the certificate is not yet valid"


def test_an_upstream_that_gets_a_snapshot_is_drawn_so() -> None:
    store = changed({"up3": {"catching_up": "gets a snapshot, 3 of 10 chunks"}})
    assert [box.catching_up for box in picture(store, NOW_S).upstreams] == [False, False, True]
    assert host_rows(document(store))[4].note == "gets a snapshot, 3 of 10 chunks"


def test_licences_whose_units_nobody_confirmed_are_one_alert_and_not_unusable_twins() -> None:
    resting = [replace(licence(n), available=False, units_unconfirmed=True) for n in (10, 20)]
    (alert,) = alerts(filled(licences=(*resting, licence(30)))).values()
    assert (alert.key, alert.page) == ("unconfirmed", "licences")
    assert str(alert.text).startswith("2 licences rest until the vendor confirms their units")


def test_the_watchs_own_findings_are_alerts_too() -> None:
    store = changed(
        {"up3": {"phase": "staging"}},
        {"tmr1": {"holds_address": False}, "tmr2": {"vrrp": ""}},
    )
    found = alerts(store)
    assert set(found) == {"upstream-apart up3", "address-nowhere", "vrrp tmr2"}
    apart = found["upstream-apart up3"].text
    assert str(apart) == "up3 answers but does not take part: gets a long log"
    assert apart.template == "{name} answers but does not take part: {why}"
    assert found["vrrp tmr2"].page == "failover"


def test_an_address_on_both_hosts_is_an_alert() -> None:
    store = changed(hosts={"tmr2": {"holds_address": True}})
    (found,) = alerts(store).values()
    assert str(found.text) == "tmr1 and tmr2 both hold the address 10.77.0.100"


def test_hosts_that_do_not_report_are_one_alert() -> None:
    rows: dict[str, dict[str, object]] = {"up1": {"report_age_s": None}}
    found = alerts(changed(rows, {"tmr2": {"report_age_s": 600.0}}))
    assert [str(alert.text) for alert in found.values()] == [
        "up1 and tmr2 did not tell lately how they are"
    ]


def test_an_address_that_does_not_answer_although_its_host_is_up_is_told_once() -> None:
    store = filled()
    missed(store, "tmr2", 100.1, "10.0.0.2:7200 does not answer")
    assert list(alerts(store)) == [f"address-silent {ENDPOINTS[1]}"]
    store = filled()
    missed(store, "tmr1", 100.1)
    assert list(alerts(store)) == ["active-unseen"]
