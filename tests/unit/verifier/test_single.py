"""One container is enough only if the root certified it to stand alone, and the program says so."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.client import Trust
from appliance.codec.api import GrantDocument
from appliance.verifier.documents import FirmWordsDocument
from appliance.verifier.receipts import Verifier, Wanted
from appliance.verifier.refusals import NotProven
from appliance.verifier.trust import REDUNDANCIES
from appliance.verifier.trust import SINGLE as ALONE
from tests.unit.verifier import vectors
from tests.unit.verifier.plant import FIRM_CODE, ITEM, ITEMS, Endorser, Plant
from tests.unit.verifier.single_vectors import ORDINARY, WANTED, grant_by, single_of

FILE = json.loads(vectors.VECTORS.read_text("utf-8"))
PLANT = Plant()
SINGLES = (single_of(PLANT, "A1"), single_of(PLANT, "A1", " other"), single_of(PLANT, "B2"))
TWINS = (*PLANT.twins, PLANT.twin(1, "B2"), PLANT.twin(2, "B2"))
POOL = (*SINGLES, *TWINS)
GROUP = ("A1", "A1", "B2", "A1", "A1", "A1", "B2", "B2")
NUMBER = (0, 0, 0, 1, 2, 3, 1, 2)
WORDS = tuple(PLANT.words(item, (ORDINARY, *ITEMS), twins=POOL) for item in (ORDINARY, ITEM))


@pytest.mark.parametrize("case", FILE["single_cases"], ids=lambda case: case["name"])
def test_each_case_of_the_published_file(case) -> None:
    grant = msgspec.convert(case["grant"], GrantDocument)
    wanted = msgspec.convert(case["wanted"], Wanted)
    verifier = Verifier(Trust(PLANT.root, redundancy=case["redundancy"]))
    for words in case["firm_words"]:
        verifier.learn(msgspec.convert(words, FirmWordsDocument))
    if case["expected"] == "accepted":
        verifier.verify(grant, wanted)
        assert verifier.lacking(grant) == ()
        assert verifier.endorsers(grant)
        return
    with pytest.raises(NotProven) as refused:
        verifier.verify(grant, wanted)
    assert refused.value.reason == case["expected"]


def believed(said: list[tuple[int, bool, bool]], redundancy: str, tmr_id: int) -> bool:
    """The rule in other words: whose word holds, and whether there are enough of them."""
    good = {who for who, lies, objects in said if not lies and not objects}
    pairs = {(GROUP[who], NUMBER[who]) for who in good if NUMBER[who]}
    two = any(sum(group == of for group, _ in pairs) > 1 for of in ("A1", "B2"))
    one = any(not NUMBER[who] for who in good) and redundancy == ALONE and tmr_id == 0
    return two or one


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(POOL) - 1), st.booleans(), st.booleans()),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(REDUNDANCIES),
    st.sampled_from((ORDINARY, ITEM)),
)
def test_whoever_endorses(said: list[tuple[int, bool, bool]], redundancy: str, item) -> None:
    """All containers hold both licences: what counts is who speaks, and how many of them."""
    verifier = Verifier(Trust(PLANT.root, redundancy=redundancy))
    for words in WORDS:
        verifier.learn(words)
    endorsers = [Endorser(POOL[who], (0,) if objects else (), lies) for who, lies, objects in said]
    grant = grant_by(PLANT, *endorsers, item=item)
    try:
        verifier.verify(grant, WANTED)
    except NotProven as refused:
        assert not believed(said, redundancy, item.tmr_id), refused.reason
    else:
        assert believed(said, redundancy, item.tmr_id)


def test_what_a_thief_of_all_keys_of_a_triple_can_make_of_one() -> None:
    """Whatever item a stolen twin names, and however often it signs, no program takes it alone."""
    for redundancy in REDUNDANCIES:
        for item in (ORDINARY, ITEM):
            for twin in PLANT.twins:
                verifier = Verifier(Trust(PLANT.root, {FIRM_CODE}, redundancy=redundancy))
                verifier.learn(PLANT.words(item, twins=PLANT.twins))
                with pytest.raises(NotProven) as refused:
                    verifier.verify(grant_by(PLANT, *[Endorser(twin)] * 3, item=item), WANTED)
                assert refused.value.reason == "same-twin"


def test_another_word_than_the_two_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="redundancy is 'none'"):
        Trust(PLANT.root, redundancy="none")
