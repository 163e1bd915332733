"""The table of open denial episodes, a base of `appliance.licences.state.State`."""

from __future__ import annotations

from appliance.licences.counting import Counting
from appliance.licences.records import Denial
from appliance.licences.undo import ABSENT

Key = tuple[str, int, int]
"""(client, firm code, product code)."""


class DenialBook(Counting):
    """The table of open episodes."""

    __slots__ = ()

    def set_denial(self, key: Key, denial: Denial | None) -> None:
        """Open an episode, or close it (None)."""
        self._put(self.denials, key, ABSENT if denial is None else denial)
