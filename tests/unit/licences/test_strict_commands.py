"""What the ledger orders holds its fields and nothing else, and whatever it holds is one error."""

from __future__ import annotations

import typing

import msgspec
import pytest

from appliance.codec.certified_statements import _Wire, read_statement
from appliance.ledger.certificates.proofs import CommitProof, decode_proof
from appliance.ledger.election.terms import NO_TERM
from appliance.ledger.log.book import ChainBroken, read_entry
from appliance.ledger.messages import Entry, EntryBody, decode_body, encode_body
from appliance.licences.commands import UNKNOWN, AnyCommand, Tick, decode_command, encode_command
from appliance.licences.refusals import StatementRefused
from appliance.verifier.layouts import ZERO_ROOT
from tests.unit.codec import world
from tests.unit.samples import sample, structs_in

DEEP = b"\x91" * 100_000 + b"\xc0"
"""MessagePack of an array in an array in an array…: how deep one can look depends on the stack."""
HOSTILE = [b"", b"\xff", DEEP, b"\xa1\xff"]
COMMANDS = typing.get_args(AnyCommand)


@pytest.mark.parametrize("kind", [EntryBody, _Wire, *COMMANDS], ids=lambda kind: kind.__name__)
def test_nothing_in_an_entry_is_passed_over(kind: type[msgspec.Struct]) -> None:
    lax = {
        one.__name__ for one in structs_in(kind) if not one.__struct_config__.forbid_unknown_fields
    }
    assert lax == set()


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_a_command_with_one_more_field_is_none(kind: type[msgspec.Struct]) -> None:
    data = encode_command(sample(kind))
    assert encode_command(decode_command(data)) == data
    longer = msgspec.msgpack.encode([*msgspec.msgpack.decode(data), 1])
    with pytest.raises(msgspec.DecodeError):
        decode_command(longer)


@pytest.mark.parametrize("data", HOSTILE, ids=range(4))
def test_bytes_that_hold_no_body_are_no_entry(data: bytes) -> None:
    with pytest.raises(ChainBroken):
        read_entry(Entry(1, NO_TERM, ZERO_ROOT, data))


def deeper(data: bytes) -> bytes:
    """The same short array with one more element, which is deep."""
    assert 0x90 <= data[0] < 0x9F
    return bytes([data[0] + 1]) + data[1:] + DEEP


@pytest.mark.parametrize("data", [*HOSTILE, deeper(encode_command(Tick()))], ids=range(5))
def test_bytes_that_hold_no_command_are_a_decode_error(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_command(data)
    entry = Entry(1, NO_TERM, ZERO_ROOT, encode_body(EntryBody(0, (), (data,))))
    assert read_entry(entry)[1] == (UNKNOWN,), "a later release may know it: it has no effect"


def test_a_body_with_one_more_field_is_none() -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_body(deeper(encode_body(EntryBody(0, (), ()))))


@pytest.mark.parametrize("data", [*HOSTILE, deeper(msgspec.msgpack.encode(sample(_Wire)))])
def test_bytes_that_hold_no_statement_are_refused_as_such(data: bytes) -> None:
    with pytest.raises(StatementRefused):
        read_statement(data, world.ROOT)


@pytest.mark.parametrize("data", [*HOSTILE, deeper(msgspec.msgpack.encode(sample(CommitProof)))])
def test_bytes_that_hold_no_proof_are_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="no commit proof"):
        decode_proof(data)
