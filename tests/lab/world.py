"""A network lab with licences, ten held leases and clients that never stop asking.

What the fault and attack tests share. Every fault is injected `under_load`: a prober renews a lease
without pause and a consumer takes units and counts what was acknowledged. Afterwards the lab is
mended, and what must always hold is checked against the clients' own record (design section 3).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from appliance.client import (
    AsyncClient,
    AsyncLease,
    ClientError,
    LeaseState,
    Refused,
    load_profile,
)
from appliance.codec.api import HolderDocument, LeaseDocument, LicenceDocument
from appliance.lab import processes as lab_processes
from appliance.lab.build import LabFiles, build, client_name, processes
from appliance.lab.chaos.watch import LOST, alarms_in
from appliance.lab.hosts import SERVERS, TMRS, UPSTREAMS, twin_of
from appliance.lab.inside import Inside
from appliance.lab.licensing import Vendor
from appliance.lab.namespaces import LabNetwork
from appliance.lab.platform import ProcessSpec
from appliance.lab.story.crowd import Interruption, Member, Prober
from appliance.lab.story.stage import PRESSES, ROBOTS, SEATS, Firm, Stage
from appliance.services.central.options import Product
from tests.lab.conftest import unique_lab_id

UNITS = 100_000
MANY_SEATS = 1_000_000
LEASE_TTL_S = 20
LONG_TTL_S = 3600
PAUSE_S = 0.01
ANSWERS_AFTER = 50
WITHIN_S = 45.0
NO_LOSS = (*LOST, "two-systems")
"""Problems that no honest failover, replacement or restore leads to."""


@dataclass(slots=True)
class Load:
    """What the clients went through while a fault was there, by their own record."""

    prober: Prober
    consumer: asyncio.Task[None] | None = None
    acknowledged: int = 0
    retried: int = 0
    seen: Interruption | None = None

    @property
    def interruption(self) -> Interruption:
        """What the prober saw; known once the load is over."""
        assert self.seen is not None
        return self.seen


class World:
    """The lab of one test module: a context manager."""

    def __init__(
        self,
        directory: Path,
        upstreams: dict[str, int] | None = None,
        tmrs: dict[str, int] | None = None,
        more: Sequence[tuple[Firm, Product]] = (),
    ) -> None:
        """Numbers to be changed in each upstream's and in each TMR host's settings; `more` are
        licences beside the usual ones."""
        self._more = more
        self._upstreams = upstreams or {}
        self._tmrs = tmrs or {}
        self.files = LabFiles(directory, "network")
        self.lab = LabNetwork(directory, unique_lab_id())
        self.stage: Stage
        self.granted: list[tuple[str, str, int]] = []
        self.units_taken = 0
        self.loses = False
        """Whether a test puts disks back; else whoever says that entries are lost is wrong."""
        self._alarms: set[str] = set()

    def __enter__(self) -> Self:
        try:
            build(self.files)
            for upstream in UPSTREAMS:
                path = self.files.host(upstream.name) / "upstream.toml"
                settings = path.read_text("utf-8")
                for name, number in self._upstreams.items():
                    settings, changed = re.subn(
                        rf"(?m)^{name} = .*$", f"{name} = {number}", settings
                    )
                    assert changed == 1, name
                path.write_text(settings, "utf-8")
            for tmr in TMRS:
                path = self.files.host(tmr.name) / "tmr.toml"
                settings = path.read_text("utf-8")
                for name, number in self._tmrs.items():
                    settings, changed = re.subn(rf"\b{name} = \d+", f"{name} = {number}", settings)
                    assert changed == 1, name
                path.write_text(settings, "utf-8")
            self._license()
            self.lab.up(self.processes())
            self.stage = Stage(self.lab, self.files)
            self.wait_until_whole()
            licences = 2 + len(self._more)
            self.wait_for("all licences", lambda: len(self._available()) >= licences)
            self._check_out_ten()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._remove()
        if error is None and not self.loses:
            assert self._alarms == set(), "nothing was lost, and no host was copied"

    def _remove(self) -> None:
        try:
            if hasattr(self, "stage"):
                self.stage.close()
        finally:
            self.lab.down()

    def processes(self) -> dict[str, list[ProcessSpec]]:
        """What each host runs."""
        return processes(self.files)

    def vendor(self) -> Vendor:
        """Who issues to the three containers, which no process has open yet."""
        return Vendor(self.files)

    def _license(self) -> None:
        """Ten seats of one firm and as good as endless ones of another, in all three containers."""
        vendor = self.vendor()
        products = (
            (
                PRESSES,
                Product(product_code=1, quantity=SEATS, units=UNITS, lease_ttl_s=LEASE_TTL_S),
            ),
            (
                ROBOTS,
                Product(product_code=7, quantity=MANY_SEATS, units=UNITS, lease_ttl_s=LONG_TTL_S),
            ),
            *self._more,
        )
        for firm, product in products:
            vendor.add_firm(firm.code, firm.name)
            vendor.license(firm.code, product)

    def _check_out_ten(self) -> None:
        crowd, clients = self.stage.crowd, self.stage.clients
        for number in range(1, SEATS + 1):
            name = client_name(number)
            clients.call(crowd.join(name, self.files.profile(name)))
        clients.call(crowd.check_out_all(PRESSES.code, PRESSES.product))
        assert [member.refusal for member in crowd.members] == [""] * SEATS
        self.granted = self.presses_leases()
        assert len(self.granted) == SEATS

    # --- looking ---

    def wait_for(self, what: str, look: Callable[[], object]) -> None:
        """Wait for a condition, generously. Raises StoryFailed naming it."""
        self.stage.wait_for(what, look, WITHIN_S)

    def settled(self) -> str:
        """The host that serves, holds the address and has a passive twin; "" unless all is well."""
        stage = self.stage
        statuses = stage.statuses()
        self._alarms |= alarms_in(statuses, NO_LOSS)
        serving = [name for name, status in statuses.items() if status.phase == "serving"]
        if len(statuses) != len(TMRS) or len(serving) != 1:
            return ""
        status = statuses[serving[0]]
        level = all(up.reachable and up.lag == 0 for up in status.upstreams)
        roles = {host.role for host in status.tmr_hosts} == {"active", "passive"}
        return serving[0] if level and roles and stage.holders_of_address() == serving else ""

    def wait_until_whole(self) -> str:
        """Wait until one host serves and holds the address, and nobody lags; gives its name."""
        found: str = self.stage.wait_for(
            "one active host with the address, a passive one, and three level upstreams",
            self.settled,
            WITHIN_S,
        )
        return found

    def leases(self) -> list[LeaseDocument]:
        """Every lease, as the ledger has it (behind a fence)."""
        return self.stage.leases()

    def presses_leases(self) -> list[tuple[str, str, int]]:
        """Client, id and grant of each lease of the ten-seat licence."""
        return sorted(
            (lease.client, lease.lease_id, lease.generation)
            for lease in self.leases()
            if lease.firm_code == PRESSES.code
        )

    def licence(self, firm_code: int) -> LicenceDocument:
        """One firm's licence as the virtual container shows it."""
        return next(item for item in self.stage.licences() if item.firm_code == firm_code)

    def _available(self) -> list[LicenceDocument]:
        with contextlib.suppress(ClientError):
            return [item for item in self.stage.licences() if item.available]
        return []

    def log(self, host: str, process: str) -> str:
        """What a process printed so far."""
        return (self.files.logs / f"{host}-{process}.log").read_text()

    def pid(self, host: str, process: str) -> int:
        """The process id of one of the host's processes."""
        return next(p.pid for p in self.lab.processes(host) if p.name == process)

    def pids_of(self, host: str, program: str) -> set[int]:
        """Every process of that program in the host's network."""
        found = set()
        for pid in lab_processes.pids_in_namespace(self.lab.namespace(host)):
            with contextlib.suppress(OSError):
                if Path(f"/proc/{pid}/comm").read_text().strip() == program:
                    found.add(pid)
        return found

    def inside(self, host: str) -> Inside:
        """An event loop in a host's network."""
        return Inside(host, self.lab.namespace(host))

    # --- faults ---

    @staticmethod
    def kill(pids: set[int]) -> None:
        """SIGKILL, without a last word by a child whose parent died first."""
        for number in (signal.SIGSTOP, signal.SIGKILL):
            lab_processes.signal_all(pids, number)

    def mend(self) -> None:
        """Power, cables, thaw and processes: undo whatever was done to the lab."""
        for host in SERVERS:
            state = self.lab.state()
            entry = state.hosts[host.name]
            if entry.frozen:
                self.lab.thaw(host.name)
            blocked = any(host.name in (block.source, block.target) for block in state.blocks)
            if entry.cut or blocked:
                self.lab.heal(host.name)
            if not entry.powered:
                self.lab.boot(host.name)
            for spec in entry.processes:
                self.lab.start(host.name, spec.name)

    # --- load ---

    @contextlib.contextmanager
    def under_load(self) -> Iterator[Load]:
        """Clients ask without pause; at the end all is mended, awaited and checked."""
        clients = self.stage.clients
        load: Load = clients.call(self._start_load())
        try:
            yield load
            self.mend()
            self.wait_until_whole()
            enough = load.prober.answered + ANSWERS_AFTER
            self.wait_for("more answers", lambda: load.prober.answered >= enough)
        finally:
            # A test that failed must not make all that follow fail for it.
            self.mend()
            load.seen = clients.call(self._stop_load(load))
            self.units_taken += load.acknowledged
        self.check()

    async def _start_load(self) -> Load:
        prober = Prober(self.stage.crowd.members[0].client, ROBOTS.code, ROBOTS.product)
        load = Load(prober)
        await prober.start()
        lease = self._lease_of(self.stage.crowd.members[1])
        load.consumer = asyncio.get_running_loop().create_task(_consume(lease, load))
        return load

    async def _stop_load(self, load: Load) -> Interruption:
        assert load.consumer is not None
        load.consumer.cancel()
        await asyncio.gather(load.consumer, return_exceptions=True)
        # What the cancelled request took is not known before it is repeated.
        lease = self._lease_of(self.stage.crowd.members[1])
        unfinished = lease.unfinished
        if unfinished is not None:
            await lease.settle()
            load.acknowledged += unfinished[1]
        return await load.prober.stop()

    @staticmethod
    def _lease_of(member: Member) -> AsyncLease:
        assert member.lease is not None
        return member.lease

    # --- what must always hold ---

    def check(self) -> None:
        """Seats, grants, units, receipts and clients are as the clients' record says."""
        stage = self.stage
        assert self.presses_leases() == self.granted
        licence = self.licence(PRESSES.code)
        assert (licence.in_use, licence.quantity) == (SEATS, SEATS)
        assert licence.units_left == UNITS - self.units_taken
        assert stage.clients.call(self._eleventh()) == "no-seat-free"
        assert stage.clients.call(self._renewed()) == [grant for _, _, grant in self.granted]
        assert stage.crowd.lost() == []
        stage.clients.call(stage.crowd.all_in_state(LeaseState.HELD), WITHIN_S)
        for path in self.files.logs.glob("*.log"):
            assert "Traceback" not in path.read_text(), path.name

    async def _eleventh(self) -> str:
        """Why somebody else gets no seat: a doubled one would show here."""
        client = self.stage.crowd.members[2].client
        try:
            await client.lease(PRESSES.code, PRESSES.product).check_out()
        except Refused as refused:
            return refused.reason
        return "granted"

    async def _renewed(self) -> list[int]:
        """The grants that fresh receipts are about; a receipt that does not verify raises."""
        grants = {}
        for member in self.stage.crowd.members:
            lease = self._lease_of(member)
            again = member.client.lease(
                lease.firm_code,
                lease.product_code,
                holder=holder_of(member.name),
                lease_id=lease.lease_id,
                secret=lease.secret,
            )
            grant = await again.check_out()
            await again.abandon()
            grants[f"cert:{member.name}", lease.lease_id] = grant.generation
        return [grants[client, lease_id] for client, lease_id, _ in self.granted]

    def operator(self) -> AsyncClient:
        """A client with an operator's certificate; to be used in the clients' loop."""
        return load_profile(self.files.profile("operate")).async_client()

    def twin(self, host: str) -> str:
        """The other TMR host."""
        return twin_of(host).name


def holder_of(name: str) -> HolderDocument:
    """How the crowd's clients name themselves: a repeated request must not differ."""
    return HolderDocument(user=name, host="press-line", application="story")


async def _consume(lease: AsyncLease, load: Load) -> None:
    """Take unit after unit, counting what was acknowledged; what is unknown is settled first."""
    while True:
        try:
            if lease.unfinished is not None:
                load.retried += 1
                await lease.settle()
            else:
                await lease.consume(1)
            load.acknowledged += 1
        except ClientError:
            await asyncio.sleep(10 * PAUSE_S)
        await asyncio.sleep(PAUSE_S)
