"""Licence files: one spelling, one signer, one container, or a clear refusal."""

import json
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OKPKey

from appliance.codec.certificates import build_container_certificate
from appliance.codec.firm_words import make_word
from appliance.codec.licence_files import (
    UNKNOWN_RULES,
    build_update,
    read_update,
    rules_of_update,
)
from appliance.codec.request_files import RequestRefused, read_request
from appliance.codec.signed_files import FILE_BYTES_MAX, without_transport
from appliance.licences.model import ContainerUpdate, ReturnedItem
from appliance.licences.refusals import UpdateRefused
from appliance.licences.serials import Binding
from tests.unit.codec import world

UPDATE = build_update(world.FIRM_A_KEY, world.FIRM_A_CERTIFICATE, world.update())
REQUEST = world.request()


def encode(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def signed(payload, *, key=world.FIRM_A_KEY, header=None) -> bytes:
    """A file that a vendor could have signed, whatever it says."""
    header = {
        "alg": "Ed25519",
        "typ": "tmr-update+jws",
        "x5c": [b64encode(world.FIRM_A_CERTIFICATE).decode()],
        **(header or {}),
    }
    head = encode(json.dumps({k: v for k, v in header.items() if v is not None}).encode())
    body = encode(payload if isinstance(payload, bytes) else json.dumps(payload).encode())
    return head + b"." + body + b"." + encode(key.sign(head + b"." + body)) + b"\n"


def content(**firm_changes):
    """The payload of UPDATE as plain values, with changes in its firm item."""
    _, body, _ = UPDATE.split(b".")
    values = json.loads(urlsafe_b64decode(body + b"=="))
    values["firm"].update(firm_changes)
    return values


def refusal(data: bytes, root: bytes = world.ROOT) -> str:
    with pytest.raises(UpdateRefused) as refused:
        read_update(data, root)
    assert refused.value.detail.endswith(".")
    return refused.value.detail


def without_word(update: ContainerUpdate) -> ContainerUpdate:
    firm = msgspec.structs.replace(update.firm, word=None)
    return msgspec.structs.replace(update, firm=firm)


def test_an_update_says_what_the_firm_signed():
    assert without_word(read_update(UPDATE, world.ROOT)) == world.update()
    assert read_update(signed(content()), world.ROOT) == read_update(UPDATE, world.ROOT)
    assert type(read_update(UPDATE, world.ROOT).firm.items[0]) is type(world.item())


COLOUR = content(items=[{"product_code": 1, "tmr_id": 1, "colour": 2}])


@pytest.mark.parametrize(
    ("data", "needs"),
    [
        (UPDATE, 1),
        (b"no update", 1),
        (signed([1]), 1),
        (signed({"firm": {"items": [7]}}), 1),
        (signed(COLOUR), UNKNOWN_RULES),
        (signed(COLOUR, key=world.FIRM_B_KEY), UNKNOWN_RULES),
        (signed({"firm": {"items": [{}, {"colour": None}]}, "more": 1}), UNKNOWN_RULES),
    ],
    ids=range(7),
)
def test_which_rules_an_update_needs_follows_from_the_names_of_its_options_alone(data, needs):
    assert rules_of_update(data) == needs


def test_files_are_standard_jws():
    key = OKPKey.import_key(world.FIRM_A_KEY.public_key())
    registry = jws.JWSRegistry(algorithms=["Ed25519"])
    registry.max_header_length = 8192
    opened = jws.deserialize_compact(UPDATE.rstrip(b"\n"), key, registry=registry)
    assert opened.headers()["typ"] == "tmr-update+jws"
    assert UPDATE.endswith(b"\n")
    assert UPDATE.isascii()


@pytest.mark.parametrize("bit", [0, 4])
def test_a_flip_at_any_byte_of_an_update_is_refused(bit):
    for position in range(len(UPDATE)):
        damaged = bytearray(UPDATE)
        damaged[position] ^= 1 << bit
        refusal(bytes(damaged))


def test_a_file_truncated_anywhere_is_refused():
    for end in range(len(UPDATE)):
        assert "truncated" in refusal(UPDATE[:end])
    for end in range(0, len(UPDATE) - 1, 7):
        refusal(UPDATE[:end] + b"\n")


@settings(max_examples=200)
@given(st.binary(max_size=400), st.booleans())
def test_random_bytes_are_refused(data, newline):
    for read, kind in ((read_request, RequestRefused), (read_update, UpdateRefused)):
        arguments = (data + b"\n" * newline,) + ((world.ROOT,) if read is read_update else ())
        with pytest.raises(kind):
            read(*arguments)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "truncated or no update"),
        (b"x" * (FILE_BYTES_MAX + 1), "more than 1048576 is refused"),
        (b"\n" + UPDATE, "not base64url"),
        (UPDATE + b"\n", "not base64url"),
        (UPDATE[:-1] + b"\r\n", "not base64url"),
        (UPDATE[:-1] + b"=\n", "not base64url"),
        (REQUEST, "type 'tmr-request+jws', not 'tmr-update+jws'"),
        (b"a.b\n", "three parts"),
        (signed(content(), header={"alg": "none"}), "'none'; only Ed25519"),
        (signed(content(), header={"alg": "EdDSA"}), "'EdDSA'; only Ed25519"),
        (signed(content(), header={"b64": False}), "unknown field `b64`"),
        (signed(content(), header={"x5c": None}), "no single firm certificate"),
        (signed(content(), header={"x5c": ["?"]}), "not base64"),
        (signed(b"\xff"), "content is not understood"),
        (signed(b"[" * 100_000), "content is not understood"),
        (signed({**content(), "more": 1}), "unknown field `more`"),
        (signed(content(items=[{"product_code": 1, "tmr_id": 1, "colour": 2}])), "install a newer"),
        (signed(content(), key=world.FIRM_B_KEY), "signature of the update does not fit"),
    ],
)
def test_what_is_wrong_is_named(data, said):
    assert said in refusal(data)


