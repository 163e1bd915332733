"""docs/limits.md has every bound of the servers, with the value that the program has."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

import appliance.services
from appliance.adapters.doors import door, doorkeeper, rates
from appliance.adapters.links import links
from appliance.services import http_connection, settings, web
from appliance.services.timeserver import settings as timeserver

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "limits.md"
ROW = re.compile(r"\| [^|]+ \| (?P<limit>[^|]+) \| [^|]+ \| `(?P<where>[^`]+)` \|")
PATTERN = re.compile(r"[A-Z][A-Z_]*_(MAX|PER_MINUTE)|KEPT_FRACTION")
OWN_PROCESS = ("vip", "restoring")
"""Modules whose bounds no stranger reaches: the address process hears its own host only."""
STRUCTS = {
    "Bounds": doorkeeper.Bounds,
    "DoorTimes": door.DoorTimes,
    "HttpTimes": http_connection.HttpTimes,
    "Limits": settings.AnswerLimits,
    "TimeServerSettings": timeserver.TimeServerSettings,
}
OTHER_SETTINGS = {
    *(
        "key",
        "certificate",
        "listen",
        "https",
        "crl",
        "contacts",
        "accuracy_ms",
        "require_synchronised",
    ),
    *("known_max", "known_per_client_max", "operators_kept", "holders_kept"),  # see Limits
}


FORMS = {
    *(
        "LIST_DAYS_MAX",
        "OWNER_MAX",
        "LEDGER_ID_BYTES_MAX",
        "DAYS_MAX",
        "ENTRIES_MAX",
        "ANCHORS_MAX",
    ),
    *("ACCURACY_MS_MAX", "CODE_MAX", "YOUNG_MAX", "LENGTH_DIGITS_MAX", "NUMBER_DIGITS_MAX"),
    *(
        "NUMBER_MAX",
        "LOSING_MAX",
        "ARCHIVE_DAYS_MAX",
        "ARCHIVE_MIB_MAX",
        "TRIES_MAX",
    ),
}
"""What a value may look like, and not how much of something there may be."""
MORE = (
    "adapters.container_home.UPDATES_MAX",
    "licences.bounds.PRODUCTS_MAX",
    "licences.bounds.SEATS_MAX",
    "licences.grants.LINES_MAX",
    "codec.group_files.REQUEST_BYTES_MAX",
    "codec.signed_files.FILE_BYTES_MAX",
    "codec.ticket_codes.LINES_MAX",
    "ledger.replica.adoption.STAGE_BYTES_MAX",
    "ledger.leader.batches.UNSETTLED_MAX",
    "ledger.replication.learner.HELD_BYTES_MAX",
    "ledger.leader.lanes.LANE_LEAST",
    "ledger.leader.lanes.LANE_SHARE",
    "ledger.leader.lanes.OWN_SHARE",
    "ledger.limits.UNCOMMITTED_BYTES_MAX",
    "ledger.leader.serving.REQUESTS_MAX",
    "licences.counting.LINGERS_MAX",
    "licences.denials.EPISODES_MAX",
    "licences.denials.EPISODES_PER_CLIENT_MAX",
    "licences.queue.place.PLACES_MAX",
    "licences.queue.place.PLACES_PER_PRODUCT_MAX",
    "licences.queue.place.PLACES_PER_CLIENT_MAX",
    "licences.queue.place.WAIT_S_MAX",
    "licences.queue.place.HOLD_S_MAX",
    "licences.queue.place.OVERTAKES_MAX",
    "licences.dismissing.DISMISSED_MAX",
    "licences.state.ERASED_MAX",
    "ledger.names.keeper.NAMES_MAX",
    "licences.deliveries.DELIVERIES_MAX",
    "licences.dismissing.QUOTAS_MAX",
    "licences.administration.CLIENTS_MAX",
    "licences.access.applying.ACCESS_KEPT",
    "licences.access.form.FORM_BYTES_MAX",
    "licences.access.form.GROUPS_MAX",
    "licences.access.form.RULES_MAX",
    "licences.access.form.SETS_MAX",
    "licences.access.form.SUBJECTS_MAX",
    "licences.access.judging.COUNTED_MAX",
    "licences.borrow_book.ENDS_MAX",
    "licences.borrow_carried.BORROWED_MAX",
    "licences.borrowing.BORROWED_PER_CLIENT_MAX",
    "licences.leases.USED_MAX",
    "licences.refunds.REFUNDED_MAX",
    "licences.reserving.RESERVED_MAX",
    "licences.unit_books.TAKINGS_MAX",
    "licences.options.usage_period.STARTS_MAX",
    "licences.seats.LEASES_KEPT",
    "licences.seats.LEASES_MAX",
    "licences.seats.LEASES_PER_CLIENT_MAX",
    "licences.seats.LEASES_SHARE",
    "licences.state.TOMBSTONES_MAX",
    "licences.state.TOMBSTONES_PER_CLIENT_MAX",
    "licences.state.TOMBSTONES_SHARE",
    "licences.deltas.ITEMS_MAX",
    "licences.updates.FIRMS_MAX",
    "licences.updates.RETURNED_MAX",
    "services.central.challenges.CHALLENGE_S",
    "services.problems.BODY_WAIT_S",
    "services.timeserver.app.BODY_WAIT_S",
    "services.tmr.access.ENDED_AT_ONCE",
    "services.tmr.app.BODY_WITHIN_S",
    "services.tmr.documents.PAGE_BYTES",
    "services.tmr.licence_lists.PAGE_BYTES",
    "services.tmr.standing.ANSWER_WITHIN_S",
)
"""Bounds that the pattern of names does not find."""


def modules() -> list[ModuleType]:
    """The servers' modules."""
    found = [door, doorkeeper, links, rates]
    for info in pkgutil.walk_packages(appliance.services.__path__, "appliance.services."):
        if not info.name.rpartition(".")[2].startswith(OWN_PROCESS):
            found.append(importlib.import_module(info.name))
    return found


