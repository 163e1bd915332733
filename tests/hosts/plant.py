"""The five hosts as a test sees them: playbooks to run, a vendor, clients, a look from outside."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from appliance.adapters.pki.authority import IdentityFiles, client_context
from appliance.client import Client, ClientError
from appliance.client.profile import load_profile
from appliance.client.tools import tool_trust

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / "tests" / "hosts" / "lab"
BIN = Path(sys.executable).parent
HOSTS = {"up1": 11, "up2": 12, "up3": 13, "tmr1": 21, "tmr2": 22}
TIME_SERVERS = {"ts1": 31}
UPSTREAMS, TMR_HOSTS = ("up1", "up2", "up3"), ("tmr1", "tmr2")
CONTROLLER_BIN = "/opt/controller/bin"  # of the controller's own Debian, if there is one
VIRTUAL_IP = "10.77.0.100"
OUTSIDER = "10.77.0.200"
CONTROLLER = "10.77.0.250"
ORDER = ("--order", "the plant's")
FIRM, PRODUCT, SEATS, UNITS = 100001, 1, 3, 1000
PLAYBOOK_DEADLINE_S = 900
WAIT_S = 60


def address(host: str) -> str:
    """A host's own address."""
    return f"10.77.0.{(HOSTS | TIME_SERVERS)[host]}"


def in_lab() -> bool:
    """Whether this process is the controller of a running lab."""
    return "TMR_HOSTS_KEY" in os.environ


class Played(NamedTuple):
    """What a playbook did: exit code, all that it said, seconds, and the tasks that changed."""

    code: int
    said: str
    seconds: float
    changed: list[tuple[str, str]]

    @property
    def changes(self) -> int:
        """The sum of `changed=` over all hosts, as Ansible counts it."""
        return sum(map(int, re.findall(r" changed=(\d+) ", self.said)))


