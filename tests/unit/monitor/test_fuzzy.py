"""What a few typed letters find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_gui.model.fuzzy import ranked, score

TITLES = (
    "View: Overview",
    "View: Containers and licences",
    "Switch over…",
    "Update certified time…",
    "Maintenance of the first TMR host…",
    "View: Clocks",
)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("", "View: Overview"),
        ("switch", "Switch over…"),
        ("over sw", "Switch over…"),
        ("CERT time", "Update certified time…"),
        ("lic", "View: Containers and licences"),
        ("clk", "View: Clocks"),
        ("mtn", "Maintenance of the first TMR host…"),
        ("ocks", "View: Clocks"),
    ],
)
def test_typed_letters_find(typed: str, first: str) -> None:
    assert ranked(typed, [(title, title) for title in TITLES], 10)[0] == first


def test_what_does_not_fit_is_not_offered() -> None:
    assert ranked("zzz", [(title, title) for title in TITLES], 10) == []
    assert score("switch nothing", "Switch over") is None
    assert len(ranked("", [(title, title) for title in TITLES], 2)) == 2


@given(st.text(max_size=12), st.text(max_size=30))
def test_what_is_typed_in_full_fits_always(word: str, rest: str) -> None:
    title = f"{rest} {word} {rest}"
    assert score(word, title) is not None
    assert score("", title) == 0
