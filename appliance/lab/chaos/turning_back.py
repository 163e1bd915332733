"""Puts real machines back to an earlier state, as a snapshot of a virtual machine does, and judges.

A *turn* is a lab of its own: clients work, some hosts' disks are copied (stores, containers, what a
TMR host remembers), clients work on, the power fails everywhere, the copies are put back, and all
come up, a witness perhaps later. Then what was committed before is gone from the ledger or is not;
if it is and a witness can prove it, somebody has to say so.

What can go wrong in here is a judge that looks at what hosts say of themselves: so what was lost is
read from the disks, before the copies are put back and at the end.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from appliance.lab.chaos import logs
from appliance.lab.chaos.facts import committed, common
from appliance.lab.chaos.ground import Ground
from appliance.lab.chaos.run import FIRST_WITHIN_S, keep_store, wait_until_licensed
from appliance.lab.chaos.watch import LOST, POLL_S, Watch
from appliance.lab.hosts import SERVERS, TMRS, UPSTREAMS
from appliance.ledger.certificates.proofs import CommitProof
from appliance.ledger.membership.heads import Head, decode_memory
from appliance.sim.gone import Gone
from appliance.sim.putting_back import some_away

NAMED_WITHIN_S: Final = 10.0
"""From when the last host answers again."""
BACK_WITHIN_S: Final = 60.0
"""Until then all five have to answer: a slow machine starts five hosts at once."""
WORK_S: Final = (2.0, 5.0)
AWAY_S: Final = (2.0, 8.0)
TURN_S: Final = 45.0
"""How long a turn takes, about: what `--minutes` is divided by."""

_UPSTREAMS: Final = tuple(host.name for host in UPSTREAMS)
_TMRS: Final = tuple(host.name for host in TMRS)
_ALL: Final = tuple(host.name for host in SERVERS)
_STORE: Final = "ledger.sqlite"


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One turn as it is planned: who is put back, who comes back later by `away_s`, how long
    clients work after the copy, and whether they outlive the power cut, with what they have
    seen."""

    turned: tuple[str, ...]
    away: tuple[str, ...]
    away_s: float
    work_s: float
    clients_live_on: bool


class Turned(msgspec.Struct, frozen=True, kw_only=True):
    """One turn as it went. `committed` entries there were, up to `known` of which a witness could
    prove; the first `kept` of them are in the ledger in the end. `named` is what was said of it,
    `after_s` after the last witness was back; `amiss` what must not be, "" if nothing."""

    turn: Turn
    committed: int
    known: int
    kept: int
    named: tuple[str, ...]
    after_s: float | None
    amiss: str


class TurnsReport(msgspec.Struct, frozen=True, kw_only=True):
    """All turns of a run."""

    seed: int
    minutes: float
    took_s: float
    turns: tuple[Turned, ...]
    violations: tuple[str, ...]


def plan_turns(seed: int, minutes: float) -> tuple[Turn, ...]:
    """The turns of this seed: always the same for the same arguments."""
    rng = random.Random(f"turning back {seed}")
    return tuple(_turn(rng) for _ in range(max(1, round(minutes * 60 / TURN_S))))


def _turn(rng: random.Random) -> Turn:
    two, tmr = tuple(rng.sample(_UPSTREAMS, 2)), rng.choice(_TMRS)
    turned = rng.choice((two, (*two, tmr), (*two, *_TMRS), (two[0], tmr), _UPSTREAMS))
    witnesses = [name for name in _ALL if name not in turned]
    return Turn(
        turned=turned,
        away=some_away(rng, witnesses),
        away_s=round(rng.uniform(*AWAY_S), 1),
        work_s=round(rng.uniform(*WORK_S), 1),
        clients_live_on=rng.random() < 0.5,
    )


def judge_turn(
    truth: Sequence[bytes],
    known: int,
    now: Sequence[bytes],
    named: Sequence[str],
    *,
    others_know: bool,
) -> tuple[int, str]:
    """How many of the `known` committed entries are in the ledger now, and what is amiss. Pure.

    `truth` and `now` are the roots of committed entries before and after. A client that lives on
    may know more than the witnesses (`others_know`), so it may name what is lost beyond them.
    """
    kept = common(truth[:known], now)
    if kept < known and not named:
        return kept, f"a silent loss: entry {known} was committed, {kept} are left, nobody says so"
    lost_at_all = common(truth, now) < len(truth)
    if "ledger-rolled-back" in named and kept == known and not (others_know and lost_at_all):
        return kept, f"a false alarm: all {known} entries that a witness can prove are there"
    return kept, ""


