"""Who may do what: roles, tokens, and the operators' acts with who and why on record."""

from __future__ import annotations

import hashlib

import msgspec
import pytest

from appliance.adapters.pki.authority import Identity
from appliance.codec import api
from tests.unit.services.tmr.parts import (
    secret,
)
from tests.unit.services.tmr.world import (
    ADMIN,
    ALICE,
    OPERATOR,
    STOLEN,
    VIEWER,
    World,
    run,
)

TOKEN = "a-token-of-charlie"
ENROL = api.EnrolRequest(token_hash=hashlib.sha256(TOKEN.encode()).digest(), why="new workplace")
RELEASE = "/v1/leases/cert:alice/one/release"
WHY = "the machine was stolen"
ACTS = [
    ("POST", RELEASE, api.ReleaseRequest(why=WHY), "operate"),
    ("POST", "/v1/switchover", api.OperateRequest(why=WHY, host="tmr2"), "operate"),
    ("POST", "/v1/maintenance", api.OperateRequest(why=WHY, host="tmr2"), "operate"),
    ("PUT", "/v1/clients/charlie", ENROL, "administer"),
    ("DELETE", "/v1/clients/charlie?why=left", None, "administer"),
]
RANKS = {"client": 0, "view": 1, "operate": 2, "administer": 3}


def bearer(token: str = TOKEN) -> list[tuple[str, str | bytes]]:
    return [("authorization", f"Bearer {token}")]


@pytest.mark.parametrize("who", [ALICE, VIEWER, OPERATOR, ADMIN], ids=lambda who: who.role)
@pytest.mark.parametrize(
    ("method", "path", "body", "role"), ACTS, ids=lambda value: str(value)[:20]
)
def test_each_act_needs_its_role(method, path, body, role, who):
    async def test(world: World) -> None:
        await world.check_out()
        before = world.hosts["tmr1"].state.acts()
        reply = await world.call(method, path, body, who=who)
        if RANKS[who.role] >= RANKS[role]:
            assert reply.status == 200
            act = world.hosts["tmr1"].state.acts()[-1]
            assert act.who == f"cert:{who.name}"
        else:
            assert (reply.status, reply.reason) == (403, "forbidden")
            assert role in reply.problem.detail
            assert world.hosts["tmr1"].state.acts() == before
            assert len(world.hosts["tmr1"].state.leases) == 1

    run(test)


@pytest.mark.parametrize("who", [STOLEN, Identity("up1", "upstream")], ids=lambda who: who.role)
def test_a_hosts_certificate_is_refused_everywhere(who):
    async def test(world: World) -> None:
        for method, path, body, _ in ACTS:
            reply = await world.call(method, path, body, who=who)
            assert (reply.status, reply.reason) == (403, "forbidden")
            assert who.role in reply.problem.detail
        for path in ("/v1/status", "/v1/leases", "/v1/licences", "/v1/events"):
            assert (await world.call("GET", path, who=who)).status == 403
        reply = await world.check_out(who=who)
        assert (reply.status, reply.reason) == (403, "forbidden")

    run(test)


def test_nobody_is_let_in_but_to_health_and_description():
    async def test(world: World) -> None:
        for method, path, body, _ in ACTS:
            reply = await world.call(method, path, body, who=None)
            assert (reply.status, reply.reason) == (401, "unauthenticated")
        for path in ("/v1/status", "/v1/leases", "/v1/licences", "/v1/events"):
            assert (await world.call("GET", path, who=None)).status == 401
        assert (await world.check_out(who=None)).status == 401
        for path in ("/healthz", "/openapi.json"):
            assert (await world.call("GET", path, who=None)).status == 200

    run(test)


