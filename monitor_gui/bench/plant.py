"""A system that answers the feed from memory: as many leases and events as are asked for.

Documents are bytes that the feed decodes as it does those of a real host, page by page, and events
come as frames of a stream; only sockets and TLS are left out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from typing import Final

import msgspec

from appliance.client import ProfileError, ServerEvent
from appliance.client.listing import lease_pages, newest
from appliance.client.streams import EventParser
from appliance.codec import api

HOSTS: Final = ("tmr1", "tmr2")
UPSTREAMS: Final = ("up1", "up2", "up3")
PAGE: Final = 2_000
LINES_MAX: Final = 200
BEAT_S: Final = 0.02
FIRM, PRODUCTS = 100_001, 50
_encode = msgspec.json.Encoder().encode
_status = msgspec.json.Decoder(api.StatusDocument)
_licences = msgspec.json.Decoder(api.LicencesDocument)
_leases = msgspec.json.Decoder(api.LeasesDocument)


class BenchSource:
    """A `Source`. With `twice` both hosts tell of each event, as they do in a real system. `told`
    counts the events, `lists_read` how often the list of leases was read."""

    name = "Bench"
    endpoints: tuple[str, ...] = HOSTS
    identity, role, route = "bench", "operate", "inside this program"
    faults: tuple[str, ...] = ()
    broken = False

    def __init__(self, leases: int, events_per_s: float, twice: bool = True) -> None:
        self._statuses = {name: _encode(_a_status(name, leases)) for name in HOSTS}
        self._licences = _encode(_some_licences(leases))
        self._pages = _pages(leases)
        self._rate, self._twice = events_per_s, twice
        self.told = 0
        self.lists_read = 0

    async def status(self, endpoint: str) -> api.StatusDocument:
        """As in `Source`."""
        return _status.decode(self._statuses[endpoint])

    async def licences(self) -> api.LicencesDocument:
        """As in `Source`."""
        return _licences.decode(self._licences)

    async def leases(self) -> api.LeasesDocument:
        """As in `Source`."""

        async def fetch(after: int) -> api.LeasesDocument:
            await asyncio.sleep(0.001)  # the way there and back
            return _leases.decode(self._pages[after // PAGE])

        found: list[api.LeaseDocument] = []
        async for page in lease_pages(fetch):
            found += page.leases
        self.lists_read += 1
        return api.LeasesDocument(leases=newest(found))

    async def events(self, endpoint: str) -> AsyncGenerator[ServerEvent, None]:
        """As in `Source`: the rate is kept over time, whatever a pause takes."""
        first = endpoint == HOSTS[0]
        parser, number, begun_s = EventParser(), 0, time.monotonic()
        while self._rate and (first or self._twice):
            await asyncio.sleep(BEAT_S)
            due = int((time.monotonic() - begun_s) * self._rate)
            frames = b"".join(_event(n) for n in range(number, due))
            number = due
            for event in parser.feed(frames):
                yield event
            if first:
                self.told = number
        while True:
            await asyncio.sleep(3600)

    async def logs(self, after: Mapping[str, int]) -> api.LogsDocument:
        """As in `Source`: a line in each thousand events."""
        number = self.told // 1_000
        first = max(after.get(HOSTS[0], 0), number - LINES_MAX)
        lines = tuple(
            api.LogRecord(
                host=HOSTS[0],
                number=n,
                at_ms=1_800_000_000_000 + n,
                level="INFO",
                logger="bench",
                text=f"line {n}",
            )
            for n in range(first + 1, number + 1)
        )
        return api.LogsDocument(records=lines, newest={HOSTS[0]: number})

    async def update_time(self, container: str, why: str) -> api.TimeUpdateDocument:
        """Nothing is done here."""
        raise ProfileError("nothing can be done to a measurement")

    async def release(
        self, client: str, lease_id: str, generation: int, why: str
    ) -> api.EndedDocument:
        """Nothing is done here."""
        raise ProfileError("nothing can be done to a measurement")

    async def write_off(self, lease_id: str, why: str) -> api.DoneDocument:
        """Nothing is done here."""
        raise ProfileError("nothing can be done to a measurement")

    async def switchover(self, host: str, why: str) -> api.DoneDocument:
        """Nothing is done here."""
        raise ProfileError("nothing can be done to a measurement")

    async def maintenance(self, host: str, on: bool, why: str) -> api.DoneDocument:
        """Nothing is done here."""
        raise ProfileError("nothing can be done to a measurement")

    async def inject(self, fault: str) -> str:
        """Nothing is done here."""
        raise ProfileError("nothing can be done to a measurement")

    async def close(self) -> None:
        """As in `Source`."""


def _a_status(name: str, leases: int) -> api.StatusDocument:
    active = name == HOSTS[0]
    rows = tuple(
        api.HostStatus(
            name=host,
            role="active" if host == HOSTS[0] else "passive",
            holds_address=host == HOSTS[0],
            vrrp="master" if host == HOSTS[0] else "backup",
            version="0.1.0",
        )
        for host in HOSTS
    )
    return api.StatusDocument(
        host=name,
        verdict="serving",
        reason="",
        phase="serving" if active else "passive",
        term=api.TermDocument(counter=1, host=name, nonce=1) if active else None,
        virtual_ip="10.77.0.100",
        virtual_serial="131-9",
        ledger_id="ab",
        commit_index=leases,
        log_time_ms=1_800_000_000_000,
        leases=leases,
        upstreams=tuple(
            api.UpstreamStatus(
                name=upstream,
                reachable=True,
                phase="following",
                last_index=leases,
                lag=0,
                last_heard_s=0.1,
                serial=f"130-{number}",
                system_time_ms=1_800_000_000_000 + number,
            )
            for number, upstream in enumerate(UPSTREAMS, 1)
        ),
        tmr_hosts=rows,
        missing=(),
    )


def _some_licences(leases: int) -> api.LicencesDocument:
    rows = tuple(
        api.LicenceDocument(
            firm_code=FIRM,
            firm_name="Firm",
            product_code=product,
            tmr_id=1,
            text=f"Product {product}",
            quantity=leases,
            in_use=leases // PRODUCTS,
            available=True,
            constituents=tuple(
                api.ConstituentDocument(host=host, serial=f"130-{n}", twin=n, state="ok")
                for n, host in enumerate(UPSTREAMS, 1)
            ),
        )
        for product in range(1, PRODUCTS + 1)
    )
    return api.LicencesDocument(virtual_serial="131-9", licences=rows)


def _pages(leases: int) -> list[bytes]:
    """In an order of users that is not that of the leases, so that sorting is work."""
    rows = [
        api.LeaseDocument(
            client=f"cert:workstation-{number * 7919 % 100_003:06}",
            lease_id=f"lease-{number:08x}",
            generation=number,
            firm_code=FIRM,
            product_code=number % PRODUCTS + 1,
            tmr_id=1,
            holder=api.HolderDocument(
                user=f"user{number * 104_729 % 100_003:06}",
                host=f"ws{number % 9_973}",
                pid=number % 32_768,
                application="cad",
            ),
            granted_at_ms=1_800_000_000_000 + number * 10,
            heartbeat_age_s=number % 100 / 10,
        )
        for number in range(1, leases + 1)
    ]
    return [
        _encode(
            api.LeasesDocument(
                leases=tuple(rows[at : at + PAGE]),
                next=at + PAGE if at + PAGE < leases else None,
            )
        )
        for at in range(0, max(1, leases), PAGE)
    ]


def _event(number: int) -> bytes:
    """Every tenth check-out is denied."""
    name, outcome = ("check-out", "granted") if number % 2 else ("check-in", "ended")
    if number % 20 == 1:
        outcome = "no-seat-free"
    return (
        f"event: {name}\n"
        f'data: {{"outcome": "{outcome}", "licence": "{FIRM}:{number % PRODUCTS + 1}#1", '
        f'"client": "cert:workstation-{number % 9_973}", "lease_id": "lease-{number:08x}", '
        f'"firm_code": {FIRM}, "product_code": {number % PRODUCTS + 1}, '
        f'"index": {number // 8}, "log_time_ms": {1_800_000_000_000 + number}}}\n\n'
    ).encode()
