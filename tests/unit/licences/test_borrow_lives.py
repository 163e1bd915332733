"""200 lives with bad clocks, outages, replacements and restores: never more seats out and in than
were issued.

TMR_BORROW_LIVES=200 .venv/bin/python -m pytest tests/unit/licences/test_borrow_lives.py
"""

from __future__ import annotations

import os

from tests.unit.licences.borrow_lives import lives

LIVES = int(os.environ.get("TMR_BORROW_LIVES", "25"))


def test_seats_out_and_in_are_never_more_than_were_issued() -> None:
    counts = lives(range(LIVES))
    assert counts["lent"] > LIVES
    assert min(counts["restored"], counts["replaced"], counts["extended"]) > LIVES // 2
