"""Where `tmr usage` reads a record: the installation, or copies of archives on this computer.

What can go wrong here is an installation that is busy: pages are asked for one after the other, and
a refusal to wait for is waited for by the client library.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, TypeVar

from appliance.cli._connection import Asked, explained
from appliance.cli.output import complain, fail

if TYPE_CHECKING:
    from appliance.client import AsyncClient
    from appliance.ledger.messages import Recorded
    from appliance.usage.figures import UsageGap
    from appliance.verifier.certificates import ContainerIdentity

UPSTREAMS: Final = ("up1", "up2", "up3")
NAMES_MAX: Final = 200_000
"""More names than any host keeps."""
SILENT: Final = "not-found"
"""What is said where one upstream gives nothing; another one may."""


class Source:
    """A record to read: `names` of its upstreams, and pages of each. `certificates` (DER) are those
    of the containers that a page named."""

    names: Sequence[str] = UPSTREAMS

    def __init__(self) -> None:
        self.certificates: tuple[bytes, ...] = ()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""

    async def page(self, name: str, first: int) -> Sequence[Recorded] | None:
        """Entries of one upstream from `first` on, or later ones; None if it does not answer."""
        raise NotImplementedError

    async def parts(self, first: int = 1) -> AsyncIterator[Sequence[Recorded] | UsageGap]:
        """The record, stretch by stretch. Raises UserError if nobody gives it."""
        from appliance.usage.reading import NobodyAnswers, Page, pages

        async def ask(name: str, first: int) -> Page | None:
            kept = await self.page(name, first)
            return None if kept is None else Page(kept)

        try:
            async for part in pages(ask, self.names, first):
                yield part
        except NobodyAnswers:
            fail("no upstream gives its usage record: see `tmr status`, then repeat it")

    async def tags(self) -> dict[bytes, str]:
        """The names that stand for tags, as far as they are known here."""
        return {}

    def containers(self, root: bytes) -> list[ContainerIdentity]:
        """The containers that endorse, as far as the licence root (DER) certifies them."""
        from appliance.verifier.certificates import (
            CertificateRefused,
            verify_container_certificate,
        )

        found = []
        for certificate in self.certificates:
            try:
                found.append(verify_container_certificate(certificate, root))
            except CertificateRefused:
                continue
        return found


class Installation(Source):
    """The record as the active TMR host passes it on."""

    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self.connection = asked.connect()
        self._client: AsyncClient | None = None

    async def __aenter__(self) -> Self:
        self._client = self.connection.client()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client is not None:
            await self._client.close()

    async def page(self, name: str, first: int) -> Sequence[Recorded] | None:
        """As `Source.page`. Raises UserError."""
        from appliance.client import ClientError, Refused
        from appliance.usage.proof import Break, read_recorded

        assert self._client is not None
        try:
            document = await self._client.usage_record(first, name)
        except ClientError as error:
            if isinstance(error, Refused) and error.reason == SILENT:
                return None
            raise await explained(self.connection, error) from error
        self.certificates = document.certificates
        try:
            return [read_recorded(data) for data in document.kept]
        except Break as broken:
            fail(f"{name} gives what is no usage record: {broken.detail}.")

    async def last_index(self) -> int:
        """The newest entry that the upstream has which is furthest ahead. Raises UserError."""
        from appliance.client import ClientError

        assert self._client is not None
        try:
            return (await self._client.usage_record(1)).last_index
        except ClientError as error:
            raise await explained(self.connection, error) from error

    async def tags(self) -> dict[bytes, str]:
        """As `Source.tags`. Raises UserError."""
        from appliance.client import ClientError

        assert self._client is not None
        found: dict[bytes, str] = {}
        after: int | None = 0
        try:
            while after is not None and len(found) < NAMES_MAX:
                page = await self._client.usage_names(after)
                found |= {bytes.fromhex(tag): name for tag, name in page.names.items()}
                after = page.next
        except ClientError as error:
            raise await explained(self.connection, error) from error
        return found


class Copies(Source):
    """Archives of upstreams in directories, such as copies of /var/lib/tmr/archive. They hold no
    names, and what is not yet in the archive is not in them."""

    def __init__(self, directories: Sequence[Path]) -> None:
        super().__init__()
        from appliance.adapters.store.archive import Archive
        from appliance.adapters.store.files import REAL_FILES

        self.names = tuple(str(path) for path in directories)
        self._archives = {str(path): Archive(path, REAL_FILES) for path in directories}
        self._segments = {name: one.segments() for name, one in self._archives.items()}
        for name, segments in self._segments.items():
            if not segments:
                fail(f"{name} holds no segment of an archive: name a directory with segment-*.tmr.")

    async def page(self, name: str, first: int) -> Sequence[Recorded] | None:
        """As `Source.page`: what is left of one segment. One that is damaged is passed over."""
        from appliance.adapters.store.archive import SegmentDamaged

        for segment in self._segments[name]:
            if segment.last >= first:
                try:
                    kept = self._archives[name].read_recorded(segment)
                except (SegmentDamaged, OSError) as error:
                    complain(f"{error}; it counts as missing.")
                    continue
                return [one for one in kept if one.entry.index >= first]
        return ()


Result = TypeVar("Result")


def read(source: Source, work: Callable[[Source], Awaitable[Result]]) -> Result:
    """What `work` makes of this source, in an event loop of its own."""

    async def main() -> Result:
        async with source:
            return await work(source)

    return asyncio.run(main())
