"""The ring of log records: bounded, numbered across restarts, and never in the program's way."""

import logging
import threading

import pytest

from appliance.adapters.log_ring import LogRing
from appliance.codec.reports import RECORD_TEXT_MAX


@pytest.fixture
def logger():
    logger = logging.Logger("tmr.test")
    logger.setLevel(logging.INFO)
    return logger


def ringed(logger: logging.Logger, started_s: int = 100, records_max: int = 10) -> LogRing:
    ring = LogRing("up1", started_s, records_max)
    logger.addHandler(ring)
    return ring


def test_records_are_kept_as_documents(logger):
    ring = ringed(logger)
    logger.debug("not worth it")
    logger.warning("disk=%s", "full")
    (record,) = ring.after(0, 10)
    assert (record.host, record.level, record.logger) == ("up1", "warning", "tmr.test")
    assert record.text == "disk=full"
    assert record.number == ring.newest == (100 << 20) + 1
    assert record.at_ms > 1_600_000_000_000


def test_only_the_newest_are_kept_and_the_oldest_after_a_number_are_given(logger):
    ring = ringed(logger)
    for number in range(25):
        logger.info("%d", number)
    assert [record.text for record in ring.after(0, 100)] == [str(n) for n in range(15, 25)]
    third = ring.after(0, 3)[-1]
    assert [record.text for record in ring.after(third.number, 2)] == ["18", "19"]
    assert ring.after(ring.newest, 5) == ()


def test_a_later_start_has_higher_numbers(logger):
    first = ringed(logger, started_s=100)
    for _ in range(50):
        logger.info("again")
    later = logging.Logger("later", logging.INFO)
    second = ringed(later, started_s=101)
    later.info("back")
    assert second.after(first.newest, 10)[0].text == "back"


def test_nothing_is_longer_than_its_bound(logger):
    ring = ringed(logger)
    logger.error("x" * 10 * RECORD_TEXT_MAX)
    assert len(ring.after(0, 1)[0].text) == RECORD_TEXT_MAX


def test_an_error_is_named_and_a_record_that_cannot_be_formatted_is_kept(logger):
    ring = ringed(logger)
    try:
        raise OSError("no space")
    except OSError:
        logger.exception("cannot store")
    broken = logging.LogRecord("x", logging.INFO, __file__, 1, "two %s %s", ("one",), None)
    logger.handle(broken)
    texts = [record.text for record in ring.after(0, 10)]
    assert texts == ["cannot store (OSError: no space)", "two %s %s"]


def test_threads_may_log_while_others_read(logger):
    ring = ringed(logger, records_max=50)
    threads = [
        threading.Thread(target=lambda: [logger.info("x") for _ in range(500)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    number = 0
    while any(thread.is_alive() for thread in threads):
        for record in ring.after(number, 7):
            assert record.number > number
            number = record.number
    for thread in threads:
        thread.join()
    assert ring.newest == (100 << 20) + 2000
    assert [r.number for r in ring.after(0, 50)] == [*range(ring.newest - 49, ring.newest + 1)]
