"""Every finding: what makes it, what it is called, how bad it is, and that it stands alone."""

from __future__ import annotations

import re

import pytest

from appliance.codec.api import ArchiveStatus, ContainerTimes, LicencesDocument, TimeServerStatus
from appliance.watch.checks import CHECKS, examine
from appliance.watch.facts import CRITICAL, WARNING, Facts, Finding, Silent, UnitFacts
from tests.unit.watch.facts_world import (
    DAY_S,
    GIB,
    NOW_MS,
    NOW_S,
    certificate,
    facts,
    health,
    hosts_as,
    licence,
    local,
    seen_with,
    status,
    tmr_host,
    twin_states,
    upstream,
)


def only_licence(**changes) -> Facts:
    document = LicencesDocument(virtual_serial="131-1", licences=(licence(**changes),))
    return facts(licences=document)


def unit(name: str, active: str = "active", enabled: str = "enabled", restarts: int = 0) -> Facts:
    return facts(local=local(units=(UnitFacts(name, active, enabled, restarts),)))


def times(offset_ms: int, outvoted: bool = False) -> ContainerTimes:
    return ContainerTimes(box_ms=1, system_ms=1, offset_ms=offset_ms, outvoted=outvoted)


SILENT = Silent("10.77.0.21:7200", "connection refused")


def archive_of(size_mib: int, days: float) -> ArchiveStatus:
    """An archive of this size and age that may have 4096 MiB and is to hold 400 days."""
    return ArchiveStatus(
        size_bytes=size_mib << 20, size_bytes_max=4096 << 20, days=days, days_wanted=400.0
    )


