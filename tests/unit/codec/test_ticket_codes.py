"""A ticket's code: each typo is told without asking anybody, and never repeated."""

from __future__ import annotations

from random import Random

import pytest

from appliance.codec.ticket_codes import (
    ALPHABET,
    LINES_MAX,
    Mistyped,
    is_code,
    new_code,
    order_of,
    read_chosen,
    read_code,
    ticket_mark,
)


def told(typed: str) -> str:
    with pytest.raises(Mistyped) as mistyped:
        read_code(typed)
    return mistyped.value.detail


def test_codes_cannot_be_guessed_and_read_as_people_write_them() -> None:
    codes = {new_code(Random(number)) for number in range(200)}
    assert len(codes) == 200 and all(is_code(code) for code in codes)
    for code in codes:
        bare = code.replace("-", "")
        for typed in (
            code,
            bare,
            code.lower(),
            f" {code.replace('-', ' ')}\t",
            bare[:7] + bare[7:],
        ):
            assert read_code(typed) == code
        assert read_code(code.replace("0", "o").replace("1", "l")) == code
        assert not is_code(bare) and not is_code(code.lower())


def test_each_wrong_character_and_each_two_that_changed_places_are_told() -> None:
    for seed in range(3):
        code = new_code(Random(seed)).replace("-", "")
        for at, right in enumerate(code):
            for wrong in ALPHABET.replace(right, ""):
                assert "mistyped" in told(code[:at] + wrong + code[at + 1 :])
            for other in range(at + 1, len(code)):
                if code[other] != right:
                    swapped = list(code)
                    swapped[at], swapped[other] = code[other], right
                    assert "mistyped" in told("".join(swapped))


def test_what_is_no_ticket_is_refused_and_not_repeated() -> None:
    code = new_code(Random(5))
    for wrong, said in (
        ("", "has 0"),
        (code[:-1], "has 24"),
        (code + "7", "has 26"),
        (code[:-1] + "U", "Character 25"),
        ("x" * 10_000, "has 10000"),
        ("ÄBCDE" + code[5:], "Character 1 "),
    ):
        detail = told(wrong)
        assert said in detail and (not wrong or wrong not in detail)
        assert not is_code(wrong)


def test_lines_are_chosen_each_once() -> None:
    assert read_chosen("") == read_chosen(" , ") == ()
    assert read_chosen("3x5,1") == read_chosen("1 3x5") == ((1, 0), (3, 5))
    for wrong in ("0", "x5", "1x0", "1,1x2", "1x", "-1", "1x1234567890", f"{LINES_MAX + 1}", "a"):
        with pytest.raises(Mistyped):
            read_chosen(wrong)


def test_a_mark_and_what_is_signed_tell_tickets_and_choices_apart() -> None:
    codes = [new_code(Random(number)) for number in range(2)]
    assert len({ticket_mark(code) for code in codes}) == 2
    made = {order_of(code, chosen) for code in codes for chosen in ((), ((1, 0),), ((1, 5),))}
    assert len(made) == 6
