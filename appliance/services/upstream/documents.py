"""The documents of an upstream's own administration API."""

from __future__ import annotations

from appliance.codec.api import (
    ContainerTimes,
    Document,
    LedgerDocument,
    TermDocument,
    TimeServerStatus,
)
from appliance.ledger.election.terms import NO_TERM, Term
from appliance.licences.item import ItemOptions, options_of
from appliance.services.upstream.container import ContainerClock, HostContainer


class LinkDocument(Document, frozen=True):
    """One link that stands: from which TMR host, and its number since this process started."""

    host: str
    link: int


class OwnLicenceDocument(ItemOptions, frozen=True, kw_only=True, omit_defaults=False):
    """One product item in this container, with all its options: a constituent of a TMR licence."""

    firm_code: int
    firm_name: str
    product_code: int
    tmr_id: int


class FirmDocument(Document, frozen=True):
    """A firm in this container, and how many of its updates were imported."""

    firm_code: int
    firm_name: str
    sequence: int


class ContainerDocument(Document, frozen=True):
    """Answer to GET /v1/container; CmActID and twin number come with the first update.

    Times are Unix milliseconds: system time now, box time as last stored, certified time. `locked`
    says why the vendor blocked it, "" if he did not; `block_list` is the newest list's number.
    """

    serial: str
    system_time_ms: int
    box_time_ms: int
    certified_time_ms: int | None = None
    locked: str = ""
    block_list: int = 0
    cmact_id: str | None = None
    twin: int | None = None
    firms: tuple[FirmDocument, ...] = ()
    licences: tuple[OwnLicenceDocument, ...] = ()


class UpstreamStatusDocument(Document, frozen=True):
    """Answer to GET /v1/status.

    `hears` is the host heard as coordinator, "" if none is; `damage` says what is wrong with the
    store: this upstream then takes no part. `ledger` is the ledger as far as it is committed; with
    `awaits_restore` there is none, and `before` is what was known on this host before. `stores` are
    the ids of those that vote by the log, or once did, and `sealed_by` of those that sealed its
    snapshot.
    """

    name: str
    version: str
    store_id: str
    promised: TermDocument | None
    adopted: TermDocument | None
    last_index: int
    durable_index: int
    commit_index: int
    base_index: int
    snapshot_index: int
    hears: str
    links: tuple[LinkDocument, ...]
    container: ContainerDocument
    damage: str = ""
    times: ContainerTimes | None = None
    time_servers: tuple[TimeServerStatus, ...] = ()
    ledger: LedgerDocument | None = None
    awaits_restore: bool = False
    before: LedgerDocument | None = None
    stores: tuple[str, ...] = ()
    sealed_by: tuple[str, ...] = ()


class ImportedDocument(Document, frozen=True):
    """Answer to PUT /v1/container/update: what was imported."""

    serial: str
    cmact_id: str
    twin: int
    firm_code: int
    firm_name: str
    sequence: int
    licences: int


class BlockListDocument(Document, frozen=True):
    """Answer to PUT /v1/container/block-list: the newest list here, and what it says of this
    container."""

    serial: str
    number: int
    locked: str = ""


def term_document(term: Term) -> TermDocument | None:
    """A term as the API shows it, None for none."""
    return (
        None
        if term == NO_TERM
        else TermDocument(counter=term.counter, host=term.host, nonce=term.nonce)
    )


def container_document(container: HostContainer, clock: ContainerClock) -> ContainerDocument:
    """What an upstream's container holds, and its three times."""
    content = container.content
    return ContainerDocument(
        serial=container.serial,
        system_time_ms=clock.system_ms(),
        box_time_ms=clock.box_ms,
        certified_time_ms=clock.certified_ms,
        locked=content.locked,
        block_list=content.block_list.number,
        cmact_id=content.cmact_id,
        twin=content.twin,
        firms=tuple(
            FirmDocument(firm_code=firm.firm_code, firm_name=firm.firm_name, sequence=firm.sequence)
            for firm in content.firms
        ),
        licences=tuple(
            OwnLicenceDocument(
                firm_code=firm.firm_code,
                firm_name=firm.firm_name,
                product_code=item.product_code,
                tmr_id=item.tmr_id,
                **options_of(item),
            )
            for firm in content.firms
            for item in firm.items
        ),
    )
