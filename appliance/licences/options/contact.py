"""How long a licence works without contact between its vendor and the containers.

Contact is what the vendor's side answered: certified time from a time server of the licence root,
or an update that was imported. `certified_age_max_s` is about a right clock: only certified time
does. This is about a copy of the system that keeps away from the vendor: either will do. What
two of the containers had counts, as of certified time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from appliance.licences.bounds import CERTIFIED_AGE_S_MAX
from appliance.licences.item import ItemOptions
from appliance.licences.options.row import Case, Field, Kind, Option, Said
from appliance.licences.reason import at_rest

if TYPE_CHECKING:
    from appliance.licences.state import State

REASON: Final = at_rest(
    "contact-overdue",
    "The licence wants contact with its vendor",
    "update the time with `tmr time update`, or import an update of the vendor's",
)


def contact_until_ms(state: State, item: ItemOptions) -> int | None:
    """Until when (Unix ms) this item works without further contact; None if its vendor set no
    limit."""
    if item.contact_within_s is None:
        return None
    return state.contact_ms() + item.contact_within_s * 1000


def _refuses(case: Case) -> bool:
    until_ms = contact_until_ms(case.state, case.item)
    return until_ms is not None and case.state.log_time_ms >= until_ms


OPTION = Option(
    fields=(
        Field(
            "contact_within_s",
            "time without contact",
            "--contact-within-s",
            "How long it works without contact with the vendor (certified time, an update), or"
            " none.",
            Kind.SECONDS,
            1,
            CERTIFIED_AGE_S_MAX,
        ),
    ),
    name=Said("contact within", "Kontakt binnen", "連絡期限"),
    reason=REASON,
    why=Said("contact overdue", "Kontakt überfällig", "連絡期限切れ"),
    rests="rests, since its vendor has had no contact with the containers for too long",
    refuses=_refuses,
    until_ms=contact_until_ms,
)
