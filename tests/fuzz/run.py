"""Fuzz decoders by coverage: `make fuzz`, or `python -m tests.fuzz.run [--target X] [--runs N]`.

Atheris (libFuzzer) watches which branches of our own code an input reaches, and what native code
says of it (`tests.fuzz.told`), and changes those inputs that reached new ones. One process a
target, both cores at once. What a decoder raises beyond its one error is printed with the input,
which is kept as `build/fuzz/TARGET/crash-…`; give it a name in `tests/fuzz/corpus/TARGET` once the
decoder is mended, where `tests/unit/test_fuzz.py` replays it. `--keep` keeps the smallest inputs
that reach all branches there too, and counts the inputs in CONTRIBUTING.md (`tests.fuzz.keep`).
"""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.fuzz import keep

RUNS = 10_000_000
SEED = 1


class Run(NamedTuple):
    """One target's run: how many inputs in how many seconds, and what was wrong, if anything."""

    name: str
    code: int
    inputs: int
    took_s: int
    said: str


def fuzz_one(folder: str, flags: list[str]) -> int:
    """Be libFuzzer for one target, with these flags; does not return but by exit.

    A merge calls this program again to run the inputs: that is what Atheris' first argument is for.
    """
    import atheris

    again = f"{sys.executable} -m tests.fuzz.run --one {folder}"
    if "-merge=1" in flags:
        atheris.Setup([again, *flags], lambda _: None)
        atheris.Fuzz()
    logging.disable(logging.CRITICAL)  # else a decoder that warns of what it skips fills the disk
    ours = ["appliance", "monitor_gui"]
    with atheris.instrument_imports(include=ours, enable_loader_override=False):
        from tests.fuzz.targets import TARGETS, check
    from tests.fuzz.told import counted

    name = {keep.folder(name): name for name in TARGETS}[folder]
    note = counted(atheris)
    atheris.Setup([again, *flags], lambda data: note(check(name, data)))
    atheris.Fuzz()
    return 0


def libfuzzer(folder: str, flags: list[str], log: Path) -> tuple[int, str]:
    """Run it in a process of its own: exit code, and what it printed, which is left in `log`."""
    with log.open("wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.run", "--one", folder, *flags],
            cwd=keep.ROOT,
            stdout=out,
            stderr=out,
            check=False,
        )
    return done.returncode, log.read_text("utf-8", "replace")


def run(name: str, runs: int, seconds: int) -> Run:
    """Fuzz one target."""
    from tests.fuzz.targets import DATA_MAX

    places = keep.Places.of(name)
    places.begin()
    flags = [
        f"-runs={runs}",
        f"-max_len={DATA_MAX}",
        f"-seed={SEED}",
        f"-artifact_prefix={places.work}/",
        "-timeout=20",
        "-rss_limit_mb=1500",
        "-print_final_stats=1",
        *([f"-max_total_time={seconds}"] if seconds else []),
    ]
    folders = [places.corpus, places.seeds, *([places.kept] if places.kept.is_dir() else [])]
    code, text = libfuzzer(places.folder, [*flags, *map(str, folders)], places.work / "log")
    lines = text.splitlines()
    tried = [line for line in lines if "stat::number_of_executed_units" in line]
    took = [line.split()[-2] for line in lines if line.startswith("Done ")]
    at = text.find(" === Uncaught Python")
    said = text[at : at + 3000] if at >= 0 else "" if code == 0 else text[-1500:]
    inputs = int(tried[-1].split()[-1]) if tried else 0
    return Run(name, code, inputs, int(took[-1]) if took else 0, said)


def merge(name: str) -> str:
    """Keep what reaches the branches; gives one sentence on it."""
    from tests.fuzz.targets import DATA_MAX

    places = keep.Places.of(name)
    inputs = places.begin_merge()
    flags = ["-merge=1", "-use_counters=0", f"-max_len={DATA_MAX}", "-timeout=20"]
    folders = map(str, (places.merged, *inputs))
    code, text = libfuzzer(places.folder, [*flags, *folders], places.work / "merge-log")
    if code:
        return f"nothing is kept: the merge ended with {code}: {text[-1500:]}"
    files, left_out = places.end_merge()
    return f"{files} inputs kept" + (f", {left_out} over the bound left out" if left_out else "")


def fuzz(name: str, asked: argparse.Namespace) -> tuple[Run, str]:
    """A run, and a merge if that is wished."""
    done = run(name, asked.runs, asked.seconds)
    return done, f"; {merge(name)}" if asked.keep and done.inputs else ""


def arguments() -> argparse.Namespace:
    """What the command line says; all names of targets are known ones."""
    from tests.fuzz.targets import TARGETS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", help="one target only; --list names them")
    parser.add_argument("--runs", type=int, default=RUNS, help="inputs for each target")
    parser.add_argument("--seconds", type=int, default=0, help="at most so long for each")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", action="store_true", help="into tests/fuzz/corpus, and count")
    parser.add_argument("--list", action="store_true")
    asked = parser.parse_args()
    asked.names = [asked.target] if asked.target else list(TARGETS)
    if unknown := [name for name in asked.names if name not in TARGETS]:
        parser.error(f"there is no target {unknown[0]!r}; --list names them")
    return asked


def main() -> int:
    """The command line; gives the exit code."""
    if sys.argv[1:2] == ["--one"]:
        return fuzz_one(sys.argv[2], sys.argv[3:])
    asked = arguments()
    if asked.list:
        print("\n".join(asked.names))
        return 0
    failed, total, began_s = 0, 0, time.monotonic()
    with ThreadPoolExecutor(asked.jobs) as pool:
        results = pool.map(lambda name: fuzz(name, asked), asked.names)
        for number, (done, kept) in enumerate(results, 1):
            failed, total = failed + (done.code != 0), total + done.inputs
            found = (
                "FOUND SOMETHING"
                if done.inputs or "Uncaught Python" in done.said
                else "could not be run"
            )
            word = "ok" if done.code == 0 else f"{found} (exit {done.code})"
            a_second = f"{done.inputs // done.took_s} a second, " if done.took_s else ""
            took_s = time.monotonic() - began_s
            print(
                f"[{number}/{len(asked.names)}, {took_s:.0f} s] {done.name}: "
                f"{done.inputs} inputs, {a_second}{word}{kept}"
            )
            if done.said:
                print(done.said)
            sys.stdout.flush()
            if asked.keep:
                keep.count(done.name, done.inputs)
    print(f"{total} inputs in all, {failed} targets with a fault")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
