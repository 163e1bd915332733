"""The vendors' database: one transaction for each act, in SQLite and in PostgreSQL alike."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    event,
    insert,
    text,
)

from appliance.codec.ticket_codes import is_code
from appliance.services.central import CentralRefused, LicenseCentral, Options
from appliance.services.central.records import database as module
from appliance.services.central.records import founding
from appliance.services.central.records.licences import After
from appliance.services.central.records.schema import REVISIONS, metadata
from appliance.services.central.refusals import RecordsFailed
from appliance.services.central.tickets import OPEN, USED_UP
from tests.unit.central.asking import FIRM_A, FIRM_B, Network, by_hand, containers, rows, sell
from tests.unit.central.test_returning import KEY

WRITES = ("INSERT", "UPDATE", "DELETE", "COMMIT")


class Power(BaseException):
    """The power is gone."""


@contextmanager
def at_each_statement(do: Callable[[int, str], None]) -> Iterator[None]:
    """Calls `do` with number and text before each statement, and before each commit."""
    count = 0

    def told(text_said: str) -> None:
        nonlocal count
        count += 1
        do(count, text_said)

    def statement(connection, cursor, said, parameters, context, many) -> None:
        told(said)

    def commit(connection) -> None:
        told("COMMIT")

    event.listen(Engine, "before_cursor_execute", statement)
    event.listen(Engine, "commit", commit)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", statement)
        event.remove(Engine, "commit", commit)


def killed_everywhere(central: LicenseCentral, act: Callable[[], object]) -> int:
    """Kills this act before each statement that writes, before its commit and at whatever comes
    after that, and says how many those were.

    After each kill the records are as they were, until one comes after the commit; then it is done,
    and the repeat changes nothing.
    """
    before, step = rows(central), 0
    while True:
        step += 1
        count, committed = 0, False

        def kill(number: int, said: str, at: int = step) -> None:
            nonlocal count, committed
            if committed or said.startswith(WRITES):
                count += 1
                if count == at:
                    raise Power(said)
            committed = committed or said == "COMMIT"

        try:
            with at_each_statement(kill):
                act()
        except Power as power:
            if rows(central) == before:
                continue
            assert not str(power).startswith(WRITES)
            done = rows(central)
            with suppress(CentralRefused):
                act()
            assert rows(central) == done
        assert rows(central) != before
        return step - 1


def test_an_act_that_is_killed_anywhere_has_not_been(tmp_path, central, net) -> None:
    """Whatever a container or a vendor does: no number is used, and the repeat does it once."""
    homes = containers(tmp_path, central, 1, 2, 3)
    new, other = containers(tmp_path, central, 4, 5)
    code = sell(central)
    assert killed_everywhere(central, lambda: net.activate(code, homes)) > 30
    once = rows(central)
    assert net.activate(code, homes) == net.activate(code, homes), "the same answer"
    assert rows(central) == once
    assert [net.fetch(one) for one in homes] == [1, 1, 1]

    asked = [by_hand(one, FIRM_B) for one in homes]
    killed_everywhere(central, lambda: central.issue(FIRM_B, 10, asked, order="PO 4711"))
    with pytest.raises(CentralRefused, match="was used for this already"):
        central.issue(FIRM_B, 10, asked, order="PO 4711")
    assert [one.tmr_id for one in central.firm(FIRM_B).returns()] == []
    assert len(central.updates(FIRM_B, homes[0].serial)) == 1
    killed_everywhere(central, lambda: central.change(FIRM_B, 1, Options.of(quantity=5)))
    assert len(central.updates(FIRM_B, homes[0].serial)) == 2

    net.give_back(homes[0], KEY)
    killed_everywhere(central, lambda: net.give_back(homes[1], KEY))
    net.wait()
    killed_everywhere(central, lambda: net.transfers.update(net.ask(homes[0])))
    assert net.fetch(homes[0], confirm=False) == 2, "one of each firm"
    killed_everywhere(central, lambda: net.confirm(homes[0]))
    assert central.firm(FIRM_A).tickets()[0].state == USED_UP, "one alone"

    central.register(homes[2].serial, "Plant A")
    killed_everywhere(central, lambda: central.block(homes[2].serial, "Plant A", "Lost"))
    asked = [by_hand(new, FIRM_B, "Repair")]
    lost = homes[2].serial
    killed_everywhere(central, lambda: central.reissue_for(FIRM_B, lost, asked[0], order="Repair"))
    with pytest.raises(CentralRefused, match="holds no licence of firm"):
        central.reissue_for(FIRM_B, lost, by_hand(other, FIRM_B, "Repair"), order="Repair")
    assert central.records.verify() == central.records.verify(None)


def test_what_a_power_cut_leaves_on_the_disk_is_before_or_after(tmp_path) -> None:
    """The files as they are at each moment, opened elsewhere: SQLite's own, not ours."""
    central = LicenseCentral.create(tmp_path / "central")
    central.add_firm(FIRM_A, "Firm A")
    before, images = rows(central), tmp_path / "images"

    def copy(number: int, said: str) -> None:
        image = images / f"{number:03}"
        image.mkdir(parents=True)
        for path in (tmp_path / "central").glob("central.db*"):
            shutil.copyfile(path, image / path.name)

    with at_each_statement(copy):
        central.add_firm(FIRM_B, "Firm B")
    copy(999, "afterwards")
    after = rows(central)
    found = [rows(LicenseCentral(image)) for image in sorted(images.iterdir())]
    assert found[0] == before != after == found[-1]
    assert [one == after for one in found] == sorted(one == after for one in found)
    assert sum(one == before for one in found) > 4 and all(one in (before, after) for one in found)


