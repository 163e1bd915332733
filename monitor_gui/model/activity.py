"""Events of the system in words: what happened, to whom, and if it was denied, why.

An event's data comes from a server and is not believed to have any shape: whatever is missing or of
another kind is shown as far as it goes. Nothing in here raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from msgspec import ValidationError, convert

from appliance.details import Detail
from monitor_gui.model.phrases import Phrase, listed, say
from monitor_gui.model.updates import Event
from monitor_gui.model.wire_words import phase, reason, told

CHECKOUT, DENIAL, LEASE, ROLE, OPERATOR, TIME, BLOCK, CONTENT, OTHER = (
    "check-out",
    "denial",
    "lease",
    "role",
    "operator",
    "time",
    "block",
    "content",
    "other",
)
KINDS: Final = (CHECKOUT, DENIAL, LEASE, ROLE, OPERATOR, TIME, BLOCK, CONTENT, OTHER)
"""Every kind of event, in the order of a choice."""

TOOK_EFFECT: Final = frozenset({"granted", "done", ""})
_KIND_OF: Final = {
    "check-out": CHECKOUT,
    "denial": DENIAL,
    "units": LEASE,
    "check-in": LEASE,
    "expiry": LEASE,
    "release": LEASE,
    "borrow": LEASE,
    "return": LEASE,
    "phase": ROLE,
    "address": ROLE,
    "upstreams": ROLE,
    "operator": OPERATOR,
    "client": OPERATOR,
    "time": TIME,
    "blocks": BLOCK,
    "container": CONTENT,
    "founded": CONTENT,
}
_BAD: Final = frozenset({"disputed", "gap"})
TEXT_MAX: Final = 300


def field(event: Event, name: str) -> str:
    """A field of an event's data as text, "" if it is not there."""
    value = event.data.get(name)
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value[:20])[:TEXT_MAX]
    return str(value)[:TEXT_MAX]


def refused(event: Event) -> bool:
    """Whether what was asked for did not happen."""
    return event.name == "denial" or field(event, "outcome") not in TOOK_EFFECT


def kind(event: Event) -> str:
    """One of KINDS. A check-out or a consumption that was refused is a denial."""
    if refused(event) and event.name in ("check-out", "units", "denial"):
        return DENIAL
    return _KIND_OF.get(event.name, OTHER)


def tone(event: Event) -> str:
    """How it should look: "down", "degraded", "notice", or "" for the usual course of things."""
    if event.name in _BAD or (event.name == "upstreams" and event.data.get("missing")):
        return "down"
    if refused(event):
        return "degraded"
    found = kind(event)
    if found == BLOCK:
        return "down"
    return "notice" if found in (ROLE, OPERATOR, TIME, CONTENT) else ""


def who(event: Event) -> str:
    """Whom it is about: a user at a host, else a client, a host or an operator."""
    holder = event.data.get("holder")
    if isinstance(holder, Mapping):
        user, host = str(holder.get("user") or ""), str(holder.get("host") or "")
        if user or host:
            return f"{user}@{host}"[:TEXT_MAX] if user and host else (user or host)[:TEXT_MAX]
    for name in ("client", "who", "host", "upstream", "container", "serial"):
        if event.data.get(name):
            return field(event, name)
    return event.endpoint


def product(event: Event, names: Mapping[tuple[int, int], str]) -> str:
    """The product's name where one is meant, else its codes, else ""."""
    firm, code = event.data.get("firm_code"), event.data.get("product_code")
    if not (isinstance(firm, int) and isinstance(code, int)):
        firm, code = _codes(field(event, "licence"))
    if firm is None or code is None:
        return ""
    return names.get((firm, code)) or f"{firm}:{code}"


def _codes(licence: str) -> tuple[int | None, int | None]:
    """Firm and product code of a licence's key, which servers write as firm:product#TMR-ID."""
    firm, _, rest = licence.partition(":")
    code, _, _ = rest.partition("#")
    if firm.isdecimal() and code.isdecimal():
        return int(firm), int(code)
    return None, None


def what(event: Event) -> Phrase:
    """What happened, in a few words."""
    data = event.data
    match event.name:
        case "check-out" | "denial":
            return say("check-out denied") if refused(event) else say("seat checked out")
        case "check-in":
            return say("seat given back")
        case "expiry":
            return say("seat ended for want of heartbeats")
        case "release":
            return say("seat released by force, by {who}", who=field(event, "who") or "?")
        case "borrow":
            return say("seat not lent") if refused(event) else say("seat borrowed")
        case "return":
            return (
                say("return of a borrowed seat refused")
                if refused(event)
                else say("borrowed seat given back")
            )
        case "units":
            return _units(event)
        case "phase":
            return _phase(field(event, "phase"))
        case "address":
            return say("has the virtual IP") if data.get("here") else say("gave the virtual IP up")
        case "upstreams":
            return _upstreams(data.get("missing"))
        case "operator":
            return _operator(event)
        case "client":
            return (
                say("client enrolled")
                if field(event, "change") == "enrolled"
                else say("client dismissed")
            )
        case "container":
            return say("licences of a container updated")
        case "founded":
            return say(
                "ledger founded, virtual container {serial}", serial=field(event, "virtual_serial")
            )
        case "blocks":
            return say("block list refused") if refused(event) else say("block list taken over")
        case "time":
            return say("certified time refused") if refused(event) else say("certified time")
        case "disputed":
            return say("a replica disagrees with the others")
        case "gap":
            return say("{n} events were not shown", n=field(event, "lost") or "?")
        case "tmr-connected":
            return say("the monitor listens to this host")
        case _:
            return say("{name}", name=event.name)


def _units(event: Event) -> Phrase:
    if refused(event):
        return say("units denied")
    left = field(event, "units_left")
    if left:
        return say("units used, {left} left", left=left)
    return say("units used")


def _phase(name: str) -> Phrase:
    if name == "serving":
        return say("serves now: active")
    if name == "passive":
        return say("does not serve: passive")
    return say("takes the service over: {phase}", phase=phase(name or "?"))


def _upstreams(missing: object) -> Phrase:
    if isinstance(missing, (list, tuple)) and missing:
        return say("upstreams unreachable: {names}", names=listed([str(x) for x in missing[:5]]))
    return say("all upstreams answer")


def _operator(event: Event) -> Phrase:
    match field(event, "action"):
        case "switchover":
            return say("switchover ordered by {who}", who=field(event, "who") or "?")
        case "maintenance-on":
            return say("maintenance begun by {who}", who=field(event, "who") or "?")
        case "maintenance-off":
            return say("maintenance ended by {who}", who=field(event, "who") or "?")
        case "replace":
            return say(
                "new store at {host} admitted by {who}",
                host=field(event, "host") or "?",
                who=field(event, "who") or "?",
            )
        case action:
            return say("{action} by {who}", action=action or "?", who=field(event, "who") or "?")


def why(event: Event) -> Phrase:
    """The reason that was given: a refusal's word and detail, or an operator's sentence."""
    word = (field(event, "outcome") or field(event, "reason")) if refused(event) else ""
    text = field(event, "detail") or field(event, "why")
    data = event.data.get("said") or event.data.get("why")
    if isinstance(data, dict):
        with suppress(ValidationError):
            text = convert(data, Detail).text
    if word and text:
        return say("{reason}: {detail}", reason=reason(word), detail=told(text))
    return reason(word) if word else told(text)


def top_denials(denied: Mapping[tuple[str, str], int]) -> list[tuple[str, str, int]]:
    """(product, reason, how often), the most frequent first."""
    rows = [(name, reason, count) for (name, reason), count in denied.items()]
    return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))
