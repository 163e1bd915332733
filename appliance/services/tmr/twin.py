"""What the two TMR hosts tell each other, about once an advert interval (design D4).

It informs the health verdict and the status page; no decision about who serves rests on it.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from appliance.codec.frames import FrameReader, kinds_of
from appliance.codec.reports import ReportRequest
from appliance.ledger.election.terms import Count, Name
from appliance.ledger.leader.peers import UPSTREAMS
from appliance.ledger.membership.heads import Head
from appliance.licences.rules import FIRST

FRAME_BYTES_MAX: Final = 4096


class TwinStatus(msgspec.Struct, frozen=True, kw_only=True, tag="twin-status"):
    """One TMR host's own report. `reached` counts the upstreams that answer it,
    `rules` are the newest that its release knows. `head` is how far it has seen the ledger to be
    committed, with the proof of that."""

    host: Name
    version: Name
    serving: bool
    reached: Annotated[int, msgspec.Meta(ge=0, le=UPSTREAMS)]
    has_address: bool
    maintenance: bool
    commit_index: Count
    rules: Count = FIRST
    head: Head | None = None


class _TwinDecoder:
    """Tells the twin's own status, a map, from requests for reports, which are arrays."""

    def decode(self, data: bytes, /) -> TwinStatus | ReportRequest:
        is_array = data[:1] >= b"\x90" and data[:1] <= b"\x9f"
        return _request_decoder.decode(data) if is_array else _status_decoder.decode(data)


_status_decoder: Final = msgspec.msgpack.Decoder(TwinStatus)
_request_decoder: Final = msgspec.msgpack.Decoder(ReportRequest)


def status_reader() -> FrameReader[TwinStatus]:
    """A reader of what the twin answers to this host's status."""
    return FrameReader(_status_decoder, FRAME_BYTES_MAX)


def twin_reader() -> FrameReader[TwinStatus | ReportRequest]:
    """A reader of all that the twin asks and tells."""
    return FrameReader(_TwinDecoder(), FRAME_BYTES_MAX, kinds=kinds_of(ReportRequest))
