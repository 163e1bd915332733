"""Fuzz decoders by coverage: `make fuzz`, or `python -m tests.fuzz.run [--target X] [--runs N]`.

Atheris (libFuzzer) watches which branches of our own code an input reaches, and changes those that
reached new ones. One process a target, both cores at once. What a decoder raises beyond its one
error is printed with the input, which is kept as `build/fuzz/TARGET/crash-…`; put it into
`tests/fuzz/corpus/TARGET` once the decoder is mended, where `tests/unit/test_fuzz.py` replays it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests" / "fuzz" / "corpus"
BUILD = ROOT / "build" / "fuzz"
RUNS = 10_000_000
SEED = 1


def folder(name: str) -> str:
    """A target's name as a directory."""
    return name.lower().replace(" ", "-").replace("'", "")


def fuzz_one(name: str, runs: int, seconds: int) -> int:
    """Fuzz one target in this process; does not return but by exit."""
    import atheris

    ours = ["appliance", "monitor_gui"]
    with atheris.instrument_imports(include=ours, enable_loader_override=False):
        from tests.fuzz.targets import DATA_MAX, TARGETS, check

    work = BUILD / folder(name)
    corpus, begun = work / "corpus", work / "seeds"
    for path in (corpus, begun):
        path.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(TARGETS[name].seeds()):
        (begun / f"seed-{number}").write_bytes(data)
    kept = CORPUS / folder(name)
    places = [str(corpus), str(begun), *([str(kept)] if kept.is_dir() else [])]
    flags = [
        f"-runs={runs}",
        f"-max_len={DATA_MAX}",
        f"-seed={SEED}",
        f"-artifact_prefix={work}/",
        "-timeout=20",
        "-rss_limit_mb=1500",
        "-print_final_stats=1",
        *([f"-max_total_time={seconds}"] if seconds else []),
    ]
    atheris.Setup([sys.argv[0], *flags, *places], lambda data: check(name, data))
    atheris.Fuzz()
    return 0


def run(name: str, runs: int, seconds: int) -> tuple[str, int, int, str]:
    """Fuzz one target in a process of its own: name, exit code, inputs tried, what was found."""
    work = BUILD / folder(name)
    work.mkdir(parents=True, exist_ok=True)
    log = work / "log"
    command = [sys.executable, "-m", "tests.fuzz.run", "--one", name, "--runs", str(runs)]
    with log.open("wb") as out:
        done = subprocess.run(
            [*command, "--seconds", str(seconds)], cwd=ROOT, stdout=out, stderr=out, check=False
        )
    text = log.read_text("utf-8", "replace")
    tried = [line for line in text.splitlines() if "stat::number_of_executed_units" in line]
    found = [line for line in text.splitlines() if " === Uncaught Python" in line]
    at = text.find(" === Uncaught Python")
    said = text[at : at + 3000] if found else "" if done.returncode == 0 else text[-1500:]
    return name, done.returncode, int(tried[-1].split()[-1]) if tried else 0, said


def main() -> int:
    """The command line; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", help="one target only; --list names them")
    parser.add_argument("--runs", type=int, default=RUNS, help="inputs for each target")
    parser.add_argument("--seconds", type=int, default=0, help="at most so long for each")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        return fuzz_one(asked.one, asked.runs, asked.seconds)
    from tests.fuzz.targets import TARGETS

    if asked.list:
        print("\n".join(TARGETS))
        return 0
    names = [asked.target] if asked.target else list(TARGETS)
    if unknown := [name for name in names if name not in TARGETS]:
        parser.error(f"there is no target {unknown[0]!r}; --list names them")
    failed, total, began_s = 0, 0, time.monotonic()
    with ThreadPoolExecutor(asked.jobs) as pool:
        results = pool.map(lambda name: run(name, asked.runs, asked.seconds), names)
        for number, (name, code, tried, said) in enumerate(results, 1):
            failed, total = failed + (code != 0), total + tried
            found = "FOUND SOMETHING" if tried or "Uncaught Python" in said else "could not be run"
            word = "ok" if code == 0 else f"{found} (exit {code})"
            took_s = time.monotonic() - began_s
            print(f"[{number}/{len(names)}, {took_s:.0f} s] {name}: {tried} inputs, {word}")
            if said:
                print(said)
            sys.stdout.flush()
    print(f"{total} inputs in all, {failed} targets with a fault")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
