"""No flipped bit in an upstream's files makes it lose or change anything in silence (design D7).

The test tries some thousand places: of each 200 bytes of a file one bit, and more of short files.
Of each byte one, which takes the better part of an hour:

    TMR_FLIPS=1 python -m pytest tests/unit/adapters/test_store_flips.py
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.unit.adapters.crash_vfs import ForgetfulVfs
from tests.unit.adapters.flips import DAMAGED, HARMLESS, Flips, Silent, places, scenes, segments

EVERY_BYTES = int(os.environ.get("TMR_FLIPS", "200"))
IN_USE_EVERY_BYTES = 4 * EVERY_BYTES
SEED = int(os.environ.get("TMR_FLIPS_SEED", "0"))


@pytest.fixture
def vfs() -> Iterator[ForgetfulVfs]:
    vfs = ForgetfulVfs(seed=1)
    with vfs.registered():
        yield vfs


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.mark.timeout(7200)
def test_no_flipped_bit_passes_in_silence(vfs, path, capsys):
    random, flips = Random(SEED), Flips(vfs, path)
    killed, stopped = scenes(vfs, path)
    assert segments(vfs, path) == 2
    suffixes = {Path(name).suffix for name in killed.image}
    assert suffixes == {".sqlite", ".sqlite-wal", ".mark", ".tmr"}
    for scene in (killed, stopped):
        for place in places(scene, random, EVERY_BYTES):
            flips.at_rest(scene, place)
        for place in places(scene, random, IN_USE_EVERY_BYTES):
            flips.in_use(scene, place)
    counts = flips.tally.outcomes
    with capsys.disabled():
        print()
        for key, count in sorted(counts.items()):
            print(f"  {count:6} {' '.join(key)}")
        if "TMR_FLIPS" in os.environ:
            for what, count in flips.tally.told.most_common():
                print(f"  {count:6} {what}")
    assert sum(counts.values()) > 1500
    assert counts["killed", ".sqlite-wal", DAMAGED] > 50
    assert counts["stopped", ".sqlite", DAMAGED] > 20
    assert counts["stopped", ".mark", HARMLESS] > 50, "one slot of two is enough"
    assert not counts["stopped", ".mark", DAMAGED]


@pytest.mark.parametrize(
    "check",
    ["appliance.adapters.store.check._verify_mark", "appliance.adapters.store.database.verify"],
)
def test_without_the_checks_losses_are_silent(vfs, path, check, monkeypatch):
    flips = Flips(vfs, path)
    killed, _ = scenes(vfs, path)
    monkeypatch.setattr(check, lambda *_: None)
    with pytest.raises(Silent):
        for place in places(killed, Random(0), 100):
            flips.at_rest(killed, place)
