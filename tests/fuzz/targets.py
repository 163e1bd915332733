"""Every decoder that takes bytes from outside: how it is called, and the one error it may raise.

Where bytes are behind a checksum or a signature, a second target (`… behind …`) puts a right one
round whatever the fuzzer makes up: else it would never get past it.
"""

from __future__ import annotations

import functools
import io
import struct
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from appliance.adapters.pki.authority import IdentityRefused, PkiError
from appliance.adapters.store import archive, mark
from appliance.adapters.vrrp.adverts import parse_advert
from appliance.adapters.vrrp.keepalived import parse_fifo_line
from appliance.cli import _alerting as alerting
from appliance.cli import _seat
from appliance.client import profile, resume, streams, ticket_files
from appliance.client.errors import BadAnswer, ProfileError
from appliance.codec import (
    backup_files,
    binding_statements,
    block_list,
    certificates,
    certified_statements,
    contacts,
    container_orders,
    frames,
    group_files,
    licence_files,
    reports,
    request_files,
    signed_files,
    time_responder,
    timestamps,
    transfer_files,
)
from appliance.codec.access.document import AccessFault, read_document
from appliance.codec.activation import ActivationRefused, read_activation
from appliance.errors import UserError
from appliance.ledger.certificates import proofs
from appliance.ledger.election.terms import NO_TERM
from appliance.ledger.log.book import Book, ChainBroken, read_entry
from appliance.ledger.membership import backups, heads
from appliance.ledger.membership import founding_anew as restoring
from appliance.ledger.messages import Entry
from appliance.licences import commands, snapshot
from appliance.licences.machine import Machine
from appliance.licences.refusals import BlockListRefused, StatementRefused, UpdateRefused
from appliance.licences.rules import FIRST
from appliance.licences.serials import Mask, Serial
from appliance.services import settings, vip_config, vip_protocol
from appliance.services.central.records import backups as central_backups
from appliance.services.central.records import old_files
from appliance.services.central.refusals import CentralRefused
from appliance.services.problems import Refused
from appliance.services.timeserver import settings as timeserver
from appliance.services.tmr import asking, twin
from appliance.services.tmr.problems import Refusal
from appliance.sim.vendor import READERS
from appliance.unreadable import UNREADABLE
from appliance.usage.proof import Break, Chain, read_recorded
from appliance.verifier import certificates as root_certificates
from appliance.verifier.layouts import ZERO_ROOT
from appliance.verifier.trust import root_der
from monitor_gui.feed import history, poller
from monitor_gui.model import connections
from tests.fuzz import clients, groups, outer, seeds, signing, vendors
from tests.fuzz.outer import outcomes
from tests.unit.codec import test_binding_statements, time_world, world
from tests.unit.samples import sample

Act = Callable[[bytes], object]
DATA_MAX = 4096


class Target(NamedTuple):
    """A decoder. `refuses` is what it may raise; `seeds` gives bytes that it accepts."""

    act: Act
    refuses: tuple[type[BaseException], ...] = ()
    seeds: Callable[[], Iterable[bytes]] = tuple


def _text_contact(data: bytes) -> object:
    return contacts.read_contact(data.decode("latin-1"))


def _contacts() -> Iterable[bytes]:
    """What a container says of itself to its vendor."""
    key = world.CONTAINER_KEYS[1]
    public = world.public(key)
    serial = str(Serial.of_key(Mask.SOFTWARE_UNIVERSAL, public))
    contact = contacts.Contact(
        serial=serial,
        public_key=public,
        station="one",
        number=1,
        previous=b"",
        nonce=b"n" * 16,
        ledger=contacts.LedgerHead(ledger_id="ab", term=1, index=7, root=b"r" * 32),
        created_at_s=1,
    )
    return (contacts.build_contact(key, contact).encode(),)


def _memories() -> Iterable[bytes]:
    """What a TMR host remembers of a ledger."""
    return heads.encode_memory(heads.Memory()), heads.encode_memory(sample(heads.Memory))


@functools.cache
def _folder() -> Path:
    shared = Path("/dev/shm")
    where = shared if shared.is_dir() else None
    return Path(tempfile.mkdtemp(prefix="tmr-fuzz-", dir=where))


def as_file(read: Callable[[Path], object], name: str = "file") -> Act:
    """What reads a file gets these bytes as one."""

    def act(data: bytes) -> object:
        path = _folder() / name
        path.write_bytes(data)
        return read(path)

    return act


def as_text(read: Callable[[str], object]) -> Act:
    """What reads text gets these bytes as UTF-8, wrong ones replaced."""
    return lambda data: read(data.decode("utf-8", "replace"))


