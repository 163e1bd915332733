"""The API's documents about the usage record (docs/usage.md)."""

from __future__ import annotations

from appliance.codec.api import Document
from appliance.usage.figures import UsageGap, UsageRow


class UsageDocument(Document, frozen=True):
    """A usage report. It rests on the record from `begin_ms` to `end_ms` (Unix ms), up to entry
    `last_index`; `gaps` are entries of it that no upstream has."""

    rows: tuple[UsageRow, ...]
    begin_ms: int
    end_ms: int
    last_index: int
    gaps: tuple[UsageGap, ...] = ()


class RecordDocument(Document, frozen=True):
    """The usage record of one upstream from entry `first` on, as many entries as fit: each is an
    encoded `ledger.messages.Recorded`. The first one may be later than asked for, if that upstream
    lacks what is before; without any there are no more. `certificates` (DER) are those of the
    containers that endorse now."""

    ledger_id: bytes
    upstream: str
    first: int
    kept: tuple[bytes, ...]
    last_index: int
    certificates: tuple[bytes, ...]


class UsageNamesDocument(Document, frozen=True):
    """Names that the hosts know, by their tags in hexadecimal; `next` is where the next page
    begins, None after the last."""

    names: dict[str, str]
    next: int | None = None
