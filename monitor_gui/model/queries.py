"""What pages ask for by themselves while they are seen, and what is known in answer.

Status, lists, events and logs come unasked (`updates`). The rest is asked for by the page that
shows it, one question of a kind at a time, and less often the longer an answer takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from appliance.codec.api_access import AccessDocument, AccessExplained, NamedRules
from appliance.codec.api_queue import QueueDocument
from appliance.usage.figures import UsageRow

REST: Final = 9
"""As long as an answer took, times this, nobody asks again."""
LOST_S: Final = 120.0
"""A question without an answer for so long is asked again."""


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """Who waits for seats? A `QueueDocument` with all places."""


@dataclass(frozen=True, slots=True)
class UsageQuery:
    """How were seats used? Cut by `period` (month, day or hour), the newest stretch, or that one
    which lies so many stretches `back`. A `UsageHeard`."""

    period: str
    back: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """An hour, a day or a month of log time, in UTC: from then until then (Unix ms)."""

    start_ms: int
    end_ms: int
    label: str


@dataclass(frozen=True, slots=True)
class UsageHeard:
    """A report over `slots`: of `whole` all products are one, in `each` they stand by themselves.
    The record goes from `begin_ms` to `end_ms`, and `missing` says of how many entries nobody
    knows what they were."""

    slots: tuple[Slot, ...]
    whole: tuple[UsageRow, ...]
    each: tuple[UsageRow, ...]
    begin_ms: int
    end_ms: int
    missing: int = 0


@dataclass(frozen=True, slots=True)
class RulesQuery:
    """Which access rules are in force? A `RulesHeard`."""


@dataclass(frozen=True, slots=True)
class RulesHeard:
    """The access rules in force, and the text that they are written as."""

    document: AccessDocument
    text: str


@dataclass(frozen=True, slots=True)
class CheckQuery:
    """Is this text a sound document, and what would it change of these rules? A `Checked`; no
    host is asked."""

    text: str
    before: NamedRules
    version: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What is said of a place in a text: a fault, or what is worth a look."""

    line: int
    column: int
    what: str
    fault: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. `rules` is None if there is a fault; `version` is the one that the text names
    itself, if it does; `diff` are the lines of a unified diff."""

    findings: tuple[Finding, ...]
    rules: NamedRules | None = None
    version: int | None = None
    diff: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExplainQuery:
    """Would this user get it? An `AccessExplained`."""

    firm_code: int
    product_code: int
    client: str = ""
    user: str = ""
    host: str = ""
    address: str = ""
    seats: int = 1


Query = QueueQuery | UsageQuery | RulesQuery | CheckQuery | ExplainQuery
Answer = QueueDocument | UsageHeard | RulesHeard | Checked | AccessExplained


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, or without a document why there is none. `at_s` is the monitor's own clock,
    `took_s` how long it took."""

    query: Query
    at_s: float
    took_s: float
    document: Answer | None
    trouble: str = ""


@dataclass(slots=True)
class Heard:
    """What is known of one kind of question. `query`, `document` and `at_s` are those of the last
    answer that said something; `tried_at_s`, `took_s` and `trouble` those of the last answer."""

    query: Query | None = None
    document: Answer | None = None
    at_s: float | None = None
    tried_at_s: float = 0.0
    took_s: float = 0.0
    trouble: str = ""

    def take(self, answered: Answered) -> None:
        """Take note of an answer; without a document the one before stays."""
        self.tried_at_s, self.took_s = answered.at_s, answered.took_s
        self.trouble = answered.trouble
        if answered.document is not None:
            self.query, self.document, self.at_s = answered.query, answered.document, answered.at_s


class Rhythm:
    """When a page asks: at once, then every `every_s` seconds, one question at a time; one without
    an answer for `lost_s` is asked again."""

    def __init__(self, every_s: float, lost_s: float = LOST_S) -> None:
        self._every_s, self._lost_s = every_s, lost_s
        self._asked: tuple[int, Query] | None = None
        self._asked_at_s = 0.0

    def due(self, query: Query, generation: int, heard: Heard | None, now_s: float) -> bool:
        """Whether this is to be asked now; if so it counts as asked. What was asked of another
        system, or was another question, does not count."""
        if self._asked == (generation, query):
            answered = heard is not None and heard.tried_at_s >= self._asked_at_s
            if heard is not None and answered:
                pause_s = max(self._every_s, heard.took_s * REST)
                if now_s - heard.tried_at_s < pause_s:
                    return False
            elif now_s - self._asked_at_s < self._lost_s:
                return False
        self._asked, self._asked_at_s = (generation, query), now_s
        return True
