"""`tmr run`: hold a seat while any command runs, and give it back however that command ends.

    tmr run --product 100001:10 --on-loss warn|stop|continue -- COMMAND...

The seat is held until the command *and everything that it started* is gone. What can go wrong here
is a signal at a bad moment: before the command runs it ends the check-out, while it runs it is
passed on, and afterwards the check-in still happens; a signal that we were started to ignore stays
ignored, here and in the command. Another is our own death: then the guard (`cli._guard`) ends what
we started, since nobody holds a seat for it any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from appliance.cli._family import Family, GuardLost
from appliance.cli._products import (
    METAVAR,
    Products,
    ProductType,
    Written,
    products_in,
    seats_option,
)
from appliance.cli._waiting import queue_option, say_place
from appliance.cli._wishes import wish_options
from appliance.cli.output import complain, fail
from appliance.errors import ExitCode, UserError
from appliance.licences.wishes import NO_WISHES, Wishes, asked_of

if TYPE_CHECKING:
    from appliance.client import AsyncClient, AsyncLease, LeaseStatus

SIGNAL_BASE: Final = 128
NOT_EXECUTABLE: Final = 126
NOT_FOUND: Final = 127
GRACE_S: Final = 10.0
NOTICE_S: Final = 2.0
"""What the command leaves behind is told of only if it is not gone by then."""
_NAMED_MAX: Final = 5
_PASSED_ON: Final = ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGTSTP")
_BEFORE_START: Final = ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT")
EXIT_CODES: Final = (
    "Exit codes: the command's own, or 128 plus the number of the signal that ended it. If the "
    "command was not started: 123 no licence to be had (also: quorum lost), 124 nobody who could "
    "decide answered, 125 anything else (wrong usage, profile, certificates, this computer's "
    "clock), 126 the command cannot be executed, 127 it was not found."
)


class Job(NamedTuple):
    """What to run, under which licence, and what to do when that is lost.

    `on_loss` is warn, stop or continue; `leftover`, what becomes of processes that the command
    leaves behind, is wait or stop; `grace_s` lies between SIGTERM and SIGKILL.
    """

    products: Products
    command: tuple[str, ...]
    on_loss: str = "warn"
    grace_s: float = GRACE_S
    leftover: str = "wait"
    wishes: Wishes = NO_WISHES
    resume: str | None = None
    queue_s: int = 0


class RunCommand(click.Command):
    """A verb whose wrong usage has another exit code than the commands that it runs."""

    def make_context(self, *arguments: Any, **fields: Any) -> click.Context:
        """As click's; wrong usage exits with 125."""
        with _wrong_usage():
            return super().make_context(*arguments, **fields)

    def invoke(self, ctx: click.Context) -> Any:
        """As click's; wrong usage exits with 125."""
        with _wrong_usage():
            return super().invoke(ctx)


@contextlib.contextmanager
def _wrong_usage() -> Iterator[None]:
    try:
        yield
    except click.UsageError as error:
        error.exit_code = int(ExitCode.RUN_FAILED)  # type: ignore[misc]
        raise


