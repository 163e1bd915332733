"""Hears the twin's VRRP adverts (RFC 9568), which keepalived itself does not report.

Only a listener: who holds the address is keepalived's business. What can go wrong here: a raw
socket gets every protocol-112 packet of the network namespace, so each is checked for interface,
source, hop limit, checksum and router id before it counts. Opening needs CAP_NET_RAW.
"""

from __future__ import annotations

import ctypes
import errno
import ipaddress
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

VRRP_PROTOCOL = 112
VRRP_GROUP = "224.0.0.18"
VRRP_VERSION = 3
ADVERTISEMENT = 1
HOP_LIMIT = 255
PACKET_BYTES_MAX = 2048
IPV4_HEADER_BYTES_MIN = 20
VRRP_HEADER_BYTES = 8
READ_BATCH_MAX = 64
# Of Linux' headers; Python names neither.
ETH_P_IP = 0x0800
SO_ATTACH_FILTER = 26
ARP_TABLE = Path("/proc/net/arp")


@dataclass(frozen=True, slots=True)
class Advert:
    """One VRRPv3 advertisement. Priority 0 means that the sender resigns (RFC 9568, 5.2.4)."""

    source: str
    vrid: int
    priority: int
    advert_int_s: float
    addresses: tuple[str, ...]


def parse_advert(packet: bytes) -> Advert | None:
    """The advertisement in an IPv4 packet (header included), or None if RFC 9568 7.1 drops it."""
    if len(packet) < IPV4_HEADER_BYTES_MIN or packet[0] >> 4 != 4:
        return None
    header_bytes = (packet[0] & 0x0F) * 4
    hop_limit, protocol = packet[8], packet[9]
    payload = packet[header_bytes:]
    if (
        header_bytes < IPV4_HEADER_BYTES_MIN
        or protocol != VRRP_PROTOCOL
        or hop_limit != HOP_LIMIT
        or len(payload) < VRRP_HEADER_BYTES
    ):
        return None
    version_type, vrid, priority, count, interval_cs = struct.unpack("!BBBBH", payload[:6])
    if version_type != VRRP_VERSION << 4 | ADVERTISEMENT or count == 0:
        return None
    if len(payload) != VRRP_HEADER_BYTES + 4 * count:
        return None
    pseudo_header = packet[12:20] + struct.pack("!BBH", 0, VRRP_PROTOCOL, len(payload))
    if _sum16(pseudo_header + payload) != 0xFFFF:
        return None
    addresses = tuple(
        str(ipaddress.IPv4Address(payload[at : at + 4]))
        for at in range(VRRP_HEADER_BYTES, len(payload), 4)
    )
    return Advert(
        source=str(ipaddress.IPv4Address(packet[12:16])),
        vrid=vrid,
        priority=priority,
        advert_int_s=(interval_cs & 0x0FFF) / 100,
        addresses=addresses,
    )


class AdvertListener:
    """A non-blocking raw socket that yields the adverts of other hosts for one router id."""

    def __init__(self, interface: str, vrid: int) -> None:
        """Open and join the VRRP group on `interface`. Raises OSError (EPERM, ENODEV)."""
        self._interface = interface
        self._vrid = vrid
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, VRRP_PROTOCOL)
        try:
            self._socket.setblocking(False)
            self._socket.setsockopt(
                socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0"
            )
            self.join()
        except OSError:
            self._socket.close()
            raise

    def join(self) -> None:
        """Join the group again: a membership ends with the interface it was made on."""
        index = socket.if_nametoindex(self._interface)
        request = socket.inet_aton(VRRP_GROUP) + struct.pack("=Ii", 0, index)
        try:
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
        except OSError as error:
            # The membership is still there.
            if error.errno != errno.EADDRINUSE:
                raise

    def fileno(self) -> int:
        """For `loop.add_reader`."""
        return self._socket.fileno()

    def read(self) -> Iterator[Advert]:
        """The adverts that have arrived, at most READ_BATCH_MAX packets at a time."""
        for _ in range(READ_BATCH_MAX):
            try:
                packet = self._socket.recv(PACKET_BYTES_MAX)
            except OSError:
                # Nothing left, or the interface went down: either way nobody was heard.
                return
            advert = parse_advert(packet)
            if advert is not None and advert.vrid == self._vrid:
                yield advert

    def close(self) -> None:
        """Close the socket; the membership ends with it."""
        self._socket.close()


class AdvertTap:
    """All adverts for one router id as they come from the wire, with the sender's link address.

    Before any packet filter: what the filter keeps from keepalived is just what there is to tell.
    """

    def __init__(self, interface: str, vrid: int) -> None:
        """Open on `interface`. Raises OSError (EPERM, ENODEV)."""
        self._vrid = vrid
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        try:
            self._socket.setblocking(False)
            # The kernel passes on nothing else: (code, jump if true, if false, value), bpf(4).
            program = b"".join(
                struct.pack("=HBBI", *instruction)
                for instruction in (
                    (0x30, 0, 0, 9),
                    (0x15, 0, 1, VRRP_PROTOCOL),
                    (0x06, 0, 0, PACKET_BYTES_MAX),
                    (0x06, 0, 0, 0),
                )
            )
            kept = ctypes.create_string_buffer(program, len(program))
            attached = struct.pack("HL", len(program) // 8, ctypes.addressof(kept))
            self._socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, attached)
            self._socket.bind((interface, ETH_P_IP))
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        """For `loop.add_reader`."""
        return self._socket.fileno()

    def read(self) -> Iterator[tuple[Advert, str]]:
        """What has arrived, with its link address; at most READ_BATCH_MAX packets at a time."""
        for _ in range(READ_BATCH_MAX):
            try:
                packet, sender = self._socket.recvfrom(PACKET_BYTES_MAX)
            except OSError:
                return
            advert = parse_advert(packet)
            if advert is not None and advert.vrid == self._vrid:
                yield advert, sender[4].hex(":")

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


def link_address_of(address: str, table: Path = ARP_TABLE) -> str:
    """The link address at which the kernel reaches an IPv4 address; "" if it does not know."""
    try:
        lines = table.read_text().splitlines()[1:]
    except OSError:
        return ""
    for words in map(str.split, lines):
        # Flag 2: the entry is complete (arp(7)).
        if len(words) >= 4 and words[0] == address and int(words[2], 16) & 2:
            return words[3].lower()
    return ""


def _sum16(data: bytes) -> int:
    """The ones' complement sum (RFC 1071); 0xFFFF for data that contains its own checksum."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total
