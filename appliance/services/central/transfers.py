"""What License Central answers to containers over the network: activation, update, return.

What can go wrong in here is to serve a stranger, or a copy of what a container once said. So every
request and order names this License Central and answers a fresh challenge of it, for one purpose;
an activation names the ticket, too. A receipt needs none: it says of one update, bit for bit, that
it is imported. All are checked with the container's own key. A blocked container gets nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from appliance.codec.group_files import build_group_answer
from appliance.codec.request_files import (
    ContainerRequest,
    Purpose,
    RequestRefused,
    central_audience,
    read_request,
)
from appliance.codec.signed_files import SignedFile
from appliance.codec.ticket_codes import is_code
from appliance.codec.transfer_files import (
    TransferRefused,
    check_signer,
    read_receipt,
    read_return,
)
from appliance.licences.merge import QUORUM
from appliance.services.central.central import LicenseCentral
from appliance.services.central.challenges import Challenges
from appliance.services.central.firms import FirmStore
from appliance.services.central.giving_back import Returns
from appliance.services.central.groups import activated, check_free, confirm, read_group, redeem
from appliance.services.central.issued import IssuedUpdate
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.tickets import Ticket

NO_SUCH_TICKET: Final = "There is no such ticket; compare it with what the vendor sent."


class TakenBack(NamedTuple):
    """How far a return is: how many more containers have to order it, when it is taken away (Unix
    time, None while more have to order it), whether it is, and which containers have yet to confirm
    that."""

    tmr_id: int
    orders_missing: int
    due_at_s: int | None
    taken: bool
    waiting_for: tuple[str, ...]


class Transfers:
    """The acts of containers on the vendors' directory at `path`; each is durable when it returns.

    All raise CentralRefused, and have then changed nothing.
    """

    def __init__(
        self,
        path: Path,
        central: LicenseCentral | None = None,
        *,
        names: Collection[str] = (),
        challenges: Challenges | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`names` are the host names and addresses by which containers reach this one; "*." at the
        start of a name stands for one label."""
        self._central = central or LicenseCentral(path)
        self._names = frozenset(name.casefold() for name in names)
        self._challenges = challenges or Challenges()
        self._now = now

    def challenge(self) -> bytes:
        """What the next request or order has to answer; anybody may have one."""
        return self._challenges.new()

    def knows(self, code: str) -> bool:
        """Whether there is such a ticket; this keeps nobody from working on the records."""
        return is_code(code) and self._central.ticket(code) is not None

    def activate(self, code: str, request: bytes) -> bytes:
        """A group shows a ticket, by a group request file that answers one challenge. What it chose
        becomes its licences, unless it has that; gives a group answer file with what it lacks."""
        asked = read_group(request)  # what is no request takes no lock
        for one in asked.requests:
            self._check_request(one, Purpose.ACTIVATE)
        first = asked.requests[0]
        if {one.nonce for one in asked.requests} != {first.nonce}:
            raise CentralRefused(
                "The group's requests answer several challenges: they were put together from"
                " several files."
            )
        with self._act_of(first.serial):
            firm, ticket = self._ticket(code)
            answer = redeem(self._central, firm, ticket, asked, self._now())
            self._challenges.use(first.nonce, first.serial)
        return build_group_answer(answer)

    @contextmanager
    def _act_of(self, serial: str) -> Iterator[None]:
        """One act of the records, as that of this container."""
        records = self._central.records
        with records.by(f"container {serial}"), records.act():
            yield

    def update(self, request: bytes) -> IssuedUpdate | None:
        """The next update for the container that asks; None if it has them all.

        A firm that the request does not name is new to its container. What is due to be taken back
        is taken back first.
        """
        asked = self._request(request, Purpose.UPDATE)
        self._activated(asked.serial, asked.public_key)
        self._challenges.use(asked.nonce, asked.serial)
        now_s = self._now_s()
        if not any(self._has_to_write(firm, asked) for firm in self._central.firms()):
            with self._central.records.by(f"container {asked.serial}"):
                self._central.note_contact(asked, now_s)
        else:
            with self._act_of(asked.serial):
                self._central.note_contact(asked, now_s)
                for firm in self._central.firms():
                    Returns(firm).note_put_back(asked, request, now_s)
                    Returns(firm).carry_out(now_s)
        held = dict(asked.held)
        for firm in self._central.firms():
            update = firm.next_update(asked.serial, held.get(firm.firm_code, 0))
            if update is not None:
                return update
        return None

    def confirm(self, data: bytes) -> None:
        """A container confirms that it imported an update."""
        try:
            receipt, _ = read_receipt(data)  # what is no receipt takes no lock
        except TransferRefused as refused:
            raise CentralRefused(refused.detail) from None
        with self._act_of(receipt.serial):
            confirm(self._central, data)

    def take_back(self, data: bytes) -> TakenBack:
        """A container orders one of its licences to be taken back, or calls that off."""
        try:
            order, opened = read_return(data)
        except TransferRefused as refused:
            raise CentralRefused(refused.detail) from None
        self._check_audience(order.audience)
        self._challenges.check(order.nonce)
        with self._act_of(order.serial):
            self._signed_by(order.serial, opened)
            self._challenges.use(order.nonce, order.serial)
            returns = Returns(self._central.firm(order.firm_code))
            if order.call_off:
                returns.call_off(order.key, order.serial)
                return TakenBack(order.tmr_id, QUORUM, None, False, ())
            now_s = self._now_s()
            returns.order(order.key, order.serial, now_s, self._blocked())
            returns.carry_out(now_s)
            made = returns.of(order.key)
            missing = 0 if made.due_at_s is not None else QUORUM - len(made.orders)
            waiting = returns.waiting_for(made)
            return TakenBack(made.tmr_id, missing, made.due_at_s, made.taken, waiting)

    def _has_to_write(self, firm: FirmStore, asked: ContainerRequest) -> bool:
        returns = Returns(firm)
        return returns.is_any_due(self._now_s()) or returns.is_put_back(asked)

    def _now_s(self) -> int:
        return int(self._now().timestamp())

    def _request(self, data: bytes, purpose: Purpose) -> ContainerRequest:
        try:
            asked = read_request(data)
        except RequestRefused as refused:
            raise CentralRefused(refused.detail) from None
        self._check_request(asked, purpose)
        return asked

    def _check_request(self, asked: ContainerRequest, purpose: Purpose) -> None:
        if asked.purpose is not purpose:
            raise CentralRefused(
                f"The request of container {asked.serial} is for {asked.purpose.value!r}, not for"
                f" {purpose.value!r}: over the network each is made for what is asked."
            )
        self._check_audience(asked.audience)
        self._challenges.check(asked.nonce)
        self._central.blocks.note_heard(asked.serial, self._now_s())
        check_free(self._central, asked.serial)

    def _check_audience(self, audience: str) -> None:
        if audience not in {central_audience(name) for name in self._names} and not any(
            self._stands_for(name, audience) for name in self._names
        ):
            raise CentralRefused(
                f"The request is for {audience!r}, which is not this License Central: it was made"
                " for another one, or `tmr central serve` has to be told this name (--name)."
            )

    @staticmethod
    def _stands_for(name: str, audience: str) -> bool:
        label, _, rest = audience.removeprefix(central_audience("")).partition(".")
        return bool(label and rest) and name == f"*.{rest}"

    def _blocked(self) -> frozenset[str]:
        return self._central.blocks.blocked

    def _activated(self, serial: str, public_key: bytes) -> None:
        if activated(self._central, serial).public_key != public_key:
            raise CentralRefused(f"Container {serial} was activated with another key.")

    def _signed_by(self, serial: str, opened: SignedFile) -> None:
        check_free(self._central, serial)
        try:
            check_signer(opened, activated(self._central, serial).public_key)
        except TransferRefused as refused:
            raise CentralRefused(refused.detail) from None

    def _ticket(self, code: str) -> tuple[FirmStore, Ticket]:
        found = self._central.ticket(code) if is_code(code) else None
        if found is None:
            raise CentralRefused(NO_SUCH_TICKET)
        return found
