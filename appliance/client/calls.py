"""What the parts of a client need of the whole: to make a call."""

from __future__ import annotations

from abc import abstractmethod
from typing import TypeVar

from appliance.client.forks import NotSent

AnyDocument = TypeVar("AnyDocument")


class Calls(NotSent):
    """The base of whatever asks an installation."""

    @abstractmethod
    async def call(
        self,
        method: str,
        path: str,
        kind: type[AnyDocument],
        document: object = None,
        *,
        deadline_s: float | None = None,
        quorum_wait_s: float = 0.0,
    ) -> AnyDocument:
        """Any idempotent call."""
