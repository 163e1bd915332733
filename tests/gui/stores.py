"""Systems for pictures: all is well, much is wrong, a store is damaged, nothing is known."""

from __future__ import annotations

import math

from msgspec.structs import replace

from appliance.codec.access.comparing import as_shown
from appliance.codec.access.document import read_document
from appliance.codec.api_access import AccessDocument, AccessExplained, AccessMatch, AccessVersion
from appliance.details import Detail
from monitor_gui.feed.rules import checked, rules_heard
from monitor_gui.feed.usage import slots_of
from monitor_gui.model.queries import (
    Answered,
    CheckQuery,
    ExplainQuery,
    QueueQuery,
    RulesHeard,
    RulesQuery,
    UsageHeard,
    UsageQuery,
)
from monitor_gui.model.store import Store
from monitor_gui.model.timeline import LOST, SWITCH, UPSTREAM, Entry
from monitor_gui.model.updates import Happened, LogsHeard
from monitor_gui.model.usage import Usage
from tests.unit.monitor.documents import (
    NOW_MS,
    filled,
    licence,
    place,
    queue_of,
    usage_row,
    with_report_in,
)
from tests.unit.monitor.test_activity import event, line


def well() -> Store:
    """All is well."""
    store = filled(leases=12)
    lived(store)
    return with_report_in(store)


