"""Founding anew from a backup: who agreed to it, and what would be lost by it (design D7).

Three stores are made to wait for a restore (`tmr upstream init --for-restore ...`), so that no
coordinator founds an empty ledger in them. An operator then tells each of the three, at its own
administration API, what is to live on (`licences.carry_over.intent_of`). Their promises carry it, a
coordinator founds it once all three say the same, and each of them stores no other founding: so no
TMR host can restore what nobody asked for, or leave something out.

What can go wrong in here is an older state that takes the place of a newer one unseen. So whoever
knew the ledger remembers how far it had got, and the operator has to say how much is to be lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

import msgspec

from appliance.details import detail
from appliance.ledger.log.book import Book
from appliance.licences.carry_over import RESTORED_BYTES_MAX, mark_of
from appliance.licences.commands import Found, decode_command
from appliance.licences.records import NOTHING_KNOWN, Known
from appliance.unreadable import UNREADABLE

AWAITS_RESTORE: Final = detail("awaits-restore")
NOT_ALL_AWAIT: Final = detail("not-all-await")
DIFFERENT: Final = detail("restores-differ")
NEWER_RULES: Final = detail("restores-newer-rules")
UNFOUNDED: Final = frozenset({AWAITS_RESTORE, NOT_ALL_AWAIT, DIFFERENT, NEWER_RULES})
"""Why nothing is founded yet."""
LEDGER_ID_BYTES: Final = 16
WAITS: Final = b""
"""What a store that waits, and was told nothing yet, says of what it is to restore."""


class IntentRefused(Exception):
    """This is nothing that could be restored; `detail` says why, in one sentence."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def known_by(book: Book) -> Known:
    """The ledger in this book, as far as it is committed."""
    state = book.state
    if not state.founded or not book.commit_index:
        return NOTHING_KNOWN
    return Known(state.ledger_id, state.virtual_serial, book.commit_index, state.origin)


def encode_known(known: Known) -> bytes:
    """The bytes that a store made for a restore keeps of what its host knew before."""
    return _known_encoder.encode(known)


def decode_known(data: bytes) -> Known:
    """What a host knew before. Raises msgspec.DecodeError or msgspec.ValidationError."""
    return _known_decoder.decode(data)


def entries_lost(known: Known, ledger_id: bytes, index: int) -> int | None:
    """How many entries would be lost if that ledger were restored as of entry `index`; None if
    what is known is no such ledger, nor was restored from it."""
    if not known.ledger_id:
        return 0
    if known.ledger_id == ledger_id:
        return max(0, known.index - index)
    if known.origin.ledger_id == ledger_id:
        return max(0, known.origin.index - index) + known.index
    return None


def read_intent(data: bytes) -> Found:
    """The founding in these bytes. Raises IntentRefused."""
    if len(data) > RESTORED_BYTES_MAX:
        raise IntentRefused(
            f"What is to be restored takes {len(data)} bytes; {RESTORED_BYTES_MAX} are possible:"
            " leave the enrolled clients out, and enrol them again."
        )
    try:
        command = decode_command(data)
    except UNREADABLE as error:
        raise IntentRefused(f"This is nothing to restore: {error}.") from error
    if not isinstance(command, Found) or command.restored is None:
        raise IntentRefused("This is nothing to restore: it founds a ledger from nothing.")
    if command.ledger_id or command.stores:
        raise IntentRefused("Which ledger and stores it will be is not for an operator to say.")
    return command


def mark_in(intent: bytes | None) -> bytes | None:
    """The mark of the one founding that a store accepts: that of what it was told to restore,
    empty for one that waits for no restore, None for one that was told nothing yet."""
    if intent is None:
        return b""
    return mark_of(read_intent(intent)) if intent else None


def founding(words: Iterable[bytes | None], own: Found, known: int) -> Found | str:
    """What to found, given what all three stores say of a restore; or why nothing can be yet.

    `own` is this coordinator's founding of a ledger from nothing, `known` the newest rules that it
    knows.
    """
    said = set(words)
    if said == {None}:
        return own
    if None in said:
        return NOT_ALL_AWAIT
    if WAITS in said:
        return AWAITS_RESTORE
    if len(said) > 1:
        return DIFFERENT
    try:
        intent = read_intent(next(iter(said)) or b"")
    except IntentRefused:
        return DIFFERENT
    if intent.rules > known:
        return NEWER_RULES
    return msgspec.structs.replace(
        intent, ledger_id=own.ledger_id, names_key_hash=own.names_key_hash
    )


def named(found: Found, stores: tuple[tuple[str, bytes], ...]) -> Found:
    """This founding by these stores, as (place, store id).

    A coordinator draws an id when its process starts, and may have founded a ledger before by that
    very id: so each is named after its stores, too, and a restored one after what it goes on from.
    """
    mark = mark_of(found) if found.restored is not None else b""
    seed = [found.ledger_id, mark, *(store for _, store in sorted(stores))]
    ledger_id = sha256(b"".join(seed)).digest()[:LEDGER_ID_BYTES]
    return msgspec.structs.replace(found, ledger_id=ledger_id, stores=stores)


_known_encoder = msgspec.msgpack.Encoder()
_known_decoder = msgspec.msgpack.Decoder(Known)
