"""English sentences that remember what they were made of, so that nobody has to take them apart.

Who raises an error knows of no languages; the monitor shows it in the user's. A `Sentence` is the
English text for everybody, and template and values for whoever translates.
"""

from __future__ import annotations


class Sentence(str):
    """`template` has named places; `values` is what stands there: text, a number that is counted,
    or a sentence itself."""

    template: str
    values: dict[str, str | int]
    code: str
    """By which it is known to machines, "" if by none (`appliance.details`)."""

    def __new__(cls, template: str, /, **values: object) -> Sentence:
        kept = {k: v if isinstance(v, Sentence | int) else str(v) for k, v in values.items()}
        made = super().__new__(cls, template.format(**kept))
        made.template, made.values, made.code = template, kept, ""
        return made


def in_english(text: str) -> str:
    """The bare text, for a field that carries English and nothing else."""
    return str.__str__(text)


def within(text: str) -> str:
    """The same, to stand within a sentence: without a full stop."""
    return text if isinstance(text, Sentence) else text.rstrip(".")


def as_text(value: object) -> str:
    """What a sentence is in JSON, for an encoder: its English text. Raises TypeError for whatever
    is no sentence."""
    if isinstance(value, Sentence):
        return in_english(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def sentence_of(error: BaseException) -> str:
    """What an error says: the sentence it was raised with, if it was one."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Sentence) else str(error)
