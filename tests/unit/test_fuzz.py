"""Decoders of outside bytes raise their one error, whatever the bytes: a small part of `make fuzz`.

What the fuzzer found and what it kept stands in tests/fuzz/corpus and is replayed; beside it a
fixed number of changed seeds, the same in each run. `make fuzz` does the same by coverage, with
10^7 inputs each; how it keeps inputs and counts them is tested in test_fuzz_keep.py.

More of it: TMR_FUZZ_RUNS=20000 python -m pytest tests/unit/test_fuzz.py
"""

from __future__ import annotations

import os
import random

import pytest

from tests.fuzz import targets
from tests.fuzz.keep import CORPUS, folder
from tests.fuzz.targets import TARGETS, Target, check

RUNS = int(os.environ.get("TMR_FUZZ_RUNS", "150"))
DEEP = (b"\x91" * 5_000, b"[" * 5_000, b'{"a":' * 5_000, b"x = " + b"[" * 4_000)
ODD = (b"", b"\0", b"\xff", b"\xc1", b"\xa1\xff", b'"\xff"', b"9" * 5_000, b"a = " + b"9" * 5_000)
WORDS = (b"-1", b"18446744073709551616", b"1e999", b"null", b"\\ud800")


def changed(seed: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """The seed with one to four things done to it."""
    data = bytearray(seed)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        dice = rng.randrange(7)
        if dice == 0 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif dice == 1 and at < len(data):
            data[at] = rng.choice((0, 1, 0x7F, 0x80, 0xC0, 0xC4, 0xD9, 0xFF))
        elif dice == 2:
            data[at:at] = rng.choice((rng.randbytes(rng.randint(1, 8)), *ODD[:6]))
        elif dice == 3:
            del data[at : at + rng.randint(1, 16)]
        elif dice == 4:
            other = rng.choice(others)
            begin = rng.randrange(len(other) + 1)
            data[at : at + rng.randint(0, 16)] = other[begin : begin + rng.randint(1, 64)]
        elif dice == 5:
            data[at:at] = rng.choice(DEEP)[: rng.choice((8, 100, 4_000))]
        else:
            data[at:at] = rng.choice(
                (b"-1", b"18446744073709551616", b"1e999", b"null", b"\\ud800")
            )
    return bytes(data)


@pytest.mark.parametrize("name", TARGETS)
def test_a_decoder_raises_its_one_error_and_nothing_else(name: str) -> None:
    target, rng = TARGETS[name], random.Random(name)
    seeds = list(target.seeds())
    assert seeds, "give it something that it accepts"
    for data in (*ODD, *DEEP, *seeds):
        check(name, data)
    for _ in range(RUNS):
        check(name, changed(rng.choice(seeds), seeds, rng))


@pytest.mark.parametrize("name", TARGETS)
def test_a_decoder_accepts_some_of_what_the_fuzzer_begins_with(name: str) -> None:
    """Else the fuzzer would never get past the first check."""
    target, accepted = TARGETS[name], 0
    for data in target.seeds():
        try:
            target.act(data)
            accepted += 1
        except target.refuses:
            continue
    assert accepted or name in NEVER_ACCEPTED


NEVER_ACCEPTED = {
    "time-stamp token": "a token's own check has its time compared with the request's",
}


def test_what_the_fuzzer_found_stays_mended() -> None:
    names = {folder(name): name for name in TARGETS}
    assert len(names) == len(TARGETS)
    for place in sorted(CORPUS.iterdir()):
        for path in sorted(place.iterdir()):
            check(names[place.name], path.read_bytes())


def test_a_decoder_that_raises_something_else_is_found_out(monkeypatch) -> None:
    def careless(data: bytes) -> int:
        return data[0]

    monkeypatch.setitem(targets.TARGETS, "careless", Target(careless, (ValueError,)))
    check("careless", b"x")
    with pytest.raises(IndexError):
        check("careless", b"")
