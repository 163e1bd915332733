"""`tmr run`: hold a seat while any command runs, and give it back however that command ends.

    tmr run --product 100001:10 --on-loss continue|warn|stop -- COMMAND...

The exit code is the command's, or 128 plus the number of the signal that ended it. What can go
wrong here is a signal at a bad moment: before the command runs it ends the check-out, while it runs
it is passed on, and afterwards the check-in still happens. Handlers only note or pass on.
"""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from appliance.cli.output import fail
from appliance.errors import ExitCode

if TYPE_CHECKING:
    from appliance.client import AsyncClient, AsyncLease, LeaseStatus
    from appliance.codec.api import HolderDocument

SIGNAL_BASE: Final = 128
NOT_EXECUTABLE: Final = 126
NOT_FOUND: Final = 127
GRACE_S: Final = 10.0
_PASSED_ON: Final = tuple(
    getattr(signal, name)
    for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
    if hasattr(signal, name)
)
_BEFORE_START: Final = (signal.SIGTERM, signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGTERM))
# A terminal sends these to the whole foreground group, so the command has them already.
_FROM_TERMINAL: Final = (signal.SIGINT, getattr(signal, "SIGQUIT", signal.SIGINT))


class Job(NamedTuple):
    """What to run, under which licence, and what to do when that is lost."""

    firm_code: int
    product_code: int
    command: tuple[str, ...]
    on_loss: str = "continue"
    grace_s: float = GRACE_S


def _product(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, int]:
    """FIRM:PRODUCT as two numbers."""
    firm, _, product = value.partition(":")
    if not (firm.isascii() and firm.isdigit() and product.isascii() and product.isdigit()):
        raise click.BadParameter(f"{value!r} is not FIRM:PRODUCT, such as 100001:10", ctx, param)
    return int(firm), int(product)


@click.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "--product",
    required=True,
    callback=_product,
    metavar="FIRM:PRODUCT",
    help="Firm code and product code.",
)
@click.option(
    "--on-loss",
    type=click.Choice(["continue", "warn", "stop"]),
    default="continue",
    show_default=True,
    help="When the lease is lost: say nothing, say so on stderr, or stop the command.",
)
@click.option("--profile", "profile_path", help="Client profile (TOML); else TMR_PROFILE.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def run(
    ctx: click.Context,
    product: tuple[int, int],
    on_loss: str,
    profile_path: str | None,
    command: tuple[str, ...],
) -> None:
    """Hold a seat while COMMAND runs; it is released however COMMAND ends."""
    from appliance.client import find_profile, load_profile

    profile = load_profile(find_profile(profile_path))
    if shutil.which(command[0]) is None:
        exists = os.path.exists(command[0])
        click.echo(
            f"tmr: {command[0]} {'cannot be executed' if exists else 'was not found'}; "
            "no seat was taken",
            err=True,
        )
        ctx.exit(NOT_EXECUTABLE if exists else NOT_FOUND)

    async def work() -> int:
        async with profile.async_client() as client:
            return await hold(client, Job(*product, command, on_loss))

    ctx.exit(asyncio.run(work()))


async def hold(client: AsyncClient, job: Job) -> int:
    """Run the job's command under a lease; gives the exit code.

    Raises UserError with exit code 3 if the seat is refused and 4 if nobody answered.
    """
    from appliance.client import ClientError

    runner = _Runner(client, job)
    with runner.signals():
        try:
            await runner.take_seat()
        except ClientError as error:
            code = ExitCode.UNREACHABLE
            if error.code is not ExitCode.UNREACHABLE:
                code = ExitCode.NO_LICENCE
            fail(f"{error.sentence}; the command was not started", code)
        except _Signalled as signalled:
            return SIGNAL_BASE + signalled.number
        try:
            return await runner.run_command()
        finally:
            await runner.give_back()


