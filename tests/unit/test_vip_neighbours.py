"""What the module that looks for a taken address reads from frames."""

from __future__ import annotations

import importlib.util
import struct
from ipaddress import IPv4Address
from pathlib import Path
from types import ModuleType

import pytest

MODULE = Path(__file__).resolve().parents[2] / "roles" / "vip" / "library" / "vip_neighbours.py"
OURS, THEIRS = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
WANTED = "192.0.2.100"


@pytest.fixture(scope="module")
def module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("vip_neighbours", MODULE)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def arp(kind: int, sender: str, target: str) -> bytes:
    head = OURS + THEIRS + struct.pack("!H", 0x0806) + struct.pack("!HHBBH", 1, 0x0800, 6, 4, kind)
    return head + THEIRS + IPv4Address(sender).packed + OURS + IPv4Address(target).packed


def vrrp(first: int, vrid: int, options: bytes = b"") -> bytes:
    size = (20 + len(options)) // 4
    head = bytes([0x40 | size, 0xC0, 0, 0, 0, 1, 0, 0, 255, 112, 0, 0])
    head += IPv4Address("192.0.2.9").packed + IPv4Address("224.0.0.18").packed + options
    return (
        OURS + THEIRS + struct.pack("!H", 0x0800) + head + bytes([first, vrid, 100, 1, 0, 1, 0, 0])
    )


def test_the_question_does_not_say_that_we_have_the_address(module):
    frame = module.arp_probe(OURS, WANTED)
    assert len(frame) == 42
    assert frame[:6] == b"\xff" * 6
    assert frame[28:32] == b"\0" * 4
    assert frame[38:42] == IPv4Address(WANTED).packed
    assert module.arp_holder(frame, WANTED) == ""


@pytest.mark.parametrize(
    ("frame", "holder"),
    [
        (arp(2, WANTED, "0.0.0.0"), THEIRS.hex(":")),
        # Who asks in its name has it, too.
        (arp(1, WANTED, "192.0.2.1"), THEIRS.hex(":")),
        (arp(2, "192.0.2.7", WANTED), ""),
        (arp(1, "0.0.0.0", WANTED), ""),
        (arp(2, WANTED, "0.0.0.0")[:41], ""),
        (vrrp(0x31, 51), ""),
        (b"", ""),
    ],
)
def test_who_has_the_address(module, frame, holder):
    assert module.arp_holder(frame, WANTED) == holder


@pytest.mark.parametrize(
    ("frame", "router"),
    [
        (vrrp(0x31, 51), "192.0.2.9"),
        (vrrp(0x21, 51), "192.0.2.9"),
        (vrrp(0x31, 51, b"\x94\x04\0\0"), "192.0.2.9"),
        (vrrp(0x31, 52), ""),
        (vrrp(0x32, 51), ""),
        (vrrp(0x31, 51)[:41], ""),
        (arp(2, WANTED, "0.0.0.0"), ""),
        (b"", ""),
    ],
)
def test_who_uses_the_router_id(module, frame, router):
    assert module.vrrp_router(frame, 51) == router
