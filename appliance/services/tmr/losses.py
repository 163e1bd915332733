"""The ledger was put back: what the status and the log say of it.

What the ledger itself says goes before what this host alone has found: that one every host can
check.
"""

from __future__ import annotations

import logging
from typing import Final

from appliance.adapters.quiet import Quiet
from appliance.codec.health_documents import LossDocument
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.membership.heads import OWN, Lost
from appliance.licences.records import Loss

_TOLD: Final = (
    "ledger-rolled-back: entry %d was committed, as %s showed, and is gone;"
    " lost are %d entries, %d units, up to %d leases"
)


def loss_document(coordinator: Coordinator) -> LossDocument | None:
    """What is lost, None if nothing is known to be."""
    noted = coordinator.book.state.loss
    if noted.key and noted.accepted <= noted.entry:
        return _noted(noted, coordinator.host)
    found = coordinator.heads.found
    if found is not None:
        return _found(found, coordinator.host)
    return _noted(noted, coordinator.host) if noted.key else None


def _noted(loss: Loss, host: str) -> LossDocument:
    return LossDocument(
        index=loss.index,
        entries=loss.index - loss.entry + 1,
        units=loss.units,
        leases=loss.leases,
        seen_by=loss.seen_by or host,
        entry=loss.entry,
        key=loss.key.hex(),
        accepted=loss.accepted > loss.entry,
    )


def _found(found: Lost, host: str) -> LossDocument:
    head = found.head
    return LossDocument(
        index=head.index,
        entries=head.index if found.anew else max(1, head.index - found.index),
        units=found.units,
        leases=head.leases,
        seen_by=host if found.seen_by == OWN else found.seen_by,
        anew=found.anew,
    )


def tell_loss(quiet: Quiet, coordinator: Coordinator, now_s: float) -> None:
    """Say it in the log, again only after a while; `now_s` is boot time."""
    loss = loss_document(coordinator)
    if loss is not None and not loss.accepted:
        said = (loss.index, loss.seen_by, loss.entries, loss.units, loss.leases)
        quiet.tell(now_s, ("lost", str(loss.index)), logging.ERROR, _TOLD, *said)
