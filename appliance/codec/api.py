"""The shapes of the client API's documents, shared by server, client library and CLI.

Bytes (hashes, nonces, signatures, certificates) travel as standard base64 text, as msgspec writes
them. Times are Unix milliseconds or seconds as the name says. Errors are RFC 9457 problem
documents: `Problem`, with `type` "urn:tmr:problem:<reason>".
"""

from __future__ import annotations

import msgspec

from appliance.codec.api_queue import WaitRequest
from appliance.codec.health_documents import (
    ArchiveStatus,
    CallsDocument,
    Finding,
    LossDocument,
    OtherSystemDocument,
    OverReservedDocument,
    PutBackDocument,
    TimeServerStatus,
)
from appliance.codec.lease_documents import (
    HolderDocument,
    ItemRequest,
    LeaseDocument,
    LeaseLine,
    LeasesDocument,
)
from appliance.codec.licence_documents import (
    ConstituentDocument,
    LicenceDocument,
    LicencesDocument,
)
from appliance.details import Detail, told
from appliance.licences.commands import Item
from appliance.licences.rules import FIRST
from appliance.licences.wishes import Wishes
from appliance.verifier.documents import (
    EndorsementDocument,
    GrantDocument,
    ReceiptDocument,
    TermDocument,
)

__all__ = [
    "ConstituentDocument",
    "EndorsementDocument",
    "GrantDocument",
    "HolderDocument",
    "ItemRequest",
    "LeaseDocument",
    "LeaseLine",
    "LeasesDocument",
    "LicenceDocument",
    "LicencesDocument",
    "ReceiptDocument",
    "TermDocument",
    "TimeServerStatus",
]
"""They are part of the API, and of what a verifier reads."""

PROBLEM_PREFIX = "urn:tmr:problem:"
PROBLEM_MEDIA_TYPE = "application/problem+json"
SECRET_HEADER = "tmr-lease-secret"
DEADLINE_HEADER = "tmr-deadline-ms"
LEASE_ID_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of every document of the API."""


class CheckOutRequest(Wishes, frozen=True, kw_only=True):
    """Body of PUT /v1/leases/{id}, with the wishes among its fields. `nonce` is 16 to 32 random
    bytes, fresh for each request; `secret_hash` is SHA-256 of the lease's secret. Both have to be
    there; all but the nonce is the same in each repeat. `station` (16 bytes, or none) says at which
    terminal session of which machine, or in which container, the program runs: the modes
    station-share and exclusive need it.

    Either `product_code` and `seats` say what is wanted, or `items`, 1 to 16 products of the firm:
    all or none. With `wait` it waits for its turn where only seats are wanting; a repeat may say
    another time."""

    firm_code: int
    nonce: bytes
    secret_hash: bytes
    product_code: int | None = None
    seats: int = 1
    items: tuple[ItemRequest, ...] = ()
    holder: HolderDocument = HolderDocument()
    station: bytes = b""
    wait: WaitRequest | None = None

    @property
    def wanted(self) -> tuple[Item, ...]:
        """All that is asked for, product by product."""
        if self.product_code is None:
            return tuple(Item(item.product_code, item.seats) for item in self.items)
        return (Item(self.product_code, self.seats),)


class ConsumeRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/leases/{id}/units. `number` counts this lease's requests from 1; without
    `product_code` units of the lease's first product are taken."""

    generation: int
    number: int
    units: int
    nonce: bytes
    product_code: int = 0


class HeartbeatRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/leases/{id}/heartbeat."""

    generation: int


class ReleaseRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of an operator's POST /v1/leases/{client}/{id}/release."""

    why: str
    generation: int | None = None


class OperateRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/switchover and POST /v1/maintenance. `host` is the TMR host that is to
    serve, or that is maintained; for maintenance `on` says whether it starts or ends."""

    why: str
    host: str = ""
    on: bool = True


class ReplaceRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/replace: the store with this id (32 bytes) is to vote at `place`, an
    upstream's name, in the stead of the one that did (design D7)."""

    place: str
    store: bytes
    why: str


class EnrolRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of PUT /v1/clients/{name}: SHA-256 of the token that the client will show."""

    token_hash: bytes
    why: str


class HeartbeatDocument(Document, frozen=True):
    """Answer to a heartbeat: the lease lives for `lease_ttl_s` from the moment it was sent."""

    lease_id: str
    generation: int
    lease_ttl_s: int


class EndedDocument(Document, frozen=True):
    """Answer to a check-in or a release."""

    lease_id: str
    generation: int


class DoneDocument(Document, frozen=True):
    """Answer to an operator's act: the ledger index at which it stands."""

    index: int
    detail: str = ""


class HostHealth(Document, frozen=True):
    """What one host says of itself. None means that it cannot know. `rules` are the newest that
    its release knows (docs/rules.md)."""

    version: str
    started_at_ms: int
    disk_free_bytes: int | None = None
    disk_total_bytes: int | None = None
    store_bytes: int | None = None
    certificate_expires_at_s: int | None = None
    clock_synchronised: bool | None = None
    archive: ArchiveStatus | None = None
    rules: int = FIRST


class ContainerTimes(Document, frozen=True):
    """The three times of a container (design section 1), Unix ms, and how old they are.

    `offset_ms` is system time minus the vote; `outvoted` says that it is out of tolerance and does
    not count. `drift_ppm` is what the clock gains on boot time, `stepped_ms` by how much it last
    jumped, `slow_s` for how long it has stood still or gone far too slow, as the answering TMR host
    saw it. Of the virtual container, `offset_ms` is how far log time is ahead of the vote.
    """

    box_ms: int
    system_ms: int
    certified_ms: int | None = None
    box_age_s: float | None = None
    certified_age_s: float | None = None
    offset_ms: int | None = None
    outvoted: bool = False
    drift_ppm: float | None = None
    stepped_ms: int | None = None
    slow_s: float | None = None


class UpstreamStatus(Document, frozen=True):
    """One upstream as the answering TMR host sees it; `lag` counts entries behind the commit.

    `locked` is empty, or the reason for which this container was blocked. `damage` is what is wrong
    with its store, `shut` why its container's key cannot be used: it then takes no part.
    `elsewhere` names by what the ledger saw, in the last week, that the container is held by
    another host, token or TPM than before. They come with `health`, `times` and
    `time_servers` from the upstream's own report, which is `report_age_s` old (None: there is
    none). `store` is the id of the store that answers there, and `votes` whether that votes on the
    ledger: "" and None at a host that does not serve, which does not know. `failure` says why an
    upstream that is not reachable is not heard: its code is "link-refused" where that upstream
    itself hangs up. `catching_up` says how far a snapshot has come that it needs, since entries
    that it lacks are gone everywhere. `refuses` is why it does not adopt the log it is given;
    `put_back` what proves that its disk was put back to an earlier state.
    """

    name: str
    reachable: bool
    phase: str
    last_index: int
    lag: int
    last_heard_s: float | None
    serial: str = ""
    system_time_ms: int | None = None
    locked: str = ""
    health: HostHealth | None = None
    times: ContainerTimes | None = None
    time_servers: tuple[TimeServerStatus, ...] = ()
    damage: Detail | None = None
    report_age_s: float | None = None
    store: str = ""
    votes: bool | None = None
    failure: Detail | None = None
    catching_up: Detail | None = None
    refuses: Detail | None = None
    put_back: PutBackDocument | None = None
    shut: Detail | None = None
    elsewhere: tuple[str, ...] = ()


class HostStatus(Document, frozen=True):
    """One TMR host: `role` is "active", "passive", "maintenance" or "unreachable".

    `vrrp` is keepalived's word, "" if it does not run; `hears_twin` whether the twin's adverts
    arrive, `stranger` who else sends adverts for the virtual IP; all three only of the host that
    answers. `health` is its own report, `report_age_s` old; `reached` upstreams answer it.
    """

    name: str
    role: str
    holds_address: bool
    vrrp: str = ""
    hears_twin: bool | None = None
    version: str = ""
    health: HostHealth | None = None
    report_age_s: float | None = None
    reached: int | None = None
    stranger: Detail | None = None


