"""Documents as no honest server sends them: honest ones in which anything was changed."""

from __future__ import annotations

import copy
import json
from typing import Any, TypeVar

import msgspec
from hypothesis import strategies as st

from appliance.codec import api
from monitor_gui.model.updates import (
    Event,
    Happened,
    LeasesHeard,
    LicencesHeard,
    LogsHeard,
    StatusHeard,
    Update,
)
from tests.unit.monitor.documents import (
    ENDPOINTS,
    health,
    lease,
    licence,
    reported,
    status,
    with_reports,
)

Document = TypeVar("Document")

VALUES: tuple[Any, ...] = (
    *(None, True, False, "", "x", "up1", "tmr1", "active", "{n}", "%s", "\x00", "\u202e", "名"),
    *(0, -1, 1, 2**31, 2**53, -(2**63), 2**63 - 1, 10**18, 10**30, 1e308, -1e308, 0.5),
    *([], {}, [[]], {"a": 1}, "long " * 2_000, "<b>bold</b><img src=x>", "a\nb\nc\n" * 50),
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for name, inner in value.items():
            found += _places(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            found += _places(inner, (*path, number))
    return found


@st.composite
def changed(draw: st.DrawFn, honest: object) -> Any:
    """The document as JSON values, with up to six changes: replaced, removed, doubled, added."""
    wild = json.loads(msgspec.json.encode(honest))
    for _ in range(draw(st.integers(0, 6))):
        places = _places(wild)
        if not places:
            break
        *way, last = draw(st.sampled_from(places))
        holder = wild
        for step in way:
            holder = holder[step]
        match draw(st.sampled_from(("replace", "replace", "replace", "remove", "double", "add"))):
            case "replace":
                holder[last] = copy.deepcopy(draw(st.sampled_from(VALUES)))
            case "remove":
                del holder[last]
            case "double" if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[last]))
            case _ if isinstance(holder, dict):
                holder["of_a_newer_version"] = copy.deepcopy(draw(st.sampled_from(VALUES)))
            case _:
                pass
    return wild


def taken(kind: type[Document], wild: Any) -> Document | None:
    """What the client makes of it: a document, or a refusal (None)."""
    try:
        return msgspec.json.decode(json.dumps(wild), type=kind)
    except msgspec.DecodeError:
        return None


_statuses = st.sampled_from(
    [
        (ENDPOINTS[0], status("tmr1", "tmr1")),
        (ENDPOINTS[1], status("tmr2", "tmr1", lost=("up2",), times_ms={"up3": 42_000})),
        (ENDPOINTS[0], with_reports(status("tmr1", "tmr1"), up1={"health": health()})),
        (ENDPOINTS[0], with_reports(status("tmr1", "tmr1"))),
    ]
)
_licences = api.LicencesDocument(
    virtual_serial="131-9", licences=(licence(10), licence(20, ("ok", "differs", "locked")))
)
_leases = api.LeasesDocument(leases=(lease(1), lease(2), lease(3)))
_logs = api.LogsDocument(
    records=(
        api.LogRecord(host="up1", number=1, at_ms=1, level="INFO", logger="a", text="b"),
        api.LogRecord(host="up2", number=2, at_ms=2, level="ERROR", logger="a", text="b"),
    ),
    newest={"up1": 1, "up2": 2},
)
_names = st.sampled_from(
    (
        *("check-out", "check-in", "units", "expiry", "release", "container", "operator"),
        *("client", "founded", "gap", "phase", "address", "upstreams", "blocked", "", "x" * 500),
    )
)
_keys = st.sampled_from(
    (
        *("outcome", "licence", "client", "lease_id", "firm_code", "product_code", "index", "who"),
        *("why", "action", "host", "units", "units_left", "detail", "phase", "lost", "here"),
    )
)
_values = st.sampled_from(VALUES)
_data = st.dictionaries(_keys, _values, max_size=8)
_events = st.builds(
    Event,
    st.sampled_from(ENDPOINTS),
    _names,
    st.dictionaries(_keys, _values, max_size=8),
    st.floats(0, 2e9),
)


@st.composite
def updates(draw: st.DrawFn) -> list[Update]:
    """What the feed would hand over of a wild server's answers."""
    found: list[Update] = []
    for _ in range(draw(st.integers(1, 5))):
        match draw(st.sampled_from(("status", "licences", "leases", "logs", "events"))):
            case "status":
                endpoint, honest = draw(_statuses)
                document = taken(api.StatusDocument, draw(changed(honest)))
                if document is not None:
                    found.append(StatusHeard(endpoint, 100.0, document))
            case "licences":
                licences = taken(api.LicencesDocument, draw(changed(_licences)))
                if licences is not None:
                    found.append(LicencesHeard(100.0, licences))
            case "leases":
                leases = taken(api.LeasesDocument, draw(changed(_leases)))
                if leases is not None:
                    found.append(LeasesHeard(100.0, leases))
            case "logs":
                logs = taken(api.LogsDocument, draw(changed(_logs)))
                if logs is not None:
                    found.append(LogsHeard(100.0, logs.records))
            case _:
                events = draw(st.lists(_events, min_size=1, max_size=4))
                found.append(Happened(100.0, tuple(events)))
    return found


__all__ = ["changed", "reported", "taken", "updates"]