def test_a_forced_release_is_recorded_with_who_and_why():
    async def test(world: World) -> None:
        await world.check_out()
        body = api.ReleaseRequest(why=WHY)
        reply = await world.call("POST", RELEASE, body, who=OPERATOR)
        assert reply.of(api.EndedDocument).lease_id == "one"
        assert not world.hosts["tmr1"].state.leases
        world.advance(1)
        for host in world.hosts.values():
            act = host.state.acts()[-1]
            assert (act.action, act.subject) == ("release", "cert:alice/one")
            assert (act.who, act.why) == ("cert:olga", WHY)
        beat = api.HeartbeatRequest(generation=reply.json["generation"])
        path = "/v1/leases/one/heartbeat"
        lost = await world.call("POST", path, beat, headers=[secret()])
        assert (lost.status, lost.reason) == (410, "lease-ended")
        assert "operator" in lost.problem.detail

    run(test)


@pytest.mark.parametrize("why", ["", "  \n"])
def test_an_act_without_a_reason_is_refused(why):
    async def test(world: World) -> None:
        await world.check_out()
        for path in (RELEASE, "/v1/switchover", "/v1/maintenance"):
            body = msgspec.json.encode({"why": why})
            reply = await world.call("POST", path, body, who=ADMIN)
            assert (reply.status, reply.reason) == (400, "bad-request")
        assert len(world.hosts["tmr1"].state.leases) == 1

    run(test)


def test_a_release_of_what_is_not_there_or_granted_anew():
    async def test(world: World) -> None:
        body = api.ReleaseRequest(why=WHY)
        reply = await world.call("POST", RELEASE, body, who=OPERATOR)
        assert (reply.status, reply.reason) == (404, "lease-unknown")
        await world.check_out()
        body = api.ReleaseRequest(why=WHY, generation=999)
        reply = await world.call("POST", RELEASE, body, who=OPERATOR)
        assert (reply.status, reply.reason) == (409, "old-generation")
        assert len(world.hosts["tmr1"].state.leases) == 1

    run(test)


def test_a_token_is_enrolled_used_and_dismissed():
    async def test(world: World) -> None:
        refused = await world.check_out(who=None, headers=bearer())
        assert (refused.status, refused.reason) == (401, "unauthenticated")
        done = await world.call("PUT", "/v1/clients/charlie", ENROL, who=ADMIN)
        assert done.of(api.DoneDocument).index > 0
        nonce = world.nonce()
        reply = await world.check_out(who=None, headers=bearer(), nonce=nonce)
        grant = world.believe(reply, nonce)
        (lease,) = world.hosts["tmr1"].state.leases.values()
        assert lease.ref.client == "token:charlie"
        # The passive host learns it from the ledger.
        world.advance(1)
        passive = await world.call("GET", "/v1/status", who=None, headers=bearer(), host="tmr2")
        assert passive.status == 200
        assert (await world.call("GET", "/v1/status", who=None, headers=bearer("x"))).status == 401
        # A token makes a client, whoever's certificate comes with it.
        reply = await world.call("POST", "/v1/switchover", ACTS[1][2], who=ADMIN, headers=bearer())
        assert (reply.status, reply.reason) == (403, "forbidden")
        await world.call("DELETE", "/v1/clients/charlie?why=left", who=ADMIN)
        beat = api.HeartbeatRequest(generation=grant.generation)
        proof = [*bearer(), secret()]
        path = "/v1/leases/one/heartbeat"
        reply = await world.call("POST", path, beat, who=None, headers=proof)
        assert (reply.status, reply.reason) == (401, "unauthenticated")
        acts = world.hosts["tmr1"].state.acts()[-2:]
        assert [(act.action, act.who, act.why) for act in acts] == [
            ("enrol", "cert:adam", "new workplace"),
            ("dismiss", "cert:adam", "left"),
        ]

    run(test)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_token_hash_of_another_length_is_refused(size):
    async def test(world: World) -> None:
        body = api.EnrolRequest(token_hash=bytes(size), why="x")
        reply = await world.call("PUT", "/v1/clients/charlie", body, who=ADMIN)
        assert (reply.status, reply.reason) == (400, "bad-request")
        assert "32" in reply.problem.detail

    run(test)


