"""What one option of a product item says of itself: a row of `appliance.licences.options`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from appliance.licences.bounds import is_date
from appliance.licences.item import DEFAULTS, ItemOptions
from appliance.licences.modes import MODES, in_order
from appliance.licences.reason import Reason
from appliance.licences.wishes import Wishes

if TYPE_CHECKING:
    from appliance.licences.model import LicenceKey
    from appliance.licences.state import State


class Kind(Enum):
    """What a value is: how it is written on a command line and shown to people."""

    TEXT = "a text"
    COUNT = "a number"
    BITS = "each bit a feature"
    SECONDS = "seconds"
    BEGIN = "a time at which it begins"
    """The first second with: a date alone means that whole day, wherever on earth."""
    DATE = "a date such as 2026-09-01"
    """A day of the calendar, as ISO text: it has no time zone, and no clock is asked."""
    END = "a time at which it ends"
    """The first second without: a date alone means that whole day, wherever on earth."""
    MODES = "access modes"
    WORD = "one of a few words"
    """Which ones, and in which order they are shown, the field says."""


Shown = Mapping[Kind, Callable[[Any], str]]
"""How a viewer writes a value of each kind."""


class Field(NamedTuple):
    """One field of `ItemOptions`. `name` completes "an impossible ..."; `flag` and `help` are those
    of the vendor's command line. Of a text `most` counts characters; a word is one of `words`."""

    field: str
    name: str
    flag: str
    help: str
    kind: Kind
    least: int = 0
    most: int = 0
    words: tuple[str, ...] = ()

    @property
    def optional(self) -> bool:
        """Whether None is a value of it, which is then its default."""
        return getattr(DEFAULTS, self.field) is None

    @property
    def what(self) -> str:
        """What a value is; of words, which ones there are."""
        if self.kind is Kind.MODES:
            return f"one or more of {', '.join(MODES)}, in this order"
        return " or ".join(self.words) if self.kind is Kind.WORD else self.kind.value

    def fits(self, item: ItemOptions) -> bool:
        """Whether this item's value is within the bounds."""
        value = getattr(item, self.field)
        if value is None:
            return self.optional
        if self.kind is Kind.DATE:
            return is_date(value)
        if self.kind is Kind.MODES:
            return in_order(value)
        if self.kind is Kind.WORD:
            return value in self.words
        return self.least <= (len(value) if self.kind is Kind.TEXT else value) <= self.most

    def is_set(self, item: ItemOptions) -> bool:
        """Whether this item says anything but the default."""
        return bool(getattr(item, self.field) != getattr(DEFAULTS, self.field))

    def shown(self, item: ItemOptions, how: Shown) -> str:
        """This item's value for people, "" if none is set."""
        value = getattr(item, self.field)
        return "" if value is None else how[self.kind](value)


class Said(NamedTuple):
    """A few words in the languages of the monitor."""

    en: str
    de: str
    ja: str

    def __str__(self) -> str:
        return self.en


class Case(msgspec.Struct, frozen=True, gc=False):
    """What may let a licence rest: the ledger's state, which licence is looked at, and what an
    application asks of it (nothing, where licences are listed)."""

    state: State
    key: LicenceKey
    item: ItemOptions
    wishes: Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option: its fields, and what follows from them.

    `name` heads a column. `since` is the version of the rules from which on it exists.

    `reason` is why a licence rests by it, `why` says so in a few words, `rests` completes "The
    licence 1:2 ...". It rests where
    `refuses` says so; or, of what depends on the time alone, where `at` says so of a time in Unix
    ms: each container compares that with its own clock, too. Both are pure. `ends_ms` is when (Unix
    ms) the licence ends by it, None for never: a grant says so, no receipt outlives it, and each
    container compares it with its own clock. `until_ms` is the log time until which a receipt holds
    where the licence only rests for a while. `contradiction` completes "The licence ...", ""
    if the fields agree with each other.
    """

    fields: tuple[Field, ...]
    name: Said
    since: int = 1
    reason: Reason | None = None
    why: Said | None = None
    rests: str = ""
    refuses: Callable[[Case], bool] | None = None
    at: Callable[[ItemOptions, int], bool] | None = None
    ends_ms: Callable[[State, LicenceKey, ItemOptions], int | None] | None = None
    until_ms: Callable[[State, ItemOptions], int | None] | None = None
    contradiction: Callable[[ItemOptions], str] | None = None

    def is_set(self, item: ItemOptions) -> bool:
        """Whether this item uses it."""
        return any(field.is_set(item) for field in self.fields)

    def shown(self, item: ItemOptions, how: Shown) -> str:
        """What people read of it: the values, "" where none is set."""
        values = [field.shown(item, how) for field in self.fields]
        if len(values) == 1:
            return values[0]
        return f"{values[0] or '…'} – {values[1] or '…'}" if any(values) else ""
