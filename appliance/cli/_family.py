"""A command and everything that it starts, as `tmr run` sees it: a family below one guard.

What can go wrong in here is a member that nobody knows of. So members are found by their ancestry
(the guard adopts whoever lost its parent), and the family is over when the guard says so, not when
the command ends. Signals go to the members directly; the guard is only asked whether it got the
same signal, which tells that it went to the whole process group and has reached them already.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import struct
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from appliance.cli import _guard
from appliance.cli._guard import (
    ORDER,
    START,
    Ending,
    become_subreaper,
    descendants,
    is_subreaper,
    tell,
)

BEAT_S: Final = 1.0
SILENT_S: Final = 15.0
"""So long we may not come to speak before the guard takes us for stopped."""
_STEP_S: Final = 0.05
_ANSWER_S: Final = 1.0
_UNSENT_MAX: Final = 64 << 10
# What ends things goes to all of them; anything else means the command itself.
_TO_ALL: Final = frozenset(("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"))


class GuardLost(Exception):
    """The guard was ended from outside; what was left of the family was ended, too."""


class Family:
    """A command that runs, with all that it started. Made by `start`."""

    def __init__(
        self,
        guard: asyncio.subprocess.Process,
        reading: asyncio.BaseTransport,
        writer: asyncio.WriteTransport,
        adopted_before: bool,
    ) -> None:
        self._guard = guard
        self._adopted_before = adopted_before
        self._reading = reading
        self._writer = writer
        self._heard: dict[int, int] = {}
        self._answers: dict[int, asyncio.Future[bool]] = {}
        self._started: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._tasks: set[asyncio.Task[None]] = set()
        self.pid = 0
        self.silent = False

    @classmethod
    async def start(
        cls, command: Sequence[str], environment: Mapping[str, str], grace_s: float
    ) -> Family:
        """Start this command. Raises OSError if it cannot be executed.

        Until `close`, this process adopts what the guard would leave behind if it were killed.
        """
        adopted_before = is_subreaper()
        become_subreaper()
        loop = asyncio.get_running_loop()
        (inlet, to_guard), (from_guard, outlet) = os.pipe(), os.pipe()
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            for end in (inlet, outlet):
                os.set_inheritable(end, True)
            guard = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-I", "-S", str(Path(_guard.__file__)), str(inlet), str(outlet)),
                env=dict(environment),
                close_fds=False,  # what we were given is meant for the command
                umask=_umask(),  # as it is; without it, posix_spawn would leave signals ignored
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            os.close(inlet)
            os.close(outlet)
        reader = asyncio.StreamReader()
        reading, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(from_guard, "rb", 0)
        )
        writer, _ = await loop.connect_write_pipe(
            asyncio.BaseProtocol, os.fdopen(to_guard, "wb", 0)
        )
        words = b"\0".join(os.fsencode(word) for word in command)
        blocked = sum(1 << (number - 1) for number in mask)
        start = START.pack(len(words), _pipe_was_ignored(), grace_s, SILENT_S, blocked)
        writer.write(start + words)
        family = cls(guard, reading, writer, adopted_before)
        family._begin(family._follow(reader))
        try:
            family.pid = await asyncio.shield(family._started)
        except BaseException as error:
            if isinstance(error, OSError):
                await family.gone()
            family.close()
            raise
        return family

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(self, reader: asyncio.StreamReader) -> None:
        """Note what the guard says, until it ends."""
        while line := await reader.readline():
            word, *numbers = line.split()
            if word == b"pid":
                self._started.set_result(int(numbers[0]))
            elif word == b"failed":
                number = int(numbers[0])
                self._started.set_exception(OSError(number, os.strerror(number)))
                self._status.cancel()
            elif word == b"ended" and not self._status.done():
                self._status.set_result(int(numbers[0]))
            elif word == b"heard":
                self._answered(int(numbers[0]), int(numbers[1]))
            elif word == b"silent":
                self.silent = True
        for future in (self._started, self._status):
            if not future.done():
                future.set_exception(GuardLost())
                future.exception()  # whoever waits for it hears of it all the same

    async def ended(self) -> int:
        """The exit code of the command, as `os.waitstatus_to_exitcode` has it; others may be left.

        Raises GuardLost.
        """
        return os.waitstatus_to_exitcode(await asyncio.shield(self._status))

    async def gone(self) -> None:
        """Return when nothing is left. Raises GuardLost."""
        if await self._guard.wait() != 0:
            ending = Ending(os.getpid(), 0.0)
            while ending.step():
                await asyncio.sleep(_STEP_S)
            raise GuardLost
        if self._tasks:
            await asyncio.wait(set(self._tasks))

    def close(self) -> None:
        """Leave the family alone: the guard ends what is left of it."""
        self._writer.close()
        self._reading.close()
        become_subreaper(self._adopted_before)

    def members(self) -> list[int]:
        """The processes that run now."""
        found = list(descendants(self._guard.pid))
        if not found and self.pid and not self._status.done():
            return [self.pid]  # a system without /proc
        return found

    async def end(self, grace_s: float) -> None:
        """SIGTERM to all, and SIGKILL to what is left after the grace."""
        ending = Ending(self._guard.pid, grace_s)
        while ending.step() and self._guard.returncode is None:
            await asyncio.sleep(_STEP_S)

    async def beat(self, until_s: Callable[[], float]) -> None:
        """Tell the guard each second that we live, and until when the lease is held (boot clock);
        until cancelled."""
        while True:
            self._order(b"u", until_s())
            await asyncio.sleep(BEAT_S)

    def signalled(self, number: int) -> None:
        """We got this signal: pass it on, unless everybody got it."""
        self._begin(self._pass_on(number))

    async def _pass_on(self, number: int) -> None:
        if await self._reached_the_group(number) and not self._status.done():
            return
        if signal.Signals(number).name in _TO_ALL or self._status.done():
            tell(self.members(), number)
        else:
            tell((self.pid,), number)

    async def _reached_the_group(self, number: int) -> bool:
        """Whether the guard, which is in our process group, got this signal as well as we did."""
        answer = self._answers.get(number)
        if answer is None:
            answer = self._answers[number] = asyncio.get_running_loop().create_future()
            self._order(b"h", float(number))
        try:
            return await asyncio.wait_for(asyncio.shield(answer), _ANSWER_S)
        except TimeoutError:
            self._answers.pop(number, None)
            return False

    def _answered(self, number: int, heard: int) -> None:
        before, self._heard[number] = self._heard.get(number, 0), heard
        answer = self._answers.pop(number, None)
        if answer is not None and not answer.done():
            answer.set_result(heard > before)

    def _order(self, order: bytes, value: float) -> None:
        if self._writer.is_closing() or self._writer.get_write_buffer_size() > _UNSENT_MAX:
            return
        with contextlib.suppress(OSError, struct.error):
            self._writer.write(ORDER.pack(order, value))


def _umask() -> int:
    """The present one; the system has no way to ask for it but to set it."""
    mask = os.umask(0o77)
    os.umask(mask)
    return mask


def _pipe_was_ignored() -> bool:
    """Whether SIGPIPE was ignored when we were started.

    Python ignores it itself before any of our code runs, so it is our parent that tells: who
    ignores it passes that on (a shell after `trap '' PIPE`, systemd). A parent that ignores SIGXFSZ
    as well is Python, which sets both back for its children, as node does.
    """
    try:
        status = Path(f"/proc/{os.getppid()}/status").read_text("ascii", "replace")
        facts = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        ignored = int(facts["SigIgn"], 16)
    except (OSError, KeyError, ValueError):
        return False
    if facts.get("Name", "").strip() in ("node", "MainThread"):
        return False
    return bool(ignored >> (signal.SIGPIPE - 1) & 1 and not ignored >> (signal.SIGXFSZ - 1) & 1)
