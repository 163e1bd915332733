"""Structured messages for systemd's journal, by its native protocol: one datagram each."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

SOCKET: Final = Path("/run/systemd/journal/socket")
_DATAGRAM_BYTES_MAX: Final = 60_000


def encode(fields: Mapping[str, str]) -> bytes:
    """Fields as the journal reads them: those of several lines with their length in front."""
    data = bytearray()
    for name, value in fields.items():
        content = value.encode("utf-8", "replace")
        if b"\n" in content:
            data += name.encode() + b"\n" + len(content).to_bytes(8, "little") + content + b"\n"
        else:
            data += name.encode() + b"=" + content + b"\n"
    return bytes(data)


def send(fields: Mapping[str, str], path: Path = SOCKET) -> bool:
    """Hand a message to the journal; False if there is none to take it. Never blocks or raises."""
    data = encode(fields)
    if sys.platform == "win32" or len(data) > _DATAGRAM_BYTES_MAX:
        return False
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        sender.sendto(data, str(path))
        return True
    return False
