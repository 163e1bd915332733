"""More seats reserved than there are is told, once a licence became smaller."""

from __future__ import annotations

from appliance.codec.health_documents import OverReservedDocument
from appliance.licences.access.form import RESERVE
from appliance.services.tmr.documents import OVER_SHOWN, over_reserved
from appliance.watch.checks import examine
from appliance.watch.words import what
from tests.unit.licences.access_rules import apply, form, rule, rule_set
from tests.unit.licences.builders import (
    FIRM,
    PRODUCT,
    Desk,
    founded,
    import_of,
    product,
    update_of,
)
from tests.unit.watch.facts_world import seen_with


def cut(desk: Desk, *quantities: int) -> None:
    """The vendor takes seats back: of the first products so many are left."""
    items = [product(product_code=PRODUCT + n, quantity=q) for n, q in enumerate(quantities)]
    for twin in (1, 2, 3):
        assert desk.do(import_of(update_of(twin, *items, sequence=2))).ok


def test_a_licence_that_became_smaller_than_what_is_reserved_of_it_is_told() -> None:
    desk = founded(product(quantity=5))
    assert over_reserved(desk.state) == ()
    assert apply(desk, form(rule_set(rule(RESERVE, "user:ada", seats=5)))).ok
    assert over_reserved(desk.state) == (), "all that there is may be reserved"
    cut(desk, 3)
    told = OverReservedDocument(firm_code=FIRM, product_code=PRODUCT, reserved=5, quantity=3)
    assert over_reserved(desk.state) == (told,)
    (finding,) = examine(seen_with(over_reserved=over_reserved(desk.state)))
    assert (finding.cause, finding.severity) == (f"over-reserved/{FIRM}:{PRODUCT}", "warning")
    assert f"reserve 5 seats of {FIRM}:{PRODUCT}, and there are 3" in what(finding)
    assert apply(desk, form(rule_set(rule(RESERVE, "user:ada", seats=3)))).ok
    assert over_reserved(desk.state) == ()


def test_of_many_products_the_one_that_lacks_most_is_told() -> None:
    """A set for everything reserves of each product what there is of it, and a plant may have
    thousands: the status stays short."""
    many = OVER_SHOWN + 1
    desk = founded(*(product(product_code=PRODUCT + n, quantity=9) for n in range(many)))
    sets = [
        rule_set(rule(RESERVE, "user:ada", seats=9), scope=(FIRM, PRODUCT + n)) for n in range(many)
    ]
    assert apply(desk, form(*sets)).ok
    cut(desk, 8, 8, 1, *[8] * (many - 3))
    (told,) = over_reserved(desk.state)
    assert (told.product_code, told.quantity, told.others) == (PRODUCT + 2, 1, many - 1)
