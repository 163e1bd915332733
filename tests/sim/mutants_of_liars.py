"""Planted bugs that only a lying host of five meets: a check left out that stands against liars."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.ledger import adoption as adoption_module
from appliance.ledger import choice as choice_module
from appliance.ledger import following as following_module
from appliance.ledger import proofs as proofs_module
from appliance.ledger import standing as standing_module
from appliance.ledger.adoption import Adoption
from appliance.ledger.receipts import agreeing
from appliance.ledger.standing import Standing
from appliance.licences.members import Membership
from tests.sim.planting import Mutant, Patch


def _always(*targets: tuple[Any, str], gives: Any) -> Patch:
    """Each of these functions gives the same, whatever it is asked."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        for owner, name in targets:
            monkeypatch.setattr(owner, name, lambda *_, **__: gives)

    return patch


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


MUTANTS = (
    Mutant("upstreams do not weigh vows", _always((Adoption, "_unjustified"), gives="")),
    Mutant(
        "grounds are not looked at", _always((choice_module, "believable"), gives=True), also=(237,)
    ),
    Mutant("consent is not asked for", _always((Standing, "consents_to"), gives=True)),
    Mutant(
        "proofs are not verified",
        _always(
            *((module, "is_proven") for module in (choice_module, following_module)),
            *((module, "is_proven") for module in (standing_module, adoption_module)),
            gives=True,
        ),
    ),
    Mutant("a passive host believes proofs", _always((following_module, "is_proven"), gives=True)),
    Mutant("one voice proves a commit", _one_voice_proves),
    Mutant("one voice twice proves a commit", _one_voice_twice_proves),
    Mutant("a name in a proof is a voice", _names_are_voices),
    Mutant("an empty log needs no votes", _always((Adoption, "_unfounded"), gives="")),
    Mutant("the outcome of a refusal is a grant", _refusals_are_grants),
)

UNSEEN = {
    "vows are not verified": "test_justified_adopt: two vows, one with another's signature",
    "log time is pushed by a coordinator": "test_replica, test_liars: an entry with a far log time",
    "log time in an adopt is not judged": "test_liars: the same in an adopt and in a long append",
    "whoever vows votes": "test_weigh, test_justified_adopt: a vow of a store that is not listed",
    "what forgot is believed": "test_late_entries, test_liars: a vow below its own signature",
    "the read log proves itself": "test_liars: proofs by stores that only the read log lists",
    "one upstream begins a follower's copy": "test_following: a made-up ledger from one upstream",
    "a client counts one twin twice": "tests/unit/ledger/test_merkle and the receipts' vectors",
    "expiry by a follower": "it has no term to send it in; see `expiries outlive their term`",
    "a verdict that flaps": "VRRP's verdict is not simulated: test_duty plays it case by case",
    "learner votes, wiped disk votes": "both are `unlisted stores vote`: votes belong to stores",
    "a term used twice after a restart": "`make model` finds it: TERM_TWICE",
    "a chunked adopt": "`make model` finds it: CHUNKED_ADOPT",
    "replacement counted in the wrong set": "`make model`: OLD_SET, OLD_SET_CHOOSES, NEW_SET_EARLY",
    "a new store votes at once": "no seed met it; `make model` finds it: NEW_SET_EARLY",
}
"""What no seed of the budget meets, or the simulator cannot express, and what stands against it.

A host that may act on one of these needs several lucky moments in a row; so the check that is left
out has a unit test of its own, which fails without it.
"""
