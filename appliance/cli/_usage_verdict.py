"""What `tmr usage verify` shows of its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.cli.output import Row

if TYPE_CHECKING:
    from appliance.usage.proof import Outage
    from appliance.usage.verifying import Verdict


def rows_of(verdict: Verdict) -> list[Row]:
    """A verdict, line by line; outages come last."""
    from appliance.usage.calendar import moment

    newest = verdict.anchors[-1] if verdict.anchors else None
    gaps = ", ".join(f"{gap.first} to {gap.last}" for gap in verdict.gaps)
    period = f"{verdict.first} to {verdict.last}" if verdict.first else "none"
    broken = f"entry {verdict.broken_at}: {verdict.broken}" if verdict.broken else "none"
    since = f"{moment(newest.time_ms)} up to entry {newest.index}" if newest else "nobody says"
    return [
        ("complete", verdict.complete),
        ("ledger", verdict.ledger_id),
        ("entries of the period", period),
        ("proven from entry", verdict.begins_at),
        ("proven to entry", verdict.proven_to or "none"),
        ("that is at", moment(verdict.proven_to_ms) if verdict.proven_to else "-"),
        ("first break", broken),
        ("missing entries", gaps or "none"),
        ("days with a time server's word", len(verdict.anchors)),
        ("unchanged since", since),
        *(("not served at most", _said(outage)) for outage in verdict.outages),
    ]


def _said(outage: Outage) -> str:
    from appliance.usage.calendar import moment

    when = f"{moment(outage.from_ms)} to {moment(outage.to_ms)}"
    terms = f"term {outage.term_before} to {outage.term_after}"
    return f"{when}, {terms}, {outage.host_before or '-'} to {outage.host_after}"
