"""How far a long measurement is, while it goes on."""

from __future__ import annotations

from typing import Any

from appliance.cli.output import on_terminal, say


class Teller:
    """Shows how far it is: a progress bar on a terminal, a line for each measurement elsewhere."""

    def __init__(self, what: str, steps: int, *, quiet: bool) -> None:
        self._what, self._steps = what, steps
        self._live = on_terminal() and not quiet
        self._quiet = quiet
        self._progress: Any = None
        self._task: Any = None

    def __enter__(self) -> Teller:
        if self._live:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
            self._progress = Progress(*columns)
            self._progress.start()
            self._task = self._progress.add_task(self._what, total=self._steps)
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def told(self, what: str) -> None:
        """One more measurement is done."""
        if self._progress is not None:
            self._progress.update(self._task, advance=1, description=what)
        elif not self._quiet:
            say(what, err=True)
