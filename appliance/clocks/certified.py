"""What a container asks a time server, and what an answer may say (design D6, D8; pure).

The query's message imprint is the hash of the container's request: serial, last box time, the root
of a newest entry of the ledger, and a random nonce. So a token is certified time *for that
container, now*, and says of itself how far the ledger was when it was asked for: one that was kept
in a drawer, or got in advance, does not pass for a new one (`appliance.licences.certified`).

What can go wrong in here: believing an answer because it is signed. A genuine token that comes
late, or from a time server whose own clock is wrong, is refused by what the container knows
besides: how long it waited, and what time it must be since the last certified time of this start.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from appliance.details import detail

_TAG: Final = b"tmr-time-request-2\x00"
NONCE_BYTES: Final = 16
ANCHOR_BYTES: Final = 32
QUERY_NONCE_BYTES: Final = 8
DRIFT_PPM: Final = 500
"""How far boot time may run from true time: what NTP itself corrects at most."""
_PPM: Final = 1_000_000


class TimeRequest(NamedTuple):
    """A container's request: box time as stored before it was made, Unix ms; the root of one of
    the ledger's newest entries as this upstream knows it, ANCHOR_BYTES long or empty for none;
    NONCE_BYTES random bytes."""

    serial: str
    box_ms: int
    anchor: bytes
    nonce: bytes

    def imprint(self) -> bytes:
        """SHA-256 of the request: the message imprint of the query (RFC 3161, 2.4.1)."""
        serial = self.serial.encode()
        return sha256(
            _TAG
            + struct.pack(">H", len(serial))
            + serial
            + struct.pack(">QB", self.box_ms, len(self.anchor))
            + self.anchor
            + self.nonce
        ).digest()

    def query_nonce(self) -> int:
        """The query's own nonce: servers of others take 64 bits, and some no more."""
        return int.from_bytes(self.nonce[:QUERY_NONCE_BYTES], "big")


class Answer(NamedTuple):
    """One time server's verified token, and when (boot ms) it was asked for and came.

    The time was `time_ms` (Unix ms), give or take `accuracy_ms`, somewhere between the two.
    """

    server: str
    time_ms: int
    accuracy_ms: int
    asked_boot_ms: int
    came_boot_ms: int
    token: bytes = b""

    @property
    def waited_ms(self) -> int:
        """How long the answer took: so much the token may be older than its arrival."""
        return self.came_boot_ms - self.asked_boot_ms

    def at(self, boot_ms: int) -> int:
        """The time that this answer gives for a boot time not before its arrival, Unix ms.

        The latest moment of signing is assumed, so certified time is never ahead of the server's.
        """
        return self.time_ms + boot_ms - self.came_boot_ms


class Known(NamedTuple):
    """Certified time `time_ms`, give or take `margin_ms`, when boot time was `boot_ms`; of this
    start of this process, so that boot time has counted on ever since."""

    time_ms: int
    margin_ms: int
    boot_ms: int

    @classmethod
    def of(cls, answer: Answer) -> Known:
        """What an answer that was believed lets a container know from then on."""
        margin_ms = answer.accuracy_ms + answer.waited_ms
        return cls(answer.at(answer.came_boot_ms), margin_ms, answer.came_boot_ms)


class Verdict(NamedTuple):
    """What several answers amount to: the one to believe, if any, and what is wrong with whom."""

    believed: Answer | None
    outvoted: dict[str, str]
    problem: str = ""


def ahead_ms(answer: Answer, known: Known | None) -> int:
    """By how much an answer lies beyond what is possible after `known`, 0 if it does not.

    A time server that says a later time than boot time, drift and both accuracies allow is wrong
    now, or was wrong before; it takes two that agree to overrule what is known.
    """
    if known is None:
        return 0
    passed_ms = answer.came_boot_ms - known.boot_ms
    drift_ms = passed_ms * DRIFT_PPM // _PPM + 1
    latest_ms = known.time_ms + passed_ms + drift_ms + known.margin_ms + answer.accuracy_ms
    return max(0, answer.time_ms - latest_ms)


def agree(one: Answer, other: Answer) -> bool:
    """Whether two answers can both be true: apart by no more than accuracies and waits allow."""
    apart_ms = abs(one.at(other.came_boot_ms) - other.time_ms)
    return apart_ms <= (one.accuracy_ms + other.accuracy_ms + one.waited_ms + other.waited_ms + 1)


def judge(answers: Sequence[Answer], known: Known | None) -> Verdict:
    """Which answer of one or two servers (in the order of preference) to believe.

    One answer is believed unless it lies in the future of what is `known`. Two that agree are
    believed whatever was known. Of two that do not, the one that fits what is known is believed
    and the other reported; without such knowledge neither is, and both are reported.
    """
    if not answers:
        return Verdict(None, {}, detail("servers-silent"))
    if len(answers) == 1:
        only = answers[0]
        beyond_ms = ahead_ms(only, known)
        if beyond_ms:
            why = detail("server-from-future", url=only.server, beyond_ms=beyond_ms)
            return Verdict(None, {only.server: why}, why)
        return Verdict(only, {})
    one, other = answers[0], answers[1]
    if agree(one, other):
        return Verdict(one, {})
    apart_ms = abs(one.at(other.came_boot_ms) - other.time_ms)
    if known is not None:
        fitting = [answer for answer in (one, other) if _fits(answer, known)]
        if len(fitting) == 1:
            liar = other if fitting[0] is one else one
            apart = {"apart_ms": apart_ms, "other": fitting[0].server}
            why = detail("server-outvoted", url=liar.server, **apart)
            return Verdict(fitting[0], {liar.server: why})
    why = detail("servers-disagree", url=one.server, other=other.server, apart_ms=apart_ms)
    return Verdict(None, {one.server: why, other.server: why}, why)


def _fits(answer: Answer, known: Known) -> bool:
    """Whether an answer lies neither before nor after what is possible since `known`."""
    passed_ms = answer.came_boot_ms - known.boot_ms
    slack_ms = passed_ms * DRIFT_PPM // _PPM + 1 + known.margin_ms + answer.accuracy_ms
    apart_ms = abs(answer.at(answer.came_boot_ms) - (known.time_ms + passed_ms))
    return apart_ms <= slack_ms + answer.waited_ms
