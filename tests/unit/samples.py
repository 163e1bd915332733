"""Values of any of our types, made from its annotations alone, and all that differ in one field.

So a test that goes through "every field of every struct" meets a new field by itself.
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Iterator
from itertools import count, pairwise
from typing import Any

import msgspec

from appliance.licences.grants import Laid

_numbers = count(1)


def fields_of(kind: Any) -> dict[str, Any]:
    """The fields of a Struct, NamedTuple or dataclass with their types, {} for other types."""
    if not isinstance(kind, type):
        return {}
    if issubclass(kind, msgspec.Struct):
        names = list(kind.__struct_fields__)
    elif issubclass(kind, tuple) and hasattr(kind, "_fields"):
        names = list(kind._fields)
    elif dataclasses.is_dataclass(kind):
        names = [field.name for field in dataclasses.fields(kind)]
    else:
        return {}
    hints = typing.get_type_hints(kind, include_extras=True)
    return {name: hints[name] for name in names}


def structs_in(kind: Any) -> Iterator[type[msgspec.Struct]]:
    """The structs that a type is made of, itself included."""
    for part in typing.get_args(kind):
        yield from structs_in(part)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for of in fields_of(kind).values():
        yield from structs_in(of)


def sample(kind: Any) -> Any:
    """A value of this type; no two numbers or texts in it are alike. Raises TypeError."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        value = sample(inner[0])
        sizes = _sizes(kind) or _most(kind)
        return value[: max(sizes)] if sizes and isinstance(value, str | bytes) else value
    if origin in (typing.Union, types.UnionType):
        return sample(next(one for one in inner if one is not type(None)))
    if origin is tuple:
        return (sample(inner[0]),) if inner[-1] is Ellipsis else tuple(map(sample, inner))
    fields = fields_of(kind)
    if fields or (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return kind(**{name: sample(of) for name, of in fields.items()})
    number = next(_numbers)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return list(kind)[number % len(kind)]
    if typing.get_origin(kind) is dict:
        return {"index": number}
    simple: dict[Any, Any] = {
        bool: True,
        int: number,
        float: number + 0.5,
        str: f"text-{number}",
        bytes: number.to_bytes(2, "big") * 16,
    }
    if kind not in simple:
        raise TypeError(f"there is no sample of {kind}: say here what one looks like")
    return simple[kind]


def others(value: Any, path: str = "", of: Any = None) -> Iterator[tuple[str, Any]]:
    """Every value that differs from this one in a single place, with the name of that place.

    `of` is its declared type: bytes of which that fixes the length keep it, since no decoder reads
    others.
    """
    fields = fields_of(type(value))
    if fields:
        for name, inner in fields.items():
            for where, other in others(getattr(value, name), f"{path}.{name}".lstrip("."), inner):
                yield where, _replaced(value, name, other)
    elif isinstance(value, bool):
        yield path, not value
    elif isinstance(value, int | float):
        yield path, value + 1
    elif isinstance(value, str):
        yield from ((path, value[:-1]) for _ in value[:1])
        yield path, value + "x"
    elif isinstance(value, bytes):
        yield from ((path, value[:-1] + bytes([last ^ 1])) for last in value[-1:])
        yield from ((path, value[:size]) for size in _sizes(of) if size < len(value))
        if not _is_fixed(of):
            yield from ((path, value[:-1]) for _ in value[:1])
            yield path, value + b"x"
    elif isinstance(value, tuple):
        if value:
            yield path, value[1:]
            yield path, (*value, *value[-1:])
        for position, one in enumerate(value):
            for where, other in others(one, f"{path}[{position}]"):
                yield where, (*value[:position], other, *value[position + 1 :])
    elif isinstance(value, dict):
        yield path, {}
        yield path, value | {"more": 1}
        for key, one in value.items():
            for where, other in others(one, f"{path}[{key}]"):
                yield where, value | {key: other}
    else:
        raise TypeError(f"how does another {type(value)} look? Say it here")


def shifted(value: Any) -> Iterator[tuple[str, Any]]:
    """Every value in which one byte went from the end of a field to the next field of any length.

    What stands between them, numbers of eight bytes and bytes of a fixed length, moves along. So
    bytes that are only put one after the other are the same as before.
    """
    found = list(_leaves(value))
    open_ended = [place for place, (_, one, of) in enumerate(found) if _is_open(one, of)]
    for first, last in pairwise(open_ended):
        paths = [path for path, _, _ in found[first : last + 1]]
        values = [one for _, one, _ in found[first : last + 1]]
        if any(not isinstance(one, int | bytes | str) for one in values):
            continue
        moved, changed = _data(values[0])[-1:], value
        for path, one in zip(paths[1:], values[1:], strict=True):
            data = moved + _data(one)
            keep = len(data) if path == paths[-1] else len(data) - 1
            moved = data[keep:]
            changed = _put(changed, path, _like(one, data[:keep]))
        shorter = _like(values[0], _data(values[0])[:-1])
        yield f"{'.'.join(paths[0])}|{'.'.join(paths[-1])}", _put(changed, paths[0], shorter)


Path = tuple[str, ...]


def _leaves(value: Any, path: Path = (), of: Any = None) -> Iterator[tuple[Path, Any, Any]]:
    """The innermost fields in their order: where, what is there, and its declared type."""
    fields = fields_of(type(value))
    for name, inner in fields.items():
        yield from _leaves(getattr(value, name), (*path, name), inner)
    if not fields:
        yield path, value, of


def _is_open(value: Any, of: Any) -> bool:
    return isinstance(value, str | bytes) and not _is_fixed(of)


def _data(value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return value.to_bytes(8, "big")
    return value.encode("latin-1") if isinstance(value, str) else value


def _like(value: Any, data: bytes) -> Any:
    """These bytes as a value of the same type."""
    if isinstance(value, int):
        return int.from_bytes(data, "big")
    return data.decode("latin-1") if isinstance(value, str) else data


def _put(value: Any, path: Path, other: Any) -> Any:
    name, *inner = path
    return _replaced(
        value, name, _put(getattr(value, name), tuple(inner), other) if inner else other
    )


def _sizes(of: Any) -> tuple[int, ...]:
    """The only lengths that a declared type allows, () if there are more."""
    for meta in getattr(of, "__metadata__", ()):
        if isinstance(meta, Laid) and meta.sizes:
            return meta.sizes
        if isinstance(meta, msgspec.Meta) and meta.min_length == meta.max_length is not None:
            return (meta.max_length,)
    return ()


def _most(of: Any) -> tuple[int, ...]:
    """The most that a declared type has room for, () if it does not say so."""
    metas = [meta for meta in of.__metadata__ if isinstance(meta, msgspec.Meta)]
    return tuple(meta.max_length for meta in metas if meta.max_length is not None)


def _is_fixed(of: Any) -> bool:
    return bool(_sizes(of))


def _replaced(value: Any, name: str, other: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.replace(value, **{name: other})
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(value, **{name: other})
    return value._replace(**{name: other})
