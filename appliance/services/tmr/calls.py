"""How many check-outs this host granted and refused lately, for the status.

What can go wrong in here is memory that grows with calls: so they are counted, in a few buckets of
time.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import Final

from appliance.codec.health_documents import CallsDocument

BUCKETS: Final = 6
BUCKET_S: Final = 10.0
REASONS_MAX: Final = 32


class _Bucket:
    def __init__(self, at_s: float) -> None:
        self.at_s = at_s
        self.granted = 0
        self.refused: Counter[str] = Counter()


class Calls:
    """Counts of the last minute. Times in seconds of boot time."""

    def __init__(self) -> None:
        self._buckets: deque[_Bucket] = deque(maxlen=BUCKETS)

    def granted(self, now_s: float) -> None:
        """A check-out was granted."""
        self._bucket(now_s).granted += 1

    def refused(self, now_s: float, reason: str) -> None:
        """A check-out was refused."""
        refused = self._bucket(now_s).refused
        if reason in refused or len(refused) < REASONS_MAX:
            refused[reason] += 1

    def document(self, now_s: float) -> CallsDocument:
        """What became of them."""
        over_s = BUCKETS * BUCKET_S
        recent = [one for one in self._buckets if now_s - one.at_s <= over_s]
        refused = sum((one.refused for one in recent), Counter[str]())
        commonest = refused.most_common(1)
        return CallsDocument(
            over_s=over_s,
            granted=sum(one.granted for one in recent),
            refused=refused.total(),
            reason=commonest[0][0] if commonest else "",
        )

    def _bucket(self, now_s: float) -> _Bucket:
        if not self._buckets or now_s - self._buckets[-1].at_s >= BUCKET_S:
            self._buckets.append(_Bucket(now_s))
        return self._buckets[-1]
