"""The group in one go, at the TMR host: three signatures, one answer, the ledger, failovers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from random import Random

import pytest

from appliance.codec.api_groups import (
    ActivateRequest,
    GroupFileDocument,
    GroupFileRequest,
    GroupReceiptRequest,
    ImportedDocument,
    ImportRequest,
)
from appliance.codec.container_orders import (
    Confirm,
    ContainerAnswer,
    ContainerOrder,
    GetChallenge,
    ShowTicket,
    SignReceipt,
    SignRequest,
)
from appliance.codec.group_files import (
    GroupAnswer,
    build_group_answer,
    read_group_receipt,
    read_group_request,
)
from appliance.codec.licence_files import build_update
from appliance.codec.request_files import Purpose, Wanted, build_request
from appliance.codec.ticket_codes import new_code, order_of, ticket_mark
from appliance.codec.transfer_files import build_receipt
from appliance.licences.serials import Mask, Serial
from appliance.services.tmr.groups import Groups
from appliance.services.tmr.identity import caller
from appliance.services.tmr.problems import Refusal
from tests.unit.codec import world as vendors
from tests.unit.services.tmr.parts import FIRM, read_the_update, update_of
from tests.unit.services.tmr.world import (
    ADMIN,
    ALICE,
    OPERATOR,
    PRODUCT,
    UPSTREAMS,
    VIEWER,
    World,
    run,
)

NOW = datetime(2031, 1, 2, tzinfo=UTC)
CODE = new_code(Random(1))


class Hands:
    """What upstreams do for their group, and a License Central that answers with an update."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.silent: set[str] = set()
        self.unreached: set[str] = set()
        self.done: list[tuple[str, str]] = []
        self.shown: list[tuple[str, bytes]] = []
        self.refuses = ""
        self.sequence = 2
        self.groups = self.of("tmr1")

    def of(self, host: str) -> Groups:
        return Groups(self.world.hosts[host], self.order, imported_within_s=0.5)

    async def order(self, name: str, order: ContainerOrder) -> ContainerAnswer:
        what = order.what
        self.done.append((name, type(what).__name__))
        if name in self.silent:
            raise TimeoutError
        twin = UPSTREAMS.index(name) + 1
        key = vendors.CONTAINER_KEYS[twin]
        if isinstance(what, GetChallenge):
            if name in self.unreached:
                return ContainerAnswer(refused="License Central does not answer.")
            return ContainerAnswer(b"c" * 56, "central central.example")
        if isinstance(what, SignRequest):
            held = ((FIRM, 1),) if what.firm_code in (0, FIRM) else ()
            wanted = Wanted(what.purpose, what.audience, what.nonce, what.order, held)
            serial = str(Serial.of_key(Mask.SOFTWARE_UNIVERSAL, vendors.public(key)))
            return ContainerAnswer(build_request(key, serial, name, NOW, wanted))
        if isinstance(what, SignReceipt):
            return ContainerAnswer(
                build_receipt(key, vendors.SERIALS[twin], FIRM, self.sequence, b"u", NOW)
            )
        if isinstance(what, ShowTicket):
            self.shown.append((what.ticket, what.request))
            if self.refuses:
                return ContainerAnswer(refused=self.refuses)
            return ContainerAnswer(self.answer())
        assert isinstance(what, Confirm)
        return ContainerAnswer()

    def answer(self, *twins: int, more: bool = False) -> bytes:
        """License Central's: one seat more, for each container."""
        item = vendors.item(product_code=PRODUCT, quantity=11, units=500, lease_ttl_s=60)
        files = tuple(
            build_update(
                vendors.FIRM_A_KEY,
                vendors.FIRM_A_CERTIFICATE,
                update_of(twin, item, sequence=self.sequence),
            )
            for twin in twins or (1, 2, 3)
        )
        return build_group_answer(GroupAnswer(files, more))

    @asynccontextmanager
    async def importing(self) -> AsyncIterator[None]:
        """Upstreams that have power import what waits for them."""

        async def forever() -> None:
            while True:
                for one in self.world.upstreams.values():
                    for (serial, _), waits in one.replica.book.state.deliveries.items():
                        known = waits.update in one.container.updates
                        if one.alive and serial == one.container.serial and not known:
                            one.container.take(read_the_update(waits.update))
                await asyncio.sleep(0)

        task = asyncio.ensure_future(forever())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def activate(self, chosen=(), groups: Groups | None = None) -> ImportedDocument:
        request = ActivateRequest(ticket=CODE, chosen=chosen)
        return await self._answered((groups or self.groups).activate(who(), request))

    async def bring(self, file: bytes) -> ImportedDocument:
        return await self._answered(
            self.groups.receive(who(), ImportRequest(file=file.decode("latin-1")))
        )

    async def _answered(self, work) -> ImportedDocument:
        task = asyncio.ensure_future(work)
        made: ImportedDocument = await self.world.answer(task, "the group")
        return made


def who():
    return caller(OPERATOR, b"", None)  # type: ignore[arg-type]


def test_one_command_collects_shows_and_imports():
    async def test(world: World) -> None:
        hands = Hands(world)
        async with hands.importing():
            made = await hands.activate(((1, 5),))
        assert [(one.host, one.imported) for one in made.parts] == [
            (name, True) for name in UPSTREAMS
        ]
        assert {(one.firm_code, one.sequence) for one in made.parts} == {(FIRM, 2)}
        ((code, file),) = hands.shown
        asked = read_group_request(file)
        assert (code, asked.ticket, asked.chosen) == (CODE, ticket_mark(CODE), ((1, 5),))
        assert {(one.purpose, one.nonce, one.host) for one in asked.requests} == {
            (Purpose.ACTIVATE, b"c" * 56, name) for name in UPSTREAMS
        }
        assert all(one.names(order_of(CODE, ((1, 5),))) for one in asked.requests)
        assert sorted(name for name, what in hands.done if what == "Confirm") == list(UPSTREAMS)
        state = world.hosts["tmr1"].state
        assert [one.quantity for one in state.items.values()] == [11] and not state.deliveries
        # The same once more: the vendor's answer is no news to the ledger.
        again = await hands.activate(((1, 5),))
        assert all(one.imported for one in again.parts)

    run(test)


