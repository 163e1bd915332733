"""`tmr central migrate`: the files of an older release become records, all of them or none."""

from __future__ import annotations

import json
import shutil
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from appliance.adapters.container_home import ContainerHome
from appliance.cli.main import tmr
from appliance.codec.ticket_codes import is_code
from appliance.services.central import LicenseCentral, Options
from appliance.services.central.records import Records
from appliance.services.central.records.schema import (
    block_lists,
    issued,
    put_back,
    registrations,
    used_requests,
)
from appliance.services.central.root import ActivatedContainer
from tests.unit.central.asking import (
    FIRM_A,
    FIRM_B,
    Network,
    all_by_hand,
    containers,
    rows,
    vendors,
)

FREE, SPENT = "0123A-4567B-89CDE-FGHJK-MNPQR", "ZZZZZ-4567B-89CDE-FGHJK-MNPQR"
AT_S = 1_790_000_000
FIRM_JSON = f"firms/{FIRM_A}/firm.json"


def text(data: bytes) -> str:
    return b64encode(data).decode()


def container(one: ActivatedContainer) -> dict[str, Any]:
    """A container as both old files have it."""
    return {
        "serial": one.serial,
        "public_key": text(one.public_key),
        "cmact_id": one.cmact_id,
        "twin": one.twin,
        "host": one.host,
        "certificate": text(one.certificate),
        "replaces": "",
    }


def old_firm(activated: list[ActivatedContainer]) -> dict[str, Any]:
    """What the firm had sold: TMR-IDs 1, 2 (came back) and 4 are issued, the next one is 9."""
    serials = [one.serial for one in activated]
    return {
        "firm_code": FIRM_A,
        "firm_name": f"Firm {FIRM_A}",
        "next_tmr_id": 9,
        "products": [
            {"product_code": 10, "text": "Press control", "quantity": 10, "lease_ttl_s": 30},
            {"product_code": 20, "units": 500},
        ],
        "containers": [
            {
                "container": container(one),
                "sequence": 4,
                "items": [
                    {"product_code": 10, "tmr_id": 1, "quantity": 10, "lease_ttl_s": 30},
                    {"product_code": 20, "tmr_id": 4, "units": 500, "expires_at_s": 2 * AT_S},
                ],
                "confirmed": 4 if one.twin < 3 else 2,
                "confirmed_at_s": AT_S,
                "units_confirmed": "",
                "heir": "",
            }
            for one in activated
        ],
        "tickets": [
            {
                "code": SPENT,
                "product_code": 10,
                "options": {"values": {}},
                "requests": [],
                "tmr_id": 1,
            },
            {
                "code": FREE,
                "product_code": 10,
                "options": {"values": {"quantity": 3}},
                "requests": [],
                "tmr_id": None,
            },
        ],
        "returns": [
            {
                "product_code": 10,
                "tmr_id": 2,
                "cmact_id": activated[0].cmact_id,
                "counted": False,
                "orders": dict.fromkeys(serials[:2], AT_S),
                "due_at_s": AT_S + 86_400,
                "sequences": dict.fromkeys(serials, 3),
            }
        ],
        "used_requests": [{"nonce": text(b"n" * 16), "created_at_s": AT_S, "act": "issue:10"}],
        "put_back": [
            {"serial": serials[2], "confirmed": 2, "held": 1, "at_s": AT_S, "request": text(b"r")}
        ],
    }


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[ContainerHome]]:
    """A directory as an older release left it, and containers of this release, whose keys it has.

    The directory is for copies only.
    """
    place = tmp_path_factory.mktemp("left")
    made = vendors(place / "made")
    homes = containers(place, made, 1, 2, 3)
    made.issue(FIRM_A, 10, all_by_hand(homes, FIRM_A), order="PO 4711")
    path = place / "old"
    activated = list(made.root.containers)
    certified = []
    for firm in made.firms():
        key = Path("firms", str(firm.firm_code), "firm.key.pem")
        (path / key).parent.mkdir(parents=True)
        shutil.copy(made.path / key, path / key)
        state: dict[str, Any] = {"firm_code": firm.firm_code, "firm_name": firm.firm_name}
        if firm.firm_code == FIRM_A:
            state = old_firm(activated)
        write(path, f"firms/{firm.firm_code}/firm.json", state)
        known = next(row for row in rows(made)["firms"] if row[0] == firm.firm_code)
        certified.append(
            {
                "firm_code": firm.firm_code,
                "firm_name": firm.firm_name,
                "public_key": text(known[2]),
                "certificate": text(firm.certificate),
            }
        )
    made.records.close()
    (path / "root").mkdir()
    for name in ("root.key.pem", "root.cert.der"):
        shutil.copy(made.path / "root" / name, path / "root" / name)
    write(
        path,
        "root/root.json",
        {"firms": certified, "containers": [container(one) for one in activated]},
    )
    registered = {"serial": activated[0].serial, "owner": "Plant A", "registered_at_s": AT_S}
    why = {"at_s": AT_S, "action": "register", "serial": activated[0].serial, "why": "Plant A"}
    write(
        path,
        "root/blocks.json",
        {
            "number": 7,
            "registrations": [{**registered, "blocked_for": "", "blocked_at_s": None}],
            "acts": [why],
        },
    )
    return path, homes


@pytest.fixture
def old(tmp_path: Path, left: tuple[Path, list[ContainerHome]]) -> Path:
    """Such a directory."""
    return Path(shutil.copytree(left[0], tmp_path / "old"))


@pytest.fixture
def homes(left: tuple[Path, list[ContainerHome]]) -> list[ContainerHome]:
    """Three containers that have imported nothing; one test alone lets them."""
    return left[1]


