"""The address that a station is told apart by: all of an IPv4 address, the network of an IPv6."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.services.tmr.origin import address_of


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        (("10.77.0.5", 40_000), bytes([10, 77, 0, 5])),
        (("10.77.0.5", 40_001), bytes([10, 77, 0, 5])),
        (("::ffff:10.77.0.5", 1), bytes([10, 77, 0, 5])),
        (("2001:db8:1:2:aaaa::1", 1), bytes.fromhex("20010db800010002")),
        (("2001:db8:1:2:bbbb::9", 1, 0, 0), bytes.fromhex("20010db800010002")),
        (("fe80::1%eth0", 1), bytes.fromhex("fe80000000000000")),
        (("/run/socket", 0), b""),
        (None, b""),
    ],
)
def test_the_address_of_a_peer(peer: Any, address: bytes) -> None:
    assert address_of(peer) == address
