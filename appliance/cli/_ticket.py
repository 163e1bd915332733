"""How a verb gets a ticket: from its input, or hidden from a terminal.

A ticket is worth a licence to whoever has it. What stands on the command line is in the shell's
history, and in the list of processes for everybody on that computer.
"""

from __future__ import annotations

import sys
from typing import Final

import click

from appliance.cli.output import fail
from appliance.errors import ExitCode

TICKET_BYTES_MAX: Final = 1_024
"""What is read of the input; a ticket has 29 characters."""
_FROM_INPUT: Final = "-"


def read_ticket(given: str | None) -> str:
    """The ticket that was `given`, else (also for `-`) the one in the input; a terminal is asked,
    and shows nothing. Ends the verb if there is none."""
    if given is not None and given != _FROM_INPUT:
        return given
    if _at_terminal():
        typed: str = click.prompt("Ticket", hide_input=True, err=True)
        words = typed.split()
    else:
        words = _input().split()
    if len(words) != 1:
        what = "more than a ticket" if words else "no ticket"
        fail(f"There is {what} in the input: give the ticket alone, on one line.", ExitCode.USAGE)
    return words[0]


def _at_terminal() -> bool:
    """Whether somebody types: then nothing is shown, wherever the question goes."""
    return sys.stdin is not None and sys.stdin.isatty()


def _input() -> str:
    """The start of the input; "" if it is closed. What is no text is no ticket."""
    if sys.stdin is None:
        return ""
    data = sys.stdin.buffer.read(TICKET_BYTES_MAX + 1)
    if len(data) > TICKET_BYTES_MAX:
        fail(
            f"The input is longer than {TICKET_BYTES_MAX} bytes: give the ticket alone, on one"
            " line.",
            ExitCode.USAGE,
        )
    return data.decode("utf-8", "replace")
