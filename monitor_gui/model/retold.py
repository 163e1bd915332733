"""Finished English sentences, as history and acts have them, turned back into phrases.

The history is kept as text, which any later version can read; what is shown of it is to be in the
language of the person who looks. So a sentence is recognised by its template, and what nobody here
knows is shown as it is.
"""

from __future__ import annotations

import re
from typing import Final

from monitor_gui.model.phrases import Phrase, say

KNOWN: Final = (
    say("{host} took over from {other}"),
    say("{host} serves again"),
    say("{host} serves (seen when the monitor began to look)"),
    say("nobody is seen to serve; {host} was the last"),
    say("{host} is in maintenance"),
    say("{host} left maintenance"),
    say("{host} does not answer"),
    say("{host} answers again"),
    say("{host} is lost"),
    say("the virtual IP moved from {host} to {other}"),
    say("no host that answers has the virtual IP"),
    say("the virtual IP is on {hosts} at once"),
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


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    # Odd ones are places. Names hold no space; reasons and paths may.
    pieces = [
        rf"(?P<{part}>.+)" if number % 2 else re.escape(part) for number, part in enumerate(parts)
    ]
    return re.compile("".join(pieces), re.DOTALL)


_patterns: Final = tuple((phrase.template, _pattern(phrase.template)) for phrase in KNOWN)


def retold(text: str) -> Phrase:
    """The phrase that this sentence was, or one that says just this."""
    if len(text) <= TEXT_MAX:
        for template, pattern in _patterns:
            found = pattern.fullmatch(text)
            if found is not None:
                return Phrase(template, tuple(found.groupdict().items()))
    return Phrase("{text}", (("text", text),))
