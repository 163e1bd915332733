"""What the verbs of `tmr bench` share: options, and how machines and times are shown."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from appliance.lab.bench.ground import Computer
    from appliance.lab.platform import Kind

DEFAULT_DIRECTORY = ".lab-bench"

directory_option = click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path),
    default=DEFAULT_DIRECTORY,
    show_default=True,
    help="Where the lab is made, on the disk to be measured; removed at the end.",
)
id_option = click.option(
    "--id",
    "lab_id",
    default="tmrbench",
    show_default=True,
    help="Prefix of its namespaces: two network labs on one machine need different ones.",
)
network_option = click.option(
    "--network/--loopback",
    "network",
    default=None,
    help="Which lab (default: the network lab for root, else loopback).",
)


def kind_of(network: bool | None) -> Kind:
    """Which lab that is; the network lab's requirements are there. Raises UserError if not."""
    from appliance.lab import prerequisites

    if network is None:
        network = os.name == "posix" and os.geteuid() == 0
    if network:
        prerequisites.check().require()
    return "network" if network else "loopback"


def machine_text(machine: Computer) -> str:
    """Where it was measured, in few words."""
    beside = f", keepalived {machine.keepalived}" if machine.keepalived else ""
    return f"{machine.cpus} CPUs, Python {machine.python}{beside}"


def ms(value_s: float) -> str:
    """Seconds as milliseconds."""
    return f"{value_s * 1000:.1f} ms"
