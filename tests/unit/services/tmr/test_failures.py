"""Dead upstreams, dead hosts, objections and lost terms: what a client is told."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from appliance.codec import api
from appliance.details import Detail
from appliance.ledger.leader import serving
from appliance.ledger.leader.read_index import ReadIndex
from appliance.services.tmr.problems import REPEATABLE
from tests.unit.codec import world as vendors
from tests.unit.services.tmr.parts import (
    secret,
)
from tests.unit.services.tmr.world import (
    ALICE,
    OPERATOR,
    VIEWER,
    World,
    run,
)


def endorsers(grant: api.GrantDocument) -> list[str]:
    assert grant.receipt is not None
    names = {vendors.CONTAINER_CERTIFICATES[twin]: f"up{twin}" for twin in (1, 2, 3)}
    return sorted(names[word.certificate] for word in grant.receipt.endorsements)


def test_the_passive_host_names_the_active_one():
    async def test(world: World) -> None:
        world.advance(1)
        calls = [
            ("PUT", "/v1/leases/one", world.asking({})),
            ("GET", "/v1/licences", None),
            ("GET", "/v1/leases", None),
            ("GET", "/healthz", None),
        ]
        for method, path, body in calls:
            reply = await world.call(method, path, body, host="tmr2")
            assert (reply.status, reply.reason) == (503, "not-active")
            assert reply.problem.active == "tmr1"
            assert "tmr1" in reply.problem.detail
            assert reply.headers["retry-after"] == "0"
        status = (await world.call("GET", "/v1/status", host="tmr2", who=VIEWER)).of(
            api.StatusDocument
        )
        # Nobody sends adverts in this world, which is all that is wrong with it.
        assert (status.host, status.verdict) == ("tmr2", "degraded")
        assert status.reason.startswith("tmr2 does not hear the VRRP adverts")
        assert [(row.name, row.role) for row in status.tmr_hosts] == [
            ("tmr2", "passive"),
            ("tmr1", "active"),
        ]

    run(test)


def test_a_stranger_who_wants_the_address_is_in_the_status_until_it_is_gone():
    async def test(world: World) -> None:
        world.twin_heard["tmr2"] = True
        for said, verdict in (
            ("192.0.2.66 (02:66) sends VRRP adverts", "degraded"),
            ("", "serving"),
        ):
            world.hosts["tmr1"].vip(replace(world.vip_state("tmr1"), stranger=Detail.of(said)))
            status = (await world.call("GET", "/v1/status", who=VIEWER)).of(api.StatusDocument)
            assert (status.tmr_hosts[0].name, status.tmr_hosts[0].stranger) == (
                "tmr1",
                Detail.of(said),
            )
            assert (status.verdict, said in status.reason) == (verdict, True)

    run(test)


def test_a_passive_host_that_hears_nothing_of_its_twin_names_nobody():
    async def test(world: World) -> None:
        world.twins_talk = False
        world.advance(5)
        reply = await world.check_out(host="tmr2")
        assert (reply.status, reply.reason, reply.problem.active) == (503, "not-active", "")

    run(test)


def test_a_wrong_secret_is_refused_only_by_a_host_that_knows():
    """A passive host's state may be old, so its "no" would not be worth anything."""

    async def test(world: World) -> None:
        grant = (await world.check_out()).of(api.GrantDocument)
        world.advance(1)
        body = api.ConsumeRequest(
            generation=grant.generation, number=1, units=1, nonce=world.nonce()
        )
        for proof in (secret(), secret(b"guess")):
            reply = await world.call(
                "POST", "/v1/leases/one/units", body, headers=[proof], host="tmr2"
            )
            assert (reply.status, reply.reason) == (503, "not-active")

    run(test)


