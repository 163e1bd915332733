"""Scenarios as text: a few plain sentences, and the transcript of what follows from them.

A scenario file is a list of commands, one a line; lines below a command that start with `  | ` are
what happened while it was carried out, and are compared to the letter. `#` starts a comment. The
network is quick, quiet and in order, so that nothing happens but what is written:

    HOST gets the address / HOST loses the address
    crash HOST / start HOST / freeze HOST MS
    cut ONE OTHER / cut ONE > OTHER / heal ONE OTHER
    the disk of HOST hangs / the disk of HOST works
    the disk of HOST is full / the disk of HOST has room
    the disk of HOST is copied / the disk of HOST is put back
                                    the host is off; put back, it is as it was when it was copied
    entry N of HOST's log rots      it is not what was written, whenever it is read
    client NAME gives up            it repeats its request no more
    client NAME checks out [FC] / consumes N / beats / checks in / renews
    drop KIND from HOST             messages of that kind from there are lost from now on
    drop nothing
    delay KIND from HOST N ms       they arrive so late, whatever happened to their link meanwhile
    delay nothing
    begin                           tmr1 serves, all licences are there; nothing of that is told
    the clock of HOST is N years ahead / behind
    HOST learns block list N naming OTHER
                                    its container gets the vendors' Nth list; OTHER may be nobody
    HOST gets certified time        its clock is right again, and the ledger is shown the token
    HOST's log is backed up / all of HOST's log is backed up
                                    as far as it is proven, or as if all of it were
    all disks are lost              everybody is off; the new stores wait for a restore
    all disks are copied / all disks are put back
                                    at one moment; put back, everybody is off, and the ledger is
                                    as it was then
    an operator accepts the loss    of entries that were committed, at whoever has the address
    the backup is restored at HOST  an operator says so there; at all of them with "all"
    the vendor confirms the units   in the ledger that there is now
    HOST gets a release of rules N  it restarts with a release that knows these rules
    rules N are raised              an operator asks for it at whoever has the address
    rules                           what each host knows, and which are in force by its log
    times                           log time and each clock, by how much they are wrong
    run N ms
    log                             each replica's log and who serves

What can go wrong in here: a transcript that shows chance; so terms are shown by counter and host.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from appliance.ledger.invariants import InvariantViolation
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.log.book import Book
from appliance.ledger.replica.surroundings import Retention
from appliance.sim.clients import SimClient, Wish
from appliance.sim.cluster import Cluster
from appliance.sim.history import CHECK_OUT, HEARTBEAT, NOT_LINEARIZABLE, check
from appliance.sim.options import Options
from appliance.sim.putting_back import PuttingBack
from appliance.sim.restores import Restorer
from appliance.sim.trace import ROUTINE, Event, commands_of, words
from appliance.sim.upstream_host import UpstreamHost
from appliance.sim.vendor import FIRM_A, PRODUCT, block_list

MARK = "  | "
RIGHT_MS = 5_000
YEAR_MS = 365 * 86_400_000
LOG_SHOWN = 4
"""How many entries of a log are shown, the newest."""

_TERM = re.compile(r"\b(\d+)\.(tmr\d)\.[0-9a-f]{4}\b")
_ROOT = re.compile(r"(\d+) [0-9a-f]{6}(?![0-9a-f])")
_KEPT = ("promise", "adopted", "refused", "entry", "told")


class ScriptError(Exception):
    """A line of a scenario that means nothing."""


class Script:
    """Plays the commands of one scenario.

    `options` are those of its cluster; `every` and `keep` are its `retention`'s.
    """

    def __init__(self, **options: Any) -> None:
        retention = Retention(options.pop("every", 0), options.pop("keep", 0))
        plain = Options(seed=1, clients=0, kept=0.0, lease_ttl_s=60, retention=retention)
        self.cluster = Cluster(replace(plain, **options))
        self._commands: list[tuple[re.Pattern[str], Callable[..., None]]] = [
            (re.compile(pattern), action)
            for pattern, action in (
                (r"(tmr[12]) (gets|loses) the address", self._address),
                (r"crash (\w+)", self._crash),
                (r"start (\w+)", self._start),
                (r"freeze (\w+) (\d+) ms", self._freeze),
                (r"cut (\w+) (>)? ?(\w+)", self._cut),
                (r"heal (\w+) (\w+)", self._heal),
                (r"the disk of (\w+) (hangs|works)", self._disk),
                (r"the disk of (\w+) (is full|has room)", self._fill),
                (r"the disk of (\w+) is (copied|put back)", self._image),
                (r"entry (\d+) of (\w+)'s log rots", self._rot),
                (
                    r"client (\w+) (checks out|renews|beats|checks in|consumes)(?: (\d+))?",
                    self._ask,
                ),
                (r"client (\w+) gives up", self._give_up),
                (r"drop (\w+) from (\w+)", self._drop),
                (r"drop nothing", self._drop),
                (r"delay (\w+) from (\w+) (\d+) ms", self._delay),
                (r"delay nothing", self._delay),
                (r"the clock of (\w+) is (\d+) years (ahead|behind)", self._clock),
                (r"(\w+) gets certified time", self._certify),
                (r"(\w+) learns block list (\d+) naming (\w+)", self._learn),
                (r"(all of )?(\w+)'s log is backed up", self._back_up),
                (r"all disks are lost", self._lose),
                (r"all disks are (copied|put back)", self._images_of_all),
                (r"an operator accepts the loss", self._accept),
                (r"the backup is restored at (\w+)", self._restore),
                (r"the vendor confirms the units", self._confirm),
                (r"(\w+) gets a release of rules (\d+)", self._release),
                (r"rules (\d+) are raised", self._raise),
                (r"rules", self._rules),
                (r"times", self._times),
                (r"run (\d+) ms", self._run),
                (r"log", self._log),
                (r"begin", self._begin),
            )
        ]
        self._lines: list[str] = []
        self._restorer = Restorer(self.cluster)
        self._putting_back = PuttingBack(self.cluster)
        self._images: dict[str, dict[str, object]] = {}

    def play(self, line: str) -> list[str]:
        """Carry out one command and give its transcript. Raises ScriptError, InvariantViolation."""
        self._lines = []
        for pattern, action in self._commands:
            match = pattern.fullmatch(line)
            if match:
                try:
                    action(*match.groups())
                except KeyError as error:
                    raise ScriptError(f"there is no host {error} as in {line!r}") from error
                return self._transcript() + self._lines
        raise ScriptError(f"this line means nothing: {line!r}")

    def finish(self) -> None:
        """The clients' history must fit. Raises InvariantViolation."""
        cluster = self.cluster
        cluster.history.settle(cluster.oracle.effective_s)
        for calls in cluster.history.calls.values():
            if check(calls).word == NOT_LINEARIZABLE:
                raise InvariantViolation("no order of the calls explains their answers")

    def _transcript(self) -> list[str]:
        return [text for event in self.cluster.trace.take() if (text := _telling(event))]

    # --- commands ---

    def _address(self, host: str, verb: str) -> None:
        self.cluster.tmrs[host].address(verb == "gets")

    def _crash(self, host: str) -> None:
        for name in self._hosts(host):
            if self.cluster.host(name).alive:
                self.cluster.host(name).crash()

    def _start(self, host: str) -> None:
        for name in self._hosts(host):
            if not self.cluster.host(name).alive:
                self.cluster.host(name).start()

    def _hosts(self, host: str) -> list[str]:
        every = [*self.cluster.upstreams, *self.cluster.tmrs]
        if host != "all" and host not in every:
            raise ScriptError(f"there is no host {host}")
        return every if host == "all" else [host]

    def _freeze(self, host: str, ms: str) -> None:
        self.cluster.host(host).freeze(int(ms) / 1000)

    def _cut(self, one: str, way: str | None, other: str) -> None:
        self.cluster.network.cut(one, other)
        if way is None:
            self.cluster.network.cut(other, one)

    def _heal(self, one: str, other: str) -> None:
        self.cluster.network.heal(one, other)

    def _disk(self, host: str, verb: str) -> None:
        self.cluster.upstreams[host].disk_hangs = verb == "hangs"

    def _fill(self, host: str, how: str) -> None:
        self.cluster.upstreams[host].disk_full = how == "is full"

    def _image(self, host: str, how: str) -> None:
        upstream = self.cluster.upstreams[host]
        if upstream.alive:
            raise ScriptError(f"{host} is on: crash it first")
        if how == "copied":
            self._images[host] = upstream.disk.image()
        else:
            upstream.disk.put_back(self._images[host])

    def _images_of_all(self, how: str) -> None:
        if how == "copied":
            self._putting_back.copy()
        else:
            self.finish()
            self._putting_back.put_back()

    def _accept(self) -> None:
        self.cluster.operator.accept_loss()

    def _rot(self, index: str, host: str) -> None:
        disk = self.cluster.upstreams[host].disk
        if not disk.base_index < int(index) <= len(disk.entries):
            raise ScriptError(f"there is no entry {index} in the log of {host}")
        disk.bad_entry = int(index)

    def _clock(self, host: str, years: str, way: str) -> None:
        upstreams = self.cluster.upstreams
        upstream = upstreams[host]
        # Of one wrong clock the oracle demands that it has no effect; two promise nothing.
        upstream.wrong_clock = not any(other.clock_offset_ms for other in upstreams.values())
        upstream.clock_offset_ms = int(years) * YEAR_MS * (1 if way == "ahead" else -1)

    def _certify(self, host: str) -> None:
        self.cluster.upstreams[host].certify()

    def _learn(self, host: str, number: str, named: str) -> None:
        upstreams = self.cluster.upstreams
        lost = {} if named == "nobody" else {upstreams[named].container.serial: "lost"}
        upstreams[host].container.block_list = block_list(int(number), lost)

    def _back_up(self, unproven: str | None, host: str) -> None:
        self._lines.append(self._restorer.take(host, unproven=unproven is not None))

    def _lose(self) -> None:
        self.finish()
        self._restorer.lose()

    def _restore(self, host: str) -> None:
        names = self.cluster.upstreams if host == "all" else [host]
        self._restorer.restore(names)

    def _confirm(self) -> None:
        self._restorer.confirm()

    def _release(self, name: str, rules: str) -> None:
        host = self.cluster.host(name)
        host.rules = int(rules)
        self._crash(name)
        self._start(name)

    def _raise(self, version: str) -> None:
        self.cluster.operator.raise_rules(int(version))

    def _rules(self) -> None:
        for name, upstream in self.cluster.upstreams.items():
            self._lines.append(_rules_line(name, upstream))
        for name, tmr in self.cluster.tmrs.items():
            why = tmr.coordinator.rules.out_of_date if tmr.coordinator is not None else ""
            self._lines.append(f"{name}: knows {tmr.rules}" + (f"; {why}" if why else ""))

    def _times(self) -> None:
        true_ms = self.cluster.start_unix_ms + int(self.cluster.now_s * 1000)
        for name, tmr in self.cluster.tmrs.items():
            if tmr.coordinator is not None and tmr.coordinator.serving:
                self._lines.append(_years(f"log time ({name})", tmr.coordinator.book, true_ms))
        for name, upstream in self.cluster.upstreams.items():
            if upstream.alive:
                self._lines.append(_years(name, upstream, true_ms))

    def _drop(self, kind: str = "", host: str = "") -> None:
        self.cluster.network.dropped = {host: kind} if kind else {}

    def _delay(self, kind: str = "", host: str = "", ms: str = "0") -> None:
        self.cluster.network.delayed = {host: (kind, int(ms) / 1000)} if kind else {}

    def _run(self, ms: str) -> None:
        self.cluster.run(self.cluster.now_s + int(ms) / 1000)

    def _ask(self, name: str, verb: str, number: str | None) -> None:
        client = self.cluster.clients.get(name)
        if client is None:
            client = self.cluster.clients[name] = SimClient(self.cluster, name, lively=False)
            client.finishing = True
        held = client.held
        if verb == "checks out":
            client.check_out((int(number or FIRM_A), PRODUCT))
        elif held is None:
            raise ScriptError(f"{name} holds no lease")
        elif verb == "consumes":
            client.consume(int(number or 1))
        elif verb == "checks in":
            client.check_in()
        else:
            kind = HEARTBEAT if verb == "beats" else CHECK_OUT
            client.ask(Wish(kind, held.lease, held.product, held.generation))

    def _begin(self) -> None:
        """tmr1 serves, all licences are imported; nothing of that is told."""
        self._address("tmr1", "gets")
        self._run("1500")
        self.cluster.trace.take()

    def _give_up(self, name: str) -> None:
        self.cluster.clients[name].give_up()

    def _log(self) -> None:
        for name, upstream in self.cluster.upstreams.items():
            self._lines.append(_log_line(name, upstream))
        for name, tmr in self.cluster.tmrs.items():
            phase = tmr.coordinator.phase if tmr.coordinator else "off"
            self._lines.append(f"{name}: {phase}")
            if tmr.coordinator is not None:
                self._lines += _losses(name, tmr.coordinator)
            for upstream in self.cluster.upstreams.values():
                store = upstream.disk.store.id
                back = tmr.coordinator.put_back.get(store) if tmr.coordinator else None
                if back is not None:
                    self._lines.append(
                        f"{name}: the disk of {back.place} was put back: it signed entry"
                        f" {back.signed_index}, which {back.known_by} holds"
                    )