class TurningBack:
    """All turns of a run, one after the other; `directory` must not exist, and is gone after."""

    def __init__(
        self,
        directory: Path,
        lab_id: str,
        seed: int,
        minutes: float,
        keep: Path,
        told: Callable[[str, float], object],
        advert_int_s: float,
    ) -> None:
        """`keep` is where the logs of turns go in which something was amiss."""
        self._directory, self._lab_id = directory, lab_id
        self._seed, self._minutes = seed, minutes
        self._keep = keep.absolute()
        self._told, self._advert_int_s = told, advert_int_s

    def run(self) -> TurnsReport:
        """Play all. Raises LabRefused if the lab cannot be had."""
        began_s = time.monotonic()
        turns = plan_turns(self._seed, self._minutes)
        done = []
        for number, turn in enumerate(turns):
            self._told(f"{', '.join(turn.turned)} put back", number / len(turns))
            done.append(self._play(turn, number))
        return TurnsReport(
            seed=self._seed,
            minutes=self._minutes,
            took_s=round(time.monotonic() - began_s, 1),
            turns=tuple(done),
            violations=tuple(one.amiss for one in done if one.amiss),
        )

    def _play(self, turn: Turn, number: int) -> Turned:
        aside = self._directory.with_name(f"{self._directory.name}-copies")
        shutil.rmtree(aside, ignore_errors=True)
        ground = Ground(self._directory, self._lab_id, self._seed, 0.0, self._advert_int_s)
        try:
            with ground:
                done = _Play(ground, turn, aside).play()
                if done.amiss:
                    kept = self._keep / f"seed-{self._seed}-turn-{number}"
                    shutil.copytree(ground.files.logs, kept, dirs_exist_ok=True)
                    (kept / "turn.json").write_bytes(msgspec.json.format(msgspec.json.encode(done)))
                return done
        finally:
            shutil.rmtree(aside, ignore_errors=True)


class _Play:
    """One turn in a lab that is there."""

    def __init__(self, ground: Ground, turn: Turn, aside: Path) -> None:
        self._ground, self._lab, self._turn, self._aside = ground, ground.lab, turn, aside
        self._watch = Watch(ground)

    def play(self) -> Turned:
        turn = self._turn
        amiss = self._watch.wait_until_whole(FIRST_WITHIN_S) or wait_until_licensed(self._ground)
        if amiss:
            amiss = f"the lab did not come up: {amiss}"
            return Turned(
                turn=turn, committed=0, known=0, kept=0, named=(), after_s=None, amiss=amiss
            )
        self._ground.start_clients()
        time.sleep(turn.work_s)
        for host in turn.turned:
            self._lab.freeze(host)
            shutil.copytree(self._ground.files.host(host), self._aside / host, ignore=_specials)
            self._lab.thaw(host)
        time.sleep(turn.work_s)
        for host in _ALL:
            self._lab.power_cut(host)
        if not turn.clients_live_on:
            self._ground.end_clients()
        truth = self._roots("truth")
        known = Gone(truth).known_by(self._proofs())
        for host in turn.turned:
            _put_back(self._aside / host, self._ground.files.host(host))
        for host in _ALL:
            if host not in turn.away:
                self._lab.boot(host)
        if turn.away:
            time.sleep(turn.away_s)
            for host in turn.away:
                self._lab.boot(host)
        silent = self._wait_for_all()
        named, after_s = self._wait_for_names()
        for host in _ALL:
            self._lab.power_cut(host)
        now = self._roots("now")
        kept, amiss = judge_turn(truth, known, now, named, others_know=turn.clients_live_on)
        return Turned(
            turn=turn,
            committed=len(truth),
            known=known,
            kept=kept,
            named=named,
            after_s=after_s,
            amiss=silent or amiss,
        )

    # --- what the disks hold ---

    def _roots(self, name: str) -> tuple[bytes, ...]:
        """The roots of all that is committed by what the three disks hold, read from copies."""
        stores = []
        for host in _UPSTREAMS:
            keep_store(self._ground.store(host), self._aside / name / host)
            stores.append((host, self._aside / name / host / _STORE))
        root = self._ground.files.root_certificate().read_bytes()
        _, replicas = logs.read_stores(stores, root)
        best, count = committed(replicas)
        return next((one.roots[:count] for one in replicas if one.host == best), ())

    def _proofs(self) -> Iterator[Head | CommitProof | None]:
        """The newest proof of a commit that each host holds that is not put back."""
        for host in set(_ALL) - set(self._turn.turned):
            if host in _UPSTREAMS:
                yield logs.proof_of(self._aside / "truth" / host / _STORE, host)
            else:
                path = self._ground.files.host(host) / "memory"
                yield decode_memory(path.read_bytes()).head if path.exists() else None

    # --- what is said ---

    def _wait_for_all(self) -> str:
        """Until both TMR hosts answer and reach all upstreams; else what is missing."""
        until_s = time.monotonic() + BACK_WITHIN_S
        while time.monotonic() < until_s:
            statuses = self._ground.stage.statuses().values()
            if len(statuses) == len(_TMRS) and all(
                up.reachable for status in statuses for up in status.upstreams
            ):
                return ""
            time.sleep(POLL_S)
        return f"not all hosts answer {BACK_WITHIN_S:g} s after they were started"

    def _wait_for_names(self) -> tuple[tuple[str, ...], float | None]:
        """What is said of a loss within the time for it, and how long that took. Waits that time
        out if nothing is: it may be that nothing is lost."""
        back_s = time.monotonic()
        while time.monotonic() < back_s + NAMED_WITHIN_S:
            said = {
                finding.code
                for status in self._ground.stage.statuses().values()
                for finding in status.findings
                if finding.code in LOST
            }
            if said:
                return tuple(sorted(said)), round(time.monotonic() - back_s, 1)
            time.sleep(POLL_S)
        return (), None


def _put_back(copy: Path, disk: Path) -> None:
    """The host is off. Its disk may be a mount, so the files in it are replaced."""
    for path in list(disk.rglob("*")):
        if path.is_file():
            path.unlink()
    shutil.copytree(copy, disk, dirs_exist_ok=True)


def _specials(directory: str, names: list[str]) -> list[str]:
    """Sockets and pipes, which no copy of a disk brings back."""
    paths = [(name, Path(directory) / name) for name in names]
    return [name for name, path in paths if not (path.is_file() or path.is_dir())]
