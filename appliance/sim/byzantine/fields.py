"""Lies in every field of every message, made from the messages' definitions (design D3).

Nobody lists fields here: a field that is added to a message is lied about from then on. `paths_of`
gives all of them, `values_for` what a liar may put there, `Liar` does it to a message and counts.
What can go wrong in here is a lie that stops at the first signature: so the liar signs anew
whatever bears one of his own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from random import Random
from struct import error as struct_error
from typing import Any, Final, get_args

import msgspec
from msgspec import inspect
from msgspec.structs import replace

from appliance.ledger import messages as m
from appliance.ledger.certificates.proofs import Voice, Vow, ack_bytes, vow_bytes
from appliance.ledger.certificates.receipts import Endorsement, TimeStatement, time_bytes
from appliance.ledger.snapshot.seals import Seal, seal_bytes
from appliance.licences import commands as c
from appliance.verifier.layouts import endorsement_bytes, entry_root

Path = tuple[str, ...]
Sign = Callable[[bytes], bytes]

IN_A_FIELD = "lies in one field of a message"
ITEM: Final = "*"
KEPT_MAX: Final = 32
NUMBERS: Final = (0, 1, 2**16, 2**31, 2**32 - 1, 2**32, 2**34, 2**62, 2**63 - 1, 2**63, 2**64 - 1)
NAMES: Final = ("", "up1", "up2", "up3", "tmr1", "tmr2", "nobody", "130-1", "130-2", "130-3")
TOO_LONG: Final = 70_000
"""More than the two bytes of a length can say."""


@cache
def info_of(struct: Any) -> Any:
    """A struct's definition."""
    return inspect.type_info(struct)


@cache
def _fields(struct: Any) -> dict[str, Any]:
    return {field.name: field.type for field in info_of(struct).fields}


def _bare(info: Any) -> Any:
    """A type without "or None"."""
    if isinstance(info, inspect.UnionType):
        (one,) = (t for t in info.types if not isinstance(t, inspect.NoneType))
        return one
    return info


def _is_optional(info: Any) -> bool:
    return isinstance(info, inspect.UnionType)


@cache
def paths_of(message: type) -> tuple[Path, ...]:
    """All fields of a struct, those of structs in it too; ITEM stands for one of a sequence."""

    def below(info: Any) -> Iterator[Path]:
        info = _bare(info)
        if isinstance(info, inspect.StructType):
            for field in info.fields:
                yield (field.name,)
                yield from ((field.name, *rest) for rest in below(field.type))
        elif isinstance(info, inspect.VarTupleType):
            yield (ITEM,)
            yield from ((ITEM, *rest) for rest in below(info.item_type))

    return tuple(below(info_of(message)))


def example(info: Any) -> Any:
    """Some value of this type: a zero, or empty."""
    info = _bare(info)
    if isinstance(info, inspect.StructType):
        return info.cls(**{field.name: example(field.type) for field in info.fields})
    if isinstance(info, inspect.VarTupleType):
        return ()
    if isinstance(info, inspect.DictType):
        return {}
    for kind, value in ((inspect.IntType, 0), (inspect.StrType, ""), (inspect.BytesType, b"")):
        if isinstance(info, kind):
            return value
    return False


def values_for(info: Any, true: Any, rng: Random) -> list[Any]:
    """What a liar says in place of this value, of its type; some of it no decoder lets pass."""
    nothing = [None] if _is_optional(info) else []
    info = _bare(info)
    if isinstance(info, inspect.IntType):
        near = [max(0, true + step) for step in (-1, 1, 2**31, 2**32)] if true is not None else []
        return [*nothing, *near, *NUMBERS]
    if isinstance(info, inspect.FloatType):
        return [*nothing, 0.0, -1.0, 1e308, float("inf"), float("-inf"), float("nan")]
    if isinstance(info, inspect.BoolType):
        return [*nothing, not true]
    if isinstance(info, inspect.StrType):
        most = info.max_length or TOO_LONG
        return [*nothing, *NAMES, "x" * most, "\N{EURO SIGN}" * most, "x" * (most + 1)]
    if isinstance(info, inspect.BytesType):
        most = info.max_length or TOO_LONG
        like = rng.randbytes(len(true or b""))
        return [*nothing, b"", b"\0", like, bytes(32), rng.randbytes(most), bytes(most + 1)]
    if isinstance(info, inspect.VarTupleType):
        items = tuple(true or ()) or (example(info.item_type),)
        most = info.max_length or 64
        many = (items * (most + 1))[: most + 1]
        return [*nothing, (), items[:1], items * 2, items[::-1], items[1:], many[:most], many]
    if isinstance(info, inspect.DictType):
        crowd = {str(number): number for number in range((info.max_length or 64) + 1)}
        return [*nothing, {}, {"index": "{index!r}"}, {"why": "x" * TOO_LONG}, crowd]
    return [*nothing, example(info)]


