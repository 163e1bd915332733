"""What a replica finds around it: its container, a check of signatures, what a store kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from appliance.ledger.certificates.receipts import TimeStatement, time_bytes
from appliance.ledger.election.terms import NO_TERM, Term
from appliance.ledger.messages import DirectUse, DirectUseRefused, Entry
from appliance.ledger.names.keeper import KEPT_MS
from appliance.licences.commands import Offerable
from appliance.licences.model import LicenceKey, ProductItem
from appliance.licences.state import State
from appliance.verifier.layouts import ZERO_ROOT


class OwnContainer(Protocol):
    """The container on this host: it may object to a grant, and it signs (design D3)."""

    @property
    def serial(self) -> str:
        """The container's serial."""

    @property
    def locked(self) -> str:
        """Why this container is blocked, "" if it is not."""

    def item(self, key: LicenceKey) -> ProductItem | None:
        """This container's constituent of a licence, None if it has none or is locked."""

    def sign(self, data: bytes) -> bytes:
        """The Ed25519 signature of the container's key under `data`."""

    def news_for(self, state: State) -> Offerable | None:
        """What this container knows and this ledger state lacks, or None; `who` is left empty."""


class OwnStore(Protocol):
    """The store on this host: its id is its public key, and it signs what is durable in it."""

    @property
    def id(self) -> bytes:
        """The store's id (design D7)."""

    def sign(self, data: bytes) -> bytes:
        """The signature of the store's key under `data`."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How a replica keeps its log short, in entries: the same on all three upstreams; and for how
    long names lie beside it after they were used (`ledger.names`).

    A state is dumped `every` so many (0: never), and `keep` entries before a snapshot stay in the
    log, so that who was away for no longer needs no snapshot. `slice` go to the archive at a time.
    """

    every: int = 10_000
    keep: int = 2_500
    slice: int = 500
    names_kept_ms: int = KEPT_MS


RETENTION = Retention()

Verify = Callable[[bytes, bytes, bytes], bool]
"""(certificate DER, signed bytes, signature) -> whether the container's key signed them."""


def is_locked(container: OwnContainer, state: State) -> bool:
    """Whether this container is blocked, as itself knows or the ledger."""
    known = state.containers.get(container.serial)
    return bool(container.locked) or (known is not None and known.locked)


def direct_use(container: OwnContainer, message: DirectUse) -> DirectUseRefused:
    """A licence with a TMR-ID is never used directly (design section 1), nor any if blocked."""
    why = (
        "licences with a TMR-ID are used through the TMR servers only: this container holds one"
        " of three constituents"
    )
    if container.locked:
        why = f"the vendor blocked this container ({container.locked})"
    return DirectUseRefused(message.firm_code, message.product_code, why)


def is_timely(time: TimeStatement, state: State, verify: Verify) -> bool:
    """Whether a system time was signed by the container that it names, and may vote."""
    container = state.containers.get(time.serial)
    data = time_bytes(time.serial, time.system_time_ms)
    return (
        container is not None
        and not container.locked
        and verify(container.certificate, data, time.signature)
    )


@dataclass(slots=True)
class Recovered:
    """What a store gives back after a restart.

    `entries` follow on `snapshot_index`, which is 0 without a snapshot; those from `first_index` on
    can be read. `restore` is None unless the store was made for a restore: then it is what was
    known before (`membership.founding_anew`). If `damage` says, in words, what is wrong with the
    store, then nothing else of it but its id may be relied on: this replica must not vote.
    """

    promised: Term = NO_TERM
    adopted: Term = NO_TERM
    commit_index: int = 0
    entries: Iterable[Entry] = ()
    store_id: bytes = b""
    damage: str = ""
    membership: bytes = b""
    snapshot: tuple[bytes, ...] | None = None
    snapshot_index: int = 0
    snapshot_root: bytes = ZERO_ROOT
    snapshot_about: bytes = b""
    first_index: int = 1
    restore: bytes | None = None


@dataclass(frozen=True, slots=True)
class Damaged:
    """What a read gives instead of records that are not as they were written; `what` in words."""

    what: str
