"""A webhook that keeps what it is sent."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


class Receiver:
    """A webhook at this address that answers with these statuses, then 204."""

    def __init__(self, address: str, *statuses: int) -> None:
        self.bodies: list[bytes] = []
        left = list(statuses)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                receiver.bodies.append(self.rfile.read(length))
                status = left.pop(0) if left else 204
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("location", "http://127.0.0.1:1/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        self.server = HTTPServer((address, 0), Handler)
        self.url = f"http://{address}:{self.server.server_address[1]}/hook"


@contextlib.contextmanager
def receiving(*statuses: int, address: str = "127.0.0.1") -> Iterator[Receiver]:
    """A webhook that takes posts in a thread of its own."""
    receiver = Receiver(address, *statuses)
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        thread.join()
        receiver.server.server_close()
