"""Clocks really shifted, per process: no one clock stops a site, and cheating does not pay.

The time server runs among the vendors, by the true time. Each upstream lives by a clock of its own,
and stores its box time every second, so that a wrong clock shows at once.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.adapters.container_home import ContainerHome
from appliance.client import AsyncClient, CallTiming, OutcomeUnknown, Refused, load_profile
from appliance.client.tools import tool_trust
from appliance.codec.api import (
    ContainerTimes,
    StatusDocument,
    TimeUpdateDocument,
    UpstreamStatus,
)
from appliance.details import Detail
from appliance.details.links import REFUSED
from appliance.lab.build import client_name
from appliance.lab.clock_shift import ClockShift
from appliance.lab.hosts import UPSTREAMS, VENDORS
from appliance.lab.licensing import Vendor
from appliance.lab.platform import ProcessSpec
from appliance.lab.story.stage import PRESSES, ROBOTS
from appliance.services import settings
from appliance.services.central import LicenseCentral
from appliance.services.central.options import Product
from appliance.watch.problems import rank
from tests.lab.world import World

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]


def is_refused(upstream: Any) -> bool:
    return upstream.failure is not None and upstream.failure.code == REFUSED


DAY_S = 86_400
DAY_MS = DAY_S * 1000
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
        ends_s = int(datetime.now(UTC).timestamp()) + 30 * DAY_S
        product = Product(product_code=LIMITED, quantity=5, expires_at_s=ends_s)
        Vendor(self.files).license(PRESSES.code, product)

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

    def seen(self) -> StatusDocument:
        """As the active host sees it, whoever else is missing."""
        return self.stage.statuses()[self.stage.active()]

    def upstream(self, name: str) -> UpstreamStatus:
        """One upstream, as the active host sees it, whoever is missing."""
        return next(one for one in self.seen().upstreams if one.name == name)

    def wrong_ms(self) -> int:
        """By how much log time is wrong, after an entry made now."""
        self.try_endless()
        return self.seen().log_time_ms - int(datetime.now(UTC).timestamp() * 1000)

    def certified_ms(self, host: str) -> int:
        """A container's certified time, by its own word."""
        shown = self.stage.tmr(host, *self.stage.container(host, "show"))
        certified_ms: int = shown["certified_time_ms"]
        return certified_ms

    def box_wrong_ms(self, host: str) -> int:
        """By how much a container's box time is wrong, as it is stored on its disk."""
        root = self.files.root_certificate().read_bytes()
        stored = ContainerHome.open(self.files.host(host) / "container", root).times()
        assert stored is not None
        return stored.box_ms - int(datetime.now(UTC).timestamp() * 1000)

    def doctor(self) -> dict[str, str]:
        """What `tmr doctor` finds and what it says to do, by cause: at an operator's desk, whose
        clock is right."""
        profile = str(self.files.profile("view"))
        argv = [sys.executable, "-m", "appliance.cli.main", "doctor", "--profile", profile]
        done = subprocess.run(
            self.lab.command("clients", [*argv, "--json"]),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )
        found = json.loads(done.stdout)["findings"]
        assert done.returncode == max((rank(f["severity"]) for f in found), default=0)
        return {one["cause"]: f"{one['what']} {one['remedy']}" for one in found}

    def try_limited(self, within_s: float = 30.0) -> str:
        """What somebody is told who asks for the licence that ends in 30 days."""
        told: str = self.stage.clients.call(self._try(PRESSES.code, LIMITED, within_s), 60.0)
        return told

    def try_endless(self) -> str:
        """What somebody is told who asks for one that never ends."""
        told: str = self.stage.clients.call(self._try(ROBOTS.code, ROBOTS.product, 30.0), 60.0)
        return told

    async def _try(self, firm_code: int, product_code: int, within_s: float) -> str:
        profile = load_profile(self.files.profile(client_name(12)))
        timing = CallTiming(deadline_s=within_s)
        async with AsyncClient(
            profile.addresses, profile.tls, tool_trust(profile), timing=timing
        ) as asker:
            lease = asker.lease(firm_code, product_code)
            try:
                await lease.check_out()
            except Refused as refused:
                return refused.reason
            except OutcomeUnknown as unknown:
                return str(unknown)
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
    world.wait_for("the time server answers", lambda: world.update().failed == ())
    world.wait_for("log time is right", lambda: abs(world.wrong_ms()) < RIGHT_MS)


def test_certified_time_reaches_containers_ledger_and_status(world: ClockWorld) -> None:
    document = world.update()
    assert document.failed == ()
    certified = Detail("certified", {"url": world.files.time_server})
    assert set(document.results.values()) == {(certified,)}
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


