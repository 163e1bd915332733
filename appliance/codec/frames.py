"""Frames of the links between hosts: a 4-byte big-endian length, then one msgpack message.

What can go wrong in here is trust in the length: it is judged as soon as its four bytes are there,
so that a lying peer makes nobody keep more than one frame. A reader that refused stays refused,
since nothing after a broken frame can be placed; the link has to be closed. A well-formed message
of a kind that this version does not know is no broken frame: hosts are upgraded one at a time, so a
reader that was told its kinds passes it over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Generic, Protocol, TypeVar, get_args

import msgspec
import msgspec.inspect

from appliance.ledger.messages import AnyMessage
from appliance.unreadable import UNREADABLE

FRAME_BYTES_MAX: Final = 8 * 1024 * 1024
_LENGTH_BYTES: Final = 4

M = TypeVar("M")
M_co = TypeVar("M_co", covariant=True)


class Decoder(Protocol[M_co]):
    """Anything that turns the bytes of one message into it, such as msgspec.msgpack.Decoder."""

    def decode(self, data: bytes, /) -> M_co:
        """The message in these bytes; raises ValueError or msgspec.MsgspecError without one."""


class FrameRefused(Exception):
    """The other side does not speak this protocol; `detail` says what is wrong, in one sentence."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class FrameReader(Generic[M]):
    """Cuts a byte stream into messages, however the stream is chopped.

    Between two calls it keeps at most one unfinished frame, so `bytes_max` bytes and the length.
    With `kinds`, the messages that this version knows by their names (`kinds_of`), a message of
    another name is counted in `passed_over` and not given; without, it is refused.
    """

    def __init__(
        self,
        decoder: Decoder[M],
        bytes_max: int = FRAME_BYTES_MAX,
        *,
        kinds: Mapping[str, type] | None = None,
    ) -> None:
        self.passed_over = 0
        self._decoder = decoder
        self._bytes_max = bytes_max
        self._kinds = kinds
        self._kept = bytearray()
        self._needed = _LENGTH_BYTES
        self._refused: str | None = None

    @property
    def kept_bytes(self) -> int:
        """How many bytes of an unfinished frame are kept."""
        return len(self._kept)

    def feed(self, data: bytes) -> list[M]:
        """The messages that `data` completes, in order.

        Raises FrameRefused at a length that is zero or over the bound, or at content that is no
        message; messages of earlier frames in the same `data` are then not given.
        """
        if self._refused is not None:
            raise FrameRefused(self._refused)
        if self._kept:
            self._kept += data
            if len(self._kept) < self._needed:
                return []
            data = bytes(self._kept)
            self._kept.clear()
        try:
            messages, used = self._cut(data)
        except FrameRefused as refused:
            self._refused = refused.detail
            raise
        self._kept += memoryview(data)[used:]
        return messages

    def _cut(self, data: bytes) -> tuple[list[M], int]:
        """All whole frames of `data`, and where the first unfinished one starts."""
        messages: list[M] = []
        start = 0
        end = len(data)
        while True:
            body = start + _LENGTH_BYTES
            if body > end:
                self._needed = _LENGTH_BYTES
                return messages, start
            length = int.from_bytes(data[start:body], "big")
            if not 0 < length <= self._bytes_max:
                raise FrameRefused(
                    f"A frame claims {length} bytes; allowed are 1 to {self._bytes_max}."
                )
            if body + length > end:
                self._needed = _LENGTH_BYTES + length
                return messages, start
            content = data[body : body + length]
            try:
                messages.append(self._decoder.decode(content))
            except UNREADABLE as error:
                if not self._is_of_another_version(content):
                    raise FrameRefused(
                        f"A frame of {length} bytes holds no message of this protocol:"
                        f" {self._said(content, error)}."
                    ) from None
                self.passed_over += 1
            start = body + length

    def _is_of_another_version(self, content: bytes) -> bool:
        """Whether this is a whole message of a kind that is not known here."""
        if self._kinds is None:
            return False
        kind = _kind(content)
        return kind is not None and kind not in self._kinds

    def _said(self, content: bytes, error: Exception) -> str:
        """What is wrong with a message: the decoder's own words, and the field's name."""
        words = str(error) or type(error).__name__
        message = (self._kinds or {}).get(_kind(content) or "")
        said, at, path = words.partition(" - at `$")
        return f"{said} - at {field_at(message, path)}" if message is not None and at else words


def _kind(content: bytes) -> str | None:
    """By which name a message is told apart, None if these bytes are none."""
    try:
        parts = _parts_decoder.decode(content)
        return _kind_decoder.decode(parts[0]) if parts else None
    except UNREADABLE:
        return None


def kinds_of(messages: Any) -> dict[str, type]:
    """These messages (one tagged array-like struct, or a union) by the names that tell them apart.

    Raises TypeError for a struct that has no name of its own to be known by.
    """
    kinds = {}
    for message in get_args(messages) or (messages,):
        tag = message.__struct_config__.tag
        if not isinstance(tag, str):
            raise TypeError(f"{message} has no tag")
        kinds[tag] = message
    return kinds


def field_at(message: type, path: str) -> str:
    """The field where a decoder's path such as "[3][0]" leads, as `PreVoteReply.promised.counter`.

    A path that leads nowhere is given as far as it leads.
    """
    info: Any = msgspec.inspect.type_info(message)
    name = message.__name__
    for step in re.findall(r"\[([^]]*)\]", path):
        options = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
        structs = [one for one in options if isinstance(one, msgspec.inspect.StructType)]
        if structs and step.isdecimal():
            place = int(step) - (structs[0].tag is not None)
            if not 0 <= place < len(structs[0].fields):
                break
            field = structs[0].fields[place]
            name, info = f"{name}.{field.name}", field.type
        else:
            items = (getattr(one, "item_type", None) for one in options)
            info = next((item for item in items if item is not None), None)
    return name


_encoder: Final = msgspec.msgpack.Encoder()
_parts_decoder: Final = msgspec.msgpack.Decoder(list[msgspec.Raw])
_kind_decoder: Final = msgspec.msgpack.Decoder(str)
_link_decoder: Final[msgspec.msgpack.Decoder[AnyMessage]] = msgspec.msgpack.Decoder(AnyMessage)
_link_kinds: Final = kinds_of(AnyMessage)


def link_reader(bytes_max: int = FRAME_BYTES_MAX) -> FrameReader[AnyMessage]:
    """A reader of the messages between coordinators and upstreams."""
    return FrameReader(_link_decoder, bytes_max, kinds=_link_kinds)


def encode_frame(message: Any, bytes_max: int = FRAME_BYTES_MAX) -> bytes:
    """One frame with this message (any msgspec struct).

    Raises FrameRefused if it is too long, or holds what no bytes can say.
    """
    try:
        content = _encoder.encode(message)
    except (msgspec.MsgspecError, ValueError, OverflowError, TypeError, RecursionError) as error:
        raise FrameRefused(
            f"A {type(message).__name__} cannot be put into bytes: {error}."
        ) from error
    if len(content) > bytes_max:
        raise FrameRefused(
            f"A message of {len(content)} bytes is over the bound of {bytes_max}; send less."
        )
    return len(content).to_bytes(_LENGTH_BYTES, "big") + content