def write(path: Path, name: str, state: object) -> None:
    (path / name).write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")


def files(path: Path) -> dict[str, bytes]:
    return {str(one): one.read_bytes() for one in path.rglob("*") if one.is_file()}


def migrate(path: Path, database: str = "") -> Result:
    words = ["--database", database] if database else []
    return CliRunner().invoke(tmr, ["central", "--dir", str(path), "migrate", *words])


def test_old_files_become_records(old: Path, homes: list[ContainerHome], database: str) -> None:
    """What was sold is in the records, with how far each container is, and numbers go on."""
    before = files(old)
    done = migrate(old, database)
    assert (done.exit_code, done.output) == (
        0,
        "2 licences taken over. The old files are as they were.\n",
    )
    assert before.items() <= files(old).items()

    central = LicenseCentral(old)
    firm = central.firm(FIRM_A)
    assert [(one.product_code, one.text, one.quantity) for one in firm.products] == [
        (10, "Press control", 10),
        (20, "", 1),
    ]
    held = [(one.container.serial, one.item.tmr_id, one.item.units) for one in firm.licences()]
    assert sorted(held) == sorted(
        (home.serial, *one) for home in homes for one in ((1, None), (4, 500))
    )
    # The last character checks the others now.
    tickets = firm.tickets()
    assert [one.code[:-1] for one in tickets] == [SPENT[:-1], FREE[:-1]]
    assert all(is_code(one.code) for one in tickets)
    assert [[use.tmr_id for use in one.uses] for one in tickets] == [[1], []]
    assert [one.lines[0].quantity for one in tickets] == [10, 3]
    assert [one.tmr_id for one in firm.returns() if one.taken] == [2]
    serials = [home.serial for home in homes]
    assert sorted(firm.confirmed(serials).values()) == [2, 4, 4]
    assert firm.is_used(b"n" * 16, "issue:10")
    with central.records.reading() as connection:
        for table, count in (
            (issued, 3),
            (registrations, 1),
            (block_lists, 1),
            (put_back, 1),
            (used_requests, 1),
        ):
            assert len(connection.execute(select(table)).all()) == count, table.name
        assert connection.execute(select(block_lists.c.number)).scalar_one() == 7
    assert firm.next_item(10, Options()).tmr_id == 9
    assert not central.firm(FIRM_B).products
    central.records.close()


def test_what_was_sold_before_goes_on(old: Path, homes: list[ContainerHome]) -> None:
    """A container of this release gets all that it has in one update, and confirms it; the free
    ticket becomes the next licence."""
    assert migrate(old).exit_code == 0
    central = LicenseCentral(old)
    net = Network(old, central)
    for home in homes:
        assert net.fetch(home) == 1
        (firm,) = home.firms()
        assert [one.tmr_id for one in firm.items] == [1, 4]
        assert [one.tmr_id for one in firm.returned] == [2]
    net.activate(central.firm(FIRM_A).tickets()[1].code, homes)
    for home in homes:
        assert net.fetch(home) == 1
        assert [(one.tmr_id, one.quantity) for one in home.firms()[0].items] == [
            (1, 10),
            (4, 1),
            (9, 3),
        ]
    assert [one.sequence for one in central.updates(FIRM_A, homes[0].serial)] == [5]
    central.records.close()


Change = Callable[[Any], object]


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        (FIRM_JSON, lambda firm: firm.update(seats=1), "unknown field `seats`"),
        (FIRM_JSON, lambda firm: firm["products"][1].update(unit=1), "unknown field `unit`"),
        (FIRM_JSON, lambda firm: firm["tickets"][1].update(used=1), "unknown field `used`"),
        (FIRM_JSON, lambda firm: firm["returns"][0].update(a=1), "unknown field `a`"),
        (FIRM_JSON, lambda firm: firm["put_back"][0].update(a=1), "unknown field `a`"),
        (FIRM_JSON, lambda firm: firm["used_requests"][0].update(a=1), "unknown field `a`"),
        (
            FIRM_JSON,
            lambda firm: firm["tickets"][1]["options"].update(a=1),
            "unknown field `a`",
        ),
        (
            FIRM_JSON,
            lambda firm: firm["containers"][2]["items"][0].update(seats=1),
            "unknown field `seats`",
        ),
        (FIRM_JSON, lambda firm: firm["containers"][0].update(sequence="4"), "Expected `int`"),
        (FIRM_JSON, lambda firm: firm["containers"][0].pop("container"), "`container`"),
        (FIRM_JSON, lambda firm: firm.update(firm_name="Another"), "restore both"),
        ("root/root.json", lambda root: root["containers"][0].update(a=1), "unknown field `a`"),
        ("root/root.json", lambda root: root["firms"].clear(), "restore both"),
        (
            "root/blocks.json",
            lambda blocks: blocks["registrations"][0].update(a=1),
            "unknown field `a`",
        ),
    ],
)
def test_what_that_release_did_not_write_is_refused(
    old: Path, name: str, change: Change, said: str
) -> None:
    """By the file's name, and nothing is made: repaired, the same command takes all of it over."""
    right = json.loads((old / name).read_bytes())
    wrong = json.loads((old / name).read_bytes())
    change(wrong)
    write(old, name, wrong)
    before = files(old)
    refused = migrate(old)
    assert refused.exit_code == 1
    assert str(old / name) in refused.output
    assert said in refused.output
    assert files(old) == before
    assert not Records(old).exists
    write(old, name, right)
    assert migrate(old).exit_code == 0
