"""Planted bugs that no seed of the budget meets, or that no run of the simulator can show.

A host that may act on one of these needs several lucky moments in a row, or there is nothing of it
in the simulator. So the check that is left out has a test of its own, which is named here, and is
run with the bug planted, in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.client import receipts as client_receipts
from appliance.ledger import adoption as adoption_module
from appliance.ledger import choice as choice_module
from appliance.ledger import proofs as proofs_module
from appliance.ledger import replica as replica_module
from appliance.ledger.choice import Choice
from appliance.ledger.coordinator import Coordinator
from appliance.ledger.duty import Duty
from appliance.ledger.fetching import Fetching
from appliance.ledger.following import Following
from appliance.ledger.peers import FOLLOWING, Peer
from appliance.ledger.serving import Serving
from appliance.licences.members import Member, Membership
from tests.sim import denial_mutants as denials
from tests.sim import liveness_mutants as liveness
from tests.sim.planting import Mutant, always

ROOT = Path(__file__).parents[2]
LEDGER = "tests/unit/ledger/"
REFUSALS = "tests/unit/services/tmr/test_admission.py"
TESTS_FAILED = 1
"""pytest's exit code; others say that nothing was tested."""


class _Everybody:
    """A membership in which each store that is asked for votes."""

    def __init__(self, membership: Membership) -> None:
        self._membership = membership

    def member(self, store: bytes) -> Member:
        first = self._membership.voters[0]
        return self._membership.member(store) or Member(first.place, store, 0)


def _whoever_vows_votes(monkeypatch: pytest.MonkeyPatch) -> None:
    weigh = proofs_module.weigh

    def careless(term: Any, vows: Any, membership: Membership, contains: Any) -> str:
        return weigh(term, vows, _Everybody(membership), contains)  # type: ignore[arg-type]

    for module in (proofs_module, adoption_module, choice_module):
        monkeypatch.setattr(module, "weigh", careless)


def _what_forgot_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    def believed(self: Choice) -> Iterator[Peer]:
        membership = self._tail.book.state.membership
        for peer in self._peers.promised():
            promise = peer.promise
            assert promise is not None
            believable = proofs_module.believable
            if believable(promise.vow, promise.grounds, membership, self._verify):
                yield peer

    monkeypatch.setattr(Choice, "_believed", believed)


def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Duty, "__init__", _without_patience(Duty.__init__))


def _without_patience(init: Any) -> Any:
    return lambda self, hold_s: init(self, 0.0)


