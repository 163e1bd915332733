"""Starts the lab's processes so that they outlive the command, and ends them surely.

What can go wrong here: a process id is reused (so each is remembered with its start time), a
process forks while it is being killed (so killing repeats until nothing is left), and one that is
killed alone gives its children a moment to act (so all are stopped before any is killed).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from appliance.lab.platform import LabRefused, ProcessSpec, Started

END_DEADLINE_S = 15.0
SPAWN_DEADLINE_S = 20.0
POLL_S = 0.005
ZOMBIE_STATES = ("Z", "X")

# The shell leaves at once, so the process becomes a child of init and is reaped by it.
_DETACH = 'log=$1; shift; setsid "$@" </dev/null >>"$log" 2>&1 & echo $!'

_children: list[subprocess.Popen[bytes]] = []


def start_detached(spec: ProcessSpec, prefix: Sequence[str] = ()) -> Started:
    """Start `prefix` + argv in a session of its own. Raises LabRefused if that is impossible."""
    argv = [*prefix, *spec.argv]
    # What a lab asks is in the lab, whatever proxy this machine uses.
    env = {**os.environ, "no_proxy": "*", **spec.env}
    log = Path(spec.log)
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        if shutil.which("setsid"):
            result = subprocess.run(
                ["/bin/sh", "-c", _DETACH, "sh", str(log), *argv],
                stdout=subprocess.PIPE,
                stdin=subprocess.DEVNULL,
                env=env,
                check=True,
                timeout=SPAWN_DEADLINE_S,
            )
            pid = int(result.stdout)
            _wait_until_it_leads(pid)
        else:
            with log.open("ab") as output:
                child = subprocess.Popen(
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=env,
                    start_new_session=True,
                )
            _children.append(child)
            pid = child.pid
    except (OSError, subprocess.SubprocessError) as error:
        raise LabRefused(f"Cannot start {spec.name}: {error}.") from error
    return Started(name=spec.name, pid=pid, started_at=start_time(pid))


def _wait_until_it_leads(pid: int) -> None:
    """Until the process leads a session of its own, or is gone: the shell does not wait for that,
    and whoever asks for the session's processes before would find none."""
    deadline = time.monotonic() + SPAWN_DEADLINE_S
    while (fields := _stat_fields(pid)) is not None and int(fields[3]) != pid:
        if time.monotonic() > deadline:
            return
        time.sleep(POLL_S)


def start_time(pid: int) -> str:
    """When the process started, in the kernel's words; empty where there is no /proc, or it died.

    The 22nd field of /proc/PID/stat (proc(5)); exec does not change it.
    """
    fields = _stat_fields(pid)
    return fields[19] if fields is not None else ""


def is_alive(process: Started) -> bool:
    """Whether this very process still runs. One that has ended but is not reaped does not."""
    for child in _children:
        if child.pid == process.pid:
            child.poll()
    if Path("/proc/self/stat").exists():
        fields = _stat_fields(process.pid)
        return (
            fields is not None
            and fields[0] not in ZOMBIE_STATES
            and process.started_at in ("", fields[19])
        )
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def pids_in_namespace(path: Path) -> list[int]:
    """All processes whose network namespace is the one at `path`, this process excepted."""
    try:
        wanted = path.stat()
    except OSError:
        return []
    found = []
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        # A process that has just ended, or is a zombie, has no namespaces.
        with contextlib.suppress(OSError):
            its = os.stat(f"/proc/{entry.name}/ns/net")
            if (its.st_dev, its.st_ino) == (wanted.st_dev, wanted.st_ino):
                found.append(int(entry.name))
    return found


def pids_in_groups(groups: Iterable[Started]) -> list[int]:
    """All living processes of the sessions that these processes lead (Linux), or just these."""
    if not Path("/proc/self/stat").exists():
        return [process.pid for process in groups if is_alive(process)]
    # A leader's id that somebody else has by now names a session that is none of ours.
    leaders = {process.pid for process in groups if start_time(process.pid) in _times(process)}
    found = []
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        fields = _stat_fields(int(entry.name))
        # Field 6 of stat is the session: what the leader started belongs to it, unless it left.
        if fields is not None and fields[0] not in ZOMBIE_STATES and int(fields[3]) in leaders:
            found.append(int(entry.name))
    return found


def _times(process: Started) -> tuple[str, str]:
    return ("", process.started_at)


def signal_all(pids: Iterable[int], number: int) -> None:
    """Send one signal to each; those that have ended do not matter."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def kill_all(find: Callable[[], list[int]]) -> None:
    """SIGKILL to everything that `find` gives, until it gives nothing. Raises LabRefused.

    All are stopped first: else a dying parent's children would still say goodbye to the network.
    """
    deadline = time.monotonic() + END_DEADLINE_S
    stop_all(find)
    while pids := find():
        signal_all(pids, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise LabRefused(f"The processes {pids} do not end, even by SIGKILL.")
        time.sleep(POLL_S)


def stop_all(find: Callable[[], list[int]]) -> None:
    """SIGSTOP to everything that `find` gives, until it gives nobody new: some may be forking."""
    stopped: set[int] = set()
    while fresh := set(find()) - stopped:
        signal_all(fresh, signal.SIGSTOP)
        stopped |= fresh


def now_s() -> float:
    """time.monotonic(), which one machine's processes share."""
    return time.monotonic()


def end(process: Started, number: int) -> None:
    """Signal one process (to its group, if it kills) and wait for its end. Raises LabRefused."""
    deadline = time.monotonic() + END_DEADLINE_S
    if not is_alive(process):
        return
    if number == signal.SIGKILL:
        kill_all(lambda: pids_in_groups([process]))
    else:
        signal_all([process.pid], number)
    while is_alive(process):
        if time.monotonic() > deadline:
            raise LabRefused(f"{process.name} (process {process.pid}) does not end.")
        time.sleep(POLL_S)


def _stat_fields(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the third (state) on, or None if there is no process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    # The second field, the name in parentheses, may itself contain blanks and parentheses.
    return text.rpartition(")")[2].split()
