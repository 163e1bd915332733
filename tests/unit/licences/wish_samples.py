"""For each wish a value that is not the default, and one that nobody can ask."""

from __future__ import annotations

from typing import Any, Final

from appliance.licences.wishes import Wish

ASKED: Final[dict[str, Any]] = {
    "release_date": "2026-09-01",
    "features": 5,
    "mode": "no-limit",
    "emergency": False,
}
IMPOSSIBLE: Final[dict[str, Any]] = {
    "release_date": "1.9.2026",
    "features": -1,
    "mode": "all",
    "emergency": "no",
}


def written(wish: Wish, value: Any) -> tuple[str, ...]:
    """How this is asked on a command line."""
    if isinstance(value, bool):
        return (wish.flag.split("/")[not value],)
    return wish.flag, str(value)
