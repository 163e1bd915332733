"""A firm may wait before a lost group's licences are issued anew: for a sign of that group."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.adapters.container_home import ContainerHome
from appliance.cli.main import tmr
from appliance.services.central import CentralRefused, LicenseCentral, blocking
from appliance.services.central import central as module
from tests.unit.central.asking import (
    FIRM_A,
    FIRM_B,
    ORDER,
    Network,
    all_by_hand,
    by_hand,
    containers,
    rows,
    sell,
)
from tests.unit.central.test_records import killed_everywhere

DAYS = 14
OWNER = "Plant A"


class Clock:
    """Time, as License Central has it."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, net: Network) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "_now", made)
    return made


@pytest.fixture
def lost(tmp_path: Path, central: LicenseCentral, net: Network) -> list[ContainerHome]:
    """A group with a licence; firm A waits for DAYS, firm B does not."""
    homes = containers(tmp_path, central, 1, 2, 3)
    net.activate(sell(central), homes)
    central.firm(FIRM_A).set_wait_days(DAYS)
    assert [net.fetch(one) for one in homes] == [1, 1, 1]
    return homes


@pytest.fixture
def new(tmp_path: Path, central: LicenseCentral, clock: Clock) -> list[ContainerHome]:
    return containers(tmp_path, central, 4, 5, 6)


def block(central: LicenseCentral, homes: list[ContainerHome]) -> None:
    for one in homes:
        central.register(one.serial, OWNER)
        central.block(one.serial, OWNER, "the site burnt down")


def anew(
    central: LicenseCentral,
    lost: list[ContainerHome],
    new: list[ContainerHome],
    *,
    though_heard: bool = False,
) -> tuple[str, ...]:
    asked = all_by_hand(new, FIRM_A)
    updates = central.reissue(
        FIRM_A, str(lost[0].cmact_id), asked, order=ORDER, though_heard=though_heard
    )
    return tuple(one.serial for one in updates)


def refused(central: LicenseCentral, words: str, *what: list[ContainerHome]) -> None:
    before = rows(central)
    with pytest.raises(CentralRefused, match=words):
        anew(central, *what)
    assert rows(central) == before


def test_a_lost_group_waits_from_the_list_that_names_it(central, lost, new, clock) -> None:
    central.make_block_list()
    clock.now += timedelta(seconds=1)
    refused(central, "is not blocked", lost, new)
    block(central, lost)
    refused(central, "No block list names this group yet", lost, new)
    clock.now += timedelta(days=DAYS + 1)
    refused(central, "No block list names this group yet", lost, new)
    central.make_block_list()
    clock.now += timedelta(days=DAYS, seconds=-1)
    central.make_block_list()
    refused(central, "waits 14 days for a sign", lost, new)
    clock.now += timedelta(seconds=1)
    asked, group = all_by_hand(new, FIRM_A), str(lost[0].cmact_id)
    killed_everywhere(central, lambda: central.reissue(FIRM_A, group, asked, order=ORDER))
    refused(central, "No container of group", lost, new)
    held = {one.container.serial for one in central.firm(FIRM_A).licences()}
    assert held == {one.serial for one in new}
    with pytest.raises(CentralRefused, match="was issued anew"):
        central.unblock(lost[0].serial, "Found again")


def test_the_wait_begins_anew_with_the_last_one_that_is_blocked(central, lost, new, clock) -> None:
    block(central, lost[:2])
    central.make_block_list()
    clock.now += timedelta(days=DAYS)
    block(central, lost[2:])
    refused(central, "No block list names this group yet", lost, new)
    central.make_block_list()
    refused(central, "waits 14 days for a sign", lost, new)


