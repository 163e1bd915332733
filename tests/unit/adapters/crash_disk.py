"""A disk that forgets: it records what is done to its files, and shows what a power cut may leave.

SQLite reaches it through `crash_vfs`, the store's own files (mark, archive) through `DiskFiles`.

What a file system promises is taken at its least. Before a file's sync, each sector of each write
to it may have arrived or not, in any order; so may each truncation. Before a directory's sync, a
file that was made may be missing again, and one that was deleted be there. Where a file became
longer but its bytes did not arrive, there are zeros or old rubbish. Only the sector that was being
written when the power went may be half new. A sync of one file says nothing about another, nor does
one of a directory. A renaming is one step: there is never neither name.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from random import Random
from typing import Literal, NamedTuple

SECTOR_BYTES = 512

Kind = Literal["create", "write", "truncate", "sync", "delete", "rename", "sync-directory"]
Image = dict[str, bytes]
"""What is on a disk: path -> content."""


class Op(NamedTuple):
    """One thing that was asked of the disk; `at` is an offset, or the size of a truncation.

    `data` is what is written, or the new name.
    """

    kind: Kind
    path: str = ""
    at: int = 0
    data: bytes = b""


class Disk:
    """Files in memory, and the record of all that was done to them."""

    def __init__(self, image: Mapping[str, bytes] | None = None) -> None:
        self.before: Image = dict(image or {})
        self.files = {path: bytearray(content) for path, content in self.before.items()}
        self.ops: list[Op] = []
        self.deaf_to: str | None = None
        """The ending of those paths whose sync is not done: the disk lies. "directory" are all
        directories, and the name of a directory that one alone."""
        self.room_ops = -1
        """After so many more operations that need room the disk is full; -1: never."""
        self.full: Callable[[], Exception] = lambda: OSError(errno.ENOSPC, "No space left")

    def _take_room(self) -> None:
        if self.room_ops == 0:
            raise self.full()
        self.room_ops -= self.room_ops > 0

    def create(self, path: str) -> None:
        """Makes an empty file, if there is none of that name."""
        if path not in self.files:
            self._take_room()
            self.files[path] = bytearray()
            self.ops.append(Op("create", path))

    def write(self, path: str, at: int, data: bytes) -> None:
        """Writes; the file grows if need be."""
        self._take_room()
        write_into(self.files[path], at, data)
        self.ops.append(Op("write", path, at, data))

    def truncate(self, path: str, size: int) -> None:
        """Cuts the file off, or makes it longer by zeros."""
        truncate_to(self.files[path], size)
        self.ops.append(Op("truncate", path, size))

    def delete(self, path: str) -> None:
        """Takes the name away."""
        del self.files[path]
        self.ops.append(Op("delete", path))

    def rename(self, source: str, target: str) -> None:
        """Gives a file another name; what had that name is gone."""
        self.files[target] = self.files.pop(source)
        self.ops.append(Op("rename", source, 0, target.encode()))

    def repeat(self, op: Op) -> None:
        """Does what was recorded elsewhere."""
        match op.kind:
            case "create":
                self.create(op.path)
            case "delete":
                self.delete(op.path)
            case "write":
                self.write(op.path, op.at, op.data)
            case "truncate":
                self.truncate(op.path, op.at)
            case "rename":
                self.rename(op.path, op.data.decode())
            case "sync":
                self.sync(op.path)
            case "sync-directory":
                self.sync_directory(op.path)

    def sync(self, path: str) -> None:
        """What was written to this file is durable."""
        if self.deaf_to is None or not path.endswith(self.deaf_to):
            self.ops.append(Op("sync", path))

    def sync_directory(self, directory: str) -> None:
        """The names in there are durable."""
        if self.deaf_to not in ("directory", "", PurePath(directory).name):
            self.ops.append(Op("sync-directory", directory))


def write_into(content: bytearray, at: int, data: bytes, filler: bytes = b"\0") -> None:
    """Writes `data`; what lies between the old end and `at` becomes `filler`, over and over."""
    gap = at - len(content)
    if gap > 0:
        content += (filler * (gap // len(filler) + 1))[:gap]
    content[at : at + len(data)] = data


def truncate_to(content: bytearray, size: int) -> None:
    """Makes the content that long."""
    if size < len(content):
        del content[size:]
    else:
        content += bytes(size - len(content))


def sectors(op: Op) -> Iterator[Op]:
    """A write as its parts, each within one sector; anything else as it is."""
    if op.kind != "write":
        yield op
        return
    done = 0
    while done < len(op.data):
        at = op.at + done
        size = min(SECTOR_BYTES - at % SECTOR_BYTES, len(op.data) - done)
        yield Op("write", op.path, at, op.data[done : done + size])
        done += size


@dataclass(eq=False)
class _Body:
    """A file, whatever its name: what is durable, and what was done to it since."""

    durable: bytes = b""
    pending: list[Op] = field(default_factory=list)

    def content(self, kept: list[Op], filler: bytes = b"\0") -> bytes:
        content = bytearray(self.durable)
        for op in kept:
            if op.kind == "write":
                write_into(content, op.at, op.data, filler)
            else:
                truncate_to(content, op.at)
        return bytes(content)


_NameChange = tuple[tuple[str, _Body | None], ...]
"""Names that change together: which file each is that of, None if of none."""


def _rename(names: dict[str, _Body], change: _NameChange) -> None:
    for path, body in change:
        if body is None:
            names.pop(path, None)
        else:
            names[path] = body


class Wreck:
    """What may be found after a power cut. Feed it the recorded operations one by one."""

    def __init__(self, before: Mapping[str, bytes]) -> None:
        self._durable_names = {path: _Body(content) for path, content in before.items()}
        self._names = dict(self._durable_names)
        self._pending_names: list[_NameChange] = []

    def happens(self, op: Op) -> None:
        """This was done before the power went."""
        match op.kind:
            case "create":
                self._names[op.path] = body = _Body()
                self._pending_names.append(((op.path, body),))
            case "delete":
                del self._names[op.path]
                self._pending_names.append(((op.path, None),))
            case "rename":
                body = self._names.pop(op.path)
                self._names[op.data.decode()] = body
                self._pending_names.append(((op.path, None), (op.data.decode(), body)))
            case "sync-directory":
                waiting, self._pending_names = self._pending_names, []
                for change in waiting:
                    if str(PurePath(change[0][0]).parent) == op.path:
                        _rename(self._durable_names, change)
                    else:
                        self._pending_names.append(change)
            case "sync":
                body = self._names[op.path]
                body.durable = body.content(body.pending)
                body.pending.clear()
            case _:
                self._names[op.path].pending.append(op)

    def images(self, random: Random, count: int) -> Iterator[tuple[str, Image]]:
        """Ways to find the disk, each with a name: the three plain ones, and `count` by chance."""
        yield "nothing unsynced arrived", {p: b.durable for p, b in self._durable_names.items()}
        yield "all arrived", {p: b.content(b.pending) for p, b in self._names.items()}
        if not self._pending_names and not any(b.pending for b in self._names.values()):
            return  # All is durable: there is nothing that chance could change.
        yield "all but the end of each file's last write arrived", self._torn(random)
        for number in range(count):
            yield f"by chance, {number}", self._chance(random)

    def _torn(self, random: Random) -> Image:
        image = {}
        for path, body in self._names.items():
            kept = list(body.pending)
            if kept and kept[-1].kind == "write":
                last = kept.pop()
                # SQLite counts on whole sectors no more than we do: the cut may be anywhere.
                size = random.randrange(len(last.data)) if last.data else 0
                kept.append(last._replace(data=last.data[:size]))
            image[path] = body.content(kept)
        return image

    def _chance(self, random: Random) -> Image:
        names = dict(self._durable_names)
        for change in self._pending_names:
            if random.random() < 0.5:
                _rename(names, change)
        image = {}
        for path, body in names.items():
            odds = random.choice((0.1, 0.5, 0.9, 0.99))
            parts = [part for op in body.pending for part in sectors(op)]
            kept = [part for part in parts if random.random() < odds]
            image[path] = body.content(kept, random.choice((b"\0", b"rubbish")))
        return image


class DiskFiles:
    """`appliance.adapters.store.files.Files` on whatever `disk` gives."""

    def __init__(self, disk: Callable[[], Disk]) -> None:
        self._disk = disk

    def read(self, path: Path, bytes_max: int) -> bytes | None:
        """See Files."""
        content = self._disk().files.get(str(path))
        return None if content is None else bytes(content[:bytes_max])

    def size(self, path: Path) -> int | None:
        """See Files."""
        content = self._disk().files.get(str(path))
        return None if content is None else len(content)

    def open(self, path: Path) -> _OpenFile:
        """See Files."""
        self._disk().create(str(path))
        return _OpenFile(self._disk(), str(path))

    def rename(self, source: Path, target: Path) -> None:
        """See Files."""
        self._disk().rename(str(source), str(target))

    def delete(self, path: Path) -> None:
        """See Files."""
        self._disk().delete(str(path))

    def names(self, directory: Path) -> list[str]:
        """See Files."""
        return sorted(p.name for p in map(Path, self._disk().files) if p.parent == directory)

    def make_directory(self, path: Path) -> None:
        """See Files; of directories only the names in them are of interest here."""

    def sync_directory(self, path: Path) -> None:
        """See Files."""
        self._disk().sync_directory(str(path))


class _OpenFile:
    def __init__(self, disk: Disk, path: str) -> None:
        self._disk = disk
        self._path = path

    def write_at(self, offset: int, data: bytes) -> None:
        self._disk.write(self._path, offset, data)

    def sync(self) -> None:
        self._disk.sync(self._path)

    def close(self) -> None:
        pass
