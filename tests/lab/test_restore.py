"""A backup under load, all three upstreams lost, the ledger founded anew, licences issued anew.

One lab, and the tests follow one another: each goes on from what the one before left (design D7).
"""

from __future__ import annotations

import contextlib
import functools
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.codec.api import HolderDocument
from appliance.errors import ExitCode
from appliance.lab.hosts import TMRS, UPSTREAMS
from appliance.lab.story.stage import PRESSES, ROBOTS
from appliance.services.central import LicenseCentral
from tests.lab.operators import admin, admins, tmr
from tests.lab.test_absence import EVERY, SETTINGS, gone, let_go
from tests.lab.world import UNITS, World

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

LICENCES = 2
PERSON = "Nelly Erasmus"
WHY = ("--why", "the site burnt down")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("restore") / "lab", SETTINGS) as made:
        made.wait_for("all constituents", lambda: constituents_all_ok(made))
        yield made


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the backup is."""
    return tmp_path_factory.mktemp("backups") / "plant.tmr-backup"


def constituents_all_ok(world: World) -> bool:
    found = world.stage.licences()
    whole = all(part.state == "ok" for licence in found for part in licence.constituents)
    return len(found) == LICENCES and whole


def done(result: subprocess.CompletedProcess[str]) -> Any:
    """The document that a verb printed."""
    assert result.returncode == ExitCode.OK, result.stderr
    return json.loads(result.stdout)


def restore(world: World, backup: Path, *options: str) -> subprocess.CompletedProcess[str]:
    three = admins(world, *(up.name for up in UPSTREAMS))
    profile = ("--profile", str(world.files.profile("administer")))
    both = [
        word
        for tmr_host in TMRS
        for word in ("--address", f"{world.files.address(tmr_host.octet)}:7200")
    ]
    return tmr(world, "restore", backup, *three, *profile, *both, *WHY, *options, "--json")


def config(world: World, name: str) -> Path:
    return world.files.host(name) / "upstream.toml"


def units_used(world: World) -> int:
    return UNITS - (world.licence(PRESSES.code).units_left or 0)


def test_a_backup_under_load_proves_itself(world: World, backup: Path) -> None:
    world.wait_until_whole()
    profile = ("--profile", str(world.files.profile("operate")))
    with world.under_load() as load:
        world.wait_for("units to be used", lambda: load.acknowledged > 20)
        for up in UPSTREAMS:
            let_go = functools.partial(gone, world, up.name)
            world.wait_for(f"{up.name} to let go of the log's beginning", let_go)
        before = load.acknowledged
        taken = done(tmr(world, "backup", backup, *profile, "--json"))
    checked = done(tmr(world, "backup", backup, *profile, "--check", "--json"))
    assert checked == taken
    assert len(taken["proven_by"]) >= 2
    assert taken["units_used"][f"{PRESSES.code}:{PRESSES.product}#1"] >= before
    assert taken["leases"] >= 10
    assert taken["snapshot_index"] >= EVERY
    refused = tmr(world, "backup", backup, *profile)
    assert (refused.returncode, "never overwrites" in refused.stderr) == (1, True)


def files_with(world: World, name: str) -> set[str]:
    """The hosts, and what else there is in the lab, of which a file holds this name."""
    wanted, found = name.lower().encode(), set()
    for path in world.files.directory.rglob("*"):
        # A file may go while the directory is read: a segment's `.new` becomes the segment.
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and wanted in path.read_bytes().lower():
                found.add(path.relative_to(world.files.directory).parts[0])
    return found


def test_an_erased_name_is_in_no_store_archive_snapshot_log_or_backup(
    world: World, tmp_path: Path
) -> None:
    """And its use is counted and proven as before."""
    holder = HolderDocument(user=PERSON, host="desk-9", application="story")
    client, clients = world.stage.crowd.members[3].client, world.stage.clients
    lease = client.lease(ROBOTS.code, ROBOTS.product, holder=holder)
    clients.call(lease.check_out())
    three = {up.name for up in UPSTREAMS}
    world.wait_for("the name beside three ledgers", lambda: files_with(world, PERSON) == three)
    clients.call(lease.check_in())
    status = world.stage.statuses()[world.wait_until_whole()]
    with world.under_load():
        for up in UPSTREAMS:
            in_archive = functools.partial(let_go, world, up.name, status.commit_index)
            world.wait_for(f"{up.name} to archive what the person did", in_archive)
    asked = ("--profile", str(world.files.profile("operate")), "--json")
    by_user = ("usage", "report", "--by", "user")
    before = done(tmr(world, *by_user, *asked))
    named = next(row for row in before["rows"] if row["of"]["user"] == PERSON)
    may = ("--profile", str(world.files.profile("administer")))
    erased = done(tmr(world, "names", "erase", PERSON, "--why", "has left", *may, "--json"))
    world.wait_for("the name to be nowhere", lambda: not files_with(world, PERSON))
    after = done(tmr(world, *by_user, *asked))
    found = next(row for row in after["rows"] if row["of"]["user"].startswith(erased["tag"]))
    figures = ("sessions", "seat_s", "in_use_peak")
    assert [found[one] for one in figures] == [named[one] for one in figures]
    assert found["sessions"] == 1
    path = tmp_path / "after"
    done(tmr(world, "backup", path, *asked))
    assert PERSON.lower().encode() not in path.read_bytes().lower()
    assert done(tmr(world, "usage", "verify", *asked))["complete"]


def test_the_last_upstream_alone_gives_a_newer_one(world: World, tmp_path: Path) -> None:
    world.wait_until_whole()
    world.lab.power_cut("up1")
    try:
        path = tmp_path / "saved"
        saved = done(
            tmr(world, "upstream", "backup", path, "--config", config(world, "up1"), "--json")
        )
    finally:
        world.lab.boot("up1")
    assert saved["units_used"] and len(saved["proven_by"]) >= 2
    assert saved["snapshot_index"] >= EVERY
    world.wait_until_whole()


def test_a_ledger_is_never_restored_over(world: World, backup: Path) -> None:
    refused: list[subprocess.CompletedProcess[str]] = []

    def by_all() -> bool:
        # A host that has just booted follows the ledger before its administration answers.
        refused.append(restore(world, backup))
        assert refused[-1].returncode != ExitCode.OK
        return "holds a ledger" in refused[-1].stderr

    world.wait_for("the refusal", by_all)
    assert refused[-1].returncode == ExitCode.REFUSED
    assert "nothing is restored over one" in refused[-1].stderr


def test_all_stores_and_containers_are_lost_and_the_ledger_lives_on(
    world: World, backup: Path
) -> None:
    used_last = units_used(world)
    old_status = next(iter(world.stage.statuses().values()))
    for up in UPSTREAMS:
        world.lab.power_cut(up.name)
    for up in UPSTREAMS:
        home = world.files.host(up.name)
        for path in home.glob("ledger.sqlite*"):
            path.unlink()
        shutil.rmtree(home / "archive")
        shutil.rmtree(home / "container")
        done(tmr(world, "container", "init", "--home", home / "container", "--json"))
        again = ("upstream", "init", "--config", config(world, up.name), "--for-restore", "--json")
        done(tmr(world, *again))
    for up in UPSTREAMS:
        world.lab.boot(up.name)
    world.wait_for(
        "the active TMR host to see that nothing is founded",
        lambda: any(status.before is not None for status in world.stage.statuses().values()),
    )
    world.wait_for(
        "the status to say what is waited for",
        lambda: any(
            status.reason == "no ledger is founded (the upstreams wait for a restore)"
            for status in world.stage.statuses().values()
        ),
    )
    # The TMR hosts, which were not lost, still know how far the ledger had got.
    refused = restore(world, backup)
    assert refused.returncode == ExitCode.REFUSED
    assert "entries would be lost" in refused.stderr, refused.stderr
    lost = int(refused.stderr.rpartition("--losing ")[2].rstrip(".\n"))
    assert "and not 1:" in restore(world, backup, "--losing", "1").stderr
    foreign = restore(world, backup, "--serial", "131-1")
    assert "is of another system" in foreign.stderr
    known = [status.ledger for status in world.stage.statuses().values()]
    assert not [ledger for ledger in known if ledger and ledger.ledger_id != old_status.ledger_id]

    document = done(restore(world, backup, "--losing", str(lost)))
    assert document["lost"] == lost
    assert document["ledger_id"] != old_status.ledger_id
    assert document["virtual_serial"] == old_status.virtual_serial
    world.wait_until_whole()
    assert world.leases() == []
    # Whoever lost the answer asks again: it is done.
    assert done(restore(world, backup))["ledger_id"] == document["ledger_id"]
    assert used_last > 0
    # The passive host still has a copy of the old ledger, and takes over the new one all the same.
    active = world.wait_until_whole()
    world.lab.power_cut(active)
    try:
        world.wait_for(
            "the other host to serve the new ledger",
            lambda: (
                [(s.phase, s.ledger_id) for s in world.stage.statuses().values()]
                == [("serving", document["ledger_id"])]
            ),
        )
    finally:
        world.lab.boot(active)
    world.wait_until_whole()


def test_the_vendor_issues_anew_and_units_go_on(world: World, backup: Path, tmp_path: Path) -> None:
    status = world.stage.statuses()[world.wait_until_whole()]
    files = world.files
    central = LicenseCentral(files.central)
    profile = ("--profile", str(files.profile("operate")))
    taken = done(tmr(world, "backup", backup, *profile, "--check", "--json"))
    for serial in taken["containers"]:
        central.register(serial, "plant")
        central.block(serial, "plant", "the site burnt down")
    person = files.profile("operate").parent
    files_of = {"--cert": "cert.pem", "--key": "key.pem", "--ca": "ca.pem"}
    operator = [word for name, file in files_of.items() for word in (name, person / file)]
    order = ("--order", "the site burnt down")
    for firm in (PRESSES, ROBOTS):
        requests = []
        for up in UPSTREAMS:
            requests.append(tmp_path / f"{up.name}-{firm.code}.request")
            where = ("--admin", admin(world, up.name), *operator)
            wanted = ("--firm", firm.code, *order, "--out", requests[-1])
            asked = tmr(world, "container", "request", *where, *wanted)
            assert asked.returncode == ExitCode.OK, asked.stderr
        out = tmp_path / str(firm.code)
        words = ("--firm", firm.code, "--group", taken["cmact_id"], "--ledger", status.ledger_id)
        reissued = ("central", "--dir", files.central, "reissue", *words, *order, "--out", out)
        document = done(tmr(world, *reissued, *requests, "--json"))
        for update in document["updates"]:
            name = next(
                up.name for up in UPSTREAMS if update["serial"] == serial_of(world, up.name)
            )
            where = ("--admin", admin(world, name))
            imported = tmr(world, "container", "import", *where, *operator, update["file"])
            assert imported.returncode == ExitCode.OK, imported.stderr
    world.wait_for("all constituents", lambda: constituents_all_ok(world))
    licence = world.licence(PRESSES.code)
    assert not licence.units_unconfirmed
    used = taken["units_used"][f"{PRESSES.code}:{PRESSES.product}#1"]
    assert licence.units_left == UNITS - used
    # Clients found their old leases unknown, and have new ones by now or take them.
    client = world.stage.crowd.members[3].client

    async def use() -> int:
        async with client.lease(ROBOTS.code, ROBOTS.product) as lease:
            grant = await lease.consume(1)
            return grant.units_left or 0

    left = world.licence(ROBOTS.code).units_left
    assert left is not None
    assert world.stage.clients.call(use()) == left - 1


def serial_of(world: World, name: str) -> str:
    home = world.files.host(name) / "container" / "container.json"
    serial: str = json.loads(home.read_text())["serial"]
    return serial