def test_a_group_that_is_heard_of_is_not_lost(central, net, lost, new, clock) -> None:
    """The container gets nothing, and what it asked is seen; whoever waits decides."""
    block(central, lost)
    central.make_block_list()
    net.now += timedelta(days=1)
    with pytest.raises(CentralRefused, match="is blocked"):
        net.fetch(lost[1])
    once = rows(central)
    net.now += timedelta(seconds=blocking.HEARD_EVERY_S - 1)
    with pytest.raises(CentralRefused, match="is blocked"):
        net.fetch(lost[1])
    assert rows(central) == once, "once an hour"
    net.now += timedelta(seconds=1)
    with pytest.raises(CentralRefused, match="is blocked"):
        net.fetch(lost[1])
    assert central.blocks.heard == {lost[1].serial: int(net.now.timestamp())}
    acts = [(row.act, row.subject) for row in central.blocks.acts(None, 100)]
    assert acts.count(("heard", lost[1].serial)) == 1
    clock.now += timedelta(days=DAYS)
    refused(central, f"Container {lost[1].serial} asked for something on", lost, new)
    assert len(anew(central, lost, new, though_heard=True)) == 3


def test_a_sign_from_before_a_block_is_none(central, net, lost, new, clock) -> None:
    block(central, lost)
    with pytest.raises(CentralRefused, match="is blocked"):
        net.fetch(lost[0])
    assert central.blocks.heard
    central.unblock(lost[0].serial, "It was there all the time")
    assert not central.blocks.heard
    assert net.fetch(lost[0]) == 0 and not central.blocks.heard, "nobody who is free is noted"
    block(central, lost[:1])
    central.make_block_list()
    clock.now += timedelta(days=DAYS)
    assert len(anew(central, lost, new)) == 3


def test_a_stranger_is_no_sign(tmp_path, central, net, lost, new, clock) -> None:
    """Who has another key, or shows what a container said before, is not that container."""
    old = net.ask(lost[0])
    net.transfers.update(old)
    block(central, lost)
    with pytest.raises(CentralRefused, match="challenge"):
        net.wait(1_000)
        net.transfers.update(old)
    with pytest.raises(CentralRefused):
        net.transfers.update(by_hand(lost[0], FIRM_A))
    assert not central.blocks.heard


def test_each_firm_waits_as_it_likes(tmp_path, central, new, clock) -> None:
    homes = containers(tmp_path, central, 1, 2, 3)
    for firm in (FIRM_A, FIRM_B):
        issued = central.issue(firm, 10, all_by_hand(homes, firm), order=ORDER)
        for one, update in zip(homes, issued.updates, strict=True):
            one.import_update(update.data)
    for days in (-1, 367):
        with pytest.raises(CentralRefused, match="0 to 366 days"):
            central.firm(FIRM_A).set_wait_days(days)
    block(central, homes)
    asked = all_by_hand(new, FIRM_B)
    assert len(central.reissue(FIRM_B, str(homes[0].cmact_id), asked, order=ORDER)) == 3


def test_the_command_line_says_who_waits_and_who_was_heard_of(
    tmp_path, central, net, lost, new, clock
) -> None:
    def run(*words: str, expect: int = 0) -> str:
        done = CliRunner().invoke(tmr, ["central", "--dir", str(central.path), *words])
        assert done.exit_code == expect, done.output
        return done.output

    assert "wait 3 days" in run("firm", "wait", "--firm", str(FIRM_B), "--days", "3")
    firms = json.loads(run("product", "list", "--json"))["firms"]
    assert {one["firm_code"]: one["wait_days"] for one in firms} == {FIRM_A: DAYS, FIRM_B: 3}
    block(central, lost)
    central.make_block_list()
    with pytest.raises(CentralRefused, match="is blocked"):
        net.fetch(lost[1])
    shown = json.loads(run("blocks", "--json"))["containers"]
    heard = {one["container"]: bool(one["heard"]) for one in shown}
    assert heard == {one.serial: one is lost[1] for one in lost}
    clock.now += timedelta(days=DAYS)
    words = [
        "reissue",
        "--firm",
        str(FIRM_A),
        "--group",
        str(lost[0].cmact_id),
        "--order",
        "PO 4711",
    ]
    for number, one in enumerate(new):
        path = tmp_path / f"{number}.request"
        path.write_bytes(by_hand(one, FIRM_A))
        words.append(str(path))
    words += ["--out", str(tmp_path / "out")]
    assert "--though-heard" in run(*words, expect=1)
    assert "tmr-update" in run(*words, "--though-heard")
