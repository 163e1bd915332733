"""Five bare hosts, before anything is deployed: what is refused, and what is foretold.

`make test-hosts` runs this first, inside `tests/hosts/lab run`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.hosts.plant import OUTSIDER, TMR_HOSTS, UPSTREAMS, VIRTUAL_IP, in_lab, lab

pytestmark = [
    pytest.mark.skipif(not in_lab(), reason="needs the five hosts: run `make test-hosts` as root"),
    pytest.mark.timeout(1200),
]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"tmr_virtual_ip": "10.77.0.21/24"}, "is tmr1's own address"),
        ({"tmr_virtual_ip": "10.78.0.100/24"}, "is not in the virtual IP's network 10.78.0.0/24"),
        ({"tmr_failure_domain": "one-rack"}, "share the failure domain one-rack"),
        ({"firewall_ssh_source": []}, "firewall_ssh_sources is meant?"),
        ({"tmr_wheelhouses": "/nowhere"}, "make wheelhouse"),
    ],
)
def test_a_wrong_inventory_is_refused_before_any_host_is_touched(plant, variables, said):
    played = plant.play("site.yml", **variables)
    assert played.code != 0
    assert said in " ".join(played.said.split())
    assert played.changes == 0
    assert "PLAY [The vendor's side]" not in played.said


@contextmanager
def somebody_else(program: str) -> Iterator[None]:
    """On the hosts' network, until the test is over."""
    words = [sys.executable, "-c", program]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as neighbour:
        assert neighbour.stdout is not None
        neighbour.stdout.readline()
        try:
            yield
        finally:
            neighbour.kill()


def test_an_address_or_a_router_id_that_somebody_has_is_refused(plant):
    """A printer that listens on no port of ours; a router of somebody else's."""
    subprocess.run(["ip", "address", "add", f"{VIRTUAL_IP}/24", "dev", "eth0"], check=True)
    try:
        refused = plant.play("site.yml", "--tags", "vip")
    finally:
        subprocess.run(["ip", "address", "delete", f"{VIRTUAL_IP}/24", "dev", "eth0"], check=True)
    assert (refused.code != 0, refused.changes) == (True, 0), refused.said
    assert f"{VIRTUAL_IP} is taken" in " ".join(refused.said.split())
    program = (
        "import socket, time\n"
        "link = socket.socket(socket.AF_INET, socket.SOCK_RAW, 112)\n"
        f"out = socket.inet_aton('{OUTSIDER}')\n"
        "link.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, out)\n"
        "print('sends', flush=True)\n"
        "while True:\n"
        "    link.sendto(bytes([0x21, 77, 100, 1, 0, 1, 0, 0, 10, 9, 9, 9]), ('224.0.0.18', 0))\n"
        "    time.sleep(0.5)\n"
    )
    with somebody_else(program):
        refused = plant.play("site.yml", "--tags", "vip")
    assert (refused.code != 0, refused.changes) == (True, 0), refused.said
    assert "The VRRP router id 77 is used by 10.77.0.2" in " ".join(refused.said.split())


def test_a_first_run_is_foretold(plant):
    """A change board wants to see it before the first host is touched."""
    foretold = plant.play("site.yml", "--check", "--diff")
    assert foretold.code == 0, foretold.said
    assert {host for host, _ in foretold.changed} >= {*UPSTREAMS, *TMR_HOSTS}
    assert "chain input" in foretold.said
    assert lab("sh", "up1", "ls", "/opt").split() == []
