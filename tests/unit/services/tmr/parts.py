"""What a World is made of: containers, upstreams with their disks, and answers."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from urllib.parse import unquote

import msgspec

from appliance.adapters.pki.authority import Identity
from appliance.adapters.signatures import verify_store
from appliance.codec import api
from appliance.codec.block_list import read_block_list
from appliance.codec.licence_files import build_update, read_update
from appliance.ledger.certificates.proofs import head_reader, proof_reader
from appliance.ledger.effects import Write
from appliance.ledger.election.terms import NO_TERM, Term
from appliance.ledger.messages import Entry, Recorded
from appliance.ledger.replica.replica import Replica
from appliance.ledger.replica.surroundings import Recovered
from appliance.licences.commands import Found, ImportBlockList, ImportUpdate, Offerable
from appliance.licences.machine import Machine
from appliance.licences.model import (
    NO_BLOCK_LIST,
    ContainerUpdate,
    FirmItem,
    LicenceKey,
    ProductItem,
)
from appliance.licences.names import key_hash
from appliance.licences.state import State
from appliance.services.tmr.app import PEER
from appliance.services.tmr.openapi import document
from appliance.services.tmr.routes import ROUTES
from appliance.sim.names import NamesTable
from tests.unit.codec import world as vendors

FIRM = vendors.FIRM_A.firm_code
SECRET = b"a secret of one lease"
_documents = document(ROUTES)
_Document = TypeVar("_Document", bound=msgspec.Struct)


def names_key(host: str) -> bytes:
    """The key of names with which a host founds a ledger."""
    return host.encode().ljust(32, b"-")


def founding(host: str) -> Found:
    """What a host founds."""
    return Found(b"ledger-of-tests!", "131-77000001", names_key_hash=key_hash(names_key(host)))


def machine() -> Machine:
    """A licence machine that reads what the vendors of tests sign."""
    return Machine(
        read_the_update,
        partial(read_block_list, root=vendors.ROOT),
        proof=proof_reader(verify_store),
        store=verify_store,
        seen=head_reader(verify_store),
    )


def read_the_update(data: bytes) -> ContainerUpdate:
    """An update that one of them signed."""
    return read_update(data, vendors.ROOT)


class TestContainer:
    """A container that can be told to object; `key` may differ from the certified one."""

    __test__ = False

    def __init__(self, twin: int, updates: list[ContainerUpdate]) -> None:
        self.serial = vendors.SERIALS[twin]
        self.key = vendors.CONTAINER_KEYS[twin]
        self.objects = False
        self.block_list = NO_BLOCK_LIST
        self.updates: list[bytes] = []
        self.items: dict[LicenceKey, ProductItem] = {}
        for update in updates:
            self.take(update)

    def take(self, update: ContainerUpdate) -> None:
        """Import an update, signed by firm A."""
        self.updates.append(build_update(vendors.FIRM_A_KEY, vendors.FIRM_A_CERTIFICATE, update))
        code = update.firm.firm_code
        self.items = {LicenceKey(code, i.product_code, i.tmr_id): i for i in update.firm.items}

    @property
    def locked(self) -> str:
        return self.block_list.reason_for(self.serial)

    def item(self, key: LicenceKey) -> ProductItem | None:
        return None if self.objects else self.items.get(key)

    def sign(self, data: bytes) -> bytes:
        return self.key.sign(data)

    def news_for(self, state: State) -> Offerable | None:
        if self.block_list.number > state.block_list.number:
            return ImportBlockList(self.block_list.data, "")
        known = state.containers.get(self.serial)
        firm = known.firm(FIRM) if known else None
        applied = firm.sequence if firm else 0
        return ImportUpdate(self.updates[applied], "") if applied < len(self.updates) else None


@dataclass
class Upstream:
    """One upstream: its replica, its disk, its container and what is wrong with it."""

    name: str
    container: TestContainer
    replica: Replica
    alive: bool = True
    writes_held: bool = False
    clock_off_ms: int = 0
    held: deque[Write] = field(default_factory=deque)
    entries: list[Entry] = field(default_factory=list)
    results: dict[int, bytes] = field(default_factory=dict)
    promised: Term = NO_TERM
    adopted: Term = NO_TERM
    record: bytes = b""
    commit_index: int = 0
    names: NamesTable = field(default_factory=NamesTable)

    def store(self, write: Write) -> None:
        """What a transaction does."""
        self.promised = write.promised or self.promised
        self.adopted = write.adopted or self.adopted
        self.record = write.membership or self.record
        if write.cut_to is not None:
            self.entries = [entry for entry in self.entries if entry.index <= write.cut_to]
        self.entries += write.append
        indexes = [entry.index for entry in write.append]
        self.results.update(zip(indexes, write.results, strict=True))
        if write.commit_index is not None:
            self.commit_index = write.commit_index

    def recorded(self, first: int = 1, last: int = 1 << 62) -> tuple[Recorded, ...]:
        """Its usage record."""
        return tuple(
            Recorded(entry, self.results[entry.index])
            for entry in self.entries
            if first <= entry.index <= last
        )

    def recovered(self) -> Recovered:
        """What a restart finds."""
        return Recovered(
            self.promised,
            self.adopted,
            self.commit_index,
            tuple(self.entries),
            membership=self.record,
        )


@dataclass
class Address:
    """A host's line to what holds the virtual IP: its verdicts by name, what it gives away."""

    verdicts: dict[str, tuple[bool, str]]
    name: str
    drop: Callable[[], None]

    def set_verdict(self, healthy: bool, reason: str = "") -> None:
        self.verdicts[self.name] = (healthy, reason)

    def drop_address(self, reason: str) -> None:
        self.drop()


