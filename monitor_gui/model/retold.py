"""Finished English sentences, as history and acts have them, turned back into phrases.

The history is kept as text, which any later version can read; what is shown of it is to be in the
language of the person who looks. So a sentence is recognised by its template, and what nobody here
knows is shown as it is.
"""

from __future__ import annotations

import re
from typing import Final

from monitor_gui.model.phrases import Phrase, say
from monitor_gui.model.troubles import TROUBLES
from monitor_gui.model.wire_words import REASONS

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
    say("The lease {lease} of {client} has ended."),
    say("Recorded; {host} is taking over."),
    say("The maintenance of {host} has begun."),
    say("The maintenance of {host} has ended."),
    say("Written: {path}"),
    say("Too much is under way: wait for an answer first."),
    say("Not connected: nothing was done."),
    say("Refused: {why}."),
    say("It could not be written: {why}."),
    say("it has no name"),
    say("it has no profile: name a client profile (TOML)"),
    say("a jump host leads to an SSH host: name that one, too"),
    say('"{text}" is not of the form host:port'),
    say('"{text}" is not of the form user@host or user@host:port'),
)
TEXT_MAX: Final = 2_000
QUOTED: Final = "why"
"""The place of a template in which another sentence stands."""


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    # Odd ones are places. Names hold no space; reasons and paths may.
    pieces = [
        rf"(?P<{part}>.+)" if number % 2 else re.escape(part) for number, part in enumerate(parts)
    ]
    return re.compile("".join(pieces), re.DOTALL)


def _said(template: str) -> int:
    """How much a template says itself."""
    return len(re.sub(r"\{\w+\}", "", template))


# The one that says most is meant: a sentence may fit others that leave more open.
_patterns: Final = tuple(
    (phrase.template, _pattern(phrase.template))
    for phrase in sorted(KNOWN, key=lambda phrase: -_said(phrase.template))
)


def retold(text: str) -> Phrase:
    """The phrase that this sentence was, or one that says just this. What it quotes as the reason
    is retold, too."""
    if len(text) > TEXT_MAX:
        return Phrase("{text}", (("text", text),))
    word, colon, rest = text.partition(": ")
    if word in REASONS:
        if not colon:
            return REASONS[word]
        return say("{reason}: {detail}", reason=REASONS[word], detail=retold(rest))
    for template, pattern in _patterns:
        found = pattern.fullmatch(text)
        if found is not None:
            values = found.groupdict().items()
            return Phrase(template, tuple((k, retold(v) if k == QUOTED else v) for k, v in values))
    return Phrase("{text}", (("text", text),))
