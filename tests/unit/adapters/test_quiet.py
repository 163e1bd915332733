"""What goes on and on is logged at once, and then seldom, with how often it came."""

from __future__ import annotations

import logging

from appliance.adapters.quiet import KEYS_MAX, MOST_S, Quiet, without_numbers


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def quiet() -> tuple[Quiet, list[str]]:
    log = logging.Logger("a log of its own")
    kept = _Kept()
    log.addHandler(kept)
    return Quiet(log), kept.texts


def test_a_dead_host_is_told_of_at_once_and_then_seldom_with_a_count() -> None:
    teller, texts = quiet()
    for third in range(3 * 600):
        teller.tell(third / 3, "down", logging.WARNING, "link down: peer=%s", "up1")
    assert texts == [
        "link down: peer=up1",
        "link down: peer=up1 (179 more in 60 s)",
        "link down: peer=up1 (359 more in 120 s)",
        "link down: peer=up1 (719 more in 240 s)",
    ]


def test_something_new_is_told_at_once_and_so_is_what_was_away_for_long() -> None:
    teller, texts = quiet()
    teller.tell(0, "a", logging.INFO, "a")
    teller.tell(1, "b", logging.INFO, "b")
    teller.tell(2, "a", logging.INFO, "a")
    teller.tell(500, "a", logging.INFO, "a")
    assert texts == ["a", "b", "a (1 more in 500 s)"]
    teller.tell(500 + 2 * MOST_S, "a", logging.INFO, "a")
    assert texts[3:] == ["a"]


def test_keys_have_a_bound() -> None:
    teller, _ = quiet()
    for number in range(3 * KEYS_MAX):
        teller.tell(0, number, logging.INFO, "x")
    assert len(teller._told) == KEYS_MAX


def test_a_key_is_without_numbers() -> None:
    assert without_numbers("term 12 of tmr1") == without_numbers("term 3 of tmr2")
