"""Bytes that each decoder accepts: what the fuzzer begins with, and changes.

They are made by the same code that writes them in earnest, so a changed format changes them too.
"""

from __future__ import annotations

import io
import json
import typing
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import msgspec
from cryptography import x509

from appliance.adapters.store import archive, mark
from appliance.codec import (
    backup_files,
    block_list,
    frames,
    licence_files,
    request_files,
    transfer_files,
)
from appliance.codec import signed_files as files
from appliance.codec import timestamps as stamps
from appliance.codec.container_orders import ContainerOrder
from appliance.codec.reports import Report, ReportRequest
from appliance.ledger.certificates.proofs import CommitProof, encode_proof
from appliance.ledger.election.terms import NO_TERM
from appliance.ledger.log.book import Book
from appliance.ledger.log.log_time import unacceptable
from appliance.ledger.log.results import result_bytes
from appliance.ledger.membership.backups import Head
from appliance.ledger.messages import AnyMessage, Entry, EntryBody, Recorded, encode_body
from appliance.licences import commands as c
from appliance.licences import snapshot
from appliance.licences.model import Blocked, LicenceKey
from appliance.licences.state import State
from appliance.services.tmr.twin import TwinStatus
from appliance.services.vip_protocol import AddressVerdict, DropAddress, VipState, encode
from appliance.sim.vendor import verify, verify_store
from appliance.verifier.layouts import entry_root
from tests.unit.codec import test_certified_statements as certified
from tests.unit.codec import time_world, world
from tests.unit.ledger.world import FOUND, LOG, proof, term
from tests.unit.samples import sample
from tests.unit.services import test_settings
from tests.unit.verifier import vectors

NONCE = vectors.NONCE
_pack = msgspec.msgpack.encode


# --- between hosts ---


def messages() -> Iterator[bytes]:
    """One of each kind."""
    for kind in typing.get_args(AnyMessage):
        yield _pack(sample(kind))
    yield _pack(sample(ReportRequest))
    yield _pack(sample(ContainerOrder))


def frames_of(all_messages: Iterable[bytes]) -> Iterator[bytes]:
    """Each with its length, after a byte that divides the stream."""
    for message in all_messages:
        yield b"\x05" + len(message).to_bytes(4, "big") + message


def whole_frames() -> Iterator[bytes]:
    """Frames of all messages, and two in one piece."""
    found = list(frames_of(messages()))
    yield from found
    yield found[0] + found[1][1:]
    assert frames.link_reader().feed(found[0][1:])


def reports() -> Iterator[bytes]:
    """A report with everything in it, and an empty one."""
    yield _pack(sample(Report))
    yield _pack(Report())


def twin() -> Iterator[bytes]:
    """A twin's status, and a request."""
    yield _pack(sample(TwinStatus))
    yield _pack(sample(ReportRequest))


def commands() -> Iterator[bytes]:
    """One of each kind, and those that mean something."""
    for kind in typing.get_args(c.AnyCommand):
        yield c.encode_command(sample(kind))
    ref = c.LeaseRef("cert:c", "one")
    yield c.encode_command(c.CheckOut(ref, 10, 1, bytes(32), c.Holder(b"u"), bytes(16)))
    yield c.encode_command(c.Operate("maintenance-on", "tmr1", "olga", "why"))
    yield c.encode_command(c.Enrol("a", bytes(32), "olga", "why"))


def bodies() -> Iterator[bytes]:
    """Bodies of entries."""
    for entry in LOG:
        yield entry.body
    for command in commands():
        yield encode_body(EntryBody(0, (), (command,)))


def founded_book(book: Book) -> Book:
    """This book after the founding."""
    book.apply(LOG[0])
    return book


def next_entry(book: Book, body: bytes) -> Entry:
    """The entry with this body that fits on a book; what a replica looks at first is looked at."""
    index = book.last_index + 1
    entry = Entry(index, NO_TERM, entry_root(book.last_root, index, body), body)
    unacceptable(entry, book.log_time_ms, book.state, verify)
    return entry


def commit_proofs() -> Iterator[bytes]:
    """A proof by two stores."""
    yield encode_proof(proof(term(1), LOG, 2))
    yield encode_proof(CommitProof(NO_TERM, 0, b"", b"", ()))


