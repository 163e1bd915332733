"""The licence state machine: (state, command, log time) -> outcome, the same on all five hosts.

Pure and deterministic (design D2): nothing but its arguments decides. A refusal is an outcome, and
changes nothing but the count of commands, what became overdue, and the number that a consumption
used up. What each command does: `leases` and `administration` beside it.

What can go wrong in here: raising. A command that raised would stop all hosts, at each start anew;
so sizes are checked by each handler too, although the API did.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from appliance import RULES
from appliance.licences import administration, borrowing, leases, reasons, refuse, usage
from appliance.licences import commands as c
from appliance.licences.access.applying import set_access
from appliance.licences.administration import Readers, first_rules, no_block_lists, no_statements
from appliance.licences.bindings import no_bindings
from appliance.licences.commands import Outcome
from appliance.licences.denials import close_denial, open_denial
from appliance.licences.dismissing import dismiss, limit
from appliance.licences.loss import ReadSeen, accept_loss, nothing_seen
from appliance.licences.members import STORES, Membership
from appliance.licences.model import BindingShown, BlockList, CertifiedStatement, ContainerUpdate
from appliance.licences.names import erase_name
from appliance.licences.queue.turns import pass_on
from appliance.licences.queue.waiting import set_queue
from appliance.licences.raising import VerifyStore, no_stores, raise_rules
from appliance.licences.refunds import refund
from appliance.licences.replacing import ReadProof, moved, no_proof, unfit
from appliance.licences.rules import FIRST, LATER, SINCE, needs
from appliance.licences.state import State

Handler = Callable[[State, Any], Outcome]

PLAIN: Final[dict[type, Handler]] = {
    c.CheckOut: leases.check_out,
    c.Consume: leases.consume,
    c.CheckIn: leases.end,
    c.Expire: leases.end,
    c.Release: leases.end,
    c.LowerLogTime: administration.lower_time,
    c.Enrol: administration.enrol,
    c.Operate: administration.operate,
    c.Dismiss: dismiss,
    c.Limit: limit,
    c.SetAccess: set_access,
    c.SetQueue: set_queue,
    c.OpenDenial: open_denial,
    c.CloseDenial: close_denial,
    c.Refund: refund,
    c.EraseName: erase_name,
    c.RaiseRules: raise_rules,
    c.AcceptLoss: accept_loss,
    c.WriteOff: borrowing.write_off,
    c.OperateBorrowing: borrowing.operate_borrowing,
    c.Tick: administration.tick,
}
"""What each command does to a founded ledger."""
READING: Final[dict[type, Callable[[State, Any, Readers], Outcome]]] = {
    c.ImportUpdate: administration.bring,
    c.ImportBlockList: administration.bring,
    c.CertifyTime: administration.bring,
    c.Deliver: administration.deliver,
    c.ShowBinding: administration.shown_binding,
    c.Replace: administration.replace_store,
    c.Replaced: administration.replace_store,
    c.Settle: leases.settle,
    c.Borrow: borrowing.borrow,
    c.ReturnBorrowed: borrowing.give_back,
    c.Support: administration.support,
    c.NoteLoss: administration.lost,
}
"""The same, for what others signed."""


OF_SEATS: Final = frozenset((c.CheckOut, c.Consume, c.Settle, c.CheckIn, c.Expire, c.Release))
"""Of these it is known which products' seats they free; after any other one, those who wait are
looked at whatever they wait for."""


class Machine:
    """Applies commands to a state."""

    def __init__(
        self,
        update: Callable[[bytes], ContainerUpdate],
        block_list: Callable[[bytes], BlockList] = no_block_lists,
        statement: Callable[[bytes], CertifiedStatement] = no_statements,
        proof: ReadProof = no_proof,
        store: VerifyStore = no_stores,
        rules_of: Callable[[bytes], int] = first_rules,
        rules: int = RULES,
        seen: ReadSeen = nothing_seen,
        binding: Callable[[bytes], BindingShown] = no_bindings,
        stores: int = STORES,
    ) -> None:
        """The readers are those of `administration.Readers`; `rules` is the newest version that
        this release knows; `stores` is by how many a ledger here is founded, and no other is one.
        """
        self.rules = rules
        self.stores = stores
        self._readers = Readers(
            update, block_list, statement, proof, store, rules_of, seen, binding, stores
        )
        self._handlers: dict[type, Handler] = {
            **PLAIN,
            **{kind: partial(_read, handler, self._readers) for kind, handler in READING.items()},
        }

    def apply(self, state: State, command: c.AnyCommand | c.Unknown, log_time_ms: int) -> Outcome:
        """Apply one command at this log time (Unix ms, up to 2**53) and say what became of it.

        Never raises for what `command_in` gave.
        """
        lowers = log_time_ms < state.log_time_ms
        state.begin(log_time_ms)
        if lowers:
            usage.lowered(state)
        if type(command) is c.Found:
            return administration.found(state, command, self._readers)
        if not state.ledger_id:
            return refuse.said(reasons.NOT_FOUNDED, "founded-not-yet")
        kind = type(command)
        if kind is c.Unknown or self.needs(command) > state.rules:
            return refuse.rules_not_raised(state.rules)
        outcome = self._handlers[kind](state, command)
        if state.periods and outcome.reason == reasons.GRANTED:
            usage.begin(state, outcome)
        if state.waiting:
            pass_on(state, state.freed if kind in OF_SEATS else state.waiting.keys())
        return outcome

    def needs(self, command: c.AnyCommand | c.Unknown) -> int:
        """The version of the rules that has to be in force for this command."""
        return needs(command) if SINCE or LATER else FIRST

    def moved(self, membership: Membership, command: object, entry_index: int) -> Membership:
        """Who votes after this command of that entry. Raises ValueError if it has no effect."""
        wrong = unfit(command)
        if wrong:
            raise ValueError(wrong)
        return moved(membership, command, entry_index, self._readers.proof, self.stores)


def _read(
    handler: Callable[[State, Any, Readers], Outcome], readers: Readers, state: State, command: Any
) -> Outcome:
    return handler(state, command, readers)
