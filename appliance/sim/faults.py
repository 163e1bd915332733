"""What goes wrong in a seed's life, when, and how all of it is healed at the end."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from appliance.sim import options as o
from appliance.sim.releases import NEWEST
from appliance.sim.vendor import UPSTREAMS

if TYPE_CHECKING:
    from appliance.sim.cluster import Cluster

FAST_REBOOT_S = 0.03
SLOW_REBOOT_S = 1.5
WRONG_AGAIN = 0.15
FLIP = "flip-memory"
ABSENT = "away for long"
UPGRADE = "other release"
RELEASES_PER_S = 4.0
FULL_S = 1.5


class Faults:
    """Injects faults while `active`; counts them by name."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._rng = cluster.rng
        self._options = cluster.options
        self.active = True
        self.counts: dict[str, int] = {}
        names = [
            name for name in (*o.FAULTS, o.ACCESS) if self._options.weights.get(name, 0.0) > 0.0
        ]
        self._names = names
        self._weights = [self._options.weights[name] for name in names]
        if self._options.faults_per_s and names:
            self._next()
        self._settle_address()
        # Clocks go wrong and are certified by a chance of their own: see `options`.
        self._clock_rng = Random(f"clock faults {self._options.seed}")
        if self._options.certified_per_s:
            self._next_certified()
        # So do absences, long enough for logs to be cut meanwhile.
        self._absent_rng = Random(f"absences {self._options.seed}")
        if self._options.absent_s:
            cluster.at(self._absent_rng.uniform(0.5, 2.0), self._absent)
        # And what disks do to a single upstream.
        self._disk_rng = Random(f"disk faults {self._options.seed}")
        if self._options.full_disk_per_s:
            self._at_rate(self._options.full_disk_per_s, self._fill_disk)
        if self._options.rot_per_s:
            self._at_rate(self._options.rot_per_s, self._rot)
        self._release_rng = Random(f"releases of {self._options.seed}")
        if self._options.releases:
            self._next_release()
        if self._options.flips:
            flips = Random(f"flip of {self._options.seed}")
            at_s = flips.uniform(1.0, self._options.duration_s)
            self._cluster.at(at_s, self._flip, flips.choice(UPSTREAMS))

    def _next(self) -> None:
        self._cluster.at(self._rng.expovariate(self._options.faults_per_s), self._strike)

    def _strike(self) -> None:
        if not self.active:
            return
        name = self._rng.choices(self._names, self._weights)[0]
        self.counts[name] = self.counts.get(name, 0) + 1
        cluster = self._cluster
        cluster.trace.note(cluster.now_s, "fault", name)
        match name:
            case o.CRASH_UPSTREAM:
                self._crash(self._rng.choice(UPSTREAMS))
            case o.CRASH_ON_WRITE:
                self._crash_on_write()
            case o.CRASH_TMR:
                self._crash(self._rng.choice(sorted(cluster.tmrs)))
            case o.CRASH_ALL:
                for host in (*UPSTREAMS, *sorted(cluster.tmrs)):
                    self._crash(host)
            case o.CUT_LINK | o.CUT_HOST:
                self._cut(name == o.CUT_HOST)
            case o.FREEZE:
                host = self._rng.choice((*UPSTREAMS, *sorted(cluster.tmrs)))
                cluster.host(host).freeze(self._rng.expovariate(2.0))
            case o.ADDRESS:
                self._address()
            case o.STEP_CLOCK:
                self._step_clock()
            case o.SLOW_DISK:
                self._slow_disk(self._rng.choice(UPSTREAMS))
            case o.RELEASE:
                cluster.operator.release()
            case o.ACCESS:
                cluster.operator.use_access(self._rng)
            case o.UPDATE:
                cluster.operator.update()
            case o.REPLACE:
                cluster.operator.replace(self._reboot_s())
        self._next()

    def _flip(self, name: str) -> None:
        if self.active:
            self.counts[FLIP] = self.counts.get(FLIP, 0) + 1
            self._cluster.upstreams[name].flip()

    # --- power ---

    def _reboot_s(self) -> float:
        mean_s = FAST_REBOOT_S if self._rng.random() < 0.5 else SLOW_REBOOT_S
        return self._rng.expovariate(1 / mean_s)

    def _crash(self, name: str) -> None:
        host = self._cluster.host(name)
        if host.alive:
            host.crash()
            self._cluster.at(self._reboot_s(), self._reboot, name)

    def _absent(self) -> None:
        """An upstream is away for long, and somebody else is next."""
        if not self.active:
            return
        name, absent_s = self._absent_rng.choice(UPSTREAMS), self._options.absent_s
        upstream = self._cluster.upstreams[name]
        if upstream.alive:
            self.counts[ABSENT] = self.counts.get(ABSENT, 0) + 1
            self._cluster.trace.note(self._cluster.now_s, "fault", f"{name} is {ABSENT}")
            upstream.crash()
            self._cluster.at(absent_s, self._reboot, name)
        self._cluster.at(absent_s + self._absent_rng.uniform(0.0, 1.0), self._absent)

    def _crash_on_write(self) -> None:
        """The next write is cut off by a crash: where promises and acks are most in danger."""
        name = self._rng.choice(UPSTREAMS)
        upstream = self._cluster.upstreams[name]
        if upstream.alive:
            upstream.crash_on_write = True
            self._cluster.at(0.5 + self._reboot_s(), self._reboot, name)

    def _reboot(self, name: str) -> None:
        host = self._cluster.host(name)
        if not host.alive and self.active:
            self._cluster.trace.note(self._cluster.now_s, name, "starts")
            host.start()

    # --- network ---

    def _cut(self, whole_host: bool) -> None:
        rng, cluster = self._rng, self._cluster
        tmr, upstream = rng.choice(sorted(cluster.tmrs)), rng.choice(UPSTREAMS)
        pairs = [(tmr, upstream)]
        if whole_host and rng.random() < 0.5:
            pairs = [(tmr, other) for other in UPSTREAMS]
        elif whole_host:
            pairs = [(other, upstream) for other in sorted(cluster.tmrs)]
        way = rng.choice(("both", "there", "back"))
        for one, other in pairs:
            if way != "back":
                cluster.network.cut(one, other)
            if way != "there":
                cluster.network.cut(other, one)
            cluster.at(rng.expovariate(1.0), cluster.network.heal, one, other)

    # --- the address ---

    def _settle_address(self) -> None:
        """At first one host has the address; after a crash of the holder the other one gets it."""
        cluster = self._cluster
        cluster.at(0.05, cluster.tmrs["tmr1"].address, True)
        cluster.at(0.3, self._watch_address)

    def _watch_address(self) -> None:
        cluster = self._cluster
        if not cluster.holders():
            living = [tmr for tmr in cluster.tmrs.values() if tmr.alive]
            for tmr in cluster.tmrs.values():
                tmr.has_address = tmr.has_address and tmr.alive
            if living:
                self._rng.choice(living).address(True)
        cluster.at(0.3, self._watch_address)

    def _address(self) -> None:
        """VRRP says something late, twice, or contradictory."""
        host = self._rng.choice(sorted(self._cluster.tmrs))
        self._cluster.tmrs[host].address(self._rng.random() < 0.6)

    # --- clocks and disks ---

    def _step_clock(self) -> None:
        """The wrong clock jumps by years, to and fro; right ones by a blink."""
        upstream = self._cluster.upstreams[self._rng.choice(UPSTREAMS)]
        if upstream.wrong_clock:
            years = self._rng.choice((-17, -1, 1, 24))
            upstream.clock_offset_ms = years * 365 * 86_400_000
        else:
            upstream.clock_offset_ms += self._rng.randint(0, 100)

    def _next_certified(self) -> None:
        wait_s = self._clock_rng.expovariate(self._options.certified_per_s)
        self._cluster.at(wait_s, self._certified)

    def _certified(self) -> None:
        """Some container asks a time server; or the wrong clocks go wrong anew, or stand still."""
        if not self.active:
            return
        rng, upstreams = self._clock_rng, self._cluster.upstreams
        wrong = [upstream for upstream in upstreams.values() if upstream.wrong_clock]
        if wrong and rng.random() < WRONG_AGAIN:
            rate, years = rng.choice((0.0, 0.5, 1.0, 3.0)), rng.choice((-17, 0, 1, 24))
            for upstream in wrong:  # Two in one direction, or they would outvote each other.
                upstream.clock_rate = rate
                upstream.clock_offset_ms = years * 365 * 86_400_000
        else:
            upstreams[rng.choice(UPSTREAMS)].certify()
        self._next_certified()

    def _slow_disk(self, name: str) -> None:
        upstream = self._cluster.upstreams[name]
        upstream.disk_s = min(0.2, self._options.disk_s * self._rng.choice((1, 10, 100)))

    def _at_rate(self, per_s: float, fault: Callable[[], None]) -> None:
        self._cluster.at(self._disk_rng.expovariate(per_s), fault)

    def _note_disk(self, fault: str, name: str, what: str) -> None:
        self.counts[fault] = self.counts.get(fault, 0) + 1
        self._cluster.trace.note(self._cluster.now_s, "fault", f"{fault} at {name}{what}")

    def _fill_disk(self) -> None:
        """Something fills an upstream's disk, and somebody makes room after a while."""
        if not self.active:
            return
        name = self._disk_rng.choice(UPSTREAMS)
        upstream = self._cluster.upstreams[name]
        if not upstream.disk_full:
            self._note_disk(o.FULL_DISK, name, "")
            upstream.disk_full = True
            full_s = self._disk_rng.expovariate(1 / FULL_S)
            self._cluster.at(full_s, self._make_room, name)
        self._at_rate(self._options.full_disk_per_s, self._fill_disk)

    def _make_room(self, name: str) -> None:
        upstream = self._cluster.upstreams[name]
        if upstream.disk_full:
            self._cluster.trace.note(self._cluster.now_s, name, "has room on its disk again")
            upstream.disk_full = False

    def _rot(self) -> None:
        """A record goes bad: of a voter of a ledger that has all three, and of one at a time."""
        if not self.active:
            return
        cluster, name = self._cluster, self._disk_rng.choice(UPSTREAMS)
        upstream = cluster.upstreams[name]
        sound = not upstream.unsound and not cluster.unsound_but(name)
        if sound and cluster.oracle.last_index and cluster.operator.replaced:
            what = upstream.disk.rot(self._disk_rng)
            if what:
                self._note_disk(o.BIT_ROT, name, f": {what}")
        self._at_rate(self._options.rot_per_s, self._rot)

    # --- releases ---

    def _next_release(self) -> None:
        self._cluster.at(self._release_rng.expovariate(RELEASES_PER_S), self._other_release)

    def _other_release(self) -> None:
        """A host gets another release, a newer one mostly; or an operator uses what came later."""
        if not self.active:
            return
        rng, cluster = self._release_rng, self._cluster
        if rng.random() < 0.7:
            cluster.operator.use_rules(rng)
        else:
            host = cluster.host(rng.choice((*UPSTREAMS, *sorted(cluster.tmrs))))
            host.rules = min(NEWEST, max(1, host.rules + rng.choice((-1, 1, 1, 1))))
            self.counts[UPGRADE] = self.counts.get(UPGRADE, 0) + 1
            cluster.trace.note(cluster.now_s, host.name, f"gets a release of rules {host.rules}")
            self._crash(host.name)
        self._next_release()

    def _upgrade_all(self) -> None:
        """The upgrade is finished: every host has the newest release."""
        for name in (*UPSTREAMS, *sorted(self._cluster.tmrs)):
            host = self._cluster.host(name)
            if host.rules < NEWEST:
                host.rules = NEWEST
                if host.alive:
                    host.crash()

    # --- the end ---

    def heal(self, *but: str) -> None:
        """Everything works again, and one host has the address; `but` stay off."""
        self.active = False
        cluster = self._cluster
        if self._options.releases:
            self._upgrade_all()
        cluster.trace.note(
            cluster.now_s, "all", "healed" + (f" but {', '.join(but)}" if but else "")
        )
        cluster.network.heal_all()
        for upstream in cluster.upstreams.values():
            upstream.disk_s = self._options.disk_s
            upstream.crash_on_write = upstream.disk_full = False
        for name in (*UPSTREAMS, *sorted(cluster.tmrs)):
            host = cluster.host(name)
            host.frozen_until_s = 0.0
            if name in but:
                if host.alive:
                    host.crash()
                host.life += 1  # Nothing starts it again by itself.
            elif not host.alive:
                host.start()
        holder = self._rng.choice(sorted(name for name in cluster.tmrs if name not in but))
        for name, tmr in cluster.tmrs.items():
            tmr.address(name == holder)
