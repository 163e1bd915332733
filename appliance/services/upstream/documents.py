"""The documents of an upstream's own administration API."""

from __future__ import annotations

import msgspec

from appliance.adapters.keys.held import Held
from appliance.codec.api import (
    ContainerTimes,
    Document,
    LedgerDocument,
    TermDocument,
    TimeServerStatus,
)
from appliance.details import Detail
from appliance.ledger.election.terms import NO_TERM, Term
from appliance.licences.binding import FEATURES, WORDS
from appliance.licences.item import ItemOptions, options_of
from appliance.licences.serials import kind_of
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


class FeatureDocument(Document, frozen=True):
    """One feature of the host that a container's key is bound to: how many points it counts, and
    whether it is the "same", has "changed", or is "gone" (not to be seen now)."""

    name: str
    words: str
    points: int
    state: str


class ChangeDocument(Document, frozen=True):
    """An honest change of the host that was taken over: when (Unix time), and what changed."""

    at_s: int
    features: tuple[str, ...]


class BindingDocument(Document, frozen=True):
    """What holds a container's key (docs/containers.md).

    `binding` is "file", "loose", "strict", "tpm" or "token"; `kind` is "any", "bound" or
    "hardware", as vendors ask for it; `shut` says why the key cannot be used. For a
    key that the host holds: what of it is compared, how many points are as they were and how many
    are needed, and what changed since the container was made.
    """

    binding: str
    kind: str
    shut: Detail | None = None
    features: tuple[FeatureDocument, ...] = ()
    points: int = 0
    needed: int = 0
    total: int = 0
    changes: tuple[ChangeDocument, ...] = ()


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
    binding: BindingDocument = BindingDocument(binding="file", kind="any")


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
    damage: Detail | None = None
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
        binding=binding_document(container.serial, container.bound),
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


def binding_document(serial: str, held: Held) -> BindingDocument:
    """What holds a container's key, and how it was found."""
    document = BindingDocument(
        binding=held.binding.value,
        kind=kind_of(serial, held.binding).name.lower(),
        shut=Detail.of(held.shut),
        changes=tuple(
            ChangeDocument(at_s=one.at_s, features=tuple(WORDS[name] for name in one.features))
            for one in held.changes
        ),
    )
    compared = held.compared
    if compared is None:
        return document
    states = {"same": compared.same, "changed": compared.changed, "gone": compared.gone}
    return msgspec.structs.replace(
        document,
        points=compared.weight,
        needed=compared.needed,
        total=compared.total,
        features=tuple(
            FeatureDocument(
                name=feature.name, words=feature.words, points=feature.weight, state=state
            )
            for feature in FEATURES
            for state, names in states.items()
            if feature.name in names
        ),
    )