def lived(store: Store) -> None:
    """Some events and some lines of log."""
    outcomes = ("granted", "granted", "no-seat-free", "granted", "licence-expired")
    events = [
        event(
            "check-out",
            outcome=outcomes[n % 5],
            holder={"user": "aiko", "host": f"ws-{n}"},
            firm_code=100,
            product_code=10,
            index=n,
        )
        for n in range(60)
    ]
    events += [
        event("phase", host="tmr2", phase="serving", why="address here"),
        event("operator", action="switchover", who="cert:olga", why="kernel update"),
        event("blocks", outcome="done", detail="list 4: 130-2 blocked", who="up1"),
        event("upstreams", host="tmr1", missing=["up2"]),
    ]
    store.apply(Happened(100.0, tuple(events)))
    for second in range(200):
        wave = round(30 * math.sin(second / 9))
        store.offsets.append((second / 2, {"up1": 0, "up2": -12 + wave // 3, "up3": wave}))
    store.usage = Usage()
    for second in range(0, 600, 3):
        seats = licence(in_use=second // 60 % 4)
        store.usage.hear((seats, licence(20, text="Renderer", in_use=second // 90 % 3)), second / 6)
    levels = ("info", "debug", "warning", "info", "error")
    store.apply(
        LogsHeard(
            100.0,
            tuple(
                line(f"up{n % 3 + 1}", n, 1_800_000_000_000 + n * 700, levels[n % 5])
                for n in range(60)
            ),
        )
    )


def asked(store: Store) -> None:
    """What pages asked for is there."""
    places = [place(n, 50, 4_000 - 300 * n, 41.0 if n == 1 else None) for n in range(1, 9)]
    places += [place(9, 10, 12.0, overtaken=2), place(10, 10, 3.0, more=(50,))]
    store.apply(Answered(QueueQuery(), 100.0, 0.01, queue_of(*places)))
    store.apply(Answered(UsageQuery("month"), 100.0, 0.5, months()))
    heard = rules_in_force()
    store.apply(Answered(RulesQuery(), 100.0, 0.01, heard))
    check = CheckQuery(heard.text, heard.document.rules, heard.document.in_force)
    store.apply(Answered(check, 100.0, 0.01, checked(check)))
    store.apply(Answered(ExplainQuery(100, 50, user="eve"), 100.0, 0.01, told_eve()))


RULES = """version = 12
[groups]
design = ["user:ada", "user:grace", "host:cad1"]
[[set]]
firm = 100
product = 50
default = "deny"
[[set.rule]]
deny = ["user:eve"]
[[set.rule]]
allow = ["group:design", "network:10.1.0.0/16"]
[[set.rule]]
reserve = 2
for = ["group:design"]
"""


def rules_in_force(text: str = RULES, version: int = 12, who: str = "cert:olga") -> RulesHeard:
    """The rules of this text are in force, and the versions before are remembered."""
    rules = as_shown(read_document(text.encode()).rules)
    versions = tuple(
        AccessVersion(
            version=number,
            rules=number - 9,
            who=who if number == version else "cert:hugo",
            why=f"as agreed in meeting {number}",
            at_ms=NOW_MS + number * 3_600_000,
            index=number * 100,
        )
        for number in range(version, version - 3, -1)
    )
    document = AccessDocument(version=version, in_force=version, rules=rules, versions=versions)
    return rules_heard(document)


def told_eve() -> AccessExplained:
    """She is denied by a rule, and why."""
    denied = AccessMatch(action="deny", line=9, by="user:eve", worth="claimed")
    said = Detail("rule-denies", {"line": 9, "product": "100:50", "version": 12, "remedy": "ask"})
    return AccessExplained(
        version=12,
        reason="denied-by-rule",
        detail="",
        scope="100:50",
        default="deny",
        free=1,
        decided_by=denied,
        said=said,
    )


def months() -> UsageHeard:
    """A year of which ten months are in the record."""
    slots = slots_of(UsageQuery("month"), NOW_MS)
    peaks = (1, 2, 2, 4, 6, 7, 9, 9, 8, 5)
    rows = []
    for number, (slot, peak) in enumerate(zip(slots[2:], peaks, strict=True)):
        why = {"no-seat-free": 11 * peak, "maximum-reached": peak} if peak > 6 else {}
        more = {"sessions": 310 * peak, "waits": peak, "waited_s_max": 95.0 * peak, "why": why}
        more |= {"requests_denied": sum(why.values()), "denials": max(0, peak - 6) * (number - 4)}
        rows += [usage_row(slot.start_ms, name, peak, **more) for name in ("", "100:10")]
        rows.append(usage_row(slot.start_ms, "100:50", max(1, peak // 2)))
    whole = tuple(row for row in rows if not row.of)
    each = tuple(row for row in rows if row.of)
    return UsageHeard(slots, whole, each, slots[2].start_ms + 5, NOW_MS, missing=12)


def degraded() -> Store:
    """Several things are wrong."""
    states = (("ok", "differs", "ok"), ("ok",), ("ok", "ok", "locked"), ("ok", "ok", "unreachable"))
    rows = tuple(
        licence(10 * n, s, in_use=min(1, len(s) - 1), text=f"Product {n}")
        for n, s in enumerate(states, 1)
    )
    rows += (licence(50, in_use=3, text="Product 5"),)
    store = filled(licences=rows, lost=("up2",), times_ms={"up3": 42_000}, leases=40)
    lived(store)
    asked(store)
    with_report_in(
        store,
        up1={"disk_free_bytes": 2 << 30},
        tmr2={"certificate_expires_at_s": NOW_MS // 1000 + 12 * 86_400},
        up3={"server_states": ("good", "failed"), "version": "0.2.0"},
    )
    for number in range(12):
        kind = (SWITCH, UPSTREAM, LOST)[number % 3]
        at_most_s = 0.2 + number / 10 if kind == SWITCH else None
        store.entries.append(
            Entry(
                unix_s=1.8e9 + number,
                kind=kind,
                code="took-over",
                values=(("other", "tmr1"),),
                host="tmr2",
                at_most_s=at_most_s,
            )
        )
    return store


def damaged() -> Store:
    """A store is damaged, another does not vote, the third gets a snapshot: nothing is left."""
    store = filled(active="", leases=3)
    with_report_in(store)
    odd: dict[str, dict[str, object]] = {
        "up1": {"damage": Detail("entry-altered", {"index": 1207}), "reachable": False},
        "up2": {"votes": False, "phase": "staging", "locked": "reported lost by its owner"},
        "up3": {"catching_up": Detail("snapshot-comes", {"done": 3, "chunks": 10})},
    }
    for endpoint in store.endpoints.values():
        assert endpoint.document is not None
        upstreams = tuple(replace(x, **odd[x.name]) for x in endpoint.document.upstreams)
        endpoint.document = replace(endpoint.document, upstreams=upstreams)
    return store


STORES = {"well": well, "degraded": degraded, "damaged": damaged, "nothing": Store}
