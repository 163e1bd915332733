"""SQLite on a `Disk`: a VFS for the very library that the interpreter's own `sqlite3` uses.

While it is registered it is the default, so the store under test is opened as it always is and
knows nothing of it. Where durability is concerned it behaves as SQLite's own VFS for Unix does:
overwrites are "powersafe", a journal's first sync syncs its directory, a deletion does if asked to.
There is no shared memory: the store locks exclusively, so SQLite keeps the WAL's index to itself.
"""

from __future__ import annotations

import _sqlite3
import contextlib
import ctypes
import errno
from collections.abc import Callable, Iterator
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_double, c_int, c_int64, c_void_p
from pathlib import PurePath
from random import Random
from typing import Any

from tests.unit.adapters.crash_disk import Disk, DiskFiles, write_into

OK, IOERR, NOTFOUND, FULL, CANTOPEN = 0, 10, 12, 13, 14
IOERR_SHORT_READ = IOERR | 2 << 8
OPEN_CREATE, OPEN_DELETE_ON_CLOSE = 0x4, 0x8
OPEN_JOURNALS = 0x800 | 0x4000 | 0x80000
ACCESS_EXISTS = 0
IOCAP_POWERSAFE_OVERWRITE = 0x1000
SECTOR_SIZE = 4096
PATH_BYTES_MAX = 1024
_NAME = b"forgetful"


class _File(ctypes.Structure):
    _fields_ = (("methods", c_void_p), ("number", c_int64))


_FileP, _IntP = POINTER(_File), POINTER(c_int)
_Int64P, _DoubleP = POINTER(c_int64), POINTER(c_double)
_METHODS: tuple[tuple[str, Any], ...] = (
    ("close", CFUNCTYPE(c_int, _FileP)),
    ("read", CFUNCTYPE(c_int, _FileP, c_void_p, c_int, c_int64)),
    ("write", CFUNCTYPE(c_int, _FileP, c_void_p, c_int, c_int64)),
    ("truncate", CFUNCTYPE(c_int, _FileP, c_int64)),
    ("sync", CFUNCTYPE(c_int, _FileP, c_int)),
    ("file_size", CFUNCTYPE(c_int, _FileP, _Int64P)),
    ("lock", CFUNCTYPE(c_int, _FileP, c_int)),
    ("unlock", CFUNCTYPE(c_int, _FileP, c_int)),
    ("check_reserved_lock", CFUNCTYPE(c_int, _FileP, _IntP)),
    ("file_control", CFUNCTYPE(c_int, _FileP, c_int, c_void_p)),
    ("sector_size", CFUNCTYPE(c_int, _FileP)),
    ("device_characteristics", CFUNCTYPE(c_int, _FileP)),
)
_VFS_METHODS: tuple[tuple[str, Any], ...] = (
    ("open", CFUNCTYPE(c_int, c_void_p, c_char_p, _FileP, c_int, _IntP)),
    ("delete", CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)),
    ("access", CFUNCTYPE(c_int, c_void_p, c_char_p, c_int, _IntP)),
    ("full_pathname", CFUNCTYPE(c_int, c_void_p, c_char_p, c_int, c_void_p)),
    ("dl_open", c_void_p),
    ("dl_error", c_void_p),
    ("dl_sym", c_void_p),
    ("dl_close", c_void_p),
    ("randomness", CFUNCTYPE(c_int, c_void_p, c_int, c_void_p)),
    ("sleep", CFUNCTYPE(c_int, c_void_p, c_int)),
    ("current_time", CFUNCTYPE(c_int, c_void_p, _DoubleP)),
    ("last_error", CFUNCTYPE(c_int, c_void_p, c_int, c_void_p)),
)


class _Methods(ctypes.Structure):
    _fields_ = (("version", c_int), *_METHODS)


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("version", c_int),
        ("file_size", c_int),
        ("path_max", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("app_data", c_void_p),
        *_VFS_METHODS,
    )


class _Opened:
    """An open file; one without a path is SQLite's own scratch, and nobody's loss."""

    def __init__(self, disk: Disk, path: str, flags: int) -> None:
        self.disk = disk
        self.path = path
        self.scratch = bytearray()
        self.delete = bool(flags & OPEN_DELETE_ON_CLOSE)
        self.new_journal = bool(flags & OPEN_CREATE and flags & OPEN_JOURNALS)


