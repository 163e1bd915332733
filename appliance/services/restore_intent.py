"""A known ledger as a document."""

from __future__ import annotations

from appliance.codec.api import LedgerDocument
from appliance.licences.records import Known


def ledger_document(known: Known) -> LedgerDocument | None:
    """None for no ledger."""
    if not known.ledger_id:
        return None
    return LedgerDocument(
        ledger_id=known.ledger_id.hex(),
        virtual_serial=known.virtual_serial,
        index=known.index,
        origin_id=known.origin.ledger_id.hex(),
        origin_index=known.origin.index,
    )
