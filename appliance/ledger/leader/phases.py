"""The phases of a coordinator, and the words for why a request got no answer."""

from __future__ import annotations

from typing import Final

PASSIVE: Final = "passive"
PRE_VOTE: Final = "pre-vote"
PREPARING: Final = "preparing"
READING: Final = "reading"
ADOPTING_LOG: Final = "adopting"
SERVING: Final = "serving"
IN_TERM: Final = frozenset({PREPARING, READING, ADOPTING_LOG, SERVING})

QUORUM_LOST: Final = "quorum-lost"
UNKNOWN_REPEAT: Final = "unknown-repeat"
NOT_ACTIVE: Final = "not-active"
OVERLOADED: Final = "overloaded"
