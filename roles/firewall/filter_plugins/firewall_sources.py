"""Lists of networks: as nftables matches them, and whether an address is within."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

_FAMILIES = ((4, "ip", "ipv4"), (6, "ip6", "ipv6"))


def networks(sources: Iterable[object]) -> list[Any]:
    """The networks of a list such as ["192.0.2.0/24", "2001:db8::/32"]. Raises ValueError.

    A host's own address before the length is taken for its network, as nftables does.
    """
    if isinstance(sources, (str, bytes)):
        raise ValueError(f"{sources!r} is no list of networks")
    return [ipaddress.ip_network(str(source).strip(), strict=False) for source in sources]


def nft_matches(sources: Iterable[object]) -> list[str]:
    """What a rule says before `tcp dport`, one for each family that has a source; none for nobody.

    Networks that lie in others are left out: nftables refuses a set whose ranges overlap.
    """
    matches = []
    wanted = networks(sources)
    for version, word, family in _FAMILIES:
        own = list(ipaddress.collapse_addresses(one for one in wanted if one.version == version))
        if any(one.prefixlen == 0 for one in own):
            matches.append(f"meta nfproto {family}")
        elif own:
            matches.append(f"{word} saddr {{ {', '.join(map(_short, own))} }}")
    return matches


def is_within(address: str, sources: Iterable[object]) -> bool:
    """Whether this address is in one of the networks; a mapped IPv4 address counts as IPv4."""
    found: Any = ipaddress.ip_address(address.partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in one for one in networks(sources) if one.version == found.version)


def _short(network: Any) -> str:
    return str(network.network_address if network.prefixlen == network.max_prefixlen else network)


class FilterModule:
    """Ansible's way of finding the filters."""

    def filters(self) -> dict[str, Any]:
        """The filters by the names that templates use."""
        return {"nft_matches": nft_matches, "is_within": is_within}
