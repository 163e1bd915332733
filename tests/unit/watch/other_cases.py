"""What makes the other cases of some problems, with more beside them."""

from __future__ import annotations

from dataclasses import replace

from appliance.codec.api import TimeServerStatus
from appliance.codec.health_documents import LossDocument, PutBackDocument
from appliance.details import Detail, detail
from appliance.details.links import REFUSED
from appliance.services.tmr import short
from appliance.watch.facts import Facts, Silent
from tests.unit.watch.each_problem import only_licence, times
from tests.unit.watch.facts_world import (
    DAY_S,
    NOW_MS,
    facts,
    hosts_as,
    seen_with,
    status,
    tmr_host,
    upstream,
)
from tests.unit.watch.rules_cases import STOPPED

GONE = {"reachable": False, "health": None, "report_age_s": None, "phase": ""}
BACK = PutBackDocument(signed_index=57, known_by="up2")
NOBODY = tmr_host("tmr1", role="passive")
TURNED_AWAY = (Silent("10.77.0.21:7200", detail("tls-unaccepted", why="self-signed")),)
BESIDE = [
    facts(short.status(status(verdict="degraded", missing=("up1",)), leases=1)),
    Facts(now_ms=NOW_MS),
    Facts(now_ms=NOW_MS, silent=TURNED_AWAY),
    facts(silent=TURNED_AWAY),
    hosts_as(NOBODY, upstreams=(upstream("up1", put_back=BACK), upstream("up2"), upstream("up3"))),
    hosts_as(
        NOBODY,
        missing=("up1",),
        upstreams=(upstream("up2", damage=Detail.of("odd")), upstream("up1", **GONE)),
    ),
    hosts_as(NOBODY),
    STOPPED,
    hosts_as(tmr_host("tmr1", role="passive", holds_address=False)),
    seen_with(upstream("up1", locked="stolen"), upstream("up2", **GONE)),
    seen_with(upstream("up2", failure=Detail.of("no answer within 1 s"), **GONE)),
    seen_with(upstream("up2", failure=Detail(REFUSED), **GONE)),
    seen_with(upstream("up1", put_back=BACK), upstream("up2", phase="staging")),
    seen_with(loss=LossDocument(index=17, entries=3, seen_by="tmr1", entry=15, key="ab" * 16)),
    seen_with(loss=LossDocument(index=17, entries=17, seen_by="tmr1", anew=True)),
    facts(status("tmr1"), status("tmr2", ledger_id="bb")),
    seen_with(
        *(upstream(name, system_time_ms=NOW_MS + DAY_S * 1000) for name in ("up1", "up2")),
        upstream("up3", times=times(-DAY_S * 1000, outvoted=True)),
    ),
    replace(
        seen_with(
            upstream("up1", times=times(DAY_S * 1000, outvoted=True)),
            upstream("up2", system_time_ms=None),
            upstream("up3", system_time_ms=NOW_MS - DAY_S * 1000, times=times(0)),
        ),
        own_clock=False,
    ),
    seen_with(
        *(
            upstream(name, time_servers=(TimeServerStatus(url="https://t2", state="failed"),))
            for name in ("up1", "up3")
        )
    ),
    only_licence(constituents=(), available=False, refusal="quorum-lost"),
]
