"""The verdict on a period of the usage record: proven complete, or where it breaks first.

One upstream's record is followed entry by entry (`proof`). At its end, endorsements of the other
upstreams' records say which of its statements two twins signed: up to there it is proven. Tokens of
the vendor's time servers, which stand in the record itself, say since when it can not have been
changed (`licences.certified`): each names an entry, and no token is made for a time that is over.

What can go wrong in here is a verdict on less than was asked for. So a period counts as complete
only if its first entry follows on one that is there, and its last one is proven.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from appliance.ledger.certificates.receipts import Endorsement, Statement
from appliance.ledger.messages import Recorded
from appliance.licences.commands import CertifyTime, ImportUpdate
from appliance.licences.model import CertifiedStatement, ContainerUpdate
from appliance.licences.reasons import DONE
from appliance.licences.refusals import StatementRefused, UpdateRefused
from appliance.usage.calendar import DAY_MS, LAST_MS
from appliance.usage.figures import UsageGap
from appliance.usage.proof import Batch, Break, Chain, Outage, is_proven, vouching
from appliance.verifier.certificates import ContainerIdentity

STATEMENTS_KEPT: Final = 512
"""Of so many newest entries it is looked whether two containers signed them."""
ANCHORS_KEPT: Final = 10_000
"""So many newest anchors are named."""

CERTIFICATES_MAX: Final = 1_000
"""Containers of one record."""
ReadUpdate = Callable[[bytes], ContainerUpdate]
"""A vendor's update of a container, verified. Raises UpdateRefused."""
ReadStatement = Callable[[bytes], CertifiedStatement]
"""A certified statement, verified. Raises StatementRefused."""


Stamped = Callable[[bytes], int | None]
"""An anchor -> when an authority of its own stamped it (Unix ms), None if none did."""


