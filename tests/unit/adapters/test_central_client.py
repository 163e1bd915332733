"""What a License Central that lies may answer: a refusal in one sentence, and nothing else."""

from __future__ import annotations

import pytest

from appliance.adapters.central_client import CentralClient, CentralUnreachable

STRANGE = (
    b"[" * 200_000,
    b'{"detail":' * 200_000,
    b"",
    b"<html>",
    b'{"detail":"\xff"}',
    b"9" * 5_000,
    b"[]",
    b"null",
)


@pytest.fixture(scope="module")
def client() -> CentralClient:
    return CentralClient("https://central.example:7302")


@pytest.mark.parametrize("data", STRANGE, ids=lambda data: repr(data[:12]))
def test_a_refusal_without_a_sentence_is_told_by_its_status(client: CentralClient, data) -> None:
    assert client._said(data, 418).endswith("status 418")


@pytest.mark.parametrize("data", STRANGE, ids=lambda data: repr(data[:12]))
def test_what_is_no_document_is_refused(client: CentralClient, data) -> None:
    with pytest.raises(CentralUnreachable, match="it is no document"):
        client._document(data)


def test_what_is_right_is_taken(client: CentralClient) -> None:
    assert client._document(b'{"waiting_for":2}') == {"waiting_for": 2}
    assert client._said(b'{"detail":"No."}', 418).endswith(": No.")
