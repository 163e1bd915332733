"""The version of the rules: what commands may say and what they do, raised by an entry (design D1).

All hosts have to come to the same outcomes while some of them run a newer release. So a release
knows rules up to RULES, the ledger says which are in force, and whatever came later has no effect
before an operator raised them:

    a later command, or a field at the end of one     `since`, `later`: `needs` says the version
    a later row of the state, or a field of a row     written only where it says something

A release that does not know a command at all says of it what a newer one says that may not use it
yet: `rules-not-raised`. So both agree, and no host is stuck at an entry that it cannot read.

What can go wrong in here is one thing written in two ways, of which an older release can read only
one: so what came later is left out wherever it has its default, and a command that is written
otherwise counts as one that nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeVar

import msgspec

from appliance.details import detail

FIRST: Final = 1
"""The first version, which every release knows."""
VERSION_MAX: Final = 2**31 - 1
"""No version is higher."""
SINCE: Final[dict[type, int]] = {}
"""Commands that came after the first version, and with which."""
LATER: Final[dict[type, Mapping[str, int]]] = {}
"""Fields at the end of a struct that came after the struct, and with which version."""

T = TypeVar("T", bound=type)


def since(version: int) -> Callable[[T], T]:
    """A command came with this version."""

    def mark(kind: T) -> T:
        SINCE[kind] = version
        return kind

    return mark


def later(**fields: int) -> Callable[[T], T]:
    """These last fields of a struct, with defaults, came with these versions, in that order."""

    def mark(kind: T) -> T:
        LATER[kind] = fields
        return kind

    return mark


def needs(command: msgspec.Struct) -> int:
    """The version that has to be in force for this command, with what is in it."""
    version = SINCE.get(type(command), FIRST)
    for part in _parts(command):
        for field, came in LATER[type(part)].items():
            if getattr(part, field) != _default(type(part), field):
                version = max(version, came)
    return version


def in_one_form(command: msgspec.Struct, data: bytes) -> bool:
    """Whether a command that was read from these bytes is written as `encode` writes it; looked at
    only where it holds something of which a part came later."""
    return not any(True for _ in _parts(command)) or encode(command) == data


def _parts(command: msgspec.Struct) -> Iterator[msgspec.Struct]:
    """The command and what stands in its fields, as far as fields came later there."""
    if LATER:
        held = (getattr(command, name) for name in command.__struct_fields__)
        yield from (one for one in (command, *held) if type(one) in LATER)


def encode(value: Any) -> bytes:
    """The one way in which this is written: later fields are there only if they say something."""
    return _encode(plain(value) if LATER else value)


def plain(value: Any) -> Any:
    """The value without the later fields at its end that say nothing, ready to be encoded."""
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    config = getattr(value, "__struct_config__", None)
    if config is None or not config.array_like:
        return value
    kind = type(value)
    kept = list(kind.__struct_fields__)
    while kept and kept[-1] in LATER.get(kind, {}):
        if getattr(value, kept[-1]) != _default(kind, kept[-1]):
            break
        kept.pop()
    fields = [plain(getattr(value, name)) for name in kept]
    return [config.tag, *fields] if config.tag is not None else fields


def is_newer(in_force: int, known: int) -> bool:
    """Whether a release does not know the rules in force."""
    return in_force > known


def newer(version: int, known: int) -> str:
    """What a host says that knows less than the rules in force."""
    return detail("rules-newer", in_force=version, known=known)


def _default(kind: type, field: str) -> Any:
    fields: tuple[str, ...] = kind.__struct_fields__  # type: ignore[attr-defined]
    defaults: tuple[Any, ...] = kind.__struct_defaults__  # type: ignore[attr-defined]
    return defaults[fields.index(field) - len(fields)]


_encode: Final = msgspec.msgpack.Encoder().encode
