"""What containers ask of vendors in these tests: by hand for an order, or over the network."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random, SystemRandom
from secrets import token_bytes
from typing import Any

from sqlalchemy import select

from appliance.adapters.container_home import ContainerHome
from appliance.codec.group_files import GroupAnswer, build_group_request, read_group_answer
from appliance.codec.request_files import Purpose, Wanted, central_audience, firm_audience
from appliance.codec.ticket_codes import Chosen, order_of, ticket_mark
from appliance.codec.transfer_files import Addressed
from appliance.licences.model import LicenceKey
from appliance.services.central import LicenseCentral, Options, Product
from appliance.services.central.challenges import Challenges
from appliance.services.central.records.schema import metadata
from appliance.services.central.returning import GRACE_S
from appliance.services.central.transfers import Transfers

FIRM_A, FIRM_B = 600_100, 600_200
ORDER = "PO 4711"
NAME = "central.example"


def held_by(home: ContainerHome) -> tuple[tuple[int, int], ...]:
    """What the container holds, of each firm."""
    return tuple((one.firm_code, one.sequence) for one in home.firms())


def sell(central: LicenseCentral, *lines: tuple[int, Options], firm: int = FIRM_A) -> str:
    """A ticket of this firm; without lines its product 10, as it is."""
    return central.add_ticket(firm, lines or ((10, Options()),)).code


def by_hand(home: ContainerHome, firm: int, order: str = ORDER) -> bytes:
    """A request that is carried to this firm."""
    return home.request(Wanted(Purpose.ORDER, firm_audience(firm), token_bytes(16), order))


def for_updates(home: ContainerHome, firm: int) -> bytes:
    """A request that is carried to this firm, for whatever it issued since."""
    held = tuple((one.firm_code, one.sequence) for one in home.firms() if one.firm_code == firm)
    return home.request(Wanted(Purpose.UPDATE, firm_audience(firm), token_bytes(16), held=held))


def all_by_hand(homes: Iterable[ContainerHome], firm: int, order: str = ORDER) -> list[bytes]:
    """A request of each."""
    return [by_hand(home, firm, order) for home in homes]


class Network:
    """License Central as containers reach it, at a time of the test's choice."""

    def __init__(self, path: Path, central: LicenseCentral, name: str = NAME) -> None:
        self.path = path
        self.central = central
        self.name = name
        self.now = datetime.now(UTC)
        self.boot_s = 1_000.0
        self.transfers = Transfers(
            path,
            central,
            names=[name],
            challenges=Challenges(lambda: self.boot_s),
            now=lambda: self.now,
        )

    def wanted(
        self, purpose: Purpose, order: str = "", held: dict[int, int] | None = None
    ) -> Wanted:
        """What a container signs for this License Central now."""
        audience, challenge = central_audience(self.name), self.transfers.challenge()
        return Wanted(purpose, audience, challenge, order, tuple((held or {}).items()))

    def shown(self, code: str, homes: Iterable[ContainerHome], chosen: Chosen = ()) -> bytes:
        """The group request file by which these show a ticket."""
        bare = self.wanted(Purpose.ACTIVATE, order_of(code, chosen))
        requests = tuple(home.request(bare._replace(held=held_by(home))) for home in homes)
        return build_group_request(requests, ticket_mark(code), chosen)

    def activate(
        self, code: str, homes: Iterable[ContainerHome], chosen: Chosen = ()
    ) -> GroupAnswer:
        """These show a ticket; gives what they are answered, and imports nothing."""
        return read_group_answer(self.transfers.activate(code, self.shown(code, homes, chosen)))

    def ask(self, home: ContainerHome, held: dict[int, int] | None = None) -> bytes:
        """The container's request for updates; by default it says what it holds."""
        if held is None:
            held = {firm.firm_code: firm.sequence for firm in home.firms()}
        return home.request(self.wanted(Purpose.UPDATE, held=held), self.now)

    def fetch(self, home: ContainerHome, confirm: bool = True) -> int:
        """Import all that there is for this container; gives how many updates that were."""
        fetched = 0
        while True:
            update = self.transfers.update(self.ask(home))
            if update is None:
                return fetched
            imported = home.import_update(update.data)
            if confirm:
                self.confirm(home, imported.firm.firm_code)
            fetched += 1

    def confirm(self, home: ContainerHome, firm: int = FIRM_A) -> None:
        """The container confirms its newest update of this firm."""
        self.transfers.confirm(home.receipt(firm, self.now))

    def order(self, home: ContainerHome, key: LicenceKey, call_off: bool = False) -> bytes:
        """The container's order to take this licence back, or its calling that off."""
        to = Addressed(central_audience(self.name), self.transfers.challenge(), call_off)
        return home.return_order(key, to)

    def give_back(self, home: ContainerHome, key: LicenceKey) -> tuple[int, bool, tuple[str, ...]]:
        """The container orders it: how many more have to, whether it is taken, who has yet to
        confirm."""
        done = self.transfers.take_back(self.order(home, key))
        return done.orders_missing, done.taken, done.waiting_for

    def wait(self, seconds: float = GRACE_S) -> None:
        """Time goes on."""
        self.now += timedelta(seconds=seconds)
        self.boot_s += seconds


def vendors(path: Path, database: str = "") -> LicenseCentral:
    """A root, two firms, and products with seats (10) and with units (20)."""
    made = LicenseCentral.create(path, rng=Random(1), database=database)
    for code in (FIRM_A, FIRM_B):
        made.add_firm(code, f"Firm {code}")
        made.add_product(code, Product(product_code=10, quantity=10))
    made.add_product(FIRM_A, Product(product_code=20, units=500))
    return made


def containers(path: Path, central: LicenseCentral, *numbers: int) -> list[ContainerHome]:
    """New containers on these hosts."""
    root = central.root.certificate
    return [
        ContainerHome.create(
            path / f"up{number}", SystemRandom(), f"up{number}", root_certificate=root
        )
        for number in numbers
    ]


def rows(central: LicenseCentral) -> dict[str, list[tuple[Any, ...]]]:
    """All that the records hold, by table."""
    with central.records.reading() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
        }
