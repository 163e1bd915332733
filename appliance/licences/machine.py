"""The licence state machine: (state, command, log time) -> outcome, the same on all five hosts.

Pure and deterministic (design D2): nothing but its arguments decides. A refusal is an outcome.

The life of a lease, by what stands under its key (authenticated client, id chosen by the client):

    command       none               active                             ended (tombstone)
    ------------  -----------------  ---------------------------------  -------------------------
    CheckOut      GRANTED -> active  same body: GRANTED again           LEASE_ENDED
                  or refused (1)     other body: LEASE_CONFLICT (2)
    Consume       LEASE_UNKNOWN      next number: GRANTED or refused    answered: first answer
                                     answered number: first answer (3)  other: LEASE_ENDED
                                     other number: OUT_OF_ORDER
    CheckIn       LEASE_UNKNOWN      DONE -> ended                      DONE if a CheckIn ended
                                                                        it, else LEASE_ENDED
    Expire,       LEASE_UNKNOWN      DONE -> ended                      LEASE_ENDED
    Release
    any but CheckOut, with a generation other than the lease's: OLD_GENERATION, no effect
    ten minutes of log time after its end: ended -> none, and the key is free again

(1) In this order: UNKNOWN_PRODUCT without an available licence, EXPIRED if all available ones are,
    CERTIFIED_STALE if the vendor of each that is left wants a newer certified time,
    UNITS_UNCONFIRMED if what is left counts units that rest after a restore, NO_SEAT_FREE,
    TOO_MANY_LEASES, OVER_QUOTA (`appliance.licences.seats` judges). A refused check-out creates no
    lease and is not remembered: a retry is judged anew. That is safe, for whichever of both answers
    arrives, at most one seat is held, under a key that this client knows; a grant that nobody heard
    of lapses for want of heartbeats, or the client finds it again by repeating the request.
(2) "Same body" leaves out only the nonce. Key, generation and lifetime are the first answer's;
    the licence's terms, validity and units left are as of now, since a receipt vouches for them
    now: UNKNOWN_PRODUCT if the licence is not available at present, EXPIRED if it ended,
    CERTIFIED_STALE or UNITS_UNCONFIRMED if it rests, while the seat is kept.
(3) Any answer to the next number, refusals included, uses the number up and is remembered with the
    lease, so that a retry gets it even if the vendor added units in between: else a duplicate that
    arrives late could take units after its client was told "no". These are the answers listed in
    reasons.NUMBER_USED_UP; all others use no number up. The units of a repeated answer are the
    first one's; its terms are as of now, its validity 0 if the licence or the lease has ended.

So a refusal changes nothing but the count of commands, what became overdue, and (3). A lowered
quantity ends no lease: those above it end in their own time, and nothing is granted until then.

What can go wrong in here: raising. A command that raised would stop all hosts, at each start anew;
so sizes are checked here too, although the API did, and a defective update reader is a refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from appliance.licences import commands as c
from appliance.licences import reasons, refuse
from appliance.licences.bounds import HASH_SIZE, NAME_MAX, too_long
from appliance.licences.carry_over import carry_over, why_not_restore
from appliance.licences.certified import certify_time, lower_log_time
from appliance.licences.commands import LeaseRef, Outcome
from appliance.licences.dismissing import dismiss, limit
from appliance.licences.granting import given_back, granted, granted_again
from appliance.licences.imports import import_block_list, import_update
from appliance.licences.members import Membership
from appliance.licences.model import (
    NO_BLOCK_LIST,
    BlockList,
    CertifiedStatement,
    ContainerUpdate,
    LicenceKey,
    ProductItem,
)
from appliance.licences.records import Act, Answer, Lease, Tombstone
from appliance.licences.refusals import BlockListRefused, StatementRefused
from appliance.licences.replacing import ReadProof, moved, no_proof, replace, unfit
from appliance.licences.seats import judge
from appliance.licences.state import State
from appliance.licences.validity import rests

USED_MAX: Final = 50_000
"""Unit counters that can have been used: they are never forgotten, and a restore carries them."""
CLIENTS_MAX: Final = 10_000
"""Clients enrolled by token."""
HOSTS_MAX: Final = 16
"""Hosts that may be in maintenance."""
NONCE_MAX: Final = 64
"""Bytes of a nonce."""

CHECKED_IN: Final = "checked in"
LAPSED: Final = "expired for want of heartbeats"
RELEASED: Final = "released by an operator"

_HOW: Final = {c.CheckIn: CHECKED_IN, c.Expire: LAPSED, c.Release: RELEASED}


def _no_block_lists(data: bytes) -> BlockList:
    raise BlockListRefused("malformed", "This ledger was started without a reader of block lists.")


def _no_statements(data: bytes) -> CertifiedStatement:
    raise StatementRefused("This ledger was started without a reader of certified statements.")


class Machine:
    """Applies commands to a state."""

    def __init__(
        self,
        read_update: Callable[[bytes], ContainerUpdate],
        read_block_list: Callable[[bytes], BlockList] = _no_block_lists,
        read_statement: Callable[[bytes], CertifiedStatement] = _no_statements,
        read_proof: ReadProof = no_proof,
    ) -> None:
        """`read_update` verifies an update's signatures and decodes it, depending on nothing but
        its bytes; it raises UpdateRefused. So do `read_block_list`, which raises BlockListRefused,
        and `read_statement`, which raises StatementRefused. `read_proof`
        is `appliance.licences.replacing`'s."""
        self._read_update = read_update
        self._read_block_list = read_block_list
        self._read_statement = read_statement
        self._read_proof = read_proof
        self._handlers: dict[type, Callable[[State, Any], Outcome]] = {
            c.CheckOut: self._check_out,
            c.Consume: self._consume,
            c.CheckIn: self._end,
            c.Expire: self._end,
            c.Release: self._end,
            c.ImportUpdate: self._import,
            c.ImportBlockList: self._import,
            c.CertifyTime: self._import,
            c.LowerLogTime: self._lower_log_time,
            c.Enrol: self._enrol,
            c.Operate: self._operate,
            c.Dismiss: self._dismiss,
            c.Limit: self._limit,
            c.Replace: self._replace,
            c.Replaced: self._replace,
            c.Tick: self._tick,
        }

    def apply(self, state: State, command: c.AnyCommand, log_time_ms: int) -> Outcome:
        """Apply one command at this log time (Unix ms, up to 2**53) and say what became of it.

        Never raises for a command that `decode_command` gave.
        """
        state.begin(log_time_ms)
        if type(command) is c.Found:
            return self._found(state, command)
        if not state.ledger_id:
            return Outcome(
                reasons.NOT_FOUNDED, detail="This ledger is not founded yet: found it first."
            )
        return self._handlers[type(command)](state, command)

    # --- leases ---

    def _check_out(self, state: State, command: c.CheckOut) -> Outcome:
        if _oversize(command):
            return refuse.bad("a field of the check-out is too long")
        found = judge(state, command)
        if isinstance(found, Outcome):
            return found
        return self._grant(state, command, found, state.items[found])

    def _grant(
        self, state: State, command: c.CheckOut, key: LicenceKey, item: ProductItem
    ) -> Outcome:
        generation = state.commands_applied
        state.grant(
            Lease(
                command.lease,
                key,
                command.secret_hash,
                command.holder,
                generation,
                state.log_time_ms,
                item.lease_ttl_s,
            )
        )
        left = None if item.units is None else state.units_left(key)
        return granted(state, key, item, generation, item.lease_ttl_s, 0, left)

    def _consume(self, state: State, command: c.Consume) -> Outcome:
        if len(command.nonce) > NONCE_MAX:
            return refuse.bad("the nonce is too long")
        if command.units < 1:
            return refuse.bad("the units to consume must be 1 or more")
        lease, tombstone = _find(state, command.lease)
        if lease is None:
            return refuse.lease_unknown(command.lease)
        if command.generation != lease.generation:
            return refuse.old_generation(lease, command.generation)
        for answer in lease.answers:
            if answer.number == command.number:
                return _answer_again(state, answer, command, ended=tombstone is not None)
        if tombstone is not None:
            return refuse.lease_ended(tombstone)
        if command.number != lease.last_number + 1:
            return refuse.out_of_order(command.number, lease.last_number + 1)
        outcome = self._take_units(state, lease, command.units)
        state.answer(lease, Answer(command.number, command.units, outcome))
        return outcome

    def _take_units(self, state: State, lease: Lease, units: int) -> Outcome:
        """What a next numbered request is answered; takes nothing yet."""
        key = lease.key
        item = state.items.get(key)
        if item is None:
            return refuse.not_available(key.firm_code, key.product_code)
        at_rest = rests(state, key, item)
        if at_rest is not None:
            return at_rest
        left = state.units_left(key)
        if left is None:
            return refuse.no_unit_counter(key)
        if units > left:
            return refuse.units_exhausted(key, left, units)
        if key not in state.units_used and len(state.units_used) >= USED_MAX:
            return refuse.bad(f"{USED_MAX} unit counters were used, which is all that can be")
        return granted(state, key, item, lease.generation, lease.lease_ttl_s, units, left - units)

    def _end(self, state: State, command: c.CheckIn | c.Expire | c.Release) -> Outcome:
        if isinstance(command, c.Release) and too_long(command.who, command.why):
            return refuse.bad("who or why is too long")
        lease, tombstone = _find(state, command.lease)
        if lease is None:
            return refuse.lease_unknown(command.lease)
        if command.generation != lease.generation:
            return refuse.old_generation(lease, command.generation)
        how = _HOW[type(command)]
        if tombstone is not None:
            if how != CHECKED_IN or tombstone.how != CHECKED_IN:
                return refuse.lease_ended(tombstone)
        else:
            state.end(lease, how)
            if isinstance(command, c.Release):
                subject = f"{lease.ref.client}/{lease.ref.lease_id}"
                state.note(Act("release", subject, command.who, command.why, state.log_time_ms))
        return given_back(lease)

    # --- everything else ---

    def _found(self, state: State, command: c.Found) -> Outcome:
        if state.ledger_id:
            return Outcome(
                reasons.ALREADY_FOUNDED,
                detail=f"This ledger is founded already, as {state.virtual_serial}.",
            )
        wrong = unfit(command) or why_not_restore(command, state.log_time_ms)
        if wrong:
            return refuse.bad(wrong)
        try:
            membership = self.moved(state.membership, command, state.entry_index)
            block_list = self._restored_list(command)
        except (ValueError, BlockListRefused) as error:
            return refuse.bad(str(error))
        state.found(command.ledger_id, command.virtual_serial, membership)
        carry_over(state, command, block_list)
        return Outcome(reasons.DONE)

    def _restored_list(self, command: c.Found) -> BlockList:
        """The block list that a founding carries. Raises BlockListRefused."""
        if command.restored is None or not command.restored.block_list:
            return NO_BLOCK_LIST
        try:
            return self._read_block_list(command.restored.block_list)
        except BlockListRefused:
            raise
        except Exception as error:  # As for what is imported: all hosts would stop.
            raise BlockListRefused("malformed", f"the block list is unreadable: {error}") from error

    def _import(self, state: State, command: c.Offerable) -> Outcome:
        if len(command.who) > NAME_MAX:
            return refuse.bad("who is too long")
        if isinstance(command, c.ImportBlockList):
            return import_block_list(state, command, self._read_block_list)
        if isinstance(command, c.CertifyTime):
            return certify_time(state, command, self._read_statement)
        return import_update(state, command, self._read_update)

    def _enrol(self, state: State, command: c.Enrol) -> Outcome:
        if not 0 < len(command.client) <= NAME_MAX or len(command.token_hash) > HASH_SIZE:
            return refuse.bad(
                f"a client needs a name of at most {NAME_MAX} characters and a SHA-256"
            )
        if too_long(command.who, command.why):
            return refuse.bad("who or why is too long")
        new = command.token_hash and command.client not in state.clients
        if new and len(state.clients) >= CLIENTS_MAX:
            return Outcome(
                reasons.TOO_MANY_CLIENTS,
                detail=f"{CLIENTS_MAX} clients are enrolled, which is all that can be; dismiss one"
                " first, or use client certificates.",
            )
        action = "enrol" if command.token_hash else "dismiss"
        state.set_client(command.client, command.token_hash)
        state.note(Act(action, command.client, command.who, command.why, state.log_time_ms))
        return Outcome(reasons.DONE)

    def _dismiss(self, state: State, command: c.Dismiss) -> Outcome:
        return dismiss(state, command)

    def _limit(self, state: State, command: c.Limit) -> Outcome:
        return limit(state, command)

    def _operate(self, state: State, command: c.Operate) -> Outcome:
        action, host = command.action, command.host
        if len(host) > NAME_MAX or too_long(command.who, command.why):
            return refuse.bad("host, who or why is too long")
        act = Act(action, host, command.who, command.why, state.log_time_ms)
        if action == "maintenance-on":
            if host not in state.maintenance and len(state.maintenance) >= HOSTS_MAX:
                return refuse.bad(f"{HOSTS_MAX} hosts are in maintenance, which is all that can be")
            state.set_maintenance(host, act)
        elif action == "maintenance-off":
            state.set_maintenance(host, None)
        elif action != "switchover":
            return Outcome(
                reasons.UNKNOWN_ACTION,
                detail=f"{action[:40]!r} is no action: use switchover, maintenance-on or"
                " maintenance-off.",
            )
        state.note(act)
        return Outcome(reasons.DONE)

    def _replace(self, state: State, command: c.Replace | c.Replaced) -> Outcome:
        wrong = unfit(command)
        if wrong:
            return refuse.bad(wrong)
        return replace(state, command, self._read_proof)

    def moved(self, membership: Membership, command: object, entry_index: int) -> Membership:
        """Who votes after this command of that entry. Raises ValueError if it has no effect."""
        wrong = unfit(command)
        if wrong:
            raise ValueError(wrong)
        return moved(membership, command, entry_index, self._read_proof)

    def _lower_log_time(self, state: State, command: c.LowerLogTime) -> Outcome:
        if len(command.who) > NAME_MAX:
            return refuse.bad("who is too long")
        return lower_log_time(state, command)

    def _tick(self, state: State, command: c.Tick) -> Outcome:
        return Outcome(reasons.DONE)


def _find(state: State, ref: LeaseRef) -> tuple[Lease | None, Tombstone | None]:
    """The lease under this key, active or ended; the tombstone is None if it is active."""
    lease = state.leases.get(ref)
    if lease is not None:
        return lease, None
    tombstone = state.ended(ref)
    return (tombstone.lease, tombstone) if tombstone is not None else (None, None)


def _answer_again(state: State, answer: Answer, command: c.Consume, ended: bool) -> Outcome:
    """The first answer to a numbered request, on the terms on which it may be relied on now."""
    if answer.units != command.units:
        return refuse.other_request(command.number, answer.units)
    outcome = answer.outcome
    return granted_again(state, outcome, usable=not ended) if outcome.ok else outcome


def _oversize(command: c.CheckOut) -> bool:
    ref, holder = command.lease, command.holder
    return (
        len(ref.lease_id) > NAME_MAX
        or len(ref.client) > NAME_MAX
        or len(command.secret_hash) > HASH_SIZE
        or len(command.nonce) > NONCE_MAX
        or len(holder.user) > NAME_MAX
        or len(holder.host) > NAME_MAX
        or len(holder.application) > NAME_MAX
    )
