"""The expiration time: the first second at which a licence no longer works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from appliance.licences.bounds import SECONDS_MAX
from appliance.licences.item import ItemOptions
from appliance.licences.options.row import Field, Kind, Option, Said
from appliance.licences.reason import at_rest

if TYPE_CHECKING:
    from appliance.licences.model import LicenceKey
    from appliance.licences.state import State

REASON: Final = at_rest("licence-expired", "The licence has expired", "ask the vendor to extend it")


def _expired(item: ItemOptions, now_ms: int) -> bool:
    return item.expires_at_s is not None and now_ms >= item.expires_at_s * 1000


def _ends_ms(state: State, key: LicenceKey, item: ItemOptions) -> int | None:
    return None if item.expires_at_s is None else item.expires_at_s * 1000


OPTION = Option(
    fields=(
        Field(
            "expires_at_s",
            "expiration time",
            "--expires",
            "Last day (2030-12-31, all of it), or a time with hours, or never.",
            Kind.END,
            0,
            SECONDS_MAX,
        ),
    ),
    name=Said("expires", "läuft ab", "有効期限"),
    reason=REASON,
    why=Said("licence expired", "Lizenz abgelaufen", "ライセンス期限切れ"),
    rests="has expired",
    at=_expired,
    ends_ms=_ends_ms,
)
