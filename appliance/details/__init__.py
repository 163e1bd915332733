"""Why something is as it is, as data: a code and its values; the sentences of all codes are here.

A detail is made where something is found out, travels as it is (in messages, reports, documents of
the API, findings), and becomes a sentence where a person reads it: in English here, in other
languages in the monitor, whose translations are those of these sentences. None ends with a full
stop, since most stand within another sentence.

What can go wrong in here is a detail that somebody made up: a code that nobody knows, or values
that do not fit. So whatever comes from outside has bounds, and is
shown as it is if it fits nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final

import msgspec

from appliance.details.keys import KEYS
from appliance.details.ledger import LEDGER
from appliance.details.links import LINKS, OF_SYSTEM
from appliance.details.refusals import REFUSALS
from appliance.details.requests import REQUESTS
from appliance.details.service import AS_IT_IS, SERVICE
from appliance.details.store import STORE
from appliance.details.times import TIMES
from appliance.sentences import Sentence, in_english

__all__ = ["AS_IT_IS", "TEXTS", "Detail", "code_of", "codes_in", "detail", "of_number", "told"]

TEXTS: Final[dict[str, str]] = STORE | KEYS | LINKS | LEDGER | TIMES | SERVICE | REFUSALS | REQUESTS
"""Each sentence by its code. A value called `why` may be a code itself, of a sentence without
values."""

TEXT_MAX: Final = 600
VALUES_MAX: Final = 10
_NAME_MAX: Final = 40

Word = Annotated[str, msgspec.Meta(max_length=_NAME_MAX)]
Values = Annotated[
    dict[Word, Annotated[str, msgspec.Meta(max_length=TEXT_MAX)] | int],
    msgspec.Meta(max_length=VALUES_MAX),
]


def detail(code: str, /, **values: object) -> Sentence:
    """The sentence of this code: text for whoever reads English, code and values for the others.
    Raises KeyError for a code or a place that TEXTS does not have."""
    made = Sentence(TEXTS[code], **values)
    made.code = code
    return made


class Detail(msgspec.Struct, frozen=True, omit_defaults=True):
    """A sentence on its way: `values` are what stands in its places, names and numbers."""

    code: Word
    values: Values = {}

    @classmethod
    def of(cls, text: str) -> Detail | None:
        """What carries this sentence, None for ""."""
        if not text:
            return None
        if not isinstance(text, Sentence) or not text.code:
            return cls(AS_IT_IS, {"text": str(text)[:TEXT_MAX]})
        return cls(text.code, {name: _plain(value) for name, value in text.values.items()})

    @property
    def text(self) -> Sentence:
        """The sentence again. Raises nothing, whoever made it up."""
        values = {name: _whole(name, value) for name, value in self.values.items()}
        try:
            return detail(self.code, **values)
        except (KeyError, IndexError, ValueError):
            said = ", ".join(f"{name} {value}" for name, value in self.values.items())
            return detail(AS_IT_IS, text=f"{self.code} ({said})" if said else self.code)

    def __str__(self) -> str:
        return in_english(self.text)

    def __hash__(self) -> int:
        return hash(self.code)


def code_of(text: str) -> str:
    """A sentence's code, or the text itself if it has none."""
    return (isinstance(text, Sentence) and text.code) or text


def codes_in(text: str) -> Iterator[str]:
    """The codes of a sentence and of those that stand in its places, and a refusal's `reason`."""
    if isinstance(text, Sentence):
        yield text.code
        for name, value in text.values.items():
            if isinstance(value, str):
                yield from (value,) if name == "reason" else codes_in(value)


def of_number(number: int | None) -> str:
    """What the system means by an error of this number, "" if nobody here knows it."""
    code = OF_SYSTEM.get(number or 0)
    return "" if code is None else detail(code)


def told(carried: Detail | None) -> str:
    """The sentence that was carried, "" if none was."""
    return "" if carried is None else carried.text


def _plain(value: str | int) -> str | int:
    if isinstance(value, int):
        return value
    if isinstance(value, Sentence) and value.code and not value.values:
        return value.code
    return in_english(value)[:TEXT_MAX]


def _whole(name: str, value: str | int) -> str | int:
    known = name == "why" and isinstance(value, str) and "{" not in TEXTS.get(value, "{")
    return detail(str(value)) if known else value
