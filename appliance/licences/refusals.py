"""What is raised when a vendor's word is not accepted."""

from __future__ import annotations


class UpdateRefused(Exception):
    """A licence update that is not accepted; `detail` says what is wrong with it, in one sentence.

    Raised by whatever reads or applies updates, before anything is changed.
    """

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class BlockListRefused(Exception):
    """A block list that is not accepted; nothing was changed.

    `reason` is "oversized", "malformed", "bad-signature", "older", "same-number" or "stale";
    `detail` says it in one sentence.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class StatementRefused(Exception):
    """Bytes that prove no certified time; `detail` says why, in one sentence."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
