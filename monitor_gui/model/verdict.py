"""One verdict in words: does it serve, what is wrong, since when, what to do.

Causes first, each once: an upstream that is gone explains why its constituents are missing, so
those are not told as well. The headline is the worst of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from appliance.codec.api import StatusDocument, UpstreamStatus
from appliance.watch.facts import Silent
from monitor_gui.model.ages import duration, is_stale
from monitor_gui.model.clocks import clocks, disagreement_ms
from monitor_gui.model.phrases import Phrase, listed, say
from monitor_gui.model.retold import retold
from monitor_gui.model.store import Endpoint, Store

_OF_THE_SERVICE: Final = ("active-unseen", "host-lost", "maintenance", "store-", "upstream-lost")
"""Causes, by how their keys begin, that are about who serves and not about what is served."""

QUORUM = 2
HANGS_UP = "refused:"
"""How a failure begins where the upstream itself ends the connection (`UpstreamStatus`)."""


class Level(IntEnum):
    """How bad it is: the levels of docs/health.md (a warning is DEGRADED), and besides, that nobody
    is served, or that nothing is known. The verdict of what is CRITICAL is DEGRADED as well."""

    OK = 0
    NOTICE = 1
    DEGRADED = 2
    CRITICAL = 3
    UNKNOWN = 4
    DOWN = 5


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is wrong. `since_s` on the monitor's clock; None: longer than it looks."""

    key: str
    level: Level
    text: Phrase
    advice: Phrase
    since_s: float | None = None

    def with_age(self, now_s: float) -> Phrase:
        """The cause with how long it has lasted."""
        if self.since_s is None or now_s - self.since_s < 1:
            return self.text
        return say("{what} · for {age}", what=self.text, age=duration(now_s - self.since_s))


@dataclass(frozen=True, slots=True)
class Verdict:
    """`headline` stands alone; `causes` are sorted worst first."""

    level: Level
    headline: Phrase
    causes: tuple[Cause, ...] = ()


def verdict(store: Store, now_s: float) -> Verdict:
    """The verdict on what is known. Notes in the store since when each cause has been there."""
    causes = _causes(store, now_s)
    store.since_s, dated = _dated(store.since_s, causes, now_s)
    dated.sort(key=lambda cause: -cause.level)
    level = max((cause.level for cause in dated), default=Level.OK)
    return Verdict(level, _headline(store, level, dated, now_s), tuple(dated))


def summed_up(store: Store, causes: list[Cause], now_s: float) -> Verdict:
    """The verdict on these causes. Notes in the store since when each has been there."""
    store.problems_since_s, dated = _dated(store.problems_since_s, causes, now_s)
    # Of equal weight: first what tells of the hosts that serve.
    dated.sort(key=lambda cause: (-cause.level, not cause.key.startswith(_OF_THE_SERVICE)))
    worst = max((cause.level for cause in dated), default=Level.OK)
    level = Level.DEGRADED if worst == Level.CRITICAL else worst
    return Verdict(level, _headline(store, level, dated, now_s), tuple(dated))


def _dated(
    known: dict[str, float], causes: list[Cause], now_s: float
) -> tuple[dict[str, float], list[Cause]]:
    """Since when each of these causes has been there, and they with that; others are forgotten."""
    since_s = {cause.key: known.get(cause.key, now_s) for cause in causes}
    dated = [
        Cause(
            cause.key,
            cause.level,
            cause.text,
            cause.advice,
            cause.since_s if cause.since_s is not None else since_s[cause.key],
        )
        for cause in causes
    ]
    return since_s, dated


def _headline(store: Store, level: Level, causes: list[Cause], now_s: float) -> Phrase:
    if level in (Level.DOWN, Level.UNKNOWN):
        return causes[0].with_age(now_s)
    active = store.active(now_s)
    if level == Level.DEGRADED and not active:
        return say("Probably serving: {what}", what=causes[0].with_age(now_s))
    if level == Level.DEGRADED:
        worst = [cause for cause in causes if cause.level == causes[0].level]
        lost = next((x for x in worst if x.key.startswith(("upstream-lost", "store-"))), None)
        if lost is not None:
            return say("Serving on two of three: {what}", what=lost.with_age(now_s))
        return say("Serving, but {what}", what=worst[0].with_age(now_s))
    return say("Serving: {active} is active, all three upstreams answer", active=active)


