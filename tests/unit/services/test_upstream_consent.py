"""PUT /v1/consent: an operator's word at one upstream that a store may join (design D7)."""

from __future__ import annotations

import json
import signal

import pytest

from appliance.ledger.messages import Heartbeat, HeartbeatAck
from tests.unit.services.test_upstream import TERM, lead
from tests.unit.services.upstream_world import Deployment, Upstream

STORE = bytes(range(32))
PATH = "/v1/consent"


@pytest.fixture
def upstream(tmp_path):
    upstream = Upstream(tmp_path, Deployment(tmp_path / "pki"))
    upstream.start()
    yield upstream
    upstream.stop(signal.SIGKILL)


def consents(upstream) -> tuple[bytes, ...]:
    """What this upstream tells the host that coordinates it."""
    link = upstream.link()
    try:
        lead(link)
        ack = link.ask(Heartbeat(TERM, 1, False))
        assert isinstance(ack, HeartbeatAck)
        return ack.consents
    finally:
        link.close()


def test_only_an_administrators_word_counts_and_it_is_carried_on(upstream):
    for who, code in (
        ("", 401),
        ("client", 403),
        ("viewer", 403),
        ("operator", 403),
        ("tmr1", 403),
    ):
        status, answer = upstream.ask(who, "PUT", PATH, STORE.hex().encode())
        assert status == code, (who, answer)
    for body in (b"", b"xy", STORE, STORE.hex().encode()[:-2], STORE.hex().encode() + b"00"):
        status, answer = upstream.ask("admin", "PUT", PATH, body)
        problem = json.loads(answer)
        assert (status, problem["type"]) == (400, "urn:tmr:problem:bad-request"), body
        assert "64 hexadecimal digits" in problem["detail"]
    assert consents(upstream) == ()
    status, answer = upstream.ask("admin", "PUT", PATH, STORE.hex().encode())
    assert (status, json.loads(answer)["name"]) == (200, "up1")
    assert f"consent: store={STORE.hex()} who=adam" in upstream.log
    assert consents(upstream) == (STORE,)
    # What was agreed to is kept: the entry may come when this process has another life.
    upstream.stop(signal.SIGKILL)
    upstream.start()
    assert consents(upstream) == (STORE,)
    assert upstream.ask("admin", "PUT", PATH, STORE.hex().encode())[0] == 200
    assert consents(upstream) == (STORE,), "once"
