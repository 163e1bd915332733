"""A store's life on a recording disk, what may be found after a power cut, and the search for it.

The specification is `Content.after`, in a few lines; `Story.allowed` says which contents are right
after a cut: all that was reported written, and at most the one transaction that was under way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from appliance.adapters.store.archive import Archive, SegmentDamaged, archive_path
from appliance.adapters.store.database import NotInitialised, Store, StoreFailed
from appliance.adapters.store.files import REAL_FILES, Files
from appliance.adapters.store.mark import Mark, mark_path
from appliance.ledger.effects import SnapshotRecord, Write
from appliance.ledger.election.terms import NO_TERM, Term
from appliance.ledger.messages import Entry
from appliance.ledger.replica.surroundings import Damaged
from appliance.verifier.layouts import ZERO_ROOT, entry_root
from tests.unit.adapters.crash_disk import Disk, Image, Op, Wreck
from tests.unit.adapters.crash_vfs import ForgetfulVfs

IMAGES_BY_CHANCE = 6
SECOND_CUTS_EVERY = 150
"""Of so many images one is opened on a recording disk, and the power cut again meanwhile."""
CHECKPOINT_PAGES = 24
"""SQLite's own is 1000: the same code, but it would need a log too long to try each cut of it."""

ID = bytes(range(16))
T1, T2, T3 = Term(1, "tmr1", 2**64 - 1), Term(2, "tmr2", 5), Term(3, "tmr1", 6)


@dataclass(frozen=True)
class Content:
    """All that a store has to remember; `log` is archive and entries, as far as they follow on."""

    promised: Term = NO_TERM
    adopted: Term = NO_TERM
    commit_index: int = 0
    membership: bytes = b""
    snapshot: tuple[int, bytes, tuple[bytes, ...], bytes] | None = None
    first_index: int = 1
    log: tuple[Entry, ...] = ()

    def after(self, write: Write, staged: Sequence[bytes] = ()) -> Content:
        """The content with this write in it: the specification."""
        log, snapshot, first_index = self.log, self.snapshot, self.first_index
        commit_index = self.commit_index if write.commit_index is None else write.commit_index
        if write.cut_to is not None:
            log = tuple(e for e in log if e.index <= write.cut_to)
        if (new := write.snapshot) is not None:
            snapshot = (new.index, new.root, new.chunks or tuple(staged), new.about)
            if new.replaces:
                log = tuple(e for e in log if e.index <= self.commit_index)
                first_index, commit_index = new.index + 1, max(commit_index, new.index)
        if write.compact_to is not None:
            first_index = max(first_index, write.compact_to + 1)
        return replace(
            self,
            promised=self.promised if write.promised is None else write.promised,
            adopted=self.adopted if write.adopted is None else write.adopted,
            commit_index=commit_index,
            membership=self.membership if write.membership is None else write.membership,
            snapshot=snapshot,
            first_index=first_index,
            log=log + write.append,
        )


@dataclass
class Written:
    """A transaction: asked for after so many operations of the disk, reported after so many.

    `sequence` is what the mark has to say then, at least.
    """

    writes: tuple[Write, ...]
    asked: int
    reported: int
    sequence: int
    staged: tuple[bytes, ...] = ()


@dataclass
class Story:
    """What was done to a store, and to its disk meanwhile; `made`: after so many operations."""

    disk: Disk
    path: Path
    made: int = 0
    steps: list[Written] = field(default_factory=list)

    def allowed(self, cut: int) -> list[Content]:
        """What may be found if the power goes after `cut` operations: reported, and maybe more."""
        contents = [Content()]
        for step in self.steps:
            if step.asked >= cut:
                break
            content = contents[-1]
            for write in step.writes:
                content = content.after(write, step.staged)
            contents = [content] if step.reported <= cut else [*contents, content]
        return contents

    def marked(self, cut: int) -> int:
        """Which transaction the mark has to know of if the power goes after `cut` operations."""
        return max((step.sequence for step in self.steps if step.reported <= cut), default=0)


class Lost(AssertionError):
    """A store was found that is not what it has to be."""


# --- what happens to the store ---


