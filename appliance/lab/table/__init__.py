"""What can be sold, and by which kind of server: each cell from steps that ran in this lab.

The eight rows and three columns are those of the product that this one re-imagines. The uses of one
column begin one after another; then the active TMR host loses its power in the middle of all of
them; then each goes on where it was, at the other host. What a use does to the whole plant comes
last, when all others have ended.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from appliance.client import ClientError
from appliance.errors import UserError
from appliance.lab.hosts import twin_of
from appliance.lab.story.stage import Stage, StoryFailed
from appliance.lab.table import lending, uses
from appliance.lab.table.desk import Desk

State = Literal["ok", "not yet", "not offered"]
Use = Callable[[Desk], Generator[None, None, str]]

ROWS: Final = (
    "unlimited",
    "time-limited",
    "emergency",
    "borrowing",
    "tracking",
    "access-list",
    "use-based",
    "activation",
)
COLUMNS: Final = ("network", "tmr", "cloud")
TMR: Final[dict[str, Use]] = {
    "unlimited": uses.unlimited,
    "time-limited": uses.time_limited,
    "emergency": uses.emergency,
    "borrowing": lending.borrowing,
    "tracking": uses.tracking,
    "access-list": uses.access_list,
    "use-based": uses.use_based,
    "activation": uses.activation,
}
"""What is played in the column of the five hosts. A row that is missing cannot be sold yet."""
PARTS: Final = 2 * len(TMR) + 3
"""Of so many parts `play` tells."""
NOT_OFFERED: Final = {
    ("cloud", "emergency"): "a vendor's own server needs no cold standby at the customer's",
    ("cloud", "borrowing"): "a personal container is used online only",
}
"""As in the original, which lacks TMR borrowing, too."""


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One cell: its place, how far it is, and what was seen. A step that failed leaves its cell
    "not yet", with `failed`."""

    row: str
    column: str
    state: State
    seen: str
    failed: bool = False


@dataclass(slots=True)
class _Course:
    """A use on its way."""

    steps: Generator[None, None, str]
    seen: str = ""
    failed: bool = False
    ended: bool = False

    def go_on(self) -> None:
        """To its next stop or to its end; what goes wrong is its result."""
        if self.ended:
            return
        try:
            next(self.steps)
        except StopIteration as end:
            self.seen, self.ended = end.value, True
        except (StoryFailed, ClientError, UserError, TimeoutError) as error:
            self.seen, self.failed, self.ended = str(error) or type(error).__name__, True, True


def play(stage: Stage, begun: Callable[[str], None]) -> list[Cell]:
    """Play what can be played in this fresh lab, and give all 24 cells. `begun` hears of each part.
    Raises StoryFailed if the lab itself does not serve."""
    active = stage.wait_until_whole()
    desk = Desk(stage)
    try:
        courses = _played(stage, desk, active, begun)
    finally:
        desk.close()
    return [_cell(row, column, courses) for row in ROWS for column in COLUMNS]


def _played(
    stage: Stage, desk: Desk, active: str, begun: Callable[[str], None]
) -> dict[str, _Course]:
    courses = {row: _Course(use(desk)) for row, use in TMR.items()}
    for row, course in courses.items():
        begun(f"{row}: before the power cut")
        course.go_on()
    begun(f"{active} loses power")
    stage.lab.power_cut(active)
    twin = twin_of(active).name
    stage.wait_for(f"{twin} to serve", lambda: stage.active() == twin)
    for row, course in courses.items():
        begun(f"{row}: after the power cut")
        course.go_on()
    begun(f"{active} returns")
    stage.lab.boot(active)
    stage.wait_until_whole()
    for row, course in courses.items():
        if not course.ended:
            begun(f"{row}: what becomes of the plant")
            course.go_on()
    return courses


def _cell(row: str, column: str, courses: dict[str, _Course]) -> Cell:
    course = courses.get(row) if column == "tmr" else None
    if course is not None:
        state: State = "not yet" if course.failed else "ok"
        return Cell(row=row, column=column, state=state, seen=course.seen, failed=course.failed)
    why = NOT_OFFERED.get((column, row))
    return Cell(row=row, column=column, state="not offered" if why else "not yet", seen=why or "")
