"""`tmr monitor`: the desktop program. Needs the extra `monitor`, which no server has."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from appliance.cli.output import fail, say
from appliance.errors import ExitCode

_ELSEWHERE = (
    "Start the monitor on a desktop, and let it reach this host by --ssh; or ask here by"
    " `tmr status` and `tmr doctor`."
)


@click.command(
    epilog="Without --profile and --demo, the connections that were set up in the window are used."
)
@click.option(
    "--profile",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="An operator's client profile (TOML) of the system to follow.",
)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="HOST:PORT",
    help="A TMR host's own address (repeatable); without, the profile's addresses are asked.",
)
@click.option("--ssh", default="", metavar="[USER@]HOST[:PORT]", help="Reach it through this host.")
@click.option(
    "--ssh-jump", default="", metavar="[USER@]HOST[:PORT]", help="Reach that one through this."
)
@click.option("--read-only", is_flag=True, help="Change nothing from this window.")
@click.option(
    "--desktop-entry", is_flag=True, help="Put it into this person's menu of programs, and end."
)
@click.option("--demo", is_flag=True, help="A whole system inside the program: watch a failover.")
def monitor(
    profile: Path | None,
    hosts: tuple[str, ...],
    ssh: str,
    ssh_jump: str,
    read_only: bool,
    desktop_entry: bool,
    demo: bool,
) -> None:
    """One window: does it serve, what is wrong, since when, what to do."""
    if desktop_entry:
        _install_entry()
        return
    if demo and profile is not None:
        fail("--demo needs no profile: give one of the two.", ExitCode.USAGE)
    if (ssh or hosts) and profile is None:
        option = "--ssh" if ssh else "--host"
        fail(f"{option} goes with --profile: name the system's client profile.", ExitCode.USAGE)
    if profile is not None:
        from appliance.client.surroundings import expanded

        profile = expanded(profile, "--profile")
    if profile is not None and not profile.is_file():
        fail(f"--profile names {profile}, which does not exist or is not a file.", ExitCode.USAGE)
    if importlib.util.find_spec("PySide6") is None:
        fail("the monitor is not installed here: install tmr-appliance[monitor], then repeat.")
    if why := no_display(os.environ):
        fail(f"{why} {_ELSEWHERE}")
    try:
        from monitor_gui.app import run
    except ImportError as error:
        fail(
            f"the monitor's libraries cannot be loaded ({error}): on Debian, install libegl1, "
            "libgl1, libxkbcommon0, libdbus-1-3 and libfontconfig1, then repeat."
        )
    raise click.exceptions.Exit(run(profile, demo, hosts, ssh, read_only, ssh_jump))


def no_display(environ: Mapping[str, str]) -> str:
    """Why no window can be opened here, in a sentence; "" if one can. Qt would abort instead.

    Where Qt was told which platform to use, that is believed, but for X11.
    """
    platform = environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if sys.platform in ("win32", "darwin") or platform not in ("", "xcb", "wayland"):
        return ""
    wayland, x11 = environ.get("WAYLAND_DISPLAY", ""), environ.get("DISPLAY", "")
    if platform != "xcb" and wayland:
        if (Path(environ.get("XDG_RUNTIME_DIR", "/")) / wayland).exists():
            return ""
        if not x11:
            return f"There is no Wayland display {wayland}."
    if not x11:
        return "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)."
    return "" if _x11_answers() else f"The display {x11} does not answer, or lets nobody in."


def _x11_answers() -> bool:
    """Whether the X server that DISPLAY names takes a connection; True if that cannot be asked."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    try:
        return int(xcb.xcb_connection_has_error(connection)) == 0
    finally:
        xcb.xcb_disconnect(connection)


def _install_entry() -> None:
    from monitor_gui.entry import install

    try:
        for path in install():
            say(f"written: {path}")
    except OSError as error:
        fail(f"the entry cannot be written ({error}): see to the folder's owner, then repeat.")
