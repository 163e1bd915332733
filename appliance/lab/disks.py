"""Disks of a lab host that can become full: a file system in memory, mounted on its directory.

Its size is changed while it is in use (`mount -o remount,size=`), so that nothing has to be written
to fill it: down to what is used and hardly more, every write that needs another page fails with
ENOSPC, as on any full disk, and with the old size there is room again.

What can go wrong in here is a mount that stays behind when its lab is gone; `unmount_below` asks
the kernel, not a memory of ours, what is there.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Final

from appliance.lab.platform import LabRefused

SIZE_MIB: Final = 1024
PAGE_BYTES: Final = 4096
_COMMAND_S: Final = 30
_TRIES: Final = 50


class SmallDisk:
    """A file system of its own at `path`, which has to be an empty directory or not there."""

    def __init__(self, path: Path, size_mib: int = SIZE_MIB) -> None:
        self.path = path.absolute()
        self._size_mib = size_mib

    def mount(self) -> None:
        """Make it. Raises LabRefused."""
        self.path.mkdir(parents=True, exist_ok=True)
        if any(self.path.iterdir()):
            raise LabRefused(f"{self.path} is not empty: a file system there would hide its files.")
        _run("mount", "-t", "tmpfs", "-o", f"size={self._size_mib}m,mode=0700", "tmr", self.path)

    def fill(self, pages_left: int = 1) -> None:
        """Leave room for this many pages at most. Raises LabRefused.

        Somebody may write meanwhile, and then the size just looked up is too small.
        """
        for _ in range(_TRIES):
            used = os.statvfs(self.path)
            pages = used.f_blocks - used.f_bfree + pages_left
            size = pages * used.f_frsize // PAGE_BYTES * PAGE_BYTES
            try:
                _run("mount", "-o", f"remount,size={size}", self.path)
                return
            except LabRefused:
                time.sleep(0.01)
        raise LabRefused(f"{self.path} cannot be filled: something writes to it all the time.")

    def free(self) -> None:
        """Give the room back. Raises LabRefused."""
        _run("mount", "-o", f"remount,size={self._size_mib}m", self.path)


def unmount_below(directory: Path) -> None:
    """Take away every file system that is mounted within this directory. Raises LabRefused."""
    for path in mounts_below(directory, Path("/proc/self/mountinfo").read_text()):
        _run("umount", path)


def mounts_below(directory: Path, mountinfo: str) -> list[Path]:
    """What is mounted within this directory (proc(5), mountinfo), the innermost first."""
    inside = directory.absolute()
    found = []
    for line in mountinfo.splitlines():
        # The fifth field; blanks and the like are written as octal numbers.
        path = Path(line.split()[4].encode("latin-1").decode("unicode_escape"))
        if inside in path.parents:
            found.append(path)
    return sorted(found, key=lambda path: len(path.parts), reverse=True)


def _run(*argv: str | Path) -> None:
    try:
        subprocess.run(
            [str(word) for word in argv],
            capture_output=True,
            text=True,
            check=True,
            timeout=_COMMAND_S,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.CalledProcessError as error:
        said = " ".join(str(error.stderr).split())
        raise LabRefused(f"`{' '.join(map(str, argv))}` failed: {said}.") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LabRefused(f"`{' '.join(map(str, argv))}` failed: {error}.") from error
