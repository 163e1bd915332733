"""Steps the computer's clock of single processes, while they run, by a preloaded library.

A network namespace has no clock of its own, and the kernel's time namespaces leave CLOCK_REALTIME
alone. So processes are started with a small library of ours in front of the C library's, which adds
an offset to CLOCK_REALTIME and to nothing else: boot time, monotonic time and waits stay true, as
they do on a computer whose clock somebody sets.

libfaketime would do the same, but it also stands in front of pthread_cond_timedwait and reads its
file there: two Python threads that wait for each other's interpreter lock then spin (seen: 20 % of
a core in an idle upstream, and answers seconds late).
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Final

import msgspec

from appliance.lab.platform import LabRefused, ProcessSpec

PACKAGES: Final = "gcc libc6-dev"
SOURCE: Final = Path(__file__).with_suffix(".c")
_OFFSET: Final = struct.Struct("=q")
_COMPILE_S: Final = 60


def compiler() -> str | None:
    """The C compiler that builds the library, None if there is none."""
    return shutil.which("cc") or shutil.which("gcc")


def build_library(path: Path) -> None:
    """Compile the library to `path`. Raises LabRefused."""
    cc = compiler()
    if cc is None:
        raise LabRefused(
            f"To step a process's clock a C compiler is needed here: apt-get install {PACKAGES}."
        )
    argv = [cc, "-std=gnu11", "-O2", "-Wall", "-shared", "-fPIC", "-o", str(path), str(SOURCE)]
    try:
        subprocess.run(
            [*argv, "-ldl"],
            capture_output=True,
            text=True,
            check=True,
            timeout=_COMPILE_S,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.CalledProcessError as error:
        said = " ".join(str(error.stderr).split())[:400]
        raise LabRefused(
            f"{SOURCE} cannot be compiled ({said}): apt-get install {PACKAGES}."
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LabRefused(f"{SOURCE} cannot be compiled: {error}.") from error


class ClockShift:
    """One host's clock, as all processes started with `environment` see it, at once and while they
    run.

    `path` is where the offset stands; it is made anew with offset 0, and the library beside it
    unless it is there. Raises LabRefused.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._library = self.path.with_name("clock_shift.so")
        if not self._library.exists():
            build_library(self._library)
        self.path.write_bytes(_OFFSET.pack(0))
        self.offset_s = 0

    def set(self, offset_s: int) -> None:
        """From now on the clock is this many seconds ahead of the true one (or behind).

        Raises OSError.
        """
        # In place, since processes have the file mapped; the kernel copies eight bytes at once.
        with self.path.open("r+b", buffering=0) as file:
            os.pwrite(file.fileno(), _OFFSET.pack(offset_s), 0)
        self.offset_s = offset_s

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs in its environment to live by this clock."""
        return {"LD_PRELOAD": str(self._library), "TMR_CLOCK_SHIFT": str(self.path)}

    def applied_to(self, spec: ProcessSpec) -> ProcessSpec:
        """The same process, living by this clock."""
        return msgspec.structs.replace(spec, env={**spec.env, **self.environment})
