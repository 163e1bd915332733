"""Adverts in the twin's name from elsewhere, against the packet filter that Ansible renders.

A bridge with a TMR host, its twin and a stranger, each in a network namespace. The stranger writes
the twin's address into what he sends; he does not get what is sent to it.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.test_firewall import render

pytestmark = pytest.mark.lab
HOST, TWIN, STRANGER = "10.77.0.21", "10.77.0.22", "10.77.0.66"
# One VRRPv3 advert of priority 255 for router id 77, in the twin's name, by a raw socket.
ADVERT = f"""\
import socket, struct
def total(data):
    value = sum(struct.unpack("!" + "H" * (len(data) // 2), data))
    while value >> 16:
        value = (value & 0xFFFF) + (value >> 16)
    return ~value & 0xFFFF
source, group = socket.inet_aton("{TWIN}"), socket.inet_aton("224.0.0.18")
body = struct.pack("!BBBBHH", 0x31, 77, 255, 1, 30, 0) + socket.inet_aton("10.77.0.100")
check = total(source + group + struct.pack("!BBH", 0, 112, len(body)) + body)
body = body[:6] + struct.pack("!H", check) + body[8:]
head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 1, 0, 255, 112, 0, source, group)
link = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
link.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("SENDER"))
link.sendto(head + body, ("224.0.0.18", 0))
"""


def run(*words: str, stdin: str = "") -> str:
    done = subprocess.run(
        words, input=stdin, capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
    return done.stdout


def inside(name: str, program: str) -> str:
    return run("ip", "netns", "exec", name, sys.executable, "-c", program)


@pytest.fixture
def link() -> Iterator[dict[str, str]]:
    """Namespaces by what they are; their interface is eth0."""
    names = {what: f"tmrvf{os.getpid()}{what}" for what in ("bridge", "host", "twin", "stranger")}
    try:
        for name in names.values():
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        bridge = names["bridge"]
        run("ip", "-n", bridge, "link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
        run("ip", "-n", bridge, "link", "set", "br0", "up")
        for what, address in (("host", HOST), ("twin", TWIN), ("stranger", STRANGER)):
            peer = ("peer", "name", "eth0", "netns", names[what])
            run("ip", "-n", bridge, "link", "add", what, "type", "veth", *peer)
            run("ip", "-n", bridge, "link", "set", what, "master", "br0", "up")
            run("ip", "-n", names[what], "address", "add", f"{address}/24", "dev", "eth0")
            run("ip", "-n", names[what], "link", "set", "eth0", "up")
        yield names
    finally:
        for name in names.values():
            with contextlib.suppress(AssertionError):
                run("ip", "netns", "delete", name)


def talk(link: dict[str, str]) -> None:
    """The twin connects to the host, as TMR servers do, and hears an answer."""
    server = (
        "import socket\n"
        f"with socket.create_server(('{HOST}', 7103)) as one:\n"
        "    print('ready', flush=True)\n"
        "    talk, _ = one.accept()\n"
        "    talk.sendall(talk.recv(8))\n"
        "    talk.close()\n"
    )
    command = ["ip", "netns", "exec", link["host"], sys.executable, "-c", server]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as listening:
        assert listening.stdout is not None
        assert listening.stdout.readline() == "ready\n"
        client = f"import socket\ns = socket.create_connection(('{HOST}', 7103), 20)\n"
        inside(link["twin"], client + "s.sendall(b'x')\nassert s.recv(8) == b'x'\n")
        assert listening.wait(timeout=20) == 0


def heard(link: dict[str, str], sender: str, address: str) -> bool:
    """Whether the host's raw socket, and so keepalived, gets an advert that this one sends.

    A packet that nobody filters follows it, so that nothing has to be waited for.
    """
    hear = (
        "import socket, struct\n"
        "link = socket.socket(socket.AF_INET, socket.SOCK_RAW, 112)\n"
        "echo = socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)\n"
        f"group = socket.inet_aton('224.0.0.18') + socket.inet_aton('{HOST}')\n"
        "link.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)\n"
        "link.setblocking(False)\n"
        "echo.settimeout(20)\n"
        "print('ready', flush=True)\n"
        f"while echo.recvfrom(2048)[1][0] != '{address}':\n    pass\n"
        "try:\n    link.recv(2048)\n    print('heard')\n"
        "except BlockingIOError:\n    print('nothing')\n"
    )
    command = ["ip", "netns", "exec", link["host"], sys.executable, "-c", hear]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as listening:
        assert listening.stdout is not None
        assert listening.stdout.readline() == "ready\n"
        inside(link[sender], ADVERT.replace("SENDER", address))
        ping = (
            "import socket, struct\n"
            "s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)\n"
            f"s.sendto(struct.pack('!BBHHH', 8, 0, 0xf7ff, 0, 0), ('{HOST}', 0))\n"
        )
        inside(link[sender], ping)
        return listening.stdout.readline() == "heard\n"


def tapped(link: dict[str, str]) -> str:
    """What the tap reads of an advert by the stranger, which the filter keeps from keepalived."""
    tap = (
        "import select\n"
        "from appliance.adapters.vrrp.adverts import AdvertTap, link_address_of\n"
        "tap = AdvertTap('eth0', 77)\n"
        "print('ready', flush=True)\n"
        "assert select.select([tap], [], [], 20)[0]\n"
        "((advert, link),) = tap.read()\n"
        f"print(advert.source, advert.priority, link, link_address_of('{TWIN}'))\n"
    )
    command = ["ip", "netns", "exec", link["host"], sys.executable, "-c", tap]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as listening:
        assert listening.stdout is not None
        assert listening.stdout.readline() == "ready\n"
        inside(link["stranger"], ADVERT.replace("SENDER", STRANGER))
        return listening.stdout.readline().strip()


def link_of(link: dict[str, str], what: str) -> str:
    """The link address of one of them."""
    return run("ip", "netns", "exec", link[what], "cat", "/sys/class/net/eth0/address").strip()


def foreign(link: dict[str, str]) -> int:
    """How many adverts were dropped because they came from elsewhere."""
    said = run(
        "ip", "netns", "exec", link["host"], "nft", "list", "counters", "table", "inet", "tmr"
    )
    found = re.search(r"packets (\d+)", said)
    assert found is not None
    return int(found[1])


def test_adverts_in_the_twins_name_count_only_from_where_the_twin_is(link, tmp_path: Path):
    rules = render(
        tmp_path, firewall_ssh_sources=["0.0.0.0/0"], firewall_client_sources=["0.0.0.0/0"]
    )
    run("ip", "netns", "exec", link["host"], "nft", "--file", "-", stdin=rules["tmr1"])
    # Who has not talked to the twin since it started cannot know; keepalived has to hear the twin.
    assert heard(link, "twin", TWIN)
    talk(link)
    assert heard(link, "twin", TWIN)
    assert foreign(link) == 0
    assert not heard(link, "stranger", STRANGER)
    assert foreign(link) == 1
    seen = (TWIN, "255", link_of(link, "stranger"), link_of(link, "twin"))
    assert tapped(link) == " ".join(seen)
    # A new network card, a bond that fails over, a new machine: known as soon as it talks to us.
    run("ip", "-n", link["twin"], "link", "set", "eth0", "address", "02:00:00:00:00:77")
    talk(link)
    assert heard(link, "twin", TWIN)
    assert not heard(link, "stranger", STRANGER)
    assert foreign(link) == 2
