"""Certified statements: whose token it is has to be signed, and everything is checked."""

from __future__ import annotations

import msgspec
import pytest

from appliance.codec.certified_statements import (
    STATEMENT_BYTES_MAX,
    build_statement,
    read_statement,
)
from appliance.codec.timestamps import verify_reply
from appliance.licences.refusals import StatementRefused
from tests.unit.codec import time_world as tw
from tests.unit.codec import world

ANCHOR = bytes(range(32))
REQUEST = tw.REQUEST._replace(anchor=ANCHOR)


class Container:
    """Signs with a twin's key."""

    def __init__(self, twin: int) -> None:
        self.twin = twin

    def sign(self, data: bytes) -> bytes:
        return world.CONTAINER_KEYS[self.twin].sign(data)


def token(request=REQUEST, **changes) -> bytes:
    reply = tw.reply_to(request, **changes)
    return verify_reply(reply, request.imprint(), request.query_nonce(), tw.TRUST).token


def statement(twin: int = 1, request=REQUEST, signed_by: int = 1) -> bytes:
    certificate = world.CONTAINER_CERTIFICATES[twin]
    return build_statement(request, token(request), certificate, Container(signed_by))


def refused(data: bytes, said: str, root: bytes = world.ROOT) -> None:
    with pytest.raises(StatementRefused, match=said):
        read_statement(data, root)


def test_a_statement_shows_who_got_what_and_what_it_knew():
    read = read_statement(statement(), world.ROOT)
    assert (read.serial, read.time_ms, read.accuracy_ms) == (world.SERIALS[1], tw.NOW_MS, 750)
    assert read.anchor == ANCHOR
    assert read.certificate == world.CONTAINER_CERTIFICATES[1]


def test_a_token_that_somebody_else_asked_for_is_refused():
    """Anybody may ask a time server in a container's name; only the container can sign."""
    refused(statement(signed_by=2), "not signed by the container")
    refused(statement(twin=2, signed_by=2), "another container")


def test_another_root_is_refused():
    refused(statement(), "not issued by the pinned", root=world.OTHER_ROOT)


def test_every_field_is_bound_by_a_signature():
    whole = msgspec.msgpack.decode(statement())
    for at, other in enumerate(
        (
            world.SERIALS[2],
            1,
            1,
            bytes(16),
            token(REQUEST._replace(box_ms=1)),
            world.CONTAINER_CERTIFICATES[3],
            bytes(64),
        )
    ):
        altered = [*whole[:at], other, *whole[at + 1 :]]
        with pytest.raises(StatementRefused):
            read_statement(msgspec.msgpack.encode(altered), world.ROOT)


def test_bytes_that_are_none_are_refused():
    data = statement()
    for at in range(0, len(data), 11):
        with pytest.raises(StatementRefused):
            read_statement(data[:at], world.ROOT)
    refused(bytes(STATEMENT_BYTES_MAX + 1), "too long")
    refused(msgspec.msgpack.encode([world.SERIALS[1], -1, b"", b"", b"", b"", b""]), "out of range")


def test_a_serial_longer_than_any_is_refused_as_everything_else_is():
    """Its length is signed in two bytes, so there was an error instead of a refusal."""
    whole = msgspec.msgpack.decode(statement())
    for length in (65, 2**16):
        refused(msgspec.msgpack.encode(["1" * length, *whole[1:]]), "length <= 64")
