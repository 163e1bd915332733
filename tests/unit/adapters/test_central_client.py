"""What a License Central that lies may answer: a refusal in one sentence, and nothing else."""

from __future__ import annotations

import pytest

from appliance.adapters.central_client import CentralClient, CentralUnreachable, Returned

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
        client._document(data, Returned)


def test_what_is_right_is_taken(client: CentralClient) -> None:
    said = b'{"tmr_id":1,"orders_missing":0,"due_at_s":5,"taken":false,"waiting_for":["130-1"]}'
    assert client._document(said, Returned) == Returned(1, 0, 5, False, ("130-1",))
    assert client._said(b'{"detail":"No."}', 418).endswith(": No.")


@pytest.mark.parametrize(
    ("url", "audience"),
    [
        ("https://Central.Example:7302", "central central.example"),
        ("https://10.0.0.7", "central 10.0.0.7"),
        ("https://[2001:DB8:0::1]:7302/x", "central 2001:db8::1"),
    ],
)
def test_it_says_by_which_name_it_asks(url: str, audience: str) -> None:
    assert CentralClient(url).audience == audience
