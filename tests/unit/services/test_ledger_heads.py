"""A vendor sees from a container's contacts that its ledger went back; no honest life looks so."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from appliance.adapters.contact_log import ContactLog
from appliance.cli._heads import heads as heads_verb
from appliance.codec.contacts import WHY_MAX, Contact, LedgerHead, build_contact, read_contact
from appliance.ledger.certificates.proofs import CommitProof
from appliance.ledger.election.terms import Term
from appliance.licences.records import Act, Loss, Origin
from appliance.licences.serials import Mask, Serial
from appliance.licences.state import State
from appliance.services.contacts import CONTACTS, NEXT, ContactBook
from appliance.services.ledger_heads import (
    ANOTHER,
    HEADS_MAX,
    LOSS_NOTED,
    RESTORED,
    TURNED_MAX,
    TWO_LEDGERS,
    WENT_BACK,
    Heads,
    judged,
)
from appliance.services.upstream.heads import head_of

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
SERIAL = str(Serial.of_key(Mask.SOFTWARE_UNIVERSAL, PUBLIC))
NOW_S = 1_800_000_000
A, B, C = "aa" * 16, "bb" * 16, "cc" * 16


def head(index: int, term: int = 1, ledger: str = A, **more: Any) -> LedgerHead:
    values: dict[str, Any] = {
        "ledger_id": ledger,
        "term": term,
        "index": index,
        "root": b"%d" % index,
    }
    return LedgerHead(**(values | more))


class Vendor:
    """Takes one contact after the other."""

    def __init__(self) -> None:
        self.heads = Heads()
        self.number = 0

    def hears(self, ledger: LedgerHead) -> str:
        self.number += 1
        contact = Contact(
            serial=SERIAL,
            public_key=PUBLIC,
            station="one",
            number=self.number,
            previous=b"",
            nonce=bytes(16),
            ledger=ledger,
            created_at_s=NOW_S,
        )
        text = build_contact(KEY, contact)
        what, self.heads = judged(self.heads, text, contact, NOW_S)
        return what

    def shown(self) -> list[tuple[str, LedgerHead, LedgerHead, int]]:
        return [
            (one.what, read_contact(one.one).ledger, read_contact(one.other).ledger, one.times)
            for one in self.heads.found
        ]


@pytest.mark.parametrize(
    "then", [head(12, term=2), head(20, root=b"other"), head(20, term=3, root=b"other")]
)
def test_a_ledger_that_went_back_is_found_with_both_heads(then: LedgerHead) -> None:
    vendor = Vendor()
    assert vendor.hears(head(17)) == ""
    assert vendor.hears(head(20)) == ""
    assert vendor.hears(then) == WENT_BACK
    assert vendor.shown() == [(WENT_BACK, head(20), then, 1)]
    assert vendor.hears(head(then.index + 1, term=3)) == ""
    assert vendor.hears(head(5, term=4)) == WENT_BACK
    assert vendor.shown() == [(WENT_BACK, head(then.index + 1, term=3), head(5, term=4), 2)]


def test_it_is_found_too_if_the_true_ledger_comes_after_the_one_that_was_put_back() -> None:
    vendor = Vendor()
    assert vendor.hears(head(12, term=2)) == ""
    assert vendor.hears(head(20)) == WENT_BACK


def test_no_honest_ledger_is_found_whatever_is_late_or_lost() -> None:
    """Power cuts, failovers and replaced stores: proofs of one history, in any order."""
    for seed in range(50):
        chance, vendor = Random(seed), Vendor()
        history = [head(1)]
        for _ in range(60):
            last = history[-1]
            term = last.term + (chance.random() < 0.3)
            history.append(head(last.index + chance.randint(0, 3), term))
            shown = history[-1] if chance.random() < 0.6 else chance.choice(history)
            assert vendor.hears(shown) == ""
            assert vendor.hears(LedgerHead()) == ""
        assert vendor.heads.found == ()


def test_what_the_ledger_itself_proves_is_told_once() -> None:
    vendor = Vendor()
    vendor.hears(head(17))
    assert vendor.hears(head(18, loss="abcd")) == LOSS_NOTED
    assert vendor.hears(head(19, loss="abcd", why="snapshot by mistake")) == ""
    assert vendor.hears(head(25, loss="ef01")) == LOSS_NOTED


def test_an_honest_restore_is_shown_as_one_with_its_reason() -> None:
    vendor = Vendor()
    vendor.hears(head(17))
    restored = head(2, 1, B, origin=A, origin_index=15, why="fire in the server room")
    assert vendor.hears(restored) == RESTORED
    assert vendor.hears(head(9, 2, B, origin=A, origin_index=15)) == ""
    # The restore did not do, and was done again from the same backup.
    assert vendor.hears(head(2, 1, C, origin=A, origin_index=15)) == RESTORED
    assert {what for what, *_ in vendor.shown()} == {RESTORED}
    assert vendor.shown()[0][1:3] == (head(17), restored)


def test_a_ledger_founded_from_nothing_and_two_that_live_on() -> None:
    vendor = Vendor()
    vendor.hears(head(17))
    assert vendor.hears(head(2, 1, B)) == ANOTHER
    assert vendor.hears(head(18)) == TWO_LEDGERS
    assert vendor.hears(head(3, 1, B)) == TWO_LEDGERS
    assert [what for what, *_ in vendor.shown()] == [ANOTHER, TWO_LEDGERS, TWO_LEDGERS]


def test_what_is_kept_is_bounded() -> None:
    vendor = Vendor()
    for number in range(3 * TURNED_MAX):
        vendor.hears(head(2, 1, f"{number:032x}"))
    assert len(vendor.heads.newest) == HEADS_MAX
    assert len(vendor.heads.found) == TURNED_MAX


def test_a_container_says_what_is_proven_and_why_its_operator_restored() -> None:
    state = State()
    proof = CommitProof(Term(3, "tmr1", 1), 17, b"r" * 32, b"", ())
    assert head_of(state, proof) == LedgerHead()
    state.ledger_id = b"\xbb" * 16
    assert head_of(state, None) == LedgerHead()
    assert head_of(state, proof) == head(17, 3, B, root=b"r" * 32)
    state.origin = Origin(b"\xaa" * 16, 15, b"")
    state.note(Act("restore", "x", "cert:op", "fire " * 50, 0))
    state.note(Act("release", "x", "cert:op", "another act", 0))
    said = head_of(state, proof)
    assert (said.origin, said.origin_index, said.loss) == (A, 15, "")
    assert said.why == ("fire " * 50)[:WHY_MAX]
    state.set_loss(Loss(index=20, root=b"x", entry=18, key=b"\x01"))
    assert (head_of(state, proof).loss, head_of(state, proof).why) == ("01", "")
    state.note(Act("accept-loss", "entry 20", "cert:op", "a snapshot by mistake", 0))
    assert head_of(state, proof).why == "a snapshot by mistake"


def test_the_vendor_lists_it_with_both_signed_contacts(tmp_path: Path) -> None:
    book, runner = ContactBook(tmp_path / CONTACTS), CliRunner()
    assert "No container's ledger" in runner.invoke(heads_verb, obj=tmp_path).output
    log = ContactLog(tmp_path, SERIAL, PUBLIC, lambda: KEY)
    log.answered("central", book.station, "")
    said = []
    for ledger in (head(17), head(12, term=2), head(2, 1, B, origin=A, why="a fire")):
        text = log.begin("central", ledger, NOW_S)
        said.append(book.note(text, NOW_S))
        log.answered("central", book.station, text)
    assert said == [NEXT, WENT_BACK, RESTORED]
    back, restored = json.loads(runner.invoke(heads_verb, ["--json"], obj=tmp_path).output)["heads"]
    assert (back["serial"], back["what"], back["times"]) == (SERIAL, WENT_BACK, 1)
    assert [read_contact(back[one]["signed"]).ledger for one in ("one", "other")] == [
        head(17),
        head(12, term=2),
    ]
    assert restored["other"]["why"] == "a fire"
    table = runner.invoke(heads_verb, obj=tmp_path).output
    assert "went back" in table and "a fire" in table
