"""How many groups a large License Central serves in a second, and how soon its lists answer.

No lab and no network. The records are filled first, row by row of the real schema: what lists
read, and no update files, which they do not. Then groups of three new containers show a ticket
each, as many at a time as over the network; each answer is on the disk. Then the lists are read,
page after page from different places.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table, insert, update

from appliance.adapters.container_home import ContainerHome
from appliance.codec.group_files import build_group_request
from appliance.codec.request_files import Purpose, Wanted, central_audience
from appliance.codec.ticket_codes import new_code, order_of, ticket_mark
from appliance.lab.bench.figures import quantile, rounded
from appliance.lab.bench.ground import FIRM_CODE, Computer, machine
from appliance.lab.hosts import UPSTREAMS
from appliance.services.central import LicenseCentral, Options, Product
from appliance.services.central.app import AT_A_TIME
from appliance.services.central.firm_records import PAGE
from appliance.services.central.records import audit
from appliance.services.central.records.licences import After
from appliance.services.central.records.schema import audit as audit_table
from appliance.services.central.records.schema import (
    containers,
    firms,
    issued,
    items,
    registrations,
    systems,
    ticket_lines,
    ticket_uses,
    tickets,
)
from appliance.services.central.transfers import Transfers

PRODUCT_CODE: Final = 1
NAME: Final = "central.bench"
IN_A_GROUP: Final = 10
"""Licences of each group but the large one."""
SAMPLES: Final = 40
_AT_MS: Final = 1_700_000_000_000
_ROWS_AT_ONCE: Final = 5_000

Row = dict[str, Any]


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """What the records hold: licences of three containers each, of those the ones in one group, and
    rows of the audit trail."""

    licences: int
    in_one_group: int
    audit_rows: int


class Took(msgspec.Struct, frozen=True, kw_only=True):
    """How long something took, disk and all, and of that the time of the processor."""

    what: str
    median_s: float
    p95_s: float
    cpu_s: float


class CentralCost(msgspec.Struct, frozen=True, kw_only=True):
    """How many groups a second showed a ticket: three containers activated, an update for each,
    durable. How long one took, and the lists, each page of `page` rows at most."""

    machine: Computer
    database: str
    size: Size
    groups: int
    groups_per_s: float
    group: Took
    page: int
    lists: tuple[Took, ...]
    verify: Took


def measure(
    directory: Path, size: Size, groups: int, database: str, told: Callable[[str], None]
) -> CentralCost:
    """Measure it in `directory`, which is removed at the end, or in the empty PostgreSQL of the URL
    `database`. `told` hears of each part. Raises CentralRefused and OSError."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    try:
        central = LicenseCentral.create(directory / "central", database=database)
        central.add_firm(FIRM_CODE, "Bench")
        central.add_product(FIRM_CODE, Product(product_code=PRODUCT_CODE, quantity=10))
        try:
            return _measured(directory, central, size, groups, told)
        finally:
            central.records.close()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _measured(
    directory: Path,
    central: LicenseCentral,
    size: Size,
    groups: int,
    told: Callable[[str], None],
) -> CentralCost:
    with central.records.act() as connection:
        _fill(connection, size)
    told(f"{size.licences} licences and {size.audit_rows} rows of the audit trail are there")
    per_s, group = _groups(directory, central, groups)
    told(f"{per_s:.0f} groups a second")
    lists = tuple(_lists(central, size))
    told("the lists")
    verify = _took("audit trail verified", [lambda: _verified(central)])
    sqlite = central.records.engine().dialect.name == "sqlite"
    return CentralCost(
        machine=machine(),
        database="SQLite" if sqlite else "PostgreSQL",
        size=size,
        groups=groups,
        groups_per_s=round(per_s, 1),
        group=group,
        page=PAGE,
        lists=lists,
        verify=verify,
    )


def _verified(central: LicenseCentral) -> None:
    found = central.records.verify()
    assert isinstance(found, audit.Head), found


def _took(what: str, acts: Iterable[Callable[[], object]]) -> Took:
    """How long these took, one after the other; of the processor's time the mean."""
    times = []
    cpu_s = time.process_time()
    for act in acts:
        begun_s = time.perf_counter()
        act()
        times.append(time.perf_counter() - begun_s)
    return _spread(what, times, time.process_time() - cpu_s)


