"""One subject of an access rule, as people write it: `cert:press7`, `network:10.1.0.0/16`.

What can go wrong in here is a name that looks like another one: control characters and such as turn
the direction of writing are in no name.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network, ip_address, ip_network
from typing import Final, Generic, Literal, NamedTuple, TypeVar

from appliance.licences.access.form import IPV4_BYTES, Network, masked
from appliance.licences.bounds import NAME_MAX

T = TypeVar("T")
Kind = Literal["client", "user", "host", "network", "group", "everyone"]
EVERYONE: Final = "everyone"
KINDS: Final = "cert:, token:, address:, network:, user:, host:, group: or everyone"
PROVEN, OBSERVED, CLAIMED = "proven", "observed", "claimed"
WORTH: Final = {"client": PROVEN, "network": OBSERVED, "user": CLAIMED, "host": CLAIMED}
"""What a subject of each kind is worth."""
TAG: Final = re.compile("#([0-9a-f]{32})")
"""A name that is not known any more: what the ledger has in its place."""
_IPV6_BITS_MAX: Final = 64


class Subject(NamedTuple):
    """One subject; `network` is set for that kind alone."""

    kind: Kind
    name: str
    network: Network | None = None


def subject_of(text: str) -> Subject:
    """The subject that this means. Raises ValueError, with what is wrong in words."""
    kind, colon, name = text.partition(":")
    if text == EVERYONE:
        return Subject("everyone", "")
    if not colon or not name:
        raise ValueError(f"{shown(text)} is no subject: it begins with {KINDS}")
    if kind in ("cert", "token"):
        return Subject("client", f"{kind}:{checked_name(name)}")
    if kind in ("address", "network"):
        return Subject("network", name, _network(kind, name))
    if kind == "user":
        return Subject("user", checked_name(name))
    if kind == "host":
        return Subject("host", checked_name(name))
    if kind == "group":
        return Subject("group", checked_name(name))
    raise ValueError(f"{shown(text)} is no subject: it begins with {KINDS}")


def checked_name(name: str) -> str:
    """The same name. Raises ValueError if it is none."""
    if not 0 < len(name) <= NAME_MAX:
        raise ValueError(f"a name has 1 to {NAME_MAX} characters")
    if name != name.strip():
        raise ValueError(f"the name {shown(name)} begins or ends with a space")
    unseen = next((sign for sign in name if not sign.isprintable()), "")
    if unseen:
        raise ValueError(
            f"the name {shown(name)} holds U+{ord(unseen):04X}, which nobody sees: take it out"
        )
    return name


def shown(text: str) -> str:
    """A text for a sentence: short, and without what nobody sees."""
    return ascii(text[:60])


def _network(kind: str, text: str) -> Network:
    try:
        found = ip_network(ip_address(text)) if kind == "address" else ip_network(text)
    except ValueError as error:
        raise ValueError(f"{shown(text)} is no {kind}: {error}") from None
    if isinstance(found, IPv4Network):
        return Network(found.network_address.packed, found.prefixlen)
    if kind == "address":
        return Network(found.network_address.packed[:8], _IPV6_BITS_MAX)
    if found.prefixlen > _IPV6_BITS_MAX:
        raise ValueError(
            f"of the IPv6 network {shown(text)} only the first {_IPV6_BITS_MAX} bits are seen: name"
            f" a /{_IPV6_BITS_MAX} or a shorter one"
        )
    return Network(found.network_address.packed[:8], found.prefixlen)


def network_text(network: Network) -> str:
    """A network as people write it."""
    if len(network.prefix) == IPV4_BYTES:
        address = str(ip_address(network.prefix))
        return f"address:{address}" if network.bits == 32 else f"network:{address}/{network.bits}"
    return f"network:{ip_address(network.prefix + bytes(8))}/{network.bits}"


class Networks(Generic[T]):
    """Networks, each with something that is kept for it; one that covers another is found by a look
    for each length that there is."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], dict[bytes, T]] = {}

    def add(self, network: Network, value: T) -> None:
        """Keep this for a network, unless there is something."""
        size = len(network.prefix)
        self._found.setdefault((size, network.bits), {}).setdefault(network.prefix, value)

    def covering(self, network: Network, *, wider: bool = False) -> T | None:
        """What is kept for a network of which this one is a part; with `wider`, not for itself."""
        for (size, bits), of in self._found.items():
            if size == len(network.prefix) and bits <= network.bits - wider:
                found = of.get(masked(network.prefix, bits))
                if found is not None:
                    return found
        return None
