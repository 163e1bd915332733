"""Licences over the network: this host's container and License Central (issue of the three times).

    is certified time younger than seven days? else update it first; without it nothing is done
    activate, or order a return -> fetch updates one by one, import each, confirm each

What can go wrong in here is a transfer on a clock that nobody certified: whoever sets a clock back
could keep what he gave back. So the age is looked at before anything is sent. Files carried by hand
do not come this way, and are not affected.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from appliance.adapters.central_client import CentralClient, CentralSaysNo
from appliance.clocks.freshness import certified_age_ms, transfer_needs_update
from appliance.licences.model import LicenceKey
from appliance.services.upstream.container import ContainerClock, HostContainer

UPDATES_MAX: Final = 1_000
"""Update files that one transfer imports at most; the next one goes on."""
_DAY_MS: Final = 86_400_000

log = logging.getLogger(__name__)


class CertifiedUpdate(Protocol):
    """What came of asking time servers: the new certified time (Unix ms), or None and why."""

    @property
    def certified_ms(self) -> int | None:
        """The new certified time, None if there is none."""

    @property
    def detail(self) -> str:
        """What happened, in a sentence."""


class Certifier(Protocol):
    """Whoever gets certified time for this container."""

    async def update(self) -> CertifiedUpdate:
        """Ask now. Raises nothing: a refusal is told in the result."""


class TransferDenied(Exception):
    """The transfer was not begun; `detail` says why, in one sentence."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Transferred(NamedTuple):
    """What a transfer did: the updates imported (firm code, sequence), and what is still missing.

    `waiting_for` are the serials of the containers that have yet to confirm a return, or after an
    activation as many empty texts as containers that have yet to show the ticket. `certified` says
    what came of the certified update that preceded it, "" if none was needed.
    """

    imported: tuple[tuple[int, int], ...]
    waiting_for: tuple[str, ...]
    certified: str


class Transfers:
    """The transfers of one container, one at a time.

    The acts raise TransferDenied; of License Central CentralUnreachable and CentralSaysNo; and
    UpdateRefused or OSError of an import. What was imported before stays.
    """

    def __init__(
        self,
        container: HostContainer,
        clock: ContainerClock,
        client: Callable[[], CentralClient],
        certifier: Certifier | None = None,
    ) -> None:
        """`client` makes one for the License Central of the settings; raises TransferDenied."""
        self._container = container
        self._clock = clock
        self._client = client
        self._certifier = certifier
        self._turn = asyncio.Lock()

    async def activate(self, ticket: str) -> Transferred:
        """Show a ticket; import the licence if this was the last of the three containers."""
        async with self._turn:
            certified = await self._certified()
            client = self._client()
            left = await asyncio.to_thread(client.activate, ticket, self._container.request())
            imported = () if left else await self._fetch(client)
            return Transferred(imported, ("",) * left, certified)

    async def update(self) -> Transferred:
        """Import whatever the vendors issued to this container since."""
        async with self._turn:
            certified = await self._certified()
            return Transferred(await self._fetch(self._client()), (), certified)

    async def give_back(self, key: LicenceKey) -> Transferred:
        """Have a licence taken back: from this container at once, from its twins when they ask."""
        async with self._turn:
            certified = await self._certified()
            client = self._client()
            order = self._container.return_order(key)
            await asyncio.to_thread(client.give_back, order)
            imported = await self._fetch(client)
            # Asked again: this container has confirmed by now.
            returned = await asyncio.to_thread(client.give_back, order)
            return Transferred(imported, returned.waiting_for, certified)

    async def _fetch(self, client: CentralClient) -> tuple[tuple[int, int], ...]:
        imported: list[tuple[int, int]] = []
        request = self._container.request()
        while len(imported) < UPDATES_MAX:
            held = {firm.firm_code: firm.sequence for firm in self._container.content.firms}
            data = await asyncio.to_thread(client.update, request, held)
            if data is None:
                break
            update = await self._container.import_update(data)
            imported.append((update.firm.firm_code, update.firm.sequence))
            log.info("transferred: firm=%d sequence=%d", *imported[-1])
        await self._confirm(client)
        return tuple(imported)

    async def _confirm(self, client: CentralClient) -> None:
        """Receipts of each firm's newest update, also of what was carried by hand.

        A License Central that does not know a firm of this container says so; that is no fault.
        """
        for firm in self._container.content.firms:
            try:
                await asyncio.to_thread(client.confirm, self._container.receipt(firm.firm_code))
            except CentralSaysNo as refused:
                log.info("not confirmed: firm=%d why=%s", firm.firm_code, refused.detail)

    async def _certified(self) -> str:
        """Make certified time young enough. Raises TransferDenied; says what was done for it."""
        before_ms = self._clock.certified_ms
        if not transfer_needs_update(before_ms, self._clock.system_ms()):
            return ""
        age_ms = certified_age_ms(before_ms, self._clock.system_ms())
        since = "never set" if age_ms is None else f"{age_ms // _DAY_MS} days old"
        wanted = f"Certified time is {since}; a transfer over the network needs one of seven days"
        if self._certifier is None:
            raise TransferDenied(
                f"{wanted}, and no time server is configured: name one in the settings, or carry"
                " the files by hand."
            )
        updated = await self._certifier.update()
        if updated.certified_ms is None:
            raise TransferDenied(
                f"{wanted}, and there is none to be had ({updated.detail}): mend that, or carry the"
                " files by hand."
            )
        return f"certified time was {since} and was updated first"
