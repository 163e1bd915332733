"""Drives the licence state above its bounds, by commands."""

from __future__ import annotations

import random

from appliance.ledger.leader.episodes import Episodes
from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences import wishes as wishing
from appliance.licences.access.form import AccessRules, RuleSet
from appliance.licences.binding import NO_EVIDENCE
from appliance.licences.borrow_book import RETURNED
from appliance.licences.borrowing import UNCERTIFIED_ON
from appliance.licences.certified import note_entry
from appliance.licences.grants import REMEMBERED, Grant, Line, grant_bytes
from appliance.licences.model import Certified
from appliance.licences.modes import MODES
from appliance.licences.records import Bound
from appliance.licences.validity import KINDS_KEPT, _refusals_of
from appliance.licences.wishes import Wishes
from tests.unit.bounds.watch import Drivers, Scene
from tests.unit.licences.builders import (
    FIRM,
    PRODUCT,
    Desk,
    check_out,
    founded,
    import_of,
    product,
    update_of,
)
from tests.unit.licences.test_dismissing import dismiss

DRIVERS = Drivers()
MANY = 30


@DRIVERS.drives(
    "licences.tables:Tables.leases",
    "licences.tables:Tables.seats",
    "licences.tables:Tables.held",
    "licences.tables:Tables._tombstones",
    "licences.tables:Tables._ended_order",
    "licences.tables:Tables._ended_of",
)
def leases(scene: Scene) -> None:
    """Check-outs and check-ins of few clients and of many, each client with another licence."""
    scene.limit(6, "licences.seats.LEASES_MAX", "licences.seats.LEASES_PER_CLIENT_MAX")
    scene.limit(1, "licences.seats.LEASES_KEPT")
    scene.limit(7, "licences.state.TOMBSTONES_MAX", "licences.state.TOMBSTONES_PER_CLIENT_MAX")
    scene.limit(2, "licences.state.TOMBSTONES_SHARE")
    items = [product(product_code=PRODUCT + number, quantity=3) for number in range(8)]
    desk, rng = founded(*items), random.Random(5)
    for number in range(400):
        client = rng.randrange(8)
        desk.do(
            check_out(f"l{number}", f"cert:{client}", firm_code=FIRM, product_code=PRODUCT + client)
        )
        scene.look()
        if number % 40 > 12 and desk.state.leases:
            lease = rng.choice(list(desk.state.leases.values()))
            desk.do(c.CheckIn(lease.ref, lease.generation))
            scene.look()


@DRIVERS.drives(
    "licences.tables:Tables.sharers",
    "licences.tables:Tables.stations",
    "licences.tables:Tables.lingering",
    "licences.tables:Tables.kept",
    "licences.tables:Tables._lingers",
)
def stations(scene: Scene) -> None:
    """Programs of few stations come and go in all modes, and their seats linger."""
    scene.limit(6, "licences.seats.LEASES_MAX", "licences.seats.LEASES_PER_CLIENT_MAX")
    scene.limit(1, "licences.seats.LEASES_KEPT")
    scene.limit(4, "licences.counting.LINGERS_MAX")
    items = [
        product(product_code=PRODUCT + number, quantity=5, modes=MODES, linger_s=60)
        for number in range(4)
    ]
    desk, rng = founded(*items), random.Random(7)
    for number in range(400):
        asked = check_out(
            f"l{number}",
            product_code=PRODUCT + number % 4,
            station=bytes([rng.randrange(5)]) * 16,
            address=bytes(4),
            wishes=Wishes(mode=rng.choice(MODES)),
        )
        desk.do(asked)
        scene.look()
        if number % 20 > 5 and desk.state.leases:
            lease = rng.choice(list(desk.state.leases.values()))
            desk.do(c.CheckIn(lease.ref, lease.generation))
            desk.wait(rng.randrange(20_000))
            scene.look()


@DRIVERS.drives(
    "licences.tables:Tables.places",
    "licences.tables:Tables.place_of",
    "licences.tables:Tables.waiters",
    "licences.tables:Tables.waiting",
    "licences.tables:Tables.holds",
)
def queue(scene: Scene) -> None:
    """More want to wait than may; now and then a seat becomes free for one of them."""
    scene.limit(6, "licences.queue.waiting.PLACES_MAX", "licences.queue.place.PLACES_MAX")
    desk = founded(product(quantity=2), product(product_code=PRODUCT + 1, quantity=2))
    for number in range(MANY):
        client = f"cert:c{number}"
        desk.do(check_out(f"l{number}", client, wait_s=60, product_code=PRODUCT + number % 2))
        scene.look()
        if number % 7 == 6:
            lease = next(iter(desk.state.leases.values()))
            desk.do(c.CheckIn(lease.ref, lease.generation))
            scene.look()