class _Signalled(Exception):
    """A signal came before the command was started."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class _Runner:
    """One command under one lease."""

    def __init__(self, client: AsyncClient, job: Job) -> None:
        self._job = job
        self._child: asyncio.subprocess.Process | None = None
        self._early: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._stopper: asyncio.Task[None] | None = None
        self._lease: AsyncLease = client.lease(
            job.firm_code, job.product_code, holder=_holder(job.command[0]), on_change=self._changed
        )

    @contextlib.contextmanager
    def signals(self) -> Iterator[None]:
        """While inside, signals end the check-out or go to the command, but do not end us."""
        loop = asyncio.get_running_loop()
        for number in _PASSED_ON:
            loop.add_signal_handler(number, self._signalled, number)
        try:
            yield
        finally:
            for number in _PASSED_ON:
                loop.remove_signal_handler(number)

    def _signalled(self, number: int) -> None:
        child = self._child
        if child is None:
            if number in _BEFORE_START and not self._early.done():
                self._early.set_result(number)
        elif number not in _FROM_TERMINAL or not _in_foreground():
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(number)

    async def take_seat(self) -> None:
        """Check out. Raises ClientError, or _Signalled if a signal came first."""
        check_out = asyncio.ensure_future(self._lease.check_out())
        await asyncio.wait((check_out, self._early), return_when=asyncio.FIRST_COMPLETED)
        if not self._early.done():
            await check_out
            return
        check_out.cancel()
        await asyncio.wait((check_out,))
        if not check_out.cancelled() and check_out.exception() is None:
            await self.give_back()
        raise _Signalled(self._early.result())

    async def run_command(self) -> int:
        """Start the command, wait for it, and give its exit code."""
        try:
            self._child = await asyncio.create_subprocess_exec(
                *self._job.command, env={**os.environ, **self._environment()}
            )
        except OSError as error:
            click.echo(f"tmr: {self._job.command[0]} cannot be run: {error.strerror}", err=True)
            return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
        if self._early.done():
            # The signal came while the command was being started: it is meant for it.
            self._signalled(self._early.result())
        self._changed(self._lease.status)
        try:
            code = await self._child.wait()
        finally:
            if self._stopper is not None:
                self._stopper.cancel()
                await asyncio.wait((self._stopper,))
        return code if code >= 0 else SIGNAL_BASE - code

    async def give_back(self) -> None:
        """Release the seat; a failure only means that it lapses later."""
        from appliance.client import ClientError

        try:
            await self._lease.check_in()
        except ClientError as error:
            if self._job.on_loss != "continue":
                click.echo(f"tmr: the seat will lapse by itself: {error.sentence}", err=True)

    def _environment(self) -> dict[str, str]:
        grant = self._lease.grant
        return {
            "TMR_LEASE_ID": grant.lease_id,
            "TMR_FIRM_CODE": str(grant.firm_code),
            "TMR_PRODUCT_CODE": str(grant.product_code),
            "TMR_ID": str(grant.tmr_id),
            "TMR_GENERATION": str(grant.generation),
        }

    def _changed(self, status: LeaseStatus) -> None:
        """Called at each change of the lease; at most it writes a line and starts the stopping."""
        if self._child is None or self._job.on_loss == "continue":
            return
        state = status.state.value
        if state not in ("at-risk", "lost"):
            return
        stop = state == "lost" and self._job.on_loss == "stop"
        what = "; stopping the command" if stop else ""
        click.echo(f"tmr: the lease is {state} ({status.reason}): {status.detail}{what}", err=True)
        if stop and self._stopper is None:
            self._stopper = asyncio.get_running_loop().create_task(self._stop(self._child))

    async def _stop(self, child: asyncio.subprocess.Process) -> None:
        """SIGTERM, then SIGKILL after the grace."""
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
            await asyncio.sleep(self._job.grace_s)
            child.kill()


def _holder(application: str) -> HolderDocument:
    from appliance.codec.api import HolderDocument

    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = ""
    return HolderDocument(
        user=user,
        host=socket.gethostname(),
        pid=os.getpid(),
        application=os.path.basename(application),
    )


def _in_foreground() -> bool:
    """Whether a terminal's Ctrl-C would reach the command by itself."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError, AttributeError):
        return False