def _causes(store: Store, now_s: float) -> list[Cause]:
    if store.opened is None:
        return [_unopened(store)]
    fresh = store.fresh(now_s)
    if not fresh:
        return [_silence(store)]
    best = store.best(now_s)
    if best is None or best.document is None:
        return [_silence(store)]
    causes = _service(store, best, best.document, now_s)
    causes += _hosts(store, best.document, now_s)
    causes += _clocks(best.document)
    causes += _locks(best.document, bool(store.active(now_s)))
    if all(upstream.reachable and not upstream.locked for upstream in best.document.upstreams):
        causes += _twins(store)
    return causes


def _unopened(store: Store) -> Cause:
    """No system is followed: why not, and which one is meant."""
    if store.trouble:
        why = retold(store.trouble)
        text = say("Not connected: {why}", why=why)
        if store.wanted:
            text = say("Not connected to {name}: {why}", name=store.wanted, why=why)
        advice = say("Check the connection profile, then connect again.")
        return Cause("closed", Level.UNKNOWN, text, advice)
    if not store.wanted:
        advice = say("Choose one: System > Connections (Ctrl+O).")
        return Cause("no-system", Level.UNKNOWN, say("No system is chosen"), advice)
    advice = say("Nothing to do: the first answer is awaited.")
    text = say("Connecting to {name}", name=store.wanted)
    return Cause("connecting", Level.UNKNOWN, text, advice)


def _silence(store: Store) -> Cause:
    heard = [e.heard_at_s for e in store.endpoints.values() if e.heard_at_s is not None]
    troubles = sorted({e.trouble for e in store.endpoints.values() if e.trouble})
    why = store.trouble or (troubles[0] if troubles else "no answer yet")
    text = say("Unknown: no TMR host answers ({why})", why=retold(why))
    advice = say("Check the network between here and the TMR hosts, and whether they have power.")
    if Silent("", why).is_there:
        advice = say("See to the reason that is named: a host is there.")
    return Cause("silence", Level.UNKNOWN, text, advice, max(heard, default=None))


def _service(store: Store, best: Endpoint, document: StatusDocument, now_s: float) -> list[Cause]:
    """Does it serve, and on how many upstreams?"""
    lost = [x for x in document.upstreams if x.damage or not x.reachable or x.votes is False]
    names = [upstream.name for upstream in lost]
    since_s = [_since(best, upstream) for upstream in lost]
    if store.active(now_s):
        return [_out_of_it(upstream, since) for upstream, since in zip(lost, since_s, strict=True)]
    if len(lost) >= QUORUM:
        known = [at_s for at_s in since_s if at_s is not None]
        odd = [x for x in lost if x.damage or x.reachable]
        text = say("Not serving: quorum lost, {names} unreachable", names=listed(names))
        if odd:
            text = say("Not serving: quorum lost without {names}", names=listed(names))
        return [
            Cause(
                "quorum-lost",
                Level.DOWN,
                text,
                say(
                    "Bring one of {names} back: two of three upstreams are enough.",
                    names=listed(names),
                ),
                max(known, default=None),
            ),
            *(_out_of_it(x, None) for x in odd),
        ]
    by_word = [row.name for row in document.tmr_hosts if row.role == "active"]
    if by_word and by_word[0] != document.host:
        text = say(
            "{name} serves by the word of {other}, but does not answer here",
            name=by_word[0],
            other=document.host,
        )
        advice = say("Check the network between here and {name}.", name=by_word[0])
        return [Cause("active-unseen", Level.DEGRADED, text, advice)]
    silent = [e.host or e.address for e in store.endpoints.values() if e.trouble]
    text = say("Not serving: no TMR host has a term")
    if silent:
        text = say("Not seen to serve: {names} silent", names=listed(silent))
    advice = say("A failover takes about a second. If this lasts, see the Failover page.")
    return [Cause("no-active", Level.DOWN, text, advice)]


def _out_of_it(upstream: UpstreamStatus, since_s: float | None) -> Cause:
    """Why this upstream does not count."""
    if upstream.damage:
        return _damaged(upstream)
    if upstream.reachable:
        return _new(upstream.name)
    return _unreachable(upstream, since_s)


def _new(name: str) -> Cause:
    text = say("the store of {name} does not vote", name=name)
    advice = say("If it is meant to, have it admitted: `tmr replace-upstream`.")
    return Cause(f"store-new {name}", Level.DEGRADED, text, advice)


def _unreachable(upstream: UpstreamStatus, since_s: float | None) -> Cause:
    advice = say(
        "Bring {name} back before another upstream fails: two of three are needed.",
        name=upstream.name,
    )
    if upstream.failure.startswith(HANGS_UP):
        advice = say(
            "Look at the clock of {name} (`timedatectl`): put right, it brings the host back. If "
            "it is right already, read `journalctl -u tmr-upstream` there.",
            name=upstream.name,
        )
    text = say("{name} unreachable", name=upstream.name)
    return Cause(f"upstream-lost {upstream.name}", Level.DEGRADED, text, advice, since_s)


