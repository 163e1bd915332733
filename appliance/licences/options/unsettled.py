"""What becomes of units that are reserved and not settled when their lease ends.

They count as used, unless the vendor says that they are given back then. That trusts the plant: a
TMR host in its hands can end a lease at any time, and so have the units back that a job has used.
"""

from __future__ import annotations

from typing import Final

from appliance.licences.options.row import Field, Kind, Option, Said

TAKEN: Final = "taken"
RETURNED: Final = "returned"

OPTION = Option(
    fields=(
        Field(
            "unsettled_units",
            "rule for unsettled units",
            "--unsettled-units",
            "What becomes of reserved units that are not settled when their lease ends.",
            Kind.WORD,
            words=(TAKEN, RETURNED),
        ),
    ),
    name=Said("unsettled units", "nicht abgerechnete Einheiten", "未精算ユニット"),
)
