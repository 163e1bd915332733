"""`tmr licences`: what the virtual container offers, and how each twin's share of it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import click

from appliance.cli._connection import EXIT_CODES, Asked, connection_options, perform
from appliance.cli._option_columns import OWN_COLUMNS, options_column, seconds
from appliance.cli.output import json_option, on_terminal, say, show

if TYPE_CHECKING:
    from appliance.codec.api import ConstituentDocument, LicenceDocument, LicencesDocument

COUNTDOWN_S: Final = 14 * 86_400
_SHOWN_ELSEWHERE: Final = frozenset(("certified_age_max_s", "usage_period_s"))
"""Options that have a column of their own here."""


@click.command(epilog=EXIT_CODES)
@connection_options
@click.option(
    "--all/--available",
    "everything",
    default=True,
    help="All that was issued, or those only that two constituents agree on.",
)
@click.option("--firm", "firm_code", type=click.IntRange(1), help="Those of this firm code.")
@click.option("--product", "product_code", type=click.IntRange(0), help="Of this product code.")
@json_option
def licences(
    asked: Asked,
    everything: bool,
    firm_code: int | None,
    product_code: int | None,
    as_json: bool,
) -> None:
    """Which licences there are: constituents, seats in use, units left, expiry."""
    document = perform(
        asked.connect(),
        lambda client: client.licences(everything, firm_code=firm_code, product_code=product_code),
    )
    columns, rows = table(document)
    show(
        document,
        as_json=as_json,
        columns=columns,
        rows=rows,
        title=f"Virtual container {document.virtual_serial}" if document.virtual_serial else None,
    )
    if not document.licences and not as_json:
        more = "" if everything else "; `tmr licences` also shows what is not available"
        which = _which(firm_code, product_code)
        say(f"tmr: no licence{which} is {'known' if everything else 'available'}{more}.", err=True)
    elif everything and on_terminal() and not as_json:
        say("A licence is available while two constituents are ok.")


def _which(firm_code: int | None, product_code: int | None) -> str:
    """What was asked for, as part of a sentence."""
    of_product = "" if product_code is None else f" of product {product_code}"
    return of_product + ("" if firm_code is None else f" of firm {firm_code}")


def table(document: LicencesDocument) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """The columns, and a row for each licence."""
    twins = sorted({part.twin for licence in document.licences for part in licence.constituents})
    names = _names(document, twins)
    head, cells = options_column(document.licences, OWN_COLUMNS | _SHOWN_ELSEWHERE)
    timed = any(licence.usage_period_s is not None for licence in document.licences)
    limited = any(licence.certified_until_s is not None for licence in document.licences)
    columns = (
        "licence",
        "firm",
        "text",
        *(names[twin] for twin in twins),
        "available",
        "in use",
        "units left",
        "expires (UTC)",
        *(("usage period",) if timed else ()),
        *(("certified time",) if limited else ()),
        *head,
    )
    rows = [
        _row(licence, twins)
        + ((usage(licence, document.log_time_ms),) if timed else ())
        + ((countdown(licence.certified_until_s, document.log_time_ms),) if limited else ())
        + cell
        for licence, cell in zip(document.licences, cells, strict=True)
    ]
    return columns, rows


def _names(document: LicencesDocument, twins: Sequence[int]) -> dict[int, str]:
    """Each twin number's upstream; a twin that no licence knows the host of keeps its number."""
    names = {twin: f"twin {twin}" for twin in twins}
    for licence in document.licences:
        names.update({part.twin: part.host for part in licence.constituents if part.host})
    return names


def _row(licence: LicenceDocument, twins: Sequence[int]) -> tuple[object, ...]:
    parts = {part.twin: part for part in licence.constituents}
    return (
        f"{licence.firm_code}:{licence.product_code}#{licence.tmr_id}",
        licence.firm_name,
        licence.text,
        *(_constituent(parts.get(twin)) for twin in twins),
        "yes" if licence.available else f"no: {licence.refusal}",
        used(licence),
        f"{licence.units_left}, unconfirmed" if licence.units_unconfirmed else licence.units_left,
        expiry(licence.expires_at_s),
    )


def used(licence: LicenceDocument) -> str:
    """Seats in use, and those that linger, of all: 3+2 lingering/10."""
    lingering = f"+{licence.lingering} lingering" if licence.lingering else ""
    return f"{licence.in_use}{lingering}/{licence.quantity}"


def _constituent(part: ConstituentDocument | None) -> str:
    if part is None:
        return "missing"
    return f"{part.state}: {', '.join(part.differs_in)}" if part.differs_in else part.state


def countdown(certified_until_s: int | None, now_ms: int) -> str | None:
    """What a vendor's limit on the age of the certified time means now; shown 14 days ahead.

    `now_ms` is log time. None if there is no limit, or it is far off.
    """
    if certified_until_s is None:
        return None
    left_s = certified_until_s - now_ms // 1000
    if left_s <= 0:
        return "too old: rests until `tmr time update`"
    if left_s > COUNTDOWN_S:
        return None
    days, hours = divmod(left_s // 3600, 24)
    return f"update within {days} d {hours} h"


def usage(licence: LicenceDocument, now_ms: int) -> str | None:
    """What is left of a licence's usage period at this log time; None if it has none."""
    if licence.usage_period_s is None:
        return None
    if licence.usage_ends_s is None:
        return f"{seconds(licence.usage_period_s)} from its first use on"
    left_s = licence.usage_ends_s - now_ms // 1000
    return "over" if left_s <= 0 else f"{seconds(left_s)} left"


def expiry(expires_at_s: int | None) -> str:
    """The first second at which a licence works no more, in words."""
    if expires_at_s is None:
        return "never"
    try:
        return datetime.fromtimestamp(expires_at_s, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return str(expires_at_s)  # beyond the calendar's end