def test_one_dead_upstream_costs_no_request():
    async def test(world: World) -> None:
        world.kill("up2")
        for number in range(3):
            nonce = world.nonce()
            reply = await world.check_out(f"l{number}", nonce=nonce)
            assert endorsers(world.believe(reply, nonce)) == ["up1", "up3"]
        world.advance(1)
        status = (await world.call("GET", "/v1/status", who=VIEWER)).of(api.StatusDocument)
        assert (status.verdict, status.missing) == ("degraded", ("up2",))
        assert "up2" in status.reason
        licences = (
            (await world.call("GET", "/v1/licences", who=VIEWER)).of(api.LicencesDocument).licences
        )
        assert [c.state for c in licences[0].constituents] == ["ok", "unreachable", "ok"]
        world.start("up2")
        world.advance(2)
        status = (await world.call("GET", "/v1/status", who=VIEWER)).of(api.StatusDocument)
        assert (status.verdict, [row.lag for row in status.upstreams]) == ("serving", [0, 0, 0])

    run(test)


def test_quorum_lost_names_the_two_that_are_missing_and_one_back_is_enough():
    async def test(world: World) -> None:
        grant = (await world.check_out()).of(api.GrantDocument)
        world.kill("up1")
        world.kill("up3")
        world.advance(2)
        reply = await world.check_out("two")
        assert (reply.status, reply.reason) == (503, "quorum-lost")
        assert reply.problem.missing == ("up1", "up3")
        assert "up1 and up3" in reply.problem.detail
        assert "retry-after" not in reply.headers
        beat = api.HeartbeatRequest(generation=grant.generation)
        target = "/v1/leases/one/heartbeat"
        reply = await world.call("POST", target, beat, headers=[secret()])
        assert (reply.status, reply.reason) == (503, "quorum-lost")
        assert (await world.call("GET", "/healthz")).reason == "quorum-lost"
        seen = (await world.call("GET", "/v1/licences", who=VIEWER)).of(api.LicencesDocument)
        assert seen.licences == ()
        seen = (await world.call("GET", "/v1/licences?all=1", who=VIEWER)).of(api.LicencesDocument)
        assert [licence.available for licence in seen.licences] == [False]
        status = (await world.call("GET", "/v1/status", who=VIEWER)).of(api.StatusDocument)
        assert (status.verdict, status.missing) == ("down", ("up1", "up3"))
        assert world.hosts["tmr1"].standing.has_address(), "it stays and refuses honestly"
        world.start("up1")
        world.until(lambda: world.hosts["tmr1"].serving, "it serves again")
        reply = await world.call("POST", target, beat, headers=[secret()])
        assert reply.status == 200
        assert (await world.check_out("two")).status == 201

    run(test)


def test_all_upstreams_lose_power_and_everything_acknowledged_is_there():
    async def test(world: World) -> None:
        await world.check_out()
        for name in world.upstreams:
            world.kill(name)
        world.advance(1)
        for name in world.upstreams:
            world.start(name)
        world.until(lambda: world.hosts["tmr1"].serving, "it serves again")
        assert (await world.check_out()).status == 200

    run(test)


def test_case_26_whichever_process_is_killed_no_lease_ends():
    async def test(world: World) -> None:
        grant = (await world.check_out()).of(api.GrantDocument)

        async def held_on(host: str) -> None:
            state = world.hosts[host].state
            assert [lease.generation for lease in state.leases.values()] == [grant.generation]
            assert "release" not in [act.action for act in state.acts()]

        for name in world.upstreams:
            world.kill(name)
            world.advance(2)
            await held_on("tmr1")
            world.start(name)
            world.advance(2)
        world.kill_host("tmr1")
        world.give_address("tmr2")
        world.until(lambda: world.hosts["tmr2"].serving, "tmr2 serves")
        await held_on("tmr2")

    run(test)


def test_a_grant_to_which_one_container_objects_is_vouched_for_by_the_third():
    async def test(world: World) -> None:
        world.upstreams["up1"].container.objects = True
        world.hold_writes("up3")
        nonce = world.nonce()
        task = world.begin("PUT", "/v1/leases/one", world.asking({"nonce": nonce}))
        await world.drain()
        assert not task.done(), "it waits for the third"
        world.release_writes()
        grant = world.believe(await world.answer(task, "the check-out"), nonce)
        assert endorsers(grant) == ["up2", "up3"]

    run(test)


