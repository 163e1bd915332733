"""Does to the lab what the schedule says, and undoes it.

"active" and "passive" are looked up when a round begins: the same schedule meets another host if
the fault before it moved the service. What was really struck is part of the report.
"""

from __future__ import annotations

import contextlib
import subprocess
import time
from pathlib import Path
from typing import Final

from appliance.lab import prerequisites, processes
from appliance.lab.chaos.ground import Ground
from appliance.lab.chaos.schedule import FaultKind, Strike
from appliance.lab.chaos.watch import POLL_S, Watch
from appliance.lab.hosts import SERVERS, UPSTREAMS, twin_of
from appliance.lab.namespaces import INTERFACE

FREEZES: Final = (FaultKind.FREEZE_UPSTREAM, FaultKind.FREEZE_TWO, FaultKind.FREEZE_ACTIVE)
CUTS: Final = (FaultKind.CUT_UPSTREAM, FaultKind.CUT_ACTIVE)
DISKS: Final = (FaultKind.DISK_FULL, FaultKind.DISKS_FULL)
EVERYBODY: Final = "all"
FRESH_S: Final = 20.0


class Injector:
    """The hand that breaks and mends."""

    def __init__(self, ground: Ground, watch: Watch) -> None:
        self._ground = ground
        self._lab = ground.lab
        self._watch = watch
        self.slow_links = self._netem()

    def reason_to_skip(self, strike: Strike) -> str:
        """Why this fault cannot be had here; "" if it can."""
        if strike.kind is FaultKind.SLOW_LINK and not self.slow_links:
            return "this kernel has no netem"
        return ""

    def meant(self, hosts: tuple[str, ...]) -> tuple[str, ...]:
        """The names behind "active" and "passive" at this moment."""
        active = self._watch.active() or "tmr1"
        names = {"active": active, "passive": twin_of(active).name}
        return tuple(names.get(host, host) for host in hosts)

    def strike(self, strike: Strike, hosts: tuple[str, ...]) -> None:
        """Inject one fault on these hosts. Raises LabRefused."""
        lab, kind = self._lab, strike.kind
        if kind in FREEZES:
            for host in hosts:
                lab.freeze(host)
        elif kind in CUTS:
            for host in hosts:
                lab.cut(host)
        elif kind is FaultKind.ONE_WAY:
            source, target = hosts
            lab.block(source, None if target == EVERYBODY else target, "all")
        elif kind is FaultKind.VRRP_CUT:
            one, other = hosts
            lab.block(one, other, "vrrp")
            lab.block(other, one, "vrrp")
        elif kind in DISKS:
            self._fill(hosts, live=strike.how == "live")
        elif kind is FaultKind.CLOCK_STEP:
            for host in hosts:
                self._ground.clocks[host].set(strike.amount)
        elif kind is FaultKind.RESTART:
            self._restart(hosts[0], *strike.how.split())
        elif kind is FaultKind.SLOW_LINK:
            for host in hosts:
                self._slow(host, strike.amount)
        else:
            for host in hosts:
                lab.power_cut(host)

    def heal(self, strike: Strike, hosts: tuple[str, ...]) -> None:
        """Undo one fault. A restarted process is the supervisor's to bring back."""
        lab, kind = self._lab, strike.kind
        if kind in FREEZES:
            for host in hosts:
                lab.thaw(host)
        elif kind in CUTS or kind in (FaultKind.ONE_WAY, FaultKind.VRRP_CUT):
            for host in hosts:
                if host != EVERYBODY:
                    lab.heal(host)
        elif kind in DISKS:
            for host in hosts:
                self._ground.disks[host].free()
        elif kind is FaultKind.CLOCK_STEP:
            for host in hosts:
                self._ground.clocks[host].set(0)
        elif kind is FaultKind.SLOW_LINK:
            for host in hosts:
                self._tc(host, "del")
        elif kind is not FaultKind.RESTART:
            for host in hosts:
                lab.boot(host)

    def heal_everything(self) -> None:
        """After a failure in the middle of a round: whatever may be broken is mended."""
        for disk in self._ground.disks.values():
            disk.free()
        for clock in self._ground.clocks.values():
            clock.set(0)
        for host in SERVERS:
            entry = self._lab.state().hosts[host.name]
            if not entry.powered:
                self._lab.boot(host.name)
            self._lab.thaw(host.name)
            self._lab.heal(host.name)

    # --- single faults ---

    def _fill(self, hosts: tuple[str, ...], *, live: bool) -> None:
        """SQLite writes over its write-ahead log again and again: only a new one needs room."""
        disks = self._ground.disks
        for host in hosts:
            if not live:
                disks[host].fill()
            self._lab.stop(host, "upstream")
            self._lab.start(host, "upstream")
        if live:
            for host in hosts:
                self._wait_for_store(host)
                disks[host].fill()

    def _wait_for_store(self, host: str) -> None:
        """Until the restarted upstream stores again: its new write-ahead log has begun."""
        log = Path(f"{self._ground.store(host)}-wal")
        until_s = time.monotonic() + FRESH_S
        while time.monotonic() < until_s:
            with contextlib.suppress(OSError):
                if log.stat().st_size:
                    return
            time.sleep(POLL_S)

    def _restart(self, host: str, process: str, signal: str) -> None:
        if process == "keepalived":
            self._kill_keepalived(host)
        else:
            self._lab.stop(host, process, kill=signal == "kill")

    def _kill_keepalived(self, host: str) -> None:
        """All of its processes at once: the parent must not clean up after a child."""

        def find() -> list[int]:
            found = []
            for pid in processes.pids_in_namespace(self._lab.namespace(host)):
                with contextlib.suppress(OSError):
                    if Path(f"/proc/{pid}/comm").read_text().strip() == "keepalived":
                        found.append(pid)
            return found

        # It is started again at once, so kill what is there now, and not whatever comes.
        pids = find()
        processes.stop_all(lambda: pids)
        processes.signal_all(pids, 9)

    # --- slow links ---

    def _slow(self, host: str, delay_ms: int) -> None:
        jitter_ms = max(1, delay_ms // 4)
        self._tc(host, "add", "netem", "delay", f"{delay_ms}ms", f"{jitter_ms}ms")

    def _tc(self, host: str, act: str, *what: str) -> bool:
        tc = prerequisites.find("tc")
        if tc is None:
            return False
        argv = self._lab.command(host, [tc, "qdisc", act, "dev", INTERFACE, "root", *what])
        done = subprocess.run(argv, capture_output=True, check=False, timeout=30)
        return done.returncode == 0

    def _netem(self) -> bool:
        """Whether this kernel can delay frames: tried where nobody is disturbed."""
        there = self._tc("vendors", "add", "netem", "delay", "1ms")
        if there:
            self._tc("vendors", "del")
        return there


ALL_UPSTREAMS: Final = tuple(host.name for host in UPSTREAMS)
