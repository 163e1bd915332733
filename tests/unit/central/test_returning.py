"""A licence comes back: two order it, a day passes, two confirm; and whoever tries it otherwise."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from appliance.adapters.container_home import ContainerHome
from appliance.cli.main import tmr
from appliance.codec.licence_files import read_update
from appliance.codec.request_files import central_audience
from appliance.codec.transfer_files import Addressed, build_receipt
from appliance.licences.merge import merge
from appliance.licences.model import Container, LicenceKey, ReturnedItem
from appliance.services.central import CentralRefused, LicenseCentral, Options
from appliance.services.central.giving_back import Returns
from appliance.services.central.returning import GRACE_S, ORDER_S
from tests.unit.central.asking import (
    FIRM_A,
    FIRM_B,
    Network,
    all_by_hand,
    containers,
    sell,
)

KEY = LicenceKey(FIRM_A, 10, 1)


@pytest.fixture
def code(central) -> str:
    made: str = sell(central)
    return made


@pytest.fixture
def homes(tmp_path, central, net, code) -> list[ContainerHome]:
    """Three containers that hold 600100:10#1 by the ticket."""
    made = containers(tmp_path, central, 1, 2, 3)
    net.activate(code, made)
    for one in made:
        net.fetch(one)
    return made


def tmr_id(central: LicenseCentral) -> int | None:
    """The licence that the ticket stands for, None if the ticket is free."""
    uses = [one for one in central.firm(FIRM_A).tickets()[0].uses if not one.credited]
    return uses[0].tmr_id if uses else None


def serials(homes: list[ContainerHome]) -> tuple[str, ...]:
    return tuple(one.serial for one in homes)


def lie(net: Network, home: ContainerHome) -> None:
    """The container confirms the newest update that was issued to it, and does not import it."""
    issued = net.central.firm(FIRM_A).issued_to(home.serial)
    assert issued is not None
    update = net.central.firm(FIRM_A).updates(home.serial)[-1]
    net.transfers.confirm(
        build_receipt(home.held.key, home.serial, FIRM_A, issued.sequence, update.data, net.now)
    )


def ledger(homes: list[ContainerHome]) -> dict[LicenceKey, bool]:
    """Which licences a ledger shows that these containers serve, and whether each is available."""
    made = []
    for one in homes:
        assert one.cmact_id and one.twin and one.certificate
        made.append(
            Container(
                serial=one.serial,
                cmact_id=one.cmact_id,
                twin=one.twin,
                certificate=one.certificate,
                firms=one.firms(),
            )
        )
    return {key: licence.available for key, licence in merge(made).items()}


def test_two_order_a_day_passes_two_confirm_and_the_ticket_lives_again(central, net, homes, code):
    assert net.give_back(homes[1], KEY) == (1, False, ())
    assert net.give_back(homes[1], KEY) == (1, False, ()), "the same container counts once"
    assert net.give_back(homes[2], KEY) == (0, False, ())
    assert [net.fetch(one) for one in homes] == [0, 0, 0], "nothing is taken away yet"
    net.wait(GRACE_S - 1)
    assert net.fetch(homes[0]) == 0
    net.wait(1)
    assert net.fetch(homes[0]) == 1
    assert net.give_back(homes[1], KEY) == (0, True, serials(homes[1:]))
    assert tmr_id(central) == 1, "one container's word is none"
    assert net.fetch(homes[1]) == 1
    assert tmr_id(central) is None
    assert homes[0].firms()[0].items == homes[1].firms()[0].items == ()
    assert net.give_back(homes[0], KEY) == (0, True, (homes[2].serial,))
    # The third has to confirm before its group is issued anything.
    with pytest.raises(CentralRefused, match=f"{homes[2].serial} has not confirmed yet"):
        net.activate(code, homes)
    assert net.fetch(homes[2]) == 1
    net.activate(code, homes)
    assert [net.fetch(one) for one in homes] == [1, 1, 1]
    assert homes[0].firms()[0].items[0].tmr_id == 2, "a TMR-ID is never given twice"
    assert ledger(homes) == {LicenceKey(FIRM_A, 10, 2): True}
    # What was ordered then does not take back the new licence.
    assert net.give_back(homes[0], KEY) == (0, True, ())
    assert [net.fetch(one) for one in homes] == [0, 0, 0]


