"""`tmr` itself: which verbs there are, and what becomes of an error.

A verb's module is imported when the verb is used and not before, so that `tmr --version` does not
wait for a web server and a netlink library. What can go wrong here: an entry of `VERBS` that names
nothing (tests/unit/test_cli_main.py goes through all of them). And surroundings that are not
as usual: a standard output that is full, closed, or cannot show every character.
"""

from __future__ import annotations

import errno
import importlib
import io
import os
import sys
from typing import Any, NamedTuple

import click

from appliance import __version__
from appliance.errors import ExitCode, UserError


class Verb(NamedTuple):
    """Where a verb lives (`module:attribute`, the attribute a click command) and its help line."""

    target: str
    summary: str


VERBS: dict[str, Verb] = {
    "lab": Verb("appliance.cli.lab:lab", "Five hosts on this machine: start, cut, heal, demo."),
    "status": Verb("appliance.cli.status:status", "Who serves, and how each host is."),
    "activate": Verb("appliance.cli.group:activate", "Show a ticket: get what was bought."),
    "request": Verb("appliance.cli.group:request", "Ask a vendor by a file that is carried."),
    "import": Verb("appliance.cli.group:import_answer", "Import what a vendor answered."),
    "time": Verb("appliance.cli.time:time", "The three times, and certified updates."),
    "licences": Verb("appliance.cli.licences:licences", "Which licences there are."),
    "doctor": Verb("appliance.cli.doctor:doctor", "What is wrong, and what to do about it."),
    "alert": Verb("appliance.cli.alert:alert", "Tell a webhook and the journal what is wrong."),
    "logs": Verb("appliance.cli.logs:logs", "What the hosts log, all of them in one stream."),
    "leases": Verb("appliance.cli.leases:leases", "Who holds what."),
    "checkout": Verb("appliance.cli.checkout:checkout", "Take a seat and keep it in a file."),
    "checkin": Verb("appliance.cli.checkin:checkin", "Give a seat back."),
    "borrow": Verb("appliance.cli.borrow:borrow", "Take a seat out of the plant for a while."),
    "release": Verb("appliance.cli.release:release", "End somebody else's lease, with a reason."),
    "switchover": Verb("appliance.cli.switchover:switchover", "Let the other TMR host serve."),
    "maintenance": Verb("appliance.cli.maintenance:maintenance", "Keep a TMR host from serving."),
    "enrol": Verb("appliance.cli.enrol:enrol", "Let a client in, or shut it out."),
    "dismiss": Verb("appliance.cli.dismiss:dismiss", "Take a certificate back."),
    "units": Verb("appliance.cli.units:units", "Units that were taken lately, and refunds."),
    "limit": Verb("appliance.cli.limit:limit", "How many seats one client may hold."),
    "queue": Verb("appliance.cli.queue:queue", "Who waits for seats."),
    "access": Verb("appliance.cli.access:access", "Who may have a seat, and how many."),
    "usage": Verb("appliance.cli.usage:usage", "Who used what, for how long, and the proof."),
    "names": Verb("appliance.cli.names:names", "Names of users and computers, and erasing them."),
    "accept-loss": Verb(
        "appliance.cli.accept_loss:accept_loss", "Take note that the ledger was put back."
    ),
    "rules": Verb("appliance.cli.rules:rules", "Which rules are in force, and raising them."),
    "monitor": Verb("appliance.cli.monitor:monitor", "One window that shows how it is."),
    "run": Verb("appliance.cli.run:run", "Hold a seat while a command runs."),
    "central": Verb("appliance.cli.central:central", "The vendor's side: firms and licences."),
    "pki": Verb("appliance.cli.pki:pki", "Certificates of hosts, clients and operators."),
    "container": Verb("appliance.cli.container:container", "An upstream's own container."),
    "replace-upstream": Verb(
        "appliance.cli.replace_upstream:replace_upstream", "Let a new store vote for a lost one."
    ),
    "backup": Verb("appliance.cli.backup:backup", "A copy of the ledger that proves itself."),
    "restore": Verb("appliance.cli.restore:restore", "Found a ledger anew from a backup."),
    "standalone": Verb("appliance.cli.standalone:standalone", "A licence server on one host."),
    "upstream": Verb("appliance.cli.upstream:upstream", "An upstream's store of the ledger."),
    "timeserver": Verb("appliance.cli.timeserver:timeserver", "Certified time for containers."),
    "serve": Verb("appliance.cli.serve:serve", "Run one role of the appliance."),
    "bench": Verb("appliance.cli.bench:bench", "Measure it here."),
    "sim": Verb("appliance.cli.sim:sim", "Play simulated clusters from seeds."),
}


