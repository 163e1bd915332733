"""Trust of tools that are no licensed program: `tmr run`, `tmr checkout`, the lab.

They have no vendor who could compile a trust into them, so they take the licence root that the
profile names. That is a convenience and no protection: whoever writes the profile says who is
believed. A licensed program brings its own `Trust`, and has no use for this module.
"""

from __future__ import annotations

from appliance.client.errors import ProfileError
from appliance.client.profile import Profile
from appliance.verifier.trust import Trust


def tool_trust(profile: Profile) -> Trust:
    """Trust in the licence root that this profile names, for any firm. Raises ProfileError."""
    if profile.licence_root is None:
        raise ProfileError(
            f"{profile.path}: licence_root is missing; name the licence root's certificate, "
            "without which no receipt can be verified"
        )
    try:
        return Trust(profile.licence_root.read_bytes())
    except (OSError, ValueError) as error:
        raise ProfileError(f"{profile.path}: licence_root cannot be read ({error})") from error