@pytest.mark.parametrize("offset_s", [-17 * YEAR_S, 24 * YEAR_S])
def test_an_upstream_that_starts_in_2009_or_2050_is_named_with_its_clock_and_comes_back(
    world: ClockWorld, offset_s: int
) -> None:
    """Far enough off no certificate of TLS is valid there, so it takes nobody in: two serve on."""
    with world.under_load() as load:
        world.lab.stop("up3", "upstream")
        world.set_clock("up3", offset_s)
        world.lab.start("up3", "upstream")
        world.wait_for("it refuses", lambda: is_refused(world.upstream("up3")))
        assert world.seen().verdict == "degraded" and not world.upstream("up3").reachable
        assert world.try_limited() == "granted"
        assert abs(world.wrong_ms()) < RIGHT_MS
        assert "Look at the clock of up3" in world.doctor()["upstream-down/up3"]
        why = "certificate is not yet valid" if offset_s < 0 else "certificate has expired"
        assert f"refused a handshake: why={why}" in world.log("up3", "upstream")
        ahead_ms = max(0, offset_s) * 1000
        world.wait_for(
            "box time is as documented", lambda: abs(world.box_wrong_ms("up3") - ahead_ms) < DAY_MS
        )
        world.set_clock("up3", 0)
        # By itself, within the deadline of this context: nobody restarts anything.
    assert load.interruption.failed == 0, "clients noticed nothing"
    if offset_s > 0:  # It believed its computer, and only certified time brings it back.
        assert world.update("up3").failed == ()
    world.wait_for("up3 counts", lambda: world.times("up3").offset_ms is not None)
    world.wait_for("up3 is right", lambda: not world.times("up3").outvoted)
    assert "clock-off/up3" not in world.doctor()


def test_one_clock_ahead_while_another_upstream_is_down(world: ClockWorld) -> None:
    """Of two clocks the earlier counts, so nothing ends. But two have to vouch for a grant, and the
    one ahead does not for what has ended by its own time: certified time, or the third, helps."""
    world.lab.power_cut("up2")
    try:
        world.set_clock("up3", YEAR_S)
        world.wait_for("up3 is outvoted", lambda: _outvoted(world.upstream("up3")))
        world.wait_for("it serves on two", lambda: world.seen().verdict == "degraded")
        assert world.try_endless() == "granted"
        assert abs(world.wrong_ms()) < RIGHT_MS
        assert "too few upstreams vouch" in world.try_limited(within_s=20.0)

        def said() -> bool:
            found = world.doctor().get("clock-off/up3", "")
            return "of two nobody can tell" in found and "agrees with up1" in found

        world.wait_for("the alarm says so", said)
        world.set_clock("up3", 0)
        assert world.update("up3").failed == ()
        world.wait_for("the two agree", lambda: not _outvoted(world.upstream("up3")))
        assert world.try_limited() == "granted"
    finally:
        world.lab.boot("up2")
        world.wait_until_whole()


def _outvoted(upstream: UpstreamStatus) -> bool:
    return upstream.times is not None and upstream.times.outvoted


def test_putting_a_clock_right_is_not_enough_but_a_certified_update_is(world: ClockWorld) -> None:
    world.set_clock("up3", YEAR_S)
    world.wait_for("up3 is outvoted", lambda: world.times("up3").outvoted)
    world.set_clock("up3", 0)
    assert world.times("up3").outvoted
    assert "tmr time update up3" in world.doctor()["clock-off/up3"]
    assert world.update("up3").failed == ()
    world.wait_for("up3 counts again", lambda: not world.times("up3").outvoted)


def test_two_clocks_ahead_win_until_two_containers_are_certified(world: ClockWorld) -> None:
    for host in ("up1", "up2"):
        world.set_clock(host, 2 * YEAR_S)
    world.wait_for("log time went with them", lambda: world.wrong_ms() > YEAR_S * 1000)
    assert world.try_limited() == "licence-expired"
    world.wait_for("the status names the one that differs", lambda: world.times("up3").outvoted)
    found = world.doctor()
    assert "the others may be wrong together" in found["clock-off/up3"]
    assert "clock-off/here" in found
    for host in ("up1", "up2"):
        world.set_clock(host, 0)
    assert world.update("up1").failed == ()
    assert world.try_limited() == "licence-expired", "one container's token is not enough"

    def said() -> bool:
        virtual = world.status().virtual_times
        return virtual is not None and virtual.outvoted

    world.wait_for("the status says so", said)
    assert "tmr time update --all" in world.doctor()["log-time-ahead"]
    assert world.update("up2").failed == ()
    world.wait_for("the licence revives", lambda: world.try_limited() == "granted")
    assert abs(world.wrong_ms()) < RIGHT_MS


def test_without_a_time_server_nothing_stops(world: ClockWorld) -> None:
    world.lab.stop(VENDORS.name, "timeserver")
    document = world.update()
    assert len(document.failed) == len(UPSTREAMS)
    assert all(said[-1].code == "server-unreachable" for said in document.results.values())
    assert world.try_limited() == "granted"
    assert "cannot be reached" in str(world.doctor()), "it is told of"
    # And so for 90 days, as three clocks say that agree.
    for up in UPSTREAMS:
        world.set_clock(up.name, 90 * DAY_S)
    world.wait_for("90 days are over", lambda: world.wrong_ms() > 89 * DAY_S * 1000)
    assert world.try_endless() == "granted"
    assert world.try_limited() == "licence-expired", "that one had 30 days"

    def aged() -> bool:
        ages_s = [world.times(up.name).certified_age_s for up in UPSTREAMS]
        return all(age_s is not None and age_s > 89 * DAY_S for age_s in ages_s)

    world.wait_for("the status shows how old certified time is", aged)