ALONE = [
    # --- the system as a whole ---
    (
        Facts(now_ms=NOW_MS, silent=(SILENT,)),
        ("no-answer", CRITICAL, "10.77.0.21:7200: connection refused"),
    ),
    (
        facts(*(status(h, verdict="down", reason="quorum lost") for h in ("tmr1", "tmr2"))),
        ("not-serving", CRITICAL, "quorum lost"),
    ),
    (
        hosts_as(tmr_host("tmr2", role="unreachable", health=None, report_age_s=None)),
        ("tmr-down/tmr2", WARNING, "nobody could take over"),
    ),
    (
        hosts_as(tmr_host("tmr2", role="maintenance")),
        ("maintenance/tmr2", WARNING, "maintenance"),
    ),
    (
        hosts_as(tmr_host("tmr2", role="active")),
        ("two-active", WARNING, "tmr1 and tmr2"),
    ),
    (
        facts(silent=(SILENT,)),
        ("address-silent/10.77.0.21:7200", WARNING, "connection refused"),
    ),
    # --- upstreams ---
    (
        seen_with(upstream("up2", reachable=False, health=None, report_age_s=None)),
        ("upstream-down/up2", WARNING, "the next upstream lost"),
    ),
    (
        seen_with(upstream("up2", reachable=False, damage="its mark is ahead of it")),
        ("store-damaged/up2", WARNING, "its mark is ahead of it"),
    ),
    (
        seen_with(upstream("up2", phase="learner")),
        ("upstream-apart/up2", WARNING, "learner"),
    ),
    (
        seen_with(upstream("up2", lag=5000)),
        ("upstream-behind/up2", WARNING, "5000 entries"),
    ),
    (
        seen_with(upstream("up2", health=None, report_age_s=None)),
        ("report-old/up2", WARNING, "never did"),
    ),
    (
        seen_with(upstream("up2", report_age_s=90.0)),
        ("report-old/up2", WARNING, "did not lately"),
    ),
    # --- address and VRRP ---
    (
        hosts_as(tmr_host("tmr2", holds_address=True)),
        ("address-twice", CRITICAL, "tmr1 and tmr2 both hold"),
    ),
    (
        hosts_as(tmr_host("tmr1", holds_address=False)),
        ("address-nowhere", CRITICAL, "no client gets through"),
    ),
    (
        hosts_as(tmr_host("tmr2", vrrp="")),
        ("vrrp/tmr2", WARNING, "no word from it"),
    ),
    (
        hosts_as(tmr_host("tmr1", vrrp="fault")),
        ("vrrp/tmr1", WARNING, "fault"),
    ),
    (
        hosts_as(tmr_host("tmr2", hears_twin=False)),
        ("adverts-not-heard/tmr2", WARNING, "does not hear"),
    ),
    # --- versions, disks, certificates, clocks ---
    (
        seen_with(upstream("up3", health=health(version="1.1"))),
        ("versions-differ", WARNING, "1.0 on tmr1, tmr2, up1, up2; 1.1 on up3"),
    ),
    (
        seen_with(upstream("up3", health=health(disk_free_bytes=9 * GIB))),
        ("disk/up3", WARNING, "9.0 of 100.0 GiB"),
    ),
    (
        seen_with(upstream("up3", health=health(disk_free_bytes=2 * GIB))),
        ("disk/up3", CRITICAL, "2.0 of 100.0 GiB"),
    ),
    (
        seen_with(upstream("up3", health=health(archive=archive_of(3300, 12.0)))),
        ("archive/up3", WARNING, "bound of 4096 MiB with 12 of 400 days"),
    ),
    (
        hosts_as(tmr_host("tmr2", health=health(certificate_expires_at_s=NOW_S + 20 * DAY_S))),
        ("certificate/tmr2", WARNING, "ends in 20 days"),
    ),
    (
        seen_with(upstream("up1", health=health(certificate_expires_at_s=NOW_S + 5 * 3600))),
        ("certificate/up1", CRITICAL, "ends in 5 hours"),
    ),
    (
        seen_with(upstream("up1", health=health(certificate_expires_at_s=NOW_S - 1))),
        ("certificate/up1", CRITICAL, "has expired"),
    ),
    (
        seen_with(upstream("up1", health=health(clock_synchronised=False))),
        ("clock-unsynchronised/up1", WARNING, "Nothing keeps the clock of up1"),
    ),
    (
        seen_with(upstream("up2", system_time_ms=NOW_MS + 60_000)),
        ("clock-off/up2", WARNING, "+60.0 s"),
    ),
    (
        seen_with(upstream("up2", times=times(-7_000))),
        ("clock-off/up2", WARNING, "-7.0 s"),
    ),
    (
        seen_with(upstream("up2", times=times(3_000, outvoted=True))),
        ("clock-off/up2", WARNING, "does not count"),
    ),
    (
        facts(now_ms=NOW_MS - 30_000),
        ("clock-off/here", WARNING, "This computer's clock is -30 s"),
    ),
    (
        # One clock is behind while another upstream is down: the vote is the earlier of two, so it
        # is the right one that is "outvoted".
        seen_with(
            upstream("up1", times=times(DAY_S * 1000, outvoted=True)),
            upstream("up2", system_time_ms=None),
            upstream("up3", system_time_ms=NOW_MS - DAY_S * 1000, times=times(0)),
            virtual_times=times(DAY_S * 1000, outvoted=True),
        ),
        (
            "clock-off/up1",
            WARNING,
            "earlier counts, which is up3. This computer's clock agrees with up1",
        ),
    ),
    (
        seen_with(virtual_times=times(60_000, outvoted=True)),
        ("log-time-ahead", WARNING, "is 60 s ahead of the containers' clocks"),
    ),
    # --- containers and licences ---
    (
        seen_with(upstream("up2", locked="reported stolen")),
        ("container-locked/up2", WARNING, "reported stolen"),
    ),
    (
        seen_with(
            upstream(
                "up2",
                time_servers=(
                    TimeServerStatus(url="https://t1", state="good"),
                    TimeServerStatus(url="https://t0", state="never"),
                    TimeServerStatus(url="https://t2", state="failed", detail="no route"),
                ),
            )
        ),
        ("time-server/up2/https://t2", WARNING, "no route"),
    ),
    (
        only_licence(constituents=twin_states("ok", "differs", "ok")),
        ("licence-twin/100001:10#4", WARNING, "up2 differs"),
    ),
    (
        only_licence(constituents=twin_states("ok", "missing", "missing"), available=False),
        ("licence-twin/100001:10#4", CRITICAL, "up2 missing, up3 missing"),
    ),
    (
        only_licence(units_unconfirmed=True),
        ("units-unconfirmed/100001:10#4", CRITICAL, "rests: this system was restored"),
    ),
    (
        only_licence(expires_at_s=NOW_S + 10 * DAY_S),
        ("licence-expiry/100001:10#4", WARNING, "expires in 10 days"),
    ),
    (
        only_licence(expires_at_s=NOW_S - 10),
        ("licence-expiry/100001:10#4", CRITICAL, "has expired"),
    ),
    # --- this host ---
    (
        facts(local=local(faults=("/etc/tmr/vip.toml is not TOML: no.",))),
        ("settings/tmr1/1", CRITICAL, "vip.toml is not TOML"),
    ),
    (
        facts(local=local(store_missing=True)),
        ("store-missing/tmr1", CRITICAL, "is not there"),
    ),
    (
        unit("tmr-server.service", "failed"),
        ("unit-down/tmr1/tmr-server.service", CRITICAL, "failed"),
    ),
    (
        unit("tmr-server.service", "active", "disabled"),
        ("unit-disabled/tmr1/tmr-server.service", WARNING, "would not start"),
    ),
    (
        unit("tmr-server.service", restarts=9),
        ("unit-restarts/tmr1/tmr-server.service", WARNING, "9 times"),
    ),
    (
        unit("keepalived.service", "active", "enabled"),
        ("unit-foreign/tmr1/keepalived.service", CRITICAL, "beside tmr-vip"),
    ),
    (
        facts(local=local(certificate=certificate(trouble="it is no certificate"))),
        ("certificate-misfit/tmr1", CRITICAL, "it is no certificate"),
    ),
    (
        facts(local=local(certificate=certificate(issued_by_ours=False))),
        ("certificate-misfit/tmr1", CRITICAL, "did not issue it"),
    ),
    (
        facts(local=local(certificate=certificate(name="tmr2"))),
        ("certificate-misfit/tmr1", CRITICAL, "it is for tmr2"),
    ),
    (
        facts(local=local(certificate=certificate(role="upstream"))),
        ("certificate-misfit/tmr1", CRITICAL, "in the role upstream"),
    ),
    (
        facts(local=local(certificate=certificate(key_fits=False))),
        ("certificate-misfit/tmr1", CRITICAL, "another one's"),
    ),
    (
        facts(local=local(certificate=certificate(names=("tmr1",)))),
        ("certificate-misfit/tmr1", CRITICAL, "does not name 10.77.0.100"),
    ),
    (
        facts(local=local(certificate=certificate(expires_at_s=NOW_S + 40 * DAY_S))),
        ("certificate/tmr1", WARNING, "ends in 40 days"),
    ),
    (
        facts(local=local(disk_free_bytes=GIB)),
        ("disk/tmr1", CRITICAL, "1.0 of 100.0 GiB"),
    ),
    (
        facts(local=local(clock_synchronised=False)),
        ("clock-unsynchronised/tmr1", WARNING, "Nothing keeps"),
    ),
]


