"""`--queue` of `tmr run` and `tmr checkout`: for how long, and what is said meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from appliance.cli.output import complain, counted
from appliance.licences.queue.place import WAIT_S_MAX

if TYPE_CHECKING:
    from appliance.codec.api_queue import PlaceDocument

queue_option = click.option(
    "--queue",
    "queue_s",
    type=click.IntRange(0, WAIT_S_MAX),
    default=0,
    metavar="SECONDS",
    help="Wait so long at most for a seat, if all are taken.",
)


def say_place(place: PlaceDocument) -> None:
    """Where it stands, on stderr."""
    ahead = place.position - 1
    before = counted(ahead, "other") if ahead else "nobody"
    complain(f"waiting for a seat; before this one: {before}")
