"""Keeping a replica's log short: dump the state, have it sealed, let what it covers go (design D1).

    candidate ──committed──▶ dumped aside ──own seal──▶ two seals agree ──▶ the snapshot ──▶ the log
    before it goes to the archive, but for the last `keep` entries, a slice at a time

The snapshot before stays until the next one is sealed: a lone replica that has the newest entries
must be able to bring another one up to them, with a state that does not rest on its word alone.

What can go wrong in here is to let go of entries that nothing sealed covers; the store refuses that
too. Nothing is done in one go: a slice of a dump or of the log costs a millisecond or a few.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.details import detail
from appliance.ledger.certificates.proofs import VerifyStore, Voice
from appliance.ledger.effects import (
    Diverged,
    DropAside,
    Effect,
    PutAside,
    SnapshotRecord,
)
from appliance.ledger.replica.standing import Kept, Standing
from appliance.ledger.replica.surroundings import Retention
from appliance.ledger.snapshot.dumps import Dump, Dumps
from appliance.ledger.snapshot.seals import (
    Seal,
    Sealed,
    StateHead,
    encode_sealed,
    is_sealed,
    seal_bytes,
)
from appliance.licences.snapshot import digest

TICK_SLICES = 4
"""Slices of a dump at each tick; at each entry there is one more."""
PUT_OFF_S = 2.0
"""A snapshot of which a chunk was asked for so lately makes room for no other one."""
PUT_OFF_MAX = 8
"""But no longer than this many times `every` entries."""


@dataclass(slots=True)
class _Making:
    """A dump on its way aside, and this store's word for it once it is whole."""

    candidate: Dump
    chunks: int = 0
    last: bytes = b""
    seal: Seal | None = None


class Compaction:
    """The replica's part that makes snapshots and lets go of entries."""

    def __init__(
        self,
        standing: Standing,
        dumps: Dumps,
        retention: Retention,
        verify: VerifyStore,
    ) -> None:
        self._standing = standing
        self._dumps = dumps
        self._retention = retention
        self._verify = verify
        self._making: _Making | None = None
        self._compacting = False
        self._fetched_at_s = -1e9

    @property
    def seal(self) -> Seal | None:
        """This store's word for a state that is no snapshot yet."""
        return self._making.seal if self._making is not None else None

    def work(self, slices: int) -> list[Effect]:
        """Go on with a dump by so many slices, and with what a snapshot lets go of."""
        return self._dump(slices) + self._compact()

    def give_way(self) -> None:
        """What was put aside is not here any more: somebody else's snapshot is coming."""
        self._making = None

    def restart(self) -> None:
        """The log began anew behind another store's snapshot."""
        self._making = None
        self._dumps.clear()

    def fetched(self, now_s: float) -> None:
        """A chunk of the snapshot was asked for."""
        self._fetched_at_s = now_s

    def learn(self, now_s: float, sealed: Sealed | None) -> list[Effect]:
        """Two stores sealed the state after an entry of which a dump is here."""
        making, standing = self._making, self._standing
        if sealed is None or making is None or making.seal is None:
            return []
        head, mine = sealed.head, making.seal.head
        if head.index != mine.index or head.format != mine.format or head.root != mine.root:
            return []
        membership = standing.book.state.membership
        if not is_sealed(sealed, membership.knows, self._verify, membership.needed):
            return []
        if head != mine:
            self._making = None
            why = detail("state-sealed-other", index=head.index)
            return [DropAside(), standing.take_no_part(why), Diverged(head.index)]
        kept = standing.kept
        most = kept.sealed.head.index + PUT_OFF_MAX * self._retention.every if kept else 0
        if now_s - self._fetched_at_s < PUT_OFF_S and head.index < most:
            return []
        self._making = None
        standing.kept = Kept(sealed, making.chunks)
        record = SnapshotRecord(
            head.index, head.root, staged=making.chunks, about=encode_sealed(sealed)
        )
        return [standing.write(None, None, snapshot=record)]

    def _dump(self, slices: int) -> list[Effect]:
        if self._standing.staging:
            return []
        making, commit_index = self._making, self._standing.book.commit_index
        kept = self._standing.kept
        busy_index = making.candidate.index if making is not None else 0
        after = kept.sealed.head.index if kept is not None else 0
        candidate = self._dumps.next(commit_index, after, busy_index)
        if candidate is not None:
            making = self._making = _Making(candidate)
        effects: list[Effect] = []
        for _ in range(slices):
            if making is None or making.seal is not None:
                break
            effects += self._slice(making)
        return effects

    def _slice(self, making: _Making) -> list[Effect]:
        try:
            chunk = next(making.candidate.slices)
        except StopIteration:
            candidate = making.candidate
            head = StateHead(
                candidate.ledger_id,
                candidate.index,
                candidate.root,
                candidate.log_time_ms,
                digest(making.last),
            )
            store = self._standing.store
            making.seal = Seal(head, Voice(store.id, store.sign(seal_bytes(head))))
            return []
        if chunk is None:
            return []
        making.chunks, making.last = making.chunks + 1, chunk
        return [PutAside(making.chunks - 1, chunk)]

    def _compact(self) -> list[Effect]:
        """Let go of one slice of what the snapshot covers."""
        standing, retention = self._standing, self._retention
        kept = standing.kept
        if kept is None or self._compacting:
            return []
        goal = kept.sealed.head.index - retention.keep
        if goal <= standing.base_index:
            return []
        standing.base_index = min(goal, standing.base_index + retention.slice)
        self._compacting = True
        return [standing.write(None, None, compact_to=standing.base_index, then=self._compacted)]

    def _compacted(self) -> None:
        self._compacting = False
