"""What groups and their vendors send each other: seeds, and readers with one error."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import msgspec

from appliance.codec.container_orders import ContainerAnswer
from appliance.codec.group_files import (
    GroupAnswer,
    build_group_answer,
    build_group_receipt,
    build_group_request,
)
from appliance.codec.request_files import Purpose, Wanted, build_request
from appliance.codec.ticket_codes import (
    Mistyped,
    new_code,
    order_of,
    read_chosen,
    read_code,
    ticket_mark,
)
from tests.fuzz import seeds
from tests.fuzz.outer import outcomes
from tests.unit.codec import world

CODE = new_code(Random(1))


def requests() -> Iterator[bytes]:
    """Three that show a ticket."""
    wanted = Wanted(Purpose.ACTIVATE, "firm 600100", bytes(16), order_of(CODE, ((1, 5),)))
    signed = tuple(
        build_request(key, world.serial_of(key), "up1", world.NOW, wanted)
        for key in world.CONTAINER_KEYS.values()
    )
    yield build_group_request(signed, ticket_mark(CODE), ((1, 5),))


def answers() -> Iterator[bytes]:
    """An answer."""
    yield build_group_answer(GroupAnswer(tuple(seeds.updates()), more=True))


def receipts() -> Iterator[bytes]:
    """Receipts of two."""
    yield build_group_receipt(tuple(seeds.import_receipts()) * 2)


def container_answers() -> Iterator[bytes]:
    """What an upstream answers."""
    yield msgspec.msgpack.encode(ContainerAnswer(b"challenge", "central central.example"))
    yield msgspec.msgpack.encode(ContainerAnswer(refused="It does not answer."))


def tickets() -> Iterator[bytes]:
    """What people type."""
    yield CODE.encode()
    yield b"1,3x5"


def ticket(data: bytes) -> object:
    """A ticket, and a choice of lines. Raises Mistyped."""
    text = data.decode("latin-1")
    return outcomes((lambda: read_code(text), lambda: read_chosen(text)), Mistyped)
