"""What the appliance says to a person who asked for something it cannot do.

A `UserError` is expected: it is shown as its one sentence, without a traceback, and ends a command
with its exit code. Anything else that reaches the command line is our own bug and keeps its
traceback.
"""

from __future__ import annotations

import enum


class ExitCode(enum.IntEnum):
    """What `tmr` tells the shell. Scripts rely on these numbers; they do not change."""

    OK = 0
    REFUSED = 1  # asked and refused, or tried and failed
    USAGE = 2  # the command line itself is wrong
    NO_LICENCE = 3  # no seat free, expired, not there, or too few constituents
    UNREACHABLE = 4  # nobody who could decide answered
    DEGRADED = 5  # `tmr status`: it serves, but something is wrong
    # `tmr run` passes on its command's exit code, so its own are as far off as those of env(1).
    RUN_NO_LICENCE = 123
    RUN_UNREACHABLE = 124
    RUN_FAILED = 125
    INTERRUPTED = 130  # by Ctrl-C, as shells have it


class UserError(Exception):
    """One sentence that says what is wrong and what to do, and the exit code that goes with it."""

    def __init__(self, sentence: str, code: ExitCode = ExitCode.REFUSED) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code
