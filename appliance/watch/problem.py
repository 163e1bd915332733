"""What a problem is: its levels, and for each case of it the sentences, with places for values."""

from __future__ import annotations

from typing import Final, NamedTuple

NOTICE: Final = "notice"
"""All are served, and stay so if any one host fails: to be looked at some time."""
WARNING: Final = "warning"
"""All are served, but one more failure, or the passing of time, ends that."""
CRITICAL: Final = "critical"
"""Somebody is not served, or something was lost."""
SEVERITIES: Final = (NOTICE, WARNING, CRITICAL)


class Text(NamedTuple):
    """The sentences of one case: `what` is wrong (without its full stop), what to do about it, and
    in `brief` what is wrong in fewer words for a verdict ("" if `what` is short)."""

    what: str
    remedy: str
    brief: str = ""


class Problem(NamedTuple):
    """The levels that a problem may have, and its cases."""

    levels: tuple[str, ...]
    cases: dict[str, Text]


def one_case(levels: tuple[str, ...], what: str, remedy: str, brief: str = "") -> Problem:
    """A problem with a single case."""
    return Problem(levels, {"": Text(what, remedy, brief)})
