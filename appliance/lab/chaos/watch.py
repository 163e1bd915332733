"""Looks at the five hosts from outside: is all as it was before the fault, and if not, why not?"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Collection, Mapping
from typing import Final

from appliance.codec.api import StatusDocument
from appliance.lab.chaos.ground import Ground
from appliance.lab.hosts import SERVERS, TMRS
from appliance.lab.platform import LabRefused

POLL_S: Final = 0.05
RESTART_AFTER_S: Final = 1.0
LOOKS: Final = 2
LOG_LINES: Final = 25
LOST: Final = frozenset(("ledger-rolled-back", "disk-put-back"))
"""The problems that say that committed entries are gone."""


def alarms_in(statuses: Mapping[str, StatusDocument], codes: Collection[str]) -> set[str]:
    """Which of these problems TMR hosts tell of, each with its host."""
    return {
        f"{name} says {finding.cause}"
        for name, status in statuses.items()
        for finding in status.findings
        if finding.code in codes
    }


class Watch:
    """The outside view of a lab."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.level = 0
        """How many entries were committed when all was well the last time."""
        self.alarms: set[str] = set()
        """What was said of lost entries, in any moment: here no disk is ever put back."""

    def active(self) -> str:
        """The TMR host that serves; "" if none or both do."""
        stage = self._ground.stage
        serving = [name for name, s in stage.statuses().items() if s.phase == "serving"]
        return serving[0] if len(serving) == 1 else ""

    def amiss(self) -> str:
        """What is not as it should be, in words; "" if the system is whole."""
        ground, stage = self._ground, self._ground.stage
        for host in SERVERS:
            dead = [p.name for p in ground.lab.processes(host.name) if not p.alive]
            if dead:
                return f"{host.name} has no process {', '.join(dead)}"
        statuses = stage.statuses()
        self.alarms |= alarms_in(statuses, LOST)
        if len(statuses) != len(TMRS):
            silent = [host.name for host in TMRS if host.name not in statuses]
            return f"{' and '.join(silent)} answers nothing"
        serving = [name for name, status in statuses.items() if status.phase == "serving"]
        if len(serving) != 1:
            phases = ", ".join(f"{name} is {s.phase}" for name, s in statuses.items())
            return f"{len(serving)} hosts serve ({phases})"
        status = statuses[serving[0]]
        for up in status.upstreams:
            if not up.reachable or up.lag:
                return f"{up.name} is {'behind' if up.reachable else 'not reached'}"
        roles = {host.role for host in status.tmr_hosts}
        if roles != {"active", "passive"}:
            return f"the TMR hosts are {' and '.join(sorted(roles))}"
        holders = stage.holders_of_address()
        if holders != serving:
            return f"{serving[0]} serves, and the address is on {' and '.join(holders) or 'none'}"
        self.level = max(self.level, status.commit_index)
        return ""

    def wait_until_whole(self, within_s: float, clients_since_s: float | None = None) -> str:
        """Wait for `amiss` to become ""; else gives what is amiss when the time is over.

        A moment in which all looks well does not count: it has to look well twice. With
        `clients_since_s` the clients that probe must have been answered since, too.
        """
        until_s = time.monotonic() + within_s
        well = 0
        while True:
            try:
                amiss = self.amiss()
                if not amiss and clients_since_s is not None:
                    silent = self._ground.unanswered(clients_since_s)
                    amiss = f"{' and '.join(silent)} waits for an answer" if silent else ""
            except LabRefused as error:
                amiss = str(error)
            well = 0 if amiss else well + 1
            if well >= LOOKS:
                return ""
            if time.monotonic() > until_s:
                return amiss
            time.sleep(POLL_S)

    def diagnosis(self) -> str:
        """Everything that tells why the system is stuck, for people."""
        ground, stage = self._ground, self._ground.stage
        lines = [f"amiss: {self.amiss() or 'nothing'}"]
        state = ground.lab.state()
        for host in SERVERS:
            entry = state.hosts[host.name]
            alive = {p.name: p.alive for p in ground.lab.processes(host.name)}
            lines.append(
                f"{host.name}: powered={entry.powered} cut={entry.cut} frozen={entry.frozen}"
                f" alive={alive}"
            )
        lines.append(f"blocks: {state.blocks}")
        lines.append(f"address: {stage.holders_of_address()}")
        for name, status in stage.statuses().items():
            lines.append(f"{name}: {status}")
        for path in sorted(ground.files.logs.glob("*.log")):
            tail = path.read_text(errors="replace").splitlines()[-LOG_LINES:]
            lines += [f"--- {path.name}", *tail]
        return "\n".join(lines) + "\n"


class Supervisor:
    """Starts again what ended by itself, as systemd does on a real host: a context manager."""

    def __init__(self, ground: Ground) -> None:
        self._lab = ground.lab
        self._over = threading.Event()
        self._dead_since: dict[tuple[str, str], float] = {}
        self.restarts = 0
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    def __enter__(self) -> Supervisor:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """What ends from now on stays so."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(RESTART_AFTER_S / 4):
            for host in SERVERS:
                # A host that loses power this very moment is no longer there to be looked after.
                with contextlib.suppress(LabRefused):
                    self._look(host.name)

    def _look(self, host: str) -> None:
        entry = self._lab.state().hosts[host]
        if not entry.powered or entry.frozen:
            return
        now_s = time.monotonic()
        for process in self._lab.processes(host):
            key = (host, process.name)
            if process.alive:
                self._dead_since.pop(key, None)
            elif now_s - self._dead_since.setdefault(key, now_s) >= RESTART_AFTER_S:
                self._lab.start(host, process.name)
                self._dead_since.pop(key, None)
                self.restarts += 1
