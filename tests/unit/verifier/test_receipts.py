"""The acceptance rule, case by case, from the published vectors."""

from __future__ import annotations

import base64
import itertools
import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.codec.api import GrantDocument
from appliance.verifier.certificates import (
    CertificateRefused,
    ContainerIdentity,
    verify_container_certificate,
)
from appliance.verifier.documents import FirmWordsDocument
from appliance.verifier.receipts import (
    Verifier,
    Wanted,
    _Batch,
    _Word,
    judge,
)
from appliance.verifier.recent import Recent
from appliance.verifier.refusals import (
    DIFFERENT_LEDGER,
    REASONS,
    SAME_TWIN,
    WRONG_FIRM,
    NotProven,
)
from appliance.verifier.trust import BEFORE_BUILD, CLOCK_DIFFERS, Trust
from tests.unit.verifier import vectors
from tests.unit.verifier.plant import Endorser, Plant, a_grant, a_line, changed, seeded_bytes

FILE = json.loads(vectors.VECTORS.read_text("utf-8"))
ROOT = base64.b64decode(FILE["root_certificate"])
SENTENCES = {
    "no-receipt": "the server sent a grant without a receipt",
    "wrong-nonce": "it answers another request than this one",
    "path-mismatch": "the grant is not under the endorsed outcome root",
    "objected": "a container's own time or contents speak against it",
    "different-groups": "the containers do not share a CmActID",
}


def test_the_published_file_is_what_the_code_makes() -> None:
    assert vectors.text() == vectors.VECTORS.read_text("utf-8")


@pytest.mark.parametrize("case", FILE["cases"], ids=lambda case: case["name"])
def test_each_case_of_the_published_file(case) -> None:
    grant = msgspec.convert(case["grant"], GrantDocument)
    wanted = msgspec.convert(case["wanted"], Wanted)
    verifier = Verifier(Trust(ROOT, frozenset({100001})))
    for words in FILE["firm_words"]:
        verifier.learn(msgspec.convert(words, FirmWordsDocument))
    for _ in range(2):  # the second time from its caches
        if case["expected"] == "accepted":
            verifier.verify(grant, wanted)
        else:
            with pytest.raises(NotProven) as refused:
                verifier.verify(grant, wanted)
            assert refused.value.reason == case["expected"]
            assert refused.value.detail == SENTENCES.get(
                case["expected"], refused.value.detail or "a sentence"
            )


def read_words(verifier: Verifier, case) -> None:
    for words in case["firm_words"]:
        verifier.learn(msgspec.convert(words, FirmWordsDocument))


@pytest.mark.parametrize("case", FILE["word_cases"], ids=lambda case: case["name"])
def test_each_case_of_a_firms_word(case) -> None:
    grant = msgspec.convert(case["grant"], GrantDocument)
    wanted = msgspec.convert(case["wanted"], Wanted)
    verifier = Verifier(Trust(ROOT))
    if case["expected"] == "accepted":
        assert verifier.lacking(grant) == grant.keys
        read_words(verifier, case)
        assert verifier.lacking(grant) == ()
        verifier.verify(grant, wanted)
        return
    with pytest.raises(NotProven) as refused:
        read_words(verifier, case)
        verifier.verify(grant, wanted)
    assert refused.value.reason == case["expected"]
    assert refused.value.detail


def test_the_cases_cover_every_reason() -> None:
    seen = {case["expected"] for case in FILE["cases"] + FILE["word_cases"] + FILE["single_cases"]}
    seen |= {DIFFERENT_LEDGER, BEFORE_BUILD, CLOCK_DIFFERS}  # of a client's own memory and settings
    assert seen == {"accepted", *REASONS}


def test_a_firm_code_that_is_not_pinned_is_refused() -> None:
    plant = Plant()
    grant = plant.receipt_for(a_grant(), vectors.NONCE)
    plant.taught(Verifier(Trust(plant.root))).verify(grant, vectors.WANTED)
    with pytest.raises(NotProven) as refused:
        Verifier(Trust(plant.root, frozenset({7}))).verify(grant, vectors.WANTED)
    assert refused.value.reason == WRONG_FIRM
    assert refused.value.detail == "firm code 100001 is not among the pinned ones"


