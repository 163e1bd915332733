"""How far something long is, while it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from appliance.cli.output import on_terminal, say

if TYPE_CHECKING:
    from rich.progress import ProgressColumn


class Bar:
    """A progress bar on a terminal, a line for each thing that is told elsewhere; nothing if it is
    to be `quiet`. It begins with `what`, and ends at `total`."""

    def __init__(self, what: str, total: float, *, quiet: bool) -> None:
        self._what, self._total = what, total
        self._live = on_terminal() and not quiet
        self._quiet = quiet
        self._progress: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        if self._live:
            from rich.progress import BarColumn, Progress, TextColumn

            columns = (BarColumn(), self._column(), TextColumn("{task.description}"))
            self._progress = Progress(*columns)
            self._progress.start()
            self._task = self._progress.add_task(self._what, total=self._total)
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def _column(self) -> ProgressColumn:
        """What stands beside the bar."""
        from rich.progress import TimeElapsedColumn

        return TimeElapsedColumn()

    def _show(self, what: str, line: str, **far: float) -> None:
        """`what` beside the bar that is so `far`, or else the line."""
        if self._progress is not None:
            self._progress.update(self._task, description=what, **far)
        elif not self._quiet:
            say(line, err=True)


class Teller(Bar):
    """How many measurements are done."""

    def _column(self) -> ProgressColumn:
        from rich.progress import MofNCompleteColumn

        return MofNCompleteColumn()

    def told(self, what: str) -> None:
        """One more measurement is done."""
        self._show(what, what, advance=1)