def test_a_grant_that_too_few_vouch_for_is_unknown_and_a_repeat_finds_it():
    async def test(world: World) -> None:
        world.upstreams["up1"].container.objects = True
        world.kill("up3")
        reply = await world.check_out()
        assert (reply.status, reply.reason) == (503, "unknown-repeat")
        assert reply.headers["retry-after"] == "0"
        (lease,) = world.hosts["tmr1"].state.leases.values()
        world.start("up3")
        world.advance(2)
        nonce = world.nonce()
        reply = await world.check_out(nonce=nonce)
        grant = world.believe(reply, nonce)
        assert (grant.generation, endorsers(grant)) == (lease.generation, ["up2", "up3"])

    run(test)


def test_a_container_with_another_key_than_certified_has_no_voice():
    async def test(world: World) -> None:
        world.upstreams["up1"].container.key = vendors.key(77)
        world.hold_writes("up3")
        reply = await world.check_out()
        assert (reply.status, reply.reason) == (503, "unknown-repeat")

    run(test)


def test_one_container_that_signs_wrongly_does_not_stop_the_service():
    """Its word counts for nothing, so the other two must be enough."""

    async def test(world: World) -> None:
        world.upstreams["up1"].container.key = vendors.key(77)
        world.advance(2)
        for number in range(6):
            nonce = bytes([number]) * 16
            reply = await world.check_out(lease_id=f"lease-{number}", nonce=nonce)
            assert reply.status == 201
            world.believe(reply, nonce)
        assert world.hosts["tmr1"].serving

    run(test)


def test_a_term_that_ends_in_flight_is_unknown_and_the_repeat_gets_the_first_outcome():
    async def test(world: World) -> None:
        world.hold_writes("up2", "up3")
        task = world.begin("PUT", "/v1/leases/one", world.asking({}))
        await world.drain()  # One disk has it: neither committed nor lost.
        world.give_address("tmr2")
        reply = await world.answer(task, "the check-out")
        assert (reply.status, reply.reason) == (503, "unknown-repeat")
        world.release_writes()
        nonce = world.nonce()
        reply = await world.check_out(host="tmr2", nonce=nonce)
        first = world.believe(reply, nonce)
        nonce = world.nonce()
        again = world.believe(await world.check_out(host="tmr2", nonce=nonce), nonce)
        assert first.generation == again.generation
        assert len(world.hosts["tmr2"].state.leases) == 1

    run(test)


def test_a_request_that_waited_for_a_term_is_answered_in_it():
    async def test(world: World) -> None:
        world.advance(1)
        world.kill_host("tmr1")
        world.give_address("tmr2")
        nonce = world.nonce()
        task = world.begin("PUT", "/v1/leases/one", world.asking({"nonce": nonce}), host="tmr2")
        await world.drain()
        assert not task.done()
        reply = await world.answer(task, "the check-out")
        assert reply.status == 201
        world.believe(reply, nonce)

    run(test)


def test_a_request_that_waits_in_vain_is_told_so():
    """The upstreams die in silence, with the request on its way: the waiting is bounded."""

    async def test(world: World) -> None:
        world.kill("up1")
        world.kill("up2")
        task = world.begin("PUT", "/v1/leases/one", world.asking({}))
        reply = await world.answer(task, "the check-out")
        assert reply.reason in ("quorum-lost", "unknown-repeat")
        assert reply.status == 503

    run(test)


def test_waiters_are_bounded(monkeypatch):
    monkeypatch.setattr(serving, "REQUESTS_MAX", 3)

    async def test(world: World) -> None:
        world.hold_writes("up1", "up2", "up3")
        tasks = [
            world.begin("PUT", f"/v1/leases/l{number}", world.asking({})) for number in range(10)
        ]
        await world.drain()
        refused = [task.result() for task in tasks if task.done()]
        assert {(reply.status, reply.reason) for reply in refused} == {(503, "overloaded")}
        assert len(refused) == 6, "one flies, three wait"
        world.release_writes()
        replies = [await world.answer(task, "it") for task in tasks]
        assert sum(reply.status == 201 for reply in replies) == 4

    run(test)