class ForgetfulVfs:
    """The default VFS of SQLite as long as it is registered; opens files on `disk`."""

    def __init__(self, seed: int) -> None:
        self.disk = Disk()
        self.files = DiskFiles(lambda: self.disk)
        """The same disk, for what does not go through SQLite."""
        self.failures: list[BaseException] = []
        """What went wrong in here; SQLite was told of an I/O error."""
        self._random = Random(seed)
        self._opened: dict[int, _Opened] = {}
        self._numbers = 0
        self._real = b""
        self._methods = _Methods(1, *(kind(self._safely(name)) for name, kind in _METHODS))
        functions = (
            kind(self._safely(f"vfs_{name}")) if kind is not c_void_p else None
            for name, kind in _VFS_METHODS
        )
        size = ctypes.sizeof(_File)
        self._vfs = _Vfs(1, size, PATH_BYTES_MAX, None, _NAME, None, *functions)

    @contextlib.contextmanager
    def registered(self) -> Iterator[ForgetfulVfs]:
        """All that is opened by SQLite in here is opened on `disk`."""
        library = sqlite_library()
        self._real = _Vfs.from_address(library.sqlite3_vfs_find(None)).name
        assert library.sqlite3_vfs_register(ctypes.byref(self._vfs), 1) == OK
        library.sqlite3_randomness(0, None)  # Forget the seed: the WAL's salts become ours.
        try:
            yield self
        finally:
            assert not self._opened, "a database is still open"
            library.sqlite3_vfs_unregister(ctypes.byref(self._vfs))
            library.sqlite3_randomness(0, None)
        assert not self.failures, self.failures

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """What is opened in here is opened on the real file system."""
        library = sqlite_library()
        library.sqlite3_vfs_register(library.sqlite3_vfs_find(self._real), 1)
        try:
            yield
        finally:
            library.sqlite3_vfs_register(ctypes.byref(self._vfs), 1)

    def _safely(self, name: str) -> Callable[..., int]:
        method: Callable[..., int] = getattr(self, f"_{name}")

        def call(*arguments: Any) -> int:
            try:
                return method(*arguments)
            except OSError as error:
                return FULL if error.errno == errno.ENOSPC else IOERR
            except BaseException as error:
                self.failures.append(error)
                return IOERR

        return call

    # --- files ---

    def _of(self, file: Any) -> _Opened:
        return self._opened[file.contents.number]

    def _content(self, file: Any) -> bytearray:
        opened = self._of(file)
        return opened.disk.files[opened.path] if opened.path else opened.scratch

    def _close(self, file: Any) -> int:
        opened = self._opened.pop(file.contents.number)
        if opened.delete and opened.path:
            opened.disk.delete(opened.path)
        return OK

    def _read(self, file: Any, into: int, size: int, at: int) -> int:
        data = bytes(self._content(file)[at : at + size])
        ctypes.memmove(into, data + bytes(size - len(data)), size)
        return OK if len(data) == size else IOERR_SHORT_READ

    def _write(self, file: Any, data: int, size: int, at: int) -> int:
        opened = self._of(file)
        content = ctypes.string_at(data, size)
        if opened.path:
            opened.disk.write(opened.path, at, content)
        else:
            write_into(opened.scratch, at, content)
        return OK

    def _truncate(self, file: Any, size: int) -> int:
        opened = self._of(file)
        if opened.path:
            opened.disk.truncate(opened.path, size)
        else:
            del opened.scratch[size:]
        return OK

    def _sync(self, file: Any, _flags: int) -> int:
        opened = self._of(file)
        if opened.path:
            opened.disk.sync(opened.path)
            if opened.new_journal:
                opened.new_journal = False
                opened.disk.sync_directory(str(PurePath(opened.path).parent))
        return OK

    def _file_size(self, file: Any, into: Any) -> int:
        into[0] = len(self._content(file))
        return OK

    def _lock(self, _file: Any, _level: int) -> int:
        return OK

    _unlock = _lock

    def _check_reserved_lock(self, _file: Any, into: Any) -> int:
        into[0] = 0
        return OK

    def _file_control(self, _file: Any, _op: int, _argument: int) -> int:
        return NOTFOUND

    def _sector_size(self, _file: Any) -> int:
        return SECTOR_SIZE

    def _device_characteristics(self, _file: Any) -> int:
        return IOCAP_POWERSAFE_OVERWRITE

    # --- the file system ---

    def _vfs_open(self, _vfs: int, name: bytes | None, file: Any, flags: int, out: Any) -> int:
        file.contents.methods = None  # A file without methods is one that SQLite does not close.
        path = name.decode() if name else ""
        if path and path not in self.disk.files:
            if not flags & OPEN_CREATE:
                return CANTOPEN
            self.disk.create(path)
        self._numbers += 1
        self._opened[self._numbers] = _Opened(self.disk, path, flags)
        file.contents.number = self._numbers
        file.contents.methods = ctypes.addressof(self._methods)
        if out:
            out[0] = flags
        return OK

    def _vfs_delete(self, _vfs: int, name: bytes, sync_directory: int) -> int:
        if name.decode() in self.disk.files:
            self.disk.delete(name.decode())
        if sync_directory & 1:
            self.disk.sync_directory(str(PurePath(name.decode()).parent))
        return OK

    def _vfs_access(self, _vfs: int, name: bytes, flags: int, into: Any) -> int:
        content = self.disk.files.get(name.decode())
        into[0] = content is not None and (flags != ACCESS_EXISTS or len(content) > 0)
        return OK

    def _vfs_full_pathname(self, _vfs: int, name: bytes, size: int, into: int) -> int:
        if len(name) >= size:
            return CANTOPEN
        ctypes.memmove(into, name + b"\0", len(name) + 1)
        return OK

    def _vfs_randomness(self, _vfs: int, size: int, into: int) -> int:
        ctypes.memmove(into, self._random.randbytes(size), size)
        return size

    def _vfs_sleep(self, _vfs: int, _microseconds: int) -> int:
        return OK

    def _vfs_current_time(self, _vfs: int, into: Any) -> int:
        into[0] = 2461000.5
        return OK

    def _vfs_last_error(self, _vfs: int, _size: int, _into: int) -> int:
        return OK


def sqlite_library() -> ctypes.CDLL:
    """The SQLite that the module `sqlite3` runs on. Raises AttributeError if it hides itself."""
    library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
    library.sqlite3_vfs_register.argtypes = (c_void_p, c_int)
    library.sqlite3_vfs_unregister.argtypes = (c_void_p,)
    library.sqlite3_vfs_find.argtypes = (c_char_p,)
    library.sqlite3_vfs_find.restype = c_void_p
    library.sqlite3_randomness.argtypes = (c_int, c_void_p)
    return library
