"""What came of the small changes that `make mutation` made, with those apart that change nothing.

    python -m tests.mutation.report MODULE FOLDER            # counts; 1 if anything is unexplained
    python -m tests.mutation.report MODULE FOLDER --again    # let what was not killed be tried anew

FOLDER is where mutmut ran. It remembers each change by a number that the next edit of the module
shifts, so a change is recognised by its lines.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

EQUIVALENTS = Path(__file__).with_name("equivalents.toml")
# Of mutmut: pytest failed, died of the change, or (-24) did not end: it was stopped after 15 times
# what these tests take.
KILLED = (1, 3, -11, -9, -24)
SURVIVED = 0
Show = Callable[[str], str]


class Report(NamedTuple):
    """How many changes were made, killed and explained; and which were neither, or not tried."""

    made: int
    killed: int
    explained: int
    unexplained: tuple[str, ...]
    untried: tuple[str, ...]


def equivalents(module: str, path: Path = EQUIVALENTS) -> frozenset[tuple[str, str]]:
    """The changes of a module that change nothing: what was there, and what there is now."""
    known = tomllib.loads(path.read_text("utf-8"))["mutant"]
    return frozenset((one["was"], one["now"]) for one in known if one["module"] == module)


def change_of(diff: str) -> tuple[str, str]:
    """What a unified diff takes away, and what it puts there, without indentation."""
    sides = {"-": "", "+": ""}
    for line in diff.splitlines():
        if line[:1] in sides and not line.startswith(("--- ", "+++ ")):
            sides[line[0]] += line[1:].strip()
    return sides["-"], sides["+"]


def results_of(module: str, folder: Path) -> dict[str, int | None]:
    """Each change's exit code, None if it was not tried. `module` is a file or a package."""
    place = folder / "mutants" / module
    metas = sorted(place.rglob("*.meta")) if place.is_dir() else [Path(f"{place}.meta")]
    found: dict[str, int | None] = {}
    for meta in metas:
        found |= json.loads(meta.read_text("utf-8"))["exit_code_by_key"]
    return found


def report(module: str, folder: Path, show: Show, known: frozenset[tuple[str, str]]) -> Report:
    """What came of each change; `show` gives a change's diff by its name."""
    results = results_of(module, folder)
    survivors = [name for name, code in results.items() if code == SURVIVED]
    unexplained = [name for name in survivors if change_of(show(name)) not in known]
    return Report(
        made=len(results),
        killed=sum(code in KILLED for code in results.values()),
        explained=len(survivors) - len(unexplained),
        unexplained=tuple(unexplained),
        untried=tuple(n for n, code in results.items() if code not in (*KILLED, SURVIVED)),
    )


def try_again(module: str, folder: Path) -> None:
    """Have mutmut forget what was not killed: the tests may be others by now."""
    place = folder / "mutants" / module
    for meta in sorted(place.rglob("*.meta")) if place.is_dir() else [Path(f"{place}.meta")]:
        if not meta.exists():
            continue
        document = json.loads(meta.read_text("utf-8"))
        codes = document["exit_code_by_key"]
        document["exit_code_by_key"] = {n: c if c in KILLED else None for n, c in codes.items()}
        meta.write_text(json.dumps(document, indent=4), "utf-8")


def main(arguments: Sequence[str]) -> int:
    """Print the report. Gives 1 if a change survived unexplained, or was not tried."""
    module, folder = arguments[0], Path(arguments[1])
    if "--again" in arguments:
        try_again(module, folder)
        return 0

    def show(name: str) -> str:
        mutmut = Path(sys.executable).with_name("mutmut")
        done = subprocess.run(
            [mutmut, "show", name], cwd=folder, capture_output=True, text=True, check=True
        )
        return done.stdout

    found = report(module, folder, show, equivalents(module))
    for name in found.unexplained:
        print(f"\n{show(name).strip()}")
    print(
        f"{module}: {found.made} changes, {found.killed} killed, {found.explained} explained,"
        f" {len(found.unexplained)} unexplained survivors, {len(found.untried)} without a verdict"
    )
    return 1 if found.unexplained or found.untried else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