@pytest.mark.parametrize("pinned", [True, False])
def test_another_ledger_is_refused_only_if_the_first_is_pinned(pinned: bool) -> None:
    plant, restored = Plant(), Plant(ledger_id=b"another ledger!!")
    verifier = plant.taught(Verifier(Trust(plant.root, pin_ledger=pinned)))
    verifier.verify(plant.receipt_for(a_grant(), vectors.NONCE), vectors.WANTED)
    grant = restored.receipt_for(a_grant(), vectors.NONCE)
    if not pinned:
        verifier.verify(grant, vectors.WANTED)
        return
    with pytest.raises(NotProven) as refused:
        verifier.verify(grant, vectors.WANTED)
    assert refused.value.reason == DIFFERENT_LEDGER
    assert b"another ledger!!".hex() in refused.value.detail


def test_a_refused_receipt_pins_no_ledger() -> None:
    plant, other = Plant(), Plant("elsewhere", ledger_id=b"another ledger!!")
    verifier = plant.taught(Verifier(Trust(plant.root, pin_ledger=True)))
    with pytest.raises(NotProven):
        verifier.verify(other.receipt_for(a_grant(), vectors.NONCE), vectors.WANTED)
    verifier.verify(plant.receipt_for(a_grant(), vectors.NONCE), vectors.WANTED)


def test_a_batch_is_verified_once_and_each_leaf_every_time() -> None:
    plant = Plant()
    verifier = plant.taught(Verifier(Trust(plant.root)))
    first = plant.receipt_for(a_grant(), vectors.NONCE)
    verifier.verify(first, vectors.WANTED)
    verifier.verify(first, vectors.WANTED)
    assert first.receipt is not None
    verifier.verify_batch(first.receipt)
    assert verifier.batches_verified == 1
    with pytest.raises(NotProven):
        verifier.verify(changed(first, lines=(a_line(tmr_id=5),)), vectors.WANTED)
    assert verifier.batches_verified == 1
    verifier.verify(plant.receipt_for(a_grant(), vectors.NONCE), vectors.WANTED)
    assert verifier.batches_verified == 2


def test_a_cached_batch_does_not_vouch_for_other_signatures() -> None:
    plant = Plant()
    verifier = plant.taught(Verifier(Trust(plant.root)))
    good = plant.receipt_for(a_grant(), vectors.NONCE)
    verifier.verify(good, vectors.WANTED)
    assert good.receipt is not None
    one = good.receipt.endorsements[0]
    alone = changed(good, receipt=changed(good.receipt, endorsements=(one,)))
    with pytest.raises(NotProven) as refused:
        verifier.verify(alone, vectors.WANTED)
    assert refused.value.reason == "one-endorsement"


