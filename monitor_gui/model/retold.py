"""Finished English sentences, as history and acts have them, turned back into phrases.

The history is kept as text, which any later version can read; what is shown of it is to be in the
language of the person who looks. So a sentence is recognised by its template, and what nobody here
knows is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from monitor_gui.model.findings import FINDINGS
from monitor_gui.model.phrases import Phrase, say
from monitor_gui.model.troubles import TROUBLES
from monitor_gui.model.wire_words import PHASES, REASONS

KNOWN: Final = (
    *TROUBLES,
    *FINDINGS,
    say("{host} took over from {other}"),
    say("{host} serves again"),
    say("{host} serves (seen when the monitor began to look)"),
    say("nobody is seen to serve; {host} was the last"),
    say("{host} is in maintenance"),
    say("{host} left maintenance"),
    say("{host} does not answer"),
    say("no answer yet"),
    say("{host} answers again"),
    say("{host} is lost"),
    say("the virtual IP moved from {host} to {other}"),
    say("no host that answers has the virtual IP"),
    say("the virtual IP is on {hosts} at once"),
    say("switchover {host} by {who}: {reason}"),
    say("replace {host} by {who}: {reason}"),
    say("maintenance-on {host} by {who}: {reason}"),
    say("maintenance-off {host} by {who}: {reason}"),
    say("Certified time for {serials}."),
    say("Certified time for {serials}. None for {failed}."),
    say("No certified time for {failed}."),
    say("The lease of {who} has ended."),
    say("Recorded; {host} is taking over."),
    say("The maintenance of {host} has begun."),
    say("The maintenance of {host} has ended."),
    say("Written: {path}"),
    say("Too much is under way: wait for an answer first."),
    say("{number} time updates are under way: wait until one ends"),
    say("Not connected: nothing was done."),
    say("Refused: {why}."),
    say("It could not be written: {why}."),
    say("the connection has no name"),
    say("it has no profile: name a client profile (TOML)"),
    say("a jump host leads to an SSH host: name that one, too"),
    say('"{text}" is not of the form host:port'),
    say('"{text}" is not of the form user@host or user@host:port'),
)
TEXT_MAX: Final = 2_000
_NAMES: Final = frozenset(("host", "other", "unit"))
"""Places that hold one word. Reasons, lists and paths may hold blanks."""
_NUMBER_MAX: Final = 9
"""Digits of a number that can be counted."""
_SPANS: Final = {"days": say("{n} days"), "hours": say("{n} hours")}
_STATES: Final = {
    "differs": say("differs"),
    "missing": say("missing"),
    "unreachable": say("unreachable"),
    "locked": say("locked"),
}


class Template:
    """A template that recognises the sentences it made, in a time that grows with their length."""

    def __init__(self, template: str) -> None:
        self.template = template
        parts = re.split(r"\{(\w+)\}", template)
        self._said, self._places = parts[::2], parts[1::2]
        self.says = sum(map(len, self._said))

    def match(self, text: str) -> dict[str, str] | None:
        """What stands in each place, none of them empty, the first as long as can be."""
        first, *between = self._said
        if not self._places:
            return {} if text == first else None
        last = between.pop()
        if not (text.startswith(first) and text.endswith(last)):
            return None
        least, end = len(first), len(text) - len(last)
        values: list[str] = []
        # From the right, each piece as far to the right as can be.
        for piece in reversed(between):
            at = text.rfind(piece, least, end - 1)
            if at < 0:
                return None
            values.append(text[at + len(piece) : end])
            end = at
        if end <= least:
            return None
        values.append(text[least:end])
        found: dict[str, str] = {}
        for name, value in zip(self._places, reversed(values), strict=True):
            if found.setdefault(name, value) != value or (name in _NAMES and " " in value):
                return None
        return found


# The one that says most is meant: a sentence may fit others that leave more open.
_templates: Final = tuple(
    sorted((Template(phrase.template) for phrase in KNOWN), key=lambda one: -one.says)
)


def retold(text: str) -> Phrase:
    """The phrase that this sentence was, or one that says just this. What it quotes is retold,
    too: a reason, a span of time, the state of a twin."""
    if len(text) > TEXT_MAX:
        return _just(text)
    word, colon, rest = text.partition(": ")
    if word in REASONS:
        if not colon:
            return REASONS[word]
        return say("{reason}: {detail}", reason=REASONS[word], detail=retold(rest))
    for one in _templates:
        found = one.match(text)
        if found is not None:
            return Phrase(one.template, tuple((k, _quoted(k, v)) for k, v in found.items()))
    return PHASES.get(text) or _just(text)


def _just(text: str) -> Phrase:
    return Phrase("{text}", (("text", text),))


def _quoted(place: str, text: str) -> str | int | Phrase:
    """What stands in a place of that name."""
    tell = _PLACES.get(place)
    return text if tell is None else tell(text)


def _number(text: str) -> str | int:
    countable = text.isascii() and text.isdecimal() and len(text) <= _NUMBER_MAX
    return int(text) if countable and str(int(text)) == text else text


def _span(text: str) -> str | Phrase:
    """ "20 days"."""
    number, _, unit = text.partition(" ")
    if unit not in _SPANS:
        return text
    return Phrase(_SPANS[unit].template, (("n", _number(number)),))


def _two(text: str) -> str | Phrase:
    """ "tmr1 and tmr2"."""
    one, between, other = text.partition(" and ")
    return say("{most} and {last}", most=one, last=other) if between else text


def _twins(text: str) -> str | Phrase:
    """ "up2 missing, up3 differs"."""
    told: Phrase | None = None
    for part in text.split(", "):
        host, blank, state = part.rpartition(" ")
        if not blank or state not in _STATES:
            return text
        one = say("{host} {state}", host=host, state=_STATES[state])
        told = one if told is None else say("{first}, {next}", first=told, next=one)
    return text if told is None else told


_PLACES: Final[dict[str, Callable[[str], str | int | Phrase]]] = {
    "why": retold,
    "code": lambda text: REASONS.get(text) or text,
    "n": _number,
    "span": _span,
    "state": lambda text: say("unknown") if text == "unknown" else text,
    "two": _two,
    "twins": _twins,
}
"""Places of templates in which more than a name stands."""
