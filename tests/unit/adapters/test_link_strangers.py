"""Strangers at a link port: they are ended, and no host is kept out."""

from __future__ import annotations

import asyncio

from appliance.adapters.links import links
from appliance.ledger.messages import PreVote
from tests.unit.adapters.test_links import Plant, ended, files, run

__all__ = ["files", "run"]  # fixtures


def test_strangers_keep_no_host_out(files, run):
    """Silent connections and half handshakes, more than there may be: the oldest go, a host gets
    in, and the link that stands goes on."""

    async def story():
        async with Plant(files) as plant:
            asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
            first = plant.link("tmr1")
            await plant.until(lambda: first.up and plant.server.peers)
            silent = [await asyncio.open_connection(*plant.address) for _ in range(150)]
            for _ in range(2 * links.CONNECTIONS_MAX):
                streams = await asyncio.open_connection(*plant.address)
                streams[1].write(b"\x16\x03\x01")
                silent.append(streams)
            second = plant.link("tmr2")
            await plant.until(lambda: second.up and len(plant.server.peers) == 2)
            assert first.send(PreVote(7))
            await plant.until(lambda: plant.got)
            assert await ended(silent[0][0])
            assert len(plant.server.keeper) <= links.ARRIVALS_MAX + links.CONNECTIONS_MAX
            assert plant.lost == []
            for _, writer in silent:
                writer.transport.abort()

    run(story())


def test_a_connection_without_one_byte_is_ended(files, run, monkeypatch):
    monkeypatch.setattr(links, "FIRST_BYTE_S", 0.05)

    async def story():
        async with Plant(files) as plant:
            reader, writer = await asyncio.open_connection(*plant.address)
            assert await ended(reader)
            assert len(plant.server.keeper) == 0
            writer.close()

    run(story())
