"""The access modes that a vendor permits: in which ways the seats of a licence may be counted.

Who writes clients decides which mode they ask for, and their code is open: so every mode but the
user limit is denied unless the vendor permits it (`appliance.licences.modes` says what each is).
"""

from __future__ import annotations

from typing import Final

from appliance.licences.modes import EXCLUSIVE, MODES, NO_LIMIT, STATION_SHARE, USER_LIMIT
from appliance.licences.options.row import Case, Field, Kind, Option, Said
from appliance.licences.reason import at_rest

REASON: Final = at_rest(
    "mode-not-permitted",
    "The vendor does not permit this access mode",
    "ask for another mode, or have the vendor permit this one",
)

NAMES: Final = {
    USER_LIMIT: Said("user limit", "Benutzerlimit", "ユーザー数制限"),
    STATION_SHARE: Said("station share", "Stationsfreigabe", "端末共有"),
    EXCLUSIVE: Said("exclusive", "exklusiv", "排他"),
    NO_LIMIT: Said("no user limit", "kein Benutzerlimit", "無制限"),
}
"""What people call the modes."""


def _refuses(case: Case) -> bool:
    return case.wishes.mode not in case.item.modes


OPTION = Option(
    fields=(
        Field(
            "modes",
            "access mode",
            "--modes",
            f"Permitted access modes, by commas: {', '.join(MODES)}.",
            Kind.MODES,
        ),
    ),
    name=Said("access modes", "Zugriffsarten", "アクセスモード"),
    reason=REASON,
    why=Said("access mode not permitted", "Zugriffsart nicht erlaubt", "許可されていないモード"),
    rests="does not permit the access mode that was asked for",
    refuses=_refuses,
)
