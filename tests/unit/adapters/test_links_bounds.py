"""Links have bounds: what a peer leaves unread, how many of one host, how many in all."""

import asyncio
import logging

import pytest

from appliance.adapters.links import links
from appliance.codec.frames import encode_frame
from appliance.ledger.effects import Origin
from appliance.ledger.messages import PreVote
from tests.unit.adapters.test_links import Note, Plant, dial, files, run

__all__ = ["files", "run"]  # fixtures


@pytest.fixture(autouse=True)
def all_logged(caplog):
    caplog.set_level(logging.DEBUG, logger="appliance.adapters")


def test_a_peer_that_does_not_read_is_closed(files, run):
    async def story():
        async with Plant(files, unread_bytes_max=1 << 20) as plant:
            reader, writer = await dial(plant)
            writer.write(encode_frame(PreVote(1)))
            writer.transport.pause_reading()
            await plant.until(lambda: plant.got)
            origin = plant.got[0][0]
            big = Note("x" * 500_000)
            sent = 0
            while plant.server.send(origin, big):
                sent += 1
                await asyncio.sleep(0)
                assert sent < 1000
            await plant.until(lambda: plant.lost == [origin])
            writer.transport.abort()
            assert reader

    run(story())


def test_a_host_has_a_bounded_number_of_links(files, run):
    async def story():
        async with Plant(files) as plant:
            writers = []
            for number in range(links.CONNECTIONS_PER_HOST_MAX + 2):
                _, writer = await dial(plant)
                writer.write(encode_frame(PreVote(number)))
                writers.append(writer)
                await plant.until(lambda number=number: len(plant.got) == number + 1)
            await plant.until(lambda: len(plant.lost) == 2)
            assert plant.lost == [Origin("tmr1", 1), Origin("tmr1", 2)]
            assert len(plant.server.peers) == links.CONNECTIONS_PER_HOST_MAX
            for writer in writers:
                writer.transport.abort()

    run(story())


def test_all_hosts_together_have_a_bounded_number_of_links(files, run, monkeypatch, caplog):
    monkeypatch.setattr(links, "CONNECTIONS_MAX", 1)

    async def story():
        async with Plant(files) as plant:
            first = plant.link("tmr1")
            await plant.until(lambda: first.up and plant.server.peers)
            plant.link("tmr2")
            await plant.until(lambda: "peer=tmr2@127.0.0.1 why=too many" in caplog.text)
            assert [origin.host for origin in plant.server.peers] == ["tmr1"]

    run(story())
