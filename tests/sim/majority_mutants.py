"""Planted bugs by which one is enough where it takes two; listed by `mutants`."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from appliance.ledger.certificates import proofs as proofs_module
from appliance.ledger.election import log_selection as choice_module
from appliance.ledger.election.log_selection import LogSelection
from appliance.ledger.leader import serving as serving_module
from appliance.ledger.leader.peers import Peers
from appliance.ledger.log import log_time as log_time_module
from appliance.ledger.replica import adoption as adoption_module
from appliance.licences import certified
from appliance.licences.state import State


class _OneIsEnough:
    """The upstreams, of which one is a majority."""

    needed = 1

    def __init__(self, peers: Peers) -> None:
        self._of = peers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._of, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)

    def __getitem__(self, name: str) -> Any:
        return self._of[name]


def one_promise_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the coordinator that chooses nor the upstreams that adopt wait for a second one."""
    begin, weigh = LogSelection.__init__, proofs_module.weigh
    is_won: Any = proofs_module.is_won

    def eager(self: LogSelection, peers: Any, *args: Any) -> None:
        begin(self, peers, *args)
        self._peers = cast("Peers", _OneIsEnough(peers))

    def lax(*args: Any) -> str:
        why = weigh(*args)
        one = why == proofs_module.TOO_FEW and proofs_module.voting(*args[:3])
        return "" if one else why

    monkeypatch.setattr(LogSelection, "__init__", eager)
    monkeypatch.setattr(proofs_module, "is_won", lambda *args: is_won(*args[:-1], 1))
    for module in (choice_module, adoption_module):
        monkeypatch.setattr(module, "weigh", lax)


def one_token_lowers(monkeypatch: pytest.MonkeyPatch) -> None:
    lowest = certified.lowest_log_time_ms

    def of_one(state: State, *args: Any) -> Any:
        alone = SimpleNamespace(membership=SimpleNamespace(needed=1), certified=state.certified)
        alone.containers = state.containers
        return lowest(cast("State", alone), *args)

    for module in (log_time_module, serving_module):
        monkeypatch.setattr(module, "lowest_log_time_ms", of_one)
