"""`tmr run` as a real process: what it starts is ended as a whole, or holds the seat; and the
command finds everything as `tmr run` found it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.cli import _family, _guard
from appliance.cli._family import Family
from tests.unit.client.fake import HOST, WAIT_S, Certificates, FakeServer, problem
from tests.unit.client.test_sync import ServerThread

# A launcher as many programs have one: it starts the real one, here in a session of its own and
# after a second fork, and ends. Each worker notes its process id.
LAUNCHER = """
import os, sys, time
def worker(name):
    note = os.path.join(sys.argv[1], name)
    with open(note + ".new", "w") as file:
        file.write(str(os.getpid()))
    os.rename(note + ".new", note)
    while True:
        time.sleep(0.05)
if os.fork() == 0:
    worker("plain")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        worker("daemon")
    os._exit(0)
while not all(os.path.exists(os.path.join(sys.argv[1], n)) for n in ("plain", "daemon")):
    time.sleep(0.01)
if "stay" in sys.argv:
    worker("launcher")
sys.exit(5)
"""
# What a program gets from whoever starts it.
SURROUNDINGS = """
import json, os, signal, sys
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
umask = os.umask(0)
print(json.dumps([status[n].strip() for n in ("SigBlk", "SigIgn")]
    + [umask, os.getcwd(), os.read(int(sys.argv[1]), 9).decode(), sys.stdin.read()]))
