"""Clocks really shifted, per process: no one clock stops a site, and cheating does not pay.

The time server runs among the vendors, by the true time. Each upstream lives by a clock of its own,
and stores its box time every second, so that a wrong clock shows at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from appliance.adapters.container_home import ContainerHome
from appliance.client import Refused
from appliance.codec.api import ContainerTimes, StatusDocument, TimeUpdateDocument
from appliance.lab.clock_shift import ClockShift
from appliance.lab.hosts import UPSTREAMS, VENDORS
from appliance.lab.platform import ProcessSpec
from appliance.lab.story.stage import PRESSES
from appliance.services import settings
from appliance.services.central import LicenseCentral
from appliance.services.central.options import Product
from tests.lab.world import World

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

DAY_S = 86_400
YEAR_S = 365 * DAY_S
LIMITED = 9
RIGHT_MS = 20_000


class ClockWorld(World):
    """A lab whose upstreams' clocks can be set, and a licence that ends in 30 days."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.shifts: dict[str, ClockShift] = {}

    def processes(self) -> dict[str, list[ProcessSpec]]:
        specs = super().processes()
        for up in UPSTREAMS:
            path = self.files.host(up.name) / "upstream.toml"
            loaded = settings.load_upstream(path)
            quick = msgspec.structs.replace(loaded, box_time_save_s=1.0)
            path.write_text(settings.dump(quick))
            shift = self.shifts[up.name] = ClockShift(self.files.host(up.name) / "clock")
            specs[up.name] = [shift.applied_to(spec) for spec in specs[up.name]]
        return specs

    def _license(self) -> None:
        super()._license()
        central = LicenseCentral(self.files.central)
        ends_s = int(datetime.now(UTC).timestamp()) + 30 * DAY_S
        product = Product(product_code=LIMITED, quantity=5, expires_at_s=ends_s)
        central.add_product(PRESSES.code, product)
        root = self.files.root_certificate().read_bytes()
        homes = [
            ContainerHome.open(self.files.host(up.name) / "container", root) for up in UPSTREAMS
        ]
        issue = central.issue(PRESSES.code, LIMITED, [home.request() for home in homes])
        by_serial = {update.serial: update.data for update in issue.updates}
        for home in homes:
            home.import_update(by_serial[home.serial])

    def set_clock(self, host: str, offset_s: int) -> None:
        """From now on this upstream's computer is so far ahead, or behind."""
        self.shifts[host].set(offset_s)

    def status(self) -> StatusDocument:
        """As the active host sees it."""
        return self.stage.statuses()[self.wait_until_whole()]

    def times(self, host: str) -> ContainerTimes:
        """One container's times, as the active host shows them."""
        found = next(up.times for up in self.status().upstreams if up.name == host)
        assert found is not None
        return found

    def wrong_ms(self) -> int:
        """By how much log time is wrong, after an entry made now."""
        self.stage.clients.call(self._try())
        return self.status().log_time_ms - int(datetime.now(UTC).timestamp() * 1000)

    def try_limited(self) -> str:
        """What somebody is told who asks for the licence that ends in 30 days."""
        told: str = self.stage.clients.call(self._try())
        return told

    async def _try(self) -> str:
        client = self.stage.crowd.members[2].client
        lease = client.lease(PRESSES.code, LIMITED)
        try:
            await lease.check_out()
        except Refused as refused:
            return refused.reason
        await lease.check_in()
        return "granted"

    def update(self, container: str = "") -> TimeUpdateDocument:
        """An operator has a container, or all, get certified time."""

        async def ask() -> TimeUpdateDocument:
            async with self.operator() as client:
                return await client.update_time("a clock was wrong", container)

        told: TimeUpdateDocument = self.stage.clients.call(ask(), 60.0)
        return told


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClockWorld]:
    with ClockWorld(tmp_path_factory.mktemp("time") / "lab") as made:
        yield made


@pytest.fixture(autouse=True)
def put_right(world: ClockWorld) -> Iterator[None]:
    """Each test begins and ends with right clocks, certified."""
    yield
    for up in UPSTREAMS:
        world.set_clock(up.name, 0)
    world.lab.start(VENDORS.name, "timeserver")
    assert world.update().failed == ()
    world.wait_for("log time is right", lambda: abs(world.wrong_ms()) < RIGHT_MS)


def test_certified_time_reaches_containers_ledger_and_status(world: ClockWorld) -> None:
    document = world.update()
    assert document.failed == ()
    assert set(document.results.values()) == {f"certified by {world.files.time_server}"}
    for up in UPSTREAMS:
        times = world.times(up.name)
        assert times.certified_age_s is not None and times.certified_age_s < DAY_S

    def virtual_is_certified() -> bool:
        virtual = world.status().virtual_times
        return virtual is not None and virtual.certified_ms is not None

    world.wait_for("the ledger knows it", virtual_is_certified)


@pytest.mark.parametrize("offset_s", [YEAR_S, 24 * YEAR_S])
def test_one_stepped_clock_neither_ends_nor_prolongs_a_licence(
    world: ClockWorld, offset_s: int
) -> None:
    world.set_clock("up3", offset_s)
    world.wait_for("up3 is outvoted", lambda: world.times("up3").outvoted)
    assert world.try_limited() == "granted"
    assert abs(world.wrong_ms()) < RIGHT_MS


def test_putting_a_clock_right_is_not_enough_but_a_certified_update_is(world: ClockWorld) -> None:
    world.set_clock("up3", YEAR_S)
    world.wait_for("up3 is outvoted", lambda: world.times("up3").outvoted)
    world.set_clock("up3", 0)
    assert world.times("up3").outvoted
    assert world.update("up3").failed == ()
    world.wait_for("up3 counts again", lambda: not world.times("up3").outvoted)


def test_two_clocks_ahead_win_until_two_containers_are_certified(world: ClockWorld) -> None:
    for host in ("up1", "up2"):
        world.set_clock(host, 2 * YEAR_S)
    world.wait_for("log time went with them", lambda: world.wrong_ms() > YEAR_S * 1000)
    assert world.try_limited() == "licence-expired"
    world.wait_for("the alarm names the one that differs", lambda: world.times("up3").outvoted)
    for host in ("up1", "up2"):
        world.set_clock(host, 0)
    assert world.update("up1").failed == ()
    assert world.try_limited() == "licence-expired", "one container's token is not enough"

    def said() -> bool:
        virtual = world.status().virtual_times
        return virtual is not None and virtual.outvoted

    world.wait_for("the status says so", said)
    assert world.update("up2").failed == ()
    world.wait_for("the licence revives", lambda: world.try_limited() == "granted")
    assert abs(world.wrong_ms()) < RIGHT_MS


def test_without_a_time_server_nothing_stops(world: ClockWorld) -> None:
    world.lab.stop(VENDORS.name, "timeserver")
    document = world.update()
    assert len(document.failed) == len(UPSTREAMS)
    assert all("unreachable" in detail for detail in document.results.values())
    assert world.try_limited() == "granted"
