"""The entry in a desktop's menu of programs (freedesktop.org), for the person who asks for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ICON: Final = Path(__file__).resolve().parent / "icons" / "tmr-monitor.svg"
NAME: Final = "tmr-monitor"
_ENTRY: Final = """[Desktop Entry]
Type=Application
Name=TMR monitor
Name[de]=TMR-Monitor
Name[ja]=TMR モニター
Comment=Does it serve, what is wrong, since when, what to do
Comment[de]=Läuft der Dienst, was stimmt nicht, seit wann, was ist zu tun
Comment[ja]=稼働状況、問題、経過、対処をひとつのウィンドウで
Exec={command}
Icon={name}
StartupWMClass={name}
Categories=System;Monitor;
Keywords=licence;license;floating;failover;
Terminal=false
"""


def install(environment: Mapping[str, str] = os.environ) -> tuple[Path, Path]:
    """Write entry and icon into this person's own folders; gives where. Raises OSError."""
    base = environment.get("XDG_DATA_HOME", "")
    try:
        data = Path(base) if base else Path.home() / ".local" / "share"
    except RuntimeError as error:
        raise OSError("this user has no home directory: set XDG_DATA_HOME") from error
    entry = data / "applications" / f"{NAME}.desktop"
    icon = data / "icons" / "hicolor" / "scalable" / "apps" / f"{NAME}.svg"
    command = f"{_quoted(sys.executable)} -m appliance.cli.main monitor"
    for path, content in (
        (entry, _ENTRY.format(command=command, name=NAME).encode()),
        (icon, ICON.read_bytes()),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return entry, icon


def _quoted(argument: str) -> str:
    """An argument of Exec, by the specification's rules: in quotes, with four characters escaped,
    and % doubled."""
    for character in '\\"`$':
        argument = argument.replace(character, f"\\{character}")
    # The value itself is a string, in which a backslash is written twice.
    return '"' + argument.replace("%", "%%").replace("\\", "\\\\") + '"'