def intents() -> Iterator[bytes]:
    """What an operator says is to live on."""
    yield c.encode_command(c.Found(b"", "", (), sample(c.Restored)))


# --- stored ---


def chunks() -> Iterator[bytes]:
    """The snapshot of a new state, and of a founded one."""
    yield from snapshot.dump(State())
    yield from snapshot.dump(_founded_state())


def _founded_state() -> State:
    from appliance.licences.machine import Machine
    from appliance.sim.vendor import READERS

    return founded_book(Book(Machine(*READERS))).state


def chunk_parts() -> Iterator[bytes]:
    """What is between head and digest."""
    for chunk in chunks():
        yield chunk[snapshot._HEAD.size : -snapshot._DIGEST_BYTES]


def segments() -> Iterator[bytes]:
    """An archive's segment without magic and checksum."""
    header = msgspec.structs.replace(
        sample(archive._Header), first=LOG[0].index, last=LOG[-1].index, previous_root=bytes(32)
    )
    data = b"".join(archive._pieces(header, map(Recorded, LOG)))
    yield data.removeprefix(archive._MAGIC)[: -archive._CHECKSUM_BYTES]


def usage_records() -> Iterator[bytes]:
    """The first entry of a record, with what came of it."""
    from appliance.licences.machine import Machine
    from appliance.sim.vendor import READERS

    book = Book(Machine(*READERS))
    yield _pack(Recorded(LOG[0], result_bytes(book.apply(LOG[0]), None)))


def marks() -> Iterator[bytes]:
    """A slot, and the record in it."""
    record = sample(mark.MarkRecord)
    yield mark.encode_slot(record).rstrip(b"\0")
    yield _pack(record)


def backups() -> Iterator[bytes]:
    """A backup of four entries."""
    file = io.BytesIO()
    writer = backup_files.BackupWriter(file.write)
    writer.head(Head(FOUND.ledger_id, FOUND.virtual_serial, 4, LOG[-1].root, 0, "olga"))
    for entry in LOG:
        writer.entry(entry)
    writer.end(proof(term(1), LOG, 4))
    yield file.getvalue()


# --- the vendors' world ---


def requests() -> Iterator[bytes]:
    """A container's request."""
    key = world.CONTAINER_KEYS[1]
    wanted = request_files.Wanted(
        request_files.Purpose.UPDATE, "central central.example", bytes(16), held=((600_100, 3),)
    )
    yield request_files.build_request(key, world.serial_of(key), "up1", world.NOW, wanted)


def updates() -> Iterator[bytes]:
    """A firm's update."""
    yield licence_files.build_update(world.FIRM_A_KEY, world.FIRM_A_CERTIFICATE, world.update())


def import_receipts() -> Iterator[bytes]:
    """A container's word that it imported an update."""
    key, serial = world.CONTAINER_KEYS[1], world.SERIALS[1]
    yield transfer_files.build_receipt(key, serial, 600_100, 1, b"update", world.NOW)


def returns() -> Iterator[bytes]:
    """An order to take back."""
    key, serial = world.CONTAINER_KEYS[1], world.SERIALS[1]
    to = transfer_files.Addressed("central central.example", bytes(16))
    yield transfer_files.build_return(key, serial, LicenceKey(600_100, 10, 1), to, world.NOW)


def _payload(data: bytes) -> bytes:
    return files._decode_part(data.strip().split(b".")[1], "file")


def request_payloads() -> Iterator[bytes]:
    """What is signed in a request."""
    yield from map(_payload, requests())


def update_payloads() -> Iterator[bytes]:
    """What is signed in an update."""
    yield from map(_payload, updates())


def receipt_payloads() -> Iterator[bytes]:
    """What is signed in a receipt."""
    yield from map(_payload, import_receipts())


def certificates() -> Iterator[bytes]:
    """One of each kind."""
    yield from (world.ROOT, world.FIRM_A_CERTIFICATE, time_world.certificate())
    yield from world.CONTAINER_CERTIFICATES.values()