@click.command(cls=RunCommand, context_settings={"ignore_unknown_options": True}, epilog=EXIT_CODES)
@click.option(
    "--product",
    "products",
    required=True,
    multiple=True,
    type=ProductType(),
    metavar=METAVAR,
    help="Firm code, product code, seats; several times for several products: all or none.",
)
@seats_option
@click.option(
    "--on-loss",
    type=click.Choice(["warn", "stop", "continue"]),
    default="warn",
    show_default=True,
    help="When the seat is lost and no other is free: say so on stderr, stop the command as well, "
    "or say nothing.",
)
@click.option(
    "--leftover",
    type=click.Choice(["wait", "stop"]),
    default="wait",
    show_default=True,
    help="When the command has ended and something that it started still runs: keep the seat and "
    "wait for it, or stop it.",
)
@click.option(
    "--grace",
    "grace_s",
    type=click.FloatRange(0, 3600),
    default=GRACE_S,
    show_default=True,
    metavar="SECONDS",
    help="How long after SIGTERM what is stopped gets SIGKILL.",
)
@click.option(
    "--resume",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Where the seat is kept while it is held: started again after it was killed, the same "
    "command has its own seat back at once.",
)
@queue_option
@wish_options
@click.option("--profile", "profile_path", help="Client profile (TOML); else TMR_PROFILE.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def run(
    ctx: click.Context,
    products: tuple[Written, ...],
    seats: int,
    on_loss: str,
    leftover: str,
    grace_s: float,
    resume: str | None,
    queue_s: int,
    profile_path: str | None,
    command: tuple[str, ...],
    wishes: Wishes,
) -> None:
    """Hold seats while COMMAND and what it starts run; they are released however they end.

    A seat that was lost, by a sleep or a network cut, is taken again where one is free. COMMAND
    finds the lease that it began with in TMR_LEASE_ID, TMR_FIRM_CODE, TMR_PRODUCT_CODE, TMR_ID and
    TMR_GENERATION. If `tmr run` itself is killed, everything that it started is stopped.

    This is a convenience and no protection: receipts are verified by the profile's licence_root,
    so whoever writes the profile says who is believed, and COMMAND runs without `tmr run` as well.
    A program that is to be protected takes its seat itself, with a trust compiled into it.
    """
    from appliance.client import find_profile, load_profile
    from appliance.client.tools import tool_trust

    wanted = products_in(products, seats)

    async def work() -> int:
        async with profile.async_client(trust) as client:
            job = Job(wanted, command, on_loss, grace_s, leftover, wishes, resume, queue_s)
            return await hold(client, job)

    try:
        profile = load_profile(find_profile(profile_path))
        trust = tool_trust(profile)
        if shutil.which(command[0]) is None:
            exists = os.path.exists(command[0])
            complain(
                f"{command[0]} {'cannot be executed' if exists else 'was not found'}; "
                "no seat was taken"
            )
            ctx.exit(NOT_EXECUTABLE if exists else NOT_FOUND)
        code = asyncio.run(work())
    except UserError as error:
        error.code = _own_code(error)
        raise
    ctx.exit(code)


async def hold(client: AsyncClient, job: Job) -> int:
    """Run the job's command under a lease; gives the exit code.

    Raises UserError with exit code 123 if the seat is refused, 124 if nobody answered, else 125.
    """
    from appliance.client import ClientError

    runner = _Runner(client, job)
    with runner.signals():
        try:
            await runner.take_seat()
        except ClientError as error:
            sentence = error.sentence.rstrip(".")
            fail(f"{sentence}. The command was not started.", _own_code(error))
        except _Signalled as signalled:
            return SIGNAL_BASE + signalled.number
        try:
            return await runner.run_command()
        finally:
            await runner.give_back()


def _own_code(error: UserError) -> ExitCode:
    """The exit code of `tmr run` for its own trouble: one that commands do not use."""
    if error.code in (ExitCode.RUN_NO_LICENCE, ExitCode.NO_LICENCE):
        return ExitCode.RUN_NO_LICENCE
    if error.code in (ExitCode.RUN_UNREACHABLE, ExitCode.UNREACHABLE):
        return ExitCode.RUN_UNREACHABLE
    return ExitCode.RUN_FAILED