@DRIVERS.drives(
    "licences.tables:Tables.denials",
    "ledger.leader.episodes:Episodes._open",
    "ledger.leader.episodes:Episodes._of",
)
def episodes(scene: Scene) -> None:
    """More clients are refused than there may be episodes."""
    scene.limit(5, "licences.denials.EPISODES_MAX")
    desk, noted = founded(product()), Episodes(5)
    for number in range(MANY):
        asked = check_out("l", f"cert:c{number}")
        noted.refused(asked, c.Outcome("no-seat-free"))
        client, codes = asked.lease.client, (asked.firm_code, asked.product_code)
        desk.do(c.OpenDenial(client, *codes, "no-seat-free", asked.holder))
        scene.look()


@DRIVERS.drives("licences.validity:_refusals_of()")
def kinds(scene: Scene) -> None:
    """Licences that use ever other sets of options."""
    for options in range(3 * KINDS_KEPT):
        _refusals_of(options)
    scene.look()


@DRIVERS.drives("licences.grants:_remembered()")
def grants(scene: Scene) -> None:
    """Grants of ever other licences are laid out."""
    for number in range(3 * REMEMBERED):
        grant_bytes(Grant("granted", lines=(Line(number, 1, 1),)))
    scene.look()


@DRIVERS.drives(
    "licences.tables:Tables.units_used",
    "licences.tables:Tables.items",
    "licences.tables:Tables.offers",
    "licences.tables:Tables.offered",
    "licences.tables:Tables.periods",
)
def units(scene: Scene) -> None:
    """Unit counters of more licences than can have been used."""
    scene.limit(5, "licences.leases.USED_MAX")
    items = [
        product(product_code=PRODUCT + number, units=9, usage_period_s=60) for number in range(12)
    ]
    desk = founded(*items)
    told = []
    for number in range(12):
        lease = c.LeaseRef("cert:ada", f"l{number}")
        taken = desk.do(check_out(lease.lease_id, product_code=PRODUCT + number))
        assert taken.ok
        told.append(desk.do(c.Consume(lease, taken.generation, 1, 2, b"")).reason)
        scene.look()
    assert told == [reasons.GRANTED] * 5 + [reasons.BAD_REQUEST] * 7
    first = desk.state.leases[c.LeaseRef("cert:ada", "l0")]
    again = c.Consume(first.ref, first.generation, 2, 1, b"")
    assert desk.do(again).ok, "a counter that is known goes on"


@DRIVERS.drives("licences.tables:Tables.takings", "licences.tables:Tables.units_refunded")
def refunds(scene: Scene) -> None:
    """Requests without end that take units, of more licences than can be refunded."""
    scene.limit(7, "licences.unit_books.TAKINGS_MAX")
    scene.limit(5, "licences.refunds.REFUNDED_MAX")
    numbers = range(12)
    desk = founded(
        *(product(product_code=PRODUCT + one, units=9, refundable_units=9) for one in numbers)
    )
    told = []
    for number in numbers:
        lease = c.LeaseRef("cert:ada", f"l{number}")
        taken = desk.do(check_out(lease.lease_id, product_code=PRODUCT + number))
        assert desk.do(c.Consume(lease, taken.generation, 1, 2, b"")).ok
        told.append(desk.do(c.Refund(desk.state.newest_taking, 1, "cert:olga", "jammed")).reason)
        scene.look()
    assert told == [reasons.DONE] * 5 + [reasons.NO_REFUND] * 7


@DRIVERS.drives(
    "licences.tables:Tables.borrowed",
    "licences.tables:Tables.borrowers",
    "licences.tables:Tables.out",
    "licences.tables:Tables.due",
    "licences.tables:Tables.borrow_ends",
    "licences.tables:Tables._borrow_ends_order",
)
def loans(scene: Scene) -> None:
    """Laptops without end leave with a seat, and come back."""
    scene.limit(6, "licences.borrowing.BORROWED_MAX")
    scene.limit(5, "licences.borrow_book.ENDS_MAX")
    desk = founded(
        *(product(product_code=PRODUCT + one, borrow_max_s=9, quantity=50) for one in range(9))
    )
    desk.do(c.OperateBorrowing(UNCERTIFIED_ON, "olga", "no time server"))
    told = []
    for number in range(60):
        key = bytes([number]) * 32
        loan = c.Borrow(f"cert:c{number}", key, FIRM, PRODUCT + number % 9, 9, c.Holder(), b"n")
        told.append(desk.do(loan).reason)
        scene.look()
        if number % 20 > 8 and desk.state.borrowed:
            desk.state.end_borrowed(next(iter(desk.state.borrowed.values())), RETURNED)
            scene.look()
    assert told[5:7] == [reasons.GRANTED, reasons.BORROW_LIMIT]


