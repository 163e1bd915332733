"""What makes each problem, alone: facts, and the finding that they lead to."""

from __future__ import annotations

from msgspec.structs import replace

from appliance.codec.api import ContainerTimes, LicencesDocument, TimeServerStatus
from appliance.codec.health_documents import CallsDocument
from appliance.details import Detail
from appliance.services.tmr import short
from appliance.watch.facts import CRITICAL, NOTICE, WARNING, Facts, Silent
from tests.unit.watch import loss_cases, role_cases, rules_cases
from tests.unit.watch.facts_world import (
    DAY_S,
    GIB,
    NOW_MS,
    NOW_S,
    archive_of,
    certificate,
    early,
    facts,
    health,
    hosts_as,
    licence,
    local,
    seen_with,
    status,
    tmr_host,
    twin_states,
    unit,
    upstream,
)


def only_licence(**changes) -> Facts:
    document = LicencesDocument(virtual_serial="131-1", licences=(licence(**changes),))
    return facts(licences=document)


def times(offset_ms: int, outvoted: bool = False) -> ContainerTimes:
    return ContainerTimes(box_ms=1, system_ms=1, offset_ms=offset_ms, outvoted=outvoted)


def aged(seconds: float) -> ContainerTimes:
    return ContainerTimes(box_ms=1, system_ms=1, certified_ms=1, certified_age_s=seconds)


NO_ROUTE = Detail.of("no route")
AWAITS = Detail("waits-for-promise", {"why": "awaits-restore"})
SILENT = Silent("10.77.0.21:7200", "connection refused")


