"""The audit trail, backups, and how they are looked at on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from appliance.cli.main import tmr
from appliance.services.central import CentralRefused, LicenseCentral
from appliance.services.central.records import backups
from appliance.services.central.records.audit import Broken, Head
from appliance.services.central.records.schema import REVISIONS
from tests.unit.central import postgres
from tests.unit.central.asking import FIRM_A, by_hand, containers, rows, sell


@pytest.fixture
def sold(tmp_path: Path, central: LicenseCentral) -> LicenseCentral:
    """A licence was issued, by hand."""
    homes = containers(tmp_path, central, 1, 2, 3)
    central.issue(FIRM_A, 10, [by_hand(one, FIRM_A) for one in homes], order="PO 4711")
    return central


def run(central: LicenseCentral, *words: str, expect: int = 0) -> str:
    result = CliRunner().invoke(tmr, ["central", "--dir", str(central.path), *words])
    assert result.exit_code == expect, result.output
    return result.output


def test_each_act_says_who_did_what(central, net, tmp_path) -> None:
    homes = containers(tmp_path, central, 1, 2, 3)
    code = sell(central)
    net.activate(code, homes)
    net.fetch(homes[0])
    newest, *rest = central.records.trail(None, 10)
    assert (newest.act, newest.who) == ("receipt", f"container {homes[0].serial}")
    assert [row.act for row in rest[:5]] == ["issue", *["activate"] * 3, "ticket"]
    assert rest[0].subject == f"{FIRM_A}:10#1"
    assert code not in str(central.records.trail(None, 100)), "a ticket is worth a licence"
    assert rest[4].who != f"container {homes[0].serial}"


@pytest.mark.parametrize(
    ("harm", "number"),
    [
        ("UPDATE audit SET detail = '{}' WHERE number = 4", 4),
        ("UPDATE audit SET who = 'Eve' WHERE number = 2", 2),
        ("UPDATE audit SET at_ms = at_ms + 1 WHERE number = 1", 1),
        ("UPDATE audit SET hash = (SELECT hash FROM audit WHERE number = 1) WHERE number = 3", 3),
        ("DELETE FROM audit WHERE number = 3", 3),
        ("UPDATE audit SET number = 1000 WHERE number = 5", 5),
    ],
)
def test_a_trail_that_was_rewritten_does_not_hold(sold, harm, number) -> None:
    head = sold.records.verify()
    assert isinstance(head, Head) and head.number > 8
    with sold.records.act() as connection:
        connection.execute(text(harm))
    found = sold.records.verify()
    assert isinstance(found, Broken) and found.number == number
    assert f"at row {number}" in run(sold, "audit", "--verify", expect=1)


def test_a_trail_that_was_cut_or_made_anew_is_not_the_one_that_was_noted(sold) -> None:
    noted = json.loads(run(sold, "audit", "--verify", "--json"))["head"]
    sold.add_firm(7, "Firm C")
    assert "holds" in run(sold, "audit", "--verify", "--head", noted)
    with sold.records.act() as connection:
        connection.execute(text("DELETE FROM audit WHERE number > 5"))
    assert isinstance(sold.records.verify(), Head), "that alone shows nothing"
    said = run(sold, "audit", "--verify", "--head", noted, expect=1)
    assert "the trail ends before row" in said
    for _ in range(20):
        sold.add_product(FIRM_A, _product(sold))
    assert "is not the one that was noted" in run(
        sold, "audit", "--verify", "--head", noted, expect=1
    )
    assert "NUMBER:HASH" in run(sold, "audit", "--verify", "--head", "7", expect=2)


def _product(central: LicenseCentral):
    from appliance.services.central import Product

    return Product(product_code=100 + len(central.firm(FIRM_A).products))


def test_the_trail_is_listed_in_pages(sold) -> None:
    first = json.loads(run(sold, "audit", "--limit", "2", "--json"))
    then = json.loads(run(sold, "audit", "--after", first["next"], "--json"))
    numbers = [act["number"] for act in (*first["acts"], *then["acts"])]
    assert numbers == list(range(len(numbers), 0, -1)) and then["next"] is None
    (only,) = json.loads(run(sold, "audit", "--subject", f"{FIRM_A}:10#1", "--json"))["acts"]
    assert (only["act"], len(only["detail"]["updates"])) == ("issue", 3)
    assert "--after is the number" in run(sold, "audit", "--after", "x", expect=2)


# --- backups ---


def test_a_backup_is_all_there_is_in_either_database(tmp_path, sold, request) -> None:
    """What SQLite held comes back in PostgreSQL, and the other way round."""
    file = tmp_path / "central.backup"
    assert "private keys are in it" in run(sold, "backup", str(file))
    assert "cannot be used" in run(sold, "backup", str(file), expect=1)
    other = ""
    if not (sold.path / "database.url").exists() and postgres.program("initdb"):
        other = postgres.empty_database(request.getfixturevalue("cluster"), "other")
    back = LicenseCentral(tmp_path / "back")
    run(back, "restore", str(file), *(("--database", other) if other else ()))
    before, after = rows(sold), rows(back)
    restored = after["audit"].pop()
    assert restored[3] == "restore" and after["audit"] == before["audit"]
    firms = [(row[:4], row[4]) for row in before.pop("firms")]
    skipped = backups.TMR_IDS_SKIPPED
    assert [(row[:4], row[4] - skipped) for row in after.pop("firms")] == firms
    assert after == before
    # It goes on: the keys are there, and no TMR-ID or counted number comes twice.
    homes = containers(tmp_path, back, 4, 5, 6)
    asked = [by_hand(one, FIRM_A) for one in homes]
    assert back.issue(FIRM_A, 10, asked, order="PO 4711").tmr_id == 2 + backups.TMR_IDS_SKIPPED
    assert isinstance(back.records.verify(), Head)
    with pytest.raises(CentralRefused, match="holds a License Central already"):
        backups.restore(back.path, file, "", "me")
    back.records.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    central = LicenseCentral.create(tmp_path / "central")
    central.add_firm(FIRM_A, "Firm A")
    made = tmp_path / "central.backup"
    backups.back_up(central.path, central.records, made)
    return made


def refused(tmp_path: Path, data: bytes) -> str:
    path = tmp_path / "altered"
    path.write_bytes(data)
    with pytest.raises(CentralRefused) as raised:
        backups.restore(tmp_path / "back", path, "", "me")
    assert not LicenseCentral(tmp_path / "back").records.exists
    return raised.value.detail


def test_a_backup_that_is_not_as_it_was_written_restores_nothing(tmp_path, file) -> None:
    data = file.read_bytes()
    for at in range(0, len(data), 37):
        said = refused(tmp_path, data[:at])
        assert "not as it was written" in said or (at < 8 and "no backup of License" in said)
        altered = bytes([data[at] ^ 1])
        refused(tmp_path, data[:at] + altered + data[at + 1 :])
    assert "not as it was written" in refused(tmp_path, data + b"x")
    assert "no backup of License Central" in refused(tmp_path, b"")
    assert not (tmp_path / "back").exists(), "no key was written"


def test_a_backup_of_another_release_or_with_another_trail_is_refused(
    tmp_path, file, monkeypatch
) -> None:
    monkeypatch.setattr(backups, "REVISIONS", ("0000",))
    said = refused(tmp_path, file.read_bytes())
    assert f"backup of another release (schema {REVISIONS[-1]})" in said
    monkeypatch.undo()
    central = LicenseCentral(tmp_path / "central")
    with central.records.act() as connection:
        connection.execute(text("UPDATE audit SET who = 'Eve' WHERE number = 1"))
    other = tmp_path / "other.backup"
    backups.back_up(central.path, central.records, other)
    assert "does not hold at row 1" in refused(tmp_path, other.read_bytes())


def test_products_without_a_licence_are_listed(central) -> None:
    assert f"{FIRM_A}:10\tFirm {FIRM_A}" in run(central, "product", "list")
    central.add_firm(7, "Firm C")
    assert "no product yet" not in run(central, "product", "list")
    assert len(json.loads(run(central, "product", "list", "--json"))["firms"]) == 3
