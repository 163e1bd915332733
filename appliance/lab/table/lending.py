"""Borrowed seats in use: through a power cut of all hosts, a replaced upstream, and a ledger that
is restored from a backup which is older than a loan.

What can go wrong in here is to lose the lab's ledger under other uses: so its last part comes when
they have ended.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

from appliance.client import Ticket, load_profile
from appliance.client.tools import tool_trust
from appliance.codec.api import LeaseDocument
from appliance.lab.build import client_name
from appliance.lab.hosts import (
    CLIENT_API_PORT,
    SERVERS,
    TMRS,
    UPSTREAM_ADMIN_PORT,
    UPSTREAMS,
    VENDORS,
)
from appliance.lab.story.stage import Stage, StoryFailed, require
from appliance.lab.table.desk import FIRM, Desk
from appliance.licences.item import ItemOptions

Steps = Generator[None, None, str]
HOURS: Final = 72
WEEK_S: Final = 7 * 24 * 3600
SEATS: Final = 3
LENT_MAX: Final = 2
LOST: Final = UPSTREAMS[-1].name
_WHY: Final = ("--why", "its disk is lost")


def borrowing(desk: Desk) -> Steps:
    """Seats that leave with a ticket: out until they come back by the borrower's word, whatever
    becomes of hosts and disks; and what a restore cannot know is held back."""
    product = desk.buy(
        "Press on the road",
        *("--quantity", str(SEATS), "--borrow-max-s", str(WEEK_S)),
        *("--borrow-seats-max", str(LENT_MAX)),
    )
    road = _Road(desk, product)
    desk.stage.wait_for("certified time", road.certified)
    first, second = road.borrow("first"), road.borrow("second")
    road.refused("third", "borrow-limit")
    until = road.out()
    require(len(until) == LENT_MAX, f"{len(until)} loans are out")
    yield
    require(road.out() == until, "the loans changed with the host that serves")
    road.do("extend", str(second), "--hours", str(2 * HOURS))
    road.do("return", str(first))
    until = road.out()
    require(len(until) == 1, f"{len(until)} loans are out after one came back")
    road.leaves(SEATS - 1)
    yield
    everything_off(desk.stage)
    require(road.out() == until, "the loan changed with a power cut of all five hosts")
    replace_upstream(desk.stage)
    require(road.out() == until, "the loan changed with a replaced upstream")
    copy = back_up(desk.stage)
    late = road.borrow("late")
    held = _held(desk.stage)
    restore(desk.stage, copy)
    # Its containers bring the firm's updates one by one, and no client believes an older one again.
    desk.stage.wait_for("all updates after the restore", lambda: _held(desk.stage) == held)
    require(road.out() == until, "the loan of before the backup changed with the restore")
    require(road.held_back() == 1, f"{road.held_back()} seats are held back after the restore")
    road.leaves(SEATS - LENT_MAX)
    road.opens(late)
    for path in (second, late):
        road.do("return", str(path))
    road.operate("all-known", "--why", "both laptops are here")
    road.leaves(SEATS)
    return (
        "two seats left with tickets; out through a power cut of one and of all hosts, a replaced"
        " upstream and a restore; what was lent after the backup was held back; all came back by"
        " one command"
    )


class _Road:
    """The laptops of one product, by the commands that people type."""

    def __init__(self, desk: Desk, product: int) -> None:
        self._desk, self._product = desk, product
        self._profile = desk.stage.files.profile(client_name(1))

    def certified(self) -> bool:
        """Have all containers ask the time server."""
        stage, why = self._desk.stage, ("--why", "to lend seats")
        stage.tmr(stage.active(), "time", "update", "--all", *why, *self._operator())
        return True

    def do(self, verb: str, *words: str) -> dict[str, Any]:
        """A word of `tmr borrow`, on a laptop. Raises StoryFailed."""
        profile = ("--profile", str(self._profile))
        return self._desk.stage.tmr("clients", "borrow", verb, *words, *profile)

    def operate(self, *words: str) -> dict[str, Any]:
        """The same, as the plant's operator."""
        stage = self._desk.stage
        return stage.tmr(stage.active(), "borrow", *words, *self._operator())

    def _operator(self) -> tuple[str, str]:
        return ("--profile", str(self._desk.stage.files.profile("operate")))

    def borrow(self, name: str) -> Path:
        """Borrow a seat, and use it without any network; gives the ticket."""
        path = self._desk.stage.files.directory / "laptops" / f"{name}.tmr-ticket"
        self.do(f"{FIRM.code}:{self._product}", "--hours", str(HOURS), "--into", str(path))
        self.opens(path)
        return path

    def refused(self, name: str, reason: str) -> None:
        """Require that nothing more is lent, for this reason."""
        try:
            self.borrow(name)
        except StoryFailed as failed:
            require(reason in str(failed), f"a further loan was refused otherwise: {failed}")
        else:
            raise StoryFailed("a further seat was lent")

    def opens(self, path: Path) -> None:
        """Require that the ticket is good by itself."""
        profile = load_profile(self._profile)
        with Ticket.open(path, tool_trust(profile), FIRM.code, self._product) as seat:
            require(seat.usable, f"{path.name} cannot be used")

    def out(self) -> dict[str, int]:
        """What is out, until when. Raises ClientError."""
        return {one.lease_id: one.borrowed_until_ms or 0 for one in self._loans()}

    def _loans(self) -> list[LeaseDocument]:
        leases = self._desk.stage.leases()
        mine = [one for one in leases if one.product_code == self._product]
        return [one for one in mine if one.borrowed_until_ms]

    def held_back(self) -> int:
        """How many seats a restore holds back."""
        held = self.operate("list")["borrowing"]["held_back"]
        return sum(one["seats"] for one in held if one["product_code"] == self._product)

    def leaves(self, count: int) -> None:
        """Require that so many seats are there for others, and no more."""
        desk, product = self._desk, self._product
        seats = desk.stage.wait_for(f"{count} seats", lambda: desk.seats(product, count))
        reason = desk.refused(product)
        require(reason == "no-seat-free", f"a seat too many was refused as {reason}")
        desk.give_back(*seats)


