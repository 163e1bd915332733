"""The story that `make lab` plays: a licence outlives the death of the server that granted it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import msgspec

from appliance.client import ClientError
from appliance.errors import UserError
from appliance.lab.story import founding, power, quorum_loss
from appliance.lab.story.stage import Stage, StoryFailed, Told

CHAPTERS: tuple[tuple[str, Callable[[Stage], Told]], ...] = (
    ("five hosts", founding.five_hosts),
    ("two vendors", founding.two_vendors),
    ("twelve clients", founding.twelve_clients),
    ("the active host loses power", power.power_cut_of_the_active),
    ("it returns", power.the_host_returns),
    ("an upstream loses power", power.an_upstream_lost),
    ("it catches up", power.it_catches_up),
    ("all five lose power", power.all_five_lost),
    ("two upstreams are cut off", quorum_loss.two_upstreams_cut),
    ("two attackers", quorum_loss.attackers),
)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """How one step of the story went. `figures` are for machines."""

    name: str
    ok: bool
    detail: str
    took_s: float
    figures: dict[str, Any] = {}


def play(stage: Stage, begun: Callable[[str], None], told: Callable[[Step], None]) -> list[Step]:
    """Play all steps in order; a step that fails ends the story, with what was seen instead."""
    steps: list[Step] = []
    for name, chapter in CHAPTERS:
        begun(name)
        began_s = time.monotonic()
        try:
            detail, figures = chapter(stage)
            ok = True
        except (StoryFailed, ClientError, UserError, TimeoutError) as error:
            ok, detail, figures = False, str(error) or type(error).__name__, {}
        step = Step(
            name=name,
            ok=ok,
            detail=detail,
            took_s=round(time.monotonic() - began_s, 3),
            figures=figures,
        )
        steps.append(step)
        told(step)
        if not ok:
            break
    return steps
