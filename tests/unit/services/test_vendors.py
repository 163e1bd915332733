"""A container with licences of two vendors: each is asked for its firms, and told of no others."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.adapters.central_client import CentralUnreachable
from appliance.adapters.container_home import BoxTimes
from appliance.codec.container_orders import ContainerAnswer, GetChallenge
from appliance.codec.request_files import central_audience, read_request
from appliance.errors import UserError
from appliance.licences.model import LicenceKey
from appliance.services.settings import CentralSettings, _check_vendors, load_upstream
from appliance.services.upstream.container import ContainerClock, HostContainer
from appliance.services.upstream.group_orders import GroupOrders
from appliance.services.upstream.transfer import TransferDenied, Transfers
from tests.unit.central.asking import FIRM_A, FIRM_B, Network, containers, sell, vendors
from tests.unit.services.test_settings import UPSTREAM

NOW_MS = 1_900_000_000_000


class Vendor:
    """A vendor's License Central, asked without a network; what it was asked is kept."""

    def __init__(self, net: Network, *firm_codes: int) -> None:
        self.net = net
        self.firm_codes = frozenset(firm_codes)
        self.issues = firm_codes
        self.hidden = frozenset({FIRM_A, FIRM_B} - set(firm_codes))
        self.url = f"https://{net.name}"
        self.audience = central_audience(net.name)
        self.silent = False
        self.held: list[tuple[tuple[int, int], ...]] = []
        self.confirmed: list[bytes] = []
        self.begin: Any = None
        self.answered: Any = None

    def serves(self, firm_code: int) -> bool:
        return not self.firm_codes or firm_code in self.firm_codes

    def challenge(self) -> bytes:
        if self.silent:
            raise CentralUnreachable(f"{self.url} does not answer.")
        return self.net.transfers.challenge()

    def update(self, request: bytes) -> bytes | None:
        asked = read_request(request)
        self.held.append(asked.held)
        for code in self.issues:
            firm = self.net.central.firm(code)
            update = firm.next_update(asked.serial, dict(asked.held).get(code, 0))
            if update is not None:
                return update.data
        return None

    def confirm(self, receipt: bytes) -> None:
        self.confirmed.append(receipt)


class Plant:
    """Three containers, of which the first one's transfers are looked at."""

    def __init__(self, path: Path) -> None:
        self.central = vendors(path / "central")
        self.homes = containers(path, self.central, 1, 2, 3)
        nets = [
            Network(path / "central", self.central, name) for name in ("a.example", "b.example")
        ]
        self.net = nets[0]
        self.vendors = [Vendor(nets[0], FIRM_A), Vendor(nets[1], FIRM_B)]
        home = self.homes[0]
        home.save_times(BoxTimes(box_ms=NOW_MS, certified_ms=NOW_MS))
        clock = ContainerClock(home, lambda: 5_000, lambda: NOW_MS)
        made: Any = lambda: tuple(self.vendors)  # noqa: E731
        self.transfers = Transfers(HostContainer(home), clock, made)


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    return Plant(tmp_path)


def test_each_vendor_is_asked_for_its_firms_and_told_of_no_others(plant: Plant) -> None:
    for firm in (FIRM_A, FIRM_B):
        plant.net.activate(sell(plant.central, firm=firm), plant.homes)
    done = asyncio.run(plant.transfers.update())
    assert done.imported == ((FIRM_A, 1), (FIRM_B, 1))
    a, b = plant.vendors
    assert {code for held in a.held for code, _ in held} == {FIRM_A}
    assert {code for held in b.held for code, _ in held} == {FIRM_B}
    assert (len(a.confirmed), len(b.confirmed)) == (1, 1)


def test_a_firm_that_the_settings_forgot_comes_once(plant: Plant) -> None:
    """The vendor has another firm than the plant's settings say."""
    for firm in (FIRM_A, FIRM_B):
        plant.net.activate(sell(plant.central, firm=firm), plant.homes)
    plant.vendors = plant.vendors[:1]
    plant.vendors[0].issues = (FIRM_A, FIRM_B)
    plant.vendors[0].hidden = frozenset()
    for _ in range(2):
        asyncio.run(plant.transfers.update())
        assert len(plant.vendors[0].held) < 8
    assert [firm.firm_code for firm in plant.homes[0].firms()] == [FIRM_A, FIRM_B]


def test_one_that_is_silent_keeps_nobody_from_the_other_ones(plant: Plant) -> None:
    for firm in (FIRM_A, FIRM_B):
        plant.net.activate(sell(plant.central, firm=firm), plant.homes)
    plant.vendors[0].silent = True
    with pytest.raises(CentralUnreachable, match=r"a\.example"):
        asyncio.run(plant.transfers.update())
    assert [firm.firm_code for firm in plant.homes[0].firms()] == [FIRM_B]


def test_a_ticket_goes_to_the_vendor_of_its_firm(plant: Plant) -> None:
    async def test() -> None:
        audience, _ = await plant.transfers.challenge(FIRM_B)
        assert audience == "central b.example"
        with pytest.raises(TransferDenied, match="several firms"):
            await plant.transfers.challenge()
        with pytest.raises(TransferDenied, match="of firm 7 is configured"):
            await plant.transfers.give_back(LicenceKey(7, 1, 1))
        orders = GroupOrders(plant.transfers._container, plant.transfers)
        told = await orders.carry_out(GetChallenge())
        assert isinstance(told, ContainerAnswer) and "name the firm" in told.refused
        plant.vendors = plant.vendors[:1]
        assert (await plant.transfers.challenge())[0] == "central a.example"
        with pytest.raises(TransferDenied, match="of firm 600200"):
            await plant.transfers.challenge(FIRM_B)

    asyncio.run(test())


SEVERAL = """
[[central]]
firm_codes = [1, 2]
url = "https://a.example"

[[central]]
firm_codes = [3]
url = "https://b.example"
"""


def test_each_vendor_is_hidden_from_the_others(tmp_path: Path) -> None:
    path = tmp_path / "host.toml"
    path.write_text(UPSTREAM + SEVERAL)
    a, b = load_upstream(path).central_clients()
    assert (set(a.firm_codes), set(a.hidden)) == ({1, 2}, {3})
    assert (set(b.firm_codes), set(b.hidden)) == ({3}, {1, 2})
    path.write_text(UPSTREAM)
    with pytest.raises(UserError, match="No License Central is configured"):
        load_upstream(path).central_clients()
    path.write_text(UPSTREAM + SEVERAL.replace("[3]", "[2]"))
    with pytest.raises(UserError, match="each of them at one"):
        load_upstream(path)


def test_it_is_clear_of_each_firm_whom_to_ask() -> None:
    a = CentralSettings(url="https://a.example", firm_codes=(1, 2))
    b = CentralSettings(url="https://b.example", firm_codes=(3,))
    _check_vendors(())
    _check_vendors((a, b))
    _check_vendors((msgspec.structs.replace(a, firm_codes=()),))
    for wrong, said in (
        ((a, a), "each of them once"),
        ((a, msgspec.structs.replace(b, firm_codes=(2,))), "each of them at one"),
        ((a, msgspec.structs.replace(b, firm_codes=())), "name its firm_codes"),
        ((msgspec.structs.replace(a, firm_codes=(0,)),), "firm_codes are 1 to"),
    ):
        with pytest.raises(ValueError, match=said):
            _check_vendors(wrong)
