"""The failover history: what changed, and how long nobody served, out of answers and events.

An interruption is bracketed, never guessed: it began after the last moment at which a host was
known to serve and ended before the first at which one was known to serve again. An orderly switch
is announced by events, so both ends are sharp; a power cut is noticed by silence, and then the
bracket's far side is what is shown ("at most"). What can go wrong in here is counting a host's word
about its twin as evidence: only a host's word about itself is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from appliance.codec.api import HostStatus, StatusDocument
from monitor_gui.model.phrases import Phrase, listed, say

SWITCH: Final = "switch"
LOST: Final = "lost"
UPSTREAM: Final = "upstream"
ADDRESS: Final = "address"
HOST: Final = "host"
OPERATOR: Final = "operator"
MONITOR: Final = "monitor"
OUTAGE: Final = "outage"
QUORUM: Final = 2
HOSTS_MAX: Final = 32
"""Hosts of one system that the history tells of."""
NOTICED_S: Final = 1.5
"""Without any sign of service for this long, its loss is recorded; sooner it may be a slow poll."""


HAPPENED: Final = {
    "took-over": say("{host} took over from {other}"),
    "serves-again": say("{host} serves again"),
    "serves": say("{host} serves (seen when the monitor began to look)"),
    "nobody-serves": say("nobody is seen to serve; {host} was the last"),
    "maintained": say("{host} is in maintenance"),
    "maintained-no-more": say("{host} left maintenance"),
    "silent": say("{host} does not answer"),
    "answers": say("{host} answers again"),
    "lost": say("{host} is lost"),
    "address-moved": say("the virtual IP moved from {other} to {host}"),
    "address-nowhere": say("no host that answers has the virtual IP"),
    "address-twice": say("the virtual IP is on {hosts} at once"),
    "switchover": say("switchover {host} by {who}: {why}"),
    "replace": say("replace {host} by {who}: {why}"),
    "maintenance-on": say("maintenance-on {host} by {who}: {why}"),
    "maintenance-off": say("maintenance-off {host} by {who}: {why}"),
    "operator": say("{action} {host} by {who}: {why}"),
}
"""What may happen, by its code."""
ACTIONS: Final = frozenset(("switchover", "replace", "maintenance-on", "maintenance-off"))
"""Codes that are an operator's acts."""


