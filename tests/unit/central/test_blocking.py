"""Registering and blocking containers: who may have whom blocked, and the lists that say it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from random import Random, SystemRandom

import pytest
from click.testing import CliRunner

from appliance.adapters.container_home import ContainerHome
from appliance.cli.main import tmr
from appliance.codec import block_list as codec
from appliance.codec.block_list import certificate_number, read_block_list
from appliance.services.central import CentralRefused, LicenseCentral, Product, blocking
from appliance.services.central.records.audit import Row
from appliance.services.central.root import RootAuthority
from tests.unit.central.asking import ORDER, all_by_hand


@pytest.fixture
def central(tmp_path) -> LicenseCentral:
    made = LicenseCentral.create(tmp_path / "central", rng=Random(1))
    made.add_firm(600_100, "Firm A")
    made.add_product(600_100, Product(product_code=10, quantity=10))
    return made


@pytest.fixture
def homes(tmp_path, central) -> list[ContainerHome]:
    """Three containers that hold a licence."""
    root = central.root.certificate
    made = [
        ContainerHome.create(tmp_path / f"up{n}", SystemRandom(), f"up{n}", root_certificate=root)
        for n in (1, 2, 3)
    ]
    issued = central.issue(600_100, 10, all_by_hand(made, 600_100), order=ORDER)
    for home, update in zip(made, issued.updates, strict=True):
        home.import_update(update.data)
    return made


def read(central: LicenseCentral, data: bytes):
    return read_block_list(data, central.root.certificate)


def test_a_registered_container_is_blocked_and_unblocked(central, homes):
    serial = homes[0].serial
    central.register(serial, "Plant A")
    assert read(central, central.make_block_list()).blocked == ()
    central.block(serial, "Plant A", "Stolen from the van")
    made = read(central, central.make_block_list(days=3))
    assert (made.number, made.reason_for(serial)) == (2, "Stolen from the van")
    assert made.next_update_s - made.this_update_s == 3 * 86_400
    (entry,) = made.blocked
    assert homes[0].certificate is not None
    assert entry.certificate_number == certificate_number(homes[0].certificate)
    assert central.blocks.list_path.read_bytes() == made.data
    central.unblock(serial, "Found again")
    last = read(central, central.make_block_list())
    assert (last.number, last.blocked) == (3, ())
    acts = [(act.act, act.subject, json.loads(act.detail)["why"]) for act in log(central)]
    assert [act for act in acts if act[0] != "crl"] == [
        ("register", serial, "Plant A"),
        ("block", serial, "Stolen from the van"),
        ("unblock", serial, "Found again"),
    ]
    assert sum(act[0] == "crl" for act in acts) == 3


def log(central: LicenseCentral) -> list[Row]:
    """What was done to containers, oldest first."""
    return central.blocks.acts(None, 1_000)[::-1]


@pytest.fixture
def unchanged(central):
    """Whatever happens in the test leaves the book as it is when the test begins."""
    before: list[object] = []
    yield lambda: before.append((central.blocks.registrations, log(central)))
    assert before == [(central.blocks.registrations, log(central))]


def test_a_stranger_blocks_nobody(central, homes, unchanged):
    mine, not_registered = homes[0].serial, homes[1].serial
    central.register(mine, "Plant A")
    unchanged()
    for act, said in (
        (lambda: central.block(not_registered, "Eve", "I want it"), "is not registered"),
        (lambda: central.block(mine, "Eve", "I want it"), "another owner"),
        (lambda: central.block(mine, "", "I want it"), "another owner"),
        (lambda: central.block("130-1", "Eve", "I want it"), "is not registered"),
        (lambda: central.register(mine, "Eve"), "is registered by 'Plant A'"),
        (lambda: central.register("130-1", "Eve"), "No container 130-1 was ever activated"),
        (lambda: central.register(not_registered, "x" * 65), "An owner has"),
        (lambda: central.block(mine, "Plant A", ""), "A reason has"),
        (lambda: central.unblock(mine, "Never mind"), "is not blocked"),
        (lambda: central.unblock(mine, ""), "A reason has"),
        (lambda: central.make_block_list(0), "1 to 366 days"),
    ):
        with pytest.raises(CentralRefused, match=said):
            act()


def test_what_is_done_twice_is_done_once(central, homes):
    serial = homes[0].serial
    assert central.register(serial, "Plant A") == central.register(serial, "Plant A")
    central.block(serial, "Plant A", "Lost")
    with pytest.raises(CentralRefused, match="blocked already: Lost"):
        central.block(serial, "Plant A", "Lost again")
    assert [act.act for act in log(central)] == ["register", "block"]


def test_a_list_holds_only_so_many(central, homes, monkeypatch):
    monkeypatch.setattr(blocking, "BLOCKED_MAX", 1)
    for home in homes[:2]:
        central.register(home.serial, "Plant A")
    central.block(homes[0].serial, "Plant A", "Lost")
    with pytest.raises(CentralRefused, match="1 containers are blocked"):
        central.block(homes[1].serial, "Plant A", "Lost")


def test_a_number_is_never_used_twice(central, homes, monkeypatch):
    central.make_block_list()
    monkeypatch.setattr(codec, "BLOCK_LIST_BYTES_MAX", 100)
    with pytest.raises(CentralRefused, match="cannot be made"):
        central.make_block_list()
    monkeypatch.undo()
    assert read(central, central.make_block_list()).number == 2
    monkeypatch.setattr(RootAuthority, "sign_block_list", _dies)
    with pytest.raises(KeyboardInterrupt):
        central.make_block_list()
    monkeypatch.undo()
    assert read(central, central.make_block_list()).number == 3
    # A crash before its file is there leaves a gap, and never another list of its number.
    monkeypatch.setattr(blocking, "write_whole", _dies)
    with pytest.raises(KeyboardInterrupt):
        central.make_block_list()
    monkeypatch.undo()
    assert read(central, central.blocks.list_path.read_bytes()).number == 3
    assert read(central, central.make_block_list()).number == 5


def test_a_list_is_due_when_it_says_something_else_or_half_its_time_is_over(central, homes):
    serial, lists = homes[0].serial, central.blocks
    first = central.make_block_list(if_due=True)
    assert central.make_block_list(if_due=True) == first
    made = read(central, first)
    half = datetime.fromtimestamp((made.this_update_s + made.next_update_s) // 2, UTC)
    assert not lists.is_due(half - timedelta(seconds=1))
    assert lists.is_due(half)
    central.register(serial, "Plant A")
    assert central.make_block_list(if_due=True) == first, "nobody is blocked by that"
    central.block(serial, "Plant A", "Stolen")
    second = read(central, central.make_block_list(if_due=True))
    assert (second.number, second.reason_for(serial)) == (2, "Stolen")
    central.unblock(serial, "Found")
    assert read(central, central.make_block_list(if_due=True)).number == 3
    for wrong in (b"", b"no list", first[:-1] + bytes((first[-1] ^ 1,))):
        central.blocks.list_path.write_bytes(wrong)
        assert central.blocks.is_due(half), "what a container would refuse is no list"


def _dies(*_: object) -> bytes:
    raise KeyboardInterrupt


def test_a_damaged_book_is_said(central, homes):
    central.register(homes[0].serial, "Plant A")
    central.records.close()
    path = central.path / "central.db"
    path.write_bytes(b"no database" + path.read_bytes()[11:])
    with pytest.raises(CentralRefused, match="damaged"):
        central.make_block_list()


def test_the_story_on_the_command_line(central, homes, tmp_path):
    def run(*words: str, expect: int = 0) -> str:
        result = CliRunner().invoke(tmr, ["central", "--dir", str(tmp_path / "central"), *words])
        assert result.exit_code == expect, result.output
        return result.output

    serial = homes[0].serial
    refused = run("block", serial, "--reason", "I want it", expect=1)
    assert "is not registered" in refused
    assert "is registered for Plant A" in run("register", serial, "--owner", "Plant A")
    owner = ("--owner", "Plant A")
    assert "tmr central crl" in run("block", serial, *owner, "--reason", "Stolen")
    out = tmp_path / "out.crl"
    made = json.loads(run("crl", "--out", str(out), "--days", "2", "--json"))
    assert (made["number"], made["blocked"], made["file"]) == (1, 1, str(out))
    assert out.read_bytes() == central.blocks.list_path.read_bytes()
    again = json.loads(run("crl", "--out", str(out), "--if-due", "--json"))
    assert (made["written"], again["written"], again["number"]) == (True, False, 1)
    copy = json.loads(run("crl", "--out", str(tmp_path / "copy.crl"), "--if-due", "--json"))
    assert (copy["written"], copy["number"]) == (True, 1), "another server gets the same list"
    assert "is current until" in run("crl", "--if-due")
    (shown,) = json.loads(run("blocks", "--json"))["containers"]
    assert (shown["container"], shown["owner"], shown["blocked_for"]) == (
        *(serial, "Plant A"),
        "Stolen",
    )
    assert "is blocked no more" in run("unblock", serial, "--reason", "Found")
    acts = json.loads(run("blocks", "--log", "--json"))["acts"]
    assert [act["act"] for act in acts] == ["unblock", "crl", "block", "register"]
    first = json.loads(run("blocks", "--log", "--limit", "1", "--json"))
    assert [act["act"] for act in first["acts"]] == ["unblock"]
    then = json.loads(run("blocks", "--log", "--after", first["next"], "--json"))
    assert ([act["act"] for act in then["acts"]], then["next"]) == (
        ["crl", "block", "register"],
        None,
    )


def test_the_list_says_when_it_was_made(central, homes):
    now = datetime(2031, 2, 3, 4, 5, 6, 789_000, tzinfo=UTC)
    made = read(central, central.blocks.make_list(now))
    assert datetime.fromtimestamp(made.this_update_s, UTC) == now.replace(microsecond=0)
    assert datetime.fromtimestamp(made.next_update_s, UTC) == now.replace(
        microsecond=0
    ) + timedelta(days=7)
    assert os.path.getsize(central.blocks.list_path) == len(made.data)
