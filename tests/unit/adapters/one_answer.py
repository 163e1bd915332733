"""A server that reads one request, and then does what a script says."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

Script = Callable[[socket.socket], None]


def says(data: bytes) -> Script:
    """A script that sends this and hangs up."""
    return lambda connection: connection.sendall(data)


def never(connection: socket.socket) -> None:
    """A script that says nothing until the other side is gone."""
    connection.recv(1)


def drips(before: bytes, byte: bytes = b"x") -> Script:
    """A script that says this, and then a byte now and then."""

    def script(connection: socket.socket) -> None:
        connection.sendall(before)
        while not select.select([connection], [], [], 0.02)[0]:
            connection.sendall(byte)

    return script


def read_request(connection: socket.socket) -> tuple[bytes, bytes]:
    """Head and body of the request."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (piece := connection.recv(4096)):
            raise ConnectionError
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while len(body) < sum(int(line.partition(b":")[2]) for line in lengths):
        body += connection.recv(4096)
    return head, body


@contextlib.contextmanager
def serving(
    script: Script, tls: ssl.SSLContext | None = None, *, raw: bool = False, backlog: int = 8
) -> Iterator[tuple[int, list[bytes]]]:
    """Its port, and head and body of what it was asked. With `raw` the script reads by itself."""
    seen: list[bytes] = []
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)

    def serve() -> None:
        while not select.select([listener], [], [], 0.02)[0]:
            if over.is_set():
                return
        connection, _ = listener.accept()
        with contextlib.suppress(OSError), connection:
            if tls is not None:
                connection = tls.wrap_socket(connection, server_side=True)
            with connection:
                if not raw:
                    seen.extend(read_request(connection))
                script(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], seen
    finally:
        over.set()
        thread.join()
        listener.close()
