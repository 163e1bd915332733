"""What License Central answers to containers over the network: activation, update, return.

What can go wrong in here is to serve a stranger. An update file is of no use to anybody but its
container, whose key signed the request; a receipt and an order to take back are checked with the
key that was activated. A blocked container gets nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from appliance.codec.licence_files import ContainerRequest, RequestRefused, read_request
from appliance.codec.signed_files import SignedFile
from appliance.codec.transfer_files import (
    TransferRefused,
    check_signer,
    read_receipt,
    read_return,
)
from appliance.services.central.central import LicenseCentral
from appliance.services.central.firms import FirmStore
from appliance.services.central.issued import IssuedUpdate
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.root import ActivatedContainer
from appliance.services.central.storage import locked
from appliance.services.central.tickets import Ticket, is_code
from appliance.verifier.certificates import TWINS

NO_SUCH_TICKET: Final = "There is no such ticket; compare it with what the vendor sent."
HELD_MAX: Final = 256
"""Firms that a container may name; as many as it can hold."""


class TakenBack(NamedTuple):
    """How far a return is: which containers have yet to confirm."""

    tmr_id: int
    waiting_for: tuple[str, ...]


class Transfers:
    """The acts of containers on the vendors' directory at `path`; each is durable when it returns.

    All raise CentralRefused, and have then changed nothing.
    """

    def __init__(self, path: Path, central: LicenseCentral | None = None) -> None:
        self._path = path
        self._central = central or LicenseCentral(path)

    def knows(self, code: str) -> bool:
        """Whether there is such a ticket; this keeps nobody from working on the directory."""
        try:
            self._ticket(code)
        except CentralRefused:
            return False
        return True

    def activate(self, code: str, request: bytes) -> int:
        """A container shows a ticket. Gives how many more have to, before it is issued to all."""
        self._request(request)  # what is no request at all takes no lock
        with locked(self._path):
            asked = self._request(request)
            firm, ticket = self._ticket(code)
            if ticket.tmr_id is not None:
                self._activated(asked.serial, asked.public_key)
                self._check_holder(firm, ticket, asked.serial)
                return 0
            shown = [one for one in ticket.requests if read_request(one).serial != asked.serial]
            shown.append(request)
            if len(shown) < len(TWINS):
                firm.keep_requests(ticket, tuple(shown))
                return len(TWINS) - len(shown)
            firm.next_item(ticket.product_code, ticket.options)
            read = [read_request(one) for one in shown]
            group = self._central.activate_group(read, datetime.now(UTC))
            firm.issue(group, ticket.product_code, ticket.options, ticket)
            return 0

    def update(self, request: bytes, held: Mapping[int, int]) -> IssuedUpdate | None:
        """The next update for the container that asks; None if it has them all.

        `held` says the sequence that it has of each firm code; a firm that is not named is new.
        """
        asked = self._request(request)
        self._activated(asked.serial, asked.public_key)
        for firm in self._central.firms():
            update = firm.next_update(asked.serial, held.get(firm.firm_code, 0))
            if update is not None:
                return update
        return None

    def confirm(self, data: bytes) -> None:
        """A container confirms that it imported an update."""
        try:
            receipt, opened = read_receipt(data)
        except TransferRefused as refused:
            raise CentralRefused(refused.detail) from None
        with locked(self._path):
            self._signed_by(receipt.serial, opened)
            self._central.firm(receipt.firm_code).confirm(receipt, data)

    def take_back(self, data: bytes) -> TakenBack:
        """A container orders one of its licences to be taken back, from itself and its twins."""
        try:
            order, opened = read_return(data)
        except TransferRefused as refused:
            raise CentralRefused(refused.detail) from None
        with locked(self._path):
            self._signed_by(order.serial, opened)
            firm = self._central.firm(order.firm_code)
            made = firm.take_back(order.key, order.serial)
            return TakenBack(made.tmr_id, firm.waiting_for(made))

    def _request(self, data: bytes) -> ContainerRequest:
        try:
            asked = read_request(data)
        except RequestRefused as refused:
            raise CentralRefused(refused.detail) from None
        self._check_free(asked.serial)
        return asked

    def _check_free(self, serial: str) -> None:
        reason = self._central.blocks.reason_for(serial)
        if reason:
            raise CentralRefused(f"Container {serial} is blocked: {reason}. Ask the vendor.")

    def _activated(self, serial: str, public_key: bytes | None = None) -> ActivatedContainer:
        for container in self._central.root.containers:
            if container.serial == serial:
                if public_key not in (None, container.public_key):
                    raise CentralRefused(f"Container {serial} was activated with another key.")
                return container
        raise CentralRefused(f"No container {serial} was ever activated here; activate it first.")

    def _signed_by(self, serial: str, opened: SignedFile) -> None:
        self._check_free(serial)
        try:
            check_signer(opened, self._activated(serial).public_key)
        except TransferRefused as refused:
            raise CentralRefused(refused.detail) from None

    def _ticket(self, code: str) -> tuple[FirmStore, Ticket]:
        if is_code(code):
            for firm in self._central.firms():
                for ticket in firm.tickets:
                    if ticket.code == code:
                        return firm, ticket
        raise CentralRefused(NO_SUCH_TICKET)

    def _check_holder(self, firm: FirmStore, ticket: Ticket, serial: str) -> None:
        for issued in firm.containers:
            holds = any(item.tmr_id == ticket.tmr_id for item in issued.items)
            if holds and issued.container.serial == serial:
                return
        raise CentralRefused("This ticket was used by other containers; ask the vendor for one.")
