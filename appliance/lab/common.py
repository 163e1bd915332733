"""What both kinds of lab do alike: remember hosts, start and end their processes."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from appliance.lab import processes
from appliance.lab.hosts import HOSTS
from appliance.lab.platform import (
    STATE_FILE,
    HostState,
    Kind,
    LabRefused,
    LabState,
    ProcessSpec,
    RunningProcess,
    locked,
    read_state,
    write_state,
)


class RememberedLab:
    """A lab in a directory; subclasses know how a host is made, found and taken away."""

    kind: Kind

    def __init__(self, directory: Path, lab_id: str) -> None:
        self.directory = directory.absolute()
        self.lab_id = lab_id

    # ---- what a kind of lab does --------------------------------------------------------------

    def _prefix(self, host: str) -> list[str]:
        raise NotImplementedError

    def _pids(self, host: str, remembered: HostState | None) -> list[int]:
        """Every process of the host, whoever started it."""
        raise NotImplementedError

    def _check(self) -> None:
        """Refuse what must not even be tried, because taking it down would harm others."""
        raise NotImplementedError

    def _make(self, state: LabState) -> None:
        """Make what all hosts share."""
        raise NotImplementedError

    def _make_host(self, host: str, state: LabState) -> None:
        raise NotImplementedError

    def _unplug(self, host: str) -> None:
        """Take the host off the network before it is killed."""
        raise NotImplementedError

    def _remove_host(self, host: str) -> None:
        raise NotImplementedError

    def _remove(self, state: LabState | None) -> None:
        """Remove what is left of the lab, whatever that is."""
        raise NotImplementedError

    # ---- the lab's life -----------------------------------------------------------------------

    def state(self) -> LabState:
        """What is remembered. Raises LabRefused if no lab is up here."""
        state = read_state(self.directory)
        if state is None:
            raise LabRefused(f"No lab is up in {self.directory}: start one with `tmr lab up`.")
        return state

    def up(self, processes: Mapping[str, Sequence[ProcessSpec]]) -> None:
        """Make the lab and boot all hosts; what is half made is taken down again."""
        with locked(self.directory):
            if read_state(self.directory) is not None:
                raise LabRefused(
                    f"A lab is up in {self.directory} already: `tmr lab down` ends it."
                )
            self._check()
            hosts = {
                host.name: HostState(processes=list(processes.get(host.name, ()))) for host in HOSTS
            }
            state = LabState(kind=self.kind, lab_id=self.lab_id, hosts=hosts)
            try:
                write_state(self.directory, state)
                self._make(state)
                for host in HOSTS:
                    self._boot(host.name, state)
            except BaseException:
                self._down()
                raise

    def down(self) -> None:
        """End and remove everything; repeatable."""
        with locked(self.directory):
            self._down()

    def _down(self) -> None:
        try:
            state = read_state(self.directory)
        except LabRefused:
            # The file is damaged; the system itself still says what is there.
            state = None
        for host in HOSTS:
            remembered = None if state is None else state.hosts.get(host.name)
            processes.kill_all(lambda: self._pids(host.name, remembered))  # noqa: B023
        self._remove(state)
        (self.directory / STATE_FILE).unlink(missing_ok=True)

    # ---- hosts --------------------------------------------------------------------------------

    def define(self, host: str, processes: Sequence[ProcessSpec]) -> None:
        """Replace what the host runs from its next boot on."""
        with self._changing(host) as (_, entry):
            entry.processes = list(processes)

    def boot(self, host: str) -> None:
        """Power a host on. Refused if it is on."""
        with self._changing(host) as (state, entry):
            if entry.powered:
                raise LabRefused(
                    f"{host} is on already: to start it anew, first take its power away with"
                    f" `tmr lab power-cut {host}`."
                )
            self._boot(host, state)

    def _boot(self, host: str, state: LabState) -> None:
        entry = state.hosts[host]
        self._make_host(host, state)
        entry.powered, entry.cut, entry.frozen = True, False, False
        entry.started = []
        for spec in entry.processes:
            entry.started.append(processes.start_detached(spec, self._prefix(host)))
            write_state(self.directory, state)
        write_state(self.directory, state)

    def start(self, host: str, name: str) -> None:
        """Start one process of a running host unless it is alive."""
        with self._changing(host) as (_, entry):
            spec = next((spec for spec in entry.processes if spec.name == name), None)
            if spec is None:
                raise LabRefused(f"{host} has no process {name}.")
            if not entry.powered:
                raise LabRefused(f"{host} is off: boot it first.")
            if any(one.name == name and processes.is_alive(one) for one in entry.started):
                return
            entry.started = [one for one in entry.started if one.name != name]
            entry.started.append(processes.start_detached(spec, self._prefix(host)))

    def stop(self, host: str, name: str, *, kill: bool = False) -> None:
        """End one process of a host, in good order or by SIGKILL."""
        with self._changing(host) as (_, entry):
            for one in entry.started:
                if one.name == name:
                    processes.end(one, signal.SIGKILL if kill else signal.SIGTERM)

    def power_cut(self, host: str) -> float:
        """Cut the power. Gives time.monotonic() just before the link went down."""
        with self._changing(host) as (_, entry):
            if not entry.powered:
                raise LabRefused(f"{host} is off already.")
            began = processes.now_s()
            self._unplug(host)
            processes.kill_all(lambda: self._pids(host, entry))
            self._remove_host(host)
            entry.powered, entry.cut, entry.frozen = False, False, False
            entry.started = []
            return began

    def freeze(self, host: str) -> None:
        """SIGSTOP to every process of the host."""
        with self._running(host) as entry:
            processes.stop_all(lambda: self._pids(host, entry))
            entry.frozen = True

    def thaw(self, host: str) -> None:
        """SIGCONT to every process of the host; harmless if it was not frozen."""
        with self._running(host) as entry:
            processes.signal_all(self._pids(host, entry), signal.SIGCONT)
            entry.frozen = False

    def command(self, host: str, argv: Sequence[str]) -> list[str]:
        """The command line that runs `argv` in that host's network."""
        self._entry(self.state(), host)
        return [*self._prefix(host), *argv]

    def processes(self, host: str) -> list[RunningProcess]:
        """The host's processes as started, with whether each lives."""
        return [
            RunningProcess(name=one.name, pid=one.pid, alive=processes.is_alive(one))
            for one in self._entry(self.state(), host).started
        ]

    # ---- helpers ------------------------------------------------------------------------------

    @contextmanager
    def _changing(self, host: str) -> Iterator[tuple[LabState, HostState]]:
        """One host's entry under the lab's lock; written back unless an exception passes."""
        with locked(self.directory):
            state = self.state()
            yield state, self._entry(state, host)
            write_state(self.directory, state)

    @contextmanager
    def _running(self, host: str) -> Iterator[HostState]:
        with self._changing(host) as (_, entry):
            if not entry.powered:
                raise LabRefused(f"{host} is off: boot it first.")
            yield entry

    def _entry(self, state: LabState, host: str) -> HostState:
        if host not in state.hosts:
            names = ", ".join(state.hosts)
            raise LabRefused(f"There is no host {host!r} in the lab: choose one of {names}.")
        return state.hosts[host]