"""
BARE = ["env", "--", "sh", "-c", 'exec 2>/dev/null; grep -E "Sig(Blk|Ign)" /proc/self/status']


class Running:
    """`tmr run` with a launcher, a fake server, and the workers that the launcher started."""

    def __init__(self, server: FakeServer, directory: Path) -> None:
        self.server = server
        self.notes = directory / "notes"
        self.notes.mkdir()
        self.profile = profile_of(server, directory)
        self.err = directory / "err"

    def said(self, text: str) -> bool:
        """Whether `tmr run` has said so."""
        return text in self.err.read_text()

    def start(self, *options: str, words: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        launcher = [sys.executable, "-c", LAUNCHER, str(self.notes), *words]
        with self.err.open("w") as err:
            process = tmr_run(self.profile, *options, "--", *launcher, stderr=err)
        wait(lambda: {"plain", "daemon"} <= set(os.listdir(self.notes)))
        return process

    def workers(self) -> list[int]:
        """Those that are alive."""
        found = [int((self.notes / name).read_text()) for name in os.listdir(self.notes)]
        return [process for process in found if alive(process)]


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def wait(condition: Callable[[], object]) -> None:
    give_up_at = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < give_up_at, "the condition did not come true"
        time.sleep(0.01)


def profile_of(server: FakeServer, directory: Path) -> Path:
    certificates = server.certificates
    root = x509.load_der_x509_certificate(server.plant.root).public_bytes(Encoding.PEM)
    (directory / "root.pem").write_bytes(root)
    profile = directory / "client.toml"
    profile.write_text(
        f'addresses = ["{HOST}:{server.port}"]\nca = "{certificates.ca}"\n'
        f'certificate = "{certificates.client}"\nkey = "{certificates.client_key}"\n'
        'licence_root = "root.pem"\n'
    )
    return profile


def command_of(profile: Path, *arguments: str) -> list[str]:
    verb = [sys.executable, "-m", "appliance.cli.main", "run", "--profile", str(profile)]
    return [*verb, "--product", "100001:10", *arguments]


def tmr_run(profile: Path, *arguments: str, **fields) -> subprocess.Popen[str]:
    return subprocess.Popen(command_of(profile, *arguments), text=True, **fields)


@pytest.fixture
def running(certificates: Certificates, tmp_path: Path) -> Iterator[Running]:
    with ServerThread(certificates) as server:
        found = Running(server, tmp_path)
        try:
            yield found
        finally:
            for process in found.workers():
                os.kill(process, signal.SIGKILL)


def test_the_seat_is_held_until_the_last_of_the_family_is_gone(running: Running) -> None:
    process = running.start()
    wait(lambda: running.said("has ended, and 2 of the processes that it started still run"))
    assert running.server.paths("DELETE") == []
    for worker in running.workers():
        os.kill(worker, signal.SIGKILL)
    assert process.wait(WAIT_S) == 5, "the exit code is the command's, not that of what it left"
    assert len(running.server.paths("DELETE")) == 1


def test_what_is_left_over_is_stopped_if_wanted(running: Running) -> None:
    process = running.start("--leftover", "stop")
    assert (process.wait(WAIT_S), running.workers()) == (5, [])


@pytest.mark.parametrize("words", [(), ("stay",)])
def test_sigterm_reaches_all_of_them(running: Running, words: tuple[str, ...]) -> None:
    process = running.start(words=words)
    if words:
        wait(lambda: len(running.workers()) == 3)
    else:
        wait(lambda: running.said("still run"))
    process.send_signal(signal.SIGTERM)
    assert process.wait(WAIT_S) == (128 + signal.SIGTERM if words else 5)
    assert running.workers() == []
    assert len(running.server.paths("DELETE")) == 1


def test_a_lost_seat_stops_all_of_them(running: Running) -> None:
    running.server.lease_ttl_s = 1
    process = running.start("--on-loss", "stop", words=("stay",))
    running.server.script = lambda _: problem("lease-ended", 410, detail="it lapsed")
    assert process.wait(WAIT_S) == 128 + signal.SIGTERM
    assert running.workers() == []
    assert running.said("stopping the command")


def test_nothing_outlives_a_killed_tmr_run(running: Running) -> None:
    process = running.start(words=("stay",))
    assert len(running.workers()) >= 2
    process.kill()
    process.wait(WAIT_S)
    wait(lambda: running.workers() == [])


def test_a_killed_guard_ends_the_command_too(running: Running) -> None:
    process = running.start(words=("stay",))
    (guard,) = [
        child
        for child, state in _guard.descendants(process.pid).items()
        if "_guard.py" in Path(f"/proc/{child}/cmdline").read_text()
    ]
    os.kill(guard, signal.SIGKILL)
    assert process.wait(WAIT_S) == 125
    assert running.workers() == []
    assert running.said("the guard of the command was ended from outside")


# --- what the command gets ---


@pytest.fixture
def served(certificates: Certificates, tmp_path: Path) -> Iterator[Path]:
    """A profile of a server that grants."""
    with ServerThread(certificates) as server:
        yield profile_of(server, tmp_path)


@pytest.mark.parametrize("trap", ["", "INT", "PIPE HUP", "USR1 TERM QUIT"])
def test_ignored_and_blocked_signals_reach_the_command(served: Path, trap: str) -> None:
    ignoring = f'trap "" {trap}; ' if trap else ""

    def seen(command: list[str]) -> str:
        done = subprocess.run(
            ["bash", "-c", f'{ignoring}"$@"; exit $?', "bash", *command],
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    direct = seen(BARE)
    assert "SigIgn" in direct
    assert seen(command_of(served, "--", *BARE)) == direct


def test_files_directory_umask_and_input_reach_the_command(served: Path, tmp_path: Path) -> None:
    program = [sys.executable, "-c", SURROUNDINGS]
    blocked = {signal.SIGUSR2, signal.SIGALRM}

    def seen(command: list[str]) -> list[Any]:
        ours, theirs = os.pipe()
        try:
            os.write(theirs, b"given")
            done = subprocess.run(
                [*command, str(ours)],
                check=True,
                stdout=subprocess.PIPE,
                text=True,
                input="standard input",
                pass_fds=(ours,),
                cwd=tmp_path,
                umask=0o27,
                preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, blocked),
            )
        finally:
            os.close(ours)
            os.close(theirs)
        facts: list[Any] = json.loads(done.stdout)
        return facts

    direct = seen(program)
    assert direct[2:] == [0o27, str(tmp_path), "given", "standard input"]
    assert int(direct[0], 16) == 1 << signal.SIGUSR2 - 1 | 1 << signal.SIGALRM - 1
    assert seen(command_of(served, "--", *program)) == direct


def test_a_script_without_its_first_line_is_a_shells(served: Path, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("exit 9\n")
    script.chmod(0o755)
    assert tmr_run(served, "--", str(script)).wait(WAIT_S) == 9


def test_a_name_in_latin_1_and_a_full_stderr_cost_no_seat(served: Path, tmp_path: Path) -> None:
    program = os.path.join(os.fsencode(tmp_path), b"pr\xe9sse")
    os.symlink(b"/bin/echo", program)
    with open("/dev/full", "w") as full:
        process = tmr_run(
            served,
            *("--", os.fsdecode(program), "it ran"),
            stdout=subprocess.PIPE,
            stderr=full,
            env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        )
        assert process.communicate(timeout=WAIT_S)[0] == "it ran\n"
    assert process.returncode == 0


# A job of a shell with job control, in a terminal: started in the foreground, stopped, continued.
SHELL = """
import os, signal, sys
def to_front(group):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    os.tcsetpgrp(0, group)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTTOU})
job = os.fork()
if job == 0:
    os.setpgid(0, 0)
    to_front(os.getpid())
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    _, status = os.waitpid(job, os.WUNTRACED)
    to_front(os.getpgrp())
    if not os.WIFSTOPPED(status):
        print("job ended", os.waitstatus_to_exitcode(status), flush=True)
        break
    print("job stopped", flush=True)
    to_front(job)
    os.killpg(job, signal.SIGCONT)
"""
# Counts what it is sent; ends with that count.
COUNTS = """
import signal, sys, time
count = [0, 0]
def interrupted(*_):
    count[0] += 1
    print("interrupted", *count, flush=True)
def continued(*_):
    count[1] += 1
    print("continued", flush=True)
