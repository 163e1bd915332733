"""Access rules through the API: applied, shown with names, enforced, explained, had back."""

from __future__ import annotations

from typing import Any

from appliance.codec import api
from appliance.codec.api_access import (
    AccessAppliedDocument,
    AccessDocument,
    AccessExplained,
    AccessGroup,
    AccessRule,
    AccessSet,
    ApplyAccessRequest,
    NamedRules,
    UndoAccessRequest,
)
from appliance.licences.names import tag_of
from tests.unit.services.tmr.parts import FIRM, Reply, names_key
from tests.unit.services.tmr.test_events import Subscription
from tests.unit.services.tmr.test_names import ADA, written
from tests.unit.services.tmr.world import ADMIN, ALICE, OPERATOR, PRODUCT, World, run

EVE = api.HolderDocument(user="Eve", host="cafe", pid=1, application="cad")


def rules(*of: AccessRule, default: str = "allow", **groups: tuple[str, ...]) -> NamedRules:
    return NamedRules(
        groups=tuple(AccessGroup(name=name, members=who) for name, who in groups.items()),
        sets=(AccessSet(firm_code=FIRM, product_code=PRODUCT, default=default, rules=of),),
    )


NO_EVE = rules(
    AccessRule(action="deny", who=("group:guests", "network:10.99.0.0/16"), line=5, column=1),
    guests=("user:eve",),
)


async def apply(
    world: World, of: NamedRules, base: int = 0, who: Any = ADMIN, **more: Any
) -> Reply:
    request = ApplyAccessRequest(base=base, rules=of, why="asked", **more)
    return await world.call("POST", "/v1/access", request, who=who)


async def shown(world: World, host: str = "tmr1") -> AccessDocument:
    reply = await world.call("GET", "/v1/access", who=OPERATOR, host=host)
    return reply.of(AccessDocument)


def test_rules_are_applied_shown_and_obeyed_also_by_the_host_that_takes_over() -> None:
    async def test(world: World) -> None:
        stream = Subscription(world, OPERATOR)
        await world.drain()
        done = (await apply(world, NO_EVE)).of(AccessAppliedDocument)
        assert (done.version, done.detail) == (1, "version 1 is in force")
        reply = await world.check_out("eve", holder=EVE)
        assert reply.status == 403
        problem = reply.of(api.Problem)
        assert problem.type.endswith("denied-by-rule")
        assert problem.detail.startswith("Line 5 of the access rules denies")
        assert (await world.check_out("ada", holder=ADA)).status == 201
        assert b"eve" not in written(world) and tag_of(names_key("tmr1"), "eve") in written(world)
        document = await shown(world)
        assert (document.rules, document.versions[0].why) == (NO_EVE, "asked")
        await world.drain()
        assert ("operator", "access") in [(n, data.get("action")) for n, data in stream.events]
        await stream.leave()
        world.advance(3.0)
        world.kill_host("tmr1")
        world.give_address("tmr2")
        world.until(lambda: world.hosts["tmr2"].serving, "tmr2 serves")
        assert (await world.check_out("eve", holder=EVE, host="tmr2")).status == 403
        world.advance(3.0)
        assert (await shown(world, "tmr2")).rules == NO_EVE

    run(test)


def test_an_address_is_what_the_host_saw_and_no_entry_has_it_without_rules() -> None:
    async def test(world: World) -> None:
        assert (await world.check_out("before")).status == 201
        packed = bytes((10, 77, 0, 200))
        assert packed not in written(world)
        near = rules(AccessRule(action="allow", who=("network:10.77.0.0/16",)), default="deny")
        assert (await apply(world, near)).status == 200
        assert (await world.check_out("near")).status == 201
        assert packed in written(world)
        far = rules(AccessRule(action="allow", who=("network:10.78.0.0/16",)), default="deny")
        assert (await apply(world, far, base=1)).status == 200
        reply = await world.check_out("far")
        assert (reply.status, "No access rule allows" in reply.of(api.Problem).detail) == (
            403,
            True,
        )

    run(test)


def test_a_lease_ends_only_if_that_was_asked_for() -> None:
    async def test(world: World) -> None:
        assert (await world.check_out("eve", holder=EVE)).status == 201
        assert (await world.check_out("ada", holder=ADA)).status == 201
        assert (await apply(world, NO_EVE)).of(AccessAppliedDocument).ended == 0
        assert len(world.hosts["tmr1"].state.leases) == 2
        again = (await apply(world, NO_EVE, base=1, end_leases=True)).of(AccessAppliedDocument)
        assert (again.version, again.ended, again.left) == (1, 1, 0)
        (lease,) = world.hosts["tmr1"].state.leases.values()
        assert lease.ref.lease_id == "ada"
        assert world.hosts["tmr1"].state.acts()[-1].action == "release"

    run(test)