def test_a_root_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(CertificateRefused):
        Verifier(Trust(Plant().twins[0].certificate))


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_flipped_bit_in_receipt_or_grant_is_accepted(data: st.DataObject) -> None:
    plant = Plant()
    others = tuple(seeded_bytes(f"other {number}") for number in range(6))
    grant = plant.receipt_for(a_grant(), vectors.NONCE, others=others, position=3)
    assert grant.receipt is not None
    receipt = grant.receipt
    name = data.draw(
        st.sampled_from(
            ["ledger_id", "log_root", "outcome_root", "command_hash", "nonce", "path", "signature"]
        )
    )

    def flipped(value: bytes) -> bytes:
        bit = data.draw(st.integers(0, len(value) * 8 - 1))
        changed_bytes = bytearray(value)
        changed_bytes[bit // 8] ^= 1 << bit % 8
        return bytes(changed_bytes)

    if name == "path":
        which = data.draw(st.integers(0, len(receipt.path) - 1))
        path = list(receipt.path)
        path[which] = flipped(path[which])
        spoiled = changed(receipt, path=tuple(path))
    elif name == "signature":
        first = receipt.endorsements[0]
        spoiled = changed(
            receipt,
            endorsements=(
                changed(first, signature=flipped(first.signature)),
                receipt.endorsements[1],
            ),
        )
    else:
        spoiled = changed(receipt, **{name: flipped(getattr(receipt, name))})
    with pytest.raises(NotProven):
        plant.taught(Verifier(Trust(plant.root))).verify(
            changed(grant, receipt=spoiled), vectors.WANTED
        )


@pytest.mark.parametrize(("endorsements", "accepted"), [(8, True), (9, False)])
def test_endorsements_are_bounded(endorsements: int, accepted: bool) -> None:
    plant = Plant()
    endorsers = [Endorser(plant.twins[number % 3]) for number in range(endorsements)]
    grant = plant.receipt_for(a_grant(), vectors.NONCE, endorsers=endorsers)
    verifier = plant.taught(Verifier(Trust(plant.root)))
    if accepted:
        verifier.verify(grant, vectors.WANTED)
        return
    with pytest.raises(NotProven, match="9 endorsements") as refused:
        verifier.verify(grant, vectors.WANTED)
    assert refused.value.reason == "malformed"


def test_a_number_that_does_not_fit_an_endorsement_is_malformed() -> None:
    plant = Plant()
    grant = plant.receipt_for(a_grant(), vectors.NONCE)
    assert grant.receipt is not None
    spoiled = changed(grant.receipt, log_time_ms=2**64)
    with pytest.raises(NotProven, match="out of range") as refused:
        plant.taught(Verifier(Trust(plant.root))).verify(
            changed(grant, receipt=spoiled), vectors.WANTED
        )
    assert refused.value.reason == "malformed"


def test_a_certificate_is_verified_once(monkeypatch: pytest.MonkeyPatch) -> None:
    plant, verified = Plant(), []

    def counting(certificate: bytes, root: bytes) -> ContainerIdentity:
        verified.append(certificate)
        return verify_container_certificate(certificate, root)

    monkeypatch.setattr("appliance.verifier.receipts.verify_container_certificate", counting)
    verifier = plant.taught(Verifier(Trust(plant.root)))
    for _ in range(3):
        verifier.verify(plant.receipt_for(a_grant(), vectors.NONCE), vectors.WANTED)
    assert verifier.batches_verified == 3
    assert len(verified) == len(set(verified)) == 2


def word(group: str, twin: int) -> _Word:
    return _Word(ContainerIdentity("130-1", group, twin, bytes(32)), frozenset())


@pytest.mark.parametrize("places", tuple(itertools.combinations(range(5), 2)))
def test_two_twins_are_found_wherever_they_stand(places: tuple[int, int]) -> None:
    """All others are the same twin of another group."""
    words = [word("other", 1)] * 5
    for twin, place in enumerate(places, 1):
        words[place] = word("group", twin)
    judge(_Batch(tuple(words), ()), 0)
    words[places[1]] = word("group", 1)
    with pytest.raises(NotProven):
        judge(_Batch(tuple(words), ()), 0)


def test_the_twin_that_signed_twice_is_named() -> None:
    with pytest.raises(NotProven, match="twin 3 alone signed twice") as refused:
        judge(_Batch((word("group", 3),) * 2, ()), 0)
    assert refused.value.reason == SAME_TWIN


def test_a_cache_drops_what_was_used_longest_ago() -> None:
    recent: Recent[str, int] = Recent(2)
    for number, name in enumerate(("a", "b"), 1):
        recent.put(name, number)
    assert recent.get("a") == 1
    recent.put("c", 3)
    assert [recent.get(name) for name in ("a", "b", "c")] == [1, None, 3]


def test_a_load_generators_check_looks_at_the_position() -> None:
    plant = Plant()
    endorsers = (Endorser(plant.twins[0]), Endorser(plant.twins[1], objections=(0,)))
    grant = plant.receipt_for(a_grant(), vectors.NONCE, endorsers=endorsers)
    assert grant.receipt is not None
    with pytest.raises(NotProven):
        Verifier(Trust(plant.root)).verify_batch(grant.receipt)
