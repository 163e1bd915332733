"""`tmr lab`: the five hosts on this machine, and the story they play.

A lab lives in one directory (default: `.lab` here, or TMR_LAB). It outlives the command that
started it, and is either a network lab (namespaces, real keepalived; needs root) or a loopback lab.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.cli._lab_chaos import chaos
from appliance.cli.output import fail, json_option, on_terminal, print_json, print_table, say

if TYPE_CHECKING:
    from appliance.lab.build import LabFiles
    from appliance.lab.platform import LabPlatform
    from appliance.lab.story.stage import Stage

DEFAULT_DIRECTORY = ".lab"
UP_WITHIN_S = 60.0

_directory_option = click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_DIRECTORY,
    envvar="TMR_LAB",
    show_default=True,
    help="Where the lab lives.",
)
_id_option = click.option(
    "--id",
    "lab_id",
    default="tmrlab",
    show_default=True,
    help="Prefix of its namespaces: two network labs on one machine need different ones.",
)
_loopback_option = click.option(
    "--loopback", is_flag=True, help="No root: the same processes on 127.0.77.x, without VRRP."
)


@click.group()
def lab() -> None:
    """Five hosts on this machine: start, cut, heal, demo, table, chaos."""


lab.add_command(chaos)


@lab.command()
@_directory_option
@_loopback_option
@_id_option
@json_option
def up(directory: Path, loopback: bool, lab_id: str, as_json: bool) -> None:
    """Start the lab; a running one is left as it is."""
    running = _start(directory, loopback, lab_id)
    _wait_until_it_serves(running)
    if as_json:
        print_json({"kind": running.kind, "directory": str(running.directory)})
    else:
        say(f"The lab is up in {running.directory}.")
        _print_next(running)


@lab.command()
@_directory_option
@click.option("--keep", is_flag=True, help="Keep its certificates, containers and ledger.")
@_id_option
@json_option
def down(directory: Path, keep: bool, lab_id: str, as_json: bool) -> None:
    """End the lab and remove everything of it."""
    from appliance.lab.open import new_lab, open_lab
    from appliance.lab.platform import LabRefused, read_state

    directory = directory.absolute()
    try:
        remembered = read_state(directory)
    except LabRefused:
        remembered = None
    # Without a memory of it there may still be what a network lab leaves behind.
    network = os.name == "posix" and os.geteuid() == 0
    if remembered is not None:
        open_lab(directory).down()
    elif network:
        new_lab("network", directory, lab_id).down()
    if network:
        # What a chaos run leaves if it is killed: its upstreams' small disks.
        from appliance.lab.disks import unmount_below

        unmount_below(directory)
    if not keep:
        _remove_built(directory)
    if as_json:
        print_json({"down": True})
    else:
        say("The lab is down.")


@lab.command()
@_directory_option
@json_option
def status(directory: Path, as_json: bool) -> None:
    """What runs on each host, and what was done to it."""
    running = _existing(directory)
    rows = []
    for name, host in running.state().hosts.items():
        condition = "off" if not host.powered else "frozen" if host.frozen else "on"
        alive = [process.name for process in running.processes(name) if process.alive]
        rows.append((name, running.address(name), condition, host.cut, ", ".join(alive)))
    if as_json:
        keys = ("host", "address", "power", "cut", "processes")
        print_json({"kind": running.kind, "hosts": [dict(zip(keys, r, strict=True)) for r in rows]})
        return
    print_table(
        ("Host", "Address", "Power", "Link", "Processes"),
        [(n, a, p, "cut" if c else "up", alive or "–") for n, a, p, c, alive in rows],
        title=f"Lab in {running.directory} ({running.kind})",
    )


@lab.command()
@_directory_option
@_loopback_option
@_id_option
@json_option
def demo(directory: Path, loopback: bool, lab_id: str, as_json: bool) -> None:
    """Play the story on a fresh lab: a licence outlives the server that granted it.

    A lab that is up in the directory is ended first; the new one is left running. Exit code 1 if a
    step failed.
    """
    from appliance.lab.story import CHAPTERS, play

    with _Teller(len(CHAPTERS), quiet=as_json) as teller:
        running, stage = _fresh(directory, loopback, lab_id, teller)
        try:
            steps = play(stage, teller.begun, teller.told)
        finally:
            stage.close()
    if as_json:
        print_json({"steps": steps})
    else:
        print_table(
            ("", "Step", "What was seen", "s"),
            [("✓" if s.ok else "✗", s.name, s.detail, f"{s.took_s:.1f}") for s in steps],
            title="The story",
        )
        _print_next(running)
    if not all(step.ok for step in steps):
        fail(f"The story failed at “{steps[-1].name}”: {steps[-1].detail}.")


@lab.command()
@_directory_option
@_loopback_option
@_id_option
@json_option
def table(directory: Path, loopback: bool, lab_id: str, as_json: bool) -> None:
    """Which kinds of licences work, by kind of server: each cell from steps that ran.

    Plays on a fresh lab, through a power cut of the active host; a lab that is up in the directory
    is ended first, and the new one is left running. Exit code 1 if a step failed.
    """
    from appliance.lab.story.stage import StoryFailed
    from appliance.lab.table import COLUMNS, PARTS, ROWS, play

    with _Teller(PARTS, quiet=as_json) as teller:
        _, stage = _fresh(directory, loopback, lab_id, teller)
        try:
            cells = play(stage, teller.passed)
        except StoryFailed as failed:
            fail(f"The lab does not serve ({failed}): see {stage.files.logs}.")
        finally:
            stage.close()
    if as_json:
        print_json({"cells": cells})
    else:
        states = {(cell.row, cell.column): cell.state for cell in cells}
        rows = [(row, *(states[row, column] for column in COLUMNS)) for row in ROWS]
        print_table(("Licence", *COLUMNS), rows, title="What can be sold")
        print_table(
            ("Licence", "Server", "What was seen"),
            [(cell.row, cell.column, cell.seen) for cell in cells if cell.seen],
        )
    failed_rows = [cell.row for cell in cells if cell.failed]
    if failed_rows:
        fail(f"A step failed of: {', '.join(failed_rows)}.")


def _verb(name: str, summary: str, act: Callable[[LabPlatform, str], object], said: str) -> None:
    """A command that does one thing to one host."""

    @lab.command(name, help=summary)
    @_directory_option
    @click.argument("host")
    @json_option
    def command(directory: Path, host: str, as_json: bool) -> None:
        act(_existing(directory), host)
        if as_json:
            print_json({"host": host, "done": name})
        else:
            say(f"{host} {said}.")


_verb("power-cut", "Cut a host's power.", lambda its, host: its.power_cut(host), "has no power")
_verb("boot", "Power a host on.", lambda its, host: its.boot(host), "is booting")
_verb("cut", "Pull a host's network cable.", lambda its, host: its.cut(host), "is cut off")
_verb("heal", "Plug a host's cable in.", lambda its, host: its.heal(host), "is connected")
_verb("freeze", "Stop a host where it stands.", lambda its, host: its.freeze(host), "is frozen")
_verb("thaw", "Let a frozen host go on.", lambda its, host: its.thaw(host), "goes on")


def _fresh(
    directory: Path, loopback: bool, lab_id: str, teller: _Teller
) -> tuple[LabPlatform, Stage]:
    """A new lab in the place of the one that is up in this directory, and the means to act in
    it."""
    from appliance.lab.platform import read_state
    from appliance.lab.story.stage import Stage

    if read_state(directory.absolute()) is not None:
        _existing(directory).down()
    _remove_built(directory)
    teller.begun("the lab starts")
    running = _start(directory, loopback, lab_id)
    return running, Stage(running, _files(running))


def _start(directory: Path, loopback: bool, lab_id: str) -> LabPlatform:
    """The lab of this directory, started unless it runs."""
    from appliance.lab import prerequisites
    from appliance.lab.build import LabFiles, build, processes
    from appliance.lab.open import new_lab, open_lab
    from appliance.lab.platform import read_state

    directory = directory.absolute()
    if read_state(directory) is not None:
        return open_lab(directory)
    if not loopback:
        prerequisites.check().require()
    files = LabFiles(directory, "loopback" if loopback else "network")
    build(files)
    running = new_lab(files.kind, directory, lab_id)
    running.up(processes(files))
    return running


def _wait_until_it_serves(running: LabPlatform) -> None:
    """ "Up" is said of a lab that serves. Fails with what a process of it said last."""
    from rich.console import Console

    from appliance.lab.story.stage import Stage, StoryFailed

    off = [name for name, host in running.state().hosts.items() if not host.powered]
    if off:  # Somebody cut the power of these: then it need not serve.
        return
    stage = Stage(running, _files(running))

    def look() -> bool:
        ended = [
            f"{process.name} of {name} ended: {stage.last_words(name, process.name)}"
            for name in running.state().hosts
            for process in running.processes(name)
            if not process.alive
        ]
        if ended:
            raise _Ended(" ".join(ended))
        return any(status.phase == "serving" for status in stage.statuses().values())

    try:
        with Console(stderr=True).status("The five hosts start …"):
            stage.wait_for("the lab to serve", look, UP_WITHIN_S)
    except _Ended as ended:
        fail(f"The lab does not run: {ended} (`tmr lab down` ends the rest.)")
    except StoryFailed as failed:
        fail(f"The lab does not serve ({failed}): see {stage.files.logs}.")
    finally:
        stage.close()


class _Ended(Exception):
    """A process of the lab is not there any more."""


def _existing(directory: Path) -> LabPlatform:
    from appliance.lab.open import open_lab

    return open_lab(directory.absolute())


def _files(running: LabPlatform) -> LabFiles:
    from appliance.lab.build import LabFiles

    return LabFiles(running.directory, running.kind)


def _remove_built(directory: Path) -> None:
    """A story begins with containers that hold nothing; only what a lab made is removed."""
    if (directory / "built").exists():
        shutil.rmtree(directory)


def _print_next(running: LabPlatform) -> None:
    """What to try with the running lab."""
    from appliance.lab.build import client_name

    files = _files(running)
    directory = os.path.relpath(files.directory)
    look = shlex.quote(os.path.relpath(files.profile("view")))
    act = shlex.quote(os.path.relpath(files.profile("operate")))
    client = shlex.quote(os.path.relpath(files.profile(client_name(1))))
    prefix = f"ip netns exec {running.lab_id}-clients " if files.kind == "network" else ""
    where = "" if directory == DEFAULT_DIRECTORY else f" --dir {shlex.quote(directory)}"
    say("\nTry next:")
    tmr = "tmr" if shutil.which("tmr") else shlex.quote(os.path.relpath(sys.argv[0]))
    for command, what in (
        (f"{prefix}{tmr} status --profile {look}", "who serves, and how each host is"),
        (f"{prefix}{tmr} licences --profile {look}", "the virtual container"),
        (f"{prefix}{tmr} monitor --profile {act}", "the same in a window, on a desktop"),
        (f"{prefix}{tmr} run --profile {client} --product 6000010:1 -- sleep 60", "hold a seat"),
        (f"{tmr} lab power-cut{where} tmr1", "then ask for the status again"),
        (f"{tmr} lab boot{where} tmr1", "and it returns"),
        (f"{tmr} lab down{where}", "end of the lab"),
    ):
        say(f"  {command:<84}  # {what}")


class _Teller:
    """Shows how far the story is: a progress bar on a terminal, a line for each step elsewhere."""

    def __init__(self, steps: int, *, quiet: bool) -> None:
        self._live = on_terminal() and not quiet
        self._quiet = quiet
        self._progress: Any = None
        self._task: Any = None
        self._steps = steps

    def __enter__(self) -> _Teller:
        if self._live:
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
            self._progress = Progress(*columns)
            self._progress.start()
            self._task = self._progress.add_task("", total=self._steps)
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def begun(self, name: str) -> None:
        """A step begins."""
        if self._progress is not None:
            self._progress.update(self._task, description=f"{name} …")

    def passed(self, name: str) -> None:
        """A part begins, and the one before it is over."""
        self.begun(name)
        if self._progress is not None:
            self._progress.advance(self._task)
        elif not self._quiet:
            say(name, err=True)

    def told(self, step: Any) -> None:
        """A step is over."""
        mark = "✓" if step.ok else "✗"
        if self._progress is not None:
            self._progress.console.print(f"{mark} {step.name}: {step.detail}", highlight=False)
            self._progress.advance(self._task)
        elif not self._quiet:
            say(f"{mark} {step.name}", err=True)
