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

from appliance.adapters.store import Store, StoreFailed
from appliance.ledger.effects import Write
from appliance.ledger.messages import Entry
from appliance.ledger.terms import NO_TERM, Term
from tests.unit.adapters.crash_disk import Disk, Image, Op, Wreck
from tests.unit.adapters.crash_vfs import ForgetfulVfs

IMAGES_BY_CHANCE = 12
SECOND_CUTS_EVERY = 100
"""Of so many images one is opened on a recording disk, and the power cut again meanwhile."""
CHECKPOINT_PAGES = 24
"""SQLite's own is 1000: the same code, but it would need a log too long to try each cut of it."""

T1, T2, T3 = Term(1, "tmr1", 2**64 - 1), Term(2, "tmr2", 5), Term(3, "tmr1", 6)


@dataclass(frozen=True)
class Content:
    """All that a store has to remember."""

    promised: Term = NO_TERM
    adopted: Term = NO_TERM
    commit_index: int = 0
    entries: tuple[Entry, ...] = ()

    def after(self, write: Write) -> Content:
        """The content with this write in it: the specification, in a few lines."""
        kept = self.entries if write.cut_to is None else self.entries[: write.cut_to]
        return replace(
            self,
            promised=self.promised if write.promised is None else write.promised,
            adopted=self.adopted if write.adopted is None else write.adopted,
            commit_index=self.commit_index if write.commit_index is None else write.commit_index,
            entries=kept + write.append,
        )


@dataclass
class Written:
    """A transaction: asked for after so many operations of the disk, reported after so many."""

    writes: tuple[Write, ...]
    asked: int
    reported: int


@dataclass
class Story:
    """What was done to a store, and to its disk meanwhile; `made`: after so many operations."""

    disk: Disk
    path: Path
    store_id: str = ""
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
                content = content.after(write)
            contents = [content] if step.reported <= cut else [*contents, content]
        return contents


class Lost(AssertionError):
    """A store was found that is not what it has to be."""


# --- what happens to the store ---


def entry(random: Random, index: int, term: Term, size: int) -> Entry:
    """An entry with a body by chance; the store does not judge chains."""
    return Entry(index, term, random.randbytes(32), random.randbytes(size))


def life(random: Random) -> Iterator[tuple[Write, ...] | None]:
    """What an upstream asks of its store; None: it is stopped and started again."""

    def entries(first: int, term: Term, *sizes: int) -> tuple[Entry, ...]:
        return tuple(entry(random, first + i, term, size) for i, size in enumerate(sizes))

    yield (Write(1, promised=T1),)
    yield (Write(2, adopted=T1, cut_to=0, commit_index=0),)
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
    yield (Write(14, promised=T3),)
    # A long tail, as for a host that was away: pages and pages in one transaction.
    tail = entries(9, T3, *(random.randrange(50, 4000) for _ in range(60)))
    yield (Write(15, adopted=T3, cut_to=8, append=tail, commit_index=40),)
    for index in range(69, 75):
        yield (Write(index, append=entries(index, T3, 600), commit_index=index - 1),)
    # All but everything is cut away: pages become free, and are used again.
    yield (Write(90, promised=T3, cut_to=74, append=entries(75, T3, 9000, 30), commit_index=74),)
    yield None
    yield (Write(91, append=entries(77, T3, 20), commit_index=76),)


def open_store(path: Path, pragma: str = "") -> Store:
    """The real store, with a WAL that is written back sooner."""
    store = Store(path, "up1")
    store._db.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    if pragma:
        store._db.execute(f"PRAGMA {pragma}")
    return store


def lived(
    vfs: ForgetfulVfs,
    path: Path,
    seed: int,
    pragma: str = "",
    when_made: Callable[[Disk], None] = lambda _disk: None,
) -> Story:
    """Runs the store through its life on a new disk."""
    disk = vfs.disk = Disk()
    story = Story(disk, path)
    store = open_store(path, pragma)
    story.store_id, story.made = store.store_id, len(disk.ops)
    when_made(disk)
    for writes in life(Random(seed)):
        if writes is None:
            store.close()
            store = open_store(path, pragma)
            continue
        asked = len(disk.ops)
        store.write(writes)
        story.steps.append(Written(writes, asked, len(disk.ops)))
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
        except (Lost, StoreFailed) as error:
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
        store = Store(self._story.path, "up1")
        try:
            content = found_in(store)
            if content not in allowed:
                raise Lost(f"{_told(content)} instead of {' or '.join(map(_told, allowed))}")
            if store.last_index != len(content.entries):
                raise Lost(f"it says {store.last_index}, but holds {len(content.entries)}")
            if cut >= self._story.made and store.store_id != self._story.store_id:
                raise Lost("the store's id is another one")
        finally:
            store.close()


def found_in(store: Store) -> Content:
    """What this store would start a replica from. Raises StoreFailed."""
    found = store.recover()
    return Content(found.promised, found.adopted, found.commit_index, tuple(found.entries))


def _told(content: Content) -> str:
    return (
        f"promised {content.promised}, adopted {content.adopted}, {len(content.entries)} entries,"
        f" {content.commit_index} committed"
    )


def _said(op: Op | None) -> str:
    return f"{op.kind} {Path(op.path).name} {op.at} +{len(op.data)}" if op else "none"
