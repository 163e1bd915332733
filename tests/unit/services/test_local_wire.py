"""The way between coordinator and replica of one process keeps what links promise."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from appliance.ledger.effects import Origin
from appliance.services.local_wire import HELD_MAX, LEDGER, LocalWire

LINK = Origin("tmr", LEDGER)


class Ends:
    """A wire, and what reached its two ends."""

    def __init__(self) -> None:
        self.failed: list[Exception] = []
        self.asked: list[tuple[Origin, Any]] = []
        self.heard: list[tuple[str, Any]] = []
        self.wire = LocalWire("tmr", "store", self.failed.append)
        self.wire.leading_to(lambda origin, message: self.asked.append((origin, message)))
        self.wire.connect(lambda name, message: self.heard.append((name, message)))


def played(test: Callable[[Ends], Awaitable[None]]) -> None:
    async def whole() -> None:
        await test(Ends())

    asyncio.run(whole())


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_messages_arrive_in_order_and_in_a_later_turn() -> None:
    async def test(ends: Ends) -> None:
        await ends.wire.start()
        assert ends.wire.tell("store", 1) and ends.wire.tell("store", 2)
        assert ends.wire.send(LINK, "a") and ends.wire.send(LINK, "b")
        assert not ends.asked and not ends.heard, "never within the call that sends it"
        await turns()
        assert ends.asked == [(LINK, 1), (LINK, 2)]
        assert ends.heard == [("store", "a"), ("store", "b")]

    played(test)


def test_nothing_comes_before_the_start_nor_after_the_end() -> None:
    async def test(ends: Ends) -> None:
        assert not ends.wire.tell("store", 1) and ends.wire.peers == []
        await ends.wire.start()
        assert ends.wire.peers == [LINK]
        assert ends.wire.tell("store", 2)
        await ends.wire.close()
        assert not ends.wire.tell("store", 3) and ends.wire.peers == []
        await turns()
        assert ends.asked == []
        with pytest.raises(TimeoutError):
            await ends.wire.ask("store", "anybody there?")

    played(test)


def test_a_disk_that_is_behind_holds_back_what_comes_for_it_alone() -> None:
    async def test(ends: Ends) -> None:
        await ends.wire.start()
        ends.wire.pause()
        ends.wire.tell("store", 1)
        ends.wire.send(LINK, "a")
        await turns()
        assert ends.asked == [] and ends.heard == [("store", "a")]
        ends.wire.resume()
        await turns()
        assert ends.asked == [(LINK, 1)]

    played(test)


def test_what_does_not_fit_is_lost_and_said_to_be() -> None:
    async def test(ends: Ends) -> None:
        await ends.wire.start()
        ends.wire.pause()
        assert all(ends.wire.tell("store", number) for number in range(HELD_MAX))
        assert not ends.wire.tell("store", "one too many")
        ends.wire.resume()
        await turns()
        assert len(ends.asked) == HELD_MAX

    played(test)


def test_each_question_gets_its_own_answer() -> None:
    async def test(ends: Ends) -> None:
        await ends.wire.start()
        both = asyncio.gather(ends.wire.ask("store", "x"), ends.wire.ask("store", "y"))
        await turns()
        for origin, question in reversed(ends.asked):
            assert origin.link != LEDGER
            ends.wire.send(origin, f"answer to {question}")
            ends.wire.send(origin, "a second one is nobody's")
        assert list(await both) == ["answer to x", "answer to y"]
        assert ends.heard == [], "the coordinator hears none of that"

    played(test)


def test_who_is_not_answered_hears_that() -> None:
    async def test(ends: Ends) -> None:
        await ends.wire.start()
        with pytest.raises(TimeoutError):
            await ends.wire.ask("store", "x", within_s=0.0)
        await turns()
        (asked,) = ends.asked
        ends.wire.send(asked[0], "too late")
        await turns()
        assert ends.heard == [] and ends.failed == []

    played(test)


def test_a_mistake_of_a_receiver_is_told() -> None:
    async def test(ends: Ends) -> None:
        def wrong(origin: Origin, message: Any) -> None:
            raise KeyError(message)

        ends.wire.leading_to(wrong)
        await ends.wire.start()
        ends.wire.tell("store", 1)
        await turns()
        (error,) = ends.failed
        assert isinstance(error, KeyError)

    played(test)
