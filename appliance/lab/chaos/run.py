"""A run from the first check-out to the verdict.

The lab is made, clients begin, the schedule's rounds are struck and healed, clients finish, the
upstreams stop, and the judge looks at what clients wrote down and at what the disks hold. If it
finds something, everything that tells why is kept.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from appliance.adapters.store.archive import archive_path
from appliance.adapters.store.database import StoreFailed
from appliance.client import ClientError, boot_clock
from appliance.lab.chaos import logs, report
from appliance.lab.chaos.facts import Facts, Issued
from appliance.lab.chaos.faults import Injector
from appliance.lab.chaos.ground import PROBER_CLIENTS, Ground
from appliance.lab.chaos.judge import Judgement, judge
from appliance.lab.chaos.records import gather
from appliance.lab.chaos.report import Report, Struck
from appliance.lab.chaos.schedule import Round, Schedule, plan
from appliance.lab.chaos.watch import Supervisor, Watch
from appliance.lab.hosts import TMRS, UPSTREAMS
from appliance.ledger.log.book import ChainBroken

WHOLE_WITHIN_S: Final = 45.0
"""How long after a healing the system may take to be whole again. Five hosts that boot at once on
two cores need some seconds for starting Python alone; more than this is stuck."""
ADVERT_INT_S: Final = 0.3
"""As in production."""
FIRST_WITHIN_S: Final = 120.0
OVERRUN_S: Final = 600.0
"""A machine that recovers slowly gets this much more time for all rounds, and no more."""
REST_S: Final = 1.0
"""A moment in which nothing is wrong, also where rounds are late: each has its own table line."""
UPDATE_S: Final = 3.0
WARM_UP_S: Final = 2.0
DURATION_MARGIN: Final = 1.5

Teller = Callable[[str, float], object]
"""Hears what happens, and which share of the run is over (0 to 1)."""


@dataclass(slots=True)
class _Course:
    """What happened so far."""

    schedule: Schedule
    struck: list[Struck] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    diagnosis: str = ""
    level: int = 0


class Chaos:
    """One run in a lab of its own; `directory` must not exist, and is gone afterwards."""

    def __init__(
        self,
        directory: Path,
        lab_id: str,
        seed: int,
        minutes: float,
        keep: Path,
        told: Teller = lambda _what, _share: None,
        advert_int_s: float = ADVERT_INT_S,
    ) -> None:
        """`keep` is where a failed run's record goes, in a directory of its own."""
        self._keep = keep.absolute()
        self._told = told
        self._now = boot_clock()
        self._course = _Course(plan(seed, minutes))
        self._ground = Ground(directory, lab_id, seed, minutes * 60 * DURATION_MARGIN, advert_int_s)

    def run(self) -> Report:
        """Do it all. Raises LabRefused if the lab cannot be had."""
        schedule, course = self._course.schedule, self._course
        began_s = time.monotonic()
        with self._ground as ground:
            watch = Watch(ground)
            self._told("waiting for the five hosts and their licences", 0.0)
            self._first(watch)
            with Supervisor(ground) as supervisor:
                injector = Injector(ground, watch)
                start_s = ground.start_clients()
                time.sleep(WARM_UP_S)
                enough_s = start_s + WARM_UP_S + schedule.minutes * 60 + OVERRUN_S
                for number, planned in enumerate(schedule.rounds):
                    if self._now() > enough_s:
                        break
                    share = number / len(schedule.rounds)
                    self._sleep_until(start_s + WARM_UP_S + planned.at_s)
                    self._round(planned, injector, watch, share)
                    time.sleep(REST_S)
                    dead = ground.dead_clients()
                    course.violations += [f"{name} ended in the middle of it" for name in dead]
                    if course.violations:
                        injector.heal_everything()
                        break
                self._told("clients finish", 1.0)
                course.violations += ground.end_clients()
                self._last(watch)
                course.violations += [f"a false alarm: {what}" for what in sorted(watch.alarms)]
                restarts = supervisor.restarts
            return self._verdict(restarts, time.monotonic() - began_s)

    # --- the rounds ---

    def _first(self, watch: Watch) -> None:
        amiss = watch.wait_until_whole(FIRST_WITHIN_S) or wait_until_licensed(self._ground)
        if amiss:
            self._course.violations.append(f"the lab did not come up: {amiss}")
            self._course.diagnosis = watch.diagnosis()

    def _round(self, planned: Round, injector: Injector, watch: Watch, share: float) -> None:
        course = self._course
        strikes = []
        for strike in planned.strikes:
            why_not = injector.reason_to_skip(strike)
            if why_not:
                course.skipped[strike.kind] = why_not
            else:
                strikes.append((strike, injector.meant(strike.hosts)))
        if not strikes:
            return
        faults = tuple(
            " ".join(filter(None, (s.kind, s.how, str(s.amount or ""), "on", ",".join(hosts))))
            for s, hosts in strikes
        )
        self._told(" and ".join(faults), share)
        struck_s = self._now()
        for strike, hosts in strikes:
            injector.strike(strike, hosts)
        self._sleep_until(struck_s + planned.hold_s)
        for strike, hosts in strikes:
            injector.heal(strike, hosts)
        healed_s = self._now()
        amiss = watch.wait_until_whole(WHOLE_WITHIN_S, healed_s)
        kind = str(strikes[0][0].kind) if len(strikes) == 1 else planned.name
        course.struck.append(
            Struck(
                kind=kind,
                faults=faults,
                struck_s=struck_s,
                healed_s=healed_s,
                whole_s=None if amiss else self._now(),
            )
        )
        if amiss:
            course.diagnosis = watch.diagnosis()
            course.violations.append(
                f"stuck: {WHOLE_WITHIN_S:.0f} s after {' and '.join(faults)} was healed, {amiss}"
            )

    def _sleep_until(self, instant_s: float) -> None:
        time.sleep(max(0.0, instant_s - self._now()))

    def _last(self, watch: Watch) -> None:
        """Everybody has what was committed: only then the disks are compared."""
        amiss = watch.wait_until_whole(WHOLE_WITHIN_S)
        if not amiss:
            self._course.level = watch.level
        elif not self._course.violations:
            self._course.diagnosis = watch.diagnosis()
            self._course.violations.append(f"stuck at the end: {amiss}")

    # --- the verdict ---

    def _verdict(self, restarts: int, took_s: float) -> Report:
        ground, course = self._ground, self._course
        self._told("the judge reads three disks", 1.0)
        for host in TMRS:
            ground.lab.stop(host.name, "tmr")
        for host in UPSTREAMS:
            ground.lab.stop(host.name, "upstream")
        files = ground.records()
        records = gather(files)
        found = Judgement(violations=list(course.violations))
        root = ground.files.root_certificate().read_bytes()
        stores = [(host.name, ground.store(host.name)) for host in UPSTREAMS]
        entries = 0
        try:
            log, replicas = logs.read_stores(stores, root)
            entries = len(log.entries)
            facts = Facts(
                records, ground.issued, log, tuple(replicas), _wall_ms(), self._course.level
            )
            judged = judge(facts, lambda what: self._told(f"the judge looks at {what}", 1.0))
            judged.violations[:0] = found.violations
            found = judged
        except (StoreFailed, ChainBroken) as error:
            found.found(f"a disk cannot be read: {error}")
        found.violations += self._tracebacks()
        made = report.report(
            seed=course.schedule.seed,
            minutes=course.schedule.minutes,
            took_s=took_s,
            planned=len(course.schedule.rounds),
            struck=course.struck,
            skipped=course.skipped,
            restarts=restarts,
            entries=entries,
            answered_s=report.answers_of(records, PROBER_CLIENTS),
            judgement=found,
            record="",
        )
        return self._kept(made) if made.violations else made

    def _tracebacks(self) -> list[str]:
        """A service that ends says why in one sentence; a traceback is a mistake of ours."""
        found = []
        for path in sorted(self._ground.files.logs.glob("*.log")):
            if "Traceback (most recent call last)" in path.read_text(errors="replace"):
                found.append(f"there is a traceback in {path.name}")
        return found

    def _kept(self, made: Report) -> Report:
        """Keep what is needed to look into it: report, records, logs, disks, diagnosis."""
        ground = self._ground
        directory = self._free_directory()
        shutil.copytree(ground.record, directory / "record")
        shutil.copytree(ground.files.logs, directory / "logs")
        shutil.copy(ground.files.root_certificate(), directory / "root.der")
        for host in UPSTREAMS:
            keep_store(ground.files.host(host.name) / "ledger.sqlite", directory / host.name)
        made = msgspec.structs.replace(made, record=str(directory))
        for name, document in (
            ("report.json", made),
            ("schedule.json", self._course.schedule),
            ("issued.json", ground.issued),
        ):
            (directory / name).write_bytes(msgspec.json.format(msgspec.json.encode(document)))
        if self._course.diagnosis:
            (directory / "diagnosis.txt").write_text(self._course.diagnosis)
        return made

    def _free_directory(self) -> Path:
        seed = self._course.schedule.seed
        for number in range(1, 10_000):
            directory = self._keep / (f"seed-{seed}" if number == 1 else f"seed-{seed}-{number}")
            try:
                directory.mkdir(parents=True)
                return directory
            except FileExistsError:
                continue
        raise FileExistsError(f"{self._keep} is full of records")


