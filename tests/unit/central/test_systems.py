"""Installed systems: as their containers say, in every request, and for how long subscribed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.adapters.container_home import ContainerHome
from appliance.cli.central import central as command
from appliance.codec.request_files import Purpose, System, Wanted, firm_audience
from appliance.services.central import CentralRefused, LicenseCentral
from appliance.services.central.systems import (
    ENDS,
    LATER,
    NONE,
    OVER,
    RUNS,
    SEEN_EVERY_S,
    Installed,
)
from tests.unit.central.asking import (
    FIRM_A,
    FIRM_B,
    ORDER,
    Network,
    all_by_hand,
    by_hand,
    containers,
    rows,
    sell,
)

DAY_S = 86_400
HERE = System(virtual_serial="131-77000001", release="0.1.0")


@pytest.fixture
def homes(tmp_path: Path, central: LicenseCentral) -> list[ContainerHome]:
    return containers(tmp_path, central, 1, 2, 3)


def ask(net: Network, home: ContainerHome, system: System) -> None:
    wanted = net.wanted(Purpose.UPDATE)._replace(system=system)
    net.transfers.update(home.request(wanted, net.now))


def only(central: LicenseCentral) -> Installed:
    (found,) = central.systems.page("", 10)
    return found


def test_a_system_is_listed_as_its_containers_say_by_hand_and_over_the_network(
    central: LicenseCentral, net: Network, homes: list[ContainerHome]
) -> None:
    wanted = Wanted(Purpose.ORDER, firm_audience(FIRM_A), bytes(16), ORDER, system=HERE)
    asked = [one.request(wanted) for one in homes]
    central.issue(FIRM_A, 10, asked, order=ORDER)
    found = only(central)
    assert (found.virtual_serials, found.releases) == ((HERE.virtual_serial,), ("0.1.0",))
    assert (found.hosts, found.firms) == (("up1", "up2", "up3"), (FIRM_A,))
    net.activate(sell(central, firm=FIRM_B), homes)
    assert only(central).firms == (FIRM_A, FIRM_B)
    ask(net, homes[0], System(virtual_serial="131-88000001", release="0.2.0"))
    ask(net, homes[1], HERE)
    found = only(central)
    assert found.virtual_serials == ("131-88000001", HERE.virtual_serial), "one works elsewhere"
    assert found.releases == ("0.2.0", "0.1.0")


def test_who_says_nothing_new_is_noted_once_a_day(
    central: LicenseCentral, net: Network, homes: list[ContainerHome]
) -> None:
    net.activate(sell(central), homes)
    ask(net, homes[0], HERE)
    known = rows(central)
    for seconds, noted in ((SEEN_EVERY_S - 10, False), (20, True)):
        net.wait(seconds)
        ask(net, homes[0], HERE)
        assert (rows(central) != known) is noted


def test_a_lost_containers_host_is_none_of_its_system_any_more(
    tmp_path: Path, central: LicenseCentral, homes: list[ContainerHome]
) -> None:
    central.issue(FIRM_A, 10, all_by_hand(homes, FIRM_A), order=ORDER)
    central.register(homes[2].serial, "Plant A")
    central.block(homes[2].serial, "Plant A", "Lost")
    (new,) = containers(tmp_path, central, 4)
    central.reissue_for(FIRM_A, homes[2].serial, by_hand(new, FIRM_A, "Repair"), order="Repair")
    assert only(central).hosts == ("up1", "up2", "up4")


def test_a_subscription_is_noted_shown_and_stops_nothing(
    central: LicenseCentral, net: Network, homes: list[ContainerHome]
) -> None:
    net.activate(sell(central), homes)
    group = only(central).cmact_id
    with pytest.raises(CentralRefused, match="no system ABC"):
        central.systems.subscribe("ABC", 1, 2)
    with pytest.raises(CentralRefused, match="ends after it begins"):
        central.systems.subscribe(group, 2, 2)
    assert only(central).subscription(1) == NONE
    central.systems.subscribe(group, 100 * DAY_S, 200 * DAY_S)
    found = only(central)
    told = [found.subscription(day * DAY_S) for day in (99, 100, 169, 170, 199, 200)]
    assert told == [LATER, RUNS, RUNS, ENDS, ENDS, OVER]
    assert [found.days_left(day * DAY_S) for day in (170, 200)] == [30, 0]
    central.systems.subscribe(group, 100 * DAY_S, 300 * DAY_S)
    assert only(central).until_s == 300 * DAY_S
    assert [row.act for row in central.records.trail(None, 2)] == ["subscribe"] * 2
    # It is long over, and the plant gets what it buys all the same.
    assert len(net.activate(sell(central), homes).updates) == 3


def test_the_list_and_its_pages(
    tmp_path: Path, central: LicenseCentral, net: Network, homes: list[ContainerHome]
) -> None:
    net.activate(sell(central), homes)
    net.activate(sell(central), containers(tmp_path, central, 4, 5, 6))
    ask(net, homes[0], HERE)

    def run(*words: str) -> str:
        done = CliRunner().invoke(command, ["--dir", str(net.path), *words])
        assert done.exit_code == 0, done.output
        return str(done.output)

    first = json.loads(run("systems", "--limit", "1", "--json"))
    second = json.loads(run("systems", "--after", first["next"], "--json"))
    both = [*first["systems"], *second["systems"]]
    assert [len(one["containers"]) for one in both] == [3, 3] and second["next"] is None
    (mine,) = [one for one in both if one["virtual_serials"] == [HERE.virtual_serial]]
    today = datetime.now(UTC).date()
    group = mine["cmact_id"]
    assert "is subscribed until" in run(
        *("subscribe", group, "--from", "2020-01-01", "--until", today.isoformat())
    )
    shown = json.loads(run("systems", "--json"))["systems"]
    states = [one["subscription"]["state"] for one in shown if one["cmact_id"] == group]
    assert states == [ENDS]
    bad = CliRunner().invoke(
        command, ["--dir", str(net.path), "subscribe", group, "--from", "none", "--until", "never"]
    )
    assert bad.exit_code == 2
