"""Parts of the status that tell of trouble; see `appliance.codec.api`, which they belong to."""

from __future__ import annotations

import msgspec


class PutBackDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A store that signed entry `signed_index` and does not hold it any more: its disk was put back
    to an earlier state. `known_by` is the upstream that shows the signature, and holds the entry;
    its log is another one than that of the store which was put back."""

    signed_index: int
    known_by: str


class CallsDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Check-outs that the serving host answered in the last `over_s` seconds: granted, refused, and
    the commonest `reason` of these."""

    over_s: float
    granted: int
    refused: int
    reason: str = ""


class ArchiveStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An upstream's archive of log entries: its size and bound, and the days of log time that it
    holds and is to hold (0: as long as there is room)."""

    size_bytes: int
    size_bytes_max: int
    days: float
    days_wanted: float
