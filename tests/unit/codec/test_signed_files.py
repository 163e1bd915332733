"""Signed files by themselves: to the byte how long, to the letter what is refused."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from appliance.codec.signed_files import (
    ALGORITHM,
    FILE_BYTES_MAX,
    FileRefused,
    open_file,
    sign_file,
    verify_file,
    without_transport,
)
from appliance.licences.model import FirmItem
from tests.unit.codec import world

TYPE = "tmr-test+jws"
HEADER = {"alg": ALGORITHM, "typ": TYPE}
KEY = world.FIRM_A_KEY
PAYLOAD = FirmItem(firm_code=1, firm_name="Firm", sequence=1, items=())
SIGNED = sign_file(KEY, HEADER, PAYLOAD)
HEADER_LETTERS_MAX = 8192
AGAIN = "Fetch it again, and send it as an attachment, zipped."


def part(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def file(header: Any, payload: bytes = b"{}", signature: bytes = b"s") -> bytes:
    """A file with this header (bytes as they are), signed by nobody."""
    data = header if isinstance(header, bytes) else json.dumps(header).encode()
    return b".".join(map(part, (data, payload, signature))) + b"\n"


def refusal(data: bytes) -> str:
    with pytest.raises(FileRefused) as refused:
        open_file(data, TYPE, "letter")
    return str(refused.value)


def test_a_file_is_header_payload_and_signature_in_one_line() -> None:
    opened = open_file(SIGNED, TYPE, "letter")
    assert opened.compact + b"\n" == SIGNED
    assert (opened.header.alg, opened.header.typ, opened.header.x5c) == ("Ed25519", TYPE, ())
    assert json.loads(opened.payload) == {"firm_code": 1, "firm_name": "Firm", "sequence": 1}
    verify_file(opened, world.public(KEY), "letter")


@pytest.mark.parametrize("key", [world.public(world.FIRM_B_KEY), b"k" * 31, b""])
def test_a_signature_by_another_key_or_none_does_not_fit(key: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        verify_file(open_file(SIGNED, TYPE, "letter"), key, "letter")
    assert str(refused.value) == (
        "The signature of the letter does not fit: it was altered or damaged on its way."
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            SIGNED[:-1],
            f"The letter does not end in a newline: it is truncated or no letter. {AGAIN}",
        ),
        (
            b"Dear customer,\n",
            "The letter is not a signed file of three parts: it is something else, or a mail"
            f" program changed it. {AGAIN}",
        ),
        (
            b"a?." + SIGNED.partition(b".")[2],
            "The letter was changed on its way: it holds what is not base64url, as after a mail"
            f" program or an editor. {AGAIN}",
        ),
        (file({**HEADER, "typ": "other"}), f"This is a file of type 'other', not '{TYPE}'."),
        (
            file({**HEADER, "alg": "RS256"}),
            "The letter is signed by 'RS256'; only Ed25519 is accepted.",
        ),
        (
            file({"typ": TYPE}),
            "The header of the letter is not understood: Object missing required field `alg`.",
        ),
    ],
)
def test_what_is_wrong_is_told_to_the_letter(data: bytes, said: str) -> None:
    assert refusal(data) == said


@pytest.mark.parametrize("position", [0, 1, 2])
def test_no_part_is_empty_or_spelt_otherwise(position: int) -> None:
    parts = SIGNED[:-1].split(b".")
    # "YR" is another spelling of "YQ".
    for other in (b"", parts[position] + b"=", b"YR", parts[position][:-1] + b"\n"):
        spelt = b".".join([*parts[:position], other, *parts[position + 1 :]]) + b"\n"
        assert "holds what is not base64url" in refusal(spelt)


def test_whatever_letter_ends_a_part_it_is_read() -> None:
    for last in range(64):
        payload = bytes([0, 0, last])
        assert open_file(file(HEADER, payload), TYPE, "letter").payload == payload


def test_a_file_has_so_many_bytes_and_none_more() -> None:
    # Base64 cannot be one letter longer than a multiple of four: one of these four fits.
    sizes = range(FILE_BYTES_MAX // 4 * 3 - 200, FILE_BYTES_MAX // 4 * 3)
    made = (file(HEADER, bytes(size), b"s" * end) for end in (1, 2) for size in sizes)
    longest = next(one for one in made if len(one) == FILE_BYTES_MAX)
    assert open_file(longest, TYPE, "letter").compact == longest[:-1]
    assert refusal(b"x" + longest) == (
        "The letter is 1048577 bytes long; more than 1048576 is refused."
    )


def test_a_header_has_so_many_letters_and_none_more() -> None:
    """The library says the same: else a header that is too long was called a damaged signature."""
    empty = len(json.dumps({**HEADER, "x5c": [""]}, separators=(",", ":")))
    certificate = "c" * (HEADER_LETTERS_MAX // 4 * 3 - empty)
    longest = sign_file(KEY, {**HEADER, "x5c": [certificate]}, PAYLOAD)
    assert longest.index(b".") == HEADER_LETTERS_MAX
    opened = open_file(longest, TYPE, "letter")
    assert opened.header.x5c == (certificate,)
    verify_file(opened, world.public(KEY), "letter")
    longer = file({**HEADER, "x5c": [certificate + "c"]})
    assert refusal(longer) == "The header of the letter is too long."


def test_a_payload_may_be_longer_than_the_librarys_own_bound() -> None:
    payload = FirmItem(firm_code=1, firm_name="x" * 700_000, sequence=1, items=())
    data = sign_file(KEY, HEADER, payload)
    verify_file(open_file(data, TYPE, "letter"), world.public(KEY), "letter")


# --- what happens to a file on its way ---


def test_what_is_put_right_may_be_twice_as_long_as_a_file() -> None:
    arrived = SIGNED + b"\n" * (2 * FILE_BYTES_MAX - len(SIGNED))
    assert without_transport(arrived) == SIGNED
    assert without_transport(arrived + b"\n") == arrived + b"\n"


@pytest.mark.parametrize("data", [b"", b" \n", b"\xef\xbb\xbf", b"caf\xc3\xa9 \n", b"\xff\xfea"])
def test_what_holds_no_such_text_is_left_as_it_is(data: bytes) -> None:
    assert without_transport(data) == data
