"""A TMR host that went on while a backup was restored after a total loss follows and serves.

Its copy is of a ledger that is no more. What it was told then is longer than the new log at first,
and later no entry that the upstreams have follows on it.
"""

from __future__ import annotations

import pytest

from appliance.sim.script import Script

BACKED_UP = (
    "begin",
    "client anna checks out",
    "run 500 ms",
    "client anna consumes 3",
    "run 500 ms",
    "client anna consumes 1",
    "run 500 ms",
    "up2's log is backed up",
)
RESTORED = (
    "all disks are lost",
    "start all",
    "run 200 ms",
    "the backup is restored at all",
    "run 4000 ms",
)


def restored(every: int, entries: int) -> Script:
    """tmr1 serves a restored ledger that is so many entries longer; tmr2 saw nothing of that."""
    script = Script(every=every, keep=1)
    for line in BACKED_UP:
        script.play(line)
    tmr2 = script.cluster.tmrs["tmr2"]
    old = tmr2.coordinator
    assert old is not None
    assert old.book.commit_index == 8
    for line in RESTORED:
        script.play(line)
    for number in range(entries):
        script.play("client bob checks in" if number % 2 else "client bob checks out 20")
        script.play("run 200 ms")
    script.play("crash tmr2")
    script.play("start tmr2")
    # The process of before, which nobody restarted; the oracle knows the new ledger only.
    for peer in old.peers:
        old.link(tmr2.boot_s(), peer.name, False)
    tmr2.coordinator = old
    script.cluster.oracle.check_coordinator = lambda coordinator: None  # type: ignore[method-assign]
    return script


@pytest.mark.parametrize("every", [0, 4], ids=["whole logs", "logs that were cut"])
@pytest.mark.parametrize("pair", [False, True], ids=["three upstreams", "two upstreams"])
@pytest.mark.parametrize("entries", [0, 30])
def test_it_takes_over_at_once(every: int, pair: bool, entries: int) -> None:
    script = restored(every, entries)
    script.play("crash tmr1")
    if pair:
        script.play("crash up1")
    script.play("tmr2 gets the address")
    script.play("client carl checks out 20")
    script.play("run 5000 ms")
    told = script.cluster.clients["carl"].last
    assert told is not None
    assert told.reason == "granted"


@pytest.mark.parametrize("every", [0, 4], ids=["whole logs", "logs that were cut"])
def test_it_follows_before_it_is_needed(every: int) -> None:
    script = restored(every, entries=30)
    script.play("run 2000 ms")
    tmr2, oracle = script.cluster.tmrs["tmr2"].coordinator, script.cluster.oracle
    assert tmr2 is not None
    assert tmr2.book.state.ledger_id == oracle.book.state.ledger_id
    assert tmr2.book.commit_index == oracle.last_index
