"""The guard of `tmr run`: the parent of the command, and of everything that the command leaves.

    tmr run ──▶ guard ──▶ COMMAND and all that it starts

It is a small process of its own, run by its file's name, so it imports nothing but the standard
library. It starts the command with the signals as `tmr run` got them, says what became of it, and
ends once nothing is left: whatever lost its own parent (a launcher that has ended, a daemon that
forked twice) becomes the guard's child, since it is a subreaper (Linux). What it is there for is
the death of `tmr run`: then nobody holds the seat any more, so it ends everything, by SIGTERM and,
after the grace, by SIGKILL. It does so, too, if `tmr run` was stopped (SIGSTOP) until after its
lease's end, unless everything else was stopped as well (Ctrl-Z, a frozen container, a sleeping
machine).

Orders come by one pipe (`ORDER`), news go by another, a line each:

    pid P            the command runs as process P
    failed E         it could not be started, for the system's error E
    ended S          it ended with the wait status S; others may be left
    heard N COUNT    the answer to a question: how often the guard itself got signal N
    silent           `tmr run` was silent until after its lease's end, so everything is ended
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import select
import signal
import struct
import sys
import time
from collections.abc import Iterable

ORDER = struct.Struct("<cd")
"""One order. b"u": until when the lease is held, in seconds of the boot clock; b"h": how often was
this signal heard?"""
START = struct.Struct("<I?ddQ")
"""How it begins: the length of the command's words, which follow with a NUL between them, whether
SIGPIPE is ignored, the grace in seconds, for how many `tmr run`, which speaks each second, may be
silent before it counts as stopped, and the signals that are blocked, a bit each. (The guard itself
is started with all of them blocked, so that a Ctrl-C at that moment does not end it.)"""
_TICK_MS = 1000
# Who did not come to run for so long cannot judge another's silence.
_SLEPT_S = 5.0
_SUBREAPER, _IS_SUBREAPER, _PDEATHSIG = 36, 37, 1
_OWN_FAULTS = {"SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT", "SIGTRAP", "SIGSYS"}
_JOB_CONTROL = {"SIGTSTP", "SIGTTIN", "SIGTTOU"}
_STOPPED_OR_DEAD = "TtZXx"


def boot_s() -> float:
    """Now, on the clock on which leases run out."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def is_subreaper() -> bool:
    """Whether descendants without a parent become our children."""
    answer = ctypes.c_int()
    _prctl(_IS_SUBREAPER, ctypes.byref(answer))
    return bool(answer.value)


def become_subreaper(wanted: bool = True) -> None:
    """From now on, descendants without a parent become our children, or no longer. Elsewhere than
    on Linux nothing happens."""
    _prctl(_SUBREAPER, int(wanted))


def descendants(root: int) -> dict[int, str]:
    """The processes below `root`, each with its state's letter; dead ones are left out."""
    below: dict[int, list[tuple[int, str]]] = {}
    try:
        names = os.listdir("/proc")
    except OSError:
        return {}
    for name in names:
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                with open(f"/proc/{name}/stat", "rb") as file:
                    letter, parent = file.read().decode("latin-1").rpartition(")")[2].split()[:2]
                below.setdefault(int(parent), []).append((int(name), letter))
    found: dict[int, str] = {}
    ways = [root]
    while ways:
        for process, state in below.get(ways.pop(), ()):
            if process not in found:
                found[process] = state
                ways.append(process)
    return {process: state for process, state in found.items() if state not in "ZXx"}


