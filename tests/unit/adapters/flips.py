"""One flipped bit anywhere in an upstream's files, and what the store then makes of it.

A flip may do no harm, or be reported; what was stored may never be another than what was reported
written without that being said (design D7). A flip that passes for harmless is put to the test: the
store goes on for a while and is opened again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from appliance.adapters.store.archive import Archive, SegmentDamaged, archive_path
from appliance.adapters.store.database import NotInitialised, Store, StoreDamaged, StoreFailed
from appliance.ledger.effects import Write
from appliance.ledger.messages import Entry
from appliance.ledger.replica.surroundings import Damaged
from appliance.verifier.layouts import ZERO_ROOT, entry_root
from tests.unit.adapters.crash_disk import Disk, Image
from tests.unit.adapters.crash_story import (
    ID,
    T1,
    T2,
    T3,
    Chain,
    Content,
    Lost,
    Staged,
    found_in,
)
from tests.unit.adapters.crash_vfs import ForgetfulVfs

HARMLESS, DAMAGED, REFUSED, SEGMENT = "harmless", "damage told", "refused", "segment told"


@dataclass(frozen=True)
class Scene:
    """An upstream's files, and what is stored in them."""

    name: str
    image: Image
    content: Content


@dataclass(frozen=True)
class Place:
    """One bit of one file."""

    path: str
    position: int
    bit: int

    def flip(self, content: bytearray) -> None:
        """Turns it over."""
        content[self.position] ^= 1 << self.bit


@dataclass
class Tally:
    """How many flips came to what; `told` are the reports and how often each was made."""

    outcomes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)


class Silent(AssertionError):
    """Something was lost or changed, and nobody was told."""


def scenes(vfs: ForgetfulVfs, path: Path) -> tuple[Scene, Scene]:
    """An upstream that was killed with much in its WAL, and the same one stopped in good order."""
    disk = vfs.disk = Disk()
    Store.init(path, "up1", ID, vfs.files)
    store = Store(path, "up1", vfs.files)
    content, chain = Content(), Chain(Random(4))
    staged: list[bytes] = []

    def write(*writes: Write) -> None:
        nonlocal content
        store.write(writes)
        for one in writes:
            content = content.after(one, staged)

    write(Write(1, promised=T1))
    write(Write(2, adopted=T1, membership=b"up1 up2 up3"))
    for index in range(1, 41):
        write(Write(index, append=chain.entries(index, T1, 150), commit_index=index - 1))
    write(Write(50, snapshot=chain.snapshot(30, 3000, 200), compact_to=20))
    write(Write(51, promised=T2, adopted=T2, cut_to=39, append=chain.entries(40, T2, 9, 5000)))
    assert store._db is not None
    store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for index in range(42, 62):
        write(Write(index, append=chain.entries(index, T2, 200), commit_index=index - 1))
        if index == 50:
            for number in range(2):
                act = Staged(number, bytes([number]) * 900)
                staged.append(act.data)
                store.stage_put(act.number, act.data)
            write(Write(70, snapshot=chain.snapshot(48, staged=2), compact_to=44))
    write(Write(71, promised=T3))
    killed = {name: bytes(data) for name, data in disk.files.items()}
    store.close()
    stopped = {name: bytes(data) for name, data in disk.files.items()}
    return Scene("killed", killed, content), Scene("stopped", stopped, content)


def places(scene: Scene, random: Random, every: int) -> Iterator[Place]:
    """One bit by chance out of each `every` bytes of each file, and of each byte of the mark."""
    for path, data in sorted(scene.image.items()):
        step = 1 if every == 1 else max(1, min(every, len(data) // 60))
        for start in range(0, len(data), step):
            position = min(start + random.randrange(step), len(data) - 1)
            yield Place(path, position, random.randrange(8))


class Flips:
    """Tries flips, and counts what becomes of them. Every method raises Silent."""

    def __init__(self, vfs: ForgetfulVfs, path: Path) -> None:
        self._vfs = vfs
        self._path = path
        self.tally = Tally()

    def at_rest(self, scene: Scene, place: Place) -> None:
        """The bit is flipped while the upstream is down."""
        disk = self._vfs.disk = Disk(scene.image)
        place.flip(disk.files[place.path])
        self._count(scene, place, self._opened(scene.content, place))

    def in_use(self, scene: Scene, place: Place) -> None:
        """The bit is flipped while the upstream runs: right after it was started."""
        disk = self._vfs.disk = Disk(scene.image)
        store = Store(self._path, "up1", self._vfs.files)
        if place.path in disk.files and place.position < len(disk.files[place.path]):
            place.flip(disk.files[place.path])
        content = scene.content
        try:
            held = store.read(content.first_index, 10**6, 1 << 30)
            if not isinstance(held, Damaged) and held != _held(content):
                raise Silent(f"{place}: the store gives other entries than were stored")
            content = _goes_on(store, content)
        except (StoreDamaged, StoreFailed) as error:
            self._count(scene, place, self._told(DAMAGED, str(error)))
            return
        finally:
            store.close()
        self._count(scene, place, self._opened(content, place))

    def _opened(self, content: Content, place: Place) -> str:
        """What a start says, and if it says nothing, what comes of going on."""
        for goes_on in (True, False):
            try:
                store = Store(self._path, "up1", self._vfs.files)
            except NotInitialised as error:
                raise Silent(f"{place}: the store passes for none that was ever made") from error
            except StoreFailed as error:
                return self._told(REFUSED, str(error))
            try:
                if store.damage:
                    return self._told(DAMAGED, store.damage)
                found = found_in(store, self._vfs.files)
                if found != content or store.store_id != ID:
                    raise Silent(f"{place}: not what was stored, and nothing is said of it")
                if goes_on:
                    content = _goes_on(store, content)
            except SegmentDamaged as error:
                return self._told(SEGMENT, str(error))
            except (Lost, StoreFailed) as error:
                return self._told(DAMAGED, str(error))
            finally:
                store.close()
        return HARMLESS

    def _told(self, outcome: str, what: str) -> str:
        for digit in "0123456789":
            what = what.replace(digit, "0")
        self.tally.told[f"{outcome}: {what.replace(str(self._path.parent), '')}"[:120]] += 1
        return outcome

    def _count(self, scene: Scene, place: Place, outcome: str) -> None:
        suffix = Path(place.path).suffix
        self.tally.outcomes[scene.name, suffix, outcome] += 1


def _held(content: Content) -> tuple[Entry, ...]:
    return tuple(entry for entry in content.log if entry.index >= content.first_index)


def _goes_on(store: Store, content: Content) -> Content:
    """More is written, so that pages which pass for free are used."""
    last = content.log[-1] if content.log else Entry(0, T3, ZERO_ROOT, b"")
    entries = []
    for size in (3000, 40, 7000):
        index, body = last.index + 1, bytes([size % 251]) * size
        last = Entry(index, T3, entry_root(last.root, index, body), body)
        entries.append(last)
    write = Write(99, append=tuple(entries), commit_index=content.commit_index)
    store.write([write])
    return replace(content.after(write))


def segments(vfs: ForgetfulVfs, path: Path) -> int:
    """How many segments the archive has."""
    return len(Archive(archive_path(path), vfs.files).segments())
