"""What the feed asks of a system, however that is reached."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Protocol

from appliance.client import ServerEvent
from appliance.codec.api import (
    DoneDocument,
    EndedDocument,
    LeasesDocument,
    LicencesDocument,
    LogsDocument,
    StatusDocument,
    TimeUpdateDocument,
)


class Source(Protocol):
    """One system. Everything asynchronous raises `ClientError` with a sentence for people."""

    name: str
    endpoints: tuple[str, ...]
    identity: str
    role: str
    route: str
    faults: tuple[str, ...]

    async def status(self, endpoint: str) -> StatusDocument:
        """How things are, in the words of the TMR host at that endpoint."""

    async def licences(self) -> LicencesDocument:
        """All licences, those with one constituent too."""

    async def leases(self) -> LeasesDocument:
        """All leases."""

    def events(self, endpoint: str) -> AsyncGenerator[ServerEvent, None]:
        """That host's events, for ever."""

    async def logs(self, after: Mapping[str, int]) -> LogsDocument:
        """What the hosts logged since; `after` is the last answer's `newest`, empty at first."""

    async def release(self, client: str, lease_id: str, generation: int, why: str) -> EndedDocument:
        """End somebody's lease."""

    async def write_off(self, lease_id: str, why: str) -> DoneDocument:
        """Say that what is borrowed under this key is lost."""

    async def switchover(self, host: str, why: str) -> DoneDocument:
        """Let that TMR host serve."""

    async def maintenance(self, host: str, on: bool, why: str) -> DoneDocument:
        """Begin or end a TMR host's maintenance."""

    async def update_time(self, container: str, why: str) -> TimeUpdateDocument:
        """Get certified time now, for the container of that serial or for all ("")."""

    async def inject(self, fault: str) -> str:
        """Make a fault happen (demo); gives a sentence about it."""

    @property
    def broken(self) -> bool:
        """Whether the way there is gone for good, so that the source must be opened anew."""

    async def close(self) -> None:
        """Let everything go."""
