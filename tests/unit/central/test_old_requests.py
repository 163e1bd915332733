"""What a container signed is good once, here, for this: whoever copies it gets nothing by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from secrets import token_bytes

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select

from appliance.adapters.container_home import ContainerHome
from appliance.codec.group_files import build_group_request
from appliance.codec.request_files import Purpose, Wanted, build_request, firm_audience
from appliance.codec.ticket_codes import new_code, order_of, ticket_mark
from appliance.services.central import CentralRefused, LicenseCentral
from appliance.services.central import challenges as module
from appliance.services.central.by_hand import REQUEST_DAYS, REQUEST_S
from appliance.services.central.challenges import CHALLENGE_S, Challenges
from appliance.services.central.records.schema import used_requests
from tests.unit.central.asking import (
    FIRM_A,
    FIRM_B,
    NAME,
    ORDER,
    Network,
    all_by_hand,
    by_hand,
    containers,
    sell,
)


@pytest.fixture
def homes(tmp_path, central, net) -> list[ContainerHome]:
    """A customer's three, which hold a licence of firm A."""
    made = containers(tmp_path, central, 1, 2, 3)
    net.activate(sell(central), made)
    return made


# --- over the network ---


def test_a_copied_request_fetches_nothing_here(net, homes):
    asked = net.ask(homes[0])
    assert net.transfers.update(asked) is not None
    with pytest.raises(CentralRefused, match="used already"):
        net.transfers.update(asked)
    late = net.ask(homes[0])
    net.wait(CHALLENGE_S + 1)
    with pytest.raises(CentralRefused, match="older than 300 seconds"):
        net.transfers.update(late)


def test_another_vendor_to_whom_a_container_once_spoke_fetches_nothing_with_that(
    tmp_path, central, net, homes
):
    """Not with what he got, nor with a challenge that he had passed on."""
    other = Network(tmp_path / "central", central, "other.example")
    kept = other.ask(homes[0])
    with pytest.raises(CentralRefused, match="for 'central other"):
        net.transfers.update(kept)
    passed_on = other.wanted(Purpose.UPDATE)._replace(nonce=net.transfers.challenge())
    with pytest.raises(CentralRefused, match="which is not this"):
        net.transfers.update(homes[0].request(passed_on))
    made_up = net.wanted(Purpose.UPDATE)._replace(nonce=token_bytes(56))
    with pytest.raises(CentralRefused, match="answers no challenge"):
        net.transfers.update(homes[0].request(made_up))
    own = net.wanted(Purpose.UPDATE)._replace(nonce=other.transfers.challenge())
    with pytest.raises(CentralRefused, match="answers no challenge"):
        net.transfers.update(homes[0].request(own))


def test_a_request_carried_by_hand_fetches_nothing_over_the_network(net, homes):
    with pytest.raises(CentralRefused, match="is for 'order', not for 'update'"):
        net.transfers.update(by_hand(homes[0], FIRM_A))


def test_a_victims_request_does_not_show_a_thiefs_ticket(tmp_path, central, net):
    """Also if it is fresh: it names the ticket that its container was given."""
    victim, *others = homes = containers(tmp_path, central, 1, 2, 3)
    sold, stolen = (sell(central) for _ in range(2))
    for order in (sold, new_code(Random(3))):
        mine = net.wanted(Purpose.ACTIVATE, order_of(stolen, ()))
        shown = [one.request(mine) for one in others]
        shown.append(victim.request(mine._replace(order=order)))
        with pytest.raises(CentralRefused, match="made for another ticket"):
            net.transfers.activate(stolen, build_group_request(tuple(shown), ticket_mark(stolen)))
    asked = build_group_request((net.ask(victim, {}),) * 3, ticket_mark(stolen))
    with pytest.raises(CentralRefused, match="is for 'update', not for 'activate'"):
        net.transfers.activate(stolen, asked)
    assert central.root.containers == ()
    # Nothing that was refused is in the victim's way.
    assert len(net.activate(sold, homes).updates) == 3


def test_a_serial_is_not_squatted(tmp_path, central, net):
    """Neither over the network nor by hand: it is derived from the key."""
    victim, *others = containers(tmp_path, central, 1, 2, 3)
    thief = Ed25519PrivateKey.generate()
    code = sell(central)
    now = datetime.now(UTC)
    shown = net.wanted(Purpose.ACTIVATE, code)
    squatted = build_request(thief, victim.serial, "up9", now, shown)
    three = (squatted, *(one.request(shown) for one in others))
    with pytest.raises(CentralRefused, match="not that of its key"):
        net.transfers.activate(code, build_group_request(three, ticket_mark(code)))
    wanted = Wanted(Purpose.ORDER, firm_audience(FIRM_A), token_bytes(16), ORDER)
    asked = [build_request(thief, victim.serial, "up9", now, wanted)]
    with pytest.raises(CentralRefused, match="not that of its key"):
        central.issue(FIRM_A, 10, asked + all_by_hand(others, FIRM_A), order=ORDER)
    net.activate(code, (victim, *others))
    assert net.fetch(victim) == 1


def test_names_may_stand_for_one_label_each(tmp_path, central, homes):
    def asked(audience: str) -> None:
        net = Network(tmp_path / "central", central, "*.vendor.example")
        challenge = net.transfers.challenge()
        net.transfers.update(homes[0].request(Wanted(Purpose.UPDATE, audience, challenge)))

    asked("central a.vendor.example")
    for wrong in ("a.b.vendor.example", "vendor.example", ".vendor.example", "*"):
        with pytest.raises(CentralRefused, match="which is not this"):
            asked(f"central {wrong}")
    with pytest.raises(CentralRefused, match="which is not this"):
        asked("firm 600100")