class Chain:
    """Entries by chance that follow on each other."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._roots = {0: ZERO_ROOT}

    def entries(self, first: int, term: Term, *sizes: int) -> tuple[Entry, ...]:
        """Entries from this index on, with bodies of these sizes."""
        made = []
        for index, size in enumerate(sizes, start=first):
            body = self._random.randbytes(size)
            self._roots[index] = entry_root(self._roots[index - 1], index, body)
            made.append(Entry(index, term, self._roots[index], body))
        return tuple(made)

    def snapshot(self, index: int, *sizes: int, staged: int = 0) -> SnapshotRecord:
        """A snapshot after this entry with chunks of these sizes."""
        chunks = tuple(map(self._random.randbytes, sizes))
        return SnapshotRecord(index, self._roots[index], chunks, staged, self._random.randbytes(9))

    def elsewhere(self, index: int) -> SnapshotRecord:
        """The head of a snapshot of a longer log than any here, of two staged chunks."""
        self._roots[index] = self._random.randbytes(32)
        return SnapshotRecord(index, self._roots[index], staged=2, replaces=True)


@dataclass(frozen=True)
class Staged:
    """A chunk that is put aside."""

    number: int
    data: bytes


Act = tuple[Write, ...] | Staged | None


def life(random: Random) -> Iterator[Act]:
    """What an upstream asks of its store; None: it is stopped and started again."""
    chain = Chain(random)
    entries = chain.entries
    yield (Write(1, promised=T1),)
    yield (Write(2, adopted=T1, cut_to=0, commit_index=0, membership=b"up1 up2 up3"),)
    yield (Write(3, append=entries(1, T1, 40)),)
    yield (Write(4, append=entries(2, T1, 900), commit_index=1),)
    yield tuple(  # a group commit
        Write(5 + i, append=entries(3 + i, T1, 60 + 300 * i), commit_index=2 + i) for i in range(4)
    )
    yield (Write(9, append=entries(7, T1, 5000), commit_index=5), Write(10, promised=T2))
    yield (Write(11, adopted=T2, cut_to=5, append=entries(6, T2, 70, 7000), commit_index=5),)
    yield (Write(12, append=entries(8, T2, 100), commit_index=7),)
    yield None
    yield (Write(13, append=entries(9, T2, 11_000), commit_index=8),)
    yield (Write(14, snapshot=chain.snapshot(7, 3000, 10), compact_to=4),)
    yield (Write(15, promised=T3),)
    # A long tail, as for a host that was away: pages and pages in one transaction.
    tail = entries(9, T3, *(random.randrange(50, 4000) for _ in range(30)))
    yield (Write(16, adopted=T3, cut_to=8, append=tail, commit_index=30),)
    for index in range(39, 42):
        yield (Write(index, append=entries(index, T3, 600), commit_index=index - 1),)
    # A snapshot made at leisure, while entries come in; most of the log becomes archive.
    for number in range(3):
        yield Staged(number, random.randbytes(4000))
        new = entries(42 + number, T3, 300)
        yield (Write(80 + number, append=new, commit_index=41 + number),)
    yield (Write(84, snapshot=chain.snapshot(40, staged=3), compact_to=30),)
    yield None
    yield (Write(85, compact_to=38, membership=b"up1 up2 up4"),)
    # All but everything is cut away: pages become free, and are used again.
    yield (Write(90, promised=T3, cut_to=44, append=entries(45, T3, 9000, 30), commit_index=44),)
    # It was away for long: what others have takes the place of all.
    yield Staged(0, random.randbytes(5000))
    yield Staged(1, random.randbytes(50))
    other = chain.elsewhere(400)
    yield (Write(91, snapshot=other, append=entries(401, T3, 50, 60), commit_index=401),)
    yield None
    yield (Write(92, append=entries(403, T3, 20), commit_index=402),)


def open_store(path: Path, files: Files, pragma: str = "") -> Store:
    """The real store, with a WAL that is written back sooner."""
    store = Store(path, "up1", files)
    assert store._db is not None, store.damage
    store._db.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    if pragma:
        store._db.execute(f"PRAGMA {pragma}")
    return store


def sequence_of(store: Store) -> int:
    """The number of its last transaction."""
    return store._position.sequence


def lived(
    vfs: ForgetfulVfs,
    path: Path,
    seed: int,
    pragma: str = "",
    when_made: Callable[[Disk], None] = lambda _disk: None,
    files: Files | None = None,
) -> Story:
    """Runs the store through its life on a new disk."""
    files = files or vfs.files
    disk = vfs.disk = Disk()
    story = Story(disk, path)
    Store.init(path, "up1", ID, files)
    story.made = len(disk.ops)
    when_made(disk)
    store = open_store(path, files, pragma)
    staged: list[bytes] = []
    for act in life(Random(seed)):
        if act is None:
            store.close()
            store = open_store(path, files, pragma)
        elif isinstance(act, Staged):
            del staged[act.number :]
            staged.append(act.data)
            store.stage_put(act.number, act.data)
        else:
            asked = len(disk.ops)
            store.write(act)
            story.steps.append(
                Written(act, asked, len(disk.ops), sequence_of(store), tuple(staged))
            )
    store.close()
    return story


# --- what is found afterwards ---


@dataclass
class Checked:
    """How much was looked at."""

    cuts: int = 0
    images: int = 0
    second_cuts: int = 0


class Inspection:
    """Cuts the power everywhere in a story and looks at what is left."""

    def __init__(self, vfs: ForgetfulVfs, story: Story, seed: int) -> None:
        self._vfs = vfs
        self._story = story
        self._random = Random(seed)
        self._seen: set[bytes] = set()
        self.checked = Checked()

    def all(self) -> Checked:
        """Looks at every cut. Raises Lost."""
        wreck = Wreck(self._story.disk.before)
        for cut in range(len(self._story.disk.ops) + 1):
            if cut:
                wreck.happens(self._story.disk.ops[cut - 1])
            self.checked.cuts += 1
            for how, image in wreck.images(self._random, IMAGES_BY_CHANCE):
                self._look(image, cut, how)
        return self.checked

    def _look(self, image: Image, cut: int, how: str, second: bool = False) -> None:
        """Opens an image, unless one like it was seen when the same was allowed."""
        allowed = self._story.allowed(cut)
        key = hashlib.sha256(
            repr((len(allowed), hash(allowed[0]), cut >= self._story.made)).encode()
        )
        for path, content in sorted(image.items()):
            key.update(f"{path} {len(content)} ".encode())
            key.update(content)
        if key.digest() in self._seen:
            return
        self._seen.add(key.digest())
        disk = self._vfs.disk = Disk(image)
        try:
            self._open(cut, allowed)
        except (Lost, StoreFailed, SegmentDamaged) as error:
            done = self._story.disk.ops[cut - 1] if cut else None
            raise Lost(f"cut after operation {cut} ({_said(done)}), {how}: {error}") from error
        if second:
            self.checked.second_cuts += 1
            return
        self.checked.images += 1
        if self.checked.images % SECOND_CUTS_EVERY == 0:
            self._cut_again(disk, cut, how)

    def _cut_again(self, disk: Disk, cut: int, how: str) -> None:
        """The power goes again while the store recovers."""
        wreck = Wreck(disk.before)
        for number, op in enumerate(disk.ops):
            wreck.happens(op)
            for again, image in wreck.images(self._random, 1):
                self._look(image, cut, f"{how}; in recovery after {number + 1}, {again}", True)

    def _open(self, cut: int, allowed: Sequence[Content]) -> None:
        path, files = self._story.path, self._vfs.files
        mark = Mark(mark_path(path), files).newest
        if self._story.marked(cut) > (mark.sequence if mark else 0):
            raise Lost(f"the mark says {mark}, transaction {self._story.marked(cut)} was reported")
        try:
            store = Store(path, "up1", files)
        except NotInitialised as error:
            if cut >= self._story.made:
                raise Lost(f"no store: {error}") from error
            Store.init(path, "up1", ID, files)
            store = Store(path, "up1", files)
        try:
            content = found_in(store, files)
            if content not in allowed:
                raise Lost(f"{_told(content)} instead of {' or '.join(map(_told, allowed))}")
            if content.log and store.last_index != content.log[-1].index:
                raise Lost(f"it says {store.last_index}, but holds {content.log[-1].index}")
            if store.store_id != ID:
                raise Lost("the store's id is another one")
        finally:
            store.close()


def found_in(store: Store, files: Files = REAL_FILES) -> Content:
    """What this store would start a replica from. Raises StoreFailed, SegmentDamaged, Lost."""
    found = store.recover()
    if found.damage:
        raise Lost(f"damaged: {found.damage}")
    entries = tuple(found.entries)
    held = store.read(found.first_index, found.snapshot_index, 1 << 30)
    assert not isinstance(held, Damaged)
    archive = Archive(archive_path(store._path), files)
    sealed = [entry for segment in archive.segments() for entry in archive.read(segment)]
    if len({entry.index for entry in sealed}) != len(sealed):
        # A crash before the transaction that drops what was sealed; the next sealing clears it up.
        sealed = sorted({entry.index: entry for entry in sealed}.values(), key=lambda e: e.index)
    log = [entry for entry in sealed if entry.index < found.first_index]
    return Content(
        found.promised,
        found.adopted,
        found.commit_index,
        found.membership,
        None
        if found.snapshot is None
        else (found.snapshot_index, found.snapshot_root, found.snapshot, found.snapshot_about),
        found.first_index,
        (*log, *held, *entries),
    )


def _told(content: Content) -> str:
    return (
        f"promised {content.promised}, adopted {content.adopted}, {len(content.log)} entries from"
        f" {content.first_index}, {content.commit_index} committed, snapshot"
        f" {content.snapshot and content.snapshot[0]}"
    )


def _said(op: Op | None) -> str:
    return f"{op.kind} {Path(op.path).name} {op.at} +{len(op.data)}" if op else "none"