class LedgerDocument(Document, frozen=True):
    """A ledger that somebody knows, or knew: how far it had got, and from which entry of which
    other one it was restored ("" and 0: it was founded from nothing). Ids are hexadecimal."""

    ledger_id: str
    virtual_serial: str
    index: int
    origin_id: str = ""
    origin_index: int = 0


class StatusDocument(Document, frozen=True):
    """Answer to GET /v1/status: whether it serves, and if not, why not.

    A client gets a short form: who serves and which hosts do not answer, and of `leases` its own
    number; `upstreams` are empty, `tmr_hosts` have a name and a role.

    `verdict` is "serving", "degraded" or "down" with `reason`, by the problems of docs/health.md
    that this host knows of: its `findings`, which operators see. `why` is why its coordinator is in
    this `phase`. `ledger` is the ledger as far as it is committed, `before` one that this host knew
    before, if the two differ. `loss` says what is lost if the ledger was put back, `other_system`
    that another system works with the same containers. `rules` are those in force (docs/rules.md),
    0 where that is not told. `over_reserved` are products of which more seats are reserved than
    there are.
    """

    host: str
    verdict: str
    reason: str
    phase: str
    term: TermDocument | None
    virtual_ip: str
    virtual_serial: str
    ledger_id: str
    commit_index: int
    log_time_ms: int
    leases: int
    upstreams: tuple[UpstreamStatus, ...]
    tmr_hosts: tuple[HostStatus, ...]
    missing: tuple[str, ...] = ()
    virtual_times: ContainerTimes | None = None
    ledger: LedgerDocument | None = None
    before: LedgerDocument | None = None
    why: Detail | None = None
    calls: CallsDocument | None = None
    findings: tuple[Finding, ...] = ()
    loss: LossDocument | None = None
    other_system: OtherSystemDocument | None = None
    rules: int = 0
    over_reserved: tuple[OverReservedDocument, ...] = ()


class LogRecord(Document, frozen=True):
    """One line of a host's own log.

    `number` counts up at that host, from the second of its start times 2^20: a later start's
    numbers are higher, so that nobody who follows a log misses the first lines after a restart.
    """

    host: str
    number: int
    at_ms: int
    level: str
    logger: str
    text: str


class LogsDocument(Document, frozen=True):
    """Answer to GET /v1/logs: what these hosts said, oldest first, with a bound for each host.

    `newest` is each host's newest number in here (or the one asked for), to be sent back as
    `after` in the next request, which then goes on where this answer ended.
    """

    records: tuple[LogRecord, ...]
    newest: dict[str, int]


class AcceptLossRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/accept-loss: an operator knows that entries are lost, and why."""

    why: str


class TimeUpdateRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/time: get certified time now, for one container's serial or for all ("")."""

    why: str
    container: str = ""


class TimeUpdateDocument(Document, frozen=True):
    """Answer to POST /v1/time: what each container asked got, or why it got none, by serial (or by
    its host's name, where the serial is not known yet); `failed` are those that got none."""

    results: dict[str, tuple[Detail, ...]]
    failed: tuple[str, ...] = ()
    index: int | None = None


class Problem(Document, frozen=True):
    """An RFC 9457 problem document; `said` is `detail` as data, `missing` names hosts."""

    type: str
    title: str
    status: int
    detail: str = ""
    said: Detail | None = None
    instance: str = ""
    missing: tuple[str, ...] = ()
    active: str = ""

    @property
    def sentence(self) -> str:
        """What is wrong, in as much as the server says."""
        return told(self.said) or self.detail or self.title

    @property
    def reason(self) -> str:
        """The stable word at the end of `type`."""
        return self.type.removeprefix(PROBLEM_PREFIX)
