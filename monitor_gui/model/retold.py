"""Finished English sentences, as history and acts have them, turned back into phrases.

The history is kept as text, which any later version can read; what is shown of it is to be in the
language of the person who looks. So a sentence is recognised by its template, and what nobody here
knows is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from monitor_gui.model.phrases import Phrase, say
from monitor_gui.model.troubles import TROUBLES
from monitor_gui.model.wire_words import PHASES, REASONS

KNOWN: Final = (
    *TROUBLES,
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


def _quoted(place: str, text: str) -> str | Phrase:
    """What stands in a place of that name."""
    tell = _PLACES.get(place)
    return text if tell is None else tell(text)


_PLACES: Final[dict[str, Callable[[str], str | Phrase]]] = {"why": retold}
"""Places of templates in which more than a name stands."""
