"""What this host's container last said of its time, read from its own log at a start.

The file with a container's times is a plain one, in the hands of whoever owns the host. The log is
a chain that two others hold as well, and each batch that moves log time carries the containers'
signed times. So a clock goes on from what its container signed last, if its file says less.

What can go wrong in here is to believe a time that somebody else put into a batch: only this
container's own signature counts.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.adapters.container_home import ContainerHome
from appliance.ledger.log.log_time import last_said_ms
from appliance.ledger.messages import Entry
from appliance.ledger.replica.surroundings import Recovered
from appliance.services.upstream.container import ContainerClock

log = logging.getLogger(__name__)

ENTRIES_KEPT: Final = 256
"""So many of the log's last entries are looked through: an idle ledger makes one in a minute that
has times, a busy one several in a second."""
PUT_BACK_MS: Final = 600_000
"""A file that is older than that is none that a power cut left."""


class Said:
    """Looks at a log's last entries while a replica reads them."""

    def __init__(self, home: ContainerHome) -> None:
        self._home = home
        self._newest: deque[Entry] = deque(maxlen=ENTRIES_KEPT)

    def passing(self, recovered: Recovered) -> Recovered:
        """The same, to be read once."""
        return replace(recovered, entries=self._keeping(recovered.entries))

    def _keeping(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for entry in entries:
            self._newest.append(entry)
            yield entry

    def go_on(self, clock: ContainerClock) -> None:
        """The clock goes on from what its container said last. Raises OSError."""
        said_ms = last_said_ms(self._newest, self._home.serial, self._signed)
        self._newest.clear()
        later_ms = clock.not_before(said_ms)
        if later_ms > PUT_BACK_MS:
            log.error(
                "clock: this container signed a time that is %d s after what the file with its"
                " times and this computer say: one of them was put back, edited or lost. It goes on"
                " from what it signed",
                later_ms // 1000,
            )

    def _signed(self, data: bytes, signature: bytes) -> bool:
        """Whether this container's key signed that."""
        try:
            Ed25519PublicKey.from_public_bytes(self._home.public_key).verify(signature, data)
        except InvalidSignature:
            return False
        return True
