"""Request files: who made one, for what it is good, and what is no request."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest

from appliance.codec.request_files import (
    NO_SYSTEM,
    ContainerRequest,
    Purpose,
    RequestRefused,
    System,
    build_request,
    open_request,
    order_mark,
    read_request,
)
from appliance.licences.binding import NO_EVIDENCE, Evidence, digests
from appliance.licences.serials import Binding, Mask, Serial
from tests.unit.codec import world

REQUEST = world.request()


def test_a_request_proves_who_made_it_and_says_for_what():
    key = world.CONTAINER_KEYS[1]
    serial = world.serial_of(key)
    assert read_request(REQUEST) == ContainerRequest(
        purpose=Purpose.ORDER,
        audience="firm 600100",
        order=order_mark(serial, "PO 4711"),
        nonce=bytes(range(16)),
        held=(),
        serial=serial,
        public_key=world.public(key),
        host="up1",
        created_at_s=int(world.NOW.timestamp()),
        evidence=NO_EVIDENCE,
        system=NO_SYSTEM,
    )


@pytest.mark.parametrize(
    "system",
    [
        System(virtual_serial="130-12345671"),
        System(virtual_serial="x"),
        System(release="r" * 300),
        System(release="1\n2"),
    ],
)
def test_where_a_container_works_is_a_virtual_serial_and_a_release(system):
    key = world.CONTAINER_KEYS[1]
    serial = world.serial_of(key)
    wanted = open_request()._replace(system=system)
    made = build_request(key, serial, "up1", world.NOW, wanted)
    with pytest.raises(RequestRefused, match="where its container works"):
        read_request(made)
    right = System(virtual_serial="131-77000001", release="0.1.0")
    made = build_request(key, serial, "up1", world.NOW, wanted._replace(system=right))
    assert read_request(made).system == right


def test_an_order_is_named_for_one_container_only_and_as_people_write_it():
    request = read_request(REQUEST)
    for same in ("PO 4711", "po 4711", "  PO\t4711 "):
        assert request.names(same)
    for other in ("PO 4712", "PO4711", ""):
        assert not request.names(other)
    assert order_mark("130-1", "PO") != order_mark("130-2", "PO")


def test_a_flip_at_any_byte_is_refused():
    for position in range(len(REQUEST)):
        damaged = bytearray(REQUEST)
        damaged[position] ^= 1
        with pytest.raises(RequestRefused):
            read_request(bytes(damaged))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"serial": "131-10000001"}, "one of an upstream"),
        ({"serial": "x"}, "one of an upstream"),
        ({"serial": "130-10000001"}, "not that of its key"),
        ({"host": "h" * 257}, "out of range"),
        ({"audience": "a" * 261}, "out of range"),
        ({"nonce": bytes(15)}, "out of range"),
        ({"nonce": bytes(65)}, "out of range"),
        ({"order": ""}, "out of range"),
        ({"purpose": Purpose.UPDATE}, "out of range"),
        ({"purpose": "more"}, "not understood"),
        ({"held": ((0, 1),)}, "each firm once"),
        ({"held": ((1, -1),)}, "each firm once"),
        ({"held": ((1, 2**53),)}, "each firm once"),
        ({"held": ((1, 1), (1, 2))}, "each firm once"),
        ({"held": tuple((code, 1) for code in range(1, 258))}, "each firm once"),
    ],
)
def test_requests_out_of_range_are_refused(changes, said):
    with pytest.raises(RequestRefused, match=said):
        read_request(world.request(**changes))


def test_a_request_signed_by_another_key_is_refused():
    head, body, _ = REQUEST.rstrip(b"\n").split(b".")
    forged = urlsafe_b64encode(world.FIRM_A_KEY.sign(head + b"." + body)).rstrip(b"=")
    with pytest.raises(RequestRefused, match="signature of the request does not fit"):
        read_request(head + b"." + body + b"." + forged + b"\n")


def _of(mask: Mask, evidence: Evidence) -> bytes:
    key = world.CONTAINER_KEYS[1]
    serial = str(Serial.of_key(mask, world.public(key)))
    return build_request(key, serial, "up1", world.NOW, open_request(), evidence)


TOKEN = Evidence(Binding.TOKEN, digests("1-12345678", {"token": ("maker\0serial",)}))


@pytest.mark.parametrize("mask", [Mask.DONGLE, Mask.DONGLE_2, Mask.DONGLE_3])
def test_a_request_says_what_holds_the_key(mask):
    request = read_request(_of(mask, TOKEN))
    assert (Serial.parse(request.serial).mask, request.evidence) == (mask, TOKEN)


@pytest.mark.parametrize(
    ("mask", "binding"),
    [
        (Mask.DONGLE, Binding.FILE),
        (Mask.STRICT, Binding.LOOSE),
        (Mask.LOOSE, Binding.STRICT),
        (Mask.SOFTWARE_UNIVERSAL, Binding.TOKEN),
    ],
)
def test_a_mask_that_stands_for_something_else_is_refused(mask, binding):
    with pytest.raises(RequestRefused, match="does not stand for"):
        read_request(_of(mask, Evidence(binding, ())))


def test_evidence_out_of_its_form_is_refused():
    with pytest.raises(RequestRefused, match="not in its form"):
        read_request(_of(Mask.DONGLE, Evidence(Binding.TOKEN, (("token", ()),))))
