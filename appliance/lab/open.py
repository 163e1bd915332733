"""Finds the lab that a directory remembers, of whichever kind."""

from __future__ import annotations

from pathlib import Path

from appliance.lab.loopback import LabLoopback
from appliance.lab.namespaces import DEFAULT_ID, LabNetwork
from appliance.lab.platform import Kind, LabPlatform, LabRefused, read_state


def new_lab(kind: Kind, directory: Path, lab_id: str = DEFAULT_ID) -> LabPlatform:
    """A lab of that kind in that directory; nothing is made before `up`. Raises LabRefused."""
    return LabNetwork(directory, lab_id) if kind == "network" else LabLoopback(directory)


def open_lab(directory: Path) -> LabPlatform:
    """The lab that is up in this directory. Raises LabRefused if there is none."""
    state = read_state(directory)
    if state is None:
        raise LabRefused(f"No lab is up in {directory}: start one with `tmr lab up`.")
    return new_lab(state.kind, directory, state.lab_id)
