"""Decoders of what stands round the licences: queries, operators' requests, answers, certificates.

Each function here takes bytes and raises what its target in `tests.fuzz.targets` may raise.
"""

from __future__ import annotations

import functools
import tempfile
from base64 import encodebytes
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.requests import Request

from appliance.adapters import central_client
from appliance.adapters.central_client import CentralClient, CentralUnreachable
from appliance.adapters.pki import authority as pki
from appliance.adapters.pki import hosts as pki_hosts
from appliance.cli import _admin, _seat
from appliance.cli.backup import _entries
from appliance.client import resume
from appliance.codec import json_answers
from appliance.codec.access.flexlm import translate
from appliance.codec.activation import build_activation
from appliance.codec.backup_pages import BackupPage
from appliance.errors import UserError
from appliance.ledger.membership.backups import Head
from appliance.ledger.messages import Entry
from appliance.services.problems import Refused
from appliance.services.tmr import asking
from appliance.services.tmr.asking import LEASES
from appliance.services.tmr.problems import Refusal
from appliance.services.tmr.routes import ROUTES
from appliance.services.upstream.documents import ImportedDocument
from appliance.services.upstream.transfer_routes import (
    LicenceName,
    OrderRequest,
    ReturnRequest,
    TransferRequest,
    read_asked,
)
from tests.unit.codec import test_access_document
from tests.unit.samples import sample


def documents(*, of_a_lease: bool) -> tuple[msgspec.json.Decoder[Any], ...]:
    """Decoders of what a TMR host is sent, on the routes of one lease or on all others."""
    kinds = [route.request for route in ROUTES if route.path.startswith(LEASES) == of_a_lease]
    return tuple(msgspec.json.Decoder(kind) for kind in kinds if isinstance(kind, type))


OPERATORS = documents(of_a_lease=False)


def outcomes(acts: Iterable[Callable[[], object]], *refuses: type[Exception]) -> list[object]:
    """What each of these gave, or its refusal."""
    found: list[object] = []
    for act in acts:
        try:
            found.append(act())
        except refuses as refusal:
            found.append(refusal)
    return found


def order(data: bytes) -> object:
    """An operator's request, read as each kind."""
    return outcomes((partial(asking.decoded, decoder, data) for decoder in OPERATORS), Refusal)


def orders() -> Iterator[bytes]:
    """One of each kind."""
    for decoder in OPERATORS:
        yield msgspec.json.encode(sample(decoder.type))


@functools.cache
def _client() -> CentralClient:
    return CentralClient("https://central.example:7302")


def central_answer(data: bytes) -> object:
    """License Central's answer: what it said, or a document."""
    assert _client()._said(data, 400)
    kinds = (central_client.Returned, central_client._Challenge)
    acts = [partial(_client()._document, data, kind) for kind in kinds]
    return outcomes(acts, CentralUnreachable)


def administration_answer(data: bytes) -> None:
    """A refusal by an administration API."""
    assert isinstance(json_answers.detail_in(data), str)


def administration_document(data: bytes) -> object:
    """What an upstream's administration says. Raises UserError."""
    files = Path("cert.pem"), Path("key.pem"), Path("ca.pem")
    return _admin.read_answer(_admin.Admin("https://up1:7102", *files), data, ImportedDocument)


def administration_documents() -> Iterator[bytes]:
    """One that is understood."""
    yield msgspec.json.encode(sample(ImportedDocument))


@functools.cache
def _page() -> BackupPage:
    page: BackupPage = sample(BackupPage)
    return page


def backup_entry(data: bytes) -> None:
    """An entry of a backup as a TMR host gives it. Raises UserError."""
    page = msgspec.structs.replace(_page(), entries=(data,), ledger_id=b"L")

    def nothing_more(first: int) -> BackupPage:
        raise UserError(f"nothing from {first} on")

    list(_entries(page, Head(b"L", "131-1", 1, b"", 0, "nobody"), nothing_more))


def backup_entries() -> Iterator[bytes]:
    """An entry, whatever it holds."""
    yield msgspec.msgpack.encode(sample(Entry))


def transfers() -> Iterator[bytes]:
    """Requests for a licence over the network."""
    name = LicenceName(firm_code=600_100, product_code=10, tmr_id=1)
    for request in (
        TransferRequest(),
        ReturnRequest(licence=name, call_off=True),
        OrderRequest(firm_code=600_100, order="PO 4711"),
    ):
        yield msgspec.json.encode(request)