def test_a_request_is_no_update_and_the_other_way_round():
    with pytest.raises(RequestRefused, match="type 'tmr-update"):
        read_request(UPDATE)


def test_firm_a_cannot_sign_for_firm_b():
    firm_b = content(firm_code=world.FIRM_B.firm_code, firm_name="Firm B")
    assert "that key cannot sign for" in refusal(signed(firm_b))
    # Showing B's certificate does not help: the signature is then not B's.
    shown = {"x5c": [b64encode(world.FIRM_B_CERTIFICATE).decode()]}
    assert "does not fit" in refusal(signed(firm_b, header=shown))
    assert "its certificate 'Firm A'" in refusal(signed(content(firm_name="Firm B")))


def test_a_container_is_no_firm():
    shown = {"x5c": [b64encode(world.CONTAINER_CERTIFICATES[1]).decode()]}
    data = signed(content(), key=world.CONTAINER_KEYS[1], header=shown)
    assert "signer is not a firm" in refusal(data)


def test_another_root_is_refused():
    assert "not issued by the pinned licence root" in refusal(UPDATE, world.OTHER_ROOT)
    refusal(UPDATE, b"no root")


@pytest.mark.parametrize(
    "change",
    [
        {"serial": world.SERIALS[2]},
        {"cmact_id": "OTHER"},
        {"twin": 2},
        {"certificate": world.CONTAINER_CERTIFICATES[2]},
    ],
)
def test_an_update_and_its_container_certificate_must_agree(change):
    update = msgspec.structs.replace(world.update(), **change)
    data = build_update(world.FIRM_A_KEY, world.FIRM_A_CERTIFICATE, update)
    assert "the certificate in it for" in refusal(data)


