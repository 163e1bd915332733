"""Which station this process runs at: one terminal session of one machine, or one container.

The modes station-share and exclusive count by it (`appliance.licences.modes`). It is made of

    TMR_STATION                  if it is set, of this alone: containers that are to share a seat
    the machine's id             of the system; without one, of this start of the system
    the terminal session         as the kernel or Windows numbers it; services have none
    the process id namespace     if it is not the system's own, as in a container

and hashed with the firm code. So no vendor can compare stations with another vendor, and nobody
reads a machine's id out of a lease. What can go wrong in here: two containers of one image that
pass for one station, for many an image carries a machine id; hence the last part.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from appliance.client.surroundings import host_name
from appliance.licences.modes import NO_STATION, STATION_BYTES

STATION_VARIABLE: Final = "TMR_STATION"
_TAG: Final = b"tmr-station-1\x00"
_MACHINE_TAG: Final = b"tmr-machine-1\x00"
_MACHINE_FILES: Final = (
    "etc/machine-id",
    "var/lib/dbus/machine-id",
    "proc/sys/kernel/random/boot_id",
)
_SESSION_FILE: Final = "proc/self/sessionid"
_NAMESPACE_LINK: Final = "proc/self/ns/pid"
_NO_SESSION: Final = str(2**32 - 1)
"""What the kernel says of a process that nobody logged in for."""
_SYSTEMS_OWN: Final = "pid:[4026531836]"
"""PROC_PID_INIT_INO: the namespace that is there from the start, on every Linux."""
_WINDOWS_KEY: Final = r"SOFTWARE\Microsoft\Cryptography"
_FILE_BYTES_MAX: Final = 256


def this_station(
    firm_code: int, environment: Mapping[str, str] = os.environ, root: Path = Path("/")
) -> bytes:
    """The station of this process for licences of that firm, 16 bytes. `root` is where the system's
    files are looked for. It never fails: what is not known is left out."""
    named = environment.get(STATION_VARIABLE, "")
    parts = ("named", named) if named else ("seen", *_seen(root))
    told = b"\x00".join(part.encode("utf-8", "surrogateescape") for part in parts)
    return hashlib.sha256(_TAG + f"{firm_code}".encode() + b"\x00" + told).digest()[:STATION_BYTES]


def this_machine(
    firm_code: int, environment: Mapping[str, str] = os.environ, root: Path = Path("/")
) -> bytes:
    """What a loan of that firm is bound to, 16 bytes: this machine, whoever is logged in there, or
    what TMR_STATION names. Empty if the system has no id that outlives its next start."""
    named = environment.get(STATION_VARIABLE, "")
    told = named or _machine(root)
    if not told:
        return NO_STATION
    parts = (f"{firm_code}", "named" if named else "machine", told)
    data = "\x00".join(parts).encode("utf-8", "surrogateescape")
    return hashlib.sha256(_MACHINE_TAG + data).digest()[:STATION_BYTES]


if sys.platform == "win32":
    import winreg

    def _machine(root: Path) -> str:
        """The id that Windows drew when it was installed."""
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _WINDOWS_KEY) as key:
                return str(winreg.QueryValueEx(key, "MachineGuid")[0])
        except OSError:
            return ""

    def _seen(root: Path) -> tuple[str, str, str]:
        """The id that Windows drew when it was installed, and the number of this session."""
        machine = _machine(root) or host_name()
        session = ctypes.c_ulong()
        known = ctypes.windll.kernel32.ProcessIdToSessionId(os.getpid(), ctypes.byref(session))
        return machine, str(session.value) if known else "", ""

else:

    def _machine(root: Path) -> str:
        """The id that the system drew when it was installed."""
        return next(filter(None, (_read(root / name) for name in _MACHINE_FILES[:2])), "")

    def _seen(root: Path) -> tuple[str, str, str]:
        """Machine, terminal session, container."""
        machine = next(filter(None, (_read(root / name) for name in _MACHINE_FILES)), "")
        session = _read(root / _SESSION_FILE)
        namespace = _link(root / _NAMESPACE_LINK)
        return (
            machine or host_name(),
            "" if session == _NO_SESSION else session,
            "" if namespace == _SYSTEMS_OWN else namespace,
        )


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_FILE_BYTES_MAX).decode("ascii", "replace").strip()
    except OSError:
        return ""


def _link(path: Path) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""
