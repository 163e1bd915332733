"""By what this host is known: the values of each feature of `appliance.licences.binding`.

    machine-id   /etc/machine-id
    board        the product UUID of DMI, else the board's serial number; only root reads them, so
                 the unit of the upstream shows them below /run/tmr-upstream
    disk         the serial number or WWID of each disk that is built in
    network      the hardware address of each network card, where the card gave it (not those that
                 are set by software or drawn)
    cpu          the CPU's model

What can go wrong in here is a value that many computers share, such as "To be filled by O.E.M.":
it says nothing, so it is left out. Nothing in here raises: what cannot be read is not there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from appliance.licences.binding import VALUES_MAX

BOARD_SHOWN: Final = Path("run/tmr-upstream")
"""Where root shows the board's numbers to the service, below the root of the file system."""
_DMI: Final = Path("sys/class/dmi/id")
_VALUE_LETTERS_MAX: Final = 256
_LETTERS_MIN: Final = 4
_EMPTY_WORDS: Final = (
    "none",
    "default",
    "to be filled",
    "not specified",
    "not applicable",
    "system serial",
    "unknown",
    "03000200-0400-0500-0006-000700080009",
)
_NO_DISKS: Final = ("loop", "ram", "zram", "dm-", "md", "sr", "fd", "nbd")
_DISK_NUMBERS: Final = ("wwid", "serial", "device/wwid", "device/serial")
_GIVEN_BY_THE_CARD: Final = "0"
"""`addr_assign_type` of an address that is permanent (NET_ADDR_PERM)."""


def host_facts(root: Path = Path("/")) -> dict[str, tuple[str, ...]]:
    """What the host whose file system is at `root` shows of itself."""
    return {
        "machine-id": _present(_read(root / "etc/machine-id")),
        "board": _board(root),
        "disk": _disks(root / "sys/block"),
        "network": _cards(root / "sys/class/net"),
        "cpu": _present(_cpu(root)),
    }


def _board(root: Path) -> tuple[str, ...]:
    for name in ("product_uuid", "board_serial"):
        for directory in (BOARD_SHOWN, _DMI):
            value = _read(root / directory / name)
            if value:
                return (value,)
    return ()


def _disks(directory: Path) -> tuple[str, ...]:
    found = set()
    for disk in _entries(directory):
        if disk.name.startswith(_NO_DISKS) or _read(disk / "removable", 1) == "1":
            continue
        found.add(next(filter(None, (_read(disk / name) for name in _DISK_NUMBERS)), ""))
    return _present(*found)


def _cards(directory: Path) -> tuple[str, ...]:
    """A card is what has a device behind it: no bridge, bond, VLAN or veth has."""
    return _present(
        *{
            _read(card / "address")
            for card in _entries(directory)
            if (card / "device").exists()
            and _read(card / "addr_assign_type", 1) == _GIVEN_BY_THE_CARD
        }
    )


def _cpu(root: Path) -> str:
    """The kernel's name of the model; /proc is closed to the service."""
    cpus = root / "sys/devices/system/cpu"
    model = _read(cpus / "modalias").partition(":feature:")[0]
    return model or _read(cpus / "cpu0/regs/identification/midr_el1")


def _entries(directory: Path) -> list[Path]:
    try:
        return sorted(directory.iterdir())
    except OSError:
        return []


def _present(*values: str) -> tuple[str, ...]:
    return tuple(sorted(filter(None, values)))[:VALUES_MAX]


def _read(path: Path, letters_min: int = _LETTERS_MIN) -> str:
    """What a file says, in small letters; "" if that tells no host from another."""
    try:
        with path.open("rb") as file:
            text = file.read(4096).decode("ascii", "ignore").strip().casefold()
    except OSError:
        return ""
    # One and the same sign throughout, such as zeros, is no number.
    of_one = letters_min > 1 and len(set(text) - {"-", ":", " "}) < 2
    if len(text) < letters_min or of_one or text.startswith(_EMPTY_WORDS):
        return ""
    return text[:_VALUE_LETTERS_MAX]