_UNKNOWN: Final = dict.fromkeys(("other", "hosts", "who", "why", "action"), "?")


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the history. `code` is one of HAPPENED, `values` what its sentence names besides
    `host`; an entry of an earlier version has its English sentence as `text` instead. `at_most_s`
    and `at_least_s` bracket an interruption."""

    unix_s: float
    kind: str
    code: str = ""
    values: tuple[tuple[str, str], ...] = ()
    text: str = ""
    host: str = ""
    term: int = 0
    at_least_s: float | None = None
    at_most_s: float | None = None

    @property
    def phrase(self) -> Phrase:
        """What happened, in words."""
        known = HAPPENED.get(self.code)
        if known is None:
            return say("{text}", text=self.text or self.code)
        # A file on a disk is not believed to hold all that its sentence names.
        values = _UNKNOWN | dict(self.values) | {"host": self.host}
        return Phrase(known.template, tuple(values.items()))


class Timeline:
    """Turns what is heard into entries. All methods give the new entries, oldest first."""

    def __init__(self) -> None:
        self._active = ""
        self._term = 0
        self._seen_s: float | None = None
        self._lost_s: float | None = None
        self._lost_told = False
        self._names: set[str] = set()
        self._upstreams: dict[str, bool] = {}
        self._views: dict[str, dict[str, tuple[bool, float]]] = {}
        self._quorum_lost = False
        self._roles: dict[str, str] = {}
        self._back_s: dict[str, float] = {}
        self._holds: dict[str, bool] = {}
        self._holder = ""
        self._odd_since_s: float | None = None
        self._odd_told = False

    def heard(self, document: StatusDocument, at_s: float, unix_s: float) -> list[Entry]:
        """A TMR host's own answer."""
        found: list[Entry] = []
        if not self._knows(document.host):
            return found
        own = own_row(document)
        serves = own is not None and own.role == "active"
        term = document.term.counter if document.term is not None else 0
        if serves and term >= self._term:
            found += self._serves(document.host, term, at_s, unix_s)
        elif document.host == self._active and not serves:
            self._stopped(at_s)
        if own is not None:
            found += self._role(own, unix_s)
            if document.virtual_ip:
                self._holds[own.name] = own.holds_address
                found += self._holder_changed(at_s, unix_s)
        answering = sum(upstream.reachable for upstream in document.upstreams)
        counts = document.host == self._active or not self._active_fresh(at_s)
        if counts and not serves and document.upstreams and answering < QUORUM:
            self._quorum_lost = True
        if serves or not self._active_fresh(at_s):
            found += self._upstreams_changed(document, at_s, unix_s)
        # Hosts that answer, of which none serves: a loss without any silence. (Who calls the twin
        # active excuses a slow answer of it.)
        if not any(host.role == "active" for host in document.tmr_hosts):
            found += self.passed(at_s, unix_s)
        return found

    def happened(self, name: str, data: dict[str, Any], at_s: float, unix_s: float) -> list[Entry]:
        """An event of a host's stream."""
        host = str(data.get("host", ""))
        if name == "phase":
            # The status that is asked for at once tells the term; the event tells the moment.
            if data.get("phase") == "serving" and self._knows(host):
                self._back_s[host] = at_s
            elif host == self._active:
                self._stopped(at_s)
        elif name == "operator" and data.get("outcome") in ("done", "granted", None):
            action = str(data.get("action", ""))
            said = [("who", str(data.get("who", ""))), ("why", str(data.get("why", "")))]
            if action not in ACTIONS:
                said, action = [("action", action), *said], "operator"
            return [Entry(unix_s=unix_s, kind=OPERATOR, host=host, code=action, values=tuple(said))]
        return []

    def passed(self, at_s: float, unix_s: float) -> list[Entry]:
        """Time passed: a loss of service is told once nobody was seen to serve for a while."""
        if self._seen_s is None or self._lost_told or at_s - self._seen_s < NOTICED_S:
            return []
        self._lost_told = True
        self._stopped(at_s)
        return [Entry(unix_s=unix_s, kind=LOST, host=self._active, code="nobody-serves")]

    def _knows(self, name: str) -> bool:
        """Whether this is one of the first HOSTS_MAX hosts; one that lies has ever new names."""
        if name not in self._names and len(self._names) < HOSTS_MAX:
            self._names.add(name)
        return name in self._names

    # --- who serves ---

    def _active_fresh(self, at_s: float) -> bool:
        return self._lost_s is None and self._seen_s is not None and at_s - self._seen_s < NOTICED_S

    def _stopped(self, at_s: float) -> None:
        if self._lost_s is None:
            self._lost_s = at_s

    def _serves(self, host: str, term: int, at_s: float, unix_s: float) -> list[Entry]:
        before, seen_s, lost_s = self._active, self._seen_s, self._lost_s
        told, same_term = self._lost_told, term == self._term or self._term == 0
        quorum_lost, self._quorum_lost = self._quorum_lost, False
        back_s = self._back_s.pop(host, at_s)
        self._active, self._seen_s, self._lost_s, self._lost_told = host, at_s, None, False
        self._term = max(term, self._term)
        if seen_s is None:
            return [Entry(unix_s=unix_s, kind=MONITOR, host=host, term=term, code="serves")]
        if host == before and same_term and not told and lost_s is None:
            return []
        if back_s < seen_s or (lost_s is not None and back_s < lost_s):
            back_s = at_s  # An event of an earlier reign.
        at_least_s = 0.0 if lost_s is None else max(0.0, back_s - lost_s)
        code = "took-over" if host != before else "serves-again"
        return [
            Entry(
                unix_s=unix_s,
                # While fewer than two upstreams answered, no host could have served: no switch.
                kind=OUTAGE if quorum_lost else SWITCH,
                host=host,
                term=self._term,
                code=code,
                values=(("other", before),) if host != before else (),
                at_least_s=round(at_least_s, 3),
                at_most_s=round(max(0.0, back_s - seen_s), 3),
            )
        ]

    # --- everything else ---

    def _role(self, own: HostStatus, unix_s: float) -> Iterator[Entry]:
        before = self._roles.get(own.name)
        self._roles[own.name] = own.role
        if before is not None and before != own.role and "maintenance" in (before, own.role):
            code = "maintained" if own.role == "maintenance" else "maintained-no-more"
            yield Entry(unix_s=unix_s, kind=HOST, host=own.name, code=code)

    def unheard(self, host: str) -> None:
        """A TMR host missed an answer: its last word about the address counts no longer."""
        self._holds.pop(host, None)

    def missed(self, host: str, unix_s: float) -> list[Entry]:
        """A TMR host has not answered for long enough to say so; told once until it answers."""
        before = self._roles.get(host)
        if before is None or before == "silent":
            return []
        self._roles[host] = "silent"
        return [Entry(unix_s=unix_s, kind=HOST, host=host, code="silent")]

    def answers(self, host: str, unix_s: float) -> list[Entry]:
        """A TMR host answers; told if it was silent before."""
        if self._roles.get(host) != "silent":
            return []
        del self._roles[host]
        return [Entry(unix_s=unix_s, kind=HOST, host=host, code="answers")]

    def _upstreams_changed(
        self, document: StatusDocument, at_s: float, unix_s: float
    ) -> Iterator[Entry]:
        """The word of the host that serves counts at once. While none does, two may see it
        differently and would alternate: then a change is told once all that answer agree."""
        for upstream in document.upstreams:
            name, now = upstream.name, upstream.reachable
            if not self._knows(name):
                continue
            views = self._views.setdefault(name, {})
            views[document.host] = now, at_s
            before = self._upstreams.setdefault(name, now)
            if before == now:
                continue
            agreed = all(
                seen == now for seen, seen_s in views.values() if at_s - seen_s <= NOTICED_S
            )
            if not agreed and not self._serving_sees(document):
                continue
            self._upstreams[name] = now
            code = "answers" if now else "lost"
            yield Entry(unix_s=unix_s, kind=UPSTREAM, host=name, code=code)

    def _serving_sees(self, document: StatusDocument) -> bool:
        """Whether this is the word of the host that serves, which is told at once."""
        own = own_row(document)
        return own is not None and own.role == "active"

    def _holder_changed(self, at_s: float, unix_s: float) -> Iterator[Entry]:
        """Who has the virtual IP, by each host's own word. Both or none is told once it lasts: two
        answers are never given at the same moment."""
        holders = sorted(name for name, holds in self._holds.items() if holds)
        if len(holders) == 1:
            self._odd_since_s, self._odd_told = None, False
            before, self._holder = self._holder, holders[0]
            if before not in ("", holders[0]):
                yield Entry(
                    unix_s=unix_s,
                    kind=ADDRESS,
                    host=holders[0],
                    code="address-moved",
                    values=(("other", before),),
                )
            return
        if self._odd_since_s is None:
            self._odd_since_s = at_s
        if at_s - self._odd_since_s > NOTICED_S and not self._odd_told:
            self._odd_told = True
            both = (("hosts", str(listed(holders))),) if holders else ()
            code = "address-twice" if holders else "address-nowhere"
            yield Entry(unix_s=unix_s, kind=ADDRESS, code=code, values=both)


def own_row(document: StatusDocument) -> HostStatus | None:
    """What the answering host says of itself."""
    return next((host for host in document.tmr_hosts if host.name == document.host), None)
