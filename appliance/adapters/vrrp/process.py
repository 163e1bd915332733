"""One keepalived as a child process, and the FIFO on which it tells its state.

What can go wrong here: keepalived is two processes. `--dont-respawn` makes the parent end when its
VRRP child ends, so one supervisor (ours) sees every death; a process group of its own lets a kill
take both; a parent-death signal stops it in good order when this process is killed, because nobody
would carry the verdict then.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

from appliance.adapters.vrrp.keepalived import (
    SEARCH_PATH,
    Paths,
    VrrpEvent,
    find_keepalived,
    parse_fifo_line,
)

log = logging.getLogger(__name__)

FIFO_READ_BYTES = 65536
FIFO_LINE_BYTES_MAX = 4096
STOP_DEADLINE_S = 2.0


class KeepalivedProcess:
    """Starts, stops and kills one keepalived on `paths`; calls `on_exit(status)` once it is gone.

    `status` is the exit status, negative for a signal. One process at a time: `start` while one
    runs is an error of the caller (RuntimeError).
    """

    def __init__(self, paths: Paths, on_exit: Callable[[int], None]) -> None:
        self._paths = paths
        self._on_exit = on_exit
        self._process: asyncio.subprocess.Process | None = None
        self._waiter: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the parent, while it runs."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Start it after removing what an earlier one left. Raises OSError."""
        if self._process is not None:
            raise RuntimeError("keepalived runs already")
        kill_leftover(self._paths)
        program = find_keepalived()
        if program is None:
            raise FileNotFoundError("keepalived is not installed: apt-get install keepalived")
        argv = [
            *_death_signal(),
            program,
            "--dont-fork",
            "--vrrp",
            # Else 2.3 locks a file for BFD in a directory of root's, and takes the refusal for a
            # keepalived that is running.
            "--no_bfd",
            "--dont-respawn",
            "--log-console",
            "--no-syslog",
            f"--use-file={self._paths.configuration}",
            f"--pid={self._paths.parent_pid}",
            f"--vrrp_pid={self._paths.vrrp_pid}",
        ]
        self._process = await asyncio.create_subprocess_exec(
            *argv, stdin=asyncio.subprocess.DEVNULL, start_new_session=True
        )
        self._waiter = asyncio.create_task(self._wait(self._process))

    async def stop(self) -> None:
        """End it in good order (it resigns and removes the address), by force after 2 s."""
        process, waiter = self._process, self._waiter
        if process is None or waiter is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        # A stopped process takes no SIGTERM, and its group may hold a stopped child.
        done, _ = await asyncio.wait({waiter}, timeout=STOP_DEADLINE_S)
        if not done:
            self.kill()
            await waiter

    def kill(self) -> None:
        """SIGKILL to parent and child at once: no resignation, no cleaning up."""
        if self._process is not None:
            _kill_group(self._process.pid)

    async def _wait(self, process: asyncio.subprocess.Process) -> None:
        status = await process.wait()
        # A child that outlives its parent would go on speaking VRRP beside the next one.
        _kill_group(process.pid)
        self._process = None
        log.warning("keepalived ended with status %d", status)
        self._on_exit(status)


class NotifyFifo:
    """The reading end of keepalived's notify FIFO in the running asyncio loop."""

    def __init__(self, path: Path, on_event: Callable[[VrrpEvent], None]) -> None:
        """Make the FIFO anew, for root only, and read it. Raises OSError."""
        self._on_event = on_event
        self._buffer = b""
        path.unlink(missing_ok=True)
        os.mkfifo(path, 0o600)
        # Open for writing too: else each end of a keepalived would read as an end of file.
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._fd, self._readable)

    def close(self) -> None:
        """Stop reading."""
        self._loop.remove_reader(self._fd)
        os.close(self._fd)

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, FIFO_READ_BYTES)
        except BlockingIOError:
            return
        *lines, rest = (self._buffer + data).split(b"\n")
        self._buffer = rest[-FIFO_LINE_BYTES_MAX:]
        for line in lines:
            event = parse_fifo_line(line.decode(errors="replace"))
            if event is not None:
                self._on_event(event)


def kill_leftover(paths: Paths) -> None:
    """SIGKILL a keepalived that an earlier supervisor left on the same files, if there is one."""
    for pid_file in (paths.parent_pid, paths.vrrp_pid):
        with contextlib.suppress(OSError, ValueError):
            pid = int(pid_file.read_text())
            # A process id may belong to someone else by now: only our own command line counts.
            if os.fsencode(paths.configuration) in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
        pid_file.unlink(missing_ok=True)


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _death_signal() -> list[str]:
    """util-linux' setpriv, which is on every Debian, asks for SIGTERM when this process dies."""
    setpriv = shutil.which("setpriv") or shutil.which("setpriv", path=SEARCH_PATH)
    return [] if setpriv is None else [setpriv, "--pdeathsig", "TERM", "--"]
