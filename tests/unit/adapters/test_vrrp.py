"""VRRPv3 adverts: one made by keepalived 2.2.7, and every way in which one is not to count."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.adapters.vrrp.adverts import Advert, parse_advert

SOURCE = bytes((10, 77, 0, 21))
GROUP = bytes((224, 0, 0, 18))


def checksum(data: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packet(
    *,
    version_type: int = 0x31,
    vrid: int = 77,
    priority: int = 250,
    count: int = 1,
    interval_cs: int = 10,
    hop_limit: int = 255,
    protocol: int = 112,
    tail: bytes = bytes((10, 77, 0, 100)),
) -> bytes:
    body = struct.pack("!BBBBHH", version_type, vrid, priority, count, interval_cs, 0) + tail
    pseudo = SOURCE + GROUP + struct.pack("!BBH", 0, 112, len(body))
    body = body[:6] + struct.pack("!H", checksum(pseudo + body)) + body[8:]
    header = struct.pack("!BBHHHBBH", 0x45, 0xC0, 20 + len(body), 1, 0, hop_limit, protocol, 0)
    return header + SOURCE + GROUP + body


def test_a_good_advert() -> None:
    assert parse_advert(packet()) == Advert("10.77.0.21", 77, 250, 0.1, ("10.77.0.100",))


def test_a_resignation_is_an_advert() -> None:
    advert = parse_advert(packet(priority=0))
    assert advert is not None
    assert advert.priority == 0


def test_reserved_bits_are_not_part_of_the_interval() -> None:
    advert = parse_advert(packet(interval_cs=0xF00A))
    assert advert is not None
    assert advert.advert_int_s == 0.1


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        packet()[:19],
        packet()[:24],
        packet(version_type=0x21),
        packet(version_type=0x32),
        packet(hop_limit=254),
        packet(protocol=89),
        packet(count=0, tail=b""),
        packet(count=2),
        packet(tail=bytes(8)),
        b"\x65" + packet()[1:],
        b"\x41" + packet()[1:],
    ],
)
def test_what_is_not_an_advert(bad: bytes) -> None:
    assert parse_advert(bad) is None


@given(at=st.integers(12, 31), bit=st.integers(0, 7))
@settings(max_examples=160, deadline=None)
def test_one_flipped_bit_fails_the_checksum(at: int, bit: int) -> None:
    data = bytearray(packet())
    data[at] ^= 1 << bit
    assert parse_advert(bytes(data)) is None


@given(st.binary(max_size=64))
@settings(max_examples=200, deadline=None)
def test_noise_never_raises(noise: bytes) -> None:
    parse_advert(noise)