def block_lists() -> Iterator[bytes]:
    """An empty list, and one with an entry."""
    number = block_list.certificate_number(world.CONTAINER_CERTIFICATES[1])
    blocked = [(Blocked(world.SERIALS[1], number, "Stolen"), world.NOW)]
    until = world.NOW + timedelta(days=7)
    for listed in ([], blocked):
        yield block_list.build_block_list(world.ROOT_KEY, world.ROOT, 7, listed, world.NOW, until)


def certificate_parts() -> Iterator[bytes]:
    """What is signed in a certificate."""
    for der in certificates():
        yield x509.load_der_x509_certificate(der).tbs_certificate_bytes


def expected_certificate_parts() -> Iterator[bytes]:
    """The same after a byte that says which kind is expected."""
    for part in certificate_parts():
        for number in range(4):
            yield bytes([number]) + part


def block_list_parts() -> Iterator[bytes]:
    """What is signed in a block list."""
    for der in block_lists():
        yield x509.load_der_x509_crl(der).tbs_certlist_bytes


# --- time ---


def replies() -> Iterator[bytes]:
    """A time server's reply."""
    yield time_world.reply_to()


def tokens() -> Iterator[bytes]:
    """The token in it."""
    yield certified.token(time_world.REQUEST)


def statements() -> Iterator[bytes]:
    """What a container shows the ledger of it."""
    yield certified.statement()


def queries() -> Iterator[bytes]:
    """What a container asks."""
    yield stamps.build_query(bytes(32), 7)


# --- settings ---


def _toml(**fields: Any) -> bytes:
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in fields.items()).encode()


def profiles() -> Iterator[bytes]:
    """A client profile."""
    yield _toml(addresses=["10.77.0.100:7200"], ca="file", licence_root="file")
    yield _toml(addresses=["[fd00::1]:7200"], ca="file", token="t")
    yield _toml(addresses=["[fd00::1]:7200"], ca="file", verify_receipts=False)


def upstreams() -> Iterator[bytes]:
    """An upstream's settings."""
    yield test_settings.UPSTREAM.encode()


def tmrs() -> Iterator[bytes]:
    """A TMR host's."""
    yield test_settings.TMR.encode()


def vips() -> Iterator[bytes]:
    """The address process's."""
    yield _toml(
        interface="eth0",
        address="10.77.0.100/24",
        vrid=77,
        priority=250,
        runtime_dir="/run/tmr",
        socket="/run/tmr/vip.sock",
        advert_int_s=0.3,
    )


def timeservers() -> Iterator[bytes]:
    """A time server's."""
    yield _toml(listen="0.0.0.0:7300", key="k", certificate="c", accuracy_ms=750)


def alert_settings() -> Iterator[bytes]:
    """Those of `tmr alert`."""
    yield _toml(
        host="tmr1",
        system="plant",
        profile="p.toml",
        state="s.json",
        webhook="https://h/x",
        hold_s=1.0,
        repeat_s=600.0,
    )


def connections() -> Iterator[bytes]:
    """The monitor's file."""
    yield (
        b'[[system]]\nname = "P"\nprofile = "p"\nssh = "a@b:22"\n[alerts]\nlicence_expires_d = 3\n'
    )


# --- on one host ---


def adverts() -> Iterator[bytes]:
    """A VRRP advert."""
    from tests.unit.adapters.test_vrrp import packet

    yield packet()
    yield packet(priority=0)


def lines() -> Iterator[bytes]:
    """What keepalived writes."""
    yield b'INSTANCE "tmr" MASTER 250'


def vip_states() -> Iterator[bytes]:
    """What the address process says."""
    yield encode(
        VipState(
            holds_address=True,
            vrrp="master",
            keepalived_alive=True,
            link_up=True,
            twin_heard=True,
            twin_advert_age_s=0.1,
            twin_priority=9,
            healthy=True,
            reason="",
            keepalived_starts=1,
        )
    )


def verdicts() -> Iterator[bytes]:
    """What the TMR service says."""
    yield encode(sample(AddressVerdict))
    yield encode(sample(DropAddress))


def serials() -> Iterator[bytes]:
    """A container's serial."""
    yield b"130-10000001"


__all__ = ["verify_store"]
