"""Terms: who may coordinate, strictly ordered, never used twice (design D1)."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

COUNT_MAX: Final = 2**63 - 1
Count = Annotated[int, msgspec.Meta(ge=0, le=COUNT_MAX)]
"""A number that is counted or reckoned with: whoever adds to it stays within the 64 bits of the
wire, as `ledger.certificates.receipts` lays them out. No honest host comes near the end of it."""
Bits64 = Annotated[int, msgspec.Meta(ge=0)]
"""64 bits that are compared and never reckoned with: more msgpack cannot carry."""
Name = Annotated[str, msgspec.Meta(max_length=64)]
"""A host's name or a container's serial."""
Root = Annotated[bytes, msgspec.Meta(max_length=32)]
"""A SHA-256 hash, or none."""
Key = Annotated[bytes, msgspec.Meta(max_length=64)]
"""An id, a public key or a signature."""
Text = Annotated[str, msgspec.Meta(max_length=1000)]
"""What is said to people."""


class Term(msgspec.Struct, frozen=True, array_like=True, order=True):
    """(counter, host, 64 random bits drawn at process start): a restarted host never reuses one."""

    counter: Count
    host: Name
    nonce: Bits64

    def __str__(self) -> str:
        return f"{self.counter}.{self.host}.{self.nonce & 0xFFFF:04x}"


NO_TERM = Term(0, "", 0)


STEP_MAX: Final = 1 << 32
LEAP_MAX: Final = 1 << 10
_FIRST_COUNTER_MAX = 1 << 62


def counter_max(promised: Term, reached: int) -> int:
    """The highest counter that an upstream believes after this promise.

    `reached` is that of the newest term of which it knows that two upstreams promised it. A
    coordinator goes one above what two upstreams promised (`pre_vote`). Without a bound one stolen
    host could use up all 64 bits by a single claim, or take one upstream so far away from the
    others that they never meet again. A new upstream has seen nothing.
    """
    if promised == NO_TERM:
        return _FIRST_COUNTER_MAX
    return max(reached + STEP_MAX, promised.counter + LEAP_MAX)
