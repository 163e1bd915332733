"""What a decoder tells of an input, as branches that the fuzzer counts.

Atheris watches our own Python only. Most bytes are taken apart by native code (msgspec, OpenSSL),
whose branches it does not see: to it, 27 kinds of messages are one, and every refusal by msgspec is
the same. But native code says what it found: which type it made, and in words where it stopped.
Each such word counts as a branch here. So an input of a new kind, or one that gets further into a
message, is kept and changed again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import ModuleType
from zlib import crc32

import msgspec

WORDS_MAX = 1024
"""Branches that are reserved for words; beyond that, two words may share one."""
TEXT_MAX = 200
CHAIN_MAX = 4
PARTS_MAX = 16

_ACCIDENTAL = re.compile(
    r"(?<=Invalid value ).*(?= - at)|'.*'|\".*\"|unknown field `.*`|\w*\d\w*|[^ -~]+", re.DOTALL
)
"""What comes out of the input itself: values, names that nobody knows, numbers."""
_OURS = ("appliance.", "monitor_gui.")


def words(outcome: object) -> Iterator[str]:
    """What is told by a result, or by a refusal and what was behind it.

    Our own refusals count by their type alone: which sentence it is, our own branches say.
    """
    if isinstance(outcome, BaseException):
        error: BaseException | None = outcome
        for _ in range(CHAIN_MAX):
            if error is None:
                break
            ours = type(error).__module__.startswith(_OURS)
            text = "" if ours else _ACCIDENTAL.sub("", str(error))[:TEXT_MAX]
            yield f"{type(error).__name__} {text}"
            error = error.__context__
    elif isinstance(outcome, list | tuple) and not hasattr(outcome, "_fields"):
        for part in outcome[:PARTS_MAX]:
            yield from words(part)
    elif isinstance(outcome, msgspec.Struct):
        kind = type(outcome).__name__
        yield kind
        for field in outcome.__struct_fields__:
            yield f"{kind}.{field} {type(getattr(outcome, field)).__name__}"
    elif outcome is not None:
        yield type(outcome).__name__


def counted(atheris: ModuleType) -> Callable[[object], None]:
    """What has Atheris count what outcomes tell. Call it before `atheris.Setup`."""
    branches = [atheris._reserve_counter() for _ in range(WORDS_MAX)]

    def note(outcome: object) -> None:
        for word in words(outcome):
            # Looked up each time: Setup puts another function there.
            atheris._trace_branch(branches[crc32(word.encode("utf-8", "replace")) % WORDS_MAX])

    return note
