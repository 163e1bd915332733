"""What one more licence of a firm costs, as licences grow: to issue, to import, in the ledger.

No lab and no network: a License Central with a database, three containers and the licence machine
of one host, in this process, with real signatures and on a real disk. Licences are issued one by
one, so the n-th stands behind n - 1 updates, too; their products take turns.
"""

from __future__ import annotations

import secrets
import shutil
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from appliance.adapters.container_home import ContainerHome
from appliance.adapters.machines import machine_of
from appliance.codec.request_files import Purpose, Wanted, firm_audience
from appliance.lab.bench.ground import FIRM_CODE, Machine, machine
from appliance.lab.hosts import UPSTREAMS
from appliance.licences.commands import Found, ImportUpdate
from appliance.licences.state import State
from appliance.services.central import LicenseCentral, Product
from appliance.services.central.issued import IssuedUpdate
from appliance.services.upstream.container import Content

PRODUCTS: Final = 3
SAMPLES: Final = 20
"""So many licences are issued for each figure, which is their median."""
ORDER: Final = "bench"
START_MS: Final = 1_700_000_000_000


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What one licence costs, in milliseconds: as long as it takes, disk and all, and of that the
    time of the processor. To issue it is one act of License Central. To import it is what the three
    upstreams do with their files, one after the other; in the ledger, what one host does with the
    three entries."""

    licences: int
    issue_ms: float
    issue_cpu_ms: float
    import_ms: float
    import_cpu_ms: float
    ledger_ms: float
    ledger_cpu_ms: float


class LicenceCost(msgspec.Struct, frozen=True, kw_only=True):
    """What the next licence costs with so many there already. The growths are what it costs in the
    last row by what it costs in the first."""

    machine: Machine
    levels: tuple[Cost, ...]
    issue_growth: float
    import_growth: float
    ledger_growth: float


class _Took(NamedTuple):
    wall_s: float
    cpu_s: float


class _Bench:
    """A vendor, its customer's three containers, and one host's copy of their ledger."""

    def __init__(self, directory: Path) -> None:
        self.central = LicenseCentral.create(directory / "central")
        self.central.add_firm(FIRM_CODE, "Bench")
        for code in range(1, PRODUCTS + 1):
            self.central.add_product(FIRM_CODE, Product(product_code=code, quantity=10))
        root = self.central.root.certificate
        self.homes = {
            up.name: ContainerHome.create(
                directory / up.name, secrets.SystemRandom(), up.name, root_certificate=root
            )
            for up in UPSTREAMS
        }
        self.machine = machine_of(root)
        self.state = State()
        stores = tuple((up.name, secrets.token_bytes(32)) for up in UPSTREAMS)
        self.machine.apply(self.state, Found(secrets.token_bytes(16), "131-1", stores), START_MS)
        self.licences = 0

    def one_more(self) -> tuple[_Took, _Took, _Took]:
        """One more licence: what it took to issue, to import, and in the ledger."""
        wanted = [
            Wanted(Purpose.ORDER, firm_audience(FIRM_CODE), secrets.token_bytes(16), ORDER)
            for _ in self.homes
        ]
        requests = [
            home.request(one) for home, one in zip(self.homes.values(), wanted, strict=True)
        ]
        product_code = 1 + self.licences % PRODUCTS
        updates: list[IssuedUpdate] = []
        issued = _took(
            lambda: updates.extend(
                self.central.issue(FIRM_CODE, product_code, requests, order=ORDER).updates
            )
        )
        by_serial = {update.serial: update.data for update in updates}
        files = {name: by_serial[home.serial] for name, home in self.homes.items()}
        imported = _took(lambda: self._import(files))
        applied = _took(lambda: self._apply(files))
        self.licences += 1
        assert len(self.state.items) == self.licences, "two containers hold each of them"
        return issued, imported, applied

    def _import(self, files: dict[str, bytes]) -> None:
        for name, home in self.homes.items():
            home.import_update(files[name])
            Content.of(home)

    def _apply(self, files: dict[str, bytes]) -> None:
        for name, data in files.items():
            outcome = self.machine.apply(self.state, ImportUpdate(data, name), START_MS)
            assert outcome.ok, outcome
            self.state.take_changes()


def _took(act: Callable[[], None]) -> _Took:
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    act()
    return _Took(time.perf_counter() - wall_s, time.process_time() - cpu_s)


def measure(directory: Path, levels: Sequence[int], told: Callable[[str], None]) -> LicenceCost:
    """Measure what the n-th licence costs, for each n of `levels`. `told` hears of each.

    The directory is removed at the end. Raises OSError if the disk does not do.
    """
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    try:
        bench = _Bench(directory)
        found = []
        for level in sorted(set(levels)):
            while bench.licences < level - 1:
                bench.one_more()
            found.append(_cost(bench))
            told(f"licence {found[-1].licences}: {found[-1].issue_ms:.1f} ms to issue")
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    first, last = found[0], found[-1]
    return LicenceCost(
        machine=machine(),
        levels=tuple(found),
        issue_growth=round(last.issue_ms / first.issue_ms, 2),
        import_growth=round(last.import_ms / first.import_ms, 2),
        ledger_growth=round(last.ledger_ms / first.ledger_ms, 2),
    )


def _cost(bench: _Bench) -> Cost:
    """What the next licence costs: the median of a few that follow."""
    licences = bench.licences + 1
    issued, imported, applied = zip(*(bench.one_more() for _ in range(SAMPLES)), strict=True)
    return Cost(
        licences=licences,
        issue_ms=_median_ms(one.wall_s for one in issued),
        issue_cpu_ms=_median_ms(one.cpu_s for one in issued),
        import_ms=_median_ms(one.wall_s for one in imported),
        import_cpu_ms=_median_ms(one.cpu_s for one in imported),
        ledger_ms=_median_ms(one.wall_s for one in applied),
        ledger_cpu_ms=_median_ms(one.cpu_s for one in applied),
    )


def _median_ms(times_s: Iterable[float]) -> float:
    return round(statistics.median(times_s) * 1000, 3)
