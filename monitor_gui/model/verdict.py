"""How bad things are, one thing that is wrong, and the verdict in one line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from monitor_gui.model.ages import duration
from monitor_gui.model.phrases import Phrase, say
from monitor_gui.model.store import Store

_ONE_STORE_LESS: Final = (
    "upstream-down",
    "upstream-apart",
    "store-damaged",
    "container-shut",
    "store-no-vote",
)
_OF_THE_SERVICE: Final = (*_ONE_STORE_LESS, "tmr-down", "maintenance", "address-silent")
"""Problems that are about who serves and not about what is served."""


class Level(IntEnum):
    """How bad it is: the levels of docs/health.md (a warning is DEGRADED), and besides, that nobody
    is served, or that nothing is known. The verdict of what is CRITICAL is DEGRADED as well."""

    OK = 0
    NOTICE = 1
    DEGRADED = 2
    CRITICAL = 3
    UNKNOWN = 4
    DOWN = 5


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that is wrong. `key` stays the same as long as it lasts; `subject` can be sought on
    `page`, which shows it. `since_s` is on the monitor's clock; None: longer than it looks."""

    key: str
    level: Level
    text: Phrase
    advice: Phrase
    brief: Phrase | None = None
    subject: str = ""
    page: str = "overview"
    since_s: float | None = None

    @property
    def code(self) -> str:
        """Which problem it is."""
        return self.key.partition("/")[0]

    def with_age(self, now_s: float, text: Phrase | None = None) -> Phrase:
        """What is wrong, or this instead, with how long it has lasted."""
        said = text or self.text
        if self.since_s is None or now_s - self.since_s < 1:
            return said
        return say("{what} · for {age}", what=said, age=duration(now_s - self.since_s))


@dataclass(frozen=True, slots=True)
class ShownVerdict:
    """`headline` stands alone; `causes` are sorted worst first."""

    level: Level
    headline: Phrase
    causes: tuple[Alert, ...] = ()


def summed_up(store: Store, causes: Iterable[Alert], now_s: float) -> ShownVerdict:
    """The verdict on these causes. Notes in the store since when each has been there."""
    dated = [
        cause
        if cause.since_s is not None
        else replace(cause, since_s=store.since_s.get(cause.key, now_s))
        for cause in causes
    ]
    store.since_s = {cause.key: cause.since_s or now_s for cause in dated}
    # Of equal weight: first what tells of the hosts that serve.
    dated.sort(key=lambda cause: (-cause.level, cause.code not in _OF_THE_SERVICE))
    worst = max((cause.level for cause in dated), default=Level.OK)
    level = Level.DEGRADED if worst == Level.CRITICAL else worst
    return ShownVerdict(level, _headline(store, level, dated, now_s), tuple(dated))


def _headline(store: Store, level: Level, causes: list[Alert], now_s: float) -> Phrase:
    active = store.active(now_s)
    if level <= Level.NOTICE:
        return say("Serving: {active} is active, all three upstreams answer", active=active)
    worst = [cause for cause in causes if cause.level == causes[0].level]
    lost = next((cause for cause in worst if cause.code in _ONE_STORE_LESS), None)
    first = lost if lost is not None and active else worst[0]
    what = first.with_age(now_s, first.brief)
    if level == Level.DOWN:
        return say("Not serving: {what}", what=what)
    if level == Level.UNKNOWN:
        return what
    if not active:
        return say("Probably serving: {what}", what=what)
    if lost is not None:
        return say("Serving on two of three: {what}", what=what)
    return say("Serving, but: {what}", what=what)