def _damaged(upstream: UpstreamStatus) -> Cause:
    """A store that takes no part until it is replaced (docs/replacing.md)."""
    name = upstream.name
    text = say("the store of {name} is damaged ({why})", name=name, why=retold(upstream.damage))
    advice = say(
        "Look after the disk of {name}, set its store aside, and have a new one admitted: "
        "`tmr replace-upstream`.",
        name=name,
    )
    return Cause(f"store-damaged {name}", Level.DEGRADED, text, advice)


def _locks(document: StatusDocument, serves: bool) -> list[Cause]:
    """Containers that were blocked. With one more out of the vote, no licence is left."""
    locked = [upstream for upstream in document.upstreams if upstream.locked]
    lost = [x.name for x in document.upstreams if (x.damage or not x.reachable) and not x.locked]
    names = [upstream.name for upstream in locked]
    if serves and locked and len(document.upstreams) - len(locked) - len(lost) < QUORUM:
        text = say("no TMR licence can be used: container of {names} locked", names=listed(names))
        if lost:
            text = say(
                "no TMR licence can be used: container of {names} locked, {lost} unreachable",
                names=listed(names),
                lost=listed(lost),
            )
        advice = say("Two of three containers are needed: ask the vendor, and bring back the rest.")
        return [Cause(f"locked {' '.join(names)}", Level.DOWN, text, advice)]
    return [
        Cause(
            f"locked {upstream.name}",
            Level.DEGRADED,
            say(
                "the container of {name} is locked: {why}", name=upstream.name, why=upstream.locked
            ),
            say(
                "Ask the vendor. The other two containers are enough; without one of them no "
                "licence could be used."
            ),
        )
        for upstream in locked
    ]


def _since(best: Endpoint, upstream: UpstreamStatus) -> float | None:
    if upstream.last_heard_s is None or best.heard_at_s is None:
        return None
    return best.heard_at_s - upstream.last_heard_s


def _hosts(store: Store, document: StatusDocument, now_s: float) -> list[Cause]:
    """A TMR host that could not take over."""
    found = []
    for host in document.tmr_hosts:
        if host.name == store.active(now_s):
            continue
        endpoint = store.by_host(host.name)
        own_word = (
            endpoint is not None
            and not endpoint.trouble
            and not is_stale(endpoint.heard_at_s, now_s)
        )
        if host.role == "maintenance":
            text = say("{name} is in maintenance, there is no spare TMR host", name=host.name)
            advice = say("End the maintenance of {name} when the work is done.", name=host.name)
            found.append(Cause(f"maintenance {host.name}", Level.DEGRADED, text, advice))
        elif host.role == "unreachable" and not own_word:
            text = say("there is no spare TMR host: {name} does not answer", name=host.name)
            advice = say(
                "Bring {name} back: a second failure would end the service.", name=host.name
            )
            since_s = endpoint.heard_at_s if endpoint is not None else None
            found.append(Cause(f"host-lost {host.name}", Level.DEGRADED, text, advice, since_s))
    return found


def _clocks(document: StatusDocument) -> list[Cause]:
    apart_ms = disagreement_ms(document)
    if apart_ms:
        text = say("the two known clocks differ by {off}", off=duration(apart_ms / 1000))
        advice = say("Two clocks cannot outvote each other: see which is right, set the other.")
        return [Cause("clocks", Level.NOTICE, text, advice)]
    return [
        Cause(
            f"clock {clock.host}",
            Level.NOTICE,
            say(
                "the clock of {name} is off by {off} and outvoted",
                name=clock.host,
                off=duration(abs(clock.offset_ms or 0) / 1000),
            ),
            say(
                "Set the clock of {name}: two wrong clocks would outvote the right one.",
                name=clock.host,
            ),
        )
        for clock in clocks(document)
        if clock.outvoted
    ]


def _twins(store: Store) -> list[Cause]:
    """Licences that rest on two of three although all upstreams answer."""
    licences = store.licences.licences if store.licences is not None else ()
    torn = [
        x for x in licences if any(c.state not in ("ok", "unreachable") for c in x.constituents)
    ]
    if not torn:
        return []
    first = torn[0].text or f"{torn[0].firm_code}:{torn[0].product_code}"
    text = say("{n} licences lack a matching twin, such as {first}", n=len(torn), first=first)
    if len(torn) == 1:
        text = say("one licence lacks a matching twin: {first}", first=first)
    advice = say("See the Licences page; the vendor can issue the missing update.")
    return [Cause("twins", Level.NOTICE, text, advice)]