class Plant:
    """One directory with a deployment's authority, its vendor and its clients."""

    def __init__(self, directory: Path, patience_s: float = WAIT_S) -> None:
        self.directory = directory
        self.tree = ROOT  # whose playbooks and roles are played
        self.patience_s = patience_s
        self.pki = directory / "pki"
        self.central = directory / "central"
        self.time_servers = directory / "timeservers"
        self.wheelhouses = directory / "wheelhouses"

    # --- what Ansible does ---

    def play(self, playbook: str, *words: str, **variables: object) -> Played:
        """Run a playbook over SSH, as the user who deploys."""
        known = f"-o UserKnownHostsFile={os.environ['TMR_HOSTS_KNOWN']}"
        environment = os.environ | {
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "ANSIBLE_CONFIG": str(self.tree / "ansible.cfg"),
            "ANSIBLE_REMOTE_USER": "deploy",
            "ANSIBLE_PRIVATE_KEY_FILE": os.environ["TMR_HOSTS_KEY"],
            "ANSIBLE_SSH_COMMON_ARGS": f"{known} -o GlobalKnownHostsFile=/dev/null",
            # A short path: that of a Unix socket has a limit.
            "ANSIBLE_SSH_CONTROL_PATH_DIR": f"{os.environ['TMR_HOSTS_RUN']}/cp",
            "ANSIBLE_NOCOLOR": "1",
        }
        values = {
            "tmr_interface": "eth0",
            "time_manage": False,  # A container's clock is this machine's.
            "pki_directory": str(self.pki),
            "central_directory": str(self.central),
            "timeserver_directory": str(self.time_servers),
            "tmr_licence_root": str(self.central / "root" / "root.cert.der"),
            "tmr_wheelhouses": str(self.wheelhouses),
        }
        program = [str(BIN / "ansible-playbook")]
        if "TMR_HOSTS_CONTROLLER" in os.environ:  # A Debian of its own, with its own Ansible.
            words_before = ["chroot", os.environ["TMR_HOSTS_CONTROLLER"]]
            program = [
                *words_before,
                "env",
                f"--chdir={self.tree}",
                f"{CONTROLLER_BIN}/ansible-playbook",
            ]
            environment["PATH"] = f"{CONTROLLER_BIN}:/usr/sbin:/usr/bin"
        started_s = time.monotonic()
        done = subprocess.run(
            [
                *program,
                str(self.tree / "playbooks" / playbook),
                "--extra-vars",
                json.dumps(values | variables),
                *words,
            ],
            cwd=self.tree,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=PLAYBOOK_DEADLINE_S,
        )
        seconds = time.monotonic() - started_s
        return Played(done.returncode, done.stdout, seconds, changed_tasks(done.stdout))

    def prepare(self) -> str:
        """Build the wheelhouse of this tree; gives the release's name."""
        self.wheelhouses.mkdir()
        # There is no way to the world from here: the wheels were fetched by `make wheelhouse`.
        for wheels in (ROOT / "build" / "wheelhouse").glob("wheels-*"):
            (self.wheelhouses / wheels.name).symlink_to(wheels)
        return self.build_wheelhouse(ROOT)

    def build_wheelhouse(self, tree: Path) -> str:
        """Build the wheelhouse of a tree; gives the release's name, which is the newest then."""
        done = subprocess.run(
            [str(tree / "scripts" / "wheelhouse"), str(self.wheelhouses)],
            env=os.environ | {"WHEELHOUSE_PYTHON": sys.executable},
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout
        return (self.wheelhouses / "newest").read_text().strip()

    # --- what people do ---

    def tmr(self, *words: str) -> Any:
        """Run the tool here and give its JSON document; a failure fails the test with its words."""
        done = subprocess.run(
            [str(BIN / "tmr"), *words, "--json"],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
            timeout=self.patience_s,
        )
        assert done.returncode == 0, f"tmr {' '.join(words)}: {done.stderr}"
        return json.loads(done.stdout)

    def container(self, host: str, *words: str) -> Any:
        """A verb of `tmr container`, at that upstream, by the operator who deployed it."""
        person = self.pki / "people" / "deploy"
        return self.tmr(
            *("container", words[0], "--admin", f"https://{address(host)}:7102"),
            *("--cert", str(person / "cert.pem"), "--key", str(person / "key.pem")),
            *("--ca", str(self.pki / "ca.pem"), *words[1:]),
        )

    def issue_licence(self) -> None:
        """The vendor issues one licence to the three containers, and each host imports its part."""
        files = self.requests()
        central = ("central", "--dir", str(self.central))
        firm, out = ("--firm", str(FIRM)), self.directory / "updates"
        options = ("--quantity", str(SEATS), "--units", str(UNITS))
        self.tmr(*central, "product", "add", *firm, "--code", str(PRODUCT), *options)
        product = ("--product", str(PRODUCT), *ORDER, "--out", str(out))
        self.tmr(*central, "issue", *firm, *product, *map(str, files))
        self.import_updates(out)

    def change_licence(self, host: str, seats: int) -> None:
        """The vendor issues one container the licence with another number of seats."""
        serial = self.container(host, "show")["serial"]
        out = self.directory / f"changed-to-{seats}"
        words = ("--firm", str(FIRM), "--tmr-id", "1", "--serial", serial, "--quantity", str(seats))
        central = ("central", "--dir", str(self.central))
        done = self.tmr(*central, "change", *words, "--out", str(out))
        for update in done["updates"]:
            self.container(host, "import", update["file"])

    def constituents(self) -> list[str]:
        """How each container's part of the one licence is."""
        profile = self.pki / "people" / "deploy" / "profile.toml"
        found = self.tmr("licences", "--profile", str(profile))["licences"]
        return [part["state"] for licence in found for part in licence["constituents"]]

    def reissue_licence(self, lost: dict[str, Any], ledger_id: str) -> None:
        """The vendor blocks the lost containers, and issues what they held to those there are now.

        `lost` is what `tmr backup --check` says.
        """
        central = ("central", "--dir", str(self.central))
        for serial in lost["containers"]:
            self.tmr(*central, "register", serial)
            self.tmr(*central, "block", serial, "--reason", "the site burnt down")
        group = ("--group", lost["cmact_id"], "--ledger", ledger_id)
        out = self.directory / "reissued"
        words = ("reissue", "--firm", str(FIRM), *group, *ORDER, "--out", str(out))
        self.tmr(*central, *words, *map(str, self.requests()))
        self.import_updates(out)

    def requests(self) -> list[Path]:
        """What each container asks the vendor with."""
        files = []
        for host in UPSTREAMS:
            files.append(self.directory / f"{host}.tmr-request")
            words = ("--firm", str(FIRM), *ORDER, "--out", str(files[-1]))
            self.container(host, "request", *words)
        return files

    def import_updates(self, out: Path) -> None:
        """Each host imports its part of what the vendor issued."""
        for host in UPSTREAMS:
            serial = self.container(host, "show")["serial"]
            for update in sorted(out.glob(f"{serial}.*")):
                self.container(host, "import", str(update))

    def client(self, name: str) -> Client:
        """A new client who knows the virtual IP, and nothing else."""
        home = self.directory / "clients" / name
        if not home.exists():
            self.tmr("pki", "--dir", str(self.pki), "client", name, "--out", str(home))
            root = self.central / "root" / "root.cert.der"
            (home / "profile.toml").write_text(
                'addresses = ["10.77.0.100:7200"]\nca = "ca.pem"\ncertificate = "cert.pem"\n'
                f'key = "key.pem"\nlicence_root = "{root}"\n'
            )
        profile = load_profile(home / "profile.toml")
        return profile.client(tool_trust(profile))

    def tell(self, name: str) -> None:
        """Give a client what is trusted now."""
        home = self.directory / "clients" / name
        (home / "ca.pem").write_bytes((self.pki / "ca.pem").read_bytes())

    def issue_anew(self, name: str) -> None:
        """Give a client a new key and certificate."""
        home = self.directory / "clients" / name
        self.tmr("pki", "--dir", str(self.pki), "client", name, "--out", str(home))

    def is_let_in(self, name: str) -> bool:
        """Whether the host that serves talks to this client's certificate on a new connection."""
        context = client_context(IdentityFiles.of(self.directory / "clients" / name))
        request = b"GET /v1/health HTTP/1.1\r\nHost: tmr\r\nConnection: close\r\n\r\n"
        with socket.create_connection((VIRTUAL_IP, 7200), timeout=self.patience_s) as plain:
            try:
                with context.wrap_socket(plain, server_hostname=VIRTUAL_IP) as talk:
                    talk.sendall(request)
                    return talk.recv(8) == b"HTTP/1.1"
            except (ssl.SSLError, ConnectionResetError):
                return False

    def status(self) -> dict[str, Any]:
        """What `tmr status` says; {} while nobody answers or it is down."""
        profile = self.pki / "people" / "deploy" / "profile.toml"
        done = subprocess.run(
            [str(BIN / "tmr"), "status", "--profile", str(profile), "--json"],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=self.patience_s,
        )
        return json.loads(done.stdout) if done.returncode in (0, 5) else {}

    def active(self) -> str:
        """The host that serves; "" if there is none."""
        hosts = self.status().get("tmr_hosts", ())
        return next((host["name"] for host in hosts if host["role"] == "active"), "")

    def upstream(self, name: str) -> dict[str, Any]:
        """What `tmr status` says of one upstream; {} while nobody answers."""
        rows = self.status().get("upstreams", ())
        return next((row for row in rows if row["name"] == name), {})

    def wait_until_whole(self) -> None:
        """Until all five hosts are there again."""

        def whole() -> bool:
            document = self.status()
            roles = sorted(host["role"] for host in document.get("tmr_hosts", ()))
            upstreams = document.get("upstreams", ())
            return roles == ["active", "passive"] and all(
                up["reachable"] and up["lag"] == 0 and "damage" not in up for up in upstreams
            )

        wait_until(whole, "five hosts", self.patience_s)

    def wait_until_available(self, client: Client) -> None:
        """Until the one licence can be taken."""

        def available() -> bool:
            return [item.available for item in client.licences().licences] == [True]

        wait_until(available, "the licence in the virtual container", self.patience_s)


def wait_until(condition: Callable[[], bool], what: str, patience_s: float = WAIT_S) -> None:
    """Until `condition()` is true; fails after a generous time."""
    deadline_s = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline_s, f"waited {patience_s:.0f} s for {what}"
        time.sleep(0.2)


def changed_tasks(said: str) -> list[tuple[str, str]]:
    """(host, task) of each task that Ansible reports as changed, in order."""
    found, task = [], ""
    for line in said.splitlines():
        if match := re.match(r"(?:TASK|RUNNING HANDLER) \[(.*)\] \**$", line):
            task = match[1]
        elif match := re.match(r"changed: \[(\w+)", line):
            found.append((match[1], task))
    return found


def lab(*words: str) -> str:
    """One of the lab's own verbs: cut, boot, sh."""
    done = subprocess.run(
        [str(LAB), *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=WAIT_S,
    )
    assert done.returncode == 0, f"lab {' '.join(words)}: {done.stdout}{done.stderr}"
    return done.stdout


class Load:
    """One client that checks a seat out and in again and again, as long as it is told to."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="load")
        self.done_at_s: list[float] = []
        self.failures: list[str] = []

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with self._client.lease(FIRM, PRODUCT) as lease:
                    assert lease.usable
            except ClientError as error:
                self.failures.append(str(error))
                self._stop.wait(0.05)
            else:
                self.done_at_s.append(time.monotonic())

    @property
    def longest_gap_s(self) -> float:
        """The longest time between two check-outs that succeeded."""
        pairs = zip(self.done_at_s, self.done_at_s[1:], strict=False)
        return max((later - earlier for earlier, later in pairs), default=0.0)

    def wait_for_more(self) -> None:
        """Until check-outs succeed from now on."""
        count = len(self.done_at_s)
        wait_until(lambda: len(self.done_at_s) > count + 5, "check-outs that succeed")

    @contextmanager
    def running(self) -> Iterator[Load]:
        """Under this load."""
        self._thread.start()
        try:
            self.wait_for_more()
            yield self
        finally:
            self._stop.set()
            self._thread.join()


def open_ports(host: str, source: str, ports: range | tuple[int, ...]) -> list[int]:
    """Which TCP ports of a host accept a connection from this source address."""

    async def is_open(port: int, slots: asyncio.Semaphore) -> bool:
        async with slots:
            try:
                async with asyncio.timeout(2):
                    _, writer = await asyncio.open_connection(
                        address(host), port, local_addr=(source, 0)
                    )
            except (OSError, TimeoutError):
                return False
            writer.close()
            return True

    async def look() -> list[int]:
        slots = asyncio.Semaphore(200)
        found = await asyncio.gather(*(is_open(port, slots) for port in ports))
        return [port for port, opened in zip(ports, found, strict=True) if opened]

    return asyncio.run(look())
