"""How long what a command carries may be: longer ones have no effect on any state."""

from __future__ import annotations

from typing import Final

NAME_MAX: Final = 256
"""Characters of a client's name, a lease id, each text of a holder, a host's name, `who`."""
WHY_MAX: Final = 1_024
"""Characters of a reason that an operator gives."""
HASH_SIZE: Final = 32
"""Bytes of a SHA-256; shorter ones can never be proven and do no harm."""
LEDGER_ID_MAX: Final = 64
"""Bytes of a ledger id."""


def too_long(who: str, why: str) -> bool:
    """Whether an act says more of itself than it may."""
    return len(who) > NAME_MAX or len(why) > WHY_MAX
