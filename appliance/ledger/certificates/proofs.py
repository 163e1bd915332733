"""What no single host can forge: signed promises, and proofs of a commit (design D3).

Each store signs with a key of its own, whose public half is its id (`appliance.licences.members`):

    ack     "entry `index` with this log root is durable here, in this term"
    vow     "nothing below `term` is served here any more; this is the log I hold"

Two acks by two voters are a **commit proof**. Vows are what a coordinator's choice of a log rests
on; they travel with the *adopt*, so that each store can check that choice by the same rule by which
an honest coordinator makes it (`weigh`). What can go wrong in here is a field left out of the
signed bytes, or a signer counted twice.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Annotated, Final

import msgspec

from appliance.details import detail
from appliance.ledger.election.terms import NO_TERM, Count, Key, Root, Term
from appliance.licences.members import STORES, VOTES_NEEDED, Membership
from appliance.licences.state import State
from appliance.unreadable import UNREADABLE
from appliance.verifier.layouts import ZERO_ROOT

_ACK_TAG = b"tmr-ack-1\x00"
_VOW_TAG = b"tmr-vow-1\x00"

VerifyStore = Callable[[bytes, bytes, bytes], bool]
"""(store id, signed bytes, signature) -> whether that store's key signed them. Never raises."""

Contains = Callable[[int, bytes], bool | None]
"""(index, root) -> whether a log has that root there; None if it is too old to tell."""

TOO_FEW: Final = detail("votes-too-few")
CONFLICT: Final = detail("logs-conflict")
UNPROVEN: Final = detail("log-unproven")
NOT_FOUNDED: Final = detail("founded-by-all")
NOT_CHOSEN: Final = detail("log-not-chosen")


class Voice(msgspec.Struct, frozen=True, array_like=True):
    """One store's signature."""

    store: Key
    signature: Key


class CommitProof(msgspec.Struct, frozen=True, array_like=True):
    """Two stores' word that the log up to `index` is durable at both, in one term.

    `digest` is reserved and empty: states are certified by seals (`ledger.snapshot.seals`).
    """

    term: Term
    index: Count
    root: Root
    digest: Root
    voices: Annotated[tuple[Voice, ...], msgspec.Meta(max_length=STORES)]


class Vow(msgspec.Struct, frozen=True, array_like=True):
    """A store's promise never again to serve a term below `term`, and the log it holds.

    `proof_index` and `proof_root` say what it knows to be committed (0 and zeros: nothing).
    """

    term: Term
    adopted: Term
    last_index: Count
    last_root: Root
    proof_index: Count
    proof_root: Root
    store: Key
    signature: Key = b""

    def same_log(self, other: Vow) -> bool:
        """Whether both hold the very same log."""
        return (self.last_index, self.last_root) == (other.last_index, other.last_root)


def _bytes(value: bytes) -> bytes:
    return struct.pack(">H", len(value)) + value


def _term(term: Term) -> bytes:
    return (
        struct.pack(">Q", term.counter) + _bytes(term.host.encode()) + struct.pack(">Q", term.nonce)
    )


def ack_bytes(term: Term, index: int, root: bytes, digest: bytes) -> bytes:
    """The bytes a store signs for an entry that is durable in it."""
    return b"".join((_ACK_TAG, _term(term), struct.pack(">Q", index), _bytes(root), _bytes(digest)))


def vow_bytes(vow: Vow) -> bytes:
    """The bytes a store signs when it promises a term."""
    return b"".join(
        (
            _VOW_TAG,
            _term(vow.term),
            _term(vow.adopted),
            struct.pack(">Q", vow.last_index),
            _bytes(vow.last_root),
            struct.pack(">Q", vow.proof_index),
            _bytes(vow.proof_root),
            _bytes(vow.store),
        )
    )


def is_signed(vow: Vow, verify: VerifyStore) -> bool:
    """Whether the store that a vow names made it."""
    return verify(vow.store, vow_bytes(vow), vow.signature)


def is_proven(proof: CommitProof, membership: Membership, verify: VerifyStore) -> bool:
    """Whether two different stores that vote, or once did, signed this; or the one there is."""
    signers = {voice.store for voice in proof.voices if membership.knows(voice.store)}
    return sum(has_signed(store, proof, verify) for store in signers) >= membership.needed


def has_signed(store: bytes, proof: CommitProof, verify: VerifyStore) -> bool:
    """Whether this store's own signature is in a proof, and not only its name."""
    data = ack_bytes(proof.term, proof.index, proof.root, proof.digest)
    return any(
        voice.store == store and verify(store, data, voice.signature) for voice in proof.voices
    )


def rank(vow: Vow) -> tuple[Term, int]:
    """How good a log is: by the term it was adopted in, then by its length (design D1)."""
    return vow.adopted, vow.last_index


def believable(
    vow: Vow, grounds: Sequence[Vow], membership: Membership, verify: VerifyStore
) -> bool:
    """Whether a store can really have adopted what its vow claims.

    Two stores must have promised that term: their vows are the `grounds` it was shown then. Only
    the log that a ledger began with was never adopted.
    """
    if not is_signed(vow, verify):
        return False
    if vow.adopted == NO_TERM:
        return vow.last_index in (0, membership.base_index)
    return is_won(vow.adopted, grounds, membership.knows, verify, membership.needed)


