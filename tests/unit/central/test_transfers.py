"""Licences over the network, the vendors' side: tickets, updates, receipts, returns, strangers."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.adapters.container_home import ContainerHome
from appliance.codec.request_files import Purpose, build_request, central_audience
from appliance.codec.signed_files import FILE_BYTES_MAX
from appliance.codec.ticket_codes import new_code
from appliance.codec.transfer_files import Addressed, build_receipt, build_return
from appliance.licences.model import LicenceKey
from appliance.services.central import CentralRefused, Options
from tests.unit.central.asking import FIRM_A, FIRM_B, containers, rows, sell

NOW = datetime(2031, 1, 2, tzinfo=UTC)
KEY = LicenceKey(FIRM_A, 10, 1)


@pytest.fixture
def homes(tmp_path, central) -> list[ContainerHome]:
    return containers(tmp_path, central, 1, 2, 3)


def test_a_ticket_is_shown_by_three_and_issued_to_all(central, net, homes):
    code = sell(central, (10, Options.of(text="By ticket", expires_at_s=2_000_000_000)))
    first = net.activate(code, homes)
    # Again, as often as an answer is lost; the order of the three does not matter.
    assert set(net.activate(code, homes[::-1]).updates) == set(first.updates)
    for one, update in zip(homes, first.updates, strict=True):
        one.import_update(update)
        net.confirm(one)
    assert net.activate(code, homes).updates == ()
    items = {one.firms()[0].items for one in homes}
    ((item,),) = items
    assert (item.text, item.expires_at_s, item.tmr_id) == ("By ticket", 2_000_000_000, 1)
    assert [one.twin for one in homes] == [1, 2, 3]
    assert set(central.firm(FIRM_A).confirmed(one.serial for one in homes).values()) == {1}
    assert [net.fetch(one) for one in homes] == [0, 0, 0]


def test_updates_of_several_firms_come_one_by_one(central, net, homes):
    for firm in (FIRM_A, FIRM_B):
        net.activate(sell(central, firm=firm), homes)
    central.change(FIRM_A, 1, Options.of(quantity=5))
    assert net.fetch(homes[0]) == 2, "one file of each firm, which leaps to the newest"
    assert [(firm.firm_code, firm.sequence) for firm in homes[0].firms()] == [
        *((FIRM_A, 2), (FIRM_B, 1)),
    ]
    # What a container of the future says to hold harms nobody.
    for held in ({FIRM_A: 99, FIRM_B: 1}, {1: 1, FIRM_A: 2, FIRM_B: 1}):
        assert net.transfers.update(net.ask(homes[0], held)) is None


def test_other_licences_stay_when_one_is_taken_back(central, net, homes):
    for product in (10, 20):
        net.activate(sell(central, (product, Options())), homes)
    for one in homes[:2]:
        net.give_back(one, KEY)
    net.wait()
    net.fetch(homes[0])
    assert [item.tmr_id for item in homes[0].firms()[0].items] == [2]


def test_strangers_and_bad_files_get_nothing(tmp_path, central, net, homes):
    code = sell(central)
    net.activate(code, homes)
    for one in homes:
        net.fetch(one)
    (stranger,) = containers(tmp_path, central, 9)
    thief = Ed25519PrivateKey.generate()
    mine, transfers = homes[0].serial, net.transfers
    stolen = build_request(thief, mine, "up9", NOW, net.wanted(Purpose.UPDATE))
    shown = net.shown(code, homes)
    update = transfers.update(net.ask(homes[0], {}))
    assert update is not None
    to = Addressed(central_audience(net.name), transfers.challenge())
    state = rows(central)
    for act, said in (
        (lambda: net.activate(code, [stranger, *homes[:2]]), "used by other containers"),
        (lambda: net.activate(code, homes[:2]), "2 requests were given"),
        (lambda: transfers.activate("ABCDE", shown), "no such ticket"),
        (lambda: transfers.activate(new_code(Random(5)), shown), "no such ticket"),
        (lambda: transfers.activate(code, b"junk\n"), "truncated"),
        (lambda: transfers.update(net.ask(stranger)), "ever activated"),
        (lambda: transfers.update(stolen), "not that of its key"),
        (lambda: transfers.update(net.ask(homes[0])[:-9]), "newline"),
        (lambda: transfers.update(b"x" * (FILE_BYTES_MAX + 1)), "bytes long"),
        (lambda: transfers.update(update.data), "not 'tmr-request"),
        (lambda: transfers.confirm(build_receipt(thief, mine, FIRM_A, 1, b"", NOW)), "signature"),
        (
            lambda: transfers.confirm(
                build_receipt(homes[0].held.key, mine, FIRM_A, 1, b"another", NOW)
            ),
            "another update file",
        ),
        (
            lambda: transfers.confirm(
                build_receipt(homes[0].held.key, mine, FIRM_A, 2, update.data, NOW)
            ),
            "issued no update 2",
        ),
        (
            lambda: transfers.confirm(
                build_receipt(homes[0].held.key, mine, 5, 1, update.data, NOW)
            ),
            "no firm 5",
        ),
        (lambda: transfers.confirm(b""), "newline"),
        (lambda: transfers.confirm(net.ask(homes[0])), "not 'tmr-receipt"),
        (lambda: transfers.take_back(build_return(thief, mine, KEY, to, NOW)), "signature"),
        (lambda: net.give_back(stranger, KEY), "ever activated"),
        (lambda: net.give_back(homes[0], LicenceKey(FIRM_A, 10, 9)), "holds no"),
        (lambda: net.give_back(homes[0], LicenceKey(FIRM_A, 20, 1)), "holds no"),
        (lambda: net.give_back(homes[0], LicenceKey(7, 10, 1)), "no firm 7"),
        (lambda: net.give_back(homes[0], LicenceKey(FIRM_A, 10, 0)), "names no"),
    ):
        with pytest.raises(CentralRefused, match=said):
            act()
    assert rows(central) == state


def test_a_wrong_container_is_refused_and_is_in_nobodys_way(tmp_path, central, net, homes):
    net.activate(sell(central), homes)
    code = sell(central)
    with pytest.raises(CentralRefused, match="never takes a fourth"):
        net.activate(code, [*homes[:2], *containers(tmp_path, central, 9)])
    net.activate(code, homes)
    assert net.fetch(homes[0]) == 1


def test_a_blocked_container_gets_nothing(central, net, homes):
    code = sell(central)
    net.activate(code, homes)
    net.fetch(homes[0])
    central.register(homes[0].serial, "Plant A")
    central.block(homes[0].serial, "Plant A", "Stolen")
    for act in (
        lambda: net.activate(code, homes),
        lambda: net.transfers.update(net.ask(homes[0])),
        lambda: net.confirm(homes[0]),
        lambda: net.give_back(homes[0], KEY),
    ):
        with pytest.raises(CentralRefused, match="is blocked: Stolen"):
            act()
    assert net.fetch(homes[1]) == 1