def test_a_firms_certificate_is_not_a_containers():
    firms = b64encode(world.FIRM_A_CERTIFICATE).decode()
    assert "not genuine" in refusal(signed(content() | {"certificate": firms}))
    update = world.update(certificate=world.FIRM_A_CERTIFICATE)
    with pytest.raises(UpdateRefused, match="not that of a TMR container"):
        build_update(world.FIRM_A_KEY, world.FIRM_A_CERTIFICATE, update)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("product_code", -1),
        ("product_code", 2**32),
        ("tmr_id", 0),
        ("tmr_id", 2**32),
        ("quantity", -1),
        ("quantity", 2**53),
        ("quantity", 2**70),
        ("quantity", True),
        ("quantity", "10"),
        ("units", -1),
        ("units", 2**64),
        ("expires_at_s", -1),
        ("expires_at_s", 10**12),
        ("feature_map", -1),
        ("lease_ttl_s", 0),
        ("lease_ttl_s", 2**31),
        ("receipt_valid_s", 0),
        ("receipt_valid_s", 2**32),
        ("text", "x" * 257),
    ],
)
def test_values_out_of_range_are_refused(name, value):
    item = {"product_code": 1, "tmr_id": 1, name: value}
    refusal(signed(content(items=[item])))


@pytest.mark.parametrize("change", [{"sequence": 0}, {"sequence": 2**60}, {"firm_code": 0}])
def test_firm_items_out_of_range_are_refused(change):
    refusal(signed(content(**change)))


def test_bounds_themselves_are_accepted():
    item = world.item(quantity=0, units=2**53 - 1, tmr_id=2**32 - 1, expires_at_s=0)
    firm = msgspec.structs.replace(world.update().firm, items=(item,))
    data = build_update(world.FIRM_A_KEY, world.FIRM_A_CERTIFICATE, world.update(firm=firm))
    assert read_update(data, world.ROOT).firm.items == (item,)


# --- the firm's word for the items ---


def with_word_of(update, key=world.FIRM_A_KEY, certificate=world.FIRM_A_CERTIFICATE) -> bytes:
    """The usual update, signed by the firm, with the word for another one."""
    word = msgspec.to_builtins(make_word(key, certificate, update))
    return signed(content(word=word))


OTHER_ITEMS = msgspec.structs.replace(world.update().firm, items=(world.item(quantity=11),))
LATER = msgspec.structs.replace(world.update().firm, sequence=2)
SHORT = {"root": "AAAA", "size": 1, "signature": "AAAA", "certificate": "AAAA"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (signed(content(word=None)), "lacks the firm's word"),
        (signed(content(word=SHORT)), "not about these items"),
        (signed(content(word=SHORT | {"more": 1})), "not understood"),
        (with_word_of(world.update(firm=OTHER_ITEMS)), "not about these items"),
        (with_word_of(world.update(firm=LATER)), "not about these items"),
        (with_word_of(world.update(2)), "not about these items"),
        (with_word_of(world.update(), world.FIRM_B_KEY), "not about these items"),
        (
            with_word_of(world.update(), world.FIRM_B_KEY, world.FIRM_B_CERTIFICATE),
            "not about these items",
        ),
    ],
    ids=("none", "broken", "more", "items", "sequence", "container", "key", "firm"),
)
def test_a_word_that_is_about_something_else_is_refused(data, said):
    assert said in refusal(data)


def test_how_a_container_is_bound_is_its_certificates_to_say():
    assert read_update(UPDATE, world.ROOT).binding == ""
    assert "its certificate says it" in refusal(signed(content() | {"binding": "tpm"}))
    held = world.CONTAINERS[1]._replace(binding=Binding.TPM)
    certificate = build_container_certificate(
        world.ROOT_KEY, world.ROOT, held, world.NOW, world.RNG
    )
    update = world.update(certificate=certificate)
    data = build_update(world.FIRM_A_KEY, world.FIRM_A_CERTIFICATE, update)
    assert read_update(data, world.ROOT).binding == "tpm"


def test_the_right_word_is_taken_wherever_it_comes_from():
    assert read_update(with_word_of(world.update()), world.ROOT) == read_update(UPDATE, world.ROOT)


