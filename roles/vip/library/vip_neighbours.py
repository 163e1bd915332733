#!/usr/bin/python
"""Who has an address, and who uses a VRRP router id, on the network of an interface."""

from __future__ import annotations

import ipaddress
import select
import socket
import struct
import time

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
---
module: vip_neighbours
short_description: Who has an address, and who uses a VRRP router id, on a network
description:
  - Asks by ARP (RFC 5227), which every host answers whatever its packet filter says, and listens
    for VRRP adverts. Changes nothing, and needs nothing but Python on the host.
options:
  interface:
    description: The interface whose network is asked.
    type: str
    required: true
  address:
    description: The IPv4 address that is to be free.
    type: str
    required: true
  vrid:
    description: The VRRP router id that is to be free.
    type: int
    required: true
  listen_s:
    description: How long to listen for adverts, in seconds (1 to 60).
    type: float
    default: 4.0
author: TMR Appliance
"""

EXAMPLES = r"""
- name: Ask the neighbours
  vip_neighbours:
    interface: eth0
    address: 192.0.2.100
    vrid: 51
"""

RETURN = r"""
holders:
  description: Link addresses of those who say that the address is theirs.
  returned: success
  type: list
  elements: str
link:
  description: The link address of the interface itself, by which the twin is told from a stranger.
  returned: success
  type: str
routers:
  description: Addresses of those who send VRRP adverts with this router id.
  returned: success
  type: list
  elements: str
"""

ETH_ALL, ETH_IPV4, ETH_ARP = 0x0003, 0x0800, 0x0806
ARP_REQUEST, ARP_REPLY = 1, 2
VRRP, VRRP_GROUP_LINK = 112, b"\x01\x00\x5e\x00\x00\x12"
BROADCAST = b"\xff" * 6
PACKET_ADD_MEMBERSHIP, PACKET_MR_MULTICAST = 1, 0
FRAME_BYTES_MAX, FRAMES_MAX = 2048, 100_000


def arp_probe(own: bytes, address: str) -> bytes:
    """The frame that asks who has the address, without saying that we have it."""
    wanted = ipaddress.IPv4Address(address).packed
    ethernet = BROADCAST + own + struct.pack("!H", ETH_ARP)
    return (
        ethernet
        + struct.pack("!HHBBH", 1, ETH_IPV4, 6, 4, ARP_REQUEST)
        + (own + b"\0" * 4 + b"\0" * 6 + wanted)
    )


def arp_holder(frame: bytes, address: str) -> str:
    """The link address of who says in this frame that the address is his; "" for others."""
    if len(frame) < 42 or frame[12:14] != struct.pack("!H", ETH_ARP):
        return ""
    # Whoever announces it or asks in its name has it, too.
    if frame[28:32] != ipaddress.IPv4Address(address).packed:
        return ""
    return frame[22:28].hex(":")


def vrrp_router(frame: bytes, vrid: int) -> str:
    """The address of who advertises this router id (VRRP 2 or 3); "" for any other frame."""
    if len(frame) < 36 or frame[12:14] != struct.pack("!H", ETH_IPV4) or frame[23] != VRRP:
        return ""
    begin = 14 + (frame[14] & 0x0F) * 4
    # Version 2 or 3, type 1 (advertisement).
    if len(frame) < begin + 8 or frame[begin] not in (0x21, 0x31) or frame[begin + 1] != vrid:
        return ""
    return str(ipaddress.IPv4Address(frame[26:30]))


def look(
    interface: str, address: str, vrid: int, listen_s: float
) -> tuple[list[str], list[str], str]:
    """Those who have the address, those who use the router id, and our own link address.

    Raises OSError.
    """
    holders: set[str] = set()
    routers: set[str] = set()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_ALL)) as link:
        link.bind((interface, ETH_ALL))
        own = link.getsockname()[4]
        index = socket.if_nametoindex(interface)
        joined = struct.pack("=iHH8s", index, PACKET_MR_MULTICAST, 6, VRRP_GROUP_LINK)
        link.setsockopt(263, PACKET_ADD_MEMBERSHIP, joined)  # SOL_PACKET
        end_s, ask_at_s = time.monotonic() + listen_s, 0.0
        for _ in range(FRAMES_MAX):
            now_s = time.monotonic()
            if now_s >= end_s:
                break
            if now_s >= ask_at_s:
                link.send(arp_probe(own, address))
                ask_at_s = now_s + 1.0
            ready, _, _ = select.select([link], [], [], min(end_s, ask_at_s) - now_s)
            if not ready:
                continue
            frame, sender = link.recvfrom(FRAME_BYTES_MAX)
            if sender[2] == socket.PACKET_OUTGOING:
                continue
            holders.add(arp_holder(frame, address))
            routers.add(vrrp_router(frame, vrid))
    return sorted(holders - {""}), sorted(routers - {""}), own.hex(":")


def main() -> None:
    """What Ansible runs on the host."""
    module = AnsibleModule(
        argument_spec={
            "interface": {"type": "str", "required": True},
            "address": {"type": "str", "required": True},
            "vrid": {"type": "int", "required": True},
            "listen_s": {"type": "float", "default": 4.0},
        },
        supports_check_mode=True,
    )
    options = module.params
    try:
        holders, routers, link = look(
            options["interface"],
            options["address"],
            options["vrid"],
            min(60.0, max(1.0, options["listen_s"])),
        )
    except OSError as error:
        module.fail_json(
            msg=f"Nobody can be asked on the interface {options['interface']}: {error.strerror}."
        )
    module.exit_json(changed=False, holders=holders, routers=routers, link=link)


if __name__ == "__main__":
    main()
