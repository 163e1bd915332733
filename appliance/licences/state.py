"""The tables of the licence state machine, with a record of how to undo each change.

Replicas apply entries when they store them, and a later adopt may cut uncommitted ones (design D1):
so each write notes what was there before, `take_changes` hands that out, batch by batch, and
`revert` puts it back. What can go wrong in here: a write past the record, or anything that depends
on the order in which a dictionary was filled, since undoing a removal puts the key at the end.
So whatever has an order is kept under running numbers. What there is: `tables` beside it; how a
change is undone: `undo`. Only the handlers that `appliance.licences.machine` lists write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from appliance.licences.access.book import AccessBook
from appliance.licences.borrow_book import BorrowBook
from appliance.licences.commands import Dismissed, LeaseRef, Restored
from appliance.licences.denial_book import DenialBook
from appliance.licences.members import Membership
from appliance.licences.model import (
    LicenceKey,
    UsageStart,
)
from appliance.licences.offers import Offer
from appliance.licences.queue.book import QueueBook
from appliance.licences.queue.place import QueueRules
from appliance.licences.records import (
    Act,
    Answer,
    Ended,
    EndedOf,
    Erased,
    Lease,
    Loss,
    Origin,
    Supported,
    Taking,
    Tombstone,
    shares_of,
)
from appliance.licences.tables import SINGLES
from appliance.licences.undo import ABSENT
from appliance.licences.unit_books import UnitBooks

ANSWERS_MAX: Final = 8
"""How many answers to numbered requests a lease remembers."""
TOMBSTONE_MS: Final = 600_000
"""How long an ended lease is remembered, in log time."""
AGE_STEP_MS_MAX: Final = 120_000
"""The most that one step of log time ages a tombstone. An idle ledger ticks each minute, so a
longer step is an outage or a clock put right: no time in which a late repeat could have come."""
TOMBSTONES_MAX: Final = 200_000
"""How many ended leases are remembered at most: beyond it the oldest is forgotten early, one of
the client whose lease ends if that client has more than TOMBSTONES_SHARE."""
TOMBSTONES_PER_CLIENT_MAX: Final = 100_000
"""How many of one client: beyond it the oldest of its own is forgotten early."""
TOMBSTONES_SHARE: Final = 50
"""A client with no more loses none to another that has more."""
ACTS_MAX: Final = 256
"""How many operators' acts are remembered."""
ERASED_MAX: Final = 10_000
"""How many erased names are remembered; beyond it the oldest is not, and only a host that was away
since then can bring it back."""
_PRUNED_PER_COMMAND: Final = 4


