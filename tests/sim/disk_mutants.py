"""Planted bugs about disks that are full and stores that are damaged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from appliance.ledger.effects import Write
from appliance.ledger.replica.standing import Standing
from appliance.ledger.replication.progress import Replication
from appliance.sim.operators import Operator
from appliance.sim.upstream_host import UpstreamHost
from tests.sim.planting import Mutant


def _damaged_store_votes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A replica starts from what a damaged store still gives, as if that were all there was."""
    begin = Standing.__init__

    def credulous(self: Standing, machine: Any, store: Any, verify: Any, *rest: Any) -> None:
        recovered, candidates = rest
        begin(self, machine, store, verify, replace(recovered, damage=""), candidates)

    monkeypatch.setattr(Standing, "__init__", credulous)


def _rot_is_shrugged_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record cannot be read, and the service goes on as before."""
    monkeypatch.setattr(UpstreamHost, "_say_damaged", lambda self, replica: None)


def _failed_write_is_acked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the disk had no room for is reported as written."""

    def kind(self: UpstreamHost) -> None:
        write = self.disk.pending.popleft()
        if isinstance(write, Write) and self.replica is not None:
            self._perform(self.replica.written(self.boot_s(), write.ticket))

    monkeypatch.setattr(UpstreamHost, "_write_fails", kind)


def _failed_write_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails is not acked, but the service goes on with the next one."""
    monkeypatch.setattr(UpstreamHost, "_write_fails", lambda self: self.disk.pending.popleft())


def _outgrown_term_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Was real: of three stores replaced in one term the last one never joined."""
    monkeypatch.setattr(Replication, "outgrown", lambda self: False)


def _damage_moves_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """No operator replaces a damaged store: the end of a seed demands three that work."""
    monkeypatch.setattr(Operator, "remedy", lambda self, name: None)


MUTANTS = (
    Mutant("a damaged store goes on voting", _damaged_store_votes),
    Mutant("rot found at a read is shrugged off", _rot_is_shrugged_off),
    Mutant("a failed write is acked", _failed_write_is_acked),
    Mutant("a failed write is skipped", _failed_write_is_skipped),
    Mutant("an outgrown term is kept", _outgrown_term_is_kept, "three_stores_replaced"),
    Mutant("a damaged store is not replaced", _damage_moves_nobody),
)
