"""A replica that computes other outcomes than two others: found by their signatures (design D7).

One batch is enough: all three ran the same commands on what should be the same state. Who hears
that two others signed something else than itself takes no part any more, for good, since what it
will say next is no better; a new store on the same host is the remedy. What can go wrong in here is
to believe whoever says so: a stolen TMR host could silence all three one after the other. So the
upstream looks at three signatures, its own among them. And its container signed for the store
before this one, too, whose state went wrong: so only what this store can have endorsed counts.
"""

from __future__ import annotations

from appliance.details import detail
from appliance.ledger.certificates.receipts import Endorsement
from appliance.ledger.messages import Outvoted
from appliance.ledger.replica.surroundings import Verify
from appliance.licences.members import VOTES_NEEDED
from appliance.licences.state import State
from appliance.verifier.layouts import endorsement_bytes


def why_outvoted(message: Outvoted, serial: str, store: bytes, state: State, verify: Verify) -> str:
    """What two others prove against the container of this serial and this store beside
    it, "" if they do not."""
    own, member = message.own.statement, state.membership.member(store)
    if own.ledger_id != state.ledger_id or member is None or own.index <= member.joined_index:
        return ""
    if serial not in _signers(message.own, state, verify):
        return ""
    for word in message.others:
        said = word.statement
        about = said.ledger_id, said.term, said.index, said.log_root
        if about != (own.ledger_id, own.term, own.index, own.log_root) or said == own:
            continue
        signers = {
            signer
            for other in message.others
            if other.statement == said
            for signer in _signers(other, state, verify)
        }
        if len(signers - {serial}) >= VOTES_NEEDED:
            return detail("state-went-wrong", index=own.index)
    return ""


def _signers(word: Endorsement, state: State, verify: Verify) -> set[str]:
    """The container that signed this, by serial; none if nobody's did."""
    data = endorsement_bytes(word.statement, word.objections, word.system_time_ms)
    return {
        serial
        for serial, container in state.containers.items()
        if not container.locked and verify(container.certificate, data, word.signature)
    }
