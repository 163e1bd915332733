"""Seals: what two stores say a snapshot is, so that nobody has to trust whoever hands it on (D3).

A log's root binds its entries, but not the state that they led to. So each store that dumped its
state after an entry, which it knows to be committed, signs the dump's digest: its **seal**. Two
seals of one head by two stores make a snapshot **sealed**: at least one of the two told the truth,
so this is what the committed log led to. A third store whose seal differs has a state that went
wrong.

What can go wrong in here is to ask the snapshot itself who votes: whoever made it up has listed
stores of his own in it. So whoever checks a seal names the stores that count from somewhere else.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Annotated, Final

import msgspec

from appliance.ledger.certificates.proofs import VerifyStore, Voice
from appliance.ledger.election.terms import Count, Key, Root
from appliance.licences.members import STORES

DUMP_FORMAT: Final = 1
"""Which bytes `appliance.licences.snapshot` makes of a state. Heads of different formats say
nothing of each other, so that releases which dump differently do not accuse each other."""
_SEAL_TAG: Final = b"tmr-seal-1\x00"


class StateHead(msgspec.Struct, frozen=True, array_like=True):
    """Which state a snapshot is: the one after entry `index`, with all that a book needs beside it.

    `digest` is that of the dump's last chunk, which covers all of them.
    """

    ledger_id: Key
    index: Count
    root: Root
    log_time_ms: Count
    digest: Root
    format: Count = DUMP_FORMAT


class Seal(msgspec.Struct, frozen=True, array_like=True):
    """One store's word for a snapshot."""

    head: StateHead
    voice: Voice


class Sealed(msgspec.Struct, frozen=True, array_like=True):
    """A snapshot that two stores sealed, or three."""

    head: StateHead
    voices: Annotated[tuple[Voice, ...], msgspec.Meta(max_length=STORES)]


def seal_bytes(head: StateHead) -> bytes:
    """The bytes a store signs for a snapshot."""
    return b"".join(
        (
            _SEAL_TAG,
            _bytes(head.ledger_id),
            struct.pack(">Q", head.index),
            _bytes(head.root),
            struct.pack(">Q", head.log_time_ms),
            _bytes(head.digest),
            struct.pack(">Q", head.format),
        )
    )


def is_seal(seal: Seal, verify: VerifyStore) -> bool:
    """Whether the store that it names made this seal."""
    return verify(seal.voice.store, seal_bytes(seal.head), seal.voice.signature)


def is_sealed(
    sealed: Sealed, counts: Callable[[bytes], bool], verify: VerifyStore, needed: int
) -> bool:
    """Whether as many different stores that count as it takes made these seals."""
    data = seal_bytes(sealed.head)
    signers = {
        voice.store
        for voice in sealed.voices
        if counts(voice.store) and verify(voice.store, data, voice.signature)
    }
    return len(signers) >= needed


def _bytes(value: bytes) -> bytes:
    return struct.pack(">H", len(value)) + value


encode_sealed: Final = msgspec.msgpack.Encoder().encode
decode_sealed: Final = msgspec.msgpack.Decoder(Sealed).decode
