"""Access rules that are being edited: what they were made from, and whether somebody was faster.

What is written by hand is never lost: newer rules are taken over by themselves only while nothing
was changed. Whoever goes on from newer rules sees in the comparison what that would take back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from appliance.codec.api_access import AccessExplained, AccessMatch, AccessVersion
from monitor_gui.model.phrases import Phrase, say
from monitor_gui.model.queries import Checked, RulesHeard
from monitor_gui.model.wire_words import reason, told

_VERSION: Final = re.compile(r"^version[ \t]*=[ \t]*\d+[ \t]*(?=#|\r?$)", re.MULTILINE)
CODE_DIGITS: Final = 10


@dataclass(slots=True)
class Draft:
    """A text and the rules that it was made from; `base` is their version, None before any came."""

    base: int | None = None
    original: str = ""
    text: str = ""
    heard: RulesHeard | None = None

    @property
    def changed(self) -> bool:
        """Whether somebody wrote something."""
        return self.text != self.original

    def hear(self, heard: RulesHeard) -> bool:
        """These rules are in force. Whether the text became theirs."""
        self.heard = heard
        if self.base is not None and self.changed:
            return False
        was, self.base = self.text, heard.document.in_force
        self.original = self.text = heard.text
        return was != self.text

    def discard(self) -> None:
        """Begin again with the rules in force."""
        if self.heard is not None:
            self.base = self.heard.document.in_force
            self.original = self.text = self.heard.text

    def rebase(self) -> None:
        """Go on with this text, as one that was made from the rules in force."""
        if self.heard is not None:
            self.base = self.heard.document.in_force
            self.text = _VERSION.sub(f"version = {self.base}", self.text, count=1)
            self.original = self.heard.text

    def settle(self, checked: Checked) -> bool:
        """A text that says the same as the rules in force is made from these, as it is once they
        were applied. Whether it was made from others."""
        if checked.rules is None or checked.diff or self.faster(checked) is None:
            return False
        self.rebase()
        self.original = self.text
        return True

    def made_from(self, checked: Checked | None) -> int | None:
        """The version that the text was made from: what it says itself counts."""
        named = checked.version if checked is not None else None
        return named if named is not None else self.base

    def faster(self, checked: Checked | None) -> AccessVersion | None:
        """Who put rules in force since the version that the text was made from, None if nobody
        did."""
        base = self.made_from(checked)
        if self.heard is None or base is None or base == self.heard.document.in_force:
            return None
        in_force = self.heard.document.in_force
        newest = [one for one in self.heard.document.versions if one.version == in_force]
        return newest[0] if newest else AccessVersion(in_force, 0, "?", "", 0, 0)


def codes(text: str) -> tuple[int, int] | None:
    """Firm and product code as people write them, None for anything else."""
    firm, colon, product = text.strip().partition(":")
    whole = firm.isdecimal() and product.isdecimal() and bool(colon)
    if not whole or max(len(firm), len(product)) > CODE_DIGITS:
        return None
    return int(firm), int(product)


def explained(answer: AccessExplained) -> list[Phrase]:
    """What a check-out would be told, and why, a sentence each."""
    found: list[Phrase] = []
    if answer.reason == "granted":
        found.append(say("✔ A seat would be granted; free seats: {free}.", free=answer.free))
    else:
        found.append(say("✖ It would be refused: {why}.", why=reason(answer.reason)))
        said = answer.said.text if answer.said is not None else answer.detail
        if said:
            found.append(told(said))
    if answer.scope == "none":
        found.append(say("No set of rules is for this product."))
    else:
        found.append(say("The set for {scope} is used.", scope=answer.scope))
    decided = answer.decided_by
    if decided is not None:
        found.append(
            say(
                "Line {line} decides ({action}): {by}.",
                line=decided.line,
                action=decided.action,
                by=_by(decided),
            )
        )
    elif answer.scope != "none":
        found.append(say("No rule decides; the default is {default}.", default=answer.default))
    found += [
        say(
            "Line {line} counts ({action} {seats}), taken: {held}; {by}.",
            line=one.line,
            action=one.action,
            seats=one.seats,
            held=one.held,
            by=_by(one),
        )
        for one in answer.counted_by
    ]
    return found


def _by(match: AccessMatch) -> Phrase:
    """By which subject a rule matches, and what that is worth."""
    who = f"{match.by} ({match.group})" if match.group else match.by
    match match.worth:
        case "everyone":
            return say("it is for everyone")
        case "proven":
            return say("by {who}, which the connection proves", who=who)
        case "observed":
            return say("by {who}, which the serving host observes", who=who)
        case _:
            return say("by {who}, which any program can claim", who=who)