class State(UnitBooks, AccessBook, BorrowBook, QueueBook, DenialBook):
    """All that the ledger's commands made so far (`tables`). Read freely; write by the machine
    only."""

    __slots__ = ()
    SINGLES = SINGLES

    # --- readers ---

    @property
    def founded(self) -> bool:
        """Whether the ledger's first entry was applied."""
        return bool(self.ledger_id)

    def lease(self, ref: LeaseRef) -> Lease | None:
        """The active lease under this key."""
        return self.leases.get(ref)

    def active_leases(self, client: str | None = None) -> Iterator[Lease]:
        """The active leases, of one client or of all, in no particular order."""
        if client is None:
            return iter(self.leases.values())
        return (lease for lease in self.leases.values() if lease.ref.client == client)

    def ended(self, ref: LeaseRef) -> Tombstone | None:
        """What is remembered of the lease that ended under this key, for TOMBSTONE_MS."""
        tombstone = self._tombstones.get(ref)
        if tombstone is None or self.age_ms - tombstone.age_ms >= TOMBSTONE_MS:
            return None
        return tombstone

    def in_use(self, key: LicenceKey) -> int:
        """How many seats of this licence are in use; those that linger are not."""
        return self.seats.get(key, 0) - self.lingering.get(key, 0)

    def seats_of(self, client: str, firm_code: int, product_code: int) -> int:
        """How many seats of this product one client holds."""
        return self.held.get((client, firm_code, product_code), 0)

    def units_left(self, key: LicenceKey) -> int | None:
        """What the unit counter of this available licence still holds; None without a counter."""
        offer = self.offered.get(key)
        if offer is None or offer.item.units is None:
            return None
        return self.left_of(offer)

    def left_of(self, offer: Offer) -> int:
        """The same of what is offered, 0 without a counter."""
        left = (offer.item.units or 0) - self.units_used.get(offer.key, 0)
        return left if left > 0 else 0

    def acts(self) -> tuple[Act, ...]:
        """The last ACTS_MAX operators' acts, oldest first."""
        return tuple(self._acts[number] for number in sorted(self._acts))

    # --- writing: for the machine ---

    def age_at(self, log_time_ms: int) -> int:
        """The age once log time has moved there; the step from "not known yet" is no time."""
        step_ms = max(0, log_time_ms - self.log_time_ms) if self.log_time_ms else 0
        return self.age_ms + min(step_ms, AGE_STEP_MS_MAX)

    def begin(self, log_time_ms: int) -> None:
        """Count one command, move log time, and forget tombstones: at most a few per command."""
        self.commands_applied += 1
        if log_time_ms != self.log_time_ms:
            self.age_ms = self.age_at(log_time_ms)
            if not self.log_time_ms:
                self.move_contacts(lambda at_ms: at_ms or log_time_ms)
            self.log_time_ms = log_time_ms
        if self._ended_order and self._may_forget():
            self._prune()
        self.freed.clear()
        if self._lingers:
            self.sweep(_PRUNED_PER_COMMAND)
        if self.borrowed:
            self.end_overdue()
        if self.holds:
            self.sweep_holds(_PRUNED_PER_COMMAND)

    def _may_forget(self) -> bool:
        """Whether the oldest ended lease need not be remembered: it ended long ago, or was
        forgotten before its turn, or its key ended once more, or there are too many."""
        first = self._ended_first
        ended = self._ended_order.get(first)
        tombstone = None if ended is None else self._tombstones.get(ended.ref)
        return (
            tombstone is None
            or self.age_ms - tombstone.age_ms >= TOMBSTONE_MS
            or tombstone.number != first
            or len(self._ended_order) > TOMBSTONES_MAX
        )

    def _prune(self) -> None:
        """Forget a few that need not be remembered."""
        for _ in range(_PRUNED_PER_COMMAND):
            if self._ended_first == self._ended_next or not self._may_forget():
                return
            ended = self._ended_order.get(self._ended_first)
            if ended is not None:
                self._forget_first(ended.ref.client)
            self._ended_first += 1

    def _forget_first(self, client: str) -> None:
        """Forget the oldest ended lease of this client, which has one."""
        of = self._ended_of[client]
        ended = self._ended_order[of.first]
        self._put(self._ended_order, of.first, ABSENT)
        left = EndedOf(of.count - 1, ended.next, of.last)
        self._put(self._ended_of, client, left if left.count else ABSENT)
        tombstone = self._tombstones.get(ended.ref)
        if tombstone is not None and tombstone.number == of.first:
            self._put(self._tombstones, ended.ref, ABSENT)

    def found(
        self,
        ledger_id: bytes,
        virtual_serial: str,
        membership: Membership,
        rules: int,
        names_key_hash: bytes,
    ) -> None:
        """Set what never changes after, and who votes first."""
        self.ledger_id = ledger_id
        self.virtual_serial = virtual_serial
        self.membership = membership
        self.rules = rules
        self.names_key_hash = names_key_hash

    def carry(
        self, restored: Restored, generations: int, dismissed: Iterable[tuple[str, Dismissed]]
    ) -> None:
        """Go on from what is known of a ledger that was lost, counting commands from there on."""
        self.origin = Origin(restored.ledger_id, restored.index, restored.root)
        self.commands_applied = generations
        self.history_root = restored.history_root
        for key, used in restored.units_used:
            self._put(self.units_used, key, used)
        for key, start in restored.usage_starts:
            self.set_usage_start(key, start)
        for key, units in restored.units_refunded:
            self.set_refunded(key, units)
        for name, token_hash in restored.clients:
            self.set_client(name, token_hash)
        for serial, what in dismissed:
            self.set_dismissed(serial, what)
        for product, seats in restored.quotas:
            self.set_quota(product, seats)
        for out in restored.borrowed:
            self.lend(out)
        self.set_in_doubt(True)
        if restored.queue is not None:
            self.set_queue_rules(QueueRules(*restored.queue))

    def set_loss(self, loss: Loss) -> None:
        """The ledger was put back, or an operator took note of that."""
        self.loss = loss

    def enter(self, index: int) -> None:
        """The commands of this entry are applied next."""
        self.entry_index = index

    def extend_history(self, root: bytes) -> None:
        """The outcomes of this entry are part of the history, which has this root now."""
        self.history_root = root

    def set_membership(self, membership: Membership) -> None:
        """Who votes from here on."""
        self.membership = membership

    def set_rules(self, version: int) -> None:
        """These rules are in force from here on."""
        self.rules = version

    def set_erased(self, tag: bytes, erased: Erased) -> None:
        """The name of this tag is to be forgotten."""
        if tag not in self.erased and len(self.erased) >= ERASED_MAX:
            oldest = min(self.erased, key=lambda one: (self.erased[one].index, one))
            self._put(self.erased, oldest, ABSENT)
        self._put(self.erased, tag, erased)
        self.erased_index = erased.index

    def set_support(self, host: str, said: Supported | None) -> None:
        """A host knows these rules; None forgets what it said."""
        if said is not None:
            self._put(self.supports, host, said)
        elif host in self.supports:
            self._put(self.supports, host, ABSENT)

    def grant(self, lease: Lease) -> None:
        """Add a lease under a key that has none, and take its seats."""
        self.make_room(lease, comes_back=True)
        self._put(self.leases, lease.ref, lease)
        self.count(lease)

    def move(self, lease: Lease) -> None:
        """Charge an active lease to the licences of this one, which differs in nothing else."""
        self.uncount(self.leases[lease.ref])
        self.make_room(lease, comes_back=False)
        self._put(self.leases, lease.ref, lease)
        self.count(lease)

    def answer(self, lease: Lease, answer: Answer) -> None:
        """Remember the next numbered request's answer, and take the units that it granted."""
        outcome, own = answer.outcome, lease.key
        taken = outcome.units_taken
        if taken:
            # A single line is the lease's own.
            shares = ((own, taken),) if len(outcome.lines) == 1 else shares_of(outcome)
            for key, units in shares:
                self.use_units(key, units)
            ref, firm_code, number = lease.ref, own.firm_code, answer.number
            self.keep_taking(
                Taking(ref, firm_code, lease.generation, number, shares, self.log_time_ms)
            )
        self._put(
            self.leases,
            lease.ref,
            msgspec.structs.replace(
                lease,
                units_taken=lease.units_taken + taken,
                last_number=answer.number,
                answers=(*lease.answers[1 - ANSWERS_MAX :], answer),
            ),
        )

    def end(self, lease: Lease, how: str) -> None:
        """Free an active lease's seats and leave a tombstone."""
        self._put(self.leases, lease.ref, ABSENT)
        self.uncount(lease)
        client = lease.ref.client
        number = self._ended_next
        self._ended_next += 1
        of = self._ended_of.get(client)
        if of is not None:
            last = self._ended_order[of.last]
            self._put(self._ended_order, of.last, Ended(last.ref, number))
        of = EndedOf(1, number, number) if of is None else EndedOf(of.count + 1, of.first, number)
        self._put(self._ended_of, client, of)
        self._put(self._ended_order, number, Ended(lease.ref))
        self._put(self._tombstones, lease.ref, Tombstone(lease, how, self.age_ms, number))
        full = len(self._ended_order) > TOMBSTONES_MAX and of.count > TOMBSTONES_SHARE
        if full or of.count > TOMBSTONES_PER_CLIENT_MAX:
            self._forget_first(client)

    def set_client(self, name: str, token_hash: bytes) -> None:
        """Enrol a client, or dismiss it if `token_hash` is empty."""
        if token_hash:
            self._put(self.clients, name, token_hash)
        elif name in self.clients:
            self._put(self.clients, name, ABSENT)

    def set_usage_start(self, key: LicenceKey, start: UsageStart) -> None:
        """The usage period of this licence began then."""
        self._put(self.usage_starts, key, start)

    def set_dismissed(self, serial: str, what: Dismissed | None) -> None:
        """Dismiss a certificate, or forget one that was (None)."""
        self._put(self.dismissed, serial, ABSENT if what is None else what)

    def set_quota(self, product: tuple[int, int], seats: int) -> None:
        """Let each client have so many seats of a product at most; 0 lifts the limit."""
        if seats or product in self.quotas:
            self._put(self.quotas, product, seats or ABSENT)

    def set_maintenance(self, host: str, act: Act | None) -> None:
        """Put a host into maintenance by this act, or take it out of it."""
        if act is not None:
            self._put(self.maintenance, host, act)
        elif host in self.maintenance:
            self._put(self.maintenance, host, ABSENT)

    def note(self, act: Act) -> None:
        """Remember an operator's act, and forget the oldest beyond ACTS_MAX."""
        self._put(self._acts, self._acts_next, act)
        oldest = self._acts_next - ACTS_MAX
        self._acts_next += 1
        if oldest in self._acts:
            self._put(self._acts, oldest, ABSENT)
