"""The lab of a run: small disks, clocks that can be stepped, many licences of few seats, clients.

    DIR/            the lab, as `appliance.lab.build` makes it; DIR/up1.. are file systems in memory
    DIR/clocks/     one offset a host
    DIR/record/     what clients asked and were told, a file for each of their processes

What can go wrong in here is something that stays behind: `Ground` ends the clients, takes the lab
down and unmounts the disks however the run ends.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

import msgspec

from appliance.client import boot_clock
from appliance.lab import prerequisites
from appliance.lab.build import LabFiles, build, client_name, processes
from appliance.lab.chaos.actor import FINISH_S, Order, Person
from appliance.lab.chaos.facts import Issued
from appliance.lab.chaos.kinds import BUNDLER, LONER, RESERVER, RETURNER, SHARER
from appliance.lab.chaos.records import Follower
from appliance.lab.chaos.records import Product as ProductCodes
from appliance.lab.chaos.workers import CHURNER, HOLDER, PROBER
from appliance.lab.clock_shift import ClockShift
from appliance.lab.disks import SmallDisk, unmount_below
from appliance.lab.hosts import SERVERS, UPSTREAMS
from appliance.lab.licensing import Vendor
from appliance.lab.namespaces import LabNetwork
from appliance.lab.platform import LabRefused, ProcessSpec
from appliance.lab.story.stage import Stage
from appliance.licences.modes import EXCLUSIVE, STATION_SHARE, USER_LIMIT
from appliance.licences.roles import MAIN, OVERFLOW
from appliance.services.central.options import Options, Product

FIRM_CODE: Final = 6_000_010
UNITS: Final = 10_000_000
EPOCH_S: Final = 300.0
LONG_TTL_S: Final = 60
SHORT_TTL_S: Final = 5
SHORT_VALID_S: Final = 15
LINGER_S: Final = 3
PROBERS: Final = 2
PROBER_CLIENTS: Final = tuple(f"cert:{client_name(n + 1)}" for n in range(PROBERS))
HOLDERS: Final = 2
CHURNERS: Final = 8
WORKERS: Final = 2
CHURNED_LICENCES: Final = 3
CHURNED_SEATS: Final = 2
HOLDERS_PRODUCT: Final = 1
SHARED, ALONE, BUNDLED, LINGERING = 2, 3, (4, 5), 6
KINDS_PRODUCTS: Final[dict[int, dict[str, Any]]] = {
    SHARED: {"modes": (STATION_SHARE,)},
    ALONE: {"modes": (USER_LIMIT, EXCLUSIVE), "quantity": 2},
    BUNDLED[0]: {},
    BUNDLED[1]: {"quantity": 3},
    LINGERING: {"linger_s": LINGER_S},
}
"""Those of `kinds`, used for the whole run: no history of theirs is searched."""
OF_EACH_KIND: Final = 2
# keepalived and the process that minds it look at no clock that somebody could set.
CLOCKED: Final = ("upstream", "tmr")
END_MARGIN_S: Final = 30.0


class Sold(NamedTuple):
    """A licence of a run, and whether the histories of its product are checked."""

    product: Product
    checked: bool = True


def sold(epochs: int) -> list[Sold]:
    """All licences: one for the holders, those of modes and several products, and by epoch one a
    prober, some to compete for, and a pool of two."""
    found = [Sold(_product(HOLDERS_PRODUCT, HOLDERS, LONG_TTL_S))]
    for code, options in KINDS_PRODUCTS.items():
        made = _product(code, 1, SHORT_TTL_S, receipt_valid_s=SHORT_VALID_S)
        found.append(Sold(msgspec.structs.replace(made, **options), checked=False))
    for epoch in range(epochs):
        for prober in range(PROBERS):
            found.append(Sold(_product(prober_product(epoch, prober), 1, LONG_TTL_S)))
        for code in churned_products(epoch):
            churned = _product(code, CHURNED_SEATS, SHORT_TTL_S, receipt_valid_s=SHORT_VALID_S)
            found.append(Sold(churned))
        for role in (MAIN, OVERFLOW):
            pooled = _product(
                pool_product(epoch), 1, SHORT_TTL_S, receipt_valid_s=SHORT_VALID_S, role=role
            )
            found.append(Sold(pooled))
    return found


def _product(code: int, quantity: int, lease_ttl_s: int, **options: Any) -> Product:
    made = Product(product_code=code, quantity=quantity, units=UNITS, lease_ttl_s=lease_ttl_s)
    return msgspec.structs.replace(made, **options)


def prober_product(epoch: int, prober: int) -> int:
    """The product code that this prober uses in this epoch."""
    return 100 + 20 * epoch + prober


def churned_products(epoch: int) -> tuple[int, ...]:
    """The product codes that churners compete for in this epoch."""
    return tuple(110 + 20 * epoch + number for number in range(CHURNED_LICENCES))


def pool_product(epoch: int) -> int:
    """The product code of two licences that reservers use in this epoch."""
    return 115 + 20 * epoch


class Ground:
    """The lab while there is chaos: a context manager. Raises LabRefused on entry."""

    def __init__(
        self, directory: Path, lab_id: str, seed: int, duration_s: float, advert_int_s: float
    ) -> None:
        self.files = LabFiles(directory, "network", advert_int_s)
        self.lab = LabNetwork(directory, lab_id)
        self.record = self.files.directory / "record"
        self.issued: tuple[Issued, ...] = ()
        self.clocks: dict[str, ClockShift] = {}
        self.disks = {host.name: SmallDisk(self.files.host(host.name)) for host in UPSTREAMS}
        self.stage: Stage
        self._seed = seed
        self._epochs = int(duration_s / EPOCH_S) + 1
        self._followers: dict[Path, Follower] = {}
        self._read: dict[Path, int] = {}
        self._workers: list[tuple[str, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Self:
        directory = self.files.directory
        if directory.exists():
            raise LabRefused(
                f"{directory} exists: name a directory that does not, because it is removed again."
            )
        prerequisites.check().require()
        try:
            self._build()
            self.lab.up(self._processes())
            self.stage = Stage(self.lab, self.files)
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

    def licensed(self) -> bool:
        """Whether every licence has reached the virtual container."""
        there = [item for item in self.stage.licences() if item.available]
        return len(there) == len(self.issued)

    def store(self, upstream: str) -> Path:
        """An upstream's ledger."""
        return self.files.host(upstream) / "ledger.sqlite"

    # --- clients ---

    def start_clients(self) -> float:
        """Let all clients begin. Gives the instant from which their epochs count."""
        self.record.mkdir()
        start_s = boot_clock()()
        for number, people in enumerate(self._people()):
            name = f"worker{number + 1}"
            order = Order(
                name=name,
                seed=self._seed,
                firm_code=FIRM_CODE,
                start_s=start_s,
                epoch_s=EPOCH_S,
                record=str(self.record / f"{name}.jsonl"),
                people=tuple(people),
            )
            record = Path(order.record)
            record.touch()
            self._followers[record], self._read[record] = Follower(), 0
            path = self.record / f"{name}.json"
            path.write_bytes(msgspec.json.format(msgspec.json.encode(order)))
            argv = [sys.executable, "-m", "appliance.lab.chaos.workers", str(path)]
            with (self.files.logs / f"clients-{name}.log").open("ab") as log:
                worker = subprocess.Popen(
                    self.lab.command("clients", argv),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            self._workers.append((name, worker))
        return start_s

    def dead_clients(self) -> list[str]:
        """The clients' processes that ended although nobody asked them to."""
        return [name for name, worker in self._workers if worker.poll() is not None]

    def unanswered(self, since_s: float) -> list[str]:
        """The probers that have had no answer since this instant."""
        for path, follower in self._followers.items():
            with path.open("rb") as file:
                file.seek(self._read[path])
                data = file.read()
            self._read[path] += len(data)
            follower.feed(data)
        last_s: dict[str, float] = {}
        for follower in self._followers.values():
            last_s.update(follower.answered_s)
        return [client for client in PROBER_CLIENTS if last_s.get(client, 0.0) <= since_s]

    def end_clients(self) -> list[str]:
        """Let all clients finish. Gives those that did not end in order."""
        for _, worker in self._workers:
            worker.send_signal(signal.SIGTERM)
        failed = []
        for name, worker in self._workers:
            try:
                code = worker.wait(FINISH_S + END_MARGIN_S)
            except subprocess.TimeoutExpired:
                worker.kill()
                code = worker.wait()
            if code:
                failed.append(f"{name} ended with {code}")
        self._workers.clear()
        return failed

    def records(self) -> list[tuple[str, bytes]]:
        """What the clients wrote, by process."""
        return [(path.stem, path.read_bytes()) for path in sorted(self.record.glob("*.jsonl"))]

    def _people(self) -> list[list[Person]]:
        epochs = range(self._epochs)
        chosen: list[tuple[str, tuple[tuple[int, ...], ...]]] = []
        for prober in range(PROBERS):
            chosen.append((PROBER, tuple((prober_product(epoch, prober),) for epoch in epochs)))
        chosen += [(HOLDER, ((HOLDERS_PRODUCT,),))] * HOLDERS
        chosen += [(CHURNER, tuple(churned_products(epoch) for epoch in epochs))] * CHURNERS
        kinds: dict[str, tuple[tuple[int, ...], ...]] = {
            SHARER: ((SHARED,),),
            LONER: ((ALONE,),),
            BUNDLER: (BUNDLED,),
            RETURNER: ((LINGERING,),),
            RESERVER: tuple((pool_product(epoch),) for epoch in epochs),
        }
        chosen += [one for one in kinds.items() for _ in range(OF_EACH_KIND)]
        shares: list[list[Person]] = [[] for _ in range(WORKERS)]
        for number, (role, codes) in enumerate(chosen):
            # Probers have names that nobody else uses: by these it is seen who is answered.
            own = number < PROBERS + HOLDERS + CHURNERS
            name = client_name(1 + (number if own else PROBERS + HOLDERS + number % CHURNERS))
            person = Person(
                role=role, client=name, profile=str(self.files.profile(name)), products=codes
            )
            shares[number % WORKERS].append(person)
        return shares

    # --- making and removing ---

    def _build(self) -> None:
        for disk in self.disks.values():
            disk.mount()
        build(self.files)
        vendor = Vendor(self.files)
        vendor.add_firm(FIRM_CODE, "Example Presses")
        issued: list[Issued] = []
        for product, checked in sold(self._epochs):
            codes: ProductCodes = (FIRM_CODE, product.product_code)
            if codes in [one.product for one in issued]:
                options = Options.of(role=product.role)
                issue = vendor.license_again(*codes, options)
            else:
                issue = vendor.license(FIRM_CODE, product)
            quantity, linger_s = product.quantity, product.linger_s
            issued.append(Issued(codes, issue.tmr_id, quantity, UNITS, linger_s, checked))
        self.issued = tuple(issued)

    def _processes(self) -> dict[str, Sequence[ProcessSpec]]:
        directory = self.files.directory / "clocks"
        directory.mkdir()
        self.clocks = {host.name: ClockShift(directory / host.name) for host in SERVERS}
        return {
            host: [
                self.clocks[host].applied_to(spec) if spec.name in CLOCKED else spec
                for spec in specs
            ]
            for host, specs in processes(self.files).items()
        }

    def _remove(self) -> None:
        try:
            for _, worker in self._workers:
                worker.kill()
                worker.wait()
            if hasattr(self, "stage"):
                with contextlib.suppress(Exception):
                    self.stage.close()
        finally:
            self.lab.down()
            unmount_below(self.files.directory)
            shutil.rmtree(self.files.directory, ignore_errors=True)
