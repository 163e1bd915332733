"""What users of other licence systems complained of in public, and the tests that show it here.

Each row is a case: its number, what has to hold, and the tests. Whoever adds a feature adds its
cases.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from appliance.licences import commands as c
from appliance.licences import reasons
from tests.unit.licences.builders import KEY, check_out, founded, product
from tests.unit.test_threats import names_in

ROOT: Final = Path(__file__).resolve().parents[2]
_ABSENCE: Final = "tests/lab/test_absence.py"
_ACCESS: Final = "tests/unit/licences/test_access.py"
_HERE: Final = "tests/unit/test_complaints.py"
_MODES: Final = "tests/unit/licences/test_modes.py"
_REGAIN: Final = "tests/unit/client/test_regain.py"
_USAGE: Final = "tests/unit/usage"

CASES: Final[dict[int, tuple[str, tuple[str, ...]]]] = {
    1: (
        "A client that slept longer than its lease lives takes a free seat again under a new id;"
        " where none is free it hears that its lease ended, and takes no second seat",
        (
            f"{_HERE}::test_case_1_a_lease_that_lapsed_in_a_sleep_is_over_and_its_seat_is_free",
            f"{_REGAIN}::test_a_sleep_costs_no_seat_that_is_free",
            f"{_REGAIN}::test_while_no_seat_is_free_it_is_lost_and_asked_for",
            f"{_ABSENCE}::test_a_program_that_slept_takes_no_second_seat",
        ),
    ),
    2: (
        "A program that was killed and starts again with its resume file has its own last seat",
        (
            f"{_HERE}::test_case_2_who_starts_again_has_its_own_last_seat",
            "tests/unit/client/test_resume.py::test_whoever_starts_again_repeats_the_very_check_out",
            f"{_ABSENCE}::test_a_program_that_was_killed_has_its_own_last_seat_back",
        ),
    ),
    3: (
        "Two containers of one host that are told one station share a seat; else they take two",
        (
            f"{_MODES}::test_case_3_containers_that_are_told_one_station_share_a_seat",
            "tests/unit/client/test_station.py::test_containers_that_are_told_the_same_are_one_station",
        ),
    ),
    4: (
        "Three shared, two single and one unlimited use of one station take three seats",
        (f"{_MODES}::test_case_4_one_station_with_six_uses_takes_three_seats",),
    ),
    15: (
        "A reservation is of the product, not of each of its licences",
        (f"{_ACCESS}::test_case_15_a_reservation_is_of_the_product_and_not_of_each_licence",),
    ),
    16: (
        "The least of all maxima counts, in whatever order they are written",
        (f"{_ACCESS}::test_case_16_the_least_of_all_maxima_counts",),
    ),
    17: (
        "A rule for Alice is for alice",
        (f"{_ACCESS}::test_case_17_the_case_of_a_name_does_not_count",),
    ),
    18: (
        "A document with an unknown key, an unknown group or too much reserved changes nothing, and"
        " line and column are named; what is too much later is told, too",
        (
            "tests/unit/codec/test_access_document.py::test_a_fault_is_named_with_line_and_column",
            f"{_ACCESS}::test_more_than_there_is_cannot_be_reserved",
            "tests/unit/services/tmr/test_over_reserved.py"
            "::test_a_licence_that_became_smaller_than_what_is_reserved_of_it_is_told",
        ),
    ),
    24: (
        "Who asks twelve times and gets a seat waited once and was not denied; who gives up was"
        " denied once",
        (
            f"{_USAGE}/test_report.py::test_who_polls_and_gets_a_seat_waited_and_was_not_denied",
            f"{_USAGE}/test_report.py::test_who_gives_up_was_denied_once",
        ),
    ),
    25: (
        "Fifty clients that never return after a power cut of the active host have fifty ends in"
        " the usage record, and the record is proven complete",
        (f"{_USAGE}/test_proof.py::test_case_25_fifty_that_never_return_expire_and_it_is_proven",),
    ),
    26: (
        "No process that is killed ends a lease: what ends one was asked for, or is its silence",
        (
            "tests/unit/services/tmr/test_failures.py"
            "::test_case_26_whichever_process_is_killed_no_lease_ends",
        ),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_shows_a_case_is_there(case: int) -> None:
    said, shown = CASES[case]
    assert said and shown
    for one in shown:
        path, _, name = one.partition("::")
        assert name in names_in(ROOT / path), one


def test_case_1_a_lease_that_lapsed_in_a_sleep_is_over_and_its_seat_is_free() -> None:
    desk = founded(product(quantity=1))
    slept = desk.do(check_out())
    ref = c.LeaseRef("cert:ada", "lease")
    assert desk.do(c.Expire(ref, slept.generation)).ok
    assert desk.state.in_use(KEY) == 0
    late = desk.do(check_out(nonce=b"m" * 16))
    assert (late.reason, desk.state.in_use(KEY)) == (reasons.LEASE_ENDED, 0)
    assert desk.do(check_out("a-new-id")).ok, "the seat is free, and taken once"
    full = desk.do(check_out("another"))
    assert (full.reason, desk.state.in_use(KEY)) == (reasons.NO_SEAT_FREE, 1)


def test_case_2_who_starts_again_has_its_own_last_seat() -> None:
    """The file holds lease id and secret, so the request is the same but for its nonce."""
    desk = founded(product(quantity=1))
    killed = desk.do(check_out())
    assert desk.do(check_out("stranger")).reason == reasons.NO_SEAT_FREE
    again = desk.do(check_out(nonce=b"m" * 16))
    assert again.ok and again.generation == killed.generation
    assert desk.state.in_use(KEY) == 1
