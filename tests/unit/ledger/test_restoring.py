"""Three stores that wait for a restore, an operator's word at each, and what would be lost."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from appliance.ledger.limits import Limits
from appliance.ledger.log.book import Book
from appliance.ledger.log.tail import Tail
from appliance.ledger.membership.founding_anew import (
    AWAITS_RESTORE,
    DIFFERENT,
    NOT_ALL_AWAIT,
    WAITS,
    IntentRefused,
    decode_known,
    encode_known,
    entries_lost,
    founding,
    known_by,
    named,
    read_intent,
)
from appliance.ledger.messages import (
    Ack,
    Entry,
    EntryBody,
    Prepare,
    Promise,
    TermRefused,
    encode_body,
)
from appliance.ledger.replica.standing import BAD_REQUEST
from appliance.licences.carry_over import RESTORED_BYTES_MAX, intent_of
from appliance.licences.commands import Enrol, Found, Tick, encode_command
from appliance.licences.machine import Machine
from appliance.licences.records import NOTHING_KNOWN, Known, Origin
from appliance.sim.disk import Disk
from appliance.sim.vendor import READERS
from appliance.verifier.layouts import ZERO_ROOT, entry_root
from tests.unit.ledger.world import (
    FOUND,
    LOG,
    STORES,
    Bench,
    adopt,
    append,
    entries,
    only,
    term,
    vow,
)

OWN = Found(b"N" * 16, "131-9")
LOG_TIME_MS = 1_700_000_000_000


def an_intent(why: str = "fire", clients: bool = True) -> Found:
    book = Book(Machine(*READERS))
    for entry in entries((FOUND,), (Enrol("app", b"h" * 32, "adam", "new"),)):
        book.apply(entry)
    return intent_of(book.state, book.last_root, LOG_TIME_MS, "olga", why, clients=clients)


INTENT = encode_command(an_intent())


def founding_log(found: Found, log_time_ms: int = LOG_TIME_MS) -> list[Entry]:
    """A log whose first entry is this founding by the usual stores."""
    stores = tuple((name, store.id) for name, store in STORES.items())
    command = encode_command(replace(found, ledger_id=OWN.ledger_id, stores=stores))
    body = encode_body(EntryBody(log_time_ms, (), (command,)))
    return [Entry(1, term(1), entry_root(ZERO_ROOT, 1, body), body)]


def waiting() -> Bench:
    """A replica with an empty store that waits for a restore, and serves term 1."""
    bench = Bench(Disk(STORES["up1"], restore=encode_known(NOTHING_KNOWN)))
    begin(bench)
    return bench


def begin(bench: Bench) -> None:
    """Term 1 begins with the empty log, which all three promised."""
    bench.ask(Prepare(term(1)))
    vows = tuple(vow(term(1), [], name) for name in STORES)
    bench.ask(adopt(term(1), [], vows=vows))


def stored(bench: Bench, log: list[Entry]) -> bool:
    (answer,) = bench.ask(append(term(1), log, 1))
    assert isinstance(answer, Ack | TermRefused)
    if isinstance(answer, TermRefused):
        assert answer.why == BAD_REQUEST
        assert bench.replica.book.last_index == 0
    return isinstance(answer, Ack)


def test_a_store_that_waits_says_what_it_was_told() -> None:
    bench = Bench(Disk(STORES["up1"], restore=encode_known(NOTHING_KNOWN)))
    assert bench.replica.awaits_restore
    assert only(bench.ask(Prepare(term(1))), Promise).restore == WAITS
    bench.replica.restore(INTENT)
    assert only(bench.ask(Prepare(term(2))), Promise).restore == INTENT
    assert only(Bench().ask(Prepare(term(1))), Promise).restore is None


def test_it_stores_the_founding_that_it_was_told_of_and_no_other() -> None:
    bench = waiting()
    plain, restored = founding_log(OWN, 0), founding_log(an_intent())
    assert not stored(bench, plain)
    assert not stored(bench, restored)
    bench.replica.restore(INTENT)
    assert not stored(bench, plain)
    assert not stored(bench, founding_log(an_intent(clients=False)))
    assert not stored(bench, founding_log(an_intent(), LOG_TIME_MS + 1))
    assert not stored(bench, founding_log(an_intent(), 0))
    assert stored(bench, founding_log(an_intent("another reason")))
    assert bench.replica.book.log_time_ms == LOG_TIME_MS
    assert not bench.replica.awaits_restore
    assert only(bench.ask(Prepare(term(2))), Promise).restore is None


def test_neither_does_it_adopt_another_one() -> None:
    bench = Bench(Disk(STORES["up1"], restore=encode_known(NOTHING_KNOWN)))
    bench.ask(Prepare(term(5)))
    assert only(bench.ask(adopt(term(5), LOG[:3])), TermRefused).why == BAD_REQUEST
    assert bench.replica.book.last_index == 0


def test_one_that_waits_for_none_is_not_restored_over() -> None:
    bench = Bench()
    begin(bench)
    assert not stored(bench, founding_log(an_intent()))
    assert stored(bench, founding_log(OWN, 0))


def test_a_store_that_joins_later_takes_whatever_ledger_there_is() -> None:
    joins = Bench(Disk(replace_store()))
    joins.ask(Prepare(term(5)))
    log = founding_log(an_intent())
    joins.ask(adopt(term(5), log))
    assert joins.replica.book.last_index == 1
    assert not joins.replica.votes


def replace_store():
    return type(STORES["up1"])(b"store-of-a-later-day")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((None, None, None), OWN),
        ((WAITS, WAITS, WAITS), AWAITS_RESTORE),
        ((INTENT, WAITS, INTENT), AWAITS_RESTORE),
        ((INTENT, INTENT, None), NOT_ALL_AWAIT),
        ((WAITS, None, None), NOT_ALL_AWAIT),
        ((INTENT, encode_command(an_intent("else")), INTENT), DIFFERENT),
        ((b"no", b"no", b"no"), DIFFERENT),
        ((INTENT, INTENT, INTENT), replace(an_intent(), ledger_id=OWN.ledger_id)),
    ],
)
def test_nothing_is_founded_before_all_three_say_the_same(words, found) -> None:
    assert founding(words, OWN, 1) == found


def test_no_ledger_has_the_id_of_one_that_was() -> None:
    """The process that founded the lost ledger founds the new one, and the same backup twice."""
    old, new = (tuple((f"up{n}", b"%d-%d" % (day, n)) for n in (1, 2, 3)) for day in (1, 2))
    again = replace(an_intent(), ledger_id=FOUND.ledger_id)
    first, second = named(again, old), named(again, new)
    assert len({FOUND.ledger_id, first.ledger_id, second.ledger_id}) == 3
    assert (first.stores, second.stores) == (old, new)
    assert named(again, old[::-1]).ledger_id == first.ledger_id
    plain = [named(OWN, stores) for stores in (old, new)]
    assert len({OWN.ledger_id, first.ledger_id, *(found.ledger_id for found in plain)}) == 4
    assert [replace(found, ledger_id=b"") for found in plain] == [
        replace(OWN, ledger_id=b"", stores=stores) for stores in (old, new)
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "nothing to restore"),
        (encode_command(Tick()), "from nothing"),
        (encode_command(FOUND), "from nothing"),
        (encode_command(replace(an_intent(), ledger_id=b"x")), "not for an operator"),
        (encode_command(replace(an_intent(), stores=FOUND.stores)), "not for an operator"),
        (bytes(RESTORED_BYTES_MAX + 1), "leave the enrolled clients out"),
    ],
)
def test_what_is_nothing_to_restore_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(IntentRefused, match=words) as refused:
        waiting().replica.restore(data)
    assert refused.value.detail.startswith(("This is", "Which", "What"))
    assert refused.value.detail.endswith(".")
    assert read_intent(INTENT) == an_intent()


A, B = b"A" * 16, b"B" * 16


@pytest.mark.parametrize(
    ("known", "index", "lost"),
    [
        (NOTHING_KNOWN, 5, 0),
        (Known(A, "131-1", 9), 5, 4),
        (Known(A, "131-1", 9), 9, 0),
        (Known(A, "131-1", 9), 12, 0),
        (Known(B, "131-1", 7, Origin(A, 9, b"")), 5, 11),
        (Known(B, "131-1", 7, Origin(A, 9, b"")), 9, 7),
        (Known(B, "131-1", 7), 5, None),
    ],
)
def test_what_would_be_lost_is_counted(known: Known, index: int, lost: int | None) -> None:
    assert entries_lost(known, A, index) == lost
    assert decode_known(encode_known(known)) == known


def test_a_host_remembers_the_ledger_that_it_forgets() -> None:
    tail = Tail(Machine(*READERS), Limits())
    assert known_by(tail.book) == NOTHING_KNOWN
    tail.take(LOG)
    tail.commit(3)
    tail.forget()
    assert tail.book.before == Known(b"L" * 16, "131-1", 3)
    tail.forget()
    assert tail.book.before.index == 3, "what knew nothing is no memory"
