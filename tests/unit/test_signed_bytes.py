"""Whatever is signed: no kind passes for another, and no field stands outside of the signature.

Nobody has to remember this file. It finds each place that signs and each type that holds a
signature by itself, and fails if it does not know one of them; and it goes through all fields of
those types, whatever they are called (`tests.unit.samples`).
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple, get_args, get_origin

import msgspec
import pytest

import appliance
from appliance.clocks import certified
from appliance.codec import (
    api_borrowing,
    api_units,
    binding_statements,
    certified_statements,
    contacts,
    licence_files,
    request_files,
    signed_files,
    transfer_files,
)
from appliance.codec.certified_statements import _signed_bytes
from appliance.ledger import messages
from appliance.ledger.certificates import proofs, receipts
from appliance.ledger.certificates.proofs import ack_bytes, vow_bytes
from appliance.ledger.certificates.receipts import time_bytes
from appliance.ledger.snapshot import seals
from appliance.ledger.snapshot.seals import seal_bytes
from appliance.licences.borrow_bytes import extend_bytes, return_bytes
from appliance.licences.commands import Borrow, Outcome, ReturnBorrowed, Settle, Support
from appliance.licences.model import ContainerUpdate, FirmWord
from appliance.licences.raising import support_bytes
from appliance.licences.settlements import settle_bytes
from appliance.verifier.layouts import endorsement_bytes, outcome_leaf
from appliance.verifier.words import Holding, word_bytes
from tests.unit.codec import world as vendors
from tests.unit.samples import fields_of, others, sample, shifted

ROOT = Path(appliance.__file__).parent


class Kind(NamedTuple):
    """A type that is signed. `outside` are fields that the signature need not cover, with why."""

    holds: type[Any]
    data: Callable[[Any], bytes]
    outside: Mapping[str, str] = MappingProxyType({})


SIGNATURE = "it is the signature"
KINDS = {
    "ack": Kind(
        proofs.CommitProof,
        lambda proof: ack_bytes(proof.term, proof.index, proof.root, proof.digest),
        {"voices": SIGNATURE},
    ),
    "vow": Kind(proofs.Vow, vow_bytes, {"signature": SIGNATURE}),
    "seal": Kind(seals.Head, seal_bytes),
    "endorsement": Kind(
        receipts.Endorsement,
        lambda one: endorsement_bytes(one.statement, one.objections, one.system_time_ms),
        {"signature": SIGNATURE},
    ),
    "system time": Kind(
        receipts.TimeStatement,
        lambda time: time_bytes(time.serial, time.system_time_ms),
        {"signature": SIGNATURE},
    ),
    "rules that a host knows": Kind(
        Support,
        lambda one: support_bytes(b"ledger", one.store, one.version, one.known_index),
        {"signature": SIGNATURE, "who": "whose store it is follows from who votes"},
    ),
    "settlement": Kind(
        Settle,
        lambda one: settle_bytes(b"ledger", one.generation, one.number, one.used),
        {"signature": SIGNATURE, "lease": "no two leases have one generation"},
    ),
    "return of what is borrowed": Kind(
        ReturnBorrowed,
        lambda one: return_bytes(b"ledger", one.borrower),
        {"signature": SIGNATURE},
    ),
    "extension of a loan": Kind(
        Borrow,
        lambda one: extend_bytes(b"ledger", one.borrower, one.extends_ms, one.seconds),
        {
            "signature": SIGNATURE,
            "client": "whoever brings it",
            "nonce": "whoever brings it",
            "address": "whoever brings it",
            "firm_code": "has to be that of the loan",
            "product_code": "has to be that of the loan",
            "holder": "has to be that of the loan",
            "seats": "has to be that of the loan",
            "station": "has to be that of the loan",
            "wishes": "has to be that of the loan",
        },
    ),
    "binding statement": Kind(
        binding_statements._Wire,
        binding_statements._signed_bytes,
        {
            "signature": SIGNATURE,
            "certificate": "the root signed it, and it has to name the same container",
        },
    ),
    "certified statement": Kind(
        certified_statements._Wire,
        lambda wire: _signed_bytes(certified.TimeRequest(*_first_fields(wire)), wire.token),
        {
            "signature": SIGNATURE,
            "certificate": "the root signed it, and it has to name the same container",
        },
    ),
}
"""What stores and containers sign in the ledger's own layouts."""

