"""What a client reads from a server: how it is called, and inputs to begin with."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.client import ticket_files, wire
from appliance.client.errors import BadAnswer, ReceiptRefused, Refused
from appliance.client.receipts import ReceiptVerifier
from appliance.client.ticket import verify
from appliance.client.transport import Answer
from appliance.codec import api
from appliance.verifier.documents import FirmWordsDocument
from appliance.verifier.receipts import Wanted
from appliance.verifier.trust import Trust
from tests.fuzz.outer import outcomes
from tests.unit.client import test_ticket
from tests.unit.samples import sample
from tests.unit.verifier import vectors
from tests.unit.verifier.plant import FIRM_CODE, ITEMS, Plant

REFUSES = (Refused, BadAnswer, ReceiptRefused)


@functools.cache
def _plant() -> Plant:
    """The plant of the published receipts."""
    return Plant()


def grants() -> Iterator[bytes]:
    """All published cases."""
    for _, grant, _ in vectors.cases(_plant()).values():
        yield msgspec.json.encode(grant)


def words() -> Iterator[bytes]:
    """What a firm signed, of two of its items."""
    for item in ITEMS:
        yield msgspec.json.encode(_plant().words(item, ITEMS))


def tickets() -> Iterator[bytes]:
    """A ticket, as a computer without a network opens it."""
    yield ticket_files.encode(test_ticket.ticket_of())


def ticket(data: bytes) -> object:
    """A ticket file: read, and believed or not."""
    file = ticket_files.read_ticket(data)
    verify(file, test_ticket.asked(), test_ticket.TRUST, FIRM_CODE, 10)
    return file


def loan_files() -> Iterator[bytes]:
    """Request, key and return of a loan."""
    asked = test_ticket.asked()
    seed = test_ticket.SEED
    yield ticket_files.encode(asked)
    yield ticket_files.encode(ticket_files.KeyFile(seed=seed, asked=asked))
    yield ticket_files.encode(ticket_files.ReturnFile(borrower=asked.borrower, signature=bytes(64)))


def loan_file(data: bytes) -> object:
    """Whichever of them it is."""
    readers = (ticket_files.read_request, ticket_files.read_key)
    for read in readers:
        with suppress(ticket_files.TicketRefused):
            return read(data)
    return ticket_files.read_return(data)


def licence_roots() -> Iterator[bytes]:
    """A root in PEM, as an application has it compiled in."""
    root = x509.load_der_x509_certificate(_plant().root)
    yield root.public_bytes(Encoding.PEM)


KINDS: tuple[type[Any], ...] = tuple(
    kind
    for kind in vars(api).values()
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__struct_fields__
)
"""What the API knows, and so what a client may expect of a server."""


def documents() -> Iterator[bytes]:
    """One of each kind that the API knows."""
    for kind in KINDS:
        yield msgspec.json.encode(sample(kind))


def answers() -> Iterator[bytes]:
    """A status divided by four, which kind is expected, and a document of that kind."""
    for number, document in enumerate(documents()):
        for status in (200, 500):
            yield bytes([status // 4, number]) + document


def events() -> Iterator[bytes]:
    """An event stream; the first byte divides it."""
    yield b'\x09event: phase\nid: 7\ndata: {"host": "tmr1"}\n\n: still there\n\n'
    yield b"\x03data: one\r\ndata: two\r\n\r\ndata\n\n"


def answer(data: bytes) -> object:
    """The first byte is a quarter of the status, the second says which kind is expected."""
    status, kind = (data[0] * 4, KINDS[data[1] % len(KINDS)]) if data[1:] else (200, KINDS[0])
    body = data[2:]
    acts = (
        partial(wire.read, Answer(status, media_type, body), kind)
        for media_type in ("application/json", api.PROBLEM_MEDIA_TYPE)
    )
    return outcomes(acts, Refused, BadAnswer)


@functools.cache
def _verifier() -> ReceiptVerifier:
    plant = _plant()
    return plant.taught(ReceiptVerifier(Trust(plant.root, frozenset({100001}))))


def grant(data: bytes) -> object:
    """A TMR host's answer to a check-out, with its receipt."""
    answer = Answer(200, "application/json", data)
    grant = wire.read(answer, api.GrantDocument)
    _verifier().verify(grant, Wanted(100001, 10, vectors.NONCE))
    return grant


def word(data: bytes) -> object:
    """A TMR host's answer about what a firm signed, for a verifier that knows an earlier word."""
    document = wire.read(Answer(200, "application/json", data), FirmWordsDocument)
    _verifier().learn(document)
    return document
