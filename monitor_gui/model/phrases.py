"""Sentences that can be translated: a template and its values, joined only where they are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Translate = Callable[[str, object], str]
"""(template, the value of `n` or None) -> the template in another language."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A template with named places, and what belongs there (perhaps phrases themselves)."""

    template: str
    values: tuple[tuple[str, str | int | Phrase], ...] = ()

    def text(self, translate: Translate = lambda template, number: template) -> str:
        """The sentence in the language of `translate`, which maps a template to its translation; a
        value called `n` chooses the plural form."""
        filled = {
            name: value.text(translate) if isinstance(value, Phrase) else value
            for name, value in self.values
        }
        return translate(self.template, filled.get("n")).format(**filled)

    def __str__(self) -> str:
        return self.text()


def say(template: str, **values: str | int | Phrase) -> Phrase:
    """A phrase. Every template is written out where `say` is called, so that a tool can collect
    them for translation."""
    return Phrase(template, tuple(values.items()))


def listed(names: tuple[str, ...] | list[str]) -> Phrase:
    """Names as people list them: a, b and c."""
    if not names:
        return say("none")
    if len(names) == 1:
        return say("{name}", name=names[0])
    return say("{most} and {last}", most=", ".join(names[:-1]), last=names[-1])