def test_one_stolen_container_gives_nothing_back(central, net, homes):
    for _ in range(9):
        assert net.give_back(homes[0], KEY) == (1, False, ())
        net.wait()
        assert net.fetch(homes[0]) == 0
    assert [len(central.firm(FIRM_A).content(one.serial)) for one in homes] == [1, 1, 1]


def test_an_order_waits_seven_days_for_a_second_one(net, homes):
    net.give_back(homes[0], KEY)
    net.wait(ORDER_S + 1)
    assert net.give_back(homes[1], KEY) == (1, False, ())
    assert net.give_back(homes[0], KEY) == (0, False, ())


def test_what_a_container_ordered_before_it_was_blocked_counts_for_nothing(central, net, homes):
    net.give_back(homes[0], KEY)
    central.register(homes[0].serial, "Plant A")
    central.block(homes[0].serial, "Plant A", "Stolen")
    assert net.give_back(homes[1], KEY) == (1, False, ())
    assert net.give_back(homes[2], KEY) == (0, False, ())


def test_any_of_the_three_calls_it_off_within_a_day_and_nobody_else(tmp_path, central, net, homes):
    others = containers(tmp_path, central, 4, 5, 6)
    net.activate(sell(central), others)
    for one in homes[:2]:
        net.give_back(one, KEY)
    with pytest.raises(CentralRefused, match="holds no licence"):
        net.transfers.take_back(net.order(others[0], KEY, call_off=True))
    net.transfers.take_back(net.order(homes[2], KEY, call_off=True))
    net.wait()
    assert [net.fetch(one) for one in homes] == [0, 0, 0]
    with pytest.raises(CentralRefused, match="Nobody ordered"):
        net.transfers.take_back(net.order(homes[2], KEY, call_off=True))
    assert net.give_back(homes[0], KEY) == (1, False, ()), "both have to order it anew"
    net.give_back(homes[1], KEY)
    net.wait()
    net.fetch(homes[0])
    with pytest.raises(CentralRefused, match="is taken away already"):
        net.transfers.take_back(net.order(homes[2], KEY, call_off=True))


def test_an_order_is_for_one_central_and_used_once(net, homes):
    order = net.order(homes[0], KEY)
    net.transfers.take_back(order)
    with pytest.raises(CentralRefused, match="used already"):
        net.transfers.take_back(order)
    net.transfers.take_back(net.order(homes[0], KEY, call_off=True))
    with pytest.raises(CentralRefused, match="used already"):
        net.transfers.take_back(order)
    elsewhere = Addressed(central_audience("other.example"), net.transfers.challenge())
    with pytest.raises(CentralRefused, match="not this License Central"):
        net.transfers.take_back(homes[0].return_order(KEY, elsewhere))


@pytest.mark.parametrize(
    ("product", "options"),
    [(20, Options()), (10, Options.of(usage_period_s=604_800))],
    ids=["units", "usage period"],
)
def test_what_counts_its_use_comes_back_without_its_ticket(
    tmp_path, central, net, product, options
):
    homes = containers(tmp_path, central, 1, 2, 3)
    code = sell(central, (product, options))
    net.activate(code, homes)
    for one in homes[:2]:
        net.give_back(one, LicenceKey(FIRM_A, product, 1))
    net.wait()
    for one in homes:
        net.fetch(one)
    firm = central.firm(FIRM_A)
    assert Returns(firm).waiting_for(firm.returns()[0]) == ()
    assert net.activate(code, homes).updates == (), "they had it"
    with pytest.raises(CentralRefused, match="used by other"):
        net.activate(code, containers(tmp_path, central, 4, 5, 6))


# --- who keeps what he gave back ---


