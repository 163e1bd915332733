"""Tickets: what stands for licences that were sold, and what became of them (pure).

A ticket has lines: a product, its options, and a quantity of seats. A group of three containers
activates all lines or chosen ones, each as a whole or in part; each use of a line is a licence of
its own. What a group asks for is what it is to *have* of a line, and not what it is to get more: so
who repeats a command that was interrupted gets the same answer, and nothing twice. A line that
seats do not bound (a unit counter, no seats, or a mode without a limit) goes as a whole.

Once a licence came back (`appliance.services.central.returning`) its part of the line may be used
again. One with a unit counter or a usage period comes back without it: what is left is the plant's
ledger's to know, not ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from appliance.codec.ticket_codes import LINES_MAX, Chosen
from appliance.licences.model import ProductItem
from appliance.licences.modes import NO_LIMIT
from appliance.services.central.options import Options
from appliance.services.central.refusals import CentralRefused

OPEN, IN_PART, USED_UP = "open", "in part", "used up"
"""The states of a line and of a ticket."""
QUANTITY: Final = "quantity"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What is sold by one line. With `whole` it is activated as a whole only."""

    line: int
    product_code: int
    quantity: int
    whole: bool
    options: Options


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """So many seats of a line became the licence with this TMR-ID, for the group of this CmActID;
    `credited` once it came back."""

    line: int
    quantity: int
    tmr_id: int
    cmact_id: str
    credited: bool = False


class Wanted(msgspec.Struct, frozen=True):
    """What is to be issued now: so many seats of a line."""

    line: Line
    quantity: int

    @property
    def options(self) -> Options:
        """The options of the licence."""
        return Options({**self.line.options.values, QUANTITY: self.quantity})


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """What was sold by one ticket, and the uses of its lines in their order."""

    code: str
    lines: tuple[Line, ...]
    uses: tuple[Use, ...] = ()

    def used(self, line: int, cmact_id: str | None = None) -> int:
        """How many seats of this line are used, by all groups or by one."""
        return sum(one.quantity for one in self._uses(line, cmact_id))

    def left(self, line: Line) -> int | None:
        """How many seats of a line are left, None if it is used up."""
        if line.whole:
            return None if self._uses(line.line) else line.quantity
        left = line.quantity - self.used(line.line)
        return left if left > 0 else None

    def state_of(self, line: Line) -> str:
        """Whether it is open, used in part, or used up."""
        if self.left(line) is None:
            return USED_UP
        return IN_PART if self._uses(line.line) else OPEN

    @property
    def state(self) -> str:
        """The same of the ticket as a whole."""
        states = {self.state_of(line) for line in self.lines}
        return states.pop() if len(states) == 1 else IN_PART

    def wanted(self, chosen: Chosen, cmact_id: str) -> tuple[Wanted, ...]:
        """What has to be issued so that this group ("" for a new one) has what it chose; nothing if
        it has that. Raises CentralRefused if the ticket does not hold it."""
        if chosen:
            return tuple(
                made
                for number, some in chosen
                if (made := self._wanted(self._line(number), some, cmact_id)) is not None
            )
        rest = tuple(
            Wanted(line, left) for line in self.lines if (left := self.left(line)) is not None
        )
        if not rest and not self._has_any(cmact_id):
            raise CentralRefused(
                "This ticket was used by other containers; ask the vendor for one."
            )
        return rest

    def _wanted(self, line: Line, some: int, cmact_id: str) -> Wanted | None:
        left = self.left(line)
        mine = self._uses(line.line, cmact_id) if cmact_id else ()
        if line.whole:
            if some not in (0, line.quantity):
                raise CentralRefused(
                    f"Line {line.line} of the ticket is activated as a whole, and not {some} of it:"
                    " it has a unit counter, no seats, or a mode without a limit."
                )
            if mine:
                return None
        has = sum(one.quantity for one in mine)
        missing = some - has if some else left or 0
        if has and missing <= 0:
            return None
        if left is None or missing > left:
            there = f"{left} of {line.quantity} left" if left else "nothing left"
            raise CentralRefused(
                f"Line {line.line} of the ticket has {there}: the rest is activated by other"
                " containers already. Choose less, or ask the vendor."
            )
        return Wanted(line, missing)

    def _line(self, number: int) -> Line:
        found = next((one for one in self.lines if one.line == number), None)
        if found is None:
            raise CentralRefused(
                f"The ticket has no line {number}: it has {len(self.lines)}, counted from 1."
            )
        return found

    def _uses(self, line: int, cmact_id: str | None = None) -> tuple[Use, ...]:
        return tuple(
            one
            for one in self.uses
            if one.line == line and not one.credited and cmact_id in (None, one.cmact_id)
        )

    def _has_any(self, cmact_id: str) -> bool:
        return any(one.cmact_id == cmact_id and not one.credited for one in self.uses)


def lines_of(sold: Sequence[tuple[ProductItem, Options]]) -> tuple[Line, ...]:
    """A ticket's lines: what would be issued of each, and its options. Raises CentralRefused."""
    if not 1 <= len(sold) <= LINES_MAX:
        raise CentralRefused(f"A ticket has 1 to {LINES_MAX} lines.")
    return tuple(
        Line(
            line=number,
            product_code=item.product_code,
            quantity=item.quantity,
            whole=item.units is not None or item.quantity == 0 or NO_LIMIT in item.modes,
            options=options,
        )
        for number, (item, options) in enumerate(sold, start=1)
    )
