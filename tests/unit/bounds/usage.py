"""The bounds of the usage record's room."""

from __future__ import annotations

from typing import Final

from tests.unit.bounds.kinds import Bound, sized, within

LEASES: Final = "licences.seats.LEASES_MAX"
CELLS: Final = "usage.report.CELLS_MAX"
SUBJECTS: Final = "licences.access.form.SUBJECTS_MAX"
NEWEST: Final = "tests/unit/usage/test_verifying.py::test_only_the_newest_are_kept"
STATEMENTS: Final = "usage.verifying.STATEMENTS_KEPT"
USED: Final = "licences.leases.USED_MAX"

USAGE: Final[dict[str, Bound]] = {
    "adapters.store.filling:Aside._part": within(
        "adapters.store.archive.SEGMENT_BYTES_MAX", "then a segment is made of it"
    ),
    "codec.api_usage:UsageNamesDocument.names": within(
        "services.tmr.usage.NAMES_ROWS", "of one page"
    ),
    "ledger.replica.adoption:_Offered.results": within(
        "ledger.replica.adoption.STAGE_BYTES_MAX", "one for each entry of an adopt"
    ),
    "usage.exporting:Export.rows": within("usage.exporting.ROWS_MAX", "of one export"),
    "usage.figures:UsageRow.of": within("usage.report.CELLS_MAX", "a word for each of report.WHO"),
    "usage.figures:UsageRow.why": within(CELLS, "one for each reason that the machine gives"),
    "usage.folding:Folding.gaps": within(
        "usage.folding.GAPS_MAX", "the last stands for all others"
    ),
    "usage.proof:Chain._anchors": within("usage.proof.ANCHORS_MAX", "the oldest goes"),
    "usage.proof:Chain.outages": within("usage.proof.OUTAGES_MAX", "the first ones"),
    "usage.report:Report._cells": within(CELLS, "more are refused"),
    "usage.report:Report._groups": within(SUBJECTS, "of the access rules in force"),
    "usage.report:Report._keys": within(CELLS, "all of them go when it is full"),
    "usage.report:Report._held": within(LEASES, "one for each lease that is held"),
    "usage.report:Report._tallies": within(CELLS, "more are refused"),
    "usage.report:_Cell.why": within(CELLS, "one for each reason that the machine gives"),
    "usage.report:_Tally.shares": within(LEASES, "of leases that are held"),
    "usage.sessions:Session.reserved": within(
        "licences.reserving.RESERVED_MAX", "the machine refuses more that are not settled"
    ),
    "usage.sessions:Session.units": within(USED, "licences that a lease took units of"),
    "usage.sessions:Sessions._due": within(
        "licences.borrow_carried.BORROWED_MAX", "what is borrowed"
    ),
    "usage.sessions:Sessions._told": within(
        "licences.denials.EPISODES_MAX", "episodes that the ledger has open"
    ),
    "usage.sessions:Sessions._episodes": within(
        "usage.sessions.EPISODES_MAX", "the one heard of longest ago ends"
    ),
    "usage.sessions:Sessions._open": within(LEASES, "leases that are held"),
    "usage.sessions:Sessions._places": within(
        "usage.sessions.PLACES_MAX", "the one that waited longest is not counted"
    ),
    "usage.sessions:Sessions._place_of": within("usage.sessions.PLACES_MAX", "a key of each place"),
    "usage.sessions:Sessions._over": within(
        LEASES, "leases that were held before the record began"
    ),
    "usage.verifying:Verification._anchors": sized("usage.verifying.ANCHORS_KEPT", shown_by=NEWEST),
    "usage.verifying:Verification._own": sized(STATEMENTS, shown_by=NEWEST),
    "usage.verifying:Verification._statements": sized(
        "usage.verifying.STATEMENTS_KEPT", shown_by=NEWEST
    ),
    "usage.verifying:Verification._certificates": within(
        "usage.verifying.CERTIFICATES_MAX", "further ones are passed over"
    ),
    "usage.verifying:Verification._gaps": within(
        "adapters.store.archive.SEGMENTS_MAX", "one where a segment is missing"
    ),
    "usage.verifying:Verification._outages": within(
        "usage.proof.OUTAGES_MAX", "of each stretch between gaps"
    ),
}