HASHED = {
    "time request": Kind(certified.TimeRequest, lambda request: request.imprint()),
    "outcome": Kind(
        Outcome,
        lambda outcome: outcome_leaf(b"ledger", bytes(32), b"nonce", outcome),
        {"detail": "a sentence for people, which clients do not go by"},
    ),
    "firm's word": Kind(Holding, word_bytes),
}
"""What is signed by way of a hash over all of it, and what a reader lays out of a document's values
and refuses if one does not fit."""

FILES = {
    "request": request_files.ContainerRequest,
    "update": ContainerUpdate,
    "receipt": transfer_files.Receipt,
    "return": transfer_files.ReturnOrder,
    "contact": contacts.Contact,
}
"""Signed files, whose whole payload is signed as it stands."""

ELSEWHERE = {
    proofs.Voice: "one signature of an ack or a seal",
    seals.Seal: "a head with one signature",
    seals.Sealed: "a head with two or three signatures",
    api_units.SettleRequest: "a settlement, as the API takes it",
    api_borrowing.BorrowRequest: "an extension of a loan, as the API takes it",
    api_borrowing.ReturnRequest: "a return of what is borrowed, as the API takes it",
    messages.Adopted: "an ack without digest: `term`, `last_index`, `last_root`",
    messages.Ack: "an ack; the endorsement within is signed by the container",
    FirmWord: "the signature of a firm's word",
}
"""Types that hold a signature whose bytes are those of a kind above."""
NOT_SIGNED = {
    "EndorsementDocument": "the form that the API gives it",
    "FirmWordDocument": "the form that the API gives it",
    "Flight": "acks that came",
    "Peer": "what it said last",
}

SIGNERS = {
    "client/settling.py:settlement": "settlement",
    "client/borrower.py:return_signature": "return of what is borrowed",
    "client/borrower.py:extension_signature": "extension of a loan",
    "codec/block_list.py:build_block_list": "a CRL: DER, by the licence root",
    "codec/certificates.py:build_root_certificate": "DER",
    "codec/certificates.py:_issue": "DER, by the licence root",
    "codec/certified_statements.py:build_statement": "certified statement",
    "codec/binding_statements.py:build_binding": "binding statement",
    "codec/time_responder.py:build_reply": "RFC 3161's signed attributes: DER, by a time server",
    "codec/signed_files.py:sign_file": "signed files",
    "codec/firm_words.py:make_word": "firm's word",
    "ledger/snapshot/compaction.py:_slice": "seal",
    "ledger/replica/standing.py:vow": "vow",
    "ledger/replica/standing.py:voice": "ack",
    "ledger/replica/standing.py:support": "rules that a host knows",
    "ledger/replica/replica.py:_endorse": "endorsement",
    "ledger/replica/replica.py:_beat": "system time",
    "services/upstream/container.py:sign": "passes on",
    "adapters/container_home.py:sign": "passes on",
    "adapters/keys/token.py:sign": "passes on",
    "adapters/keys/token.py:open_key": "its own tag and random bytes, to see that the key is there",
    "adapters/signatures.py:sign": "passes on",
    "adapters/pki/authority.py:make_authority": "a deployment's certificate: DER",
    "adapters/pki/authority.py:certify": "a deployment's certificate: DER",
    "adapters/pki/hosts.py:request_host": "a deployment's certificate request: DER",
}
"""Every place that signs, and which kind of bytes."""


def _first_fields(wire: Any) -> Iterator[Any]:
    return (getattr(wire, name) for name in certified.TimeRequest._fields)


def modules() -> Iterator[Any]:
    """The modules whose types travel or are stored."""
    for room in ("licences", "verifier", "ledger", "clocks", "codec"):
        for found in pkgutil.walk_packages([str(ROOT / room)], f"appliance.{room}."):
            yield importlib.import_module(found.name)


