"""keepalived alone, with a server that only says its host's name: what VRRP by itself would give.

    python -m appliance.lab.bench.bare HOST SETTINGS      one such host; the settings as JSON

The other half of this module cuts the power of the host that holds the address, again and again,
and measures from the cut until the other one says its name to a prober in the clients' network.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from appliance.adapters.vrrp import keepalived
from appliance.adapters.vrrp.keepalived import VrrpSettings
from appliance.lab.build import LAB_ADVERT_INT_S, PRIORITIES, VRID
from appliance.lab.hosts import CLIENT_API_PORT, TMRS, twin_of
from appliance.lab.inside import Inside
from appliance.lab.namespaces import LabNetwork
from appliance.lab.platform import ProcessSpec
from appliance.lab.story.stage import StoryFailed

LAB_ID = "tmrbare"
ASK_EVERY_S = 0.003
ANSWER_S = 1.0
WAIT_S = 20.0
POLL_S = 0.005
NAME_BYTES_MAX = 16
# VRRP's own time to settle after a host returned, in advert intervals.
SETTLE_ADVERTS = 6


def serve(name: str, settings: VrrpSettings) -> None:
    """Run keepalived and say `name` to whoever connects, until killed."""
    paths = keepalived.install_configuration(settings)
    keepalived.write_verdict(paths.verdict, True)
    program = keepalived.find_keepalived()
    assert program is not None  # or the configuration could not have been tried
    for left in (paths.fifo, paths.parent_pid, paths.vrrp_pid):
        left.unlink(missing_ok=True)
    argv = [program, "--dont-fork", "--vrrp", "--log-console", "--no-syslog"]
    argv += [f"--use-file={paths.configuration}", f"--pid={paths.parent_pid}"]
    with subprocess.Popen([*argv, f"--vrrp_pid={paths.vrrp_pid}"], stdin=subprocess.DEVNULL):
        asyncio.run(_say(name))


async def _say(name: str) -> None:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(name.encode())
        writer.close()

    server = await asyncio.start_server(say, "0.0.0.0", CLIENT_API_PORT)
    await server.serve_forever()


class _Prober:
    """Connects every few milliseconds and keeps who answered last, and when first."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._asking: set[asyncio.Task[None]] = set()
        self.last = ""
        self.first_at_s: dict[str, float] = {}

    async def run(self) -> None:
        """Ask for ever; what is unanswered is bounded by `ANSWER_S / ASK_EVERY_S`."""
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            task = loop.create_task(self._ask())
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
            due_s = max(due_s + ASK_EVERY_S, loop.time())
            await asyncio.sleep(due_s - loop.time())

    async def _ask(self) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(ANSWER_S):
                reader, writer = await asyncio.open_connection(self._address, CLIENT_API_PORT)
                try:
                    name = (await reader.read(NAME_BYTES_MAX)).decode()
                finally:
                    writer.close()
            if name:
                self.last = name
                self.first_at_s.setdefault(name, time.monotonic())


def measure(directory: Path, cuts: int, told: Callable[[float], None]) -> list[float]:
    """Seconds from each power cut to the other host's first answer. Raises StoryFailed."""
    lab = LabNetwork(directory, LAB_ID)
    times_s = []
    try:
        lab.up({host.name: [_process(lab, host.name)] for host in TMRS})
        address = lab.virtual_address().partition("/")[0]
        with Inside("prober", lab.namespace("clients")) as inside:
            prober = _Prober(address)
            inside.start(prober.run())
            _wait("an answer", lambda: prober.last)
            for _ in range(cuts):
                active = prober.last
                twin = twin_of(active).name
                prober.first_at_s.clear()
                cut_at_s = lab.power_cut(active)
                _wait(f"{twin} to answer", partial(prober.first_at_s.get, twin))
                times_s.append(prober.first_at_s[twin] - cut_at_s)
                told(times_s[-1])
                _return(lab, active)
    finally:
        lab.down()
        shutil.rmtree(directory, ignore_errors=True)
    return times_s


def _return(lab: LabNetwork, host: str) -> None:
    """Power the host on, and wait until its keepalived listens."""
    pid = keepalived.Paths.under(_runtime(lab, host)).vrrp_pid
    pid.unlink(missing_ok=True)
    lab.boot(host)
    _wait(f"keepalived on {host}", pid.exists)
    time.sleep(SETTLE_ADVERTS * LAB_ADVERT_INT_S)


def _wait(what: str, look: Callable[[], object]) -> None:
    until_s = time.monotonic() + WAIT_S
    while not look():
        if time.monotonic() > until_s:
            raise StoryFailed(f"waited {WAIT_S:g} s for {what}, in vain")
        time.sleep(POLL_S)


def _runtime(lab: LabNetwork, host: str) -> Path:
    return lab.directory / host


def _process(lab: LabNetwork, host: str) -> ProcessSpec:
    settings = VrrpSettings(
        interface="eth0",
        address=lab.virtual_address(),
        vrid=VRID,
        priority=PRIORITIES[host],
        runtime_dir=str(_runtime(lab, host)),
        advert_int_s=LAB_ADVERT_INT_S,
    )
    argv = (sys.executable, "-m", "appliance.lab.bench.bare", host)
    return ProcessSpec(
        name="bare",
        argv=(*argv, msgspec.json.encode(settings).decode()),
        log=str(lab.directory / f"{host}.log"),
    )


if __name__ == "__main__":
    serve(sys.argv[1], msgspec.json.decode(sys.argv[2], type=VrrpSettings))
