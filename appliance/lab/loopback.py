"""The loopback lab: the same hosts as process groups on 127.0.77.x. No root, no VRRP, no cables."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal, NoReturn

from appliance.lab import processes
from appliance.lab.common import RememberedLab
from appliance.lab.hosts import LOOPBACK_PREFIX, host_named
from appliance.lab.platform import HostState, Kind, LabRefused, LabState


class LabLoopback(RememberedLab):
    """The lab on loopback addresses; a power cut is SIGKILL to all processes of a host."""

    kind: Kind = "loopback"

    def __init__(self, directory: Path, lab_id: str = "loopback") -> None:
        """Nothing is started yet."""
        super().__init__(directory, lab_id)

    @staticmethod
    def address(host: str) -> str:
        """The host's loopback address. Raises KeyError for an unknown host."""
        return f"{LOOPBACK_PREFIX}.{host_named(host).octet}"

    def cut(self, host: str) -> None:
        """Refused: loopback has no cable."""
        _refuse("cut a host off")

    def block(
        self, source: str, target: str | None = None, kind: Literal["all", "vrrp"] = "all"
    ) -> None:
        """Refused: loopback has no bridge."""
        _refuse("drop frames")

    def heal(self, host: str) -> None:
        """Nothing can be cut, so nothing is to be healed; the host's name is checked."""
        self._entry(self.state(), host)

    def freeze(self, host: str) -> None:
        """SIGSTOP to every process of the host."""
        if sys.platform == "win32":
            raise LabRefused("Windows cannot freeze processes: use a Linux machine for that.")
        super().freeze(host)

    # ---- what RememberedLab asks for ----------------------------------------------------------

    def _prefix(self, host: str) -> list[str]:
        return []

    def _pids(self, host: str, remembered: HostState | None) -> list[int]:
        return [] if remembered is None else processes.pids_in_groups(remembered.started)

    def _check(self) -> None:
        """Nothing stands in the way of processes."""

    def _make(self, state: LabState) -> None:
        """There is nothing that all hosts share."""

    def _make_host(self, host: str, state: LabState) -> None:
        """127.0.0.0/8 is there on every Linux."""

    def _unplug(self, host: str) -> None:
        """Connections end with their processes."""

    def _remove_host(self, host: str) -> None:
        """Nothing but processes was made."""

    def _remove(self, state: LabState | None) -> None:
        """Nothing but processes was made."""


def _refuse(what: str) -> NoReturn:
    raise LabRefused(
        f"The loopback lab cannot {what}, because it has no network of its own:"
        " start the network lab (`tmr lab up`, as root)."
    )
