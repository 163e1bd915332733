"""What a replica finds around it: its container, a check of signatures, what a store kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from appliance.ledger.messages import Entry
from appliance.ledger.receipts import ZERO_ROOT
from appliance.ledger.terms import NO_TERM, Term
from appliance.licences.model import LicenceKey, ProductItem
from appliance.licences.state import State


class OwnContainer(Protocol):
    """The container on this host: it may object to a grant, and it signs (design D3)."""

    @property
    def serial(self) -> str:
        """The container's serial."""

    def item(self, key: LicenceKey) -> ProductItem | None:
        """This container's constituent of a licence, None if it has none or is locked."""

    def sign(self, data: bytes) -> bytes:
        """The Ed25519 signature of the container's key under `data`."""

    def news_for(self, state: State) -> bytes | None:
        """The next imported update that this ledger state lacks, or None."""


Verify = Callable[[bytes, bytes, bytes], bool]
"""(certificate DER, signed bytes, signature) -> whether the container's key signed them."""


@dataclass(slots=True)
class Recovered:
    """What a store gives back after a restart.

    `entries` follow on `snapshot_index`, which is 0 without a snapshot; those from `first_index` on
    can be read. If `damage` says, in words, what is wrong with the store, then nothing else of it
    but its id may be relied on: this replica must not vote.
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


@dataclass(frozen=True, slots=True)
class Damaged:
    """What a read gives instead of records that are not as they were written; `what` in words."""

    what: str