@dataclass
class Reply:
    """An answer of the API."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return msgspec.json.decode(self.body)

    @property
    def reason(self) -> str:
        """The problem's word, "" for an answer that is no problem."""
        if self.headers.get("content-type") != api.PROBLEM_MEDIA_TYPE:
            return ""
        problem = self.problem
        assert problem.status == self.status
        return problem.reason

    @property
    def problem(self) -> api.Problem:
        """The problem document."""
        return self.of(api.Problem)

    def of(self, kind: type[_Document]) -> _Document:
        """The body as a document."""
        return msgspec.json.decode(self.body, type=kind)


def update_of(twin: int, *items: ProductItem, sequence: int = 1) -> ContainerUpdate:
    """Firm A's update for a container, with these items."""
    firm = FirmItem(firm_code=FIRM, firm_name="Firm A", sequence=sequence, items=items)
    return vendors.update(twin, firm=firm)


def secret(value: bytes = SECRET) -> tuple[str, str]:
    """The header that proves a lease."""
    return api.SECRET_HEADER, msgspec.json.encode(value).decode().strip('"')


def scope_of(
    method: str, target: str, who: Identity | None, headers: list[tuple[bytes, bytes]]
) -> dict[str, Any]:
    """The ASGI scope that uvicorn makes of a request."""
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": headers,
        "client": ("10.77.0.200", 40000),
        "server": ("10.77.0.100", 7200),
        "state": {PEER: who},
    }


def check_reply(method: str, target: str, reply: Reply) -> None:
    """Whatever the answer: it is documented, and it tells nothing of the inside."""
    for word in (b"Traceback", b"/appliance/", b".py", b"site-packages"):
        assert word not in reply.body, reply.body
    assert reply.status != 500, reply.body
    path = target.partition("?")[0]
    if reply.status in (404, 405) and reply.reason in ("not-found", "method-not-allowed"):
        return
    for operation in ROUTES:
        pattern = re.sub(r"{\w+}", "[^/]*", operation.path)
        if operation.method == method and re.fullmatch(pattern, path):
            responses = _documents["paths"][operation.path][method.lower()]["responses"]
            assert str(reply.status) in responses, (method, path, reply.body)