def fed(reader: Callable[[], Any]) -> Act:
    """What reads a stream gets the bytes in two pieces, divided by the first byte."""

    def act(data: bytes) -> object:
        at = data[0] % len(data) if data else 0
        stream = reader()
        found: list[object] = []
        for piece in (data[1:at], data[max(1, at) :]):
            found += stream.feed(piece) or ()
        repr(found)
        return found

    return act


def framed(reader: Callable[[], Any]) -> Act:
    """The same with the right length before them."""
    return lambda data: reader().feed(len(data).to_bytes(4, "big") + data) if data else None


def _document(data: bytes) -> object:
    decoders = outer.documents(of_a_lease=True)
    return outcomes((partial(asking.decoded, decoder, data) for decoder in decoders), Refusal)


def _usage_record(data: bytes) -> object:
    return Chain().feed(read_recorded(data))


def _entry(data: bytes) -> object:
    return read_entry(Entry(1, NO_TERM, ZERO_ROOT, data))


def _applied(data: bytes) -> object:
    """A command in an entry of a founded ledger: applied, and undone again."""
    book = seeds.founded_book(Book(Machine(*READERS)))
    before = book.state.fingerprint()
    applied = book.apply(seeds.next_entry(book, data))
    book.rollback(book.last_index - 1)
    assert book.state.fingerprint() == before
    return applied


def _chunk(data: bytes) -> None:
    loader = snapshot.Loader()
    loader.feed(data)
    loader.state()


def _behind_digest(data: bytes) -> None:
    head = snapshot._HEAD.pack(snapshot._MAGIC, 0, True, FIRST, snapshot._NO_DIGEST)
    _chunk(head + data + sha256(head + data).digest())


def _behind_checksum(data: bytes) -> object:
    body = archive._MAGIC + data
    return archive._decoded(body + blake2b(body, digest_size=archive._CHECKSUM_BYTES).digest())


def _slot(data: bytes) -> object:
    found = [mark.decode_slot(data.ljust(mark.SLOT_BYTES, b"\0"))]
    record = mark._MAGIC + mark._LENGTH.pack(len(data)) + data
    if len(record) + mark._CHECKSUM_BYTES <= mark.SLOT_BYTES:
        whole = (record + mark._checksum(record)).ljust(mark.SLOT_BYTES, b"\0")
        found.append(mark.decode_slot(whole))
    return found


def _backup(data: bytes) -> None:
    for _ in backup_files.read_backup(io.BytesIO(data).read):
        pass


def _proven_backup(data: bytes) -> None:
    records = backup_files.read_backup(io.BytesIO(data).read)
    backups.proven(records, Machine(*READERS), seeds.verify_store)


def _signed(typ: str, read: Act) -> Act:
    """A signed file with this payload; a container's right signature over whatever it is."""
    return lambda data: read(signing.signed_file(world.CONTAINER_KEYS[1], typ, data))


@functools.cache
def _firm() -> root_certificates.FirmIdentity:
    return root_certificates.verify_firm_certificate(world.FIRM_A_CERTIFICATE, world.ROOT)


REQUEST = time_world.REQUEST


def _token(data: bytes) -> object:
    timestamps.stamped_digest(data)
    trust = timestamps.Trust.of_root(world.ROOT)
    return timestamps.verify_token(data, REQUEST.imprint(), trust, REQUEST.query_nonce())


def _reply(data: bytes) -> object:
    trust = timestamps.Trust.of_root(world.ROOT)
    return timestamps.verify_reply(data, REQUEST.imprint(), REQUEST.query_nonce(), trust)


CERTIFICATES: tuple[Act, ...] = (
    lambda der: root_certificates.verify_container_certificate(der, world.ROOT),
    lambda der: root_certificates.verify_firm_certificate(der, world.ROOT),
    lambda der: certificates.verify_time_server_certificate(der, world.ROOT),
    root_certificates.verify_root_certificate,
)


def _certificate(data: bytes) -> object:
    return outcomes(
        (partial(verify, data) for verify in CERTIFICATES), root_certificates.CertificateRefused
    )


def _signed_certificate(data: bytes) -> object:
    """The first byte says which kind is expected: four checks of a signature take too long."""
    return CERTIFICATES[data[0] % len(CERTIFICATES)](signing.issued(data[1:])) if data else None