def test_nothing_is_wrong_with_a_sound_system():
    assert examine(facts()) == ()
    # The passive one alone is enough to see it.
    assert examine(facts(status("tmr2"), local=None)) == ()


@pytest.mark.parametrize(("found_in", "wanted"), ALONE, ids=[w[0] + "-" + w[1] for _, w in ALONE])
def test_one_cause_one_finding(found_in, wanted):
    (finding,) = examine(found_in)
    cause, severity, words = wanted
    assert (finding.cause, finding.severity) == (cause, severity)
    assert words in finding.what
    assert finding.what.endswith(".")
    assert finding.remedy.endswith(".")
    assert "  " not in finding.what + finding.remedy


def test_two_clocks_that_are_wrong_together_are_not_taken_for_right():
    """They win the vote; who looks from a computer whose clock is right is told of both."""
    found = examine(
        seen_with(
            upstream("up1", system_time_ms=NOW_MS + DAY_S * 1000, times=times(0)),
            upstream("up2", system_time_ms=NOW_MS + DAY_S * 1000, times=times(0)),
            upstream("up3", times=times(-DAY_S * 1000, outvoted=True)),
        )
    )
    assert [one.cause for one in found] == ["clock-off/here", "clock-off/up3"]
    assert "agrees with it: the others may be wrong together" in found[1].what
    assert "tmr time update --all" in found[1].remedy


def test_an_upstream_that_refuses_everybody_is_named_with_its_clock():
    lost = {"reachable": False, "health": None, "report_age_s": None, "phase": ""}
    (refuses,) = examine(seen_with(upstream("up3", failure="refused: it hangs up", **lost)))
    assert "up3 does not answer (refused: it hangs up)" in refuses.what
    assert "Look at the clock of up3" in refuses.remedy
    (gone,) = examine(seen_with(upstream("up3", failure="no answer within 1 s", **lost)))
    assert "(no answer within 1 s)" in gone.what and "power and network" in gone.remedy