class _Signalled(Exception):
    """A signal came before the command was started."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class _Runner:
    """One command under one lease."""

    def __init__(self, client: AsyncClient, job: Job) -> None:
        from appliance.client import this_process

        self._job = job
        self._family: Family | None = None
        self._early: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._stopper: asyncio.Task[None] | None = None
        self._troubled = False
        self._lease: AsyncLease = client.lease_all(
            *job.products.asked,
            holder=this_process(os.path.basename(job.command[0])),
            on_change=self._changed,
            regain=True,
            resume=job.resume,
            wait_s=job.queue_s,
            on_queue=say_place,
            **asked_of(job.wishes),
        )

    @contextlib.contextmanager
    def signals(self) -> Iterator[None]:
        """While inside, signals end the check-out or go to the command, but do not end us."""
        loop = asyncio.get_running_loop()
        ours = []
        for name in _PASSED_ON:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, self._signalled, number)
                ours.append(number)
        try:
            yield
        finally:
            for number in ours:
                loop.remove_signal_handler(number)

    def _signalled(self, number: int) -> None:
        if self._family is not None:
            self._family.signalled(number)
        elif signal.Signals(number).name in _BEFORE_START and not self._early.done():
            self._early.set_result(number)

    async def take_seat(self) -> None:
        """Check out. Raises ClientError, or _Signalled if a signal came first."""
        from appliance.client.resume import NOT_RESUMED, RESUMED

        check_out = asyncio.ensure_future(self._lease.check_out())
        await asyncio.wait((check_out, self._early), return_when=asyncio.FIRST_COMPLETED)
        if not self._early.done():
            await check_out
            status = self._lease.status
            if status.reason in (RESUMED, NOT_RESUMED) and self._job.on_loss != "continue":
                complain(status.detail)
            return
        check_out.cancel()
        await asyncio.wait((check_out,))
        if not check_out.cancelled() and check_out.exception() is None:
            await self.give_back()
        raise _Signalled(self._early.result())

    async def run_command(self) -> int:
        """Start the command, wait for it and all that it started, and give its exit code."""
        environment = {**os.environ, **self._environment()}
        try:
            family = await Family.start(self._job.command, environment, self._job.grace_s)
        except OSError as error:
            complain(f"{self._job.command[0]} cannot be run: {error.strerror}")
            return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
        except GuardLost:
            if self._early.done():
                return SIGNAL_BASE + self._early.result()
            fail("the guard of the command could not be started.", ExitCode.RUN_FAILED)
        self._family = family
        beat = asyncio.get_running_loop().create_task(family.beat(self._held_until_s))
        if self._early.done():
            # The signal came while the command was being started: it is meant for it.
            self._signalled(self._early.result())
        self._changed(self._lease.status)
        try:
            code = await family.ended()
            await self._leave(family)
        except GuardLost:
            with contextlib.suppress(GuardLost):
                await family.gone()
            fail(
                "the guard of the command was ended from outside, so the command was ended, too.",
                ExitCode.RUN_FAILED,
            )
        finally:
            family.close()
            for task in filter(None, (beat, self._stopper)):
                task.cancel()
                await asyncio.wait((task,))
        if family.silent:
            complain(
                "the command was stopped: tmr run had been stopped until after its lease's end"
            )
        return code if code >= 0 else SIGNAL_BASE - code

    async def _leave(self, family: Family) -> None:
        """What the command left behind is waited for or stopped."""
        gone = asyncio.ensure_future(family.gone())
        try:
            if self._job.leftover == "stop":
                await family.end(self._job.grace_s)
            done, _ = await asyncio.wait((gone,), timeout=NOTICE_S)
            left = [] if done else family.members()
            if left:
                shown = ", ".join(map(str, left[:_NAMED_MAX])) + ", …" * (len(left) > _NAMED_MAX)
                complain(
                    f"the command has ended, and {len(left)} of the processes that it started "
                    f"still run ({shown}): the seat is kept until they end"
                )
            await gone
        finally:
            gone.cancel()

    async def give_back(self) -> None:
        """Release the seat; a failure only means that it lapses later."""
        from appliance.client import ClientError

        try:
            await self._lease.check_in()
        except ClientError as error:
            if self._job.on_loss != "continue":
                complain(f"the seat will lapse by itself: {error.sentence}")

    def _held_until_s(self) -> float:
        return self._lease.ends_at_s if self._lease.usable else 0.0

    def _environment(self) -> dict[str, str]:
        grant = self._lease.grant
        return {
            "TMR_LEASE_ID": grant.lease_id,
            "TMR_FIRM_CODE": str(grant.firm_code),
            "TMR_PRODUCT_CODE": str(grant.product_code),
            "TMR_ID": str(grant.tmr_id),
            "TMR_SEATS": str(grant.seats),
            "TMR_ROLE": grant.role,
            "TMR_FEATURES": str(grant.features),
            "TMR_GENERATION": str(grant.generation),
        }

    def _changed(self, status: LeaseStatus) -> None:
        """Called at each change of the lease; at most it writes a line and starts the stopping."""
        if self._family is None or self._job.on_loss == "continue":
            return
        state = status.state.value
        if state == "held":
            if self._troubled:
                complain(f"the lease is held again{f', {status.detail}' if status.detail else ''}")
            self._troubled = False
            return
        if state not in ("at-risk", "lost"):
            return
        self._troubled = True
        stop = state == "lost" and self._job.on_loss == "stop"
        what = "; stopping the command" if stop else ""
        detail = status.detail.rstrip(".")
        complain(f"the lease is {state} ({status.reason}): {detail}{what}")
        if stop and self._stopper is None:
            stopping = self._family.end(self._job.grace_s)
            self._stopper = asyncio.get_running_loop().create_task(stopping)
