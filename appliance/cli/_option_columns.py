"""How tables of licences show the options that have no column of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from appliance.cli.output import end_of
from appliance.licences.item import ItemOptions
from appliance.licences.options import shown
from appliance.licences.options.row import Kind, Shown

OWN_COLUMNS: Final = frozenset(("text", "quantity", "units", "expires_at_s"))
"""Options that have a column of their own wherever licences are listed."""
_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def seconds(length_s: int) -> str:
    """A duration, in all the units that say it exactly: "1 d 12 h"."""
    left_s, parts = length_s, []
    for name, size in _UNITS:
        count, left_s = divmod(left_s, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts) or "0 s"


SHOWN: Final[Shown] = {
    Kind.TEXT: str,
    Kind.COUNT: str,
    Kind.BITS: hex,
    Kind.SECONDS: seconds,
    Kind.BEGIN: end_of,
    Kind.DATE: str,
    Kind.END: end_of,
    Kind.MODES: ", ".join,
    Kind.WORD: str,
}


def options_column(
    items: Iterable[ItemOptions], but: Collection[str] = OWN_COLUMNS
) -> tuple[tuple[str, ...], list[tuple[str | None, ...]]]:
    """A last column for a table of licences, and its cell in each row: neither where no licence
    has an option to show there."""
    cells = [", ".join(shown(item, SHOWN, but)) or None for item in items]
    if not any(cells):
        return (), [() for _ in cells]
    return ("options",), [(cell,) for cell in cells]
