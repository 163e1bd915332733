"""Planted bugs of check-outs that are refused without an entry."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.ledger.effects import Denied
from appliance.ledger.leader.denials import Denials
from appliance.ledger.leader.serving import Serving


def denied_from_what_flies(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal that rests on a batch in flight does not wait until that is committed."""

    def hasty(self: Denials, ticket: int, command: Any, outcome: Any, *_: int) -> list[Any]:
        return [Denied(ticket, outcome)]

    monkeypatch.setattr(Denials, "hold", hasty)


def denied_unfenced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever believes to serve refuses at once."""
    submit = Serving.submit

    def unfenced(self: Serving, ticket: int, command: Any) -> Any:
        sent = submit(self, ticket, command)
        if ticket in self.denials:
            self.read_index.forget(ticket)
            return [*sent, *self._fenced(ticket), *self.denials.landed(1 << 60)]
        return sent

    monkeypatch.setattr(Serving, "submit", unfenced)
