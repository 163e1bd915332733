"""What the address process (`tmr serve vip`) and the TMR service say to each other.

One JSON document a line, over a Unix socket on which the address process listens. Newer fields are
ignored by older readers. The two restart independently of each other: whoever connects is sent the
state at once, and sends its verdict at once.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from appliance.details import Detail
from appliance.unreadable import UNREADABLE

LINE_BYTES_MAX = 4096
REASON_CHARACTERS_MAX = 500

VrrpState = Literal["master", "backup", "fault", "unknown"]


class VipState(msgspec.Struct, frozen=True, kw_only=True, tag="vip-state"):
    """From the address process: at each change, and repeated every advert interval.

    `holds_address` is the kernel's word, `vrrp` keepalived's; they differ for moments, and while a
    keepalived that was killed alone leaves the address behind. `twin_advert_age_s` is the time
    since the twin's newest advert (None: never heard), `twin_heard` whether that is recent enough
    for VRRP to count the twin as master (3 advert intervals and the skew, RFC 9568 6.1). `healthy`
    is the verdict that keepalived was given, `reason` why. `stranger` says who else sends adverts
    for the virtual address, "" if nobody does.
    """

    holds_address: bool
    vrrp: VrrpState
    keepalived_alive: bool
    link_up: bool
    twin_heard: bool
    twin_advert_age_s: float | None
    twin_priority: int | None
    healthy: bool
    reason: str
    keepalived_starts: int
    stranger: Detail | None = None


class Verdict(msgspec.Struct, frozen=True, kw_only=True, tag="verdict"):
    """From the TMR service: may this host hold the address (design D4)?

    Sent on connecting, at each change, and repeated often enough that silence means death.
    """

    healthy: bool
    reason: str = ""


class DropAddress(msgspec.Struct, frozen=True, kw_only=True, tag="drop-address"):
    """From the TMR service: give the address to the twin now, without being unhealthy.

    The host counts as unhealthy until the twin's adverts are heard, or for at most
    max(1 s, 10 advert intervals); then its verdict holds again. Ignored by a host without it.
    """

    reason: str = ""


FromTmr = Verdict | DropAddress

_encoder = msgspec.json.Encoder()
_from_tmr: msgspec.json.Decoder[FromTmr] = msgspec.json.Decoder(FromTmr)
_from_vip = msgspec.json.Decoder(VipState)


class MalformedMessage(ValueError):
    """A line that is not one of the messages above; the text says what is wrong with it."""


def encode(message: VipState | FromTmr) -> bytes:
    """One line, its newline included."""
    return _encoder.encode(message) + b"\n"


def decode_from_tmr(line: bytes) -> FromTmr:
    """What the TMR service said. Raises MalformedMessage."""
    try:
        return _from_tmr.decode(line)
    except UNREADABLE as error:
        raise MalformedMessage(f"not a message of the TMR service: {error}") from error


def decode_from_vip(line: bytes) -> VipState:
    """What the address process said. Raises MalformedMessage."""
    try:
        return _from_vip.decode(line)
    except UNREADABLE as error:
        raise MalformedMessage(f"not a message of the address process: {error}") from error
