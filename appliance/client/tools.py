"""Trust of tools that are no licensed program, and of programs that bring none: `tmr run`, the lab.

They have no vendor who compiled a trust into them, so they take the licence root that the profile
names. That is a convenience and no protection: whoever writes the profile says who is believed. A
licensed program brings its own `Trust`, and has no use for this module.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from appliance.client.errors import ProfileError
from appliance.verifier.trust import Trust


class NamesRoot(Protocol):
    """A profile, as far as it is needed here."""

    @property
    def path(self) -> Path:
        """The profile's file."""

    @property
    def licence_root(self) -> Path | None:
        """The licence root's certificate that it names, if it does."""

    @property
    def redundancy(self) -> str:
        """Whose word the tools take: `Trust.redundancy`."""


class UnprotectedWarning(UserWarning):
    """This program takes seats without a trust of its own: it is licensed by its profile's word."""


def tool_trust(profile: NamesRoot) -> Trust:
    """Trust in the licence root that this profile names, for any firm, with the redundancy that it
    names. Raises ProfileError."""
    if profile.licence_root is None:
        raise ProfileError(
            f"{profile.path}: licence_root is missing; name the licence root's certificate, "
            "without which no receipt can be verified"
        )
    try:
        return Trust(profile.licence_root.read_bytes(), redundancy=profile.redundancy)
    except (OSError, ValueError) as error:
        raise ProfileError(f"{profile.path}: licence_root cannot be read ({error})") from error
