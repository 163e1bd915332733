"""What the vendors' side refuses."""

from __future__ import annotations


class CentralRefused(Exception):
    """License Central does not do that; `detail` says why and what to do, in one sentence."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class RecordsFailed(CentralRefused):
    """The database did not take or give what it should; that is nobody's mistake who asked."""
