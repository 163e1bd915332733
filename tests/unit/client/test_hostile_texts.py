"""Whatever a server writes into its documents, who asked for them gets only printable text.

`tests/unit/test_text.py` has the rule; here it is looked at where documents come in.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from appliance.client import AsyncClient
from appliance.codec import api
from monitor_gui.feed.poller import parsed
from tests.unit.client.fake import Certificates, FakeServer, Reply, Request, client_of
from tests.unit.test_text import WORDS, hostile, is_safe, texts

Ask = Callable[[AsyncClient], Awaitable[Any]]
CALLS: dict[str, tuple[type[msgspec.Struct], Ask]] = {
    "/v1/status": (api.StatusDocument, lambda client: client.status()),
    "/v1/licences": (api.LicencesDocument, lambda client: client.licences()),
    "/v1/leases": (api.LeasesDocument, lambda client: client.leases()),
    "/v1/logs": (api.LogsDocument, lambda client: client.logs()),
}


def said(kind: type[msgspec.Struct]) -> Any:
    """What the server says: it is at an end, or the client would turn the page."""
    document = hostile(kind)
    return msgspec.structs.replace(document, next=None) if hasattr(document, "next") else document


@pytest.mark.parametrize("path", CALLS)
def test_no_document_brings_a_control_character(path: str, certificates: Certificates) -> None:
    kind, ask = CALLS[path]

    def answer(request: Request) -> Reply:
        assert request.path == path
        return Reply(200, said(kind))

    async def run() -> Any:
        async with FakeServer(certificates, script=answer) as server, client_of(server) as client:
            return await ask(client)

    found = texts(msgspec.to_builtins(asyncio.run(run())))
    assert any("eve" in text for text in found)
    assert [text for text in found if not is_safe(text)] == []


@pytest.mark.parametrize(
    "text",
    [json.dumps({WORDS: [WORDS, {"a": WORDS}]}), json.dumps([WORDS]), json.dumps(WORDS), WORDS],
    ids=["object", "list", "text", "no JSON"],
)
def test_no_event_brings_a_control_character(text: str) -> None:
    found = texts(parsed(text))
    assert any("eve" in one for one in found)
    assert [one for one in found if not is_safe(one)] == []
