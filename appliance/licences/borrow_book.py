"""What the state keeps of borrowed seats.

A base of `appliance.licences.state.State`; what borrowing is, is said in `borrowing`. Only the
handlers that `appliance.licences.machine` lists write. What is borrowed is no lease: no clock of a
serving host holds it, and neither silence, an operator nor a failover ends it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from appliance.licences.commands import Borrowed
from appliance.licences.container_book import ContainerBook
from appliance.licences.counting import ALL
from appliance.licences.item import NO_TERMS, BorrowTerms
from appliance.licences.model import LicenceKey
from appliance.licences.records import BorrowEnd, lease_of
from appliance.licences.undo import ABSENT

ENDS_MAX: Final = 8_192
"""Of so many keys it is remembered how what was borrowed under them ended."""
RETURNED: Final = "returned"
ENDED: Final = "over"
_LOOKED_AT: Final = 64
"""So many that end first are looked at with each command."""
_SWEPT: Final = 4
"""So many may end with each command."""


class BorrowBook(ContainerBook):
    """The tables of a state, with what writes those of borrowed seats."""

    __slots__ = ()

    def borrowed_by(self, borrower: bytes) -> Borrowed | None:
        """What is out under this key."""
        generation = self.borrowers.get(borrower)
        return None if generation is None else self.borrowed[generation]

    def all_borrowed(self, client: str | None = None) -> Iterator[Borrowed]:
        """What is out, of one client or of all, in no particular order."""
        return (one for one in self.borrowed.values() if client in (None, one.client))

    def lend(self, out: Borrowed) -> None:
        """These seats are out from now on."""
        self.make_room(lease_of(out), comes_back=True)
        self._put(self.borrowed, out.generation, out)
        self.count_out(out)

    def set_borrowed(self, out: Borrowed) -> None:
        """What is borrowed under its key has changed, and no seat of it moved."""
        self.uncount_out(self.borrowed[out.generation])
        self._put(self.borrowed, out.generation, out)
        self.count_out(out)

    def end_borrowed(self, out: Borrowed, how: str) -> None:
        """These seats are free again; remember that, and forget the oldest beyond ENDS_MAX."""
        self.uncount_out(out)
        self._put(self.borrowed, out.generation, ABSENT)
        number = self._borrow_ends_next
        self._borrow_ends_next += 1
        self._put(self.borrow_ends, out.borrower, BorrowEnd(how, number))
        self._put(self._borrow_ends_order, number, out.borrower)
        oldest = self._borrow_ends_order.get(number - ENDS_MAX)
        if oldest is not None:
            self._put(self._borrow_ends_order, number - ENDS_MAX, ABSENT)
            if self.borrow_ends[oldest].number == number - ENDS_MAX:
                self._put(self.borrow_ends, oldest, ABSENT)

    def end_overdue(self) -> None:
        """Free what is over, at most a few with each command.

        Its end has come by log time, and so has its length by the state's age, or its end by
        certified time: a leap of log time frees nothing that is still out.
        """
        if not self.due or self.due[ALL][0][0] > self.log_time_ms:
            return
        certified_ms = self.virtual_certified_ms()
        over: list[Borrowed] = []
        for ends_at_ms, generation in self.due[ALL][:_LOOKED_AT]:
            if ends_at_ms > self.log_time_ms or len(over) == _SWEPT:
                break
            out = self.borrowed[generation]
            if self.age_ms >= out.until_age_ms or (
                certified_ms is not None and certified_ms >= ends_at_ms
            ):
                over.append(out)
        for out in over:
            self.end_borrowed(out, ENDED)

    def set_uncertified(self, allowed: bool) -> None:
        """Whether seats may be borrowed without certified time."""
        self.borrowing_uncertified = allowed

    def set_in_doubt(self, doubtful: bool) -> None:
        """Whether other seats may be out than are known here."""
        self.borrowing_in_doubt = doubtful
        for key in () if doubtful else tuple(self.lent_before):
            self._put(self.lent_before, key, ABSENT)

    def remember_terms(self, key: LicenceKey, terms: BorrowTerms) -> None:
        """A licence was lent on these terms before, and is not any more."""
        known = self.lent_before.get(key, NO_TERMS)
        self._put(self.lent_before, key, BorrowTerms(*map(max, known, terms)))