def changed(value: Any, info: Any, path: Path, make: Callable[[Any, Any], Any]) -> Any:
    """This value with what `make(info, true)` gives at the path; what is not there is made up."""
    if not path:
        return make(info, value)
    info = _bare(info)
    if isinstance(info, inspect.StructType):
        value = example(info) if value is None else value
        below = changed(getattr(value, path[0]), _fields(info.cls)[path[0]], path[1:], make)
        return replace(value, **{path[0]: below})
    items = list(value or ()) or [example(info.item_type)]
    items[-1] = changed(items[-1], info.item_type, path[1:], make)
    return tuple(items)


def lies_about(message: msgspec.Struct, rng: Random) -> Iterator[tuple[Path, Any]]:
    """Every lie there is in one field of this message."""
    info = info_of(type(message))
    for path in paths_of(type(message)):
        true: list[tuple[Any, Any]] = []
        changed(message, info, path, partial(_note, true))
        for lie in values_for(*true[0], rng):
            yield path, changed(message, info, path, partial(_always, lie))


def _note(into: list[tuple[Any, Any]], info: Any, true: Any) -> Any:
    into.append((info, true))
    return true


def _always(lie: Any, info: Any, true: Any) -> Any:
    return lie


class Liar:
    """Puts one lie into a message: where it lied least so far. `told` counts them by field.

    `kinds` are the messages that hosts of its role say. `store` is its store's id and how that
    signs, `seal` signs as its container does; a TMR host has neither.
    """

    def __init__(
        self,
        rng: Random,
        kinds: Any,
        store: tuple[bytes, Sign] | None = None,
        seal: Sign | None = None,
    ) -> None:
        self._rng = rng
        self._kinds: tuple[type, ...] = tuple(k for k in get_args(kinds) if paths_of(k))
        self._last: dict[type, Any] = {}
        self._store = store
        self._seal = seal
        self._kept: dict[tuple[str, Path], list[Any]] = {}
        self.told: dict[tuple[str, Path], int] = {}

    def out_of_the_blue(self, term: Any) -> m.Message:
        """A message of the kind that it lied least with, of this term, with a lie in it."""
        counts = {kind: 0 for kind in self._kinds}
        for (name, _), count in self.told.items():
            for kind in counts:
                counts[kind] += count if kind.__name__ == name else 0
        least = min(counts, key=lambda kind: counts[kind] / len(paths_of(kind)))
        message = self._last.get(least) or example(info_of(least))
        if term is not None and "term" in _fields(least):
            message = replace(message, term=term)
        return self.lie(message)

    def _hears(self, message: m.Message) -> None:
        """What was said is remembered: it may be said again in another place."""
        self._last[type(message)] = message
        info, name = info_of(type(message)), type(message).__name__
        path = self._rng.choice(paths_of(type(message)) or ((),))
        if path:
            changed(message, info, path, lambda at, value: self._keep(name, path, value))

    def _keep(self, name: str, path: Path, value: Any) -> None:
        kept = self._kept.setdefault((name, path), [])
        kept.append(value)
        del kept[:-KEPT_MAX]

    def lie(self, message: m.Message) -> m.Message:
        """This message with a lie in one field, signed anew if it bears a signature of its own."""
        name, rng = type(message).__name__, self._rng
        paths = paths_of(type(message))
        if not paths:
            return message
        self._hears(message)
        least = min(self.told.get((name, path), 0) for path in paths)
        path = rng.choice([p for p in paths if self.told.get((name, p), 0) == least])
        self.told[name, path] = least + 1
        kept = self._kept.get((name, path), [])

        def made(info: Any, true: Any) -> Any:
            values = [*values_for(info, true, rng), *kept[-4:]]
            return rng.choice([value for value in values if value != true] or values)

        told: m.Message = changed(message, info_of(type(message)), path, made)
        return self._signed(told) if rng.random() < 0.7 else told

    def _signed(self, message: Any) -> Any:
        """With every signature that this liar can have."""
        try:
            return self._sign_all(message)
        except (struct_error, OverflowError):
            return message  # No bytes to be signed say that.

    def _sign_all(self, message: Any) -> Any:
        match message:
            case m.Promise():
                message = replace(message, vow=self._vow(message.vow))
            case m.Ack():
                word = message.term, message.index, message.root, message.digest
                message = replace(message, voice=self._voice(message.voice, ack_bytes(*word)))
                if message.endorsement is not None and self._seal is not None:
                    said = message.endorsement
                    message = replace(message, endorsement=self._endorsed(said, self._seal))
            case m.Adopted():
                word = message.term, message.last_index, message.last_root, b""
                message = replace(message, voice=self._voice(message.voice, ack_bytes(*word)))
            case m.HeartbeatAck():
                if message.time is not None and self._seal is not None:
                    message = replace(message, time=self._time(message.time, self._seal))
                if message.seal is not None:
                    data = seal_bytes(message.seal.head)
                    seal = Seal(message.seal.head, self._voice(message.seal.voice, data))
                    message = replace(message, seal=seal)
            case m.Append():
                message = replace(message, entry=self._rooted(message.entry, message.previous_root))
        return message

    def _vow(self, vow: Vow) -> Vow:
        if self._store is None or vow.store != self._store[0]:
            return vow
        return replace(vow, signature=self._store[1](vow_bytes(vow)))

    def _voice(self, voice: Voice, data: bytes) -> Voice:
        if self._store is None or voice.store != self._store[0]:
            return voice
        return Voice(voice.store, self._store[1](data))

    @staticmethod
    def _endorsed(word: Endorsement, seal: Sign) -> Endorsement:
        said = word.statement, word.objections, word.system_time_ms
        return Endorsement(*said, seal(endorsement_bytes(*said)))

    @staticmethod
    def _time(time: TimeStatement, seal: Sign) -> TimeStatement:
        said = time.serial, time.system_time_ms
        return TimeStatement(*said, seal(time_bytes(*said)))

    def _rooted(self, entry: m.Entry, previous_root: bytes) -> m.Entry:
        """An entry whose content is a lie under a root that fits it."""
        try:
            body = m.decode_body(entry.body)
        except msgspec.DecodeError:
            return entry
        if self._rng.random() < 0.5:
            path = self._rng.choice(paths_of(m.EntryBody))

            def made(info: Any, true: Any) -> Any:
                return self._rng.choice(values_for(info, true, self._rng))

            body = changed(body, info_of(m.EntryBody), path, made)
        elif body.commands:
            body = replace(body, commands=(*body.commands[:-1], self._command(body.commands[-1])))
        try:
            data = m.encode_body(body)
            return m.Entry(
                entry.index, entry.term, entry_root(previous_root, entry.index, data), data
            )
        except (struct_error, OverflowError):
            return entry

    def _command(self, data: bytes) -> bytes:
        """A command with a lie in one field."""
        command = c.decode_command(data)
        paths = paths_of(type(command))
        if not paths:
            return data
        path = self._rng.choice(paths)

        def made(info: Any, true: Any) -> Any:
            return self._rng.choice(values_for(info, true, self._rng))

        try:
            told = changed(command, info_of(type(command)), path, made)
            return c.encode_command(told)
        except (OverflowError, ValueError):
            return data
