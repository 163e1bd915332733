"""What an operator brought for a container waits in the ledger until that container has it."""

from __future__ import annotations

import msgspec

from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences.deliveries import DELIVERIES_MAX
from appliance.licences.model import ContainerUpdate
from appliance.licences.snapshot import dump, load
from tests.unit.licences.builders import FIRM, Desk, founded, import_of, product, update_of

UP3 = "130-12345673"


def delivery_of(update: ContainerUpdate, who: str = "cert:olga") -> c.Deliver:
    return c.Deliver(import_of(update).update, who)


def waiting(desk: Desk) -> dict[tuple[str, int], int]:
    return {key: one.sequence for key, one in desk.state.deliveries.items()}


def refused(desk: Desk, brought: ContainerUpdate | c.Deliver) -> str:
    before = waiting(desk)
    command = brought if isinstance(brought, c.Deliver) else delivery_of(brought)
    outcome = desk.do(command)
    assert outcome.reason in (reasons.UPDATE_REFUSED, reasons.BAD_REQUEST)
    assert waiting(desk) == before
    return outcome.detail


def test_the_licence_is_there_with_two_and_the_third_catches_up() -> None:
    desk = founded(product(), twins=())
    for twin in (1, 2, 3):
        assert desk.do(delivery_of(update_of(twin, product()))).ok
    assert desk.state.containers == {}, "what waits counts for nothing"
    for twin in (1, 2):
        assert desk.do(import_of(update_of(twin, product()))).ok
    assert waiting(desk) == {(UP3, FIRM): 1}
    (licence,) = desk.state.view.values()
    assert licence.available
    # Through a snapshot, as a replica of long absence gets the state.
    desk.state = load(dump(desk.state))
    assert waiting(desk) == {(UP3, FIRM): 1}
    assert desk.state.deliveries[UP3, FIRM].update == import_of(update_of(3, product())).update
    assert desk.do(import_of(update_of(3, product()))).ok
    assert waiting(desk) == {}


def test_the_same_once_more_and_what_was_imported_change_nothing() -> None:
    desk = founded(product())
    done = desk.do(delivery_of(update_of(1, product())))
    assert done.ok and "already imported" in done.detail and waiting(desk) == {}
    newer = update_of(1, product(quantity=3), sequence=2)
    assert desk.do(delivery_of(newer)).ok
    again = desk.do(delivery_of(newer, "cert:jan"))
    assert again.ok and "waits already" in again.detail
    assert waiting(desk) == {("130-12345671", FIRM): 2}


def test_what_the_container_imported_otherwise_is_waited_for_no_more() -> None:
    desk = founded(product())
    newer = update_of(1, product(quantity=3), sequence=2)
    assert desk.do(delivery_of(newer)).ok
    assert desk.do(import_of(update_of(1, product(quantity=4), firm_code=9))).ok
    assert len(waiting(desk)) == 1, "another firm's"
    assert desk.do(import_of(newer)).ok
    assert waiting(desk) == {}


def test_what_fits_no_container_of_this_ledger_is_refused() -> None:
    desk = founded(product(), twins=(1, 2))
    stranger = update_of(1, product(), serial="130-99999999")
    assert "twin 1" in refused(desk, stranger)
    other_group = msgspec.structs.replace(update_of(3, product()), cmact_id="another")
    assert "CmActID" in refused(desk, other_group)
    assert "does not follow" in refused(desk, update_of(1, product(), sequence=3))
    assert "cannot be read" in refused(desk, c.Deliver(b"\xc1", "cert:olga"))
    assert "too long" in refused(desk, delivery_of(update_of(3, product()), "w" * 300))


def test_so_many_wait_at_most() -> None:
    desk = founded(product())
    for number in range(DELIVERIES_MAX):
        assert desk.do(delivery_of(update_of(1, product(), firm_code=100 + number))).ok
    assert "bring their hosts back" in refused(desk, update_of(2, product(), firm_code=500))
    # A newer one of a container that waits for one already has its place.
    for_one = update_of(1, product(), firm_code=100)
    assert desk.do(delivery_of(for_one)).ok and len(waiting(desk)) == DELIVERIES_MAX


def test_who_takes_a_lost_ones_place_is_not_given_its_deliveries() -> None:
    desk = founded(product())
    assert desk.do(delivery_of(update_of(3, product(quantity=2), sequence=2))).ok
    before = desk.state.take_changes()
    desk.state.remove_container(desk.state.containers[UP3])
    assert waiting(desk) == {}
    desk.state.revert([])
    assert waiting(desk) == {(UP3, FIRM): 2} and before
