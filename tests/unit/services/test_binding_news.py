"""What an upstream tells the ledger of what holds its key: once, and when it differs."""

from __future__ import annotations

from random import SystemRandom

import pytest

from appliance.adapters.container_home import ContainerHome
from appliance.adapters.machines import machine_of
from appliance.licences.commands import ShowBinding
from appliance.licences.model import Container
from appliance.licences.rules import FIRST
from appliance.licences.state import State
from appliance.services.upstream.container import HostContainer
from tests.unit.adapters.host_tree import HostTree
from tests.unit.adapters.test_container_home import Vendor
from tests.unit.codec import world


@pytest.fixture
def host(tmp_path):
    return HostTree(tmp_path / "host")


@pytest.fixture
def path(tmp_path, host):
    home = ContainerHome.create(
        tmp_path / "home", SystemRandom(), "up1", root_certificate=world.ROOT, around=host.around
    )
    home.import_update(Vendor(home).update(1))
    return tmp_path / "home"


def started(path, host):
    """The container of a process that has just started."""
    return HostContainer(ContainerHome.open(path, world.ROOT, host.around))


def knowing(container) -> State:
    """The state of a ledger that has this container's updates."""
    state = State()
    state.ledger_id, state.rules = b"ledger", FIRST
    content = container.content
    assert content.certificate and content.cmact_id and content.twin
    state.set_container(
        Container(
            serial=container.serial,
            cmact_id=content.cmact_id,
            twin=content.twin,
            certificate=content.certificate,
            firms=content.firms,
        )
    )
    return state


def test_it_is_said_once_and_again_when_the_host_changed(path, host):
    container = started(path, host)
    state, machine = knowing(container), machine_of(world.ROOT)
    for change, elsewhere in (
        (lambda: None, ""),
        (lambda: host.disk("sda", "naa.another"), ""),
        (
            lambda: (
                host.board("1111-2222"),
                host.machine_id("de" * 16),
                host.card("eth0", "52:9"),
            ),
            "board, machine-id, network",
        ),
    ):
        change()
        container = started(path, host)
        said = container.news_for(state)
        assert isinstance(said, ShowBinding) and container.news_for(state) is said
        assert machine.apply(state, said, 1_000).ok
        assert container.news_for(state) is None
        assert state.bindings[container.serial].elsewhere == elsewhere
    assert [act.action for act in state.acts()] == ["host-changed", "container-elsewhere"]


def test_a_container_that_no_vendor_knows_says_nothing(tmp_path, host):
    home = ContainerHome.create(tmp_path / "new", SystemRandom(), around=host.around)
    assert HostContainer(home).news_for(State()) is None
