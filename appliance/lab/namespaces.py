"""The network lab: each host a network namespace, all on a bridge in a namespace of its own.

What can go wrong here: a namespace outlives its processes and still answers ARP, so the link goes
down before the kill and the namespace goes after it; `ip netns exec` remounts /sys, so processes
enter by nsenter; a veth pair dies a moment after its namespace, so it is deleted by name first.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from appliance.lab import firewall, prerequisites, processes
from appliance.lab.common import RememberedLab
from appliance.lab.hosts import HOSTS, NETWORK_PREFIX, PREFIX_BITS, VIRTUAL_OCTET, host_named
from appliance.lab.platform import Block, HostState, Kind, LabRefused, LabState

NAMESPACES = Path("/run/netns")
BRIDGE = "br0"
INTERFACE = "eth0"
DEFAULT_ID = "tmrlab"
COMMAND_DEADLINE_S = 30


class LabNetwork(RememberedLab):
    """The lab in network namespaces named `<lab_id>-<host>`; needs root and Linux."""

    kind: Kind = "network"

    def __init__(self, directory: Path, lab_id: str = DEFAULT_ID) -> None:
        """Nothing is made yet. Raises LabRefused for a lab id that cannot name a namespace."""
        if not re.fullmatch(r"[a-z0-9]{1,16}", lab_id):
            raise LabRefused(f"The lab id {lab_id!r} must be 1 to 16 small letters and digits.")
        super().__init__(directory, lab_id)

    @staticmethod
    def address(host: str) -> str:
        """The host's IPv4 address on the bridge. Raises KeyError for an unknown host."""
        return f"{NETWORK_PREFIX}.{host_named(host).octet}"

    @staticmethod
    def virtual_address() -> str:
        """The address that the two TMR hosts share, with its prefix length."""
        return f"{NETWORK_PREFIX}.{VIRTUAL_OCTET}/{PREFIX_BITS}"

    def namespace(self, host: str) -> Path:
        """The file that stands for the host's network namespace ("br": the bridge's)."""
        return NAMESPACES / f"{self.lab_id}-{host}"

    # ---- cuts ---------------------------------------------------------------------------------

    def cut(self, host: str) -> None:
        """Take the host's bridge port down: both sides lose their carrier."""
        with self._running(host) as entry:
            self._unplug(host)
            entry.cut = True

    def block(
        self, source: str, target: str | None = None, kind: Literal["all", "vrrp"] = "all"
    ) -> None:
        """Drop frames from `source` (to `target`, or to all) on the bridge: one way, no carrier
        lost; with kind "vrrp" only VRRP adverts.
        """
        with self._changing(source) as (state, _):
            if target is not None:
                self._entry(state, target)
            state.blocks.append(Block(source=source, target=target, kind=kind))
            self._load_blocks(state.blocks)

    def heal(self, host: str) -> None:
        """Bring the host's bridge port up and lift every block that names the host."""
        with self._changing(host) as (state, entry):
            kept = [block for block in state.blocks if host not in (block.source, block.target)]
            if kept != state.blocks:
                state.blocks = kept
                self._load_blocks(kept)
            if entry.powered:
                self._ip("-n", self._bridge, "link", "set", _port(host), "up")
            entry.cut = False

    # ---- what RememberedLab asks for ----------------------------------------------------------

    def _prefix(self, host: str) -> list[str]:
        return [prerequisites.path_of("nsenter"), f"--net={self.namespace(host)}", "--"]

    def _pids(self, host: str, remembered: HostState | None) -> list[int]:
        return processes.pids_in_namespace(self.namespace(host))

    def _check(self) -> None:
        prerequisites.check().require()
        existing = [path.name for path in self._existing()]
        if existing:
            raise LabRefused(
                f"A lab with the id {self.lab_id} is there already ({existing[0]}): end it with"
                " `tmr lab down` in its directory, or choose another id."
            )

    def _make(self, state: LabState) -> None:
        state.made_namespace_directory = not NAMESPACES.exists()
        self._ip("netns", "add", self._bridge)
        for line in (
            f"link add {BRIDGE} type bridge forward_delay 0 mcast_snooping 0",
            f"link set {BRIDGE} up",
            "link set lo up",
        ):
            self._ip("-n", self._bridge, *line.split())
        self._load_blocks([])

    def _make_host(self, host: str, state: LabState) -> None:
        octet = host_named(host).octet
        name = self.namespace(host).name
        self._ip("netns", "add", name)
        # The same hardware address after each boot, as a real host has.
        mac = f"02:00:0a:4d:00:{octet:02x}"
        self._batch(
            self._bridge,
            f"link add {_port(host)} type veth peer name {INTERFACE} address {mac} netns {name}",
        )
        self._batch(
            name,
            "link set lo up",
            f"addr add {self.address(host)}/{PREFIX_BITS} dev {INTERFACE}",
            f"link set {INTERFACE} up",
        )
        # The filter stands before the cable is in.
        self._nft(name, firewall.host_ruleset(host_named(host)))
        self._batch(self._bridge, f"link set {_port(host)} master {BRIDGE} up")

    def _unplug(self, host: str) -> None:
        self._ip("-n", self._bridge, "link", "set", _port(host), "down")

    def _remove_host(self, host: str) -> None:
        self._ip("-n", self._bridge, "link", "del", _port(host))
        self._ip("netns", "del", self.namespace(host).name)

    def _remove(self, state: LabState | None) -> None:
        if prerequisites.find("ip") is None:
            # Without iproute2 nothing of a lab can have been made.
            return
        if self.namespace("br").exists():
            for host in HOSTS:
                with contextlib.suppress(LabRefused):
                    self._ip("-n", self._bridge, "link", "del", _port(host.name))
        for path in self._existing():
            processes.kill_all(lambda: processes.pids_in_namespace(path))  # noqa: B023
            self._ip("netns", "del", path.name)
        if state is not None and state.made_namespace_directory:
            _remove_namespace_directory()

    # ---- helpers ------------------------------------------------------------------------------

    @property
    def _bridge(self) -> str:
        return self.namespace("br").name

    def _existing(self) -> list[Path]:
        """Every namespace of this lab that is there."""
        return sorted(NAMESPACES.glob(f"{self.lab_id}-*"))

    def _load_blocks(self, blocks: Sequence[Block]) -> None:
        """Replace all cuts of the bridge in one transaction."""
        text = firewall.bridge_base()
        for block in blocks:
            target = None if block.target is None else _port(block.target)
            text += firewall.bridge_cut(_port(block.source), target, block.kind)
        self._nft(self._bridge, text)

    def _ip(self, *arguments: str) -> None:
        _run([prerequisites.path_of("ip"), *arguments])

    def _batch(self, namespace: str, *lines: str) -> None:
        """Several `ip` commands in one namespace by one process."""
        _run([prerequisites.path_of("ip"), "-n", namespace, "-batch", "-"], "\n".join(lines) + "\n")

    def _nft(self, namespace: str, rules: str) -> None:
        nsenter, nft = prerequisites.path_of("nsenter"), prerequisites.path_of("nft")
        _run([nsenter, f"--net={NAMESPACES / namespace}", "--", nft, "-f", "-"], rules)


def _port(host: str) -> str:
    """The bridge's end of the host's cable."""
    return f"v{host}"


def _run(argv: list[str], text: str = "") -> None:
    """Run one administrative command. Raises LabRefused with what it said."""
    try:
        subprocess.run(
            argv,
            input=text,
            text=True,
            capture_output=True,
            check=True,
            timeout=COMMAND_DEADLINE_S,
        )
    except subprocess.CalledProcessError as error:
        said = " ".join(str(error.stderr).split()) or f"status {error.returncode}"
        raise LabRefused(
            f"`{' '.join(argv)}` failed ({said}): if this machine is a container without the right"
            " to make network namespaces, use the loopback lab (make lab LAB=loopback)."
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LabRefused(f"`{' '.join(argv)}` failed: {error}.") from error


def _remove_namespace_directory() -> None:
    """Undo what `ip netns add` did on a machine without /run/netns: a mount on itself.

    Only if no namespace of anyone is in it; a busy mount stays.
    """
    if any(NAMESPACES.iterdir()):
        return
    subprocess.run(["umount", str(NAMESPACES)], capture_output=True, check=False, timeout=30)
    with contextlib.suppress(OSError):
        NAMESPACES.rmdir()
