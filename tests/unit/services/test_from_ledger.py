"""What waits in the ledger for a container is imported by its host, and only once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from appliance.adapters.container_home import ContainerHome
from appliance.licences.records import Delivery
from appliance.licences.state import State
from appliance.services.central import LicenseCentral
from appliance.services.upstream import from_ledger as module
from appliance.services.upstream.container import HostContainer
from appliance.services.upstream.from_ledger import FromLedger
from tests.unit.central.asking import FIRM_A, Network, containers, sell, vendors


@pytest.fixture
def central(tmp_path: Path) -> LicenseCentral:
    return vendors(tmp_path / "central")


@pytest.fixture
def homes(tmp_path: Path, central: LicenseCentral) -> list[ContainerHome]:
    return containers(tmp_path, central, 1, 2, 3)


async def until(condition: Any) -> None:
    while not condition():
        await asyncio.sleep(0.001)


def test_only_its_own_is_imported_and_only_once(
    tmp_path: Path, central: LicenseCentral, homes: list[ContainerHome], monkeypatch: Any
) -> None:
    monkeypatch.setattr(module, "AGAIN_S", 0.0)
    net = Network(tmp_path / "central", central)
    answer = net.activate(sell(central), homes)
    state = State()
    for home, update in zip(homes, answer.updates, strict=True):
        state.set_delivery((home.serial, FIRM_A), Delivery(1, update))
    container = HostContainer(homes[2])
    taken: list[bytes] = []
    full = [OSError(28, "no room")]
    really = container.import_update

    async def import_update(data: bytes) -> Any:
        taken.append(data)
        if full:
            raise full.pop()
        return await really(data)

    monkeypatch.setattr(container, "import_update", import_update)

    async def test() -> None:
        own = FromLedger(container)
        while not container.held:  # As the host looks at each tick.
            own.look(state)
            await asyncio.sleep(0.001)
        await until(lambda: own._task is None)
        own.look(state)
        assert own._task is None, "what it has it does not take again"
        await own.close()

    asyncio.run(test())
    assert taken == [answer.updates[2]] * 2, "again after the disk was full"
    assert container.held == ((FIRM_A, 1),)
