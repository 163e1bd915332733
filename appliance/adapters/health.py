"""How this computer is: its disk, its clock's discipline, its certificate.

Whatever cannot be known is None, and never an error: a host that cannot say how full its disk is
still serves. What can go wrong in here is a disk that does not answer; so nobody calls this on an
event loop.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509

from appliance import RULES
from appliance.adapters.store.archive import ArchiveFacts
from appliance.codec.api import HostHealth
from appliance.codec.health_documents import ArchiveStatus
from appliance.unreadable_x509 import UNREADABLE_X509

_CERTIFICATE_BYTES_MAX: Final = 1 << 20
_STORE_FILES_MAX: Final = 1_000
# <sys/timex.h>: the kernel's clock is not disciplined by anybody.
_STA_UNSYNC: Final = 0x0040
# Larger than any libc's struct timex; `modes` is its first field and 0 asks without setting.
_TIMEX_BYTES: Final = 512


@dataclass(frozen=True, slots=True)
class HealthProbe:
    """Looks at this host, whenever it is called. `disk` is any path on the disk that matters."""

    version: str
    started_at_ms: int
    disk: Path
    certificate: Path | None = None
    store: Path | None = None
    synchronised: Callable[[], bool | None] | None = None
    archive: Callable[[], ArchiveFacts] | None = None

    def __call__(self) -> HostHealth:
        """How the host is now. Blocks on the disk."""
        total, free = disk_bytes(self.disk)
        synchronised = self.synchronised or clock_synchronised
        return HostHealth(
            version=self.version,
            started_at_ms=self.started_at_ms,
            disk_free_bytes=free,
            disk_total_bytes=total,
            store_bytes=None if self.store is None else files_bytes(self.store),
            certificate_expires_at_s=(
                None if self.certificate is None else certificate_expires_at_s(self.certificate)
            ),
            clock_synchronised=synchronised(),
            archive=None if self.archive is None else _archive(self.archive()),
            rules=RULES,
        )


def _archive(facts: ArchiveFacts) -> ArchiveStatus:
    return ArchiveStatus(
        size_bytes=facts.bytes,
        size_bytes_max=facts.limits.bytes_max,
        days=facts.days,
        days_wanted=facts.limits.days,
    )


def disk_bytes(path: Path) -> tuple[int | None, int | None]:
    """How large the disk is that this path lies on, and how much of it is free."""
    try:
        usage = shutil.disk_usage(path)
    except OSError:
        return None, None
    return usage.total, usage.free


def certificate_expires_at_s(path: Path) -> int | None:
    """When this certificate (PEM) ends, Unix seconds; None if there is none to be read."""
    try:
        with path.open("rb") as file:
            data = file.read(_CERTIFICATE_BYTES_MAX)
        return int(x509.load_pem_x509_certificate(data).not_valid_after_utc.timestamp())
    except (OSError, *UNREADABLE_X509):
        return None


def files_bytes(path: Path) -> int | None:
    """How long a file is together with those that are named after it (SQLite's WAL, say)."""
    try:
        with os.scandir(path.parent) as entries:
            sizes = [
                entry.stat(follow_symlinks=False).st_size
                for _, entry in zip(range(_STORE_FILES_MAX), entries, strict=False)
                if entry.name.startswith(path.name)
            ]
    except OSError:
        return None
    return sum(sizes) if sizes else None


if sys.platform == "linux":

    def clock_synchronised() -> bool | None:
        """Whether the kernel's clock is disciplined by a time daemon (adjtimex(2)).

        chrony says so if its settings have `rtcsync`. None where the question is not permitted.
        """
        timex = ctypes.create_string_buffer(_TIMEX_BYTES)
        try:
            state = ctypes.CDLL(None, use_errno=True).adjtimex(timex)
        except (OSError, AttributeError):
            return None
        if state < 0:
            return None
        # modes (int, padded), offset, freq, maxerror, esterror (longs), then status (int).
        word = ctypes.sizeof(ctypes.c_long)
        status = ctypes.c_int.from_buffer(timex, 5 * word).value
        return not status & _STA_UNSYNC

else:

    def clock_synchronised() -> bool | None:
        """Not known here."""
        return None
