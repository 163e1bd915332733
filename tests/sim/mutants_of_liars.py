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


MUTANTS = (
    Mutant("upstreams do not weigh vows", always((Adoption, "_unjustified"), gives="")),
    Mutant(
        "grounds are not looked at", always((choice_module, "believable"), gives=True), also=(237,)
    ),
    Mutant("consent is not asked for", always((Standing, "consents_to"), gives=True)),
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
    Mutant("the outcome of a refusal is a grant", _refusals_are_grants),
)