@pytest.mark.parametrize("name", ["x" * 65, "a%2541", "a%0ab", "%F0%9F%98%80", "-a", "cert:a"])
def test_a_strange_client_name_is_refused(name):
    async def test(world: World) -> None:
        reply = await world.call("PUT", f"/v1/clients/{name}", ENROL, who=ADMIN)
        assert (reply.status, reply.reason) == (400, "bad-request")
        assert not world.hosts["tmr1"].state.clients

    run(test)


@pytest.mark.parametrize(
    ("spoil", "detail"),
    [
        (lambda world: setattr(world, "twins_talk", False), "does not answer"),
        (lambda world: world.kill_host("tmr2"), "does not answer"),
        (
            lambda world: [world.hosts["tmr2"].link_down(name) for name in ("up1", "up2")],
            "reaches 1",
        ),
    ],
    ids=["silent", "dead", "cut off"],
)
def test_a_switchover_is_refused_while_the_twin_could_not_take_over(spoil, detail):
    async def test(world: World) -> None:
        spoil(world)
        world.advance(3)
        for path in ("/v1/switchover", "/v1/maintenance"):
            body = api.OperateRequest(why=WHY, host="tmr2" if path == "/v1/switchover" else "tmr1")
            reply = await world.call("POST", path, body, who=OPERATOR)
            assert (reply.status, reply.reason) == (409, "twin-not-ready")
            assert detail in reply.problem.detail
        assert world.hosts["tmr1"].serving
        assert world.dropped == []

    run(test)


def test_a_switchover_lets_the_twin_serve_and_keeps_the_leases():
    async def test(world: World) -> None:
        await world.check_out()
        body = api.OperateRequest(why=WHY, host="tmr2")
        reply = await world.call("POST", "/v1/switchover", body, who=OPERATOR)
        assert reply.status == 200
        assert not world.hosts["tmr1"].serving
        world.until(lambda: world.hosts["tmr2"].serving, "the twin serves")
        assert world.dropped == ["tmr1"]
        assert (await world.check_out(host="tmr2")).status == 200
        act = world.hosts["tmr2"].state.acts()[-1]
        assert (act.action, act.subject, act.who) == ("switchover", "tmr2", "cert:olga")
        # A repeat, because the answer was lost with the address, is not the way back.
        reply = await world.call("POST", "/v1/switchover", body, who=OPERATOR, host="tmr2")
        assert "tmr2 serves already" in reply.of(api.DoneDocument).detail
        assert world.hosts["tmr2"].state.acts()[-1] == act
        # Nothing moves back by itself, and the host may be switched back to.
        world.advance(5)
        assert world.hosts["tmr2"].serving and world.verdicts["tmr1"][0]
        body = api.OperateRequest(why=WHY, host="tmr1")
        reply = await world.call("POST", "/v1/switchover", body, who=OPERATOR, host="tmr2")
        assert reply.status == 200
        world.until(lambda: world.hosts["tmr1"].serving, "it is back")

    run(test)


def test_a_switchover_elsewhere_is_refused():
    async def test(world: World) -> None:
        for host in ("", "tmr3"):
            body = api.OperateRequest(why=WHY, host=host)
            reply = await world.call("POST", "/v1/switchover", body, who=OPERATOR)
            assert (reply.status, reply.reason) == (400, "bad-request")
        body = api.OperateRequest(why=WHY, host="tmr2")
        reply = await world.call("POST", "/v1/switchover", body, who=OPERATOR, host="tmr2")
        assert (reply.status, reply.reason, reply.problem.active) == (503, "not-active", "tmr1")
        body = api.OperateRequest(why=WHY, host="tmr3")
        reply = await world.call("POST", "/v1/maintenance", body, who=OPERATOR)
        assert (reply.status, reply.reason) == (400, "bad-request")

    run(test)


