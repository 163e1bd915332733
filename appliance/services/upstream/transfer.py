"""Licences over the network: this host's container and License Central (issue of the three times).

    is certified time younger than seven days? else update it first; without it nothing is done
    order a return -> fetch updates one by one, import each, confirm each

A ticket is shown for the group of three: what this host does for that is ordered by a TMR host
(`group_orders`).

Each request and order answers a challenge that License Central gave for it.

What can go wrong in here is a transfer on a clock that nobody certified: whoever sets a clock back
could keep what he gave back. So the age is looked at before anything is sent. Files carried by hand
do not come this way, and are not affected.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple, Protocol

from appliance.adapters.central_client import (
    CentralClient,
    CentralSaysNo,
    CentralUnreachable,
    Returned,
)
from appliance.clocks.freshness import certified_age_ms, transfer_needs_update
from appliance.codec.contacts import LedgerHead
from appliance.codec.request_files import Purpose, Wanted
from appliance.codec.transfer_files import Addressed
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
    """What a transfer did: the updates imported (firm code, sequence).

    `certified` says what came of the certified update that preceded it, "" if none was needed.
    `returned` says how far a return is, None for anything else.
    """

    imported: tuple[tuple[int, int], ...]
    certified: str
    returned: Returned | None = None


class Transfers:
    """The transfers of one container, one at a time.

    The acts raise TransferDenied; of License Central CentralUnreachable and CentralSaysNo; and
    UpdateRefused or OSError of an import. What was imported before stays.
    """

    def __init__(
        self,
        container: HostContainer,
        clock: ContainerClock,
        clients: Callable[[], tuple[CentralClient, ...]],
        certifier: Certifier | None = None,
        ledger: Callable[[], LedgerHead] = LedgerHead,
    ) -> None:
        """`clients` makes those for the License Centrals of the settings; raises UserError if there
        is none. `ledger` says how far the ledger is."""
        self._container = container
        self._clock = clock
        self._make = clients
        self._ledger = ledger
        self._certifier = certifier
        self._turn = asyncio.Lock()

    def _clients(self) -> tuple[CentralClient, ...]:
        """Those that take along what this container says of itself."""
        made = self._make()
        for client in made:
            client.begin = partial(self._say, client.url)
            client.answered = partial(self._container.contacted, client.url)
        return made

    def _say(self, url: str) -> str:
        now_s = self._clock.system_ms() // 1000
        return self._container.contact(url, self._ledger(), now_s)

    def _client(self, firm_code: int) -> CentralClient:
        """That of this firm; 0 is the only one there is. Raises TransferDenied."""
        clients = self._clients()
        if not firm_code and len(clients) == 1:
            return clients[0]
        for client in clients:
            if firm_code and client.serves(firm_code):
                return client
        known = sorted(code for client in clients for code in client.firm_codes)
        raise TransferDenied(
            f"No License Central of firm {firm_code} is configured, but of {known}."
            if firm_code
            else f"License Centrals of several firms are configured ({known}): name the firm."
        )

    async def challenge(self, firm_code: int = 0) -> tuple[str, bytes]:
        """What a group's requests to the License Central of this firm (0: the only one) have to
        name and to answer: audience and challenge."""
        async with self._turn:
            await self._certified()
            client = self._client(firm_code)
            return client.audience, await asyncio.to_thread(client.challenge)

    async def refresh(self) -> None:
        """Make certified time young enough for whatever goes over the network."""
        async with self._turn:
            await self._certified()

    async def show(self, ticket: str, request: bytes, firm_code: int = 0) -> bytes:
        """Show a ticket of this firm (0: of the only vendor) with a group request file; gives a
        group answer file, not verified yet."""
        async with self._turn:
            await self._certified()
            return await asyncio.to_thread(self._client(firm_code).activate, ticket, request)

    async def confirm(self) -> None:
        """Hand in the receipts of all that the container holds, each at its vendor's."""
        async with self._turn:
            for client in self._clients():
                await self._confirm(client)

    async def update(self) -> Transferred:
        """Import whatever the vendors issued to this container since. One who does not answer keeps
        nobody from the others', and is told at the end."""
        async with self._turn:
            certified = await self._certified()
            imported: list[tuple[int, int]] = []
            failed: CentralSaysNo | CentralUnreachable | None = None
            for client in self._clients():
                try:
                    imported += await self._fetch(client)
                except (CentralSaysNo, CentralUnreachable) as error:
                    failed = failed or error
            if failed is not None:
                raise failed
            return Transferred(tuple(imported), certified)

    async def give_back(self, key: LicenceKey, *, call_off: bool = False) -> Transferred:
        """Order a licence to be taken back, or call that off; import what follows from it.

        It takes the orders of two containers, and a day (`appliance.services.central.returning`).
        """
        async with self._turn:
            certified = await self._certified()
            client = self._client(key.firm_code)
            returned = await asyncio.to_thread(self._order, client, key, call_off)
            imported: tuple[tuple[int, int], ...] = ()
            if returned.taken:
                imported = await self._fetch(client)
                # Asked again: this container has confirmed by now.
                returned = await asyncio.to_thread(self._order, client, key, call_off)
            return Transferred(imported, certified, returned=returned)

    def _order(self, client: CentralClient, key: LicenceKey, call_off: bool) -> Returned:
        to = Addressed(client.audience, client.challenge(), call_off)
        return client.give_back(self._container.return_order(key, to))

    def _next(self, client: CentralClient) -> bytes | None:
        # What one vendor issued is nothing to another.
        held = tuple(one for one in self._container.held if one[0] not in client.hidden)
        wanted = Wanted(Purpose.UPDATE, client.audience, client.challenge(), held=held)
        return client.update(self._container.request(wanted))

    async def _fetch(self, client: CentralClient) -> tuple[tuple[int, int], ...]:
        imported: list[tuple[int, int]] = []
        while len(imported) < UPDATES_MAX:
            data = await asyncio.to_thread(self._next, client)
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
            if firm.firm_code in client.hidden:
                continue
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
