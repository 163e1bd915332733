"""Which certified time is young enough for a transfer over the network."""

from __future__ import annotations

import pytest

from appliance.clocks.freshness import (
    TRANSFER_AGE_MAX_S,
    certified_age_ms,
    transfer_needs_update,
)

NOW_MS = 1_800_000_000_000
DAY_MS = 86_400_000


@pytest.mark.parametrize(
    ("certified_ms", "needs"),
    [
        (None, True),
        (NOW_MS - 8 * DAY_MS, True),
        (NOW_MS - 7 * DAY_MS - 1, True),
        (NOW_MS - 7 * DAY_MS, False),
        (NOW_MS - 6 * DAY_MS, False),
        (NOW_MS, False),
        (NOW_MS + DAY_MS, False),
    ],
)
def test_seven_days(certified_ms, needs):
    assert transfer_needs_update(certified_ms, NOW_MS) is needs
    assert TRANSFER_AGE_MAX_S == 7 * 86_400


def test_age():
    assert certified_age_ms(None, NOW_MS) is None
    assert certified_age_ms(NOW_MS - 5, NOW_MS) == 5
    assert certified_age_ms(NOW_MS + 5, NOW_MS) == 0