def tell(processes: Iterable[int], number: int) -> None:
    """Send a signal to each, as far as they are there and ours."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, number)


class Ending:
    """SIGTERM to everything below a process, once each; after the grace SIGKILL until none is."""

    def __init__(self, root: int, grace_s: float) -> None:
        self._root = root
        self._kill_at_s = time.monotonic() + grace_s
        self._told: set[int] = set()

    def step(self) -> bool:
        """To be called again and again; whether anything is left."""
        left = descendants(self._root)
        if time.monotonic() >= self._kill_at_s:
            tell(left, signal.SIGKILL)
        else:
            new = [process for process in left if process not in self._told]
            self._told.update(new)
            tell(new, signal.SIGTERM)
            tell(new, signal.SIGCONT)  # one that is stopped would not hear
        return bool(left)


class _Guard:
    """The guard's one life; see the header."""

    def __init__(self, inlet: int, outlet: int) -> None:
        self._inlet, self._outlet = inlet, outlet
        self._runner = os.getppid()
        self._unread = b""
        self._heard: dict[int, int] = {}
        self._woken = -1
        self._until_s = 0.0
        self._spoke_s = self._looked_s = boot_s()
        self._command = 0
        self._grace_s = self._silent_s = 0.0
        self._default: list[int] = []
        self._mask: list[int] = []
        self._orphaned = False
        self._ending: Ending | None = None

    def live(self) -> None:
        """From the start of the command until nothing is left."""
        become_subreaper()
        length, pipe_ignored, self._grace_s, self._silent_s, blocked = START.unpack(
            self._exactly(START.size)
        )
        self._mask = [n for n in signal.valid_signals() if blocked >> (n - 1) & 1]
        words = self._exactly(length).split(b"\0")
        woken, waker = os.pipe()
        os.set_blocking(woken, False)
        os.set_blocking(waker, False)
        self._woken = woken
        self._listen(waker)
        self._start(words, pipe_ignored)
        waiting = select.poll()
        waiting.register(self._inlet, select.POLLIN)
        waiting.register(woken, select.POLLIN)
        while self._reap():
            ready = dict(waiting.poll(100 if self._ending else _TICK_MS))
            self._count_signals()
            now_s = boot_s()
            if now_s - self._looked_s > _SLEPT_S:
                self._spoke_s = now_s
            self._looked_s = now_s
            if self._inlet in ready and not self._listened():
                waiting.unregister(self._inlet)
            self._judge(now_s)

    def _exactly(self, size: int) -> bytes:
        while len(self._unread) < size:
            data = os.read(self._inlet, 65536)
            if not data:
                os._exit(0)  # `tmr run` is gone before there was anything to guard
            self._unread += data
        data, self._unread = self._unread[:size], self._unread[size:]
        return data

    def _listen(self, waker: int) -> None:
        """Nothing that a terminal or a person sends to the whole group ends the guard; but what was
        ignored stays so, since the command inherits it."""
        for number in signal.valid_signals():
            name = getattr(number, "name", "")
            if name in _OWN_FAULTS or number in (signal.SIGKILL, signal.SIGSTOP):
                continue
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                self._default.append(number)
                signal.signal(number, _heard)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)

    def _start(self, words: list[bytes], pipe_ignored: bool) -> None:
        result, report = os.pipe()
        self._command = os.fork()
        if self._command == 0:
            try:
                _prctl(_PDEATHSIG, signal.SIGTERM)
                for number in self._default:
                    signal.signal(number, signal.SIG_DFL)
                signal.signal(signal.SIGPIPE, signal.SIG_IGN if pipe_ignored else signal.SIG_DFL)
                if hasattr(signal, "SIGXFSZ"):
                    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
                signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
                _execute(words)
            except OSError as error:
                os.write(report, str(error.errno or errno.ENOEXEC).encode())
            finally:
                os._exit(127)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.close(report)
        failure = os.read(result, 64)
        os.close(result)
        self._say(b"failed " + failure if failure else b"pid %d" % self._command)

    def _reap(self) -> bool:
        """Take leave of whatever ended; whether anything is left."""
        flags = os.WNOHANG | os.WUNTRACED | getattr(os, "WCONTINUED", 0)
        while True:
            try:
                process, status = os.waitpid(-1, flags)
            except ChildProcessError:
                return False
            if process == 0:
                return True
            if process != self._command:
                continue
            if os.WIFSTOPPED(status):
                # The terminal stopped the command, so the shell that waits for `tmr run` is told.
                if signal.Signals(os.WSTOPSIG(status)).name in _JOB_CONTROL:
                    self._signal_runner(signal.SIGSTOP)
            elif os.WIFCONTINUED(status):
                self._signal_runner(signal.SIGCONT)
            else:
                self._say(b"ended %d" % status)

    def _signal_runner(self, number: int) -> None:
        if os.getppid() == self._runner and not self._orphaned:
            tell((self._runner,), number)

    def _count_signals(self) -> None:
        try:
            numbers = os.read(self._woken, 4096)
        except BlockingIOError:
            return
        for number in numbers:
            self._heard[number] = self._heard.get(number, 0) + 1

    def _listened(self) -> bool:
        """Read what `tmr run` says; False once it is gone."""
        data = os.read(self._inlet, 65536)
        self._orphaned = not data
        self._unread += data
        self._spoke_s = self._looked_s
        while len(self._unread) >= ORDER.size:
            order, value = ORDER.unpack(self._exactly(ORDER.size))
            if order == b"u":
                self._until_s = value
            else:
                number = int(value)
                self._count_signals()  # One may have come since we were woken.
                self._say(b"heard %d %d" % (number, self._heard.get(number, 0)))
        return not self._orphaned

    def _judge(self, now_s: float) -> None:
        """End everything if nobody holds the seat for it any more."""
        silent = now_s - self._spoke_s > self._silent_s and now_s > self._until_s
        if self._ending is None and (self._orphaned or silent):
            if not self._orphaned:
                states = descendants(os.getpid()).values()
                if all(state in _STOPPED_OR_DEAD for state in states):
                    return
                self._say(b"silent")
            self._ending = Ending(os.getpid(), self._grace_s)
        if self._ending is not None:
            self._ending.step()

    def _say(self, line: bytes) -> None:
        with contextlib.suppress(OSError):
            os.write(self._outlet, line + b"\n")


def _execute(words: list[bytes]) -> None:
    """Become the command, as the C library's execvp does it: a script without `#!` is a shell's."""
    try:
        os.execvp(words[0], words)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
    import shutil

    os.execv(b"/bin/sh", [b"sh", shutil.which(words[0]) or words[0], *words[1:]])


def _heard(number: int, frame: object) -> None:
    """The wakeup descriptor has noted it."""


def _prctl(option: int, value: object) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    ends = [int(word) for word in sys.argv[1:3]]
    for end in ends:
        os.set_inheritable(end, False)
    _Guard(*ends).live()
