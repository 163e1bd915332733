"""Strangers at every server: whoever says nothing, or too little, is ended; others get in.

The same attacks on all of them, with real sockets. Deadlines that a test is about are short, all
others so long that they cannot be what ended a connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from appliance.services.http_connection import PIPELINED_MAX
from tests.unit.services import strangers_world as servers
from tests.unit.services.strangers_world import (
    CLOSED,
    PATIENT,
    PATIENT_DOOR,
    SMALL,
    Limits,
    Papers,
    Site,
    ended,
)
from tests.unit.services.tmr.world import World

KINDS = ["api", "admin", "central", "time", "time-https"]
TLS_KINDS = [kind for kind in KINDS if kind != "time"]
DEADLINE_S = 60.0
SOON_S = 0.05
HEAD = b"GET /healthz HTTP/1.1\r\nhost: x\r\n"
PATHS = {"api": "/openapi.json", "time": "/crl", "time-https": "/crl"}


@pytest.fixture(scope="module")
def papers(tmp_path_factory) -> Papers:
    return Papers(tmp_path_factory.mktemp("papers"))


def run(
    papers: Papers, kind: str, test: Callable[[Site], Awaitable[None]], **changes: object
) -> None:
    """Run a test against a server of this kind."""
    limits = Limits(**changes)  # type: ignore[arg-type]

    async def whole() -> None:
        async with asyncio.timeout(DEADLINE_S):
            if kind == "api":
                world = World()
                await world.serve()
                async with servers.api(papers, limits, world.apps["tmr1"]) as site:
                    await served(site)
            else:
                async with servers.web(papers, limits, kind) as site:
                    await served(site)

    async def served(site: Site) -> None:
        try:
            await test(site)
        finally:
            for writer in site.streams:
                writer.transport.abort()
            await asyncio.sleep(0)

    asyncio.run(whole())


@pytest.mark.parametrize("kind", KINDS)
def test_a_connection_without_one_byte_is_ended(papers, kind):
    async def test(site: Site) -> None:
        reader, _ = await site.tcp()
        assert await ended(reader)

    run(papers, kind, test, door=replace(PATIENT_DOOR, first_byte_s=SOON_S))


@pytest.mark.parametrize("kind", TLS_KINDS)
def test_a_handshake_that_never_ends_is(papers, kind):
    async def test(site: Site) -> None:
        reader, writer = await site.tcp()
        writer.write(b"\x16")
        assert await ended(reader)

    run(papers, kind, test, door=replace(PATIENT_DOOR, handshake_s=SOON_S))


@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_that_asks_nothing_is_ended(papers, kind):
    async def test(site: Site) -> None:
        reader, writer = await site.connect()
        with suppress(*CLOSED):
            writer.write(b"\r\n")  # no request either
        assert await ended(reader)

    # Over plain TCP nothing tells a connection from a silent one.
    door = replace(PATIENT_DOOR, first_byte_s=SOON_S) if kind == "time" else PATIENT_DOOR
    run(papers, kind, test, times=replace(PATIENT, stranger_idle_s=SOON_S), door=door)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_that_asked_and_rests_is_ended(papers, kind):
    async def test(site: Site) -> None:
        reader, writer = await site.connect()
        status, _ = await servers.ask(reader, writer)
        assert status == 200
        assert await ended(reader)
        await site.until(lambda: len(site.keeper) == 0)

    run(papers, kind, test, times=replace(PATIENT, stranger_idle_s=SOON_S))


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, drop: bytes) -> None:
    """A few bytes again and again, until the other side hangs up."""
    hung_up = asyncio.ensure_future(ended(reader))
    while not hung_up.done():
        with suppress(*CLOSED):
            writer.write(drop)
            await writer.drain()
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("kind", KINDS)
def test_half_a_head_is_ended_and_a_drip_does_not_help(papers, kind):
    async def test(site: Site) -> None:
        reader, writer = await site.connect()
        writer.write(HEAD)
        await _drip(reader, writer, b"x: y\r\n")

    run(papers, kind, test, times=replace(PATIENT, head_s=SOON_S))


@pytest.mark.parametrize("kind", KINDS)
def test_half_a_body_is_ended_and_a_drip_does_not_help(papers, kind):
    async def test(site: Site) -> None:
        reader, writer = await site.connect()
        writer.write(b"POST /v1/receipts HTTP/1.1\r\nhost: x\r\ncontent-length: 60000\r\n\r\n")
        await _drip(reader, writer, b"x")

    run(papers, kind, test, times=replace(PATIENT, request_s=SOON_S))


@pytest.mark.parametrize("kind", KINDS)
def test_half_heads_do_not_keep_anybody_out(papers, kind):
    async def test(site: Site) -> None:
        halves = []
        for _ in range(3 * SMALL.strangers_max):
            with suppress(*CLOSED):
                reader, writer = await site.connect()
                writer.write(HEAD)
                halves.append(reader)
        for _ in range(3):
            assert (await site.ask())[0] == 200
        # The oldest went, and no more are held than there may be.
        assert await ended(halves[0])
        assert len(site.keeper) <= SMALL.strangers_max + 1

    run(papers, kind, test)


@pytest.mark.parametrize("kind", KINDS)
def test_silent_connections_do_not_keep_anybody_out(papers, kind):
    async def test(site: Site) -> None:
        silent = [await site.tcp() for _ in range(3 * SMALL.arrivals_max)]
        assert (await site.ask())[0] == 200
        assert await ended(silent[0][0])
        await site.until(lambda: len(site.keeper.arrivals) <= SMALL.arrivals_per_address_max)

    run(papers, kind, test)


@pytest.mark.parametrize("kind", TLS_KINDS)
def test_half_handshakes_do_not_keep_anybody_out(papers, kind):
    async def test(site: Site) -> None:
        for _ in range(3 * SMALL.shaking_max):
            _, writer = await site.tcp()
            writer.write(b"\x16\x03\x01")
        assert (await site.ask())[0] == 200

    run(papers, kind, test)


@pytest.mark.parametrize("kind", PATHS)
def test_who_does_not_read_is_ended(papers, kind):
    """Requests without end whose answers nobody takes: they fill what the kernel keeps, then us."""

    async def test(site: Site) -> None:
        reader, writer = await site.connect(receive_bytes=4096)
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        request = f"GET {PATHS[kind]} HTTP/1.1\r\nhost: x\r\n\r\n".encode()

        async def keep_asking() -> None:
            with suppress(*CLOSED):
                while True:
                    writer.write(request)
                    await writer.drain()
                    await asyncio.sleep(0.0005)

        asking = asyncio.ensure_future(keep_asking())
        await site.until(lambda: len(site.keeper) == 0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    run(papers, kind, test, times=replace(PATIENT, write_s=SOON_S))


@pytest.mark.parametrize("kind", KINDS)
def test_a_crowd_of_requests_on_one_connection_is_cut_off(papers, kind):
    async def test(site: Site) -> None:
        reader, writer = await site.connect()
        writer.write((HEAD + b"\r\n") * 50 * PIPELINED_MAX)
        assert await ended(reader)
        assert (await site.ask())[0] == 200

    run(papers, kind, test)


@pytest.mark.parametrize("kind", KINDS)
def test_the_server_ends_in_the_middle_of_it(papers, kind):
    async def test(site: Site) -> None:
        for _ in range(3):
            await site.tcp()
            _, writer = await site.connect()
            writer.write(HEAD)

    run(papers, kind, test)


# --- those that are known ---


@pytest.mark.parametrize("kind", ["api", "admin"])
def test_who_is_known_stays_while_strangers_come_and_go(papers, kind):
    async def test(site: Site) -> None:
        person = papers.operator if kind == "admin" else papers.client
        known = await site.connect(person)
        await site.until(lambda: site.keeper.known == 1)
        for _ in range(4 * SMALL.strangers_max):
            with suppress(*CLOSED):
                _, writer = await site.connect()
                writer.write(HEAD)
            await site.tcp()
        assert (await servers.ask(*known))[0] == 200
        late = await site.connect(papers.operator)
        assert (await servers.ask(*late))[0] == 200
        assert site.keeper.known == 2

    times = replace(PATIENT, stranger_idle_s=SOON_S, head_s=SOON_S)
    run(papers, kind, test, times=times)


@pytest.mark.parametrize("kind", ["api", "admin"])
def test_who_is_known_and_rests_too_long_is_ended_politely(papers, kind):
    async def test(site: Site) -> None:
        reader, writer = await site.connect(papers.operator)
        assert (await servers.ask(reader, writer))[0] == 200
        assert await reader.read() == b""
        await site.until(lambda: site.keeper.known == len(site.keeper) == 0)

    run(papers, kind, test, times=replace(PATIENT, idle_s=SOON_S))


@pytest.mark.parametrize("kind", ["api", "admin"])
def test_one_client_with_too_many_connections_is_told_and_others_get_in(papers, kind):
    async def test(site: Site) -> None:
        person = papers.operator if kind == "admin" else papers.client
        first = await site.connect(person)
        for _ in range(SMALL.known_per_client_max - 1):
            assert (await site.ask(identity=person))[0] == 200
        status, body = await site.ask(identity=person)
        assert status == 503
        assert b"4 connections, as many as one client may have" in body
        assert b"problems/overloaded" in body or b"overloaded" in body
        assert (await servers.ask(*first))[0] == 200
        first[1].close()
        await site.until(lambda: site.keeper.known == SMALL.known_per_client_max - 1)
        assert (await site.ask(identity=person))[0] == 200
        if kind == "api":
            assert (await site.ask("/healthz", papers.other))[0] == 200

    run(papers, kind, test)


def test_places_are_kept_for_operators(papers):
    bounds = replace(SMALL, known_max=4, known_per_client_max=9)

    async def test(site: Site) -> None:
        standing = [await site.connect(papers.client) for _ in range(2)]
        assert (await site.ask(identity=papers.other))[0] == 200
        assert (await site.ask(identity=papers.client))[0] == 503
        assert (await site.ask(identity=papers.operator))[0] == 200
        for reader, writer in standing:
            assert (await servers.ask(reader, writer))[0] == 200

    run(papers, "api", test, bounds=replace(bounds, operators_kept=1, holders_kept=0))