def test_strangers_fill_nothing_and_who_asks_too_often_is_told(monkeypatch):
    monkeypatch.setattr(module, "USED_MAX", 12)
    monkeypatch.setattr(module, "USED_PER_CONTAINER_MAX", 5)
    now = [0.0]
    challenges = Challenges(lambda: now[0])
    given = [challenges.new() for _ in range(20)]
    assert len(challenges._used) == 0
    for one in given[:5]:
        challenges.use(one, "130-1")
    with pytest.raises(CentralRefused, match="130-1 or too many others"):
        challenges.use(given[5], "130-1")
    for number in range(5, 12):
        challenges.use(given[number], f"130-{number}")
    with pytest.raises(CentralRefused, match="ask again in 5 minutes"):
        challenges.use(given[12], "130-12")
    now[0] = CHALLENGE_S
    challenges.check(given[12])
    later = challenges.new()
    now[0] += 1
    challenges.use(later, "130-1")
    assert (list(challenges._used), dict(challenges._of)) == ([later], {"130-1": 1})
    for wrong in (b"", given[0][:-1], given[0] + b"x", bytes(56)):
        with pytest.raises(CentralRefused, match="answers no challenge"):
            challenges.check(wrong)


# --- by hand ---


def test_a_request_by_hand_is_for_one_firm_and_one_order(tmp_path, central):
    victim, *others = homes = containers(tmp_path, central, 1, 2, 3)
    copied = by_hand(victim, FIRM_A, "the customer's order")
    for firm, order in ((FIRM_A, "the thief's order"), (FIRM_B, "the customer's order")):
        said = "another order" if firm == FIRM_A else "is not for firm 600200"
        with pytest.raises(CentralRefused, match=said):
            asked = [copied, *all_by_hand(others, firm, order)]
            central.issue(firm, 10, asked, order=order)
    assert central.root.containers == ()
    net = Network(tmp_path / "central", central, NAME)
    with pytest.raises(CentralRefused, match="is not for firm"):
        shown = [home.request(net.wanted(Purpose.ACTIVATE, ORDER)) for home in homes]
        central.issue(FIRM_A, 10, shown, order=ORDER)
    asked = all_by_hand(homes, FIRM_A, "the customer's order")
    assert central.issue(FIRM_A, 10, asked, order="The customer's  order").tmr_id == 1


def test_an_open_request_counts_only_where_no_order_is_named(tmp_path, central):
    """Who sells without orders knows from whom he has the files; they may be used again."""
    homes = containers(tmp_path, central, 1, 2, 3)
    asked = [home.request() for home in homes]
    with pytest.raises(CentralRefused, match="Request 1 names no firm and no order"):
        central.issue(FIRM_A, 10, asked, order=ORDER)
    with pytest.raises(CentralRefused, match="Request 1 was made for an order: name it by --order"):
        central.issue(FIRM_A, 10, all_by_hand(homes, FIRM_A))
    assert central.root.containers == ()
    assert [central.issue(FIRM_A, 10, asked).tmr_id for _ in range(2)] == [1, 2]


def test_an_open_request_fetches_nothing_over_the_network(central, net, homes):
    asked = homes[0].request()
    with pytest.raises(CentralRefused, match="is for 'order', not for 'update'"):
        net.transfers.update(asked)
    with pytest.raises(CentralRefused, match="is for 'order', not for 'activate'"):
        net.transfers.activate(sell(central), build_group_request((asked,) * 3))


def test_one_does_for_each_product_of_its_order_once(tmp_path, central):
    asked = all_by_hand(containers(tmp_path, central, 1, 2, 3), FIRM_A)
    central.issue(FIRM_A, 10, asked, order=ORDER)
    with pytest.raises(CentralRefused, match="Request 1 was used for this already"):
        central.issue(FIRM_A, 10, asked, order=ORDER)
    assert central.issue(FIRM_A, 20, asked, order=ORDER).tmr_id == 2
    with pytest.raises(CentralRefused, match="1 to 128 printable"):
        central.issue(FIRM_A, 20, asked, order=" ")


def test_an_old_one_is_refused_and_forgotten(tmp_path, central):
    homes = containers(tmp_path, central, 1, 2, 3)
    now = datetime.now(UTC)

    def made(age: timedelta) -> list[bytes]:
        wanted = Wanted(Purpose.ORDER, firm_audience(FIRM_A), token_bytes(16), ORDER)
        return [home.request(wanted, now - age) for home in homes]

    for age in (timedelta(days=REQUEST_DAYS, hours=1), timedelta(days=-REQUEST_DAYS - 1)):
        with pytest.raises(CentralRefused, match="not made in the last 90 days"):
            central.issue(FIRM_A, 10, made(age), order=ORDER)
    central.issue(FIRM_A, 10, made(timedelta(days=REQUEST_DAYS - 1)), order=ORDER)
    central.issue(FIRM_A, 10, made(timedelta(0)), order=ORDER)
    assert remembered(central) == 2, "the three of each were made with one number"
    later_s = int((now + timedelta(days=2)).timestamp())
    central.firm(FIRM_A).use([], later_s)
    assert remembered(central) == 1
    central.firm(FIRM_A).use([], later_s + REQUEST_S)
    assert remembered(central) == 0


def remembered(central: LicenseCentral) -> int:
    with central.records.reading() as connection:
        return connection.execute(select(func.count()).select_from(used_requests)).scalar_one()
