"""Small makers of containers, updates and commands for the tests of the licence room."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from appliance.licences import commands as c
from appliance.licences.machine import Machine
from appliance.licences.model import Container, ContainerUpdate, FirmItem, LicenceKey, ProductItem
from appliance.licences.names import tag_of
from appliance.licences.refusals import UpdateRefused
from appliance.licences.state import AGE_STEP_MS_MAX, State

FIRM = 6_000_010
PRODUCT = 20
NOW_MS = 1_700_000_000_000
NOW_S = NOW_MS // 1000
KEY_OF_NAMES = b"k" * 32
HOLDER = c.Holder(
    tag_of(KEY_OF_NAMES, "ada"), tag_of(KEY_OF_NAMES, "desk"), 7, tag_of(KEY_OF_NAMES, "cad")
)
KEY = LicenceKey(FIRM, PRODUCT, 1)


def product(**fields: Any) -> ProductItem:
    """A product item with TMR-ID 1 and ten seats unless told otherwise."""
    return ProductItem(**{"product_code": PRODUCT, "tmr_id": 1, "quantity": 10} | fields)


def update_of(
    twin: int, *items: ProductItem, sequence: int = 1, firm_code: int = FIRM, **fields: Any
) -> ContainerUpdate:
    """An update of the container that is this twin, holding these items."""
    values: dict[str, Any] = {
        "serial": f"130-1234567{twin}",
        "cmact_id": "A",
        "twin": twin,
        "certificate": b"certificate %d" % twin,
        "firm": FirmItem(
            firm_code=firm_code, firm_name="Firm", sequence=sequence, items=tuple(items)
        ),
    }
    return ContainerUpdate(**values | fields)


def container_of(twin: int, *items: ProductItem, locked: bool = False) -> Container:
    """The container that is this twin, holding these items of one firm."""
    update = update_of(twin, *items)
    return Container(
        serial=update.serial,
        cmact_id=update.cmact_id,
        twin=twin,
        certificate=update.certificate,
        firms=(update.firm,) if items else (),
        locked=locked,
    )


def read_update(data: bytes) -> ContainerUpdate:
    """A reader of unsigned updates: the machine's business starts after the signature."""
    try:
        return msgspec.msgpack.decode(data, type=ContainerUpdate)
    except msgspec.DecodeError as error:
        raise UpdateRefused(f"The update cannot be read: {error}.") from error


def import_of(update: ContainerUpdate) -> c.ImportUpdate:
    """The command that imports this update."""
    return c.ImportUpdate(msgspec.msgpack.encode(update), "olga")


STORES = (("up1", b"store-1"), ("up2", b"store-2"), ("up3", b"store-3"))


def check_out(lease_id: str = "lease", client: str = "cert:ada", **fields: Any) -> c.CheckOut:
    """A check-out of the usual product."""
    values: dict[str, Any] = {
        "lease": c.LeaseRef(client, lease_id),
        "firm_code": FIRM,
        "product_code": PRODUCT,
        "secret_hash": b"s" * 32,
        "holder": HOLDER,
        "nonce": b"n" * 16,
    }
    return c.CheckOut(**values | fields)


def founded(*items: ProductItem, twins: tuple[int, ...] = (1, 2, 3)) -> Desk:
    """A founded ledger whose twins all hold these items."""
    desk = Desk()
    assert desk.do(c.Found(b"ledger", "131-12345678", STORES)).ok
    for twin in twins:
        outcome = desk.do(import_of(update_of(twin, *items)))
        assert outcome.ok, outcome
    return desk


@dataclass
class Desk:
    """A machine, its state and log time in one hand."""

    state: State = field(default_factory=State)
    machine: Machine = field(default_factory=lambda: Machine(read_update))
    now_ms: int = NOW_MS

    def wait(self, ms: int) -> None:
        """Time passes in steps as a running ledger makes them, the last with the next command."""
        while ms > AGE_STEP_MS_MAX:
            self.now_ms += AGE_STEP_MS_MAX
            ms -= AGE_STEP_MS_MAX
            self.do(c.Tick())
        self.now_ms += ms

    def do(self, command: c.AnyCommand) -> c.Outcome:
        """Apply a command at the present log time."""
        return self.machine.apply(self.state, command, self.now_ms)

    def consume(
        self,
        generation: int,
        number: int,
        units: int = 1,
        lease_id: str = "lease",
        nonce: bytes = b"",
    ) -> c.Outcome:
        """Apply a numbered request of the usual client."""
        ref = c.LeaseRef("cert:ada", lease_id)
        return self.do(c.Consume(ref, generation, number, units, nonce))

    def check_in(self, generation: int, lease_id: str = "lease") -> c.Outcome:
        """Check in a lease of the usual client."""
        return self.do(c.CheckIn(c.LeaseRef("cert:ada", lease_id), generation))


def give_back(desk: Desk, lease_id: str, client: str = "cert:ada") -> None:
    """Check in a client's lease, whatever its generation."""
    lease = desk.state.leases[c.LeaseRef(client, lease_id)]
    assert desk.do(c.CheckIn(lease.ref, lease.generation)).ok
