"""Planted bugs that only a lying host of five meets: a check left out that stands against liars."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from appliance.adapters.links import connection as connection_module
from appliance.ledger.certificates import proofs as proofs_module
from appliance.ledger.certificates.receipts import agreeing
from appliance.ledger.election import log_selection as choice_module
from appliance.ledger.election.attempts import Attempts
from appliance.ledger.election.log_selection import LogSelection
from appliance.ledger.election.pre_vote import PreVotes
from appliance.ledger.election.terms import Term
from appliance.ledger.log.tail import Tail
from appliance.ledger.replica import adoption as adoption_module
from appliance.ledger.replica import replica as replica_module
from appliance.ledger.replica import standing as standing_module
from appliance.ledger.replica.adoption import Adoption
from appliance.ledger.replica.standing import Standing
from appliance.ledger.replication import learner as following_module
from appliance.licences.members import Membership
from tests.sim.planting import Mutant, always


def _one_voice_proves(monkeypatch: pytest.MonkeyPatch) -> None:
    def proven(proof: Any, membership: Membership, verify: Any) -> bool:
        known = [voice.store for voice in proof.voices if membership.knows(voice.store)]
        return any(proofs_module.has_signed(store, proof, verify) for store in known)

    for module in (choice_module, following_module, standing_module, adoption_module):
        monkeypatch.setattr(module, "is_proven", proven)


def _one_voice_twice_proves(monkeypatch: pytest.MonkeyPatch) -> None:
    def proven(proof: Any, membership: Membership, verify: Any) -> bool:
        known = [voice.store for voice in proof.voices if membership.knows(voice.store)]
        return sum(proofs_module.has_signed(store, proof, verify) for store in known) >= 2

    for module in (choice_module, following_module, standing_module, adoption_module):
        monkeypatch.setattr(module, "is_proven", proven)


def _names_are_voices(monkeypatch: pytest.MonkeyPatch) -> None:
    def named(store: bytes, proof: Any, verify: Any) -> bool:
        return any(voice.store == store for voice in proof.voices)

    for module in (choice_module, standing_module, proofs_module):
        monkeypatch.setattr(module, "has_signed", named)


def _refusals_are_grants(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client looks at the signatures under an outcome, and not at what it says."""

    def careless(receipt: Any, outcome: Any, nonce: bytes) -> tuple[int, ...]:
        if receipt is None or receipt.nonce != nonce:
            return ()
        groups = agreeing(receipt.endorsements).values()
        return (1, 2) if any(len(words) >= 2 for words in groups) else ()

    monkeypatch.setattr("appliance.sim.clients.vouching", careless)


def _believes_the_highest(monkeypatch: pytest.MonkeyPatch) -> None:
    def highest(self: PreVotes) -> Term:
        return max(peer.promised for peer in self._peers)

    monkeypatch.setattr(PreVotes, "_vouched", highest)


def _always_yields(monkeypatch: pytest.MonkeyPatch) -> None:
    def yields(self: PreVotes, now_s: float, term: Term, peer: Any, reachable: Any) -> bool:
        return bool(peer.promised > term)

    monkeypatch.setattr(PreVotes, "outdone", yields)


def _encode_errors_are_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def encode(message: Any) -> bytes:
        content = msgspec.msgpack.encode(message)
        return len(content).to_bytes(4, "big") + content

    monkeypatch.setattr(connection_module, "encode_frame", encode)


def _all_vows_count(monkeypatch: pytest.MonkeyPatch) -> None:
    def every(term: Term, vows: Any, membership: Any) -> list[Any]:
        return list(vows)

    monkeypatch.setattr(adoption_module, "voting", every)


def _any_word_is_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    def fetched(self: Attempts, now_s: float, progress: Any) -> None:
        self.made(now_s)
        self.asked()

    monkeypatch.setattr(Attempts, "fetched", fetched)


LEDGER = "tests/unit/ledger/"
MUTANTS = (
    Mutant("upstreams do not weigh vows", always((Adoption, "_unjustified"), gives="")),
    Mutant(
        "grounds are not looked at",
        always((choice_module, "believable"), gives=True),
        unit="tests/unit/ledger/test_log_selection.py",
    ),
    Mutant(
        "consent is not asked for",
        always((Standing, "consents_to"), gives=True),
        also=(38,),
    ),
    Mutant(
        "proofs are not verified",
        always(
            *((module, "is_proven") for module in (choice_module, following_module)),
            *((module, "is_proven") for module in (standing_module, adoption_module)),
            gives=True,
        ),
    ),
    Mutant("a passive host believes proofs", always((following_module, "is_proven"), gives=True)),
    Mutant("one voice proves a commit", _one_voice_proves),
    Mutant("one voice twice proves a commit", _one_voice_twice_proves),
    Mutant("a name in a proof is a voice", _names_are_voices),
    Mutant("an empty log needs no votes", always((Adoption, "_unfounded"), gives="")),
    Mutant("the outcome of a refusal is a grant", _refusals_are_grants, also=(108, 139, 243)),
    Mutant(
        "the highest promise is believed", _believes_the_highest, unit=LEDGER + "test_promises.py"
    ),
    Mutant(
        "each lone word ends a term",
        _always_yields,
        unit=LEDGER + "test_promises.py",
    ),
    Mutant(
        "no promise is impossible",
        always((PreVotes, "_impossible"), gives=False),
        unit=LEDGER + "test_promises.py",
    ),
    Mutant(
        "nobody is fetched after the others",
        always((replica_module, "furthest"), gives=0),
        unit=LEDGER + "test_promises.py",
    ),
    Mutant(
        "what cannot be encoded is raised",
        _encode_errors_are_raised,
        unit="tests/unit/adapters/test_links.py",
    ),
    Mutant("vows of other terms choose", _all_vows_count, unit=LEDGER + "test_one_word.py"),
    Mutant(
        "a log may be read without end",
        always((LogSelection, "endless"), gives=False),
        unit=LEDGER + "test_one_word.py",
    ),
    Mutant(
        "any end is an end of the log",
        always((Tail, "may_hold"), gives=True),
        unit=LEDGER + "test_one_word.py",
    ),
    Mutant(
        "any word is progress",
        _any_word_is_progress,
        unit=LEDGER + "test_one_word.py",
    ),
)