def test_a_transfer_over_the_network_asks_for_certified_time_at_eight_days_not_at_six(
    world: ClockWorld, tmp_path: Path
) -> None:
    """The lab's own License Central and time server; up1's certified time ages by its clock."""
    stage = world.stage
    firm = ("central", "--dir", str(world.files.central))
    product = ("--firm", str(PRESSES.code), "--product", str(LIMITED))
    assert world.update().failed == ()
    before_ms = world.certified_ms("up1")

    def age_by(days: int) -> None:
        """The computer's clock goes ahead so far, and box and system time follow."""
        world.set_clock("up1", days * DAY_S)
        since_s = days * DAY_S - 3_600

        def aged() -> bool:
            certified_age_s = world.times("up1").certified_age_s
            return certified_age_s is not None and certified_age_s > since_s

        world.wait_for(f"certified time is {days} days old", aged)

    age_by(6)
    done = stage.tmr("up1", *stage.container("up1", "update"))
    assert done.get("detail", "") == ""
    assert world.certified_ms("up1") == before_ms, "no time server was asked"

    world.lab.stop(VENDORS.name, "timeserver")
    age_by(8)
    late = stage.tmr(VENDORS.name, *firm, "ticket", "add", *product)["ticket"]
    operator = ("--profile", str(world.files.profile("operate")))
    for host, act in (
        ("up1", stage.container("up1", "update")),
        (stage.active(), ("activate", *operator)),
    ):
        said = stage.refused(host, *act, typed=late)
        assert "8 days old" in said and "cannot be reached" in said and "by hand" in said
    assert world.certified_ms("up1") == before_ms
    (sold,) = LicenseCentral(world.files.central).firm(PRESSES.code).tickets()
    assert (sold.code, sold.uses) == (late, ()), "nothing was sent"
    # Files by hand are not affected.
    order = ("--order", "by hand")
    files = [tmp_path / f"{up.name}.request" for up in UPSTREAMS]
    for up, file in zip(UPSTREAMS, files, strict=True):
        asked = ("--firm", str(PRESSES.code), *order, "--out", str(file))
        stage.tmr(up.name, *stage.container(up.name, "request", *asked))
    issue = ("issue", *product, *order, "--out", str(tmp_path / "updates"))
    stage.tmr(VENDORS.name, *firm, *issue, *map(str, files))
    for up in UPSTREAMS:
        serial = stage.tmr(up.name, *stage.container(up.name, "show"))["serial"]
        (update,) = sorted((tmp_path / "updates").glob(f"{serial}.*"))
        stage.tmr(up.name, *stage.container(up.name, "import", str(update)))

    world.lab.start(VENDORS.name, "timeserver")

    def transferred() -> dict[str, object]:
        done: dict[str, object] = stage.tmr("up1", *stage.container("up1", "update"))
        return done

    done = world.stage.wait_for("the time server answers", transferred, 45.0)
    assert done["detail"] == "certified time was 8 days old and was updated first"
    assert world.certified_ms("up1") > before_ms


def test_a_block_travels_with_certified_time_and_so_does_its_end(world: ClockWorld) -> None:
    """Nobody carries a file: the lost container itself asks for the time, and locks itself."""
    stage, reason = world.stage, "Stolen from the van"
    show = stage.container("up1", "show")
    serial = stage.tmr("up1", *show)["serial"]
    vendor = ("central", "--dir", str(world.files.central))
    owner = ("--owner", "Plant A")
    stage.tmr(VENDORS.name, *vendor, "register", serial, *owner)
    assert not stage.tmr(VENDORS.name, *vendor, "crl", "--if-due")["written"], "nobody is blocked"
    stage.tmr(VENDORS.name, *vendor, "block", serial, *owner, "--reason", reason)
    assert stage.tmr(VENDORS.name, *vendor, "crl", "--if-due")["blocked"] == 1
    assert world.update("up1").failed == ()
    assert stage.tmr("up1", *show)["locked"] == reason
    world.wait_for("the others know", lambda: world.upstream("up1").locked == reason)
    assert world.try_limited() == "granted", "two live on"
    stage.tmr(VENDORS.name, *vendor, "unblock", serial, "--reason", "Found in the other van")
    assert stage.tmr(VENDORS.name, *vendor, "crl", "--if-due")["blocked"] == 0
    assert world.update("up2").failed == ()
    world.wait_for("it is unlocked", lambda: not stage.tmr("up1", *show).get("locked"))
    world.wait_for("the others know", lambda: not world.upstream("up1").locked)
