"""The story's clients: some that hold a seat, and one that asks all the time and keeps the time.

Everything here runs inside the clients' network, by `appliance.client` as any application would.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path

from appliance.client import (
    AsyncClient,
    AsyncLease,
    ClientError,
    LeaseState,
    LeaseStatus,
    Refused,
    ServerEvent,
    boot_clock,
    load_profile,
)
from appliance.client.tools import tool_trust
from appliance.codec.api import GrantDocument, HolderDocument, LicencesDocument, StatusDocument

PAUSE_S = 0.005


@dataclass(slots=True)
class Member:
    """One client with its lease, or with the reason for which it got none."""

    name: str
    client: AsyncClient
    lease: AsyncLease | None = None
    refusal: str = ""
    changes: list[LeaseStatus] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Interruption:
    """What a client that asks without pause went through: its longest wait for an answer."""

    asked: int
    failed: int
    longest_s: float
    errors: tuple[str, ...]


class Crowd:
    """All of the story's clients; its methods are coroutines of the clients' loop."""

    def __init__(self) -> None:
        self.members: list[Member] = []
        self.events: list[ServerEvent] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self, name: str, profile: Path) -> Member:
        """Add a client with this profile."""
        found = load_profile(profile)
        member = Member(name, found.async_client(tool_trust(found)))
        self.members.append(member)
        return member

    async def check_out(self, member: Member, firm_code: int, product_code: int) -> None:
        """Let a client ask for a seat; a refusal is kept as its reason."""
        lease = member.client.lease(
            firm_code,
            product_code,
            holder=HolderDocument(user=member.name, host="press-line", application="story"),
            on_change=member.changes.append,
        )
        try:
            await lease.check_out()
            member.lease = lease
        except Refused as refused:
            member.refusal = refused.reason

    async def check_out_all(self, firm_code: int, product_code: int) -> None:
        """All clients ask at the same time."""
        await asyncio.gather(*(self.check_out(m, firm_code, product_code) for m in self.members))

    def holders(self) -> list[Member]:
        """The clients that hold a seat by their own count."""
        return [m for m in self.members if m.lease is not None and m.lease.usable]

    def generations(self) -> dict[str, int]:
        """The grant that each holder holds."""
        return {m.name: m.lease.grant.generation for m in self.members if m.lease is not None}

    def lost(self) -> list[str]:
        """Clients that were ever told that their lease is lost."""
        return [
            member.name
            for member in self.members
            if any(change.state is LeaseState.LOST for change in member.changes)
        ]

    async def all_in_state(self, state: LeaseState) -> list[LeaseStatus]:
        """Wait until every lease is in this state."""
        leases = [m.lease for m in self.members if m.lease is not None]
        return list(await asyncio.gather(*(lease.wait_for(state) for lease in leases)))

    async def status(self, member: Member) -> StatusDocument:
        """What the appliance says of itself."""
        return await member.client.status()

    async def licences(self, member: Member, everything: bool) -> LicencesDocument:
        """The virtual container as a client sees it."""
        return await member.client.licences(all=everything)

    async def listen(self, member: Member) -> None:
        """Keep every event that this client is told from now on."""
        connected = asyncio.Event()

        async def follow() -> None:
            async for event in member.client.events():
                self.events.append(event)
                connected.set()

        self._tasks.append(asyncio.get_running_loop().create_task(follow()))
        await connected.wait()

    async def close(self) -> None:
        """Give all seats back and hang up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for member in self.members:
            if member.lease is not None:
                with contextlib.suppress(ClientError):
                    await member.lease.check_in()
            await member.client.close()


class Prober:
    """A client that renews one lease again and again, each time a durable entry with a receipt."""

    def __init__(self, client: AsyncClient, firm_code: int, product_code: int) -> None:
        self._client = client
        self._product = (firm_code, product_code)
        self._now = boot_clock()
        self.answered = 0
        self._asked = 0
        self._errors: list[str] = []
        self._answered_at_s = 0.0
        self._longest_s = 0.0
        self._lease: AsyncLease | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin, and return once the first answer is there."""
        self._lease = lease = self._client.lease(*self._product)
        await lease.check_out()
        await lease.abandon()
        self._answered_at_s = self._now()
        self._task = asyncio.get_running_loop().create_task(self._ask(lease))

    async def stop(self) -> Interruption:
        """End, and tell what was seen."""
        assert self._task is not None and self._lease is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._longest_s = max(self._longest_s, self._now() - self._answered_at_s)
        await self._lease.check_in()
        return Interruption(
            self._asked, len(self._errors), self._longest_s, tuple(self._errors[:3])
        )

    async def _ask(self, lease: AsyncLease) -> None:
        while True:
            self._asked += 1
            again = self._client.lease(
                *self._product, holder=lease.holder, lease_id=lease.lease_id, secret=lease.secret
            )
            try:
                grant: GrantDocument = await again.check_out()
                await again.abandon()
                if grant.generation != lease.grant.generation:
                    self._errors.append("the lease was granted anew")
                now_s = self._now()
                self._longest_s = max(self._longest_s, now_s - self._answered_at_s)
                self._answered_at_s = now_s
                self.answered += 1
            except ClientError as error:
                self._errors.append(str(error))
            await asyncio.sleep(PAUSE_S)
