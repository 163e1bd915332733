"""A replayed log means what it meant when it was written: every vendor's file is read."""

from __future__ import annotations

from datetime import timedelta

from appliance.adapters.machines import machine_of
from appliance.codec.block_list import build_block_list
from appliance.licences import commands as c
from appliance.licences.commands import AnyCommand
from appliance.licences.state import State
from tests.unit.codec import world

FOUND = c.Found(b"L" * 16, "131-1", (("up1", b"1" * 32), ("up2", b"2" * 32), ("up3", b"3" * 32)))


def blocking() -> AnyCommand:
    """An empty block list of the root's, number 7."""
    week = world.NOW + timedelta(days=7)
    return c.ImportBlockList(
        build_block_list(world.ROOT_KEY, world.ROOT, 7, [], world.NOW, week), "up1"
    )


def test_it_reads_what_the_root_signed_and_nothing_else() -> None:
    for root, number in ((world.ROOT, 7), (world.OTHER_ROOT, 0)):
        machine, state = machine_of(root), State()
        machine.apply(state, FOUND, 0)
        machine.apply(state, blocking(), 0)
        assert state.block_list.number == number