@DRIVERS.drives("licences.tables:Tables.usage_starts")
def usage_periods(scene: Scene) -> None:
    """More licences with a usage period than can have begun."""
    scene.limit(5, "licences.options.usage_period.STARTS_MAX")
    items = [product(product_code=PRODUCT + number, usage_period_s=9) for number in range(12)]
    desk = founded(*items)
    told = []
    for number in range(12):
        told.append(desk.do(check_out(f"l{number}", product_code=PRODUCT + number)).reason)
        scene.look()
    assert told == [reasons.GRANTED] * 5 + ["usage-period-over"] * 7
    assert desk.do(check_out("again", product_code=PRODUCT)).ok, "one that is known goes on"


@DRIVERS.drives(
    "licences.tables:Tables.containers",
    "licences.tables:Tables.hosts",
    "licences.tables:Tables.certified",
    "licences.tables:Tables.bindings",
    "licences.tables:Tables.deliveries",
    "licences.tables:Tables.dismissed",
    "licences.tables:Tables.quotas",
    "licences.tables:Tables.erased",
    "licences.tables:Tables.access",
    "licences.tables:Tables.clients",
    "licences.tables:Tables.maintenance",
    "licences.tables:Tables._acts",
    "licences.tables:Tables.supports",
    "licences.tables:Tables.anchors",
)
def tables(scene: Scene) -> None:
    """Operators, vendors and a TMR host that lies put into every table what they can."""
    scene.limit(5, "licences.administration.CLIENTS_MAX", "licences.administration.HOSTS_MAX")
    scene.limit(5, "licences.container_book.HOSTS_MAX", "licences.state.ACTS_MAX")
    scene.limit(5, "licences.raising.HOSTS_MAX", "licences.certified.ANCHORS_MAX")
    scene.limit(5, "licences.state.ERASED_MAX", "licences.deliveries.DELIVERIES_MAX")
    scene.limit(5, "licences.dismissing.DISMISSED_MAX", "licences.dismissing.QUOTAS_MAX")
    scene.limit(5, "licences.access.applying.ACCESS_KEPT")
    desk = founded(product())
    for number in range(MANY):
        desk.do(c.Enrol(f"client-{number}", b"h" * 32, "cert:adam", "it is new"))
        dismiss(desk, f"A{number}", ends_at_s=4_000_000_000)
        desk.do(c.Limit(FIRM, number + 1, 3, "cert:adam", "enough"))
        desk.do(c.EraseName(bytes([number % 256]) * 16, "cert:adam", "left"))
        rules = AccessRules((), (RuleSet(FIRM, number, "deny", ()),))
        assert desk.do(c.SetAccess(number, rules, "cert:adam", "shut")).ok
        desk.do(c.Operate("maintenance-on", f"tmr{number}", "cert:adam", "rest"))
        desk.do(c.Support(2, f"tmr{number}"))
        _bring(desk, number)
        note_entry(desk.state, f"root {number}".encode(), number * 150_000)
        scene.look()
    assert [desk.state.containers[serial].twin for serial in sorted(desk.state.containers)] == [
        1,
        2,
        3,
    ]


@DRIVERS.drives("licences.wishes:_hashed()")
def wishes(scene: Scene) -> None:
    """Check-outs that all wish for something else."""
    for number in range(3 * wishing.HASHES_KEPT):
        wishing.wishes_hash(wishing.Wishes(features=number + 1))
    scene.look()


def _bring(desk: Desk, number: int) -> None:
    """Updates: the same again in another's name, and of a container that nobody knows."""
    from msgspec.structs import replace

    again = import_of(update_of(1, product()))
    assert desk.do(replace(again, who=f"up{number}")).ok
    strange = update_of(1 + number % 3, product(), serial=f"130-{number + 50}")
    assert not desk.do(import_of(strange)).ok
    desk.do(c.Deliver(import_of(update_of(1, product(), firm_code=9 + number)).update, "olga"))
    for container in list(desk.state.containers):
        desk.state.set_certified(container, 1_700_000_000_000 + number)
        desk.state.set_binding(container, Bound(number, NO_EVIDENCE))
    assert isinstance(desk.state.certified["130-12345671"], Certified)
