"""One row of the table of reasons (`appliance.licences.reasons`), and the words of what is none."""

from __future__ import annotations

from typing import Final, NamedTuple

GRANTED: Final = "granted"
DONE: Final = "done"
TOOK_EFFECT: Final = frozenset((GRANTED, DONE))


class Reason(NamedTuple):
    """One row. `status` is HTTP's, 0 for what no client is ever told, `title` the problem's.
    `remedy` completes "...; " with what to do about it.

    `answers_lease`: an honest client's check-out, consumption or check-in may get it as a final
    word. `uses_number`: a consumption that gets it uses its number up (`leases`, note 3).
    `ends_lease`: the lease itself is over for this client. `repeat`: the same request may well be
    answered otherwise a moment later, so it is no final word. `no_licence`: there is no licence to
    be had, which is what a command line's exit code says.
    """

    word: str
    status: int
    title: str
    remedy: str
    answers_lease: bool = False
    uses_number: bool = False
    ends_lease: bool = False
    repeat: bool = False
    no_licence: bool = False


def at_rest(word: str, title: str, remedy: str) -> Reason:
    """The row of an option that lets a licence rest: a final word for now, with HTTP's 403."""
    return Reason(word, 403, title, remedy, answers_lease=True, uses_number=True, no_licence=True)
