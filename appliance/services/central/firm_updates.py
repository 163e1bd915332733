"""What a firm signs: its key in a directory of its own, and the updates that carry its licences.

    firms/CODE/firm.key.pem

A file carries a container from one update to a later one, and has been read back as an upstream
reads it before it is handed out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from appliance.codec.licence_files import build_update, read_update
from appliance.codec.request_files import ContainerRequest
from appliance.licences.model import ContainerUpdate, FirmItem, ReturnedItem, UpdateBase
from appliance.licences.refusals import UpdateRefused
from appliance.services.central.firm_records import FirmRecords
from appliance.services.central.issued import Change, Held, IssuedUpdate, check_kinds
from appliance.services.central.records import Records, licences, returned
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.storage import read_key
from appliance.verifier.merkle import Peaks

KEY_NAME: Final = "firm.key.pem"
CHANGES_MAX: Final = 2_000
"""Items that one update changes at most: what is more comes by several."""

Keep = Callable[[Sequence[IssuedUpdate]], None]


class FirmUpdates(FirmRecords):
    """One firm with its key."""

    def __init__(
        self, path: Path, records: Records, firm_code: int, root: bytes, keep: Keep
    ) -> None:
        """The firm of this code with its key in `path`. Raises CentralRefused if there is none.

        `root` is the root's certificate. `keep` gets the signed updates of an act before the act
        counts; what it raises prevents it.
        """
        super().__init__(records, firm_code)
        self._path = path
        self._root = root
        self._keep = keep

    def next_update(self, serial: str, held: int) -> IssuedUpdate | None:
        """One file that brings this container from its update `held` to the newest, or as far as
        CHANGES_MAX changes go; None if it has them all."""
        newest = self.issued_to(serial)
        if newest is None or not 0 <= held < newest.sequence:
            return None
        if held + 1 == newest.sequence:
            stored = self._files(serial, held, 1)
            if stored:
                return stored[0]
        with self.records.act() as connection:
            code = self.firm_code
            sequence = licences.reachable(connection, code, newest, held, CHANGES_MAX)
            data = self._signed(newest, held, sequence)
            digest = sha256(data).digest()
            licences.note_skip(connection, code, serial, held, sequence, digest)
        return IssuedUpdate(serial, code, sequence, data)

    def updates_since(self, asked: ContainerRequest) -> list[IssuedUpdate]:
        """All that this container lacks, by as few files as carry it. Raises CentralRefused."""
        serial, held = asked.serial, dict(asked.held).get(self.firm_code, 0)
        newest = self.issued_to(serial)
        if newest is None:
            raise CentralRefused(f"Firm {self.firm_code} has issued nothing to {serial}.")
        if newest.container.public_key != asked.public_key:
            raise CentralRefused(f"Container {serial} was activated with another key.")
        if held > newest.sequence:
            raise CentralRefused(
                f"Container {serial} holds update {held} of firm {self.firm_code}, and"
                f" {newest.sequence} is the newest here: these records are older than what was"
                " issued. Restore newer ones first."
            )
        found: list[IssuedUpdate] = []
        while (update := self.next_update(serial, held)) is not None:
            found.append(update)
            held = update.sequence
        return found

    # --- signing ---

    def _note(
        self,
        act: str,
        product_code: int,
        tmr_id: int,
        updates: Sequence[IssuedUpdate],
        **more: object,
    ) -> None:
        key = f"{self.firm_code}:{product_code}#{tmr_id}"
        self.records.note(act, key, updates=digests(updates), **more)

    def _sign(self, changes: Sequence[Change]) -> tuple[IssuedUpdate, ...]:
        """Makes the changes, signs what came of them, reads it back, and hands it to `keep`.

        What is more than fits into one update becomes several.
        """
        made = []
        code = self.firm_code
        with self.records.act() as connection:
            for change in changes:
                held = change.held
                check_kinds(change.put, {held.serial: held.container.kind})
                for at in range(0, len(change.put) or 1, CHANGES_MAX):
                    some = change.put[at : at + CHANGES_MAX]
                    part = msgspec.structs.replace(change, held=held, put=some)
                    held = licences.write(connection, code, part)
                    group = held.container.cmact_id
                    gone = returned.unnamed(connection, code, group, held.serial)
                    licences.name_returned(connection, code, held, gone)
                    rooted = licences.rooted(connection, code, held.serial, held.sequence)
                    data = self._signed(held, held.sequence - 1, held.sequence, rooted)
                    licences.keep_update(connection, code, held.serial, held.sequence, rooted, data)
                    made.append(IssuedUpdate(held.serial, code, held.sequence, data))
        self._keep(made)
        return tuple(made)

    def _signed(self, held: Held, base: int, sequence: int, rooted: Peaks | None = None) -> bytes:
        """The file that brings this container from `base` to `sequence`; `rooted` is of all items
        there. From nothing to the first it is whole."""
        container, code, serial = held.container, self.firm_code, held.serial
        with self.records.reading() as connection:
            made = licences.delta(connection, code, serial, base, sequence)
            before = licences.root_at(connection, code, serial, base)
            rooted = rooted or licences.root_at(connection, code, serial, sequence)
        changed = UpdateBase(sequence=base, root=b"" if before is None else before.root)
        update = ContainerUpdate(
            serial=serial,
            cmact_id=container.cmact_id,
            twin=container.twin,
            certificate=container.certificate,
            firm=FirmItem(
                firm_code=code,
                firm_name=self.firm_name,
                sequence=sequence,
                items=made.put,
                units_confirmed=held.units_confirmed,
                returned=tuple(ReturnedItem(*one) for one in made.returned),
            ),
            base=None if sequence == 1 else changed,
            dropped=tuple(ReturnedItem(*one) for one in made.dropped),
        )
        try:
            data = build_update(read_key(self._path / KEY_NAME), self.certificate, update, rooted)
            # Whatever an upstream would refuse is not handed out.
            read_update(data, self._root)
        except UpdateRefused as refused:
            raise CentralRefused(refused.detail) from None
        return data


def digests(updates: Iterable[IssuedUpdate]) -> dict[str, tuple[int, str]]:
    """Of each container the update and the SHA-256 of its file, for the audit trail."""
    return {one.serial: (one.sequence, sha256(one.data).hexdigest()) for one in updates}