def asked(data: bytes) -> object:
    """Whatever an operator asks of a container. Raises Refused."""
    acts = (
        partial(read_asked, data, TransferRequest),
        partial(read_asked, data, ReturnRequest),
        partial(read_asked, data, OrderRequest),
    )
    return outcomes(acts, Refused)


def activations() -> Iterator[bytes]:
    """A ticket that is shown."""
    yield build_activation("ABCDE-ABCDE-ABCDE-ABCDE-ABCDE", b"e30.e30.e30\n")


def seats() -> Iterator[bytes]:
    """The file of a check-out."""
    yield msgspec.json.encode(msgspec.structs.replace(sample(_seat.Seat), version=_seat.VERSION))


def resumes() -> Iterator[bytes]:
    """The file by which a program has its seat back."""
    yield msgspec.json.encode(msgspec.structs.replace(sample(resume.Kept), version=resume.VERSION))


def query(data: bytes) -> object:
    """All that is read of a request's query."""
    request = Request({"type": "http", "query_string": data, "headers": []})
    parse_qs(data.decode("latin-1"))
    acts: tuple[Callable[[], object], ...] = (
        *(
            partial(one.read, request.query_params.getlist(one.name))
            for route in ROUTES
            for one in route.query
        ),
        lambda: asking.deadline_s({asking._DEADLINE: data}),
    )
    return outcomes(acts, ValueError, Refusal, Refused)


def queries() -> Iterator[bytes]:
    """Queries that are understood."""
    yield b"after=up1:77,up2:3&after=up3:1&host=up1"
    yield b"first=12"
    yield b"250"


def access_documents() -> Iterator[bytes]:
    """Access rules as an administrator writes them."""
    yield test_access_document.GOOD.encode()


def flexlm(data: bytes) -> object:
    """An options file of FlexNet, of which each line is translated or named."""
    return translate(data.decode("utf-8", "replace"), {"cad": (6000010, 1)})


def flexlm_files() -> Iterator[bytes]:
    """Options files with each kind of line."""
    yield (
        b"GROUPCASEINSENSITIVE ON\nGROUP design ada \\\n grace\nHOST_GROUP lab cad1 10.1.*.*\n"
        b"EXCLUDE cad USER eve\nINCLUDE cad:VERSION=2 GROUP design\nRESERVE 3 cad HOST_GROUP lab\n"
        b"MAX 2 cad INTERNET 10.1.2.3\nLINGER cad 600\nTIMEOUTALL 3600\n# a word\nREPORTLOG x\n"
    )


@functools.cache
def _authority() -> Path:
    directory = Path(tempfile.mkdtemp(prefix="tmr-fuzz-ca-"))
    pki.create_ca(directory / "ca", datetime.now(UTC))
    return directory


def sign(data: bytes) -> object:
    """A host's certificate request (PEM), signed if it is right. Raises PkiError."""
    now = datetime.now(UTC)
    return pki_hosts.sign_host(_authority() / "ca", data, "up1", "upstream", now)


@functools.cache
def _request() -> bytes:
    return pki_hosts.request_host(_authority() / "up1", "up1").read_bytes()


def requests() -> Iterator[bytes]:
    """A host's request."""
    yield _request()


def sign_der(data: bytes) -> object:
    """The same with these bytes in the right armour."""
    name = b"CERTIFICATE REQUEST-----\n"
    return sign(b"-----BEGIN " + name + encodebytes(data) + b"-----END " + name)


def request_ders() -> Iterator[bytes]:
    """What is in the armour."""
    yield x509.load_pem_x509_csr(_request()).public_bytes(Encoding.DER)


def peer(data: bytes) -> object:
    """A peer's certificate (PEM): whose it is, and which. Raises IdentityRefused."""
    return pki.which_certificate(data)


def peer_der(data: bytes) -> object:
    """The same with these bytes in the right armour."""
    name = b"CERTIFICATE-----\n"
    return peer(b"-----BEGIN " + name + encodebytes(data) + b"-----END " + name)


def peers() -> Iterator[bytes]:
    """A host's certificate."""
    yield _signed()


@functools.cache
def _signed() -> bytes:
    now = datetime.now(UTC)
    return pki_hosts.sign_host(_authority() / "ca", _request(), "up1", "upstream", now)


def peer_ders() -> Iterator[bytes]:
    """What is in its armour."""
    for pem in peers():
        yield x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def accept(data: bytes) -> object:
    """A signed certificate (PEM) that an operator brings to its host. Raises PkiError."""
    return pki_hosts.accept_host(_authority() / "up1", data)
