"""An installation as a client profile describes it: what a verb asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from appliance.client import AsyncClient, Profile, Trust

WAIT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Connection:
    """An installation as the profile describes it, and how many seconds an answer may take.

    Without `trust` no seat is taken.
    """

    profile: Profile
    wait_s: float = WAIT_S
    trust: Trust | None = None

    def client(self, addresses: tuple[tuple[str, int], ...] = ()) -> AsyncClient:
        """A client of these addresses (default: all of the profile's). Raises ProfileError."""
        from appliance.client import AsyncClient, CallTiming, LeaseTiming

        return AsyncClient(
            addresses or self.profile.addresses,
            self.profile.tls,
            self.trust,
            timing=CallTiming(deadline_s=self.wait_s),
            lease_timing=LeaseTiming(check_in_s=self.wait_s),
        )