# --- what becomes of the plant ---


def everything_off(stage: Stage) -> None:
    """All five hosts lose their power, and come back."""
    for host in SERVERS:
        stage.lab.power_cut(host.name)
    for host in SERVERS:
        stage.lab.boot(host.name)
    stage.wait_until_whole()


def replace_upstream(stage: Stage) -> None:
    """One upstream loses its disk, and a new store takes its place."""
    stage.lab.power_cut(LOST)
    store = _new_store(stage, LOST)
    stage.lab.boot(LOST)
    asked = ("replace-upstream", LOST, "--with", store, *_admins(stage), *_WHY)
    administrator = _administrator(stage)
    stage.wait_for(
        "the new store's admission", lambda: stage.tmr(VENDORS.name, *asked, *administrator)
    )
    stage.wait_until_whole()


def back_up(stage: Stage) -> Path:
    """A backup of the ledger; gives its file."""
    path = stage.files.directory / "table.tmr-backup"
    profile = str(stage.files.profile("operate"))
    stage.tmr(VENDORS.name, "backup", str(path), "--profile", profile)
    return path


def restore(stage: Stage, copy: Path) -> None:
    """All three stores are lost, and a ledger is founded from this backup. What was done since the
    backup is given up, as an operator does it: by the number that the refusal names."""
    for host in UPSTREAMS:
        stage.lab.power_cut(host.name)
    for host in UPSTREAMS:
        _new_store(stage, host.name, "--for-restore")
    for host in UPSTREAMS:
        stage.lab.boot(host.name)

    def losing() -> str:
        done = stage.run(VENDORS.name, *_restoring(stage, copy), "--json")
        found = done.stderr.rpartition("--losing ")[2].rstrip(".\n")
        if not done.returncode or not found.isdigit():
            raise StoryFailed(f"a restore that loses entries said: {done.stderr.strip()}")
        return found

    lost: str = stage.wait_for("the refusal that names what is lost", losing)
    stage.tmr(VENDORS.name, *_restoring(stage, copy), "--losing", lost)
    stage.wait_until_whole()


def _held(stage: Stage) -> list[tuple[object, ...]]:
    """What the three containers hold, in order: of each licence its options, and who agrees."""
    options = ItemOptions.__struct_fields__
    return [
        (
            (one.firm_code, one.product_code, one.tmr_id),
            tuple(getattr(one, name) for name in options),
            tuple((part.serial, part.state) for part in one.constituents),
        )
        for one in stage.licences()
    ]


def _restoring(stage: Stage, copy: Path) -> tuple[str, ...]:
    both = [
        word
        for host in TMRS
        for word in ("--address", f"{stage.files.address(host.octet)}:{CLIENT_API_PORT}")
    ]
    return ("restore", str(copy), *_admins(stage), *both, *_WHY, *_administrator(stage))


def _new_store(stage: Stage, host: str, *options: str) -> str:
    """A new store in the place of this host's, which is lost; gives its id."""
    home = stage.files.host(host)
    for path in home.glob("ledger.sqlite*"):
        path.unlink()
    config = str(home / "upstream.toml")
    done = stage.tmr(VENDORS.name, "upstream", "init", "--config", config, *options)
    made: str = done["store_id"]
    return made


def _admins(stage: Stage) -> tuple[str, ...]:
    hosts = [f"https://{stage.files.address(up.octet)}:{UPSTREAM_ADMIN_PORT}" for up in UPSTREAMS]
    return tuple(word for url in hosts for word in ("--admin", url))


def _administrator(stage: Stage) -> tuple[str, str]:
    return ("--profile", str(stage.files.profile("administer")))