def test_a_late_change_is_refused_and_the_version_before_can_be_had_back() -> None:
    async def test(world: World) -> None:
        assert (await apply(world, NO_EVE)).status == 200
        late = await apply(world, rules(default="deny"))
        assert late.status == 409 and late.of(api.Problem).type.endswith("access-rules-refused")
        assert (await apply(world, rules(default="deny"), base=1)).status == 200
        undone = await world.call(
            "POST", "/v1/access/undo", UndoAccessRequest(base=2, why="oh"), who=ADMIN
        )
        assert undone.of(AccessAppliedDocument).version == 3
        document = await shown(world)
        assert document.rules == NO_EVE
        assert [one.version for one in document.versions] == [3, 2, 1]
        gone = UndoAccessRequest(base=3, to=9, why="oh")
        assert (await world.call("POST", "/v1/access/undo", gone, who=ADMIN)).status == 404
        reply = await world.call("GET", "/v1/access?version=2", who=OPERATOR)
        assert reply.of(AccessDocument).rules.sets[0].default == "deny"

    run(test)


def test_the_first_rules_can_be_undone_to_none() -> None:
    async def test(world: World) -> None:
        assert (await apply(world, NO_EVE)).status == 200
        request = UndoAccessRequest(base=1, why="oh")
        assert (await world.call("POST", "/v1/access/undo", request, who=ADMIN)).status == 200
        assert (await shown(world)).rules == NamedRules()
        assert (await world.check_out("eve", holder=EVE)).status == 201

    run(test)


def test_what_makes_no_sense_is_refused_in_words() -> None:
    async def test(world: World) -> None:
        for wrong, said in (
            (rules(AccessRule(action="deny", who=("group:gone",), line=9)), "line 9: there is no"),
            (rules(AccessRule(action="deny", who=("ada",))), "'ada' is no subject"),
            (rules(AccessRule(action="deny", who=("user:a\u202eb",))), "holds U+202E"),
            (rules(AccessRule(action="permit")), "a rule allows, denies"),
        ):
            reply = await apply(world, wrong)
            assert reply.status == 400 and said in reply.of(api.Problem).detail
        assert (await apply(world, NO_EVE, who=OPERATOR)).status == 403
        assert world.hosts["tmr1"].state.access == {}

    run(test)


def test_it_is_explained_by_which_rule_and_what_that_is_worth() -> None:
    async def test(world: World) -> None:
        of = rules(
            AccessRule(action="deny", who=("group:guests",), line=4),
            AccessRule(action="allow", who=("cert:alice", "network:10.77.0.0/16"), line=6),
            AccessRule(action="max", seats=1, who=("user:ada",), line=8),
            default="deny",
            guests=("user:eve",),
        )
        assert (await apply(world, of)).status == 200

        async def told(**asked: str) -> AccessExplained:
            query = "&".join(f"{name}={value}" for name, value in asked.items())
            path = f"/v1/access/explain?firm_code={FIRM}&product_code={PRODUCT}&{query}"
            return (await world.call("GET", path, who=OPERATOR)).of(AccessExplained)

        eve = await told(user="EVE", client="cert:alice")
        assert (eve.reason, eve.scope, eve.default) == (
            "denied-by-rule",
            f"{FIRM}:{PRODUCT}",
            "deny",
        )
        decided = eve.decided_by
        assert decided is not None
        assert (decided.line, decided.by, decided.group, decided.worth) == (
            *(4, "user:eve", "guests", "claimed"),
        )
        alice = await told(client="cert:alice", address="10.77.1.2")
        assert alice.decided_by is not None and alice.decided_by.worth == "proven"
        near = await told(address="10.77.1.2")
        assert near.decided_by is not None and near.decided_by.worth == "observed"
        nobody = await told(user="bob")
        assert (nobody.reason, nobody.decided_by) == ("denied-by-rule", None)
        assert (await world.check_out("ada", holder=EVE_AS_ADA, who=ALICE)).status == 201
        full = await told(user="ada", client="cert:alice")
        assert full.reason == "maximum-reached"
        assert [(one.line, one.held, one.seats) for one in full.counted_by] == [(8, 1, 1)]
        assert not [
            lease for lease in world.hosts["tmr1"].state.leases.values() if lease.ruled == ()
        ]

    run(test)


EVE_AS_ADA = api.HolderDocument(user="Ada", host="cafe", pid=1, application="cad")
