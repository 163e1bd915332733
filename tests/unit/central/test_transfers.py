"""Licences over the network, the vendors' side: tickets, updates, receipts, returns, strangers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.adapters.container_home import ContainerHome
from appliance.codec.licence_files import build_request
from appliance.codec.signed_files import FILE_BYTES_MAX
from appliance.codec.transfer_files import build_receipt, build_return
from appliance.licences.model import LicenceKey
from appliance.services.central import CentralRefused, LicenseCentral, Options, Product
from appliance.services.central.tickets import is_code, new_code
from appliance.services.central.transfers import Transfers

FIRM_A, FIRM_B = 600_100, 600_200
NOW = datetime(2031, 1, 2, tzinfo=UTC)


@pytest.fixture
def central(tmp_path) -> LicenseCentral:
    made = LicenseCentral.create(tmp_path / "central", rng=Random(1))
    for code in (FIRM_A, FIRM_B):
        made.add_firm(code, f"Firm {code}")
        made.add_product(code, Product(product_code=10, quantity=10))
    made.add_product(FIRM_A, Product(product_code=20, units=500))
    return made


@pytest.fixture
def transfers(tmp_path, central) -> Transfers:
    return Transfers(tmp_path / "central", central)


def home(tmp_path: Path, central: LicenseCentral, number: int) -> ContainerHome:
    return ContainerHome.create(
        tmp_path / f"up{number}",
        Random(number),
        f"up{number}",
        root_certificate=central.root.certificate,
    )


@pytest.fixture
def homes(tmp_path, central) -> list[ContainerHome]:
    return [home(tmp_path, central, number) for number in (1, 2, 3)]


def fetch(transfers: Transfers, container: ContainerHome, confirm: bool = True) -> int:
    """Import all that there is for this container; gives how many updates that were."""
    fetched = 0
    while True:
        held = {firm.firm_code: firm.sequence for firm in container.firms()}
        update = transfers.update(container.request(), held)
        if update is None:
            return fetched
        imported = container.import_update(update.data)
        if confirm:
            transfers.confirm(container.receipt(imported.firm.firm_code))
        fetched += 1


def activate(transfers: Transfers, code: str, homes: list[ContainerHome]) -> None:
    for container in homes:
        transfers.activate(code, container.request())


def test_a_ticket_is_shown_by_three_and_issued_to_all(central, transfers, homes):
    ticket = central.add_ticket(
        FIRM_A, 10, Options.of(text="By ticket", expires_at_s=2_000_000_000)
    )
    for left, container in zip((2, 1, 0), homes, strict=True):
        assert transfers.activate(ticket.code, container.request()) == left
    # Again, as often as an answer is lost.
    assert [transfers.activate(ticket.code, one.request()) for one in homes] == [0, 0, 0]
    assert [fetch(transfers, one) for one in homes] == [1, 1, 1]
    items = {one.firms()[0].items for one in homes}
    ((item,),) = items
    assert (item.text, item.expires_at_s, item.tmr_id) == ("By ticket", 2_000_000_000, 1)
    assert [one.twin for one in homes] == [1, 2, 3]
    assert [one.confirmed for one in central.firm(FIRM_A).containers] == [1, 1, 1]
    assert [fetch(transfers, one) for one in homes] == [0, 0, 0]


def test_the_same_container_counts_once(central, transfers, homes):
    code = central.add_ticket(FIRM_A, 10, Options()).code
    for _ in range(3):
        assert transfers.activate(code, homes[0].request()) == 2
    assert len(central.firm(FIRM_A).tickets[0].requests) == 1


def test_updates_of_several_firms_come_one_by_one(central, transfers, homes):
    for firm in (FIRM_A, FIRM_B):
        activate(transfers, central.add_ticket(firm, 10, Options()).code, homes)
    central.change(FIRM_A, 1, Options.of(quantity=5))
    assert fetch(transfers, homes[0]) == 3
    assert [(firm.firm_code, firm.sequence) for firm in homes[0].firms()] == [
        *((FIRM_A, 2), (FIRM_B, 1)),
    ]
    # What a stranger says to hold, or a container of the future, harms nobody.
    for held in ({FIRM_A: 99, FIRM_B: 1}, {FIRM_A: 2, FIRM_B: -1}, {1: 1, FIRM_A: 2, FIRM_B: 1}):
        assert transfers.update(homes[0].request(), held) is None


def test_a_licence_is_taken_back_from_all_three_and_its_ticket_lives_again(
    central, transfers, homes
):
    code = central.add_ticket(FIRM_A, 10, Options()).code
    activate(transfers, code, homes)
    for one in homes:
        fetch(transfers, one)
    order = homes[1].return_order(LicenceKey(FIRM_A, 10, 1))
    serials = [one.serial for one in homes]
    assert transfers.take_back(order) == (1, tuple(serials))
    # Ordered once more, nothing more is issued.
    assert transfers.take_back(order).waiting_for == tuple(serials)
    assert [fetch(transfers, one) for one in homes[:2]] == [1, 1]
    assert transfers.take_back(order).waiting_for == (serials[2],)
    assert central.firm(FIRM_A).tickets[0].tmr_id == 1, "one twin still holds it"
    fetch(transfers, homes[2])
    assert transfers.take_back(order).waiting_for == ()
    assert all(one.firms()[0].items == () for one in homes)
    assert central.firm(FIRM_A).tickets[0].tmr_id is None
    activate(transfers, code, homes)
    assert [fetch(transfers, one) for one in homes] == [1, 1, 1]
    assert homes[0].firms()[0].items[0].tmr_id == 2, "a TMR-ID is never given twice"
    # The old order does not take back the new licence.
    assert transfers.take_back(order).waiting_for == ()
    assert [fetch(transfers, one) for one in homes] == [0, 0, 0]


def test_counted_units_come_back_without_their_ticket(central, transfers, homes):
    code = central.add_ticket(FIRM_A, 20, Options()).code
    activate(transfers, code, homes)
    for one in homes:
        fetch(transfers, one)
    transfers.take_back(homes[0].return_order(LicenceKey(FIRM_A, 20, 1)))
    for one in homes:
        fetch(transfers, one)
    (returned,) = central.firm(FIRM_A).returns
    assert central.firm(FIRM_A).waiting_for(returned) == ()
    with pytest.raises(CentralRefused, match="used by other"):
        transfers.activate(code, homes[0].request())


def test_other_licences_stay_when_one_is_taken_back(central, transfers, homes):
    for product in (10, 20):
        activate(transfers, central.add_ticket(FIRM_A, product, Options()).code, homes)
    transfers.take_back(homes[0].return_order(LicenceKey(FIRM_A, 10, 1)))
    fetch(transfers, homes[0])
    assert [item.tmr_id for item in homes[0].firms()[0].items] == [2]


def test_strangers_and_bad_files_get_nothing(tmp_path, central, transfers, homes):
    code = central.add_ticket(FIRM_A, 10, Options()).code
    activate(transfers, code, homes)
    for one in homes:
        fetch(transfers, one)
    stranger = home(tmp_path, central, 9)
    thief = Ed25519PrivateKey.generate()
    mine = homes[0].serial
    stolen = build_request(thief, mine, "up9", NOW)
    update = transfers.update(homes[0].request(), {})
    assert update is not None
    key = LicenceKey(FIRM_A, 10, 1)
    state = (tmp_path / "central" / "firms" / str(FIRM_A) / "firm.json").read_bytes()
    for act, said in (
        (lambda: transfers.activate(code, stranger.request()), "ever activated"),
        (lambda: transfers.activate("ABCDE", homes[0].request()), "no such ticket"),
        (lambda: transfers.activate(new_code(Random(5)), homes[0].request()), "no such ticket"),
        (lambda: transfers.activate(code, stolen), "another key"),
        (lambda: transfers.activate(code, b"junk\n"), "three parts"),
        (lambda: transfers.update(stranger.request(), {}), "ever activated"),
        (lambda: transfers.update(stolen, {}), "another key"),
        (lambda: transfers.update(homes[0].request()[:-9], {}), "newline"),
        (lambda: transfers.update(b"x" * (FILE_BYTES_MAX + 1), {}), "bytes long"),
        (lambda: transfers.update(update.data, {}), "not 'tmr-request"),
        (lambda: transfers.confirm(build_receipt(thief, mine, FIRM_A, 1, b"", NOW)), "signature"),
        (
            lambda: transfers.confirm(
                build_receipt(homes[0]._key, mine, FIRM_A, 1, b"another", NOW)
            ),
            "another update file",
        ),
        (
            lambda: transfers.confirm(
                build_receipt(homes[0]._key, mine, FIRM_A, 2, update.data, NOW)
            ),
            "issued no update 2",
        ),
        (
            lambda: transfers.confirm(build_receipt(homes[0]._key, mine, 5, 1, update.data, NOW)),
            "no firm 5",
        ),
        (lambda: transfers.confirm(b""), "newline"),
        (lambda: transfers.confirm(homes[0].request()), "not 'tmr-receipt"),
        (lambda: transfers.take_back(build_return(thief, mine, key, NOW)), "signature"),
        (lambda: transfers.take_back(stranger.return_order(key)), "ever activated"),
        (lambda: transfers.take_back(homes[0].return_order(LicenceKey(FIRM_A, 10, 9))), "holds no"),
        (lambda: transfers.take_back(homes[0].return_order(LicenceKey(FIRM_A, 20, 1))), "holds no"),
        (lambda: transfers.take_back(homes[0].return_order(LicenceKey(7, 10, 1))), "no firm 7"),
        (lambda: transfers.take_back(homes[0].return_order(LicenceKey(FIRM_A, 10, 0))), "names no"),
    ):
        with pytest.raises(CentralRefused, match=said):
            act()
    after = (tmp_path / "central" / "firms" / str(FIRM_A) / "firm.json").read_bytes()
    assert after == state


def test_a_wrong_container_is_refused_and_the_ticket_can_be_cleared(
    tmp_path, central, transfers, homes
):
    activate(transfers, central.add_ticket(FIRM_A, 10, Options()).code, homes)
    code = central.add_ticket(FIRM_A, 10, Options()).code
    transfers.activate(code, home(tmp_path, central, 9).request())
    transfers.activate(code, homes[0].request())
    with pytest.raises(CentralRefused, match="never takes a fourth"):
        transfers.activate(code, homes[1].request())
    central.clear_ticket(code)
    activate(transfers, code, homes)
    assert fetch(transfers, homes[0]) == 2
    with pytest.raises(CentralRefused, match="no unused ticket"):
        central.clear_ticket(code)


def test_a_blocked_container_gets_nothing(central, transfers, homes):
    code = central.add_ticket(FIRM_A, 10, Options()).code
    activate(transfers, code, homes)
    fetch(transfers, homes[0])
    receipt = homes[0].receipt(FIRM_A)
    central.register(homes[0].serial, "Plant A")
    central.block(homes[0].serial, "Plant A", "Stolen")
    for act in (
        lambda: transfers.activate(code, homes[0].request()),
        lambda: transfers.update(homes[0].request(), {}),
        lambda: transfers.confirm(receipt),
        lambda: transfers.take_back(homes[0].return_order(LicenceKey(FIRM_A, 10, 1))),
    ):
        with pytest.raises(CentralRefused, match="is blocked: Stolen"):
            act()
    assert fetch(transfers, homes[1]) == 1


def test_codes_cannot_be_guessed_or_misread():
    codes = {new_code(Random(number)) for number in range(500)}
    assert len(codes) == 500 and all(is_code(code) for code in codes)
    for wrong in ("", "ABCDE", "ABCDE-ABCDE-ABCDE-ABCDE-ABCDI", "x" * 10_000):
        assert not is_code(wrong)
