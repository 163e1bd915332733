"""The options of a licence that have no column of their own, in the user's language."""

from __future__ import annotations

from typing import Final

from appliance.licences.item import ItemOptions
from appliance.licences.options import shown
from appliance.licences.options.modes import NAMES as MODE_NAMES
from appliance.licences.options.role import NAMES as ROLE_NAMES
from appliance.licences.options.row import Kind, Shown
from monitor_gui.model.ages import duration
from monitor_gui.qt.language import translated, words
from monitor_gui.qt.moments import clock


def role_name(role: str) -> str:
    """A licence's role as people call it; any other word, as it is written."""
    named = ROLE_NAMES.get(role)
    return role if named is None else translated(named.en)


OWN_COLUMNS: Final = frozenset(("text", "quantity", "units", "expires_at_s"))
SHOWN: Final[Shown] = {
    Kind.TEXT: str,
    Kind.COUNT: str,
    Kind.BITS: hex,
    Kind.SECONDS: lambda value: words(duration(value)),
    Kind.BEGIN: clock,
    Kind.DATE: str,
    Kind.END: clock,
    Kind.MODES: lambda modes: ", ".join(map(mode_name, modes)),
    Kind.WORD: role_name,
}
"""As on the command line, but durations in words and moments in local time."""


def mode_name(mode: str) -> str:
    """An access mode as people call it; one that is not known here, as it is written."""
    named = MODE_NAMES.get(mode)
    return mode if named is None else translated(named.en)


def option_lines(item: ItemOptions) -> list[str]:
    """Each option that is set and has no column of its own: "name value"."""
    return list(shown(item, SHOWN, OWN_COLUMNS, translated))