def test_fenced_reads_are_bounded(monkeypatch):
    monkeypatch.setattr(serving, "REQUESTS_MAX", 3)

    async def test(world: World) -> None:
        tasks = [world.begin("GET", "/v1/leases") for _ in range(10)]
        for _ in range(4):
            await asyncio.sleep(0)  # No message moves: all of them wait.
        refused = [task.result() for task in tasks if task.done()]
        assert len(refused) == 7
        assert {reply.reason for reply in refused} == {"overloaded"}
        replies = [await world.answer(task, "it") for task in tasks]
        assert sum(reply.status == 200 for reply in replies) == 3

    run(test)


def test_a_client_that_goes_away_leaves_no_waiter():
    async def test(world: World) -> None:
        world.hold_writes("up1", "up2", "up3")
        tasks = [
            world.begin("PUT", "/v1/leases/one", world.asking({})),
            world.begin("GET", "/v1/leases"),
        ]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert not world.hosts["tmr1"].tickets
        world.release_writes()
        world.advance(1)
        assert (await world.check_out()).status == 200

    run(test)


def test_an_orderly_stop_answers_what_waits_and_lets_the_twin_serve_at_once():
    async def test(world: World) -> None:
        world.hold_writes("up1", "up2", "up3")
        task = world.begin("PUT", "/v1/leases/one", world.asking({}))
        await world.drain()
        world.hosts["tmr1"].close()
        await world.drain()
        reply = task.result()
        assert reply.reason in REPEATABLE
        world.release_writes()
        world.kill_host("tmr1")
        world.give_address("tmr2")
        world.advance(0.05)
        assert world.hosts["tmr2"].serving, "nobody waits for a silence"

    run(test)


def test_both_hosts_believe_they_own_the_address():
    async def test(world: World) -> None:
        world.advance(1)
        second = world.hosts["tmr2"]
        state = world.vip_state("tmr1")
        second.vip(state)
        world.advance(1)
        assert world.hosts["tmr1"].serving and not second.serving
        reply = await world.check_out(host="tmr2")
        assert (reply.status, reply.reason) == (503, "not-active")
        assert not world.verdicts["tmr2"][0], "case (b): it gives the address back"
        assert (await world.check_out()).status == 201

    run(test)


def test_without_an_address_the_terms_alone_decide():
    async def test(world: World) -> None:
        world.advance(2)
        assert [host.serving for host in world.hosts.values()].count(True) == 1
        active = next(name for name, host in world.hosts.items() if host.serving)
        other = world.hosts[active].standing.twin
        reply = await world.check_out(host=other)
        assert (reply.reason, reply.problem.active) == ("not-active", active)
        body = api.OperateRequest(why="test", host=other)
        reply = await world.call("POST", "/v1/switchover", body, who=OPERATOR, host=active)
        assert reply.status == 200
        world.until(lambda: world.hosts[other].serving, "the other serves")
        world.advance(5)
        assert world.hosts[other].serving
        world.kill_host(other)
        world.until(lambda: world.hosts[active].serving, "the first serves again")
        assert (await world.check_out(host=active, who=ALICE)).status == 201

    run(test, virtual_ip="")


def test_fences_never_hold_more_than_their_bound():
    fences = ReadIndex(2)
    assert [fences.ask(ticket) for ticket in (1, 2, 3)] == [True, True, False]


def test_one_wrong_clock_of_three_changes_nothing():
    async def test(world: World) -> None:
        world.upstreams["up3"].clock_off_ms = 10 * 365 * 86_400_000
        world.advance(2)
        assert (await world.check_out()).status == 201
        host = world.hosts["tmr1"]
        assert abs(host.coordinator.book.log_time_ms - world.system_ms("up1")) < 2000

    run(test)