def _one_twin_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two endorsements of one container count as those of two."""
    numbers = iter(range(1, 1_000_000))
    made = client_receipts._Word
    monkeypatch.setattr(
        client_receipts,
        "_Word",
        lambda group, twin, objections: made(group, next(numbers), objections),
    )


def _links_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    link = Coordinator.link

    def careless(self: Coordinator, now_s: float, name: str, up: bool) -> Any:
        if up:
            self.peers[name].heard_at_s = now_s
        return link(self, now_s, name, up)

    monkeypatch.setattr(Coordinator, "link", careless)


def _news_while_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    offer = Serving.offer

    def careless(self: Serving, now_s: float, name: str, data: bytes) -> None:
        peer = self._peers[name]
        phase, peer.phase = peer.phase, FOLLOWING
        offer(self, now_s, name, data)
        peer.phase = phase

    monkeypatch.setattr(Serving, "offer", careless)


MUTANTS = (
    Mutant(
        "vows are not verified",
        always((adoption_module, "is_signed"), gives=True),
        unit=LEDGER + "test_justified_adopt.py",
    ),
    Mutant(
        "log time is pushed by a coordinator",
        always((replica_module, "unacceptable"), gives=""),
        unit=LEDGER + "test_replica.py",
    ),
    Mutant(
        "log time in an adopt is not judged",
        always((adoption_module, "unacceptable"), gives=""),
        unit=LEDGER + "test_liars.py",
    ),
    Mutant("whoever vows votes", _whoever_vows_votes, unit=LEDGER + "test_justified_adopt.py"),
    Mutant("what forgot is believed", _what_forgot_is_believed, unit=LEDGER + "test_liars.py"),
    Mutant(
        "the read log proves itself",
        always((Choice, "_anchored"), gives=True),
        unit=LEDGER + "test_liars.py",
    ),
    Mutant(
        "one upstream begins a follower's copy",
        always((Following, "_begins_well"), gives=True),
        unit=LEDGER + "test_following.py",
    ),
    Mutant(
        "a client counts one twin twice", _one_twin_twice, unit="tests/unit/client/test_receipts.py"
    ),
    Mutant("a verdict that flaps", _impatient, unit=LEDGER + "test_duty.py"),
    Mutant("a refusal rests on what flies", denials.denied_from_what_flies, unit=REFUSALS),
    Mutant("a refusal without a fence", denials.denied_unfenced, unit=REFUSALS),
    Mutant("a link is an answer", _links_answer, unit=LEDGER + "test_hearing.py"),
    Mutant(
        "news are taken from who catches up",
        _news_while_behind,
        unit="tests/sim/test_bulk.py::test_who_catches_up_brings_its_news_once_and_afterwards",
    ),
    Mutant(
        "whoever gives no snapshot is waited for",
        always((Fetching, "_gives_nothing"), gives=False),
        unit=LEDGER + "test_fetching.py",
    ),
    Mutant(
        "one upstream brings another ledger",
        always((Fetching, "_counts_elsewhere"), gives=True),
        unit=LEDGER + "test_fetching.py",
    ),
    Mutant(
        "a copy of another ledger is not read past",
        always((Choice, "misfit"), gives=None),
        unit=LEDGER + "test_restored_meanwhile.py",
    ),
    Mutant(
        "a follower keeps a copy of another ledger",
        liveness.a_follower_keeps_its_copy,
        unit=LEDGER + "test_following.py",
    ),
    Mutant(
        "one upstream ends a follower's copy",
        liveness.one_upstream_ends_a_copy,
        unit=LEDGER + "test_following.py",
    ),
    Mutant(
        "a dead feeder is asked for entries",
        liveness.dead_feeders_are_asked_for_entries,
        unit=LEDGER + "test_feeding.py",
    ),
    Mutant(
        "a dead feeder is asked for its snapshot",
        liveness.dead_feeders_are_asked_for_snapshots,
        unit=LEDGER + "test_feeding.py",
    ),
    Mutant(
        "the lost store speaks for the new one",
        liveness.the_lost_store_speaks_for_the_new_one,
        unit=LEDGER + "test_quarantine.py",
    ),
)

ELSEWHERE = {
    "expiry by a follower": "it has no term to send it in; see `expiries outlive their term`",
    "learner votes, wiped disk votes": "both are `unlisted stores vote`: votes belong to stores",
    "a term used twice after a restart": "`make model` finds it: TERM_TWICE",
    "a chunked adopt": "`make model` finds it: CHUNKED_ADOPT",
    "replacement counted in the wrong set": "`make model`: OLD_SET, OLD_SET_CHOOSES, NEW_SET_EARLY",
    "a new store votes at once": "no seed met it; `make model` finds it: NEW_SET_EARLY",
}
"""Bugs that are none in this code, and those that only the model's own mutants stand for."""


def first_failure(mutant: Mutant) -> str:
    """The first of its unit tests that fails with this bug, "" if all pass.

    Raises RuntimeError if they could not be run.
    """
    argv = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider"]
    plant = ["-p", "tests.sim.plant", "--plant", mutant.name]
    done = subprocess.run(
        [*argv, *plant, mutant.unit], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return ""
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED ")]
    if done.returncode != TESTS_FAILED or not failed:
        raise RuntimeError(f"{mutant.unit} could not be run: {done.stdout[-500:]}{done.stderr}")
    return failed[0].removeprefix("FAILED ").partition(" - ")[0]