def test_a_time_server_that_lies_is_reported_with_what_it_said():
    lies = TimeServerStatus(url="http://t", state="liar", detail="900 ms from http://u")
    (found,) = examine(seen_with(upstream("up2", time_servers=(lies,))))
    assert found.cause == "time-server/up2/http://t"
    assert "900 ms from http://u" in found.what and "name another" in found.remedy


def test_every_cause_in_the_program_is_among_the_tests():
    import inspect

    from appliance.watch import checks, clock_checks, local_checks, thresholds

    modules = (checks, clock_checks, local_checks, thresholds)
    sources = "".join(inspect.getsource(module) for module in modules)
    in_program = {name.partition("/")[0] for name in re.findall(r'cause=f?"([^"{]+)', sources)}
    tested = {wanted[0].partition("/")[0] for _, wanted in ALONE}
    assert in_program == tested
    assert len(CHECKS) == len(set(CHECKS))


@pytest.mark.parametrize(
    ("sound"),
    [
        # Of an upstream that does not answer nothing else is said.
        seen_with(upstream("up2", system_time_ms=None, health=None, phase="following")),
        # Two clocks that differ: nobody knows which is wrong.
        seen_with(
            upstream("up1", system_time_ms=None),
            upstream("up2", system_time_ms=NOW_MS + 4_000),
        ),
        # A large disk may be full by share and still have room.
        seen_with(
            upstream("up1", health=health(disk_free_bytes=30 * GIB, disk_total_bytes=2000 * GIB))
        ),
        # Nobody coordinates yet: then nobody follows.
        facts(local=local(clock_synchronised=None, disk_free_bytes=None)),
        # In the loopback there is no address.
        hosts_as(
            tmr_host("tmr1", holds_address=False, vrrp=""),
            tmr_host("tmr2", vrrp=""),
            virtual_ip="",
        ),
        # The twins of an upstream that is down are missing with it.
        only_licence(expires_at_s=NOW_S + 31 * DAY_S),
    ],
)
def test_what_is_not_wrong(sound):
    assert examine(sound) == ()


def test_what_follows_from_a_lost_upstream_is_not_said_too():
    lost = upstream("up2", reachable=False, health=None, report_age_s=None, phase="", lag=10**6)
    document = LicencesDocument(
        virtual_serial="131-1",
        licences=(licence(constituents=twin_states("ok", "missing", "ok")),),
    )
    base = seen_with(lost, verdict="degraded")
    found = examine(facts(*base.statuses, licences=document))
    assert [one.cause for one in found] == ["upstream-down/up2"]


def test_the_worst_comes_first_and_each_cause_once():
    found = examine(
        facts(
            *seen_with(
                upstream("up2", reachable=False, report_age_s=None),
                upstream("up3", health=health(disk_free_bytes=GIB)),
            ).statuses,
            local=local(host="up3", certificate=None, disk_free_bytes=GIB),
        )
    )
    assert [(one.cause, one.severity) for one in found] == [
        ("disk/up3", CRITICAL),
        ("upstream-down/up2", WARNING),
    ]
    assert isinstance(found[0], Finding)


def test_a_host_on_its_own_is_examined_without_asking_anybody():
    alone = Facts(now_ms=NOW_MS, local=local(store_missing=True), asked=False)
    assert [one.cause for one in examine(alone)] == ["store-missing/tmr1"]


def test_causes_hold_no_number_that_changes():
    for lag in (2000, 3000):
        (finding,) = examine(seen_with(upstream("up1", lag=lag)))
        assert finding.cause == "upstream-behind/up1"


def test_an_address_that_two_claim_by_their_own_words_is_found():
    both = facts(
        status("tmr1"),
        status(
            "tmr2",
            tmr_hosts=(
                tmr_host("tmr1", holds_address=False, vrrp="", hears_twin=None),
                tmr_host("tmr2", holds_address=True),
            ),
        ),
    )
    assert [one.cause for one in examine(both)] == ["address-twice"]


@pytest.mark.parametrize(
    "archive", [archive_of(3200, 12.0), archive_of(4096, 400.0), None], ids=["room", "old", "tmr"]
)
def test_an_archive_that_has_room_or_all_its_days_is_no_trouble(archive):
    assert examine(seen_with(upstream("up3", health=health(archive=archive)))) == examine(
        seen_with(upstream("up3", health=health()))
    )
