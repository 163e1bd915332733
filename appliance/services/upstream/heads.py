"""How far the ledger is, as this host's container says it to its vendor.

What can go wrong in here is to say more than is certain: an entry that may still be cut would make
an honest ledger look as if it had gone back. So only what is proven to be committed is said.
"""

from __future__ import annotations

from typing import Final

from appliance.codec.contacts import WHY_MAX, LedgerHead
from appliance.ledger.certificates.proofs import CommitProof
from appliance.licences.state import State

_RESTORE: Final = "restore"
_ACCEPT: Final = "accept-loss"


def head_of(state: State, proof: CommitProof | None) -> LedgerHead:
    """The head with its proof's term and root; an empty one while nothing is proven."""
    if proof is None or not state.founded:
        return LedgerHead()
    return LedgerHead(
        ledger_id=state.ledger_id.hex(),
        term=proof.term.counter,
        index=proof.index,
        root=proof.root,
        origin=state.origin.ledger_id.hex(),
        origin_index=state.origin.index,
        loss=state.loss.key.hex(),
        why=_reason(state, _ACCEPT if state.loss.key else _RESTORE)[:WHY_MAX],
    )


def _reason(state: State, action: str) -> str:
    """Why an operator did this last, "" if nobody did, or if that act is forgotten."""
    return next((act.why for act in reversed(state.acts()) if act.action == action), "")