TARGETS: dict[str, Target] = {
    "frames": Target(fed(frames.link_reader), (frames.FrameRefused,), seeds.whole_frames),
    "messages": Target(framed(frames.link_reader), (frames.FrameRefused,), seeds.messages),
    "requests to an upstream": Target(
        framed(reports.upstream_reader), (frames.FrameRefused,), seeds.messages
    ),
    "reports": Target(framed(reports.report_reader), (frames.FrameRefused,), seeds.reports),
    "twin": Target(framed(twin.twin_reader), (frames.FrameRefused,), seeds.twin),
    "entry": Target(_entry, (ChainBroken,), seeds.bodies),
    "applied entry": Target(_applied, (ChainBroken,), seeds.bodies),
    "command": Target(commands.decode_command, (msgspec.DecodeError,), seeds.commands),
    "commit proof": Target(proofs.decode_proof, (ValueError,), seeds.commit_proofs),
    "memory of a ledger": Target(heads.decode_memory, (ValueError,), _memories),
    "contact": Target(_text_contact, (contacts.ContactRefused,), _contacts),
    "restore intent": Target(restoring.read_intent, (restoring.IntentRefused,), seeds.intents),
    "snapshot chunk": Target(_chunk, (snapshot.SnapshotRefused,), seeds.chunks),
    "snapshot behind its digest": Target(
        _behind_digest, (snapshot.SnapshotRefused,), seeds.chunk_parts
    ),
    "archive behind its checksum": Target(
        _behind_checksum, (struct.error, *UNREADABLE), seeds.segments
    ),
    "usage record": Target(_usage_record, (Break,), seeds.usage_records),
    "mark": Target(_slot, (), seeds.marks),
    "backup": Target(_backup, (backups.BackupRefused,), seeds.backups),
    "backup that is judged": Target(_proven_backup, (backups.BackupRefused,), seeds.backups),
    "licence request": Target(
        request_files.read_request, (request_files.RequestRefused,), seeds.requests
    ),
    "licence request behind a signature": Target(
        _signed(request_files.REQUEST_TYPE, request_files.read_request),
        (request_files.RequestRefused,),
        seeds.request_payloads,
    ),
    "group request": Target(
        group_files.read_group_request, (group_files.GroupRefused,), groups.requests
    ),
    "group answer": Target(
        group_files.read_group_answer, (group_files.GroupRefused,), groups.answers
    ),
    "group receipt": Target(
        group_files.read_group_receipt, (group_files.GroupRefused,), groups.receipts
    ),
    "ticket": Target(groups.ticket, (), groups.tickets),
    "order for a container": Target(
        framed(container_orders.answer_reader), (frames.FrameRefused,), groups.container_answers
    ),
    "licence update": Target(
        lambda data: licence_files.read_update(data, world.ROOT), (UpdateRefused,), seeds.updates
    ),
    "licence update behind a signature": Target(
        lambda data: licence_files.update_in(data, _firm(), world.ROOT),
        (UpdateRefused,),
        seeds.update_payloads,
    ),
    "import receipt": Target(
        transfer_files.read_receipt, (transfer_files.TransferRefused,), seeds.import_receipts
    ),
    "import receipt behind a signature": Target(
        _signed(transfer_files.RECEIPT_TYPE, transfer_files.read_receipt),
        (transfer_files.TransferRefused,),
        seeds.receipt_payloads,
    ),
    "order to take back": Target(
        transfer_files.read_return, (transfer_files.TransferRefused,), seeds.returns
    ),
    "signed file": Target(
        lambda data: signed_files.open_file(data, licence_files.UPDATE_TYPE, "update"),
        (signed_files.FileRefused,),
        seeds.updates,
    ),
    "certificate": Target(_certificate, (), seeds.certificates),
    "certificate behind a signature": Target(
        _signed_certificate,
        (root_certificates.CertificateRefused,),
        seeds.expected_certificate_parts,
    ),
    "block list": Target(
        lambda data: block_list.read_block_list(data, world.ROOT),
        (BlockListRefused,),
        seeds.block_lists,
    ),
    "block list behind a signature": Target(
        lambda data: block_list.read_block_list(signing.issued(data), world.ROOT),
        (BlockListRefused,),
        seeds.block_list_parts,
    ),
    "certified statement": Target(
        lambda data: certified_statements.read_statement(data, world.ROOT),
        (StatementRefused,),
        seeds.statements,
    ),
    "binding statement": Target(
        lambda data: binding_statements.read_binding(data, world.ROOT),
        (StatementRefused,),
        lambda: iter((test_binding_statements.statement(),)),
    ),
    "time-stamp token": Target(_token, (timestamps.TimestampRefused,), seeds.tokens),
    "time-stamp reply": Target(_reply, (timestamps.TimestampRefused,), seeds.replies),
    "time-stamp query": Target(
        time_responder.read_query, (time_responder.QueryRefused,), seeds.queries
    ),
    "receipt": Target(clients.grant, clients.REFUSES, clients.grants),
    "firm's word": Target(clients.word, clients.REFUSES, clients.words),
    "ticket of a borrowed seat": Target(
        clients.ticket, (ticket_files.TicketRefused,), clients.tickets
    ),
    "files of a loan": Target(clients.loan_file, (ticket_files.TicketRefused,), clients.loan_files),
    "licence root": Target(as_text(root_der), (ValueError,), clients.licence_roots),
    "answer of a server": Target(clients.answer, (), clients.answers),
    "request of a client": Target(_document, (), clients.documents),
    "event stream": Target(fed(streams.EventParser), (BadAnswer,), clients.events),
    "event": Target(as_text(poller.parsed), (), clients.events),
    "client profile": Target(as_file(profile.load_profile), (ProfileError,), seeds.profiles),
    "upstream settings": Target(as_file(settings.load_upstream), (UserError,), seeds.upstreams),
    "TMR settings": Target(as_file(settings.load_tmr), (UserError,), seeds.tmrs),
    "address settings": Target(as_file(vip_config.load), (UserError,), seeds.vips),
    "time server settings": Target(as_file(timeserver.load), (UserError,), seeds.timeservers),
    "alert settings": Target(as_file(alerting.load), (UserError,), seeds.alert_settings),
    "what was told": Target(as_file(alerting.recalled), (), clients.documents),
    "monitor's connections": Target(
        as_text(connections.parse), (connections.BadConnections,), seeds.connections
    ),
    "monitor's limits": Target(
        as_text(connections.parse_limits), (connections.BadConnections,), seeds.connections
    ),
    "monitor's history": Target(as_file(history._read), (), clients.documents),
    "monitor's alerts": Target(as_file(history._read_alerts), (), clients.documents),
    "state of the vendors": Target(
        as_file(lambda path: old_files.read_state(path, old_files.OldFirm)),
        (CentralRefused,),
        vendors.old_firms,
    ),
    "backup of the vendors": Target(
        as_file(central_backups.looked_through), (CentralRefused,), vendors.vendors_backups
    ),
    "VRRP advert": Target(parse_advert, (), seeds.adverts),
    "keepalived's line": Target(as_text(parse_fifo_line), (), seeds.lines),
    "address process": Target(
        vip_protocol.decode_from_vip, (vip_protocol.MalformedMessage,), seeds.vip_states
    ),
    "TMR service": Target(
        vip_protocol.decode_from_tmr, (vip_protocol.MalformedMessage,), seeds.verdicts
    ),
    "request of an operator": Target(outer.order, (), outer.orders),
    "answer of License Central": Target(outer.central_answer, (), clients.documents),
    "refusal by an administration": Target(outer.administration_answer, (), clients.documents),
    "request for a transfer": Target(outer.asked, (Refused,), outer.transfers),
    "activation": Target(read_activation, (ActivationRefused,), outer.activations),
    "file of a seat": Target(as_file(_seat.load), (UserError,), outer.seats),
    "resume file": Target(resume._read, UNREADABLE, outer.resumes),
    "query": Target(outer.query, (), outer.queries),
    "access document": Target(read_document, (AccessFault,), outer.access_documents),
    "FlexNet options file": Target(outer.flexlm, (), outer.flexlm_files),
    "certificate request": Target(outer.sign, (PkiError,), outer.requests),
    "certificate request in its armour": Target(outer.sign_der, (PkiError,), outer.request_ders),
    "answer of an administration": Target(
        outer.administration_document, (UserError,), outer.administration_documents
    ),
    "entry of a backup that a host gives": Target(
        outer.backup_entry, (UserError,), outer.backup_entries
    ),
    "peer's certificate": Target(outer.peer, (IdentityRefused,), outer.peers),
    "peer's certificate in its armour": Target(outer.peer_der, (IdentityRefused,), outer.peer_ders),
    "certificate that comes back": Target(outer.accept, (PkiError,), outer.peers),
    "serial": Target(as_text(Serial.parse), (ValueError,), seeds.serials),
}


def check(name: str, data: bytes) -> object:
    """What a decoder makes of these bytes, or its refusal. Raises what it must not raise."""
    target = TARGETS[name]
    try:
        return target.act(data[:DATA_MAX] if len(data) > DATA_MAX else data)
    except target.refuses as refusal:
        return refusal
