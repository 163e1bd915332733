"""One firm's returns on disk: orders, what is taken away, receipts, and who was put back.

The rules are `appliance.services.central.returning`'s. What can go wrong in here is a crash between
two steps: so each step is one write of the firm's records, after the files that it counts, and what
it did not get to is done at the next contact.
"""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256

import msgspec

from appliance.codec.request_files import ContainerRequest
from appliance.codec.transfer_files import Receipt
from appliance.licences.model import LicenceKey
from appliance.services.central import returning
from appliance.services.central.firms import FirmStore
from appliance.services.central.issued import next_of
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.returning import PutBack, Return


class Returns:
    """The returns of one firm. Callers hold the lock of the vendors' directory for what changes
    anything."""

    def __init__(self, firm: FirmStore) -> None:
        self._firm = firm

    def order(
        self, key: LicenceKey, serial: str, now_s: int, blocked: Collection[str] = ()
    ) -> Return:
        """A container orders this licence to be taken back; the same once more.

        Raises CentralRefused if that container does not hold it.
        """
        firm = self._firm
        made = returning.ordered(firm.returns, firm.holders(key), key, serial, now_s, blocked)
        if made not in firm.returns:
            firm.set_returns(returning.put(firm.returns, made))
        return made

    def of(self, key: LicenceKey) -> Return:
        """The return of this licence. Raises CentralRefused if nobody ordered it."""
        found = returning.find(self._firm.returns, key)
        if found is None:
            raise CentralRefused(f"Nobody ordered licence {key} to be taken back.")
        return found

    def call_off(self, key: LicenceKey, serial: str) -> None:
        """One of its containers keeps the licence after all. Raises CentralRefused."""
        returns = returning.called_off(self._firm.returns, key)
        if serial not in [issued.container.serial for issued in self._firm.holders(key)]:
            raise CentralRefused(f"Container {serial} holds no licence {key}.")
        self._firm.set_returns(returns)

    def is_any_due(self, now_s: int) -> bool:
        """Whether something is to be taken away now."""
        return any(one.is_due(now_s) for one in self._firm.returns)

    def carry_out(self, now_s: int) -> None:
        """Takes away what is due: each in one act, from all its containers. Raises CentralRefused.

        A licence that nobody holds any more has nobody to take it from.
        """
        firm = self._firm
        for due in [one for one in firm.returns if one.is_due(now_s)]:
            changed = [
                next_of(issued, tuple(item for item in issued.items if item.tmr_id != due.tmr_id))
                for issued in firm.holders(due.key(firm.firm_code))
            ]
            if not changed:
                firm.set_returns(tuple(one for one in firm.returns if one is not due))
                continue
            sequences = {issued.container.serial: issued.sequence for issued in changed}
            taken = msgspec.structs.replace(due, sequences=sequences)
            firm.renew(changed, returning.put(firm.returns, taken))

    def waiting_for(self, returned: Return) -> tuple[str, ...]:
        """The containers that have not confirmed yet that a licence is gone from them."""
        return returned.waiting_for(self._firm.confirmed)

    def confirm(self, receipt: Receipt, data: bytes) -> None:
        """Keeps a container's receipt (its signature was checked). Raises CentralRefused.

        The second receipt of a return makes the ticket usable again, unless its use is counted.
        """
        firm = self._firm
        issued = firm.issued_to(receipt.serial)
        if issued is None or receipt.sequence > issued.sequence:
            raise CentralRefused(
                f"Firm {firm.firm_code} issued no update {receipt.sequence} to {receipt.serial}."
            )
        update = firm.update_file(receipt.serial, receipt.sequence)
        if sha256(update).digest() != receipt.update_sha256:
            raise CentralRefused(f"The receipt of {receipt.serial} is for another update file.")
        if receipt.sequence > issued.confirmed:
            changed = msgspec.structs.replace(
                issued, confirmed=receipt.sequence, confirmed_at_s=receipt.created_at_s
            )
            firm.keep_receipt(changed, data)

    def is_put_back(self, request: ContainerRequest) -> bool:
        """Whether this container shows less than it confirmed before, by its own clock."""
        issued = self._firm.issued_to(request.serial)
        return (
            issued is not None
            and dict(request.held).get(self._firm.firm_code, 0) < issued.confirmed
            and request.created_at_s > issued.confirmed_at_s
        )

    def note_put_back(self, request: ContainerRequest, data: bytes, now_s: int) -> None:
        """Keeps `data`, the request file that shows it, for the vendor; the newest of each
        container. What it confirmed before, it has to confirm again."""
        issued = self._firm.issued_to(request.serial)
        if issued is None or not self.is_put_back(request):
            return
        held = dict(request.held).get(self._firm.firm_code, 0)
        note = PutBack(
            serial=request.serial, confirmed=issued.confirmed, held=held, at_s=now_s, request=data
        )
        self._firm.keep_put_back(msgspec.structs.replace(issued, confirmed=held), note)
