"""`tmr leases`: who holds what. A client sees its own leases, an operator all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from appliance.cli._connection import EXIT_CODES, Asked, connection_options, perform
from appliance.cli.output import json_option, show
from appliance.licences.modes import USER_LIMIT

if TYPE_CHECKING:
    from appliance.codec.api import LeaseDocument

COLUMNS = (
    "client",
    "user",
    "host",
    "pid",
    "application",
    "licence",
    "seats",
    "role",
    "units taken",
    "since (UTC)",
    "heartbeat",
    "lease id",
)
OF_MODES = ("mode", "station")
"""Columns that are there where a lease is held in another mode than the usual one."""


@click.command(epilog=EXIT_CODES)
@connection_options
@json_option
def leases(asked: Asked, as_json: bool) -> None:
    """Who holds what: your own leases, or everybody's if you are an operator."""
    document = perform(asked.connect(), lambda client: client.leases())
    columns, rows = table(document.leases)
    show(
        document,
        as_json=as_json,
        columns=columns,
        rows=rows,
        title=f"{len(document.leases)} leases",
    )


def table(leases: Sequence[LeaseDocument]) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """The columns, and a row for each lease."""
    if all(lease.mode == USER_LIMIT for lease in leases):
        return COLUMNS, [_row(lease) for lease in leases]
    rows = [(*_row(lease), lease.mode, lease.station or None) for lease in leases]
    return COLUMNS + OF_MODES, rows


def _row(lease: LeaseDocument) -> tuple[object, ...]:
    holder = lease.holder
    return (
        lease.client,
        holder.user or None,
        holder.host or None,
        holder.pid or None,
        holder.application or None,
        licence_text(lease),
        lease.seats,
        lease.role or None,
        _units(lease),
        since(lease.granted_at_ms),
        _alive(lease),
        lease.lease_id,
    )


def _alive(lease: LeaseDocument) -> str | None:
    """When it was last heard of; of borrowed seats, until when they are out."""
    if lease.borrowed_until_ms:
        lost = ", lost" if lease.lost_at_ms else ""
        return f"borrowed until {since(lease.borrowed_until_ms)}{lost}"
    age_s = lease.heartbeat_age_s
    return None if age_s is None else f"{age_s:.1f} s ago"


def _units(lease: LeaseDocument) -> str | int:
    """Units that were taken, and how many of them may come back: 57 (50 reserved)."""
    if not lease.units_reserved:
        return lease.units_taken
    return f"{lease.units_taken} ({lease.units_reserved} reserved)"


def licence_text(lease: LeaseDocument) -> str:
    """The licences that a lease holds seats of; of each how many, if there are several."""
    if not lease.lines:
        return f"{lease.firm_code}:{lease.product_code}#{lease.tmr_id}"
    return ", ".join(
        f"{lease.firm_code}:{line.product_code}#{line.tmr_id} ({line.seats})"
        for line in lease.lines
    )


def since(unix_ms: int) -> str:
    """A moment of the ledger's time, to the second."""
    try:
        return datetime.fromtimestamp(unix_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return f"{unix_ms} ms"  # beyond the calendar's end


def holder_text(lease: LeaseDocument) -> str:
    """Who holds this lease, in a few words: cert:app1 (alice on ws1, pid 12)."""
    holder = lease.holder
    person = " on ".join(filter(None, (holder.user, holder.host)))
    words = ", ".join(filter(None, (person, f"pid {holder.pid}" if holder.pid else "")))
    return f"{lease.client} ({words})" if words else lease.client