def test_two_of_three_are_enough_and_the_third_catches_up_after_a_failover():
    async def test(world: World) -> None:
        hands = Hands(world)
        file = hands.answer()
        world.kill("up3")
        async with hands.importing():
            made = await hands.bring(file)
            assert [one.imported for one in made.parts] == [True, True, False]
            items = world.hosts["tmr1"].state.items
            assert [one.quantity for one in items.values()] == [11], "the licence is there"
            world.kill_host("tmr1")
            world.give_address("tmr2")
            world.until(lambda: world.hosts["tmr2"].serving, "tmr2 serves")
            world.start("up3")
            for _ in range(500):
                world.advance()
                await asyncio.sleep(0)
                if not world.hosts["tmr2"].state.deliveries:
                    break
        view = world.hosts["tmr2"].state.view
        assert [len(one.constituents) for one in view.values()] == [3]

    run(test)


def test_who_does_not_sign_is_named_and_nothing_is_shown():
    async def test(world: World) -> None:
        hands = Hands(world)
        hands.silent = {"up2"}
        with pytest.raises(Refusal) as refused:
            await hands.activate()
        assert refused.value.reason == "containers-missing" and "up2" in str(refused.value)
        hands.silent = set()
        world.kill("up3")
        with pytest.raises(Refusal, match="up3: It does not answer"):
            await hands.activate()
        assert hands.shown == []

    run(test)


def test_another_upstream_carries_it_if_one_does_not_reach_the_vendor():
    async def test(world: World) -> None:
        hands = Hands(world)
        hands.unreached = {"up1", "up2"}
        async with hands.importing():
            await hands.activate()
        assert ("up3", "ShowTicket") in hands.done
        hands.unreached = set(UPSTREAMS)
        with pytest.raises(Refusal, match="up1: License Central does not answer; up2"):
            await hands.activate()
        hands.unreached, hands.refuses = set(), "This ticket was used by other containers."
        with pytest.raises(Refusal, match="transfer-refused: This ticket was used"):
            await hands.activate()

    run(test)


def test_bad_answers_change_nothing():
    async def test(world: World) -> None:
        hands = Hands(world)
        whole = hands.answer()
        stranger = update_of(1, sequence=2)
        forged = build_update(vendors.FIRM_B_KEY, vendors.FIRM_A_CERTIFICATE, stranger)
        for file, said in (
            (whole[:-60], "truncated"),
            (b"", "truncated"),
            (whole.replace(b"tmr-group-answer-1", b"tmr-group-answer-0"), "not 'tmr-group-answer"),
            (build_group_answer(GroupAnswer((b"a.b.c\n",))), "update"),
            (build_group_answer(GroupAnswer((forged,))), "signature|valid"),
        ):
            with pytest.raises(Refusal, match=said):
                await hands.bring(file)
        assert world.hosts["tmr1"].state.deliveries == {}
        hands.sequence = 3
        with pytest.raises(Refusal, match="does not follow"):
            await hands.bring(hands.answer())
        assert world.hosts["tmr1"].state.deliveries == {}

    run(test)


def test_files_for_a_vendor_name_him_and_not_the_ticket():
    async def test(world: World) -> None:
        world.apps = {name: world.app(name, order=Hands(world).order) for name in world.hosts}

        async def made(document, path="/v1/group/request", who=OPERATOR):
            return await world.call("POST", path, document, who=who)

        shown = GroupFileRequest(firm_code=FIRM, ticket=CODE.lower(), chosen=((2, 0),))
        file = (await made(shown)).of(GroupFileDocument).file
        assert CODE not in file
        asked = read_group_request(file.encode())
        assert {one.audience for one in asked.requests} == {f"firm {FIRM}"}
        assert all(one.names(order_of(CODE, ((2, 0),))) for one in asked.requests)
        assert len({one.nonce for one in asked.requests}) == 1
        for document, purpose in (
            (GroupFileRequest(firm_code=FIRM), Purpose.UPDATE),
            (GroupFileRequest(firm_code=FIRM, order="PO 4711"), Purpose.ORDER),
        ):
            file = (await made(document)).of(GroupFileDocument).file
            assert {one.purpose for one in read_group_request(file.encode()).requests} == {purpose}
        receipts = (await made(GroupReceiptRequest(firm_code=FIRM), "/v1/group/receipt")).of(
            GroupFileDocument
        )
        assert len(read_group_receipt(receipts.file.encode())) == 3 and receipts.missing == ()
        for wrong in (
            GroupFileRequest(firm_code=0),
            GroupFileRequest(firm_code=FIRM, ticket=CODE[:-1] + "%"),
            GroupFileRequest(firm_code=FIRM, order="a\nb"),
            GroupFileRequest(firm_code=FIRM, order="a", ticket=CODE),
            GroupFileRequest(firm_code=FIRM, chosen=((1, 0),)),
            GroupFileRequest(firm_code=FIRM, ticket=CODE, chosen=((2, 0), (1, 0))),
        ):
            reply = await made(wrong)
            assert (reply.status, CODE in reply.body.decode()) == (400, False)
        for stranger in (ALICE, VIEWER):
            assert (await made(shown, who=stranger)).reason == "forbidden"
        assert (await made(shown, who=ADMIN)).status == 200

    run(test)