def _losses(name: str, core: Coordinator) -> Iterator[str]:
    """What a TMR host says of entries that are lost."""
    loss, found = core.book.state.loss, core.heads.found
    if loss.key:
        taken = ", as an operator knows" if loss.accepted > loss.entry else ""
        yield (
            f"{name}: the ledger was put back: entry {loss.index} is lost, as entry {loss.entry}"
            f" says, with {loss.units} units{taken}"
        )
    if found is not None:
        yield f"{name}: the ledger was put back: it lacks entry {found.head.index}"


def _rules_line(name: str, upstream: UpstreamHost) -> str:
    replica = upstream.replica
    if replica is None:
        return f"{name}: off"
    why = f"; {replica.out_of_date}" if replica.out_of_date else ""
    return f"{name}: knows {upstream.rules}, rules {replica.book.state.rules} are in force{why}"


def _years(what: str, clock: UpstreamHost | Book, true_ms: int) -> str:
    ms = clock.system_ms() if isinstance(clock, UpstreamHost) else clock.log_time_ms
    wrong_ms = ms - true_ms
    if abs(wrong_ms) < RIGHT_MS:
        return f"{what}: right"
    if abs(wrong_ms) < YEAR_MS:
        return f"{what}: {round(wrong_ms, -4) // 1000:+d} s"
    return f"{what}: {round(wrong_ms / YEAR_MS):+d} years"