def bounds() -> dict[str, object]:
    """Every bound: "module.NAME_MAX" and the fields of the structs above."""
    found: dict[str, object] = {}
    for module in modules():
        for name, value in vars(module).items():
            is_bound = PATTERN.fullmatch(name) and name not in FORMS and isinstance(value, int)
            if is_bound and _is_own(module, name):
                found[f"{module.__name__.removeprefix('appliance.')}.{name}"] = value
    for path in MORE:
        module_name, _, name = path.rpartition(".")
        found[path] = getattr(importlib.import_module(f"appliance.{module_name}"), name)
    for name in ("idle_s", "request_s"):
        found[f"WEB_TIMES.{name}"] = getattr(web.WEB_TIMES, name)
    for title, kind in STRUCTS.items():
        for name, default in _defaults(kind).items():
            if name not in OTHER_SETTINGS:
                found[f"{title}.{name}"] = default
    return found


def _is_own(module: ModuleType, name: str) -> bool:
    """Whether the module sets it, rather than imports it."""
    source = Path(module.__file__ or "").read_text("utf-8")
    return re.search(rf"^{name}\b[^=\n]*=", source, re.MULTILINE) is not None


def _defaults(kind: type) -> dict[str, object]:
    if issubclass(kind, msgspec.Struct):
        return {field.name: field.default for field in msgspec.structs.fields(kind)}
    assert is_dataclass(kind)
    return {field.name: field.default for field in fields(kind)}


def written(where: str, value: object) -> str:
    """A value as the table has it."""
    if isinstance(value, float):
        return f"{value:g} s"
    assert isinstance(value, int)
    if "bytes" not in where.lower():
        return f"{value:,}"
    return f"{value >> 20} MiB" if value % (1 << 20) == 0 else f"{value >> 10} KiB"


def rows() -> dict[str, re.Match[str]]:
    """The table's rows by what they name."""
    found = [ROW.fullmatch(line) for line in DOCUMENT.read_text("utf-8").splitlines()]
    return {row["where"]: row for row in found if row}


def test_every_bound_is_in_the_table_and_nothing_else():
    assert sorted(rows()) == sorted(bounds())


@pytest.mark.parametrize("where", sorted(bounds()))
def test_the_table_has_the_value_that_the_program_has(where):
    assert rows()[where]["limit"] == written(where, bounds()[where])
