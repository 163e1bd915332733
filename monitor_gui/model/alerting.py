"""Which alerts are open, acknowledged or snoozed, and which have ended.

A cause has to last before it is raised and to stay away before it has ended, so what flickers does
not ring. An acknowledged alert rings again only when it gets worse; a snoozed one when its time is
up. Both are kept across restarts by `remembered` and `recall`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from monitor_gui.model.alerts import Alert, FoundAlerts
from monitor_gui.model.limits import AlertLimits
from monitor_gui.model.remembered import Remembered
from monitor_gui.model.verdict import Level

ENDED_MAX: Final = 200
OPEN_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class AlertItem:
    """One alert with its history. `gone_s` is since when its cause is away (monitor's clock);
    `ended_unix_s` is set once it has ended."""

    alert: Alert
    first_s: float
    since_unix_s: float
    raised: bool = False
    gone_s: float | None = None
    acknowledged: bool = False
    snoozed_until_unix_s: float = 0.0
    ended_unix_s: float | None = None

    def rings(self, now_unix_s: float) -> bool:
        """Whether it wants somebody's attention."""
        return self.raised and not self.acknowledged and now_unix_s >= self.snoozed_until_unix_s


class AlertBook:
    """All alerts of one system. Times: `now_s` monotonic, `now_unix_s` the wall clock."""

    def __init__(self, limits: AlertLimits) -> None:
        self.limits = limits
        self._items: dict[str, AlertItem] = {}
        self._recalled: dict[str, Remembered] = {}
        self._looks_s: float | None = None
        self.ended: deque[AlertItem] = deque(maxlen=ENDED_MAX)
        self.dirty = False
        """Whether `remembered` differs from what it gave last."""

    def update(self, found: FoundAlerts, now_s: float, now_unix_s: float) -> list[Alert]:
        """Take in what is true now; gives the alerts that ring from now on."""
        ringing = []
        for alert in found.alerts:
            if alert.key not in self._items and len(self._items) >= OPEN_MAX:
                continue
            before = self._items.get(alert.key)
            item = self._seen(before, alert, now_s, now_unix_s)
            self._items[alert.key] = item
            rang = before is not None and before.rings(now_unix_s) and not self._due(before)
            if item.rings(now_unix_s) and not rang:
                ringing.append(alert)
                self._items[alert.key] = replace(item, snoozed_until_unix_s=0.0)
        if not found.blind:
            present = {alert.key for alert in found.alerts}
            present |= {key for key in self._items if found.unknown(key)}
            self._gone(present, now_s, now_unix_s)
            self._forget(now_s)
        return ringing

    def _forget(self, now_s: float) -> None:
        """What did not come back after a restart has ended while nobody looked."""
        if self._looks_s is None:
            self._looks_s = now_s
        if self._recalled and now_s - self._looks_s >= self.limits.clear_after_s:
            self._recalled.clear()
            self.dirty = True

    @staticmethod
    def _due(item: AlertItem) -> bool:
        """Whether a snooze is over that nobody was told of yet."""
        return item.snoozed_until_unix_s > 0.0

    def _seen(
        self, before: AlertItem | None, alert: Alert, now_s: float, now_unix_s: float
    ) -> AlertItem:
        if before is None:
            known = self._recalled.pop(alert.key, None)
            if known is None:
                before = AlertItem(alert, now_s, now_unix_s)
            else:
                worse = alert.level > known.level
                before = AlertItem(
                    alert,
                    now_s,
                    known.since_unix_s,
                    raised=True,
                    acknowledged=known.acknowledged and not worse,
                    snoozed_until_unix_s=known.snoozed_until_unix_s,
                )
        item = replace(before, alert=alert, gone_s=None)
        if alert.level > before.alert.level and item.acknowledged:
            item = replace(item, acknowledged=False)
            self.dirty = True
        if not item.raised and now_s - item.first_s >= self.limits.raise_after_s:
            item = replace(item, raised=True)
            self.dirty = True
        return item

    def _gone(self, present: set[str], now_s: float, now_unix_s: float) -> None:
        for key, item in list(self._items.items()):
            if key in present:
                continue
            if not item.raised:
                del self._items[key]
            elif item.gone_s is None:
                self._items[key] = replace(item, gone_s=now_s)
            elif now_s - item.gone_s >= self.limits.clear_after_s:
                del self._items[key]
                self.ended.append(replace(item, ended_unix_s=now_unix_s))
                self.dirty = True

    # --- what a person does ---

    def acknowledge(self, key: str) -> None:
        """Somebody knows of it."""
        self._change(key, acknowledged=True, snoozed_until_unix_s=0.0)

    def snooze(self, key: str, until_unix_s: float) -> None:
        """Be quiet about it until then."""
        self._change(key, acknowledged=False, snoozed_until_unix_s=until_unix_s)

    def reopen(self, key: str) -> None:
        """Neither acknowledged nor snoozed any more."""
        self._change(key, acknowledged=False, snoozed_until_unix_s=0.0)

    def _change(self, key: str, *, acknowledged: bool, snoozed_until_unix_s: float) -> None:
        item = self._items.get(key)
        if item is not None:
            self._items[key] = replace(
                item, acknowledged=acknowledged, snoozed_until_unix_s=snoozed_until_unix_s
            )
            self.dirty = True

    # --- what there is ---

    def open(self) -> list[AlertItem]:
        """The raised alerts, worst first, then the newest."""
        raised = [item for item in self._items.values() if item.raised]
        return sorted(raised, key=lambda item: (-item.alert.level, -item.since_unix_s))

    def ringing(self, now_unix_s: float) -> list[AlertItem]:
        """Those that want attention."""
        return [item for item in self.open() if item.rings(now_unix_s)]

    def worst(self, now_unix_s: float) -> Level:
        """How bad the worst is that wants attention."""
        return max((item.alert.level for item in self.ringing(now_unix_s)), default=Level.OK)

    # --- across restarts ---

    def remembered(self) -> tuple[Remembered, ...]:
        """What to keep."""
        self.dirty = False
        kept = [
            Remembered(
                key=item.alert.key,
                since_unix_s=item.since_unix_s,
                acknowledged=item.acknowledged,
                snoozed_until_unix_s=item.snoozed_until_unix_s,
                level=int(item.alert.level),
            )
            for item in self._items.values()
            if item.raised
        ]
        return (*kept, *self._recalled.values())

    def recall(self, known: Iterable[Remembered]) -> None:
        """Begin with what an earlier run remembered; everything else is forgotten."""
        self._items.clear()
        self.ended.clear()
        self.dirty = False
        self._looks_s = None
        self._recalled = {one.key: one for one in list(known)[:OPEN_MAX]}
