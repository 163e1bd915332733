"""Challenges: what a container has to sign, so that an old request is worth nothing.

A challenge carries its own time and a seal by a key that is drawn at the start, so a stranger who
asks for many fills nothing. What is remembered is which were *used*, and by then their user has
shown a ticket, or the key of an activated container, each of which has a share of that table.
Whoever asks while it is full is told to come again: nobody's place is given away.
"""

from __future__ import annotations

import hmac
import secrets
import struct
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from appliance.adapters import clock
from appliance.services.central.refusals import CentralRefused

CHALLENGE_S: Final = 300.0
"""For how long a challenge may be answered."""
USED_MAX: Final = 100_000
"""Used challenges that are remembered, each for CHALLENGE_S."""
USED_PER_CONTAINER_MAX: Final = 2_000
"""Those of one container: a transfer of as many updates as one fetches takes half of it."""
_HEAD: Final = struct.Struct(">d16s")
_SEAL_BYTES: Final = 32


class Challenges:
    """The challenges of one process; safe among threads."""

    def __init__(self, boot_s: Callable[[], float] = clock.boot_s) -> None:
        """`boot_s` is the boot clock."""
        self._boot_s = boot_s
        self._key = secrets.token_bytes(32)
        self._used: OrderedDict[bytes, tuple[float, str]] = OrderedDict()
        self._of: Counter[str] = Counter()
        self._turn = threading.Lock()

    def new(self) -> bytes:
        """A challenge that nobody was given before, of 56 bytes."""
        head = _HEAD.pack(self._boot_s(), secrets.token_bytes(16))
        return head + self._seal(head)

    def check(self, challenge: bytes) -> None:
        """Raises CentralRefused unless this was given here, lately, and is not used yet."""
        with self._turn:
            self._look(challenge)

    def use(self, challenge: bytes, serial: str) -> None:
        """As `check`, and from now on it is used, by the container of this serial."""
        with self._turn:
            now_s = self._look(challenge)
            self._forget(now_s)
            if len(self._used) >= USED_MAX or self._of[serial] >= USED_PER_CONTAINER_MAX:
                raise CentralRefused(
                    f"Container {serial} or too many others asked too often of late; ask again in"
                    f" {CHALLENGE_S / 60:.0f} minutes."
                )
            self._used[challenge] = (now_s, serial)
            self._of[serial] += 1

    def _forget(self, now_s: float) -> None:
        """Those that are too old to be shown again."""
        while self._used:
            at_s, serial = next(iter(self._used.values()))
            if now_s - at_s <= CHALLENGE_S:
                break
            self._used.popitem(last=False)
            self._of[serial] -= 1
            if not self._of[serial]:
                del self._of[serial]

    def _look(self, challenge: bytes) -> float:
        head, seal = challenge[: _HEAD.size], challenge[_HEAD.size :]
        now_s = self._boot_s()
        if len(head) != _HEAD.size or not hmac.compare_digest(seal, self._seal(head)):
            raise CentralRefused(
                "The request answers no challenge of this License Central: it was made for another"
                " one, or this one was started anew since. Ask again."
            )
        given_s: float = _HEAD.unpack(head)[0]
        if not 0 <= now_s - given_s <= CHALLENGE_S:
            raise CentralRefused(
                f"The request answers a challenge that is older than {CHALLENGE_S:.0f} seconds; ask"
                " again."
            )
        if challenge in self._used:
            raise CentralRefused("This request was used already; ask again for a new challenge.")
        return now_s

    def _seal(self, head: bytes) -> bytes:
        return hmac.digest(self._key, head, sha256)[:_SEAL_BYTES]