def types_with_a_signature() -> set[type[Any]]:
    """All types that have a field for a signature, or for somebody's voice."""
    found = set()
    for module in modules():
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ == module.__name__ and not getattr(kind, "_is_protocol", False):
                for name, of in inspect.get_annotations(kind).items():
                    if "signature" in name or "Voice" in str(of):
                        found.add(kind)
    return found


def calls_of_sign() -> set[str]:
    """`file:function` of all places that call something `.sign(…)` or `serialize_compact`."""
    found = set()
    for path in sorted(ROOT.rglob("*.py")):
        where = path.relative_to(ROOT).as_posix()
        if where.startswith(("sim/", "lab/")):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for inner in ast.walk(node):
                    function = inner.func if isinstance(inner, ast.Call) else None
                    if isinstance(function, ast.Attribute) and function.attr in (
                        "sign",
                        "serialize_compact",
                    ):
                        found.add(f"{where}:{node.name}")
    return found


def tags() -> dict[str, bytes]:
    """All tags of the pure rooms: constants that end in `_TAG`, by module and name."""
    return {
        f"{module.__name__}.{name}": value
        for module in modules()
        for name, value in vars(module).items()
        if name.endswith("_TAG") and isinstance(value, bytes)
    }


def beginnings() -> dict[str, bytes]:
    """How each kind of signed or hashed bytes begins."""
    found = {name: kind.data(sample(kind.holds)) for name, kind in KINDS.items()}
    for name in ("outcome", "firm's word"):
        found[name] = HASHED[name].data(sample(HASHED[name].holds))
    return found


def test_every_type_with_a_signature_is_known() -> None:
    known = {kind.holds for kind in KINDS.values()} | set(ELSEWHERE)
    unknown = {kind for kind in types_with_a_signature() if kind.__name__ not in NOT_SIGNED} - known
    assert unknown == set(), "say in KINDS which bytes are signed, or in ELSEWHERE whose they are"
    assert {proofs.Vow, proofs.CommitProof, receipts.Endorsement} <= types_with_a_signature()


def test_every_place_that_signs_is_known() -> None:
    assert calls_of_sign() == set(SIGNERS), "say in SIGNERS what is signed there"


def test_every_kind_of_signed_bytes_begins_with_a_tag_of_its_own() -> None:
    of_tag: dict[bytes, str] = {}
    for name, data in beginnings().items():
        fitting = [tag for tag in set(tags().values()) if data.startswith(tag)]
        assert len(fitting) == 1, f"{name} begins with {data[:24]!r}"
        other = of_tag.setdefault(fitting[0], name)
        assert other == name, f"{name} and {other} both begin with {fitting[0]!r}"


def test_no_two_tags_are_alike_and_none_begins_another() -> None:
    found = tags()
    assert len(found) >= 7
    for one, tag in found.items():
        assert tag.endswith(b"\0") and tag.startswith(b"tmr-"), one
        for other, longer in found.items():
            assert one == other or not longer.startswith(tag), (one, other)


def test_no_tag_begins_as_a_signed_file_or_a_certificate_does() -> None:
    """The container's key signs all of these: bytes with a tag, files, requests."""
    first = {tag[:1] for tag in tags().values()}
    signed = _file_of("request", sample(FILES["request"])).partition(b"\n")[0]
    assert first.isdisjoint({signed[:1], b"\x30", b"\x00", b"\x01"})


@pytest.mark.parametrize("name", [*KINDS, *HASHED])
def test_no_field_is_outside_of_what_is_signed(name: str) -> None:
    kind = (KINDS | HASHED)[name]
    value = sample(kind.holds)
    data = kind.data(value)
    assert kind.data(value) == data
    met = set()
    for where, other in others(value):
        field = where.partition(".")[0].partition("[")[0]
        met.add(field)
        if field in kind.outside:
            assert kind.data(other) == data, f"{where} is within: take it out of `outside`"
        else:
            assert kind.data(other) != data, f"{where} can be changed without the signer"
    assert met == set(fields_of(kind.holds))
    for where, other in shifted(value):
        if not {end.partition(".")[0] for end in where.split("|")} & set(kind.outside):
            assert kind.data(other) != data, f"{where} has two readings"


