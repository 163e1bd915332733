"""One firm's returns in the records: orders, what is taken away, receipts, and who was put back.

The rules are `appliance.services.central.returning`'s. Each step is one act of the records; what it
did not get to is done at the next contact.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection

from appliance.codec.request_files import ContainerRequest
from appliance.codec.transfer_files import Receipt
from appliance.licences.model import LicenceKey
from appliance.services.central import returning
from appliance.services.central.firms import FirmStore
from appliance.services.central.issued import Change, Held
from appliance.services.central.records import licences, returned, sold
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.returning import PutBack, Return


class Returns:
    """The returns of one firm."""

    def __init__(self, firm: FirmStore) -> None:
        self._firm = firm
        self._records = firm.records

    def order(
        self, key: LicenceKey, serial: str, now_s: int, blocked: Collection[str] = ()
    ) -> Return:
        """A container orders this licence to be taken back; the same once more.

        Raises CentralRefused if that container does not hold it.
        """
        with self._records.act() as connection:
            known = returned.find(connection, key)
            holders = self._firm.holders(key.tmr_id, key.product_code)
            made = returning.ordered(known, holders, key, serial, now_s, blocked)
            if made != known:
                returned.put(connection, key.firm_code, made)
                self._records.note("order back", str(key), container=serial, due=made.due_at_s)
        return made

    def of(self, key: LicenceKey) -> Return:
        """The return of this licence. Raises CentralRefused if nobody ordered it."""
        with self._records.reading() as connection:
            found = returned.find(connection, key)
        if found is None:
            raise CentralRefused(f"Nobody ordered licence {key} to be taken back.")
        return found

    def call_off(self, key: LicenceKey, serial: str) -> None:
        """One of its containers keeps the licence after all. Raises CentralRefused."""
        with self._records.act() as connection:
            gone = returning.check_called_off(returned.find(connection, key), key)
            holders = self._firm.holders(key.tmr_id, key.product_code)
            if serial not in [held.serial for held, _ in holders]:
                raise CentralRefused(f"Container {serial} holds no licence {key}.")
            returned.forget(connection, key.firm_code, gone)
            self._records.note("call off", str(key), container=serial)

    def is_any_due(self, now_s: int) -> bool:
        """Whether something is to be taken away now."""
        with self._records.reading() as connection:
            return returned.is_any_due(connection, self._firm.firm_code, now_s)

    def carry_out(self, now_s: int) -> None:
        """Takes away what is due: each from all its containers. Raises CentralRefused.

        A licence that nobody holds any more has nobody to take it from.
        """
        firm = self._firm
        with self._records.act() as connection:
            for due in returned.due(connection, firm.firm_code, now_s):
                gone = ((due.product_code, due.tmr_id),)
                changes = [
                    Change(held=held, dropped=gone)
                    for held, _ in firm.holders(due.tmr_id, due.product_code)
                ]
                if not changes:
                    returned.forget(connection, firm.firm_code, due)
                    continue
                sequences = {change.held.serial: change.sequence for change in changes}
                taken = msgspec.structs.replace(due, sequences=sequences)
                returned.put(connection, firm.firm_code, taken)
                firm.renew(changes, "take back", str(due.key(firm.firm_code)))

    def waiting_for(self, made: Return) -> tuple[str, ...]:
        """The containers that have not confirmed yet that a licence is gone from them."""
        return made.waiting_for(self._firm.confirmed(made.sequences))

    def confirm(self, receipt: Receipt, data: bytes) -> None:
        """Keeps a container's receipt (its signature was checked). Raises CentralRefused.

        The second receipt of a return makes the ticket usable again, unless its use is counted.
        """
        firm = self._firm
        with self._records.act() as connection:
            held = firm.issued_to(receipt.serial)
            if held is None or receipt.sequence > held.sequence:
                raise CentralRefused(
                    f"Firm {firm.firm_code} issued no update {receipt.sequence} to"
                    f" {receipt.serial}."
                )
            if receipt.update_sha256 not in firm.digests(receipt.serial, receipt.sequence):
                raise CentralRefused(f"The receipt of {receipt.serial} is for another update file.")
            if receipt.sequence <= held.confirmed:
                return
            made = msgspec.structs.replace(
                held, confirmed=receipt.sequence, confirmed_at_s=receipt.created_at_s
            )
            licences.note(connection, firm.firm_code, made)
            returned.keep_receipt(
                connection, firm.firm_code, receipt.serial, receipt.sequence, data
            )
            self._settle(connection, held)
            self._records.note(
                "receipt", receipt.serial, firm=firm.firm_code, sequence=receipt.sequence
            )

    def is_put_back(self, request: ContainerRequest) -> bool:
        """Whether this container shows less than it confirmed before, by its own clock."""
        held = self._firm.issued_to(request.serial)
        return (
            held is not None
            and dict(request.held).get(self._firm.firm_code, 0) < held.confirmed
            and request.created_at_s > held.confirmed_at_s
        )

    def note_put_back(self, request: ContainerRequest, data: bytes, now_s: int) -> None:
        """Keeps `data`, the request file that shows it, for the vendor; the newest of each
        container. What it confirmed before, it has to confirm again."""
        firm = self._firm
        with self._records.act() as connection:
            known = firm.issued_to(request.serial)
            if known is None or not self.is_put_back(request):
                return
            held = dict(request.held).get(firm.firm_code, 0)
            note = PutBack(
                serial=request.serial,
                confirmed=known.confirmed,
                held=held,
                at_s=now_s,
                request=data,
            )
            licences.note(
                connection, firm.firm_code, msgspec.structs.replace(known, confirmed=held)
            )
            returned.keep_put_back(connection, firm.firm_code, note)
            group = known.container.cmact_id
            for one in returned.taken_above(connection, firm.firm_code, group, known.serial, held):
                returned.put(connection, firm.firm_code, one)
            self._records.note(
                "put back", known.serial, firm=firm.firm_code, confirmed=note.confirmed, held=held
            )

    def _settle(self, connection: Connection, held: Held) -> None:
        """What this container's newest receipt means for what its group gave back."""
        firm = self._firm
        for one in returned.unsettled(connection, firm.firm_code, held.container.cmact_id):
            known = firm.confirmed(one.sequences)
            if not one.counted and one.is_back(known):
                sold.credit(connection, firm.firm_code, one.tmr_id)
            returned.put(connection, firm.firm_code, one)