def test_two_programs_wait_for_each_other_and_the_second_is_told(
    tmp_path, central, monkeypatch
) -> None:
    monkeypatch.setattr(module, "LOCK_WAIT_S", 0.01)
    other = LicenseCentral(tmp_path / "central")
    before = rows(central)
    with central.records.act():
        with pytest.raises(RecordsFailed, match="in use by another program; try again"):
            other.add_firm(7, "Firm C")
        assert rows(other) == before, "reading waits for nobody"
    assert other.add_firm(7, "Firm C").firm_code == 7
    other.records.close()


def test_names_are_values_and_never_code(tmp_path, central) -> None:
    """What breaks out of a statement elsewhere is a name here, or refused as none."""
    nasty = "x'); DROP TABLE firms; --"
    assert central.add_firm(7, nasty).firm_name == nasty
    homes = containers(tmp_path, central, 1, 2, 3)
    central.issue(FIRM_A, 10, [by_hand(one, FIRM_A, nasty) for one in homes], order=nasty)
    assert central.register(homes[0].serial, nasty).owner == nasty
    for owner in ("a\r\nSet-Cookie: b", "\x00", "\x1b[2J"):
        with pytest.raises(CentralRefused, match="printable"):
            central.register(homes[1].serial, owner)
    assert not is_code(nasty) and central.ticket(nasty) is None
    assert central.records.trail(None, 5, nasty) == []
    with pytest.raises(CentralRefused, match="No container"):
        central.firm(FIRM_A).group("' OR 1=1 --")
    assert {one.firm_code for one in central.firms()} == {7, FIRM_A, FIRM_B}


def test_the_steps_make_the_tables_that_the_code_works_with(central) -> None:
    with central.records.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    script = ScriptDirectory(str(founding._MIGRATIONS))
    assert [one.revision for one in script.walk_revisions()][::-1] == list(REVISIONS)


def test_records_of_another_release_are_refused_by_name(central, net, tmp_path) -> None:
    with central.records.act() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    for act in (central.firms, lambda: central.add_firm(7, "Firm C")):
        with pytest.raises(CentralRefused, match=r"newer release \(schema later\)"):
            act()
    with pytest.raises(CentralRefused, match="newer release"):
        founding.upgrade_records(central.records)
    assert central.records.exists


def as_step_2_left_it(connection: Connection) -> None:
    connection.execute(text("DROP TABLE heard"))
    connection.execute(text("ALTER TABLE firms DROP COLUMN wait_days"))
    connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))


def as_step_1_left_it(connection: Connection, *sold: dict[str, object]) -> None:
    """Tickets were of one product then, and noted who had shown them."""
    as_step_2_left_it(connection)
    for gone in ("systems", "subscriptions", "ticket_uses", "ticket_lines", "tickets"):
        connection.execute(text(f"DROP TABLE {gone}"))
    counted = BigInteger().with_variant(Integer(), "sqlite")
    texts = [Column(name, Text) for name in ("code", "options")]
    numbers = [Column(name, BigInteger) for name in ("firm_code", "product_code", "tmr_id")]
    before = MetaData()
    tickets = Table(
        "tickets", before, Column("number", counted, primary_key=True), *texts, *numbers
    )
    Index("ix_tickets_firm_code_number", tickets.c.firm_code, tickets.c.number)
    Table("shown", before, Column("code", Text), Column("request", LargeBinary))
    before.create_all(connection)
    for one in sold:
        connection.execute(insert(tickets).values(**one))
    connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))


def test_an_older_schema_is_brought_up_by_one_command(central) -> None:
    now = rows(central)
    with central.records.act() as connection:
        as_step_2_left_it(connection)
    with pytest.raises(CentralRefused, match="run `tmr central migrate`"):
        central.firms()
    assert founding.upgrade_records(central.records) == "0002"
    assert rows(central) == now, "nothing is lost"
    assert founding.upgrade_records(central.records) == REVISIONS[-1]