class VerbGroup(click.Group):
    """A click group whose commands are named in a table and imported one by one, when used."""

    def __init__(self, *args: Any, verbs: dict[str, Verb], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.verbs = verbs

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the table's order, which is the order in which a newcomer needs them."""
        return list(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command, imported now; None if there is no such verb."""
        verb = self.verbs.get(cmd_name)
        return None if verb is None else load_command(verb.target)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs from the table alone: help must not import all of them."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, verb.summary) for name, verb in self.verbs.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; an expected error becomes one sentence, Ctrl-C the shell's own code.

        The sentence goes to stderr: stdout stays what the verb's `--json` promises.
        """
        try:
            return super().invoke(ctx)
        except UserError as error:
            from appliance.cli.output import complain

            complain(error.sentence)
            raise click.exceptions.Exit(int(error.code)) from None
        except KeyboardInterrupt:
            raise click.exceptions.Exit(int(ExitCode.INTERRUPTED)) from None


class _Output(io.FileIO):
    """Standard output, which remembers what kept it from being written."""

    trouble: OSError | None = None

    def write(self, data: Any) -> int:
        """As a file's."""
        try:
            return super().write(data)
        except OSError as error:
            self.trouble = error
            raise


class _Closed(io.TextIOBase):
    """In place of a standard output that was closed when we were started."""

    trouble: OSError | None = None

    def write(self, text: str) -> int:
        """Raises OSError."""
        self.trouble = OSError(errno.EBADF, "it is closed")
        raise self.trouble


def load_command(target: str) -> click.Command:
    """Import `module:attribute`. Raises TypeError if what is there is no click command."""
    module_name, _, attribute = target.partition(":")
    command = getattr(importlib.import_module(module_name), attribute)
    if not isinstance(command, click.Command):
        raise TypeError(f"{target} is no click command")
    return command


EPILOG = (
    "Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no licence to be had, "
    "4 nobody could be reached."
)


@click.group(
    cls=VerbGroup,
    verbs=VERBS,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="tmr")
def tmr() -> None:
    """Floating licences that outlive their servers."""


def main() -> None:
    """The script `tmr`. Ends the process with one of `appliance.errors.ExitCode`."""
    output = _watched_stdout()
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="backslashreplace")
    try:
        try:
            tmr(prog_name="tmr")
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except OSError as error:
        if output.trouble is None:
            raise
        _throw_away(output)
        if error.errno != errno.EPIPE:  # Who closed the pipe has read enough.
            from appliance.cli.output import complain

            complain(
                f"the report cannot be written to standard output ({output.trouble.strerror}): "
                "send it elsewhere, then repeat; what was to be changed may have been changed."
            )
        sys.exit(int(ExitCode.REFUSED))


def _watched_stdout() -> _Output | _Closed:
    """Put in the place of `sys.stdout` what shows every character, somehow, and knows its trouble.

    A file name in Latin-1, or a name in Japanese on an old terminal, is no error.
    """
    before = sys.stdout
    if not isinstance(before, io.TextIOWrapper):
        sys.stdout = closed = _Closed()
        return closed
    output = _Output(before.fileno(), "w", closefd=False)
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(output),
        encoding=before.encoding,
        errors="backslashreplace",
        line_buffering=output.isatty() or before.write_through,
    )
    return output


def _throw_away(output: _Output | _Closed) -> None:
    """What is left to be written is not tried once more at the end."""
    if isinstance(output, _Closed):
        sys.stdout = io.StringIO()
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, output.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    main()
