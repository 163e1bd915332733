"""For each option a value that is not its default, by kind: for tests that walk the table."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from appliance.licences.model import ProductItem
from appliance.licences.modes import STATION_SHARE, USER_LIMIT
from appliance.licences.options.row import Field, Kind, Option
from tests.unit.licences.builders import NOW_S, product

DAY_S: Final = 86_400
SAMPLE: Final[dict[Kind, Any]] = {
    Kind.TEXT: "Drafter",
    Kind.COUNT: 7,
    Kind.BITS: 0b101,
    Kind.SECONDS: DAY_S + 3_600,
    Kind.BEGIN: NOW_S + 300 * DAY_S,
    Kind.DATE: "2026-09-01",
    Kind.END: NOW_S + 400 * DAY_S,
    Kind.MODES: (USER_LIMIT, STATION_SHARE),
}
OF_FIELD: Final = {"linger_s": 30}
"""Values where that of the kind would contradict another option's default."""


def sample(field: Field) -> Any:
    """A value of this field that is not its default."""
    if field.kind is Kind.WORD:
        return field.words[-1]
    return OF_FIELD.get(field.field, SAMPLE[field.kind])


def sampled(option: Option, **more: Any) -> ProductItem:
    """A product item that uses this option, and no other that it can be without."""
    values = {field.field: sample(field) for field in option.fields}
    if "usage_reset" in values:
        more["usage_period_s"] = DAY_S  # without a period there is nothing to reset
    return msgspec.structs.replace(product(quantity=1, **more), **values)
