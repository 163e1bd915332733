"""Who holds which lease, so that what happens to a lease later can be told by a person's name.

Only a check-out names its holder; units, check-in, expiry and release name the client. What was
granted before the monitor began to look is known from the lists.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

from appliance.codec.api import LeaseDocument

KNOWN_MAX: Final = 20_000
_ENDINGS: Final = frozenset({"check-in", "expiry", "release"})
_Key = tuple[str, str]


class Holders:
    """The newest holders, at most `most`."""

    def __init__(self, most: int = KNOWN_MAX) -> None:
        self._most = most
        self._known: OrderedDict[_Key, dict[str, str]] = OrderedDict()
        self._newest = 0

    def listed(self, leases: tuple[LeaseDocument, ...]) -> None:
        """These leases are held, in the order of their grants, as newer lists have them."""
        fresh: list[LeaseDocument] = []
        for lease in reversed(leases):
            if lease.generation <= self._newest or len(fresh) == self._most:
                break
            fresh.append(lease)
        for lease in reversed(fresh):
            self._newest = lease.generation
            holder = {"user": lease.holder.user, "host": lease.holder.host}
            self._note((lease.client, lease.lease_id), holder)

    def told(self, name: str, data: dict[str, Any]) -> dict[str, Any]:
        """An event's data, with its holder if that is known."""
        client, lease_id = data.get("client"), data.get("lease_id")
        if not (isinstance(client, str) and isinstance(lease_id, str)):
            return data
        key, holder = (client, lease_id), data.get("holder")
        if isinstance(holder, dict):
            if name == "check-out" and data.get("outcome") == "granted":
                self._note(key, holder)
            return data
        ended = name in _ENDINGS and data.get("outcome", "") in ("done", "granted", "ended", "")
        known = self._known.pop(key, None) if ended else self._known.get(key)
        return data if known is None else data | {"holder": known}

    def name_of(self, client: str, lease_id: str) -> str:
        """The holder as "user on host"; the client, where that is not known."""
        holder = self._known.get((client, lease_id), {})
        user, host = (str(holder.get(name) or "") for name in ("user", "host"))
        return f"{user} on {host}" if user and host else user or client

    def _note(self, key: _Key, holder: dict[str, str]) -> None:
        self._known[key] = holder
        if len(self._known) > self._most:
            self._known.popitem(last=False)
