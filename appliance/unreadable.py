"""What the decoders raise for bytes that somebody else made: a refusal, and never the end."""

from __future__ import annotations

from typing import Final

import msgspec

UNREADABLE: Final = (msgspec.MsgspecError, ValueError, RecursionError)
"""What a decoder of MessagePack, JSON or TOML raises for bytes that hold no document.

Some of it is none of the decoder's own errors: UnicodeDecodeError for text that is not UTF-8,
ValueError for a number of too many digits, RecursionError for what is nested too deeply.
"""
