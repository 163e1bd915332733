"""What came of the small changes that `make mutation` made, with those apart that change nothing.

    python -m tests.mutation.report FOLDER MODULE...            # 1 if anything is unexplained
    python -m tests.mutation.report --again FOLDER MODULE...    # try what was not killed anew

FOLDER is where mutmut ran. It remembers each change by a number that the next edit of the module
shifts, so a change is recognised by its lines. The counts of a module that was tried to its end go
into scores.toml, whose sums stand in CONTRIBUTING.md.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mutmut.mutation.diff_apply import get_diff_for_mutant

EQUIVALENTS = Path(__file__).with_name("equivalents.toml")
SCORES = Path(__file__).with_name("scores.toml")
CONTRIBUTING = Path(__file__).parents[2] / "CONTRIBUTING.md"
HEAD = "| room | modules | changes | killed | explained | unexplained |"
# Of mutmut: pytest failed, died of the change, or did not end in time.
STOPPED = -24
KILLED = (1, 3, -11, -9, STOPPED)
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


def is_spelling(was: str, now: str) -> bool:
    """Whether a change only makes small letters of capitals or the other way round. mutmut makes
    two such changes of each text, beside one that puts something before and after it."""
    return was != now and was.lower() == now.lower()


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
    changes = {name: change_of(show(name)) for name in survivors}
    unexplained = [
        name for name, change in changes.items() if change not in known and not is_spelling(*change)
    ]
    return Report(
        made=len(results),
        killed=sum(code in KILLED for code in results.values()),
        explained=len(survivors) - len(unexplained),
        unexplained=tuple(unexplained),
        untried=tuple(n for n, code in results.items() if code not in (*KILLED, SURVIVED)),
    )


def try_again(module: str, folder: Path) -> None:
    """Have mutmut forget what was not killed: the tests may be others by now, and the machine less
    busy than when something was stopped."""
    place = folder / "mutants" / module
    for meta in sorted(place.rglob("*.meta")) if place.is_dir() else [Path(f"{place}.meta")]:
        if not meta.exists():
            continue
        document = json.loads(meta.read_text("utf-8"))
        codes = document["exit_code_by_key"]
        document["exit_code_by_key"] = {
            name: code if code in KILLED and code != STOPPED else None
            for name, code in codes.items()
        }
        meta.write_text(json.dumps(document, indent=4), "utf-8")


class Score(NamedTuple):
    """What is kept of a report; what is missing from `changes` survived unexplained."""

    changes: int
    killed: int
    explained: int

    @property
    def unexplained(self) -> int:
        return self.changes - self.killed - self.explained


def scores(path: Path = SCORES) -> dict[str, Score]:
    """The score of each module that was tried to its end."""
    return {name: Score(**one) for name, one in tomllib.loads(path.read_text("utf-8")).items()}


def record(found: Mapping[str, Report], path: Path = SCORES, told: Path = CONTRIBUTING) -> None:
    """Keep the scores of these modules, but for those of which something was not tried."""
    tried = {
        name: Score(one.made, one.killed, one.explained)
        for name, one in found.items()
        if one.made and not one.untried
    }
    head = path.read_text("utf-8").partition("\n\n")[0]
    lines = [
        f'"{name}" = {{ changes = {s.changes}, killed = {s.killed}, explained = {s.explained} }}'
        for name, s in sorted({**scores(path), **tried}.items())
    ]
    path.write_text("\n".join([head, "", *lines, ""]), "utf-8")
    before, _, after = told.read_text("utf-8").partition(HEAD)
    told.write_text(before + totals(path) + "\n\n" + after.partition("\n\n")[2], "utf-8")


def totals(path: Path = SCORES) -> str:
    """The table of CONTRIBUTING.md: the sums of each room."""
    rooms: dict[str, list[Score]] = {}
    for name, score in scores(path).items():
        rooms.setdefault(name.split("/")[1], []).append(score)
    rows = [HEAD, re.sub("[^|]+", "---", HEAD)]
    for room, of_it in rooms.items():
        sums = [sum(column) for column in zip(*of_it, strict=True)]
        left = sum(score.unexplained for score in of_it)
        rows.append(f"| {' | '.join(map(str, (f'`{room}`', len(of_it), *sums, left)))} |")
    return "\n".join(rows)


def main(arguments: Sequence[str]) -> int:
    """Print the report. Gives 1 if a change survived unexplained, or was not tried."""
    again = "--again" in arguments
    where, *modules = (one for one in arguments if one != "--again")
    folder = Path(where)

    if again:
        for module in modules:
            try_again(module, folder)
        return 0
    found: dict[str, Report] = {}
    for module in modules:

        def show(name: str, path: str = module) -> str:
            with contextlib.chdir(folder):
                return get_diff_for_mutant(name, path=path)

        one = found[module] = report(module, folder, show, equivalents(module))
        for name in one.unexplained:
            print(f"\n{show(name)}")
        print(
            f"{module}: {one.made} changes, {one.killed} killed, {one.explained} explained,"
            f" {len(one.unexplained)} unexplained survivors, {len(one.untried)} without a verdict"
        )
    record(found)
    return int(any(one.unexplained or one.untried for one in found.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
