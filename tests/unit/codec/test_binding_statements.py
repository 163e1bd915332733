"""What a container says of what holds its key: whose it is, and what is none."""

from __future__ import annotations

import msgspec
import pytest

from appliance.codec.binding_statements import (
    STATEMENT_BYTES_MAX,
    _Wire,
    build_binding,
    read_binding,
)
from appliance.licences.binding import Evidence, digests
from appliance.licences.model import BindingShown
from appliance.licences.refusals import StatementRefused
from appliance.licences.serials import Binding
from tests.unit.codec import world

SERIAL = world.SERIALS[1]
SHOWN = BindingShown(
    ledger_id=b"ledger",
    serial=SERIAL,
    number=3,
    evidence=Evidence(Binding.FILE, digests(SERIAL, {"machine-id": ("m",), "cpu": ("c",)})),
    certificate=world.CONTAINER_CERTIFICATES[1],
)


def statement(key=1, **changes) -> bytes:
    return build_binding(msgspec.structs.replace(SHOWN, **changes), world.CONTAINER_KEYS[key])


def test_it_says_who_said_what_in_which_ledger_and_when():
    assert read_binding(statement(), world.ROOT) == SHOWN


def test_a_flip_at_any_byte_is_refused():
    data = statement()
    for position in range(len(data)):
        damaged = bytearray(data)
        damaged[position] ^= 1 << (position % 8)
        with pytest.raises(StatementRefused):
            read_binding(bytes(damaged), world.ROOT)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"key": 2}, "not signed by the container"),
        ({"serial": world.SERIALS[2]}, "does not fit"),
        ({"evidence": Evidence(Binding.TOKEN, ())}, "does not fit"),
        ({"evidence": Evidence(Binding.FILE, (("cpu", ()),))}, "not in its form"),
        ({"certificate": world.FIRM_A_CERTIFICATE}, "not that of a TMR container"),
        ({"number": 0}, "no binding statement"),
        ({"ledger_id": bytes(65)}, "no binding statement"),
    ],
)
def test_what_proves_nothing_is_refused(changes, said):
    with pytest.raises(StatementRefused, match=said):
        read_binding(statement(**changes), world.ROOT)


def test_of_another_root_or_too_long_it_is_refused():
    with pytest.raises(StatementRefused, match="pinned licence root"):
        read_binding(statement(), world.OTHER_ROOT)
    with pytest.raises(StatementRefused, match="too long"):
        read_binding(bytes(STATEMENT_BYTES_MAX + 1), world.ROOT)


def test_more_fields_are_none():
    wire = msgspec.to_builtins(
        msgspec.msgpack.decode(statement(), type=_Wire), builtin_types=[bytes]
    )
    with pytest.raises(StatementRefused, match="no binding statement"):
        read_binding(msgspec.msgpack.encode([*wire, "more"]), world.ROOT)