def test_old_tickets_become_tickets_of_one_line(central, tmp_path) -> None:
    homes = containers(tmp_path, central, 1, 2, 3)
    asked = [by_hand(one, FIRM_A, "Before") for one in homes]
    issued = central.issue(FIRM_A, 10, asked, Options.of(quantity=3), order="Before")
    with central.records.reading() as connection:
        group = connection.execute(text("SELECT DISTINCT cmact_id FROM containers")).scalar_one()
    new = ("audit", "systems", "tickets", "ticket_lines", "ticket_uses")
    kept = {name: held for name, held in rows(central).items() if name not in new}
    old = {"firm_code": FIRM_A, "product_code": 10}
    with central.records.act() as connection:
        as_step_1_left_it(
            connection,
            old | {"code": "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE", "options": '{"values":{"quantity":4}}'},
            old
            | {"code": "ZZZZZ-BBBBB-CCCCC-DDDDD-EEEEE", "options": "{}", "tmr_id": issued.tmr_id},
        )
    assert founding.upgrade_records(central.records) == "0001"
    with central.records.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    open_one, used_up = central.firm(FIRM_A).tickets()
    assert open_one.code.startswith("AAAAA-BBBBB-CCCCC-DDDDD-EEEE") and is_code(open_one.code)
    assert [(one.quantity, open_one.state_of(one)) for one in open_one.lines] == [(4, OPEN)]
    assert used_up.state == USED_UP
    assert [(one.tmr_id, one.cmact_id) for one in used_up.uses] == [(issued.tmr_id, group)]
    assert central.ticket(open_one.code)[1] == open_one
    assert {name: held for name, held in rows(central).items() if name in kept} == kept


@pytest.mark.parametrize(
    ("pragma", "said"),
    [
        ("query_only = ON", "cannot be written; see who owns it"),
        ("max_page_count = 1", "has no room left on its disk"),
    ],
)
def test_what_the_disk_says_against_it_is_said(tmp_path, pragma, said) -> None:
    central = LicenseCentral.create(tmp_path / "central")
    before = rows(central)
    central.records.close()

    def limit(connection, _) -> None:
        connection.execute(f"PRAGMA {pragma}")

    event.listen(Engine, "connect", limit)
    try:
        with pytest.raises(RecordsFailed, match=said):
            for number in range(100):
                central.add_firm(7 + number, "x" * 64)
    finally:
        event.remove(Engine, "connect", limit)
    central.records.close()
    made = [one.firm_code for one in central.firms()]
    assert (rows(central) == before) or made, "what was made before it was full is there"


@pytest.mark.parametrize(
    "url", ["mysql://root@host/x", "central.db", "postgresql+psycopg2://a/b", "://", "\x00"]
)
def test_what_is_no_postgresql_is_refused(tmp_path, url) -> None:
    with pytest.raises(CentralRefused, match="postgresql://USER:PASSWORD@HOST"):
        LicenseCentral.create(tmp_path / "central", database=url)
    assert not LicenseCentral(tmp_path / "central").records.exists


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_database_is_one_license_centrals(tmp_path, central, database) -> None:
    with pytest.raises(CentralRefused, match="holds the records of a License Central"):
        LicenseCentral.create(tmp_path / "other", database=database)
    # The second machine has the keys and the URL's file, and goes on with the same records.
    shutil.copytree(tmp_path / "central", tmp_path / "second")
    second = LicenseCentral(tmp_path / "second")
    second.add_firm(7, "Firm C")
    assert central.firm(7).firm_name == "Firm C"
    second.records.close()
    nowhere = tmp_path / "nowhere"
    with pytest.raises(RecordsFailed, match="Nothing was changed"):
        LicenseCentral.create(nowhere, database="postgresql://central@/x?host=/nowhere")
    assert not (nowhere / "database.url").exists()


def test_lists_come_in_pages(tmp_path, central: LicenseCentral, net: Network) -> None:
    homes = containers(tmp_path, central, 1, 2, 3)
    for _ in range(3):
        net.activate(sell(central), homes)
    seen: list[tuple[int, str]] = []
    after = None
    while page := central.licences(after, 4):
        seen += [(one.item.tmr_id, one.container.serial) for one in page]
        last = page[-1]
        after = After(FIRM_A, last.item.tmr_id, last.item.product_code, last.container.serial)
    serials = sorted(one.serial for one in homes)
    assert seen == [(tmr_id, serial) for tmr_id in (1, 2, 3) for serial in serials]
    first = central.tickets(limit=2)
    rest = central.tickets(first[-1][1].code)
    assert [(code, one.uses[0].tmr_id) for code, one in (*first, *rest)] == [
        *((FIRM_A, 1), (FIRM_A, 2), (FIRM_A, 3)),
    ]


def test_the_directory_may_be_anywhere(tmp_path: Path) -> None:
    odd = tmp_path / "100% sure? #1 & só"
    central = LicenseCentral.create(odd)
    central.add_firm(FIRM_A, "Firm A")
    assert [one.firm_code for one in LicenseCentral(odd).firms()] == [FIRM_A]
