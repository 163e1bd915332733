"""What makes the problems of entries that are lost and of systems that are copies, alone."""

from __future__ import annotations

from appliance.codec.health_documents import LossDocument, OtherSystemDocument, PutBackDocument
from appliance.watch.facts import CRITICAL
from tests.unit.watch.facts_world import seen_with, upstream

ALONE = [
    (
        seen_with(loss=LossDocument(index=17, entries=3, units=150, leases=2, seen_by="tmr2")),
        ("ledger-rolled-back", CRITICAL, "and is gone; lost are 3 entries, 150 units and up to 2"),
    ),
    (
        seen_with(other_system=OtherSystemDocument(ledger_id="ab" * 16, index=9, seen_by="cert:a")),
        ("two-systems", CRITICAL, "cert:a has receipts of both"),
    ),
    (
        seen_with(upstream("up1", put_back=PutBackDocument(signed_index=57, known_by="up2"))),
        (
            "disk-put-back/up1",
            CRITICAL,
            "There are two logs, both vouched for: up1 signed entry 57",
        ),
    ),
]
