"""A plant that was deployed from an earlier commit, by that commit's own playbooks, is upgraded.

The release that it gets is today's tree with newer rules: `with_newer_rules` raises RULES and adds
a command of that version. What runs before is an earlier commit or, where none has our formats yet,
today's tree as it is.

`make test-hosts` runs this after test_hosts.py, on the same five machines with empty disks.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from appliance import RULES
from tests.hosts.plant import (
    BIN,
    FIRM,
    HOSTS,
    PRODUCT,
    ROOT,
    SEATS,
    Load,
    Plant,
    in_lab,
    lab,
    wait_until,
)

pytestmark = [
    pytest.mark.skipif(not in_lab(), reason="needs the five hosts: run `make test-hosts` as root"),
    pytest.mark.timeout(1200),
]
# Debian 13's keepalived refuses the configuration test of what is older than this.
NEEDED_ON_DEBIAN_13 = "keepalived 2.3 refuses"


class Earlier(NamedTuple):
    """A plant that runs an earlier release, and what that is."""

    plant: Plant
    name: str


def git(*words: str) -> subprocess.CompletedProcess[str]:
    """Ask this tree's history."""
    command = ["git", "-C", str(ROOT), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def formats(init: str) -> str:
    """The formats that a tree's appliance/__init__.py names; early ones name none."""
    found = re.search(r"^FORMATS = (\d+)$", init, re.MULTILINE)
    return found[1] if found else "1"


def earlier_commit() -> str:
    """The oldest state of main that has our formats and other code, or TMR_EARLIER; "" without one.

    The oldest, because whatever names the same formats claims to work with us.
    """
    ours = formats((ROOT / "appliance" / "__init__.py").read_text())
    on_13 = os.environ.get("DEBIAN") == "13"
    wanted = os.environ.get("TMR_EARLIER")
    if wanted:
        return wanted
    oldest = ""
    history = git("log", "--first-parent", "--format=%h", "-n", "200", "HEAD", "--", "appliance")
    for commit in history.stdout.split():
        if formats(git("show", f"{commit}:appliance/__init__.py").stdout) != ours:
            break
        if git("diff", "--quiet", commit, "--", "appliance").returncode == 0:
            continue
        needed = ("grep", "-q", NEEDED_ON_DEBIAN_13, commit, "--", "appliance/adapters")
        if not on_13 or git(*needed).returncode == 0:
            oldest = commit
    return oldest


def digest(tree: Path) -> str:
    """Of the code in a tree, its version apart."""
    files = sorted(tree.glob("appliance/**/*.py"))
    found = hashlib.sha256()
    for path in files:
        if path != tree / "appliance" / "__init__.py":
            found.update(str(path.relative_to(tree)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def lay_out(tree: Path, commit: str) -> None:
    """Put a commit's files into a directory; today's, if there is none."""
    if not commit:
        for name in (*filter(None, git("ls-files", "-z").stdout.split("\0")),):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
        return
    archive = tree.with_suffix(".tar")
    assert git("archive", f"--output={archive}", commit).returncode == 0
    subprocess.run(["tar", "-xf", str(archive), "-C", str(tree)], check=True)


def as_version(tree: Path, version: str) -> None:
    """Give the code in a tree another version."""
    init = tree / "appliance" / "__init__.py"
    init.write_text(
        re.sub(r"(?m)^__version__ = .*$", f'__version__ = "{version}"', init.read_text())
    )


def replace_in(path: Path, *pairs: tuple[str, str]) -> None:
    """Replace each of these, which has to be there."""
    text = path.read_text()
    for old, new in pairs:
        assert old in text, f"{path.name} has no {old!r} any more"
        text = text.replace(old, new, 1)
    path.write_text(text)


def with_newer_rules(tree: Path) -> None:
    """Make of today's tree a release with rules of one version more, and a command of that."""
    code = tree / "appliance"
    newer = RULES + 1
    replace_in(code / "__init__.py", (f"RULES = {RULES}", f"RULES = {newer}"))
    replace_in(
        code / "licences" / "commands" / "__init__.py",
        (
            "class Tick(Command",
            f"@rules.since({newer})\n"
            'class LimitSeats(Limit, frozen=True, tag="limit-seats"):\n'
            '    """A limit, as newer rules have it."""\n\n\nclass Tick(Command',
        ),
        ("    | Limit\n", "    | Limit\n    | LimitSeats\n"),
    )
    machine = code / "licences" / "machine.py"
    replace_in(
        machine, ("    c.Limit: limit,\n", "    c.Limit: limit,\n    c.LimitSeats: limit,\n")
    )
    routes = code / "services" / "tmr" / "dismissing.py"
    replace_in(
        routes,
        ("import Dismiss, Limit", "import Dismiss, LimitSeats"),
        (" Limit(\n", " LimitSeats(\n"),
    )


def told(plant: Plant, *words: str) -> tuple[int, str]:
    """What the tool says to the operator who deployed it, and its exit code."""
    profile = str(plant.pki / "people" / "deploy" / "profile.toml")
    done = subprocess.run(
        [str(BIN / "tmr"), *words, "--profile", profile, "--why", "upgraded"],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
        timeout=plant.patience_s,
    )
    return done.returncode, done.stdout + done.stderr


def rules(plant: Plant) -> dict[str, Any]:
    """What `tmr rules status` says."""
    profile = str(plant.pki / "people" / "deploy" / "profile.toml")
    found: dict[str, Any] = plant.tmr("rules", "status", "--profile", profile)
    return found


def run_release(host: str, name: str) -> None:
    """Let an upstream run this release, which is there already."""
    lab("sh", host, "ln", "-sfn", name, "/opt/tmr/current")
    lab("sh", host, "systemctl", "restart", "tmr-upstream")


@pytest.fixture(scope="module")
def earlier() -> Iterator[Earlier]:
    """Five empty machines, deployed as version 0.0.9 from an earlier commit."""
    commit = earlier_commit()
    for host in HOSTS:
        lab("cut", host)
        lab("wipe", host)
        lab("boot", host)
    with tempfile.TemporaryDirectory(prefix="tmr-upgrade-") as directory:
        tree = Path(directory) / "earlier"
        tree.mkdir()
        lay_out(tree, commit)
        assert not commit or digest(tree) != digest(ROOT), f"{commit} is no other code than today's"
        as_version(tree, "0.0.9")
        # The way of building, and the wheels that were fetched for it, are today's.
        for name in ("scripts/wheelhouse", "requirements/server.txt"):
            (tree / name).write_bytes((ROOT / name).read_bytes())
        plant = Plant(Path(directory))
        plant.prepare()
        assert plant.build_wheelhouse(tree).startswith("0.0.9-")
        plant.tree = tree
        played = plant.play("site.yml")
        assert played.code == 0, played.said
        plant.tree = ROOT
        plant.wait_until_whole()
        plant.issue_licence()
        with plant.client("before") as client:
            plant.wait_until_available(client)
        said = f"commit {commit}" if commit else "today's code under an older name"
        yield Earlier(plant, said)


def test_site_does_not_change_a_running_release_in_passing(earlier):
    plant = earlier.plant
    newest = plant.build_wheelhouse(ROOT)
    played = plant.play("site.yml", "--tags", "release")
    assert played.code != 0
    assert "rolling_upgrade.yml" in played.said
    links = lab("sh", "up1", "readlink", "/opt/tmr/current").strip()
    assert links.startswith("0.0.9-")
    assert links != newest


def test_an_upgrade_that_cannot_roll_is_refused(earlier):
    """A release of other formats stays beside the one that runs, and nothing else happens."""
    plant = earlier.plant
    with tempfile.TemporaryDirectory(prefix="tmr-other-") as directory:
        tree = Path(directory)
        lay_out(tree, "")
        as_version(tree, "0.0.10")
        init = tree / "appliance" / "__init__.py"
        init.write_text(re.sub(r"(?m)^FORMATS = .*$", "FORMATS = 99", init.read_text()))
        other = plant.build_wheelhouse(tree)
    refused = plant.play("rolling_upgrade.yml", tmr_release=other)
    assert refused.code != 0
    assert "cannot work together" in " ".join(refused.said.split())
    for host in HOSTS:
        assert lab("sh", host, "readlink", "/opt/tmr/current").startswith("0.0.9-")
    plant.wait_until_whole()


def test_no_upgrade_begins_while_a_licence_would_stop_with_a_host(earlier):
    """The vendor issued up3 something else by mistake: two containers carry the licence."""
    plant = earlier.plant
    plant.change_licence("up3", SEATS + 1)
    wait_until(lambda: "differs" in plant.constituents(), "up3's constituent to differ")
    refused = plant.play("rolling_upgrade.yml", whole_wait_s=2)
    assert refused.code != 0
    assert "only two containers agree on it: up3 has another" in " ".join(refused.said.split())
    for host in HOSTS:
        assert lab("sh", host, "readlink", "/opt/tmr/current").startswith("0.0.9-")
    plant.change_licence("up3", SEATS)
    wait_until(lambda: plant.constituents() == ["ok"] * 3, "three constituents that agree")


def test_no_upgrade_begins_while_an_upstream_takes_no_part(earlier):
    """It answers and is level, but for one more that is stopped nobody would be served."""
    plant = earlier.plant
    store, kept = "/var/lib/tmr/ledger.sqlite", "/var/lib/tmr/ledger.kept"
    lab("sh", "up3", "systemctl", "stop", "tmr-upstream")
    lab("sh", "up3", "cp", "-a", store, kept)
    spoil = ("of=" + store, "bs=4096", "seek=1", "count=3", "conv=notrunc")
    lab("sh", "up3", "dd", "if=/dev/urandom", *spoil)
    lab("sh", "up3", "systemctl", "start", "tmr-upstream")
    wait_until(lambda: "damage" in plant.upstream("up3"), "up3 to say that its store is damaged")
    refused = plant.play("rolling_upgrade.yml", whole_wait_s=2)
    assert refused.code != 0
    assert "Not all five hosts are well" in refused.said
    for host in HOSTS:
        assert lab("sh", host, "readlink", "/opt/tmr/current").startswith("0.0.9-")
    lab("sh", "up3", "systemctl", "stop", "tmr-upstream")
    lab("sh", "up3", "mv", kept, store)
    lab("sh", "up3", "systemctl", "start", "tmr-upstream")
    plant.wait_until_whole()


def test_a_rolling_upgrade_under_load(earlier, capsys):
    plant = earlier.plant
    with tempfile.TemporaryDirectory(prefix="tmr-newer-") as directory:
        tree = Path(directory)
        lay_out(tree, "")
        as_version(tree, "0.1.1")
        with_newer_rules(tree)
        newest = plant.build_wheelhouse(tree)
    with plant.client("upgrade") as client, plant.client("holder") as holder:
        lease = holder.lease(FIRM, PRODUCT)
        lease.check_out()
        with Load(client).running() as load:
            played = plant.play("rolling_upgrade.yml")
            load.wait_for_more()
        assert played.code == 0, played.said
        assert lease.usable, "a lease did not survive the upgrade"
        lease.check_in()
    for host in HOSTS:
        assert lab("sh", host, "readlink", "/opt/tmr/current").strip() == newest
    versions = {host["version"] for host in plant.status()["tmr_hosts"]}
    assert versions == {newest.partition("-")[0]}
    with capsys.disabled():
        print(
            f"\nhosts: rolling upgrade from {earlier.name} in {played.seconds:.0f} s:"
            f" {len(load.done_at_s)} check-outs, {len(load.failures)} failed,"
            f" {load.longest_gap_s:.2f} s between two"
        )
    assert load.failures == []
    again = plant.play("rolling_upgrade.yml", "--check")
    assert (again.code, [task for _, task in again.changed if "link" in task]) == (0, []), (
        again.said
    )


def test_rules_wait_for_the_host_that_was_left_old_and_are_raised_under_load(earlier, capsys):
    """up3 stays on the release before: everything of today works, the new command waits for it."""
    plant = earlier.plant
    newest = lab("sh", "up1", "readlink", "/opt/tmr/current").strip()
    releases = lab("sh", "up3", "ls", "/opt/tmr").split()
    before = next(name for name in releases if name.startswith("0.0.9-"))
    limit = ("limit", f"{FIRM}:{PRODUCT}", "--seats", str(SEATS))
    with plant.client("rules") as client, Load(client).running() as load:
        run_release("up3", before)
        plant.wait_until_whole()
        wait_until(lambda: rules(plant).get("waits_for") == ["up3"], "all others to know the rules")
        code, said = told(plant, *limit)
        assert (code, "newer rules than are in force" in said) == (1, True), said
        code, said = told(plant, "rules", "raise")
        assert (code, "upgrade up3, then" in said) == (1, True), said
        load.wait_for_more()
        run_release("up3", newest)
        plant.wait_until_whole()
        wait_until(lambda: rules(plant)["common"] == RULES + 1, "up3 to know the rules")
        code, said = told(plant, "rules", "raise")
        assert code == 0, said
        assert rules(plant)["in_force"] == RULES + 1
        code, said = told(plant, *limit)
        assert code == 0, said
        load.wait_for_more()
        run_release("up3", before)
        why = f"this ledger uses rules {RULES + 1}, this release knows {RULES}"
        wait_until(
            lambda: plant.upstream("up3").get("refuses", {}).get("code") == "rules-newer",
            "up3 to say why",
        )
        assert why in lab("sh", "up3", "journalctl", "-u", "tmr-upstream", "-n", "50")
        load.wait_for_more()
        run_release("up3", newest)
        plant.wait_until_whole()
    with capsys.disabled():
        print(
            f"\nhosts: rules raised: {len(load.done_at_s)} check-outs, {len(load.failures)} failed"
        )
    assert load.failures == []


def test_its_settings_are_brought_up_to_date_under_load(earlier, capsys):
    """What this tree's roles want, on hosts that were deployed by older roles."""
    plant = earlier.plant
    with plant.client("settings") as client, Load(client).running() as load:
        played = plant.play("site.yml")
        load.wait_for_more()
    assert played.code == 0, played.said
    plant.wait_until_whole()
    again = plant.play("site.yml")
    assert (again.code, again.changed) == (0, []), again.said
    with capsys.disabled():
        print(
            f"\nhosts: settings of {earlier.name} brought up to date: {played.changes}"
            f" changes, {len(load.done_at_s)} check-outs, {len(load.failures)} failed,"
            f" {load.longest_gap_s:.2f} s between two"
        )
    assert load.failures == []
