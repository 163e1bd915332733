"""JSON from outside: an object or nothing, no key twice, and a ticket that nobody repeats."""

from __future__ import annotations

import msgspec
import pytest

from appliance.codec.activation import (
    Activation,
    ActivationRefused,
    build_activation,
    read_activation,
)
from appliance.codec.json_answers import detail_in, object_in
from appliance.codec.json_keys import repeated_key

# --- answers that nobody believes ---


@pytest.mark.parametrize("data", [b"", b"[]", b'"a"', b"null", b"7", b"{", b"\xff", b"{}{}"])
def test_what_is_no_object_is_none(data: bytes) -> None:
    assert object_in(data) is None
    assert detail_in(data) == ""


def test_an_object_is_told_and_so_is_the_sentence_of_a_problem() -> None:
    assert object_in(b'{"a": [1, null]}') == {"a": [1, None]}
    assert detail_in(b'{"detail": "No seat is free.", "status": 409}') == "No seat is free."
    for other in (b"{}", b'{"detail": 7}', b'{"detail": null}', b'{"Detail": "x"}'):
        assert detail_in(other) == ""


# --- a key that is there twice ---


class Inner(msgspec.Struct):
    seat: int = 0


class Outer(msgspec.Struct):
    name: str = ""
    inner: Inner | None = None
    more: tuple[Inner, ...] = ()
    rest: list[Inner] = msgspec.field(default_factory=list)
    kind: str = msgspec.field(default="", name="type")


@pytest.mark.parametrize(
    ("data", "twice"),
    [
        (b"{}", ""),
        (b'{"name": "a", "inner": {"seat": 1}}', ""),
        (b'{"name": "a", "name": "b"}', "name"),
        (b'{"type": "a", "type": "b"}', "type"),
        # In any object, however deep.
        (b'{"inner": {"seat": 1, "seat": 2}}', "seat"),
        (b'{"more": [{"seat": 1}, {"seat": 2, "seat": 3}]}', "seat"),
        (b'{"rest": [{"seat": 2, "seat": 3}]}', "seat"),
        # Once in each of two objects, or as a value, is no repetition.
        (b'{"more": [{"seat": 1}, {"seat": 2}]}', ""),
        (b'{"name": "name"}', ""),
        # The first that is repeated is named.
        (b'{"type": "a", "name": "a", "name": "b", "type": "b"}', "type"),
        # Escaped it is the same key.
        (rb'{"name": "a", "n\u0061me": "b"}', "name"),
        (rb'{"n\u0061me": "b"}', ""),
        (rb'{"other": 1, "oth\u0065r": 2}', "other"),
    ],
)
def test_a_key_that_one_object_has_twice_is_found(data: bytes, twice: str) -> None:
    assert repeated_key(data, Outer) == twice


# --- a ticket on its way ---

TICKET = "AAAAA-BBBBB"


def test_a_ticket_comes_with_its_request() -> None:
    body = build_activation(TICKET, b"request file")
    assert read_activation(body) == Activation(ticket=TICKET, request="request file")
    with pytest.raises(UnicodeDecodeError):
        build_activation(TICKET, "ä".encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"AAAAA-BBBBB",
        b'{"ticket": "AAAAA-BBBBB"}',
        b'{"ticket": "AAAAA-BBBBB", "request": 7}',
        b'{"ticket": "AAAAA-BBBBB", "request": "r", "more": 1}',
        b'{"AAAAA-BBBBB": "ticket", "request": "r"}',
    ],
)
def test_a_body_that_is_no_activation_is_refused_and_not_repeated(body: bytes) -> None:
    with pytest.raises(ActivationRefused) as refused:
        read_activation(body)
    said = "The body is not understood: send JSON with ticket and request, and nothing else."
    assert refused.value.detail == str(refused.value) == said
    assert refused.value.__suppress_context__, "the decoder's words may hold the ticket"


def test_a_ticket_that_is_there_twice_is_refused_and_not_repeated() -> None:
    with pytest.raises(ActivationRefused) as refused:
        read_activation(b'{"ticket": "AAAAA-BBBBB", "ticket": "C", "request": "r"}')
    assert refused.value.detail == (
        "The body names a key twice: send ticket and request once each."
    )
