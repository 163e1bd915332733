"""From which network address a request comes: part of what a station is (`licences.modes`)."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any, Final

ADDRESSES_KEPT: Final = 4_096
_IPV6_NETWORK_BYTES: Final = 8


def address_of(peer: Any) -> bytes:
    """The IPv4 address (4 bytes) or the first half of the IPv6 address (8 bytes: a computer takes
    its other half anew each day) of whoever is at the other end; empty if that is not known.

    `peer` is (host, port), as ASGI has it.
    """
    return _packed(str(peer[0])) if peer else b""


@lru_cache(maxsize=ADDRESSES_KEPT)
def _packed(host: str) -> bytes:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return b""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return address.packed[:_IPV6_NETWORK_BYTES]
        address = address.ipv4_mapped
    return address.packed