def is_won(
    term: Term,
    vows: Sequence[Vow],
    counts: Callable[[bytes], bool],
    verify: VerifyStore,
    needed: int,
) -> bool:
    """Whether as many different stores as it takes promised this term, of those whose word counts
    here."""
    promisers = {
        vow.store
        for vow in vows[:STORES]
        if vow.term == term and counts(vow.store) and is_signed(vow, verify)
    }
    return len(promisers) >= needed


def furthest(
    vows: Sequence[Vow], counts: Callable[[bytes], bool], verify: VerifyStore, needed: int
) -> int:
    """The highest counter of a term that as many different stores as it takes promised by these
    vows, 0 for none: a single one's word of three makes up none."""
    won = (vow.term for vow in vows if is_won(vow.term, vows, counts, verify, needed))
    return max((term.counter for term in won), default=0)


def voting(term: Term, vows: Sequence[Vow], membership: Membership) -> list[Vow]:
    """The vows that count for a term, one of each voter: of another term or store none does.

    A store that joined later counts once it holds the proof that it did (design D7).
    """
    counted: dict[bytes, Vow] = {}
    for vow in vows:
        member = membership.member(vow.store)
        if vow.term == term and member is not None and vow.last_index >= member.joined_index:
            counted[vow.store] = vow
    return list(counted.values())


def weigh(term: Term, vows: Sequence[Vow], membership: Membership, contains: Contains) -> str:
    """Whether these vows justify adopting a log: "" if they do, else why not.

    The vows' signatures are the caller's to check. `membership` is the one that holds at the end of
    the log, and `contains` asks that log. The rule: at least two voters promised `term`; nothing
    that any of them knows to be committed is missing; and of those that adopted the highest term
    each is on this log, or, if all three speak, two of them are, as far as the third may differ:
    what that one holds is held by nobody else, so it was never committed (D3, "two equal win").
    """
    counted = voting(term, vows, membership)
    if len(counted) < membership.needed:
        return TOO_FEW
    if any(v.proof_index and contains(v.proof_index, v.proof_root) is False for v in counted):
        return UNPROVEN
    highest = max(vow.adopted for vow in counted)
    tops = [vow for vow in counted if vow.adopted == highest]
    missing = [vow for vow in tops if _is_on(vow, contains) is False]
    if not missing:
        return ""
    if len(tops) == 1:
        return NOT_CHOSEN
    agreeing = [vow for vow in tops if vow not in missing]
    if len(counted) < STORES or not reach_fork(agreeing, max(v.last_index for v in missing)):
        return CONFLICT
    return ""


def best_on(counted: Sequence[Vow], contains: Contains) -> list[Vow]:
    """Of the vows that count, those of the highest adopted term whose log is on this one."""
    highest = max(vow.adopted for vow in counted)
    return [
        vow
        for vow in counted
        if vow.adopted == highest and contains(vow.last_index, vow.last_root) is not False
    ]


def reach_fork(agreeing: Sequence[Vow], last_index: int) -> bool:
    """Whether two of these, on one log, reach far enough to outvote one that ends otherwise.

    A log so short that it fits both says nothing of who is right: one of the two may lie, and the
    one that is alone may hold what the liar acked.
    """
    end = max((vow.last_index for vow in agreeing), default=0)
    return sum(vow.last_index >= min(last_index, end) for vow in agreeing) >= VOTES_NEEDED


def _is_on(vow: Vow, contains: Contains) -> bool | None:
    return contains(vow.last_index, vow.last_root) if vow.last_index else True


def start_of(proof: CommitProof | None) -> tuple[int, bytes]:
    """The index and root that a proof proves; those of an empty log without one."""
    return (proof.index, proof.root) if proof is not None else (0, ZERO_ROOT)


_proof_encoder = msgspec.msgpack.Encoder()
_proof_decoder = msgspec.msgpack.Decoder(CommitProof)


def encode_proof(proof: CommitProof) -> bytes:
    """The bytes of a proof, as an entry carries them."""
    return _proof_encoder.encode(proof)


def decode_proof(data: bytes) -> CommitProof:
    """The proof in these bytes. Raises ValueError if they hold none."""
    try:
        return _proof_decoder.decode(data)
    except UNREADABLE as error:
        raise ValueError(f"this is no commit proof: {error}") from error


def proof_reader(verify: VerifyStore) -> Callable[[bytes, Membership], int]:
    """For `Machine`: the index that a proof in these bytes proves, by both remaining voters.

    It raises ValueError if it proves nothing.
    """

    def read(data: bytes, membership: Membership) -> int:
        proof = decode_proof(data)
        remaining = Membership(membership.voters)
        if not is_proven(proof, remaining, verify):
            raise ValueError("this proof is not signed by both remaining stores")
        return proof.index

    return read


def head_reader(verify: VerifyStore) -> Callable[[bytes, State], tuple[int, bytes]]:
    """For `Machine`: the entry that a proof in these bytes proves to be committed, and its root.

    Two stores that vote have to have signed it; it raises ValueError if they did not.
    """

    def read(data: bytes, state: State) -> tuple[int, bytes]:
        proof = decode_proof(data)
        if not is_proven(proof, Membership(state.membership.voters), verify):
            raise ValueError("it is not signed by two stores that vote")
        return proof.index, proof.root

    return read
