"""What containers say of what holds their keys, in the ledger: compared, noted, never refused."""

from __future__ import annotations

import msgspec
import pytest

from appliance.licences.binding import Evidence, digests
from appliance.licences.commands import ShowBinding
from appliance.licences.machine import Machine
from appliance.licences.model import BindingShown
from appliance.licences.reasons import DONE, STATEMENT_REFUSED
from appliance.licences.refusals import StatementRefused
from appliance.licences.serials import Binding
from tests.unit.licences.builders import NOW_MS, Desk, founded, product, read_update

HOST = {"machine-id": ("m",), "board": ("b",), "disk": ("d",), "network": ("n",), "cpu": ("c",)}


def read(data: bytes) -> BindingShown:
    if data == b"false":
        raise StatementRefused("The statement is not signed by the container.")
    if data == b"broken":
        raise ZeroDivisionError
    return msgspec.msgpack.decode(data, type=BindingShown)


@pytest.fixture
def desk() -> Desk:
    made = founded(product())
    made.machine = Machine(read_update, binding=read)
    return made


@pytest.fixture
def up1(desk) -> str:
    return str(min(desk.state.containers))


def say(desk, serial, number, binding=Binding.FILE, *, of=None, **changed):
    """A container says what its host is like, in its statement of this number."""
    known = desk.state.containers.get(serial)
    shown = BindingShown(
        ledger_id=desk.state.ledger_id,
        serial=serial,
        number=number,
        evidence=Evidence(binding, digests(serial, {**HOST, **changed})),
        certificate=known.certificate if known else b"",
    )
    return desk.do(
        ShowBinding(msgspec.msgpack.encode(msgspec.structs.replace(shown, **(of or {}))), "up1")
    )


def acts(desk):
    return [(act.action, act.why) for act in desk.state.acts() if "import" not in act.action]


def test_the_first_word_is_kept_and_the_same_again_changes_nothing_but_its_number(desk, up1):
    assert say(desk, up1, 1).reason == DONE
    assert say(desk, up1, 2).reason == DONE
    bound = desk.state.bindings[up1]
    assert (bound.number, bound.elsewhere_at_ms, acts(desk)) == (2, 0, [])


def test_an_honest_change_is_an_act_and_no_more(desk, up1):
    say(desk, up1, 1)
    assert say(desk, up1, 2, disk=("another",)).reason == DONE
    assert acts(desk) == [("host-changed", "disk")]
    assert desk.state.bindings[up1].elsewhere_at_ms == 0


def test_another_host_is_elsewhere_with_its_log_time_and_stays_so(desk, up1):
    say(desk, up1, 1)
    other = {name: ("another",) for name in ("machine-id", "board", "disk")}
    assert say(desk, up1, 2, **other).reason == DONE
    bound = desk.state.bindings[up1]
    assert bound.elsewhere == "board, disk, machine-id"
    assert bound.elsewhere_at_ms == desk.state.log_time_ms >= NOW_MS
    assert acts(desk) == [("container-elsewhere", "board, disk, machine-id")]
    say(desk, up1, 3, **other)
    assert desk.state.bindings[up1].elsewhere_at_ms == bound.elsewhere_at_ms
    # A copy and its original take turns: each of them is seen.
    say(desk, up1, 4)
    assert [action for action, _ in acts(desk)] == ["container-elsewhere"] * 2


def test_held_in_another_way_is_elsewhere(desk, up1):
    say(desk, up1, 1)
    say(desk, up1, 2, Binding.TPM)
    assert desk.state.bindings[up1].elsewhere == "binding"


def test_an_old_word_that_is_shown_again_counts_for_nothing(desk, up1):
    say(desk, up1, 5, disk=("new",))
    for number in (5, 4, 1):
        assert say(desk, up1, number).reason == STATEMENT_REFUSED
    assert acts(desk) == []


def test_what_proves_nothing_is_refused_and_changes_nothing(desk, up1):
    for data in (b"false", b"broken"):
        assert desk.do(ShowBinding(data, "up1")).reason == STATEMENT_REFUSED
    assert desk.do(ShowBinding(b"", "x" * 300)).reason == STATEMENT_REFUSED
    assert say(desk, "130-99999999", 1).reason == STATEMENT_REFUSED
    for of in ({"certificate": b"another"}, {"ledger_id": b"another"}):
        assert say(desk, up1, 1, of=of).reason == STATEMENT_REFUSED
    desk.machine = Machine(read_update)
    assert say(desk, up1, 1).reason == STATEMENT_REFUSED
    assert desk.state.bindings == {}


def test_it_goes_with_its_container(desk, up1):
    say(desk, up1, 1)
    desk.state.remove_container(desk.state.containers[up1])
    assert desk.state.bindings == {}
