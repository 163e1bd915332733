"""Whether a JSON document names the same key twice, which no two readers understand alike (pure).

RFC 8259 leaves it open which of the two counts; msgspec takes the last, others the first. The look
is cheap, since it is made for each request: a name that stands only once in the text cannot be
there twice as a key. Only where that leaves a doubt is the document read once more.
"""

from __future__ import annotations

import json
import types
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec


class _Repeated(Exception):
    """Carries the key that is there twice."""


def repeated_key(data: bytes, kind: type) -> str:
    """A key that one object in this document (of a struct's type, decoded before) has twice; "" if
    there is none. Keys that the type does not know count only where names are escaped."""
    if b"\\" not in data:
        for name in _names(kind):
            if data.count(name) > 1:
                break
        else:
            return ""
    try:
        json.loads(data, object_pairs_hook=_object)
    except _Repeated as repeated:
        return str(repeated)
    return ""


def _object(pairs: list[tuple[str, Any]]) -> None:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise _Repeated(next(key for key in keys if keys.count(key) > 1))


@cache
def _names(kind: Any) -> tuple[bytes, ...]:
    """Every name that a document of this type may have, in quotes."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        own = [f'"{name}"'.encode() for name in kind.__struct_encode_fields__]
        hints = get_type_hints(kind)
        own += [name for hint in hints.values() for name in _names(hint)]
        return tuple(dict.fromkeys(own))
    if get_origin(kind) in (Union, types.UnionType, tuple, list):
        return tuple(name for part in get_args(kind) for name in _names(part))
    return ()
