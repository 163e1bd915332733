"""Licences and leases as rows for tables, and the 2-of-3 matrix of each licence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import msgspec

from appliance.codec.api import ConstituentDocument, LeaseDocument, LicenceDocument
from monitor_gui.model.store import Store

ABSENT = "missing"


@dataclass(frozen=True, slots=True)
class LicenceRow:
    """One TMR licence. `twins` are the constituents by twin number 1, 2, 3; `log_time_s` is the
    time that it is compared with, Unix seconds in whole minutes (None: nobody has told it)."""

    licence: LicenceDocument
    twins: tuple[ConstituentDocument, ConstituentDocument, ConstituentDocument]
    log_time_s: int | None = None

    @property
    def ends_s(self) -> int | None:
        """When it ends, Unix seconds, by whatever ends it first; None for never."""
        ends = (self.licence.expires_at_s, self.licence.usage_ends_s)
        return min((end_s for end_s in ends if end_s is not None), default=None)

    @property
    def left_s(self) -> int | None:
        """How long it is valid still, by log time; None if it never ends, or that is not known."""
        ends_s = self.ends_s
        return None if ends_s is None or self.log_time_s is None else ends_s - self.log_time_s

    @property
    def key(self) -> tuple[int, int, int]:
        """What makes it this licence and no other."""
        return self.licence.firm_code, self.licence.product_code, self.licence.tmr_id

    @property
    def matching(self) -> int:
        """How many constituents count at present."""
        return sum(twin.state == "ok" for twin in self.twins)

    @property
    def free(self) -> int:
        """Seats that could be checked out; none if the licence is not available."""
        one = self.licence
        return max(0, one.quantity - one.in_use - one.lingering) if one.available else 0


def licence_rows(store: Store) -> list[LicenceRow]:
    """All licences, in the order of their keys."""
    document = store.licences
    if document is None:
        return []
    told_ms = [e.document.log_time_ms for e in store.endpoints.values() if e.document is not None]
    log_ms = document.log_time_ms or max(told_ms, default=0)
    log_s = log_ms // 60_000 * 60 if log_ms else None
    rows = [LicenceRow(licence, _twins(licence), log_s) for licence in document.licences]
    return sorted(rows, key=lambda row: row.key)


def _twins(
    licence: LicenceDocument,
) -> tuple[ConstituentDocument, ConstituentDocument, ConstituentDocument]:
    by_number = {constituent.twin: constituent for constituent in licence.constituents}

    def twin(number: int) -> ConstituentDocument:
        none = ConstituentDocument(host="", serial="", twin=number, state=ABSENT)
        return by_number.get(number, none)

    return twin(1), twin(2), twin(3)


class LeaseRow(msgspec.Struct, frozen=True, gc=False):
    """One lease with what its licence is called. Invisible to the garbage collector, which would
    walk through a hundred thousand of them while the window stands still."""

    lease: LeaseDocument
    product: str

    @property
    def key(self) -> tuple[str, str]:
        """What makes it this lease and no other."""
        return self.lease.client, self.lease.lease_id


class LeaseRows(Sequence[LeaseRow]):
    """Leases as rows, each made when it is asked for: there may be a hundred thousand."""

    def __init__(
        self, leases: tuple[LeaseDocument, ...], names: dict[tuple[int, int], str]
    ) -> None:
        self._leases = leases
        self._names = names

    def __len__(self) -> int:
        return len(self._leases)

    @overload
    def __getitem__(self, number: int) -> LeaseRow: ...

    @overload
    def __getitem__(self, number: slice) -> list[LeaseRow]: ...

    def __getitem__(self, number: int | slice) -> LeaseRow | list[LeaseRow]:
        if isinstance(number, slice):
            return [self._row(lease) for lease in self._leases[number]]
        return self._row(self._leases[number])

    def _row(self, lease: LeaseDocument) -> LeaseRow:
        code = lease.firm_code, lease.product_code
        return LeaseRow(lease, self._names.get(code, "") or f"{code[0]}:{code[1]}")


def lease_rows(store: Store) -> LeaseRows:
    """All leases, oldest first."""
    names = {}
    if store.licences is not None:
        names = {(x.firm_code, x.product_code): x.text for x in store.licences.licences}
    return LeaseRows(store.leases.leases if store.leases is not None else (), names)