LONG = 70_000
"""More than the two bytes before a field can tell, and less than a message may have."""


def utmost(value: Any, of: Any = None) -> Any:
    """The same value with the highest number and the longest text or bytes in each place that its
    declared type `of` lets a decoder take there."""
    metas: tuple[Any, ...] = ()
    if get_origin(of) is Annotated:
        of, *metas_of = get_args(of)
        metas = tuple(metas_of)
    if isinstance(value, tuple) and get_origin(of) is tuple:
        first, *rest = get_args(of)
        kinds = [first] * len(value) if rest[-1:] == [Ellipsis] else [first, *rest]
        return tuple(utmost(one, inner) for one, inner in zip(value, kinds, strict=True))
    if isinstance(value, int):
        bounds = [meta.le for meta in metas if meta.le is not None]
        bounds += [meta.lt - 1 for meta in metas if meta.lt is not None]
        return min(bounds, default=2**64 - 1)
    if isinstance(value, str | bytes):
        lengths = (meta.max_length for meta in metas if meta.max_length is not None)
        fill = "\U0010ffff" if isinstance(value, str) else b"\xff"
        return fill * min(lengths, default=LONG)
    fields = fields_of(type(value))
    changed = {name: utmost(getattr(value, name), inner) for name, inner in fields.items()}
    return msgspec.structs.replace(value, **changed)


@pytest.mark.parametrize("name", KINDS)
def test_whatever_a_decoder_takes_has_bytes_to_be_signed(name: str) -> None:
    """Else whoever verifies it has an error instead of a verdict. And all 64 bits of a nonce are
    drawn."""
    kind = KINDS[name]
    value = sample(kind.holds)
    assert kind.data(utmost(value)) != kind.data(value)


def _file_of(name: str, payload: msgspec.Struct) -> bytes:
    return signed_files.sign_file(
        vendors.CONTAINER_KEYS[1], {"alg": "Ed25519", "typ": f"tmr-{name}+jws"}, payload
    )


@pytest.mark.parametrize("name", FILES)
def test_no_field_of_a_signed_file_is_outside_of_its_signature(name: str) -> None:
    value = sample(FILES[name])
    data = _file_of(name, value)
    for where, other in others(value):
        assert _file_of(name, other) != data, where


def test_no_signed_file_is_read_as_another_kind() -> None:
    types = {
        value
        for module in (contacts, licence_files, request_files, transfer_files)
        for key, value in vars(module).items()
        if key.endswith("_TYPE")
    }
    assert types == {f"tmr-{name}+jws" for name in FILES}
    for name, kind in FILES.items():
        data = _file_of(name, sample(kind))
        for typ in types - {f"tmr-{name}+jws"}:
            with pytest.raises(signed_files.FileRefused, match="type"):
                signed_files.open_file(data, typ, "file")


@pytest.mark.parametrize("size", [0, 31, 33])
@pytest.mark.parametrize("name", ["log_root", "outcome_root", "history_root"])
def test_a_hash_that_is_signed_without_its_length_has_32_bytes(name: str, size: int) -> None:
    """Else two hashes side by side could be divided in another place."""
    statement = sample(receipts.Statement)
    other = msgspec.structs.replace(statement, **{name: bytes(size)})
    decode = msgspec.msgpack.Decoder(receipts.Statement).decode
    assert decode(msgspec.msgpack.encode(statement)) == statement
    with pytest.raises(msgspec.ValidationError):
        decode(msgspec.msgpack.encode(other))


class _Inner(msgspec.Struct, frozen=True):
    number: int
    other: bytes


class _Signed(msgspec.Struct, frozen=True):
    one: bytes
    inner: _Inner


def test_this_file_can_fail() -> None:
    value = sample(_Signed)
    assert {where for where, _ in others(value)} == {"one", "inner.number", "inner.other"}
    ((where, moved),) = shifted(value)
    assert where == "one|inner.other" and moved != value

    def careless(signed: _Signed) -> bytes:
        return signed.one + signed.inner.number.to_bytes(8, "big") + signed.inner.other

    assert careless(moved) == careless(value)
