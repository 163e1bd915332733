"""What License Central answers to a group of three containers: one file, and one act.

    ticket    what the group chose of it becomes its licences, and it gets what it lacks
    updates   it gets what it lacks of one firm

What can go wrong in here is a ticket that becomes a licence twice: by two groups at once, by a file
that is shown again, or by a command that is repeated. So what is left of a ticket is looked up and
used in one act, and a group's choice is what it is to have (`tickets`): who asks again is issued
nothing, and gets the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from appliance.codec.group_files import (
    GroupAnswer,
    GroupRefused,
    GroupRequest,
    build_group_answer,
    read_group_receipt,
    read_group_request,
)
from appliance.codec.request_files import ContainerRequest, Purpose, firm_audience
from appliance.codec.ticket_codes import order_of, ticket_mark
from appliance.codec.transfer_files import (
    Receipt,
    TransferRefused,
    check_signer,
    read_receipt,
)
from appliance.services.central import by_hand
from appliance.services.central.central import LicenseCentral
from appliance.services.central.firms import FirmStore
from appliance.services.central.giving_back import Returns
from appliance.services.central.issued import check_kinds
from appliance.services.central.records import sold
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.root import ActivatedContainer, check_three
from appliance.services.central.tickets import Ticket


def read_group(data: bytes) -> GroupRequest:
    """The group request in this file. Raises CentralRefused."""
    try:
        return read_group_request(data)
    except GroupRefused as refused:
        raise CentralRefused(refused.detail) from None


def redeem(
    central: LicenseCentral,
    firm: FirmStore,
    ticket: Ticket,
    asked: GroupRequest,
    now: datetime,
    *,
    again: bool = False,
) -> GroupAnswer:
    """Issues what these three chose of the ticket and do not have yet, and gives what they lack of
    the firm. With `again` nothing is issued. Their requests were checked, but for what they want.

    Raises CentralRefused; then no group was activated, and nothing issued.
    """
    _check_wanted(asked, ticket.code)
    check_three(asked.requests)
    with central.records.act():
        known = central.root.container(asked.requests[0].serial)
        wanted = () if again else ticket.wanted(asked.chosen, known.cmact_id if known else "")
        # What is refused anyway must not activate a group.
        kinds = {one.serial: one.kind for one in asked.requests}
        for one in wanted:
            check_kinds((firm.next_item(one.line.product_code, one.options),), kinds)
        group = central.activate_group(asked.requests, now)
        if wanted:
            firm.redeem(group, ticket, wanted)
        return lacking(firm, asked.requests)


def answer_by_hand(central: LicenseCentral, data: bytes) -> bytes:
    """The group answer file to a group request file that was carried here. Raises
    CentralRefused."""
    asked, now = read_group(data), datetime.now(UTC)
    with central.records.act():
        for one in asked.requests:
            check_free(central, one.serial)
        purpose = asked.requests[0].purpose
        if purpose is Purpose.ACTIVATE:
            return build_group_answer(_by_ticket(central, asked, now))
        if purpose is Purpose.UPDATE:
            return build_group_answer(_updates(central, asked))
    raise CentralRefused(
        "This group asks for an order: issue it by `tmr central issue`, with the product that was"
        " ordered."
    )


def confirm_by_hand(central: LicenseCentral, data: bytes) -> tuple[str, ...]:
    """Takes in the receipts of a group receipt file, all or none; gives whose they are. Raises
    CentralRefused."""
    try:
        files = read_group_receipt(data)
    except GroupRefused as refused:
        raise CentralRefused(refused.detail) from None
    with central.records.act():
        return tuple(confirm(central, one).serial for one in files)


def confirm(central: LicenseCentral, data: bytes) -> Receipt:
    """A container confirms that it imported an update. Raises CentralRefused."""
    try:
        receipt, opened = read_receipt(data)
        with central.records.act():
            check_free(central, receipt.serial)
            check_signer(opened, activated(central, receipt.serial).public_key)
            Returns(central.firm(receipt.firm_code)).confirm(receipt, data)
    except TransferRefused as refused:
        raise CentralRefused(refused.detail) from None
    return receipt


def check_free(central: LicenseCentral, serial: str) -> None:
    """Raises CentralRefused if this container is blocked."""
    reason = central.blocks.reason_for(serial)
    if reason:
        raise CentralRefused(f"Container {serial} is blocked: {reason}. Ask the vendor.")


def activated(central: LicenseCentral, serial: str) -> ActivatedContainer:
    """The container of this serial. Raises CentralRefused if none was activated."""
    container = central.root.container(serial)
    if container is None:
        raise CentralRefused(f"No container {serial} was ever activated here; activate it first.")
    return container


def lacking(firm: FirmStore, requests: Sequence[ContainerRequest]) -> GroupAnswer:
    """What each of these containers lacks of this firm, by one file each."""
    updates, more = [], False
    for one in requests:
        newest = firm.issued_to(one.serial)
        if newest is not None and newest.container.public_key != one.public_key:
            raise CentralRefused(f"Container {one.serial} was activated with another key.")
        update = firm.next_update(one.serial, dict(one.held).get(firm.firm_code, 0))
        if newest is not None and update is not None:
            updates.append(update.data)
            more = more or update.sequence < newest.sequence
    return GroupAnswer(tuple(updates), more)


def _by_ticket(central: LicenseCentral, asked: GroupRequest, now: datetime) -> GroupAnswer:
    with central.records.reading() as connection:
        found = sold.marked(connection, asked.ticket)
    if found is None:
        raise CentralRefused("The group shows a ticket that was not sold here.")
    firm, ticket = central.firm(found[0]), found[1]
    now_s = int(now.timestamp())
    used = by_hand.use_for_ticket(asked.requests, firm.firm_code, asked.ticket, now_s, firm.is_used)
    made = redeem(central, firm, ticket, asked, now, again=not used)
    firm.use(used, now_s)
    return made


def _updates(central: LicenseCentral, asked: GroupRequest) -> GroupAnswer:
    audience = asked.requests[0].audience
    for firm in central.firms():
        if audience == firm_audience(firm.firm_code):
            return lacking(firm, asked.requests)
    raise CentralRefused(f"The group asks {audience!r}, which is no firm here.")


def _check_wanted(asked: GroupRequest, code: str) -> None:
    if asked.ticket != ticket_mark(code):
        raise CentralRefused("The group's file was made for another ticket.")
    for one in asked.requests:
        if not one.names(order_of(code, asked.chosen)):
            raise CentralRefused(
                f"The request of container {one.serial} was made for another ticket, or for other"
                " lines of it: the file was changed. Have the group make a new one."
            )