class Anchor(msgspec.Struct, frozen=True):
    """A time server certified at `time_ms` (Unix ms) that entry `index` and all before it, with all
    that came of them, were there."""

    index: int
    time_ms: int


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a period. `first` and `last` are its entries, 0 if it has none; `proven_to`
    is the newest entry that two containers signed, 0 if there is none; `broken_at` the first entry
    that is not what it has to be, with `broken` in words; `anchors` one for each day, the first."""

    complete: bool
    why_not: str
    ledger_id: str
    first: int
    last: int
    begins_at: int
    proven_to: int
    proven_to_ms: int
    broken_at: int
    broken: str
    gaps: tuple[UsageGap, ...]
    outages: tuple[Outage, ...]
    anchors: tuple[Anchor, ...]


class Verification:
    """Follows a record, for a period of log time (Unix ms)."""

    def __init__(
        self,
        from_ms: int = 0,
        to_ms: int = LAST_MS,
        read: ReadStatement | None = None,
        read_update: ReadUpdate | None = None,
        stamped: Stamped | None = None,
    ) -> None:
        self._from_ms, self._to_ms = from_ms, to_ms
        self._read, self._read_update, self._stamped = read, read_update, stamped
        self._certificates: dict[bytes, None] = {}
        self._chain = Chain()
        self._first = self._last = 0
        self._gaps: list[UsageGap] = []
        self._outages: list[Outage] = []
        self._statements: deque[Statement] = deque(maxlen=STATEMENTS_KEPT)
        self._own: deque[Endorsement] = deque(maxlen=STATEMENTS_KEPT)
        self._anchors: deque[Anchor] = deque(maxlen=ANCHORS_KEPT)
        self._broken: Break | None = None
        self.is_over = False
        """Whether what follows is behind the period, and some of it was seen."""

    @property
    def broken(self) -> bool:
        """Whether the record is not what it has to be: nothing more needs to be fed."""
        return self._broken is not None

    @property
    def signed_from(self) -> int:
        """From which entry on the other upstreams' endorsements are of use."""
        return self._statements[0].index if self._statements else 1

    def gap(self, gap: UsageGap) -> None:
        """No upstream has these entries. The chains begin anew behind them."""
        last = self._chain.last
        if last is not None and last.log_time_ms >= self._to_ms:
            self.is_over = True
            return
        self._outages += self._chain.outages
        self._chain = Chain()
        self._gaps.append(gap)
        self._statements.clear()
        self._own.clear()

    def feed(self, kept: Recorded) -> None:
        """The next entry that is there."""
        if self.broken or self.is_over:
            return
        chain, before = self._chain, self._chain.statement
        try:
            batch = chain.feed(kept)
        except Break as broken:
            if chain.last is None and kept.entry.index > 1:
                self._skip(kept.entry.index)  # The chains begin where an entry is endorsed.
            else:
                self._broken = broken
            return
        at_ms = batch.body.log_time_ms
        if at_ms < self._from_ms:
            self._gaps.clear()  # Whatever was missing was before the period.
        elif at_ms < self._to_ms:
            self._first = self._first or batch.index
            self._last = batch.index
        if chain.statement is not None and chain.statement is not before:
            self._statements.append(chain.statement)
            if chain.endorsement is not None:
                self._own.append(chain.endorsement)
            self.is_over = at_ms >= self._to_ms and len(self._statements) == STATEMENTS_KEPT
        stamped_ms = self._stamped(chain.anchor) if self._stamped is not None else None
        if stamped_ms is not None:
            self._add_anchor(batch.index, stamped_ms)
        self._note(batch)

    @property
    def log_time_ms(self) -> int:
        """Log time of the last entry that was followed, Unix ms."""
        last = self._chain.last
        return last.log_time_ms if last is not None else 0

    def _skip(self, index: int) -> None:
        before = self._gaps[-1] if self._gaps else None
        if before is not None and before.last == index - 1:
            self._gaps[-1] = UsageGap(before.first, index)
        else:
            self._gaps.append(UsageGap(index, index))

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """The certificates (DER) of the containers whose updates stand in the record."""
        return tuple(self._certificates)

    def _note(self, batch: Batch) -> None:
        """What the record says of time servers and containers."""
        for command, outcome in zip(batch.commands, batch.result.outcomes, strict=True):
            if outcome.reason != DONE:
                continue
            if isinstance(command, CertifyTime) and self._read is not None:
                self._note_anchor(self._read, command)
            elif isinstance(command, ImportUpdate) and self._read_update is not None:
                try:
                    update = self._read_update(command.update)
                except UpdateRefused:
                    continue
                if len(self._certificates) < CERTIFICATES_MAX:
                    self._certificates[update.certificate] = None

    def _note_anchor(self, read: ReadStatement, command: CertifyTime) -> None:
        try:
            statement = read(command.statement)
        except StatementRefused:
            return
        index = self._chain.anchored(statement.anchor)
        if index is not None:
            self._add_anchor(index, statement.time_ms)

    def _add_anchor(self, index: int, time_ms: int) -> None:
        newest = self._anchors[-1] if self._anchors else None
        if newest is None or newest.time_ms // DAY_MS < time_ms // DAY_MS:
            self._anchors.append(Anchor(index, time_ms))

    def verdict(
        self, others: Iterable[Endorsement], containers: Iterable[ContainerIdentity]
    ) -> Verdict:
        """What is proven, by endorsements that other upstreams keep, of these containers."""
        by = vouching((*self._own, *others), containers)
        proven = next((one for one in reversed(self._statements) if is_proven(one, by)), None)
        chain, broken = self._chain, self._broken
        last = chain.last
        why = self._why_not(proven)
        return Verdict(
            complete=not why,
            why_not=why,
            ledger_id=chain.ledger_id.hex(),
            first=self._first,
            last=self._last,
            begins_at=chain.begins_at,
            proven_to=proven.index if proven else 0,
            proven_to_ms=proven.log_time_ms if proven else 0,
            broken_at=broken.index if broken else 0,
            broken=broken.detail if broken else "",
            gaps=tuple(self._gaps),
            outages=tuple(self._within([*self._outages, *chain.outages])),
            anchors=tuple(self._anchors) if last is not None else (),
        )

    def _within(self, outages: Iterable[Outage]) -> Iterable[Outage]:
        return (one for one in outages if self._from_ms < one.to_ms and one.from_ms < self._to_ms)

    def _why_not(self, proven: Statement | None) -> str:
        if self._broken is not None:
            return f"the record breaks at {self._broken}"
        if self._gaps:
            gap = self._gaps[0]
            return f"no upstream has the entries from {gap.first} to {gap.last} any more"
        if not self._first:
            return "there is no entry of this time in the record"
        if proven is None:
            return "there is no entry at its end that two containers signed"
        if proven.index < self._last:
            return f"only entries up to {proven.index} are signed by two containers so far"
        begins_at = self._chain.begins_at
        if self._first < begins_at:
            return f"the record begins with entry {begins_at}: what was before it is not known"
        return ""