ALONE = [
    # --- the system as a whole ---
    (
        Facts(now_ms=NOW_MS, silent=(SILENT,)),
        ("no-answer", CRITICAL, "10.77.0.21:7200: connection refused"),
    ),
    (
        hosts_as(tmr_host("tmr1", role="passive"), missing=("up1", "up2")),
        ("not-serving", CRITICAL, "quorum lost, no answer from up1 and up2"),
    ),
    (
        hosts_as(tmr_host("tmr1", role="passive"), why=Detail.of("waits for promises")),
        ("not-serving", CRITICAL, "tmr1 has the address and takes a term (waits for promises)"),
    ),
    (
        hosts_as(tmr_host("tmr1", role="passive"), why=AWAITS),
        ("not-serving", CRITICAL, "no ledger is founded (the upstreams wait for a restore)"),
    ),
    (
        seen_with(calls=CallsDocument(over_s=60, granted=0, refused=31, reason="no-seat-free")),
        (
            "requests-refused",
            NOTICE,
            "All 31 check-outs of the last 60 seconds were refused: no seat",
        ),
    ),
    (
        seen_with(calls=CallsDocument(over_s=60, granted=0, refused=31, reason="quorum-lost")),
        ("requests-refused", WARNING, "mostly as quorum-lost"),
    ),
    (
        hosts_as(tmr_host("tmr2", reached=1)),
        ("standby-cut-off/tmr2", WARNING, "reaches 1 of three upstreams"),
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
    (
        facts(
            status("tmr1"),
            status(
                "tmr2",
                tmr_hosts=(tmr_host("tmr1", role="unreachable"), tmr_host("tmr2")),
            ),
        ),
        ("twins-apart", WARNING, "tmr1 and tmr2 do not hear each other"),
    ),
    (
        facts(short.status(status(verdict="degraded"), leases=1)),
        ("told-in-short", WARNING, "and tells only operators what"),
    ),
    # --- upstreams ---
    (
        seen_with(upstream("up2", reachable=False, health=None, report_age_s=None)),
        ("upstream-down/up2", WARNING, "the next upstream lost"),
    ),
    (
        seen_with(upstream("up2", reachable=False, damage=Detail.of("its mark is ahead of it"))),
        ("store-damaged/up2", WARNING, "its mark is ahead of it"),
    ),
    (
        seen_with(upstream("up2", phase="learner")),
        ("upstream-apart/up2", WARNING, "learner"),
    ),
    (
        seen_with(upstream("up2", phase="staging", refuses=Detail.of("it lacks an entry"))),
        ("upstream-apart/up2", WARNING, "does not take part: it lacks an entry"),
    ),
    (
        seen_with(upstream("up2", shut=Detail.of("no token"))),
        ("container-shut/up2", WARNING, "no token. up2"),
    ),
    (seen_with(upstream("up2", elsewhere=("disk",))), ("container-elsewhere/up2", NOTICE, "disk)")),
    (seen_with(upstream("up2", votes=False)), ("store-no-vote/up2", WARNING, "has no")),
    *loss_cases.ALONE,
    (
        seen_with(upstream("up2", lag=5000)),
        ("upstream-behind/up2", WARNING, "5000 entries"),
    ),
    (
        seen_with(upstream("up2", health=None, report_age_s=None)),
        ("report-old/up2", NOTICE, "never did"),
    ),
    (
        seen_with(upstream("up2", report_age_s=90.0)),
        ("report-old/up2", NOTICE, "did not lately"),
    ),
    (
        early(seen_with(upstream("up2", lag=500)), lag_entries=400),
        ("upstream-behind/up2", NOTICE, "500 entries"),
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
    (
        hosts_as(tmr_host("tmr2", stranger=Detail.of("192.0.2.66 (02:66) sends VRRP adverts"))),
        ("vrrp-stranger/tmr2", WARNING, "wants the virtual IP: 192.0.2.66 (02:66) sends"),
    ),
    # --- versions, disks, certificates, clocks ---
    (
        seen_with(upstream("up3", health=health(version="1.1"))),
        ("versions-differ", NOTICE, "1.0: tmr1, tmr2, up1, up2; 1.1: up3"),
    ),
    *rules_cases.ALONE,
    *role_cases.ALONE,
    (
        seen_with(upstream("up3", health=health(disk_free_bytes=9 * GIB))),
        ("disk/up3", WARNING, "9.0 GiB of 100.0 GiB"),
    ),
    (
        seen_with(upstream("up3", health=health(disk_free_bytes=2 * GIB))),
        ("disk/up3", CRITICAL, "2.0 GiB of 100.0 GiB"),
    ),
    (
        early(
            seen_with(upstream("up3", health=health(disk_free_bytes=15 * GIB))),
            disk_free_share=0.2,
        ),
        ("disk/up3", NOTICE, "15.0 GiB of 100.0 GiB"),
    ),
    (
        seen_with(upstream("up3", health=health(archive=archive_of(3300, 12.0)))),
        ("archive/up3", WARNING, "bound of 4.0 GiB with 12 of 400 days"),
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
        ("clock-unsynchronised", NOTICE, "Nothing keeps the clocks of these hosts right: up1"),
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
        seen_with(upstream("up2", times=replace(times(0), slow_s=90.0))),
        ("clock-slow/up2", WARNING, "has stood still, or gone far too slow, for 90 seconds"),
    ),
    (
        facts(now_ms=NOW_MS - 30_000),
        ("clock-off/here", NOTICE, "This computer's clock is -30.0 s"),
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
        ("log-time-ahead", WARNING, "is 60 seconds ahead of the containers' clocks"),
    ),
    (
        early(seen_with(upstream("up2", times=aged(9 * DAY_S))), certified_age_s=7 * DAY_S),
        ("certified-age/up2", NOTICE, "is 9 days old"),
    ),
    # --- containers and licences ---
    (seen_with(upstream("up2", locked="stolen")), ("container-locked/up2", WARNING, "stolen")),
    (
        seen_with(
            upstream(
                "up2",
                time_servers=(
                    TimeServerStatus(url="https://t1", state="good"),
                    TimeServerStatus(url="https://t0", state="never"),
                    TimeServerStatus(url="https://t2", state="failed", detail=NO_ROUTE),
                ),
            )
        ),
        ("time-server/https://t2", NOTICE, "no route"),
    ),
    (
        seen_with(
            upstream("up2", time_servers=(TimeServerStatus(url="https://t2", state="failed"),))
        ),
        ("time-server/https://t2", WARNING, "failed"),
    ),
    (
        only_licence(constituents=twin_states("ok", "differs", "ok")),
        ("licence-twin/100001:10#4", NOTICE, "differs: up2"),
    ),
    (
        only_licence(
            constituents=twin_states("ok", "missing", "missing"),
            available=False,
            refusal="unknown-product",
            in_use=0,
        ),
        ("licence-twin/100001:10#4", NOTICE, "fewer than two containers hold it"),
    ),
    (
        only_licence(
            constituents=twin_states("ok", "missing", "missing"),
            available=False,
            refusal="unknown-product",
            in_use=1,
        ),
        ("licence-unusable/100001:10#4", CRITICAL, "missing: up2, up3"),
    ),
    (
        only_licence(
            constituents=twin_states("ok", "unreachable", "differs"),
            available=False,
            refusal="quorum-lost",
        ),
        ("licence-unusable/100001:10#4", CRITICAL, "unreachable: up2; differs: up3"),
    ),
    (
        only_licence(units=500, units_left=0),
        ("units-gone/100001:10#4", WARNING, "has none of its 500 units left"),
    ),
    (
        only_licence(units=500, units_left=50),
        ("units-low/100001:10#4", NOTICE, "50 of 500 units left"),
    ),
    (
        only_licence(certified_until_s=NOW_S + DAY_S),
        ("licence-rests/100001:10#4", WARNING, "needs a newer certified time within 24 hours"),
    ),
    (
        only_licence(certified_until_s=NOW_S - 1, available=False, refusal="certified-time-stale"),
        ("licence-rests/100001:10#4", CRITICAL, "rests until there is a newer"),
    ),
    (
        only_licence(refusal="containers-not-bound", available=False),
        ("licence-rests/100001:10#4", CRITICAL, "wants containers that are bound more firmly"),
    ),
    (
        only_licence(units_unconfirmed=True),
        ("units-unconfirmed/100001:10#4", CRITICAL, "rests: this system was restored"),
    ),
    (
        only_licence(expires_at_s=NOW_S + 10 * DAY_S),
        ("licence-expiry/100001:10#4", NOTICE, "expires in 10 days"),
    ),
    (
        only_licence(expires_at_s=NOW_S + 2 * DAY_S),
        ("licence-expiry/100001:10#4", WARNING, "expires in 2 days"),
    ),
    (
        only_licence(expires_at_s=NOW_S - 31 * DAY_S, available=False, refusal="licence-expired"),
        ("licence-expiry/100001:10#4", NOTICE, "has expired"),
    ),
    (
        only_licence(expires_at_s=NOW_S - 10, available=False, refusal="licence-expired"),
        ("licence-expiry/100001:10#4", CRITICAL, "has expired"),
    ),
    (
        only_licence(usage_ends_s=NOW_S + 10 * DAY_S),
        ("usage-period/100001:10#4", NOTICE, "ends in 10 days"),
    ),
    (
        only_licence(usage_ends_s=NOW_S + 2 * DAY_S),
        ("usage-period/100001:10#4", WARNING, "ends in 2 days"),
    ),
    (
        only_licence(usage_ends_s=NOW_S - 10, available=False, refusal="usage-period-over"),
        ("usage-period/100001:10#4", CRITICAL, "is over"),
    ),
    (
        only_licence(usage_ends_s=NOW_S - 31 * DAY_S, available=False, refusal="usage-period-over"),
        ("usage-period/100001:10#4", NOTICE, "is over"),
    ),
    (
        early(only_licence(in_use=3, lingering=2), seats_free=0),
        ("seats-low/100001:10#4", NOTICE, "has 0 of 5 seats free"),
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
        ("certificate/tmr1", NOTICE, "ends in 40 days"),
    ),
    (
        facts(local=local(disk_free_bytes=GIB)),
        ("disk/tmr1", CRITICAL, "1.0 GiB of 100.0 GiB"),
    ),
    (
        facts(local=local(clock_synchronised=False)),
        ("clock-unsynchronised", NOTICE, "Nothing keeps"),
    ),
]