def _spread(what: str, times_s: list[float], cpu_s: float) -> Took:
    ordered = sorted(times_s)
    return Took(
        what=what,
        median_s=rounded(quantile(ordered, 0.5)),
        p95_s=rounded(quantile(ordered, 0.95)),
        cpu_s=rounded(cpu_s / len(ordered)),
    )


# --- filling ---


def group_of(tmr_id: int, size: Size) -> int:
    """To which group this licence belongs: 0 is the large one."""
    return 0 if tmr_id <= size.in_one_group else 1 + (tmr_id - size.in_one_group - 1) // IN_A_GROUP


def _fill(connection: Connection, size: Size) -> None:
    numbers = range(group_of(size.licences, size) + 1)
    each = [(number, twin) for number in numbers for twin in (1, 2, 3)]
    _put(connection, containers, (_container(*one) for one in each))
    _put(connection, issued, (_issued(number, twin, size) for number, twin in each))
    seen = {"virtual_serial": "131-1", "release": "0.1.0", "seen_at_s": _AT_MS // 1000}
    _put(connection, systems, ({"serial": _serial(*one), **seen} for one in each))
    owner = {"owner": "Plant", "registered_at_s": 1, "blocked_for": "", "blocked_at_s": None}
    _put(connection, registrations, ({"serial": _serial(*one), **owner} for one in each))
    _put(connection, items, _items(size))
    _sell(connection, size)
    _put(connection, audit_table, _trail(audit.head(connection), size))
    following = update(firms).where(firms.c.firm_code == FIRM_CODE)
    connection.execute(following.values(next_tmr_id=size.licences + 1))


def _put(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    left = iter(rows)
    while some := list(islice(left, _ROWS_AT_ONCE)):
        connection.execute(insert(table), some)


def _serial(number: int, twin: int) -> str:
    return f"130-{3 * number + twin:010}"


def _cmact_id(number: int) -> str:
    return f"{number:032X}"


def _container(number: int, twin: int) -> Row:
    return {
        "serial": _serial(number, twin),
        "public_key": secrets.token_bytes(32),
        "cmact_id": _cmact_id(number),
        "twin": twin,
        "host": f"up{twin}",
        "certificate": bytes(600),
        "replaces": "",
    }


def _issued(number: int, twin: int, size: Size) -> Row:
    return {
        "firm_code": FIRM_CODE,
        "serial": _serial(number, twin),
        "sequence": IN_A_GROUP if number else size.in_one_group,
        "confirmed": 0,
        "confirmed_at_s": 0,
        "units_confirmed": "",
        "heir": "",
    }


def _items(size: Size) -> Iterator[Row]:
    product = Product(product_code=PRODUCT_CODE, quantity=10)
    for tmr_id in range(1, size.licences + 1):
        text = msgspec.json.encode(product.item(tmr_id, Options())).decode()
        number = group_of(tmr_id, size)
        for twin in (1, 2, 3):
            yield {
                "firm_code": FIRM_CODE,
                "serial": _serial(number, twin),
                "tmr_id": tmr_id,
                "product_code": PRODUCT_CODE,
                "from_sequence": 1 + (tmr_id - 1) % IN_A_GROUP if number else tmr_id,
                "until_sequence": None,
                "item": text,
                "leaf": secrets.token_bytes(32),
            }


def _sell(connection: Connection, size: Size) -> None:
    rng = secrets.SystemRandom()
    codes = [new_code(rng) for _ in range(size.licences)]
    _put(
        connection,
        tickets,
        ({"code": one, "mark": ticket_mark(one), "firm_code": FIRM_CODE} for one in codes),
    )
    line = {"line": 1, "quantity": 10}
    sold = {**line, "product_code": PRODUCT_CODE, "whole": False, "options": "{}"}
    _put(connection, ticket_lines, ({"code": one, **sold} for one in codes))
    used = {**line, "firm_code": FIRM_CODE, "credited": False}
    _put(
        connection,
        ticket_uses,
        (
            {"code": one, **used, "tmr_id": at, "cmact_id": _cmact_id(group_of(at, size))}
            for at, one in enumerate(codes, start=1)
        ),
    )


def _trail(last: audit.Head, size: Size) -> Iterator[Row]:
    for number in range(size.audit_rows):
        tmr_id = 1 + number % size.licences
        made = audit.following(
            last,
            "somebody@central",
            "change" if number % 100 else "block",
            _subject(tmr_id),
            {"options": {"quantity": number}, "updates": {_serial(1, 1): "ab" * 32}},
            _AT_MS + number,
        )
        yield made._asdict()
        last = audit.Head(made.number, made.hash)


def _subject(tmr_id: int) -> str:
    return f"{FIRM_CODE}:{PRODUCT_CODE}#{tmr_id}"


# --- measuring ---


def _groups(directory: Path, central: LicenseCentral, groups: int) -> tuple[float, Took]:
    """How many a second show a ticket, if these many do, and how long each took."""
    transfers = Transfers(directory / "central", central, names=[NAME])
    root = central.root.certificate
    shown = []
    for number in range(groups):
        code = central.add_ticket(FIRM_CODE, [(PRODUCT_CODE, Options())]).code
        homes = [
            ContainerHome.create(
                directory / f"{up.name}-{number}",
                secrets.SystemRandom(),
                up.name,
                root_certificate=root,
            )
            for up in UPSTREAMS
        ]
        shown.append((code, homes))
    asked = [(code, _request(transfers, code, homes)) for code, homes in shown]

    def one(code: str, request: bytes) -> float:
        begun_s = time.perf_counter()
        transfers.activate(code, request)
        return time.perf_counter() - begun_s

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        begun_s, cpu_s = time.perf_counter(), time.process_time()
        each_s = list(pool.map(one, *zip(*asked, strict=True)))
        took_s, used_s = time.perf_counter() - begun_s, time.process_time() - cpu_s
    return groups / took_s, _spread("ticket of three new containers", each_s, used_s)


def _request(transfers: Transfers, code: str, homes: list[ContainerHome]) -> bytes:
    audience, challenge = central_audience(NAME), transfers.challenge()
    wanted = Wanted(Purpose.ACTIVATE, audience, challenge, order_of(code, ()))
    return build_group_request(tuple(home.request(wanted) for home in homes), ticket_mark(code), ())


def _lists(central: LicenseCentral, size: Size) -> Iterator[Took]:
    """Each list, and how long its pages took."""
    firm, last = central.firm(FIRM_CODE), group_of(size.licences, size)
    codes = [ticket.code for _, ticket in central.tickets()]

    def licence(place: float) -> int:
        return 1 + int(place * (size.licences - 1))

    def serial(place: float) -> str:
        return _serial(int(place * last), 1)

    def licences(place: float) -> list[Any]:
        at = licence(place)
        return central.licences(After(FIRM_CODE, at, PRODUCT_CODE, serial(place)))

    def trail(place: float) -> list[Any]:
        return central.records.trail(int(place * size.audit_rows) + 2, PAGE)

    def one_trail(place: float) -> list[Any]:
        return central.records.trail(None, PAGE, _subject(licence(place)))

    def blocks(place: float) -> list[Any]:
        return central.blocks.acts(int(place * size.audit_rows) + 200, PAGE)

    def sold(place: float) -> list[Any]:
        return central.tickets(codes[int(place * (len(codes) - 1))])

    def held(place: float) -> list[Any]:
        return firm.licences(After(FIRM_CODE, licence(place), PRODUCT_CODE, serial(place)))

    asked: dict[str, Callable[[float], list[Any]]] = {
        "licences": licences,
        "licences of a firm": held,
        "who holds a licence": lambda place: firm.holders(licence(place)),
        "tickets": sold,
        "installed systems": lambda place: central.systems.page(_cmact_id(int(place * last)), PAGE),
        "registered containers": lambda place: central.blocks.page(serial(place), PAGE),
        "audit trail": trail,
        "audit trail of a licence": one_trail,
        "what was blocked": blocks,
    }
    for what, ask in asked.items():
        yield _took(what, [partial(ask, number / SAMPLES) for number in range(SAMPLES)])
