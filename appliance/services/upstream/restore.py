"""An operator's word at an upstream that its store is to restore a ledger (design D7).

What can go wrong in here is an older state that takes the place of a newer one unseen, or another
system's: so this host compares it with what it knew before, and with what its container holds.
"""

from __future__ import annotations

from appliance.ledger.membership.founding_anew import IntentRefused, entries_lost, read_intent
from appliance.ledger.replica.replica import Replica
from appliance.licences.records import Known
from appliance.services.upstream.container import HostContainer


def restore(
    replica: Replica,
    container: HostContainer,
    before: Known,
    intent: bytes,
    losing: int,
    who: str,
) -> None:
    """Have the store restore this. Raises IntentRefused.

    `before` is what was known here before, of which the operator is ready to lose `losing` entries.
    """
    if not replica.awaits_restore:
        raise IntentRefused(
            "This upstream waits for no restore, and a ledger is never restored over: stop it, and"
            " make a new store with `tmr upstream init --again --for-restore --config FILE`."
        )
    command = read_intent(intent)
    restored = command.restored
    assert restored is not None
    if restored.who != who:
        raise IntentRefused(f"The restore names {restored.who!r}, and you are {who!r}.")
    cmact_id = container.content.cmact_id
    if cmact_id and restored.cmact_id and cmact_id != restored.cmact_id:
        raise IntentRefused(
            f"The backup is of another system: its containers have CmActID {restored.cmact_id},"
            f" container {container.serial} has {cmact_id}."
        )
    lost = entries_lost(before, restored.ledger_id, restored.index)
    if lost is None and before.virtual_serial != command.virtual_serial:
        raise IntentRefused(
            f"The backup is of another system: of {command.virtual_serial}, and this host was of"
            f" {before.virtual_serial}."
        )
    if lost is None:
        lost = before.index
    if lost > losing:
        raise IntentRefused(
            f"This host knew {lost} entries that the backup lacks: use a newer one, or say that"
            f" they are to be lost, by --losing {lost}."
        )
    replica.restore(intent)