def test_receipts_without_importing_are_worth_nothing_once_one_container_is_updated(
    tmp_path, central, net, homes, code
):
    """Two containers lie, the ticket is used for three others; the first three keep their items."""
    for one in homes[:2]:
        net.give_back(one, KEY)
    net.wait()
    assert net.transfers.update(net.ask(homes[0])) is not None
    for one in homes[:2]:
        lie(net, one)
    assert tmr_id(central) is None
    others = containers(tmp_path, central, 4, 5, 6)
    net.activate(code, others)
    assert ledger(homes) == {KEY: True}, "who asks for nothing more is not reached"
    # They are issued nothing more of that firm, and what they show next is evidence.
    with pytest.raises(CentralRefused, match="has not confirmed yet"):
        central.issue(FIRM_A, 10, all_by_hand(homes, FIRM_A), order="PO 4711")
    net.wait(5)
    request = net.ask(homes[0])
    update = net.transfers.update(request)
    assert update is not None
    (note,) = central.firm(FIRM_A).put_back
    assert (note.serial, note.confirmed, note.held) == (homes[0].serial, 2, 1)
    assert note.request == request
    # The first of the three that imports anything ends it for all of them.
    homes[0].import_update(update.data)
    assert ledger(homes) == {}


def test_the_third_container_alone_and_a_copy_that_was_put_back_hold_nothing(central, net, homes):
    for one in homes[:2]:
        net.give_back(one, KEY)
    net.wait()
    for one in homes[:2]:
        net.fetch(one)
    assert homes[2].firms()[0].items != ()
    assert ledger(homes) == {}
    # Also if one more was put back to before it: the one that was not says what is gone.
    net.wait(5)
    old = {FIRM_A: 1}
    assert net.transfers.update(net.ask(homes[1], old)) is not None
    firm = central.firm(FIRM_A)
    assert [(one.serial, one.held) for one in firm.put_back] == [(homes[1].serial, 1)]
    assert Returns(firm).waiting_for(firm.returns()[0]) == serials(homes[1:])
    assert tmr_id(central) is None, "what was credited stays credited"
    # It confirms anew, as an honest one does after its disk was put back.
    net.confirm(homes[1])
    assert Returns(central.firm(FIRM_A)).waiting_for(firm.returns()[0]) == (homes[2].serial,)


def test_a_request_from_before_the_receipt_that_comes_late_is_no_sign_of_a_copy(
    central, net, homes
):
    late = net.ask(homes[0], {FIRM_A: 0})
    assert net.transfers.update(late) is not None
    assert central.firm(FIRM_A).put_back == ()


def test_what_came_back_is_named_to_the_group_for_good(central, net, homes):
    net.activate(sell(central), homes)
    net.activate(sell(central, firm=FIRM_B), homes)
    for one in homes[:2]:
        net.give_back(one, KEY)
    net.wait()
    for one in homes:
        net.fetch(one)
    changed = central.change(FIRM_A, 2, Options.of(quantity=5)).updates
    for one, update in zip(homes, changed, strict=True):
        assert one.import_update(update.data).firm.returned == (ReturnedItem(10, 1),)
    for update in central.change(FIRM_B, 1, Options.of(quantity=5)).updates:
        assert read_update(update.data, central.root.certificate).firm.returned == ()


def test_the_vendor_sees_how_far_each_is_and_who_was_put_back(tmp_path, central, net, homes):
    def listed() -> str:
        words = ["central", "--dir", str(tmp_path / "central"), "returns"]
        return CliRunner().invoke(tmr, words, env={"COLUMNS": "200"}).output

    net.give_back(homes[0], KEY)
    assert "ordered by one" in listed() and homes[0].serial in listed()
    net.give_back(homes[1], KEY)
    assert "waits a day" in listed()
    net.wait()
    net.fetch(homes[0])
    assert "taken away" in listed()
    lie(net, homes[1])
    net.wait(5)
    net.transfers.update(net.ask(homes[1]))
    assert "showed update 1 on" in listed()
