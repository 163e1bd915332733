"""More seats, units or days of a licence that was sold: once for an order, from what it has."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.adapters.container_home import ContainerHome
from appliance.cli.main import tmr
from appliance.licences.model import ProductItem
from appliance.services.central import CentralRefused, LicenseCentral, Options
from appliance.services.central.adding import More
from tests.unit.central.asking import FIRM_A, all_by_hand, containers, rows
from tests.unit.central.test_records import killed_everywhere

DAY_S = 86_400
NOW_S = 1_700_000_000
END_S = NOW_S + 10 * DAY_S
ORDER = "PO 4712"


@pytest.fixture
def homes(tmp_path: Path, central: LicenseCentral) -> list[ContainerHome]:
    """A group with 10 seats until END_S (TMR-ID 1), and 500 units without an end (2)."""
    made = containers(tmp_path, central, 1, 2, 3)
    for product, options in ((10, Options.of(expires_at_s=END_S)), (20, Options())):
        central.issue(FIRM_A, product, all_by_hand(made, FIRM_A), options, order="PO 4711")
    return made


def items(central: LicenseCentral, tmr_id: int) -> list[ProductItem]:
    return [item for _, item in central.firm(FIRM_A).holders(tmr_id)]


def test_what_is_added_counts_from_what_is_there(central, homes) -> None:
    firm = central.firm(FIRM_A)
    firm.add(1, More(seats=5, days=365), ORDER, NOW_S)
    firm.add(1, More(seats=2), "PO 4713", NOW_S)
    assert {(one.quantity, one.expires_at_s) for one in items(central, 1)} == {
        (17, END_S + 365 * DAY_S)
    }
    firm.add(2, More(units=250), ORDER, NOW_S)
    assert {one.units for one in items(central, 2)} == {750}
    newest = central.records.trail(None, 1)[0]
    assert (newest.act, newest.subject) == ("add", f"{FIRM_A}:20#2")
    assert '"units":250' in newest.detail and ORDER in newest.detail


def test_days_of_a_licence_that_has_ended_count_from_now(central, homes) -> None:
    later = END_S + 5 * DAY_S
    central.firm(FIRM_A).add(1, More(days=30), ORDER, later)
    assert {one.expires_at_s for one in items(central, 1)} == {later + 30 * DAY_S}


def test_a_twin_that_differs_goes_on_differing(central, homes) -> None:
    central.change(FIRM_A, 1, Options.of(quantity=3), [homes[1].serial])
    central.firm(FIRM_A).add(1, More(seats=5), ORDER, NOW_S)
    assert sorted(one.quantity for one in items(central, 1)) == [8, 15, 15]


def test_an_order_adds_once_wherever_it_is_killed(central, homes) -> None:
    firm = central.firm(FIRM_A)
    killed_everywhere(central, lambda: firm.add(1, More(seats=5), ORDER, NOW_S))
    once = rows(central)
    for name in (ORDER, "  po  4712 "):
        with pytest.raises(CentralRefused, match="was added to TMR-ID 1 already"):
            firm.add(1, More(seats=5), name, NOW_S)
    assert rows(central) == once
    assert {one.quantity for one in items(central, 1)} == {15}
    assert len(central.updates(FIRM_A, homes[0].serial)) == 3
    firm.add(2, More(units=1), ORDER, NOW_S)
    assert {one.units for one in items(central, 2)} == {501}, "once for each licence"


@pytest.mark.parametrize(
    ("tmr_id", "more", "order", "words"),
    [
        (1, More(), ORDER, "Say what is added"),
        (1, More(seats=-1), ORDER, "Say what is added"),
        (1, More(seats=5, days=-5), ORDER, "Say what is added"),
        (1, More(units=5), ORDER, "has no unit counter"),
        (2, More(days=5), ORDER, "has no end"),
        (3, More(seats=5), ORDER, "has issued no TMR-ID 3"),
        (1, More(seats=5), "", "An order's name"),
        (1, More(seats=5), "a\nb", "An order's name"),
        (1, More(seats=2**70), ORDER, "quantity"),
        (1, More(days=2**70), ORDER, "expiration time"),
    ],
)
def test_what_cannot_be_added_changes_nothing(central, homes, tmr_id, more, order, words) -> None:
    before = rows(central)
    with pytest.raises(CentralRefused, match=words):
        central.firm(FIRM_A).add(tmr_id, more, order, NOW_S)
    assert rows(central) == before


def test_the_command_hands_out_three_files(tmp_path, central, homes) -> None:
    words = ["central", "--dir", str(central.path), "add", "--firm", str(FIRM_A), "--tmr-id", "1"]
    words += ["--order", ORDER, "--seats", "5", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(tmr, words)
    assert done.exit_code == 0, done.output
    assert len(list((tmp_path / "out").iterdir())) == 3
    again = CliRunner().invoke(tmr, words)
    assert again.exit_code == 1 and "already" in again.output
