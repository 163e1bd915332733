"""What a group of three containers and a vendor send each other in one file (pure).

    group request   up to three request files, with the ticket's mark and the lines that are chosen
    group answer    update files: what the containers of a group lack
    group receipt   receipt files: what they imported

Each is JSON around files that their own makers signed (`codec.request_files`, `licence_files`,
`transfer_files`). What can go wrong in here is to believe anything but these: so the envelope adds
nothing that counts. What is asked for is in each request, signed; the envelope only says it in
clear. Blanks and line ends that a mail program put in are taken out; there are none of our own.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeVar

import msgspec

from appliance.codec.json_keys import repeated_key
from appliance.codec.request_files import ContainerRequest, RequestRefused, read_request
from appliance.codec.signed_files import FILE_BYTES_MAX, without_transport
from appliance.codec.ticket_codes import MARK_BYTES, Chosen, is_chosen
from appliance.unreadable import UNREADABLE
from appliance.verifier.certificates import TWINS

REQUEST_TYPE: Final = "tmr-group-request-1"
ANSWER_TYPE: Final = "tmr-group-answer-1"
RECEIPT_TYPE: Final = "tmr-group-receipt-1"
REQUEST_BYTES_MAX: Final = 256 << 10
"""Of a group request or a group receipt: three files of a few kilobytes."""
ANSWER_BYTES_MAX: Final = len(TWINS) * FILE_BYTES_MAX + (16 << 10)
_LOOKED_AT: Final = 100
FILES_MAX: Final = len(TWINS)
"""Files in one of these: one for each container."""


class GroupRefused(Exception):
    """A group's file that is not accepted; `detail` says why, in one sentence."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class _Typed(msgspec.Struct, frozen=True):
    typ: str


class _Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    typ: str = REQUEST_TYPE
    ticket: bytes
    chosen: Chosen
    requests: tuple[str, ...]


class _Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    typ: str = ANSWER_TYPE
    updates: tuple[str, ...]
    more: bool


class _Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    typ: str = RECEIPT_TYPE
    receipts: tuple[str, ...]


class GroupRequest(NamedTuple):
    """What a group asks for: the mark of a ticket (b"" for none) and the lines that are chosen of
    it, and each container's request, which was verified, with its file. All are for one purpose and
    one audience."""

    ticket: bytes
    chosen: Chosen
    requests: tuple[ContainerRequest, ...]
    files: tuple[bytes, ...]


class GroupAnswer(NamedTuple):
    """Update files, not verified yet. With `more` the group has to ask once more: not all that it
    lacks went into this one."""

    updates: tuple[bytes, ...]
    more: bool = False


def build_group_request(
    requests: tuple[bytes, ...], ticket: bytes = b"", chosen: Chosen = ()
) -> bytes:
    """The group request file of these request files."""
    return _written(_Request(ticket=ticket, chosen=chosen, requests=_texts(requests)))


def build_group_answer(answer: GroupAnswer) -> bytes:
    """The group answer file."""
    return _written(_Answer(updates=_texts(answer.updates), more=answer.more))


def build_group_receipt(receipts: tuple[bytes, ...]) -> bytes:
    """The group receipt file of these receipt files."""
    return _written(_Receipt(receipts=_texts(receipts)))


def read_group_request(data: bytes) -> GroupRequest:
    """The group request in this file, each of its requests verified. Raises GroupRefused."""
    read = _read(data, _Request, REQUEST_TYPE, REQUEST_BYTES_MAX)
    if len(read.ticket) not in (0, MARK_BYTES) or not is_chosen(read.chosen):
        raise GroupRefused("The group's request names no ticket and no lines in their form.")
    files = _files(read.requests, "request")
    try:
        requests = tuple(read_request(one) for one in files)
    except RequestRefused as refused:
        raise GroupRefused(refused.detail) from None
    if len({(one.purpose, one.audience) for one in requests}) != 1:
        raise GroupRefused(
            "The group's requests are not for one thing: they were put together from several"
            " files. Have the group make a new one."
        )
    return GroupRequest(read.ticket, read.chosen, requests, files)


def is_group_request(data: bytes) -> bool:
    """Whether this says that it is a group request, and not one container's."""
    return data[:_LOOKED_AT].find(REQUEST_TYPE.encode()) >= 0


def read_group_answer(data: bytes) -> GroupAnswer:
    """The group answer in this file, its updates not verified yet. Raises GroupRefused."""
    read = _read(data, _Answer, ANSWER_TYPE, ANSWER_BYTES_MAX)
    return GroupAnswer(_files(read.updates, "update", least=0), read.more)


def read_group_receipt(data: bytes) -> tuple[bytes, ...]:
    """The receipt files in this file, not verified yet. Raises GroupRefused."""
    read = _read(data, _Receipt, RECEIPT_TYPE, REQUEST_BYTES_MAX)
    return _files(read.receipts, "receipt")


_T = TypeVar("_T", _Request, _Answer, _Receipt)
_AGAIN: Final = "Fetch it again, and send it as an attachment, zipped."


def _read(data: bytes, kind: type[_T], typ: str, bytes_max: int) -> _T:
    if len(data) > bytes_max:
        raise GroupRefused(f"The file is {len(data)} bytes long; more than {bytes_max} is refused.")
    plain = without_transport(data)
    try:
        found = msgspec.json.decode(plain, type=_Typed).typ
    except UNREADABLE:
        raise GroupRefused(f"The file is truncated, or is none of a group. {_AGAIN}") from None
    if found != typ:
        raise GroupRefused(f"This is a file of type {found[:40]!r}, not {typ!r}.")
    try:
        read = msgspec.json.decode(plain, type=kind)
    except UNREADABLE as error:
        raise GroupRefused(f"The group's file is not understood: {error}.") from None
    twice = repeated_key(plain, kind)
    if twice:
        raise GroupRefused(f"The group's file has {twice!r} twice: which of the two counts?")
    return read


def _written(content: msgspec.Struct) -> bytes:
    return msgspec.json.encode(content) + b"\n"


def _texts(files: tuple[bytes, ...]) -> tuple[str, ...]:
    return tuple(one.decode("ascii").rstrip("\n") for one in files)


def _files(texts: tuple[str, ...], what: str, least: int = 1) -> tuple[bytes, ...]:
    if not least <= len(texts) <= FILES_MAX or not all(one.isascii() for one in texts):
        raise GroupRefused(
            f"The file holds {len(texts)} {what}s; a group has one for each of its"
            f" {FILES_MAX} containers."
        )
    return tuple(one.encode() + b"\n" for one in texts)