def test_no_word_is_given_for_a_container_without_a_certificate():
    with pytest.raises(UpdateRefused, match="cannot give its word"):
        make_word(
            world.FIRM_A_KEY, world.FIRM_A_CERTIFICATE, world.update(certificate=b"no certificate")
        )


def test_one_licence_twice_is_refused():
    item = {"product_code": 1, "tmr_id": 1}
    assert "twice" in refusal(signed(content(items=[item, item])))


def test_an_update_over_the_bound_is_not_made():
    items = tuple(world.item(tmr_id=number, text="x" * 256) for number in range(1, 4000))
    firm = world.update().firm.__class__(
        firm_code=600_100, firm_name="Firm A", sequence=1, items=items
    )
    with pytest.raises(UpdateRefused, match="more than"):
        build_update(world.FIRM_A_KEY, world.FIRM_A_CERTIFICATE, world.update(firm=firm))


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ([[10, 0]], "TMR-ID of a returned licence is 0"),
        ([[2**32, 7]], "product code of a returned licence is 4294967296"),
        ([[10, 1]], "says that it was given back"),
        ([[10, 7, 1]], "content is not understood"),
        ([[10, number] for number in range(2, 4_099)], "more than 4096 returned licences"),
    ],
)
def test_returned_licences_out_of_range_are_refused(returned, said):
    assert said in refusal(signed(content(returned=returned)))


def test_an_update_names_what_was_returned():
    read = read_update(signed(content(returned=[[10, 7]])), world.ROOT)
    assert read.firm.returned == (ReturnedItem(10, 7),)


# --- what happens to a file on its way ---

WRAPPED = b"\n".join(UPDATE[i : i + 76] for i in range(0, len(UPDATE) - 1, 76)) + b"\n"


@pytest.mark.parametrize(
    "arrived",
    [
        UPDATE,
        UPDATE[:-1],
        UPDATE[:-1] + b"\r\n",
        UPDATE + b"\n\n",
        b"\n  " + UPDATE + b"\t\n",
        b"\xef\xbb\xbf" + UPDATE,
        WRAPPED,
        WRAPPED.replace(b"\n", b"\r\n"),
        UPDATE.decode().encode("utf-16"),
        b"\xfe\xff" + UPDATE.decode().encode("utf-16-be"),
    ],
    ids=["whole", "no-end", "crlf", "blank", "indent", "bom", "wrap", "wrap-crlf", "16", "16be"],
)
def test_what_a_mail_or_an_editor_did_is_undone(arrived):
    assert without_transport(arrived) == UPDATE


@pytest.mark.parametrize(
    "arrived",
    [
        UPDATE[:-1] + b"\n-- \nBest regards\nEve\n",
        b"Dear customer,\n" + UPDATE,
        b64encode(UPDATE),
        WRAPPED.replace(b"\n", b"=\r\n"),
        b"\xff\xfe" + UPDATE,
        UPDATE[: len(UPDATE) // 2],
    ],
    ids=["signature", "greeting", "base64", "quoted-printable", "false-utf-16", "cut"],
)
def test_what_cannot_be_undone_is_refused_with_what_to_do(arrived):
    assert "send it as an attachment" in refusal(without_transport(arrived)) or (
        "signature of the update does not fit" in refusal(without_transport(arrived))
    )


def test_the_way_back_never_makes_a_second_spelling_in_the_ledger():
    """Replicas read one spelling alone, whatever people may import."""
    for arrived in (WRAPPED, UPDATE[:-1] + b"\r\n", b"\xef\xbb\xbf" + UPDATE):
        refusal(arrived)


@given(st.binary(max_size=300))
def test_any_bytes_survive_the_way_back_without_an_error(data):
    made = without_transport(data)
    assert made == data or without_transport(made) == made


def test_a_file_far_over_the_bound_is_left_as_it_is():
    data = b" " * (2 * FILE_BYTES_MAX + 1)
    assert without_transport(data) is data
