"""What a fuzzer's run leaves in the tree: a small corpus for each target, and how much was tried.

`build/fuzz/TARGET/corpus` has all inputs that ever reached something new, and is not kept. From it,
`libFuzzer -merge=1` takes the smallest inputs that reach all branches; they get into
`tests/fuzz/corpus/TARGET` under their digests, smallest first, as far as the bounds go. A file
there with a name of its own is an input that a decoder once choked on; a merge never touches it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests" / "fuzz" / "corpus"
BUILD = ROOT / "build" / "fuzz"
TABLE = ROOT / "CONTRIBUTING.md"
HEAD = "| target | inputs | found |\n|---|---|---|\n"

FILES_MAX = 48
BYTES_MAX = 12_000
"""Of one target, with what has a name of its own."""
CORPUS_BYTES_MAX = 1_000_000

_DIGEST = re.compile(r"[0-9a-f]{40}")


def folder(name: str) -> str:
    """A target's name as a directory."""
    return name.lower().replace(" ", "-").replace("'", "")


def named(kept: Path) -> list[Path]:
    """The inputs in this directory that a decoder once choked on."""
    files = sorted(kept.iterdir()) if kept.is_dir() else []
    return [path for path in files if not _DIGEST.fullmatch(path.name)]


def within_bounds(found: Iterable[Path], others: Iterable[Path]) -> list[Path]:
    """The smallest of what was found, as many as there is room for beside the others."""
    sizes = [path.stat().st_size for path in others]
    files, size, taken = len(sizes), sum(sizes), []
    for path in sorted(found, key=lambda path: (path.stat().st_size, path.name)):
        files, size = files + 1, size + path.stat().st_size
        if files > FILES_MAX or size > BYTES_MAX:
            break
        taken.append(path)
    return taken


class Places(NamedTuple):
    """A target's directories."""

    name: str
    work: Path
    kept: Path

    @classmethod
    def of(cls, name: str) -> Places:
        """Those of this target."""
        return cls(name, BUILD / folder(name), CORPUS / folder(name))

    @property
    def folder(self) -> str:
        """The target's name as a directory."""
        return folder(self.name)

    @property
    def corpus(self) -> Path:
        """What ever reached something new."""
        return self.work / "corpus"

    @property
    def seeds(self) -> Path:
        """What the fuzzer begins with."""
        return self.work / "seeds"

    @property
    def merged(self) -> Path:
        """Seeds and named inputs, and what reaches more than they do."""
        return self.work / "merged"

    def begin(self) -> None:
        """Make the directories, and the seeds anew."""
        from tests.fuzz.targets import TARGETS

        shutil.rmtree(self.seeds, ignore_errors=True)
        for path in (self.corpus, self.seeds):
            path.mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(TARGETS[self.name].seeds()):
            (self.seeds / f"seed-{number}").write_bytes(data)

    def begin_merge(self) -> list[Path]:
        """Put what is there anyway where the rest is merged into; gives where the rest is."""
        shutil.rmtree(self.merged, ignore_errors=True)
        shutil.copytree(self.seeds, self.merged)
        for path in named(self.kept):
            shutil.copy(path, self.merged / f"named-{path.name}")
        return [self.corpus, *([self.kept] if self.kept.is_dir() else [])]

    def end_merge(self) -> tuple[int, int]:
        """Take over what was merged: how many inputs are kept now, how many had no room."""
        found = [path for path in self.merged.iterdir() if _DIGEST.fullmatch(path.name)]
        mine = named(self.kept)
        taken = within_bounds(found, mine)
        if taken:
            self.kept.mkdir(exist_ok=True)
        for path in taken:
            shutil.copy(path, self.kept / path.name)
        names = {path.name for path in (*taken, *mine)}
        for path in list(self.kept.iterdir()) if self.kept.is_dir() else []:
            if path.name not in names:
                path.unlink()
        return len(names), len(found) - len(taken)


# --- how much was tried ---


def tried(text: str) -> dict[str, int]:
    """How many inputs each target had, by CONTRIBUTING.md with this text."""
    rows = text.partition(HEAD)[2].partition("\n\n")[0].splitlines()
    cells = ([cell.strip() for cell in row.strip("|").split("|")] for row in rows)
    return {name: int(inputs.replace(" ", "")) for name, inputs, _ in cells}


def table(inputs: dict[str, int], names: Iterable[str], corpus: Path = CORPUS) -> str:
    """The table of these targets; what was found is what has a name in the corpus."""
    return HEAD + "".join(
        f"| {name} | {f'{inputs.get(name, 0):,}'.replace(',', ' ')} "
        f"| {len(named(corpus / folder(name)))} |\n"
        for name in names
    )


def with_table(text: str, inputs: dict[str, int], names: Iterable[str]) -> str:
    """CONTRIBUTING.md with this text, with the table of these numbers in it."""
    before, head, rest = text.partition(HEAD)
    assert head, "CONTRIBUTING.md has lost its table of targets"
    _, gap, after = rest.partition("\n\n")
    return before + table(inputs, names) + (gap[1:] + after if gap else "")


def count(name: str, inputs: int) -> None:
    """Add so many inputs to a target's row."""
    from tests.fuzz.targets import TARGETS

    text = TABLE.read_text("utf-8")
    known = tried(text)
    known[name] = known.get(name, 0) + inputs
    TABLE.write_text(with_table(text, known, TARGETS), "utf-8")