def test_maintenance_of_the_active_host_moves_the_service_and_lasts():
    async def test(world: World) -> None:
        body = api.OperateRequest(why=WHY, host="tmr1")
        reply = await world.call("POST", "/v1/maintenance", body, who=OPERATOR)
        assert reply.status == 200
        world.until(lambda: world.hosts["tmr2"].serving, "the twin serves")
        world.advance(5)
        assert world.verdicts["tmr1"] == (False, "in maintenance")
        status = (await world.call("GET", "/v1/status", host="tmr2", who=VIEWER)).of(
            api.StatusDocument
        )
        assert [(row.name, row.role) for row in status.tmr_hosts] == [
            ("tmr2", "active"),
            ("tmr1", "maintenance"),
        ]
        # The last host that can serve is not taken away.
        body = api.OperateRequest(why=WHY, host="tmr2")
        reply = await world.call("POST", "/v1/maintenance", body, who=OPERATOR, host="tmr2")
        assert (reply.status, reply.reason) == (409, "twin-not-ready")
        assert "maintenance" in reply.problem.detail
        off = api.OperateRequest(why="done", host="tmr1", on=False)
        reply = await world.call("POST", "/v1/maintenance", off, who=OPERATOR, host="tmr2")
        assert reply.status == 200
        world.until(lambda: world.verdicts["tmr1"][0], "it is healthy again")
        assert world.hosts["tmr2"].serving
        acts = [(act.action, act.subject, act.why) for act in world.hosts["tmr2"].state.acts()[-2:]]
        assert acts == [("maintenance-on", "tmr1", WHY), ("maintenance-off", "tmr1", "done")]

    run(test)


def test_maintenance_ends_although_the_other_host_is_dead():
    """Nobody serves then, so nobody but the host in maintenance itself can take the order."""

    async def test(world: World) -> None:
        body = api.OperateRequest(why=WHY, host="tmr1")
        assert (await world.call("POST", "/v1/maintenance", body, who=OPERATOR)).status == 200
        world.until(lambda: world.hosts["tmr2"].serving, "the twin serves")
        world.advance(1)
        off = api.OperateRequest(why="the other one burnt", host="tmr1", on=False)
        reply = await world.call("POST", "/v1/maintenance", off, who=OPERATOR)
        assert (reply.status, reply.reason) == (503, "not-active")  # The twin takes it.
        world.kill_host("tmr2")
        world.advance(2)
        assert not world.hosts["tmr1"].standing.decision.healthy
        task = world.begin("POST", "/v1/maintenance", off, who=OPERATOR)
        await world.drain()
        assert world.hosts["tmr1"].standing.decision.healthy
        world.give_address("tmr1")
        assert (await world.answer(task, "the end of maintenance")).status == 200
        world.advance(60)
        assert world.hosts["tmr1"].serving
        assert not world.hosts["tmr1"].state.maintenance

    run(test)


def test_maintenance_of_the_passive_host_leaves_the_service_where_it_is():
    async def test(world: World) -> None:
        body = api.OperateRequest(why=WHY, host="tmr2")
        assert (await world.call("POST", "/v1/maintenance", body, who=OPERATOR)).status == 200
        world.advance(2)
        assert world.hosts["tmr1"].serving
        assert world.verdicts["tmr2"] == (False, "in maintenance")
        reply = await world.call(
            "POST", "/v1/switchover", api.OperateRequest(why=WHY, host="tmr2"), who=OPERATOR
        )
        assert (reply.status, reply.reason) == (409, "twin-not-ready")
        assert world.dropped == []

    run(test)


def test_maintenance_counts_once_it_is_committed():
    """Else the host would resign over its own act before that is on two disks, and undo it."""

    async def test(world: World) -> None:
        world.hold_writes("up1", "up2", "up3")
        body = api.OperateRequest(why=WHY, host="tmr1")
        task = world.begin("POST", "/v1/maintenance", body, who=OPERATOR)
        await world.drain()
        world.advance(0.1)
        assert world.hosts["tmr1"].serving
        world.release_writes()
        reply = await world.answer(task, "maintenance")
        assert reply.status == 200
        assert not world.hosts["tmr1"].serving

    run(test)
