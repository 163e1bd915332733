"""What a vendor's station concludes from the ledger heads in the contacts of one container. Pure.

    a contact whose head                                         is
    -----------------------------------------------------------  ---------------------------------
    has a later term and a lower index than one before, or       **went-back**: committed entries
    another root at the same index                               are gone
    names a loss that none before named                          **loss-noted**: the ledger itself
                                                                 has the proof that it was put back
    is of another ledger, which an operator restored             **restored**, with his reason
    is of another ledger, which was founded from nothing         **another**
    is of a ledger that another one had followed                 **two-ledgers**: both live on

All of it is the container's own signed word, in two contacts: whoever holds its key may leave out
what he likes, and nobody else can make any of it up. Nothing is refused by it.

What can go wrong in here is an honest ledger that looks as if it had gone back. A container that
was away has an old head, but of an old term as well: whatever a later term has proven lies behind
all that any term before had. So a lower index of the same term says nothing.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from appliance.codec.contacts import Contact, LedgerHead, read_contact

HEADS_MAX: Final = 4
"""Of so many ledgers of one container the newest head is kept; beyond that the one that was spoken
of longest ago is forgotten."""
TURNED_MAX: Final = 8
"""So many things that were found of one container's ledgers are kept, the newest."""

WENT_BACK: Final = "went-back"
LOSS_NOTED: Final = "loss-noted"
RESTORED: Final = "restored"
ANOTHER: Final = "another"
TWO_LEDGERS: Final = "two-ledgers"


class Turned(msgspec.Struct, frozen=True, array_like=True):
    """Something that was found, the last time with these two contacts, at `at_s` (Unix time);
    `times` counts how often."""

    what: str
    one: str
    other: str
    at_s: int
    times: int = 1


class Heads(msgspec.Struct, frozen=True, array_like=True):
    """The contact with the newest head of each ledger, the one spoken of last at the end; and what
    was found."""

    newest: Annotated[tuple[str, ...], msgspec.Meta(max_length=HEADS_MAX)] = ()
    found: Annotated[tuple[Turned, ...], msgspec.Meta(max_length=TURNED_MAX)] = ()


def judged(heads: Heads, text: str, contact: Contact, now_s: int) -> tuple[str, Heads]:
    """What this contact's head is, "" for nothing to tell, and what is kept then."""
    here = contact.ledger
    if not here.index:
        return "", heads
    before = {one.ledger_id: (one, kept) for kept in heads.newest for one in (_head_of(kept),)}
    last = next(reversed(before.values()), None)
    known = before.pop(here.ledger_id, None)
    what = _what(here, last and last[0], known and known[0])
    kept = text
    if known is not None and not what and _place(here) < _place(known[0]):
        kept = known[1]
    newest = (*(one for _, one in before.values()), kept)[-HEADS_MAX:]
    if not what:
        return "", Heads(newest, heads.found)
    other = known[1] if known is not None and what != TWO_LEDGERS else heads.newest[-1]
    return what, Heads(newest, _added(heads.found, Turned(what, other, text, now_s)))


def _what(here: LedgerHead, last: LedgerHead | None, known: LedgerHead | None) -> str:
    if last is None:
        return ""
    if last.ledger_id != here.ledger_id:
        if known is not None:
            return TWO_LEDGERS
        return RESTORED if here.origin else ANOTHER
    assert known is not None
    if _contradict(known, here):
        return WENT_BACK
    return LOSS_NOTED if here.loss and here.loss != known.loss else ""


def _contradict(one: LedgerHead, other: LedgerHead) -> bool:
    """Whether no ledger that keeps what it committed has both of these heads."""
    if one.index == other.index:
        return one.root != other.root
    return (one.term - other.term) * (one.index - other.index) < 0


def _place(head: LedgerHead) -> tuple[int, int]:
    return head.term, head.index


def _added(found: tuple[Turned, ...], now: Turned) -> tuple[Turned, ...]:
    """The same again counts; its newest contacts take the place of those before."""
    ledger = _head_of(now.other).ledger_id
    times, others = 1, []
    for one in found:
        if (one.what, _head_of(one.other).ledger_id) == (now.what, ledger):
            times += one.times
        else:
            others.append(one)
    return (*others, msgspec.structs.replace(now, times=times))[-TURNED_MAX:]


def _head_of(text: str) -> LedgerHead:
    return read_contact(text).ledger