def _telling(event: Event) -> str:
    """An event that belongs into a transcript, "" for one that does not."""
    if isinstance(event.what, ROUTINE):
        return ""
    text = words(event.what)
    kept = isinstance(event.what, str) or text.startswith(_KEPT)
    if not kept or (event.who.startswith("tmr") and ">" in event.who):
        return ""
    return f"{event.who}: {_plain(text)}"


def _plain(text: str) -> str:
    return _ROOT.sub(r"\1", _TERM.sub(r"\1.\2", text)).replace("0..0000", "none")


def _log_line(name: str, upstream: UpstreamHost) -> str:
    disk, replica = upstream.disk, upstream.replica
    told = []
    for entry in disk.entries[max(disk.base_index, len(disk.entries) - LOG_SHOWN) :]:
        told.append(f"{entry.index} {commands_of(entry.body)}")
    state = "off" if replica is None else f"committed {replica.book.commit_index}"
    state = "damaged" if upstream.damage else state
    if disk.base_index:
        told.insert(0, f"(up to {disk.base_index} gone)")
    return _plain(f"{name}: {' '.join(told) or 'empty'}; adopted in {disk.adopted}; {state}")


def play(text: str) -> str:
    """A scenario's text with the transcript that playing it gives. Raises ScriptError."""
    script: Script | None = None
    out: list[str] = []
    for line in _without_transcript(text.splitlines()):
        out.append(line)
        command = line.partition("#")[0].strip()
        if not command:
            continue
        if command.startswith("options "):
            pairs = (pair.partition("=") for pair in command.split()[1:])
            script = Script(**{key: int(value) for key, _, value in pairs})
            continue
        script = script or Script()
        out += [MARK + told for told in script.play(command)]
    if script is not None:
        script.finish()
    return "\n".join(out) + "\n"


def _without_transcript(lines: Iterable[str]) -> list[str]:
    return [line for line in lines if not line.startswith(MARK)]