def wait_until_licensed(ground: Ground) -> str:
    """Wait until every licence has arrived; else gives what is amiss.

    An upstream offers one update of its container after the other.
    """
    until_s = time.monotonic() + FIRST_WITHIN_S + UPDATE_S * len(ground.issued)
    while time.monotonic() < until_s:
        with contextlib.suppress(ClientError):
            if ground.licensed():
                return ""
        time.sleep(0.1)
    return "the licences have not arrived"


def keep_store(store: Path, directory: Path) -> None:
    """Copy a store that nobody uses, with its mark and its archive, into this new directory."""
    directory.mkdir(parents=True)
    for path in store.parent.glob(f"{store.name}*"):
        shutil.copy(path, directory / path.name)
    if archive_path(store).is_dir():
        shutil.copytree(archive_path(store), archive_path(directory / store.name))


def judge_again(directory: Path) -> Judgement:
    """Judge a kept record anew. Raises OSError, StoreFailed, ChainBroken."""
    issued = msgspec.json.decode((directory / "issued.json").read_bytes(), type=tuple[Issued, ...])
    files = [(p.stem, p.read_bytes()) for p in sorted((directory / "record").glob("*.jsonl"))]
    stores = [(host.name, directory / host.name / "ledger.sqlite") for host in UPSTREAMS]
    log, replicas = logs.read_stores(stores, (directory / "root.der").read_bytes())
    return judge(Facts(gather(files), issued, log, tuple(replicas), _wall_ms()))


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
