"""An upstream process whose container is blocked: by hand, by the ledger, for good, and back."""

from __future__ import annotations

import json
import signal
from datetime import timedelta

import pytest

from appliance.codec.block_list import build_block_list
from appliance.codec.request_files import Purpose, read_request
from appliance.ledger.election.terms import Term
from appliance.ledger.messages import (
    Ack,
    Adopted,
    Heartbeat,
    HeartbeatAck,
    Offer,
    Prepare,
    Promise,
)
from appliance.licences.commands import ImportBlockList, encode_command
from appliance.licences.model import Blocked
from tests.unit.codec import world
from tests.unit.services.upstream_world import (
    Deployment,
    Log,
    Upstream,
    empty_adopt,
    eventually,
    founding,
)

TERM = Term(1, "tmr1", 7)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory):
    return Deployment(tmp_path_factory.mktemp("deployment"))


@pytest.fixture
def upstream(tmp_path, deployment):
    upstream = Upstream(tmp_path, deployment)
    upstream.start()
    yield upstream
    upstream.stop(signal.SIGKILL)


@pytest.fixture
def link(upstream):
    link = upstream.link()
    promise = link.ask(Prepare(TERM))
    assert isinstance(promise, Promise)
    assert isinstance(link.ask(empty_adopt(promise)), Adopted)
    yield link
    link.close()


def a_list(upstream: Upstream, number: int, *, lists: bool = True, key=world.ROOT_KEY) -> bytes:
    entries = [(Blocked(upstream.home.serial, "1f", "Stolen"), world.NOW)] if lists else []
    root = world.ROOT if key is world.ROOT_KEY else world.OTHER_ROOT
    week = world.NOW + timedelta(days=7)
    return build_block_list(key, root, number, entries, world.NOW, week)


def learn(upstream: Upstream, data: bytes, who: str = "operator"):
    code, answer = upstream.ask(who, "PUT", "/v1/container/block-list", data)
    return code, json.loads(answer)


def shown(upstream: Upstream) -> tuple[str, int]:
    """What the container says of its lock, and of the newest list."""
    document = json.loads(upstream.ask("viewer", "GET", "/v1/container")[1])
    return document.get("locked", ""), document.get("block_list", 0)


def test_a_block_silences_the_container_for_good_until_a_newer_list(upstream, link):
    log = Log(TERM)
    answer = link.ask(log.append(founding(upstream)))
    assert isinstance(answer, Ack) and answer.endorsement is not None
    code, said = learn(upstream, a_list(upstream, 3))
    assert (code, said["number"], said["locked"]) == (200, 3, "Stolen")
    assert shown(upstream) == ("Stolen", 3)
    answer = link.ask(log.append())
    assert isinstance(answer, Ack) and answer.endorsement is None, "stored, and not vouched for"
    # What it knows, it brings to the ledger; its clock has no say any more.
    link.send(Heartbeat(TERM, 8, True))
    beat = link.receive()
    assert isinstance(beat, HeartbeatAck) and beat.time is None
    listed = ImportBlockList(a_list(upstream, 3), "")
    assert link.receive() == Offer(encode_command(listed))
    link.close()
    upstream.stop(signal.SIGKILL)
    upstream.start()
    assert shown(upstream) == ("Stolen", 3)
    assert learn(upstream, a_list(upstream, 4, lists=False))[0] == 200
    assert shown(upstream) == ("", 4)


def test_bad_lists_are_refused_by_name_and_change_nothing(upstream):
    assert learn(upstream, a_list(upstream, 3))[0] == 200
    for data, said in (
        (a_list(upstream, 9, lists=False, key=world.OTHER_ROOT_KEY), "not signed by the pinned"),
        (a_list(upstream, 2, lists=False), "older than list 3"),
        (a_list(upstream, 3, lists=False), "two different block lists 3"),
        (a_list(upstream, 9, lists=False)[:-1], "no block list"),
        (b"0" * 300_000, "262144 at most"),
        (b"", "no block list"),
    ):
        code, problem = learn(upstream, data)
        assert (code, problem["type"]) == (422, "urn:tmr:problem:block-list-refused")
        assert said in problem["detail"]
        assert shown(upstream) == ("Stolen", 3)
    assert learn(upstream, a_list(upstream, 4, lists=False), "viewer")[0] == 403
    assert upstream.ask("operator", "PUT", "/v1/container/block-list", b"0" * (2 << 20))[0] == 413
    assert shown(upstream) == ("Stolen", 3)


def test_a_container_learns_its_block_from_the_ledger(upstream, link):
    """Whoever stole it may keep it from every time server: the ledger tells it all the same."""
    log = Log(TERM)
    brought = ImportBlockList(a_list(upstream, 3), "up2")
    assert isinstance(link.ask(log.append(founding(upstream), brought)), Ack)
    eventually(lambda: shown(upstream) == ("Stolen", 3), "the container locked itself")
    link.close()
    upstream.stop(signal.SIGKILL)
    assert upstream.home.open(upstream.path / "container", world.ROOT).locked == "Stolen"


def test_a_request_by_hand_names_firm_and_order_or_neither(upstream):
    both = b'{"firm_code":600100,"order":"PO 4711","update":true}'
    for body in (b'{"order":"PO 4711"}', b'{"firm_code":600100}', b'{"update":true}', both, b"{"):
        code, answer = upstream.ask("operator", "POST", "/v1/container/request", body)
        assert (code, json.loads(answer)["type"]) == (400, "urn:tmr:problem:bad-request"), body
    code, data = upstream.ask("operator", "POST", "/v1/container/request")
    assert (code, read_request(data).is_open) == (200, True)
    wanted = b'{"firm_code":600100,"update":true}'
    code, data = upstream.ask("operator", "POST", "/v1/container/request", wanted)
    assert code == 200
    asked = read_request(data)
    assert (asked.purpose, asked.audience, asked.order) == (Purpose.UPDATE, "firm 600100", b"")
