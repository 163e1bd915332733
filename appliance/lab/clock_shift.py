"""Steps the computer's clock of single processes, while they run, by a preloaded library.

A network namespace has no clock of its own, and the kernel's time namespaces leave CLOCK_REALTIME
alone. So processes are started with libfaketime (Debian package `faketime`), which reads the offset
from a file at each call. Boot time and monotonic time stay true, as they do on a computer whose
clock somebody sets.

What can go wrong in here is a reader that sees half an offset, so the file is replaced as a whole.
`time.sleep` fails in such a process (libfaketime 0.9.10 takes its absolute deadline for a faked
one); services wait on their event loop, which is not concerned.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from appliance.adapters.files import write_whole
from appliance.lab.platform import LabRefused, ProcessSpec

PACKAGE: Final = "faketime"
# The multiarch directory differs from one kind of computer to the next.
_LIBRARIES: Final = (
    "usr/lib/*/faketime/libfaketimeMT.so.1",
    "usr/lib/faketime/libfaketimeMT.so.1",
    "usr/lib64/faketime/libfaketimeMT.so.1",
)


def find_library(root: Path = Path("/")) -> Path | None:
    """The library to preload, None if it is not installed."""
    for pattern in _LIBRARIES:
        for found in sorted(root.glob(pattern)):
            return found
    return None


def tidy_up(directory: Path = Path("/dev/shm")) -> None:
    """Remove what the library left of processes that were killed: it shares memory by their ids."""
    for pattern in ("faketime_shm_*", "sem.faketime_sem_*"):
        for path in directory.glob(pattern):
            pid = path.name.rpartition("_")[2]
            if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
                path.unlink(missing_ok=True)


class ClockShift:
    """One host's clock, as all processes started with `environment` see it.

    `path` is where the offset stands; it is made with offset 0. Raises LabRefused without the
    library.
    """

    def __init__(self, path: Path, library: Path | None = None) -> None:
        found = library or find_library()
        if found is None:
            raise LabRefused(
                f"To step a process's clock a library is missing here: apt-get install {PACKAGE}."
            )
        self._library = found
        self.path = path.absolute()
        self.offset_s = 0
        self.set(0)

    def set(self, offset_s: int) -> None:
        """From the next look on, the clock is this many seconds ahead of the true one (or behind).

        Raises OSError.
        """
        write_whole(self.path, f"{offset_s:+d}s\n".encode())
        self.offset_s = offset_s

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs in its environment to live by this clock."""
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self.path),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def applied_to(self, spec: ProcessSpec) -> ProcessSpec:
        """The same process, living by this clock."""
        return msgspec.structs.replace(spec, env={**spec.env, **self.environment})
