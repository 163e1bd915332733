"""`tmr bench catchup`: what clients see while an upstream that was away catches up.

The upstream is off while clients make the log longer, is switched on again, and gets what it lacks,
by entries as long as the active host has them in memory. All the while clients ask without pause. A
pause is the time between two answers that one client gets, so it can be compared with those of a
whole system and of two upstreams of three: whoever catches up is to cost nobody more than a batch
does. If the TMR hosts start anew meanwhile, nobody has old entries in memory, as after an absence
of days: what is lacking comes from the other upstreams' disks, or as a snapshot of one of them.

What can go wrong in here is to blame the ledger for the machine: all hosts share its processors,
and a host that starts and catches up uses one. So the same is measured beside a process that only
computes, too.
"""

from __future__ import annotations

import subprocess
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import msgspec

from appliance.codec.api import UpstreamStatus
from appliance.lab.bench.figures import Spread, spread
from appliance.lab.bench.ground import Computer, Ground, machine
from appliance.lab.bench.load_clients import LoadClients
from appliance.lab.hosts import UPSTREAMS, twin_of
from appliance.lab.inside import Inside
from appliance.lab.processes import now_s
from appliance.lab.story.stage import Stage, require

AWAY = UPSTREAMS[-1].name
LAG_MAX = 2
"""Entries that a following upstream may be behind, since those of this moment are on their way."""
QUIET_S = 5.0
MOUNT_S = 60.0
# A log grows by some hundred entries a second here; this is no aim, but a bound.
ENTRY_MAX_S = 0.2
CATCH_UP_MAX_S = 300.0
Progress = Callable[[str], None]


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    """One absence. `lacked` entries were made meanwhile; `by_snapshot` says how they came.

    From switching on, the upstream was back in step after `took_s`, of which it was reachable for
    `reachable_s`. Pauses are of all clients together, in seconds; `beside` are those of two of
    three beside a process that only computes.
    """

    lacked: int
    by_snapshot: bool
    took_s: float
    reachable_s: float
    whole: Spread
    without: Spread
    beside: Spread
    starting: Spread
    catching_up: Spread


class CatchUp(msgspec.Struct, frozen=True, kw_only=True):
    """What `tmr bench catchup --json` prints."""

    machine: Computer
    clients: int
    requests: int
    failed_requests: int
    errors: tuple[str, ...]
    absences: tuple[Absence, ...]


def pauses(answered_at_s: Sequence[float], from_s: float, to_s: float) -> list[float]:
    """The times between two answers to one client, as far as they lie between two instants.

    `answered_at_s` is ascending. What was being waited for at an end counts from or up to it.
    """
    first, last = bisect_left(answered_at_s, from_s), bisect_left(answered_at_s, to_s)
    at_s = [from_s, *answered_at_s[first:last], to_s]
    return [after_s - before_s for before_s, after_s in pairwise(at_s)]


def measure(
    directory: Path,
    absences: Sequence[int],
    clients: int,
    lab_id: str,
    told: Progress,
    anew: bool = False,
) -> CatchUp:
    """One absence after the other, each at least so many entries long.

    With `anew`, both TMR hosts end and start again in each.

    Raises StoryFailed or ClientError if one cannot be measured.
    """
    with Ground(directory, "network", lab_id) as ground:
        stage = ground.stage
        with Inside("load", stage.namespace("clients")) as field:
            load_clients = LoadClients()
            field.call(load_clients.mount(stage.files, clients), MOUNT_S)
            try:
                done = tuple(
                    _absence(stage, field, load_clients, count, told, anew) for count in absences
                )
            finally:
                field.call(load_clients.dismount(), MOUNT_S)
            failures = load_clients.failures()
            return CatchUp(
                machine=machine(),
                clients=clients,
                requests=sum(load_client.asked for load_client in load_clients.all),
                failed_requests=len(failures),
                errors=tuple(sorted(set(failures)))[:3],
                absences=done,
            )


def _absence(
    stage: Stage, field: Inside, load_clients: LoadClients, entries: int, told: Progress, anew: bool
) -> Absence:
    stage.wait_until_whole()
    field.call(load_clients.hurry())
    whole_s = _quiet(stage)
    stage.lab.power_cut(AWAY)
    stage.wait_for(f"{AWAY} to be missed", lambda: not _row(stage).reachable)
    had = _row(stage).last_index
    cut_s = now_s()
    stage.wait_for(
        f"{entries} entries", lambda: _row(stage).lag >= entries, QUIET_S + ENTRY_MAX_S * entries
    )
    without_s = (cut_s, now_s())
    with _computing():
        beside_s = _quiet(stage)
    lacked = _row(stage).lag
    if anew:
        active = stage.active()
        for host in (twin_of(active).name, active):
            _start_anew(stage, host)
    snapshots = _taken_over(stage)
    before_s = now_s()
    stage.lab.boot(AWAY)
    stage.wait_for(f"{AWAY} to answer", lambda: _row(stage).reachable, CATCH_UP_MAX_S)
    reachable_s = now_s()
    stage.wait_for(f"{AWAY} to be in step", lambda: _in_step(stage, had), CATCH_UP_MAX_S)
    level_s = now_s()
    field.call(load_clients.rest())
    answers = [list(load_client.answered_at_s) for load_client in load_clients.all]
    took_s = level_s - before_s
    told(f"{lacked} entries: {took_s:.2f} s")
    return Absence(
        lacked=lacked,
        by_snapshot=_taken_over(stage) > snapshots,
        took_s=round(took_s, 3),
        reachable_s=round(level_s - reachable_s, 3),
        whole=_spread(answers, *whole_s),
        without=_spread(answers, *without_s),
        beside=_spread(answers, *beside_s),
        starting=_spread(answers, before_s, reachable_s),
        catching_up=_spread(answers, reachable_s, level_s),
    )


def _start_anew(stage: Stage, host: str) -> None:
    """End and start this TMR host's server, and wait until it follows the other."""
    stage.lab.stop(host, "tmr")
    stage.lab.start(host, "tmr")

    def follows() -> bool:
        own, active = stage.status_of(host), stage.status_of(stage.active())
        if own is None or active is None or active.host == host:
            return False
        return own.commit_index >= active.commit_index - LAG_MAX

    stage.wait_for(f"{host} to follow", follows, CATCH_UP_MAX_S)


def _quiet(stage: Stage) -> tuple[float, float]:
    """A few seconds of a whole system under load."""
    from_s = now_s()
    stage.wait_for("a quiet while", lambda: now_s() - from_s >= QUIET_S, 2 * QUIET_S)
    return from_s, now_s()


@contextmanager
def _computing() -> Iterator[None]:
    """Another process uses one processor meanwhile."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        try:
            yield
        finally:
            process.kill()


def _row(stage: Stage) -> UpstreamStatus:
    """The upstream as the active host sees it."""
    status = stage.status_of(stage.active())
    require(status is not None, "the active host does not answer")
    assert status is not None
    return next(row for row in status.upstreams if row.name == AWAY)


def _in_step(stage: Stage, had: int) -> bool:
    row = _row(stage)
    level = row.phase == "following" and row.lag <= LAG_MAX
    return row.reachable and level and row.last_index > had


def _taken_over(stage: Stage) -> int:
    """How many snapshots the upstream took over so far, by its own log."""
    log = (stage.files.logs / f"{AWAY}-upstream.log").read_text()
    return log.count("snapshot taken over: index=")


def _spread(answers: Sequence[Sequence[float]], from_s: float, to_s: float) -> Spread:
    found = spread(pause for one in answers for pause in pauses(one, from_s, to_s))
    assert found is not None
    return found