signal.signal(signal.SIGINT, interrupted)
signal.signal(signal.SIGCONT, continued)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(40 + count[0]))
print("ready", flush=True)
while True:
    time.sleep(0.02)
"""


class Terminal:
    """A terminal in which a shell runs `tmr run`."""

    def __init__(self, command: list[str]) -> None:
        self.shell, self.master = pty.fork()
        if self.shell == 0:
            os.execv(sys.executable, [sys.executable, "-c", SHELL, *command])
        self._unread = ""

    def until(self, text: str) -> str:
        """Read until this is seen; gives what came before."""
        while text not in self._unread:
            there, _, _ = select.select([self.master], [], [], WAIT_S)
            assert there, f"waited for {text!r}, and saw {self._unread!r}"
            self._unread += os.read(self.master, 4096).decode()
        before, _, self._unread = self._unread.partition(text)
        return before

    def keys(self, keys: bytes) -> None:
        os.write(self.master, keys)


def test_ctrl_c_and_ctrl_z_in_a_terminal(served: Path) -> None:
    terminal = Terminal(command_of(served, "--", sys.executable, "-c", COUNTS))
    try:
        terminal.until("ready")
        terminal.keys(b"\x03")
        terminal.until("interrupted 1")
        terminal.keys(b"\x1a")
        terminal.until("job stopped")
        terminal.until("continued")
        (wrapper,) = [
            process
            for process in _guard.descendants(terminal.shell)
            if b"appliance.cli.main" in Path(f"/proc/{process}/cmdline").read_bytes()
        ]
        os.kill(wrapper, signal.SIGINT)  # to `tmr run` alone, not by the terminal
        terminal.until("interrupted 2")
        os.kill(wrapper, signal.SIGTERM)
        terminal.until("job ended ")
        assert terminal.until("\r\n") == "42", "each signal came once"
    finally:
        os.close(terminal.master)
        with contextlib.suppress(ProcessLookupError):
            os.kill(terminal.shell, signal.SIGKILL)
        os.waitpid(terminal.shell, 0)


# --- the guard's judgement, without waiting for it ---


class _Judged:
    """A guard whose clock, orders and family a test plays."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **states: str) -> None:
        self.lines: list[bytes] = []
        self.guard = _guard._Guard(0, 1)
        self.guard._silent_s, self.guard._grace_s = _family.SILENT_S, 10.0
        self.guard._spoke_s, self.guard._until_s = 100.0, 130.0
        monkeypatch.setattr(self.guard, "_say", self.lines.append)
        below = {number: state for number, state in enumerate(states.values(), 1)}
        monkeypatch.setattr(_guard, "descendants", lambda _: below)
        self.told: list[int] = []
        monkeypatch.setattr(_guard, "tell", lambda _, number: self.told.append(number))


def test_the_guard_waits_for_the_leases_end_before_it_acts_on_silence(monkeypatch) -> None:
    judged = _Judged(monkeypatch, worker="S")
    judged.guard._judge(114.0)
    judged.guard._judge(129.0)
    assert (judged.lines, judged.told) == ([], [])
    judged.guard._judge(131.0)
    assert judged.lines == [b"silent"]
    assert signal.SIGTERM in judged.told


def test_the_guard_bears_a_short_silence_after_the_leases_end(monkeypatch) -> None:
    judged = _Judged(monkeypatch, worker="S")
    judged.guard._spoke_s = 128.0
    judged.guard._judge(131.0)
    assert judged.told == []


def test_the_guard_lets_a_stopped_family_be(monkeypatch) -> None:
    judged = _Judged(monkeypatch, worker="T", other="t")
    judged.guard._judge(1000.0)
    assert (judged.lines, judged.told) == ([], [])
    busy = _Judged(monkeypatch, worker="T", other="R")
    busy.guard._judge(1000.0)
    assert busy.lines == [b"silent"]


def test_the_guard_of_a_stopped_tmr_run_ends_the_command(monkeypatch) -> None:
    """In place of a `tmr run` that SIGSTOP holds: one that does not come to speak."""
    monkeypatch.setattr(_family, "SILENT_S", 0.1)

    async def main() -> None:
        async with asyncio.timeout(WAIT_S):
            program = "import time\nwhile True: time.sleep(0.01)"
            family = await Family.start([sys.executable, "-c", program], os.environ, 10.0)
            assert await family.ended() == -signal.SIGTERM
            await family.gone()
            assert family.silent
            family.close()

    asyncio.run(main())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows who adopts orphans")
def test_orphans_are_adopted_only_while_the_command_runs() -> None:
    """Whoever runs a command from inside a program has the program's other orphans as before."""

    async def main() -> None:
        async with asyncio.timeout(WAIT_S):
            family = await Family.start(
                [sys.executable, "-c", "import time; time.sleep(60)"], os.environ, 10.0
            )
            assert _guard.is_subreaper()
            await family.end(0.0)
            await family.gone()
            family.close()

    assert not _guard.is_subreaper()
    asyncio.run(main())
    assert not _guard.is_subreaper()
