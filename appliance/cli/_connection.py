"""How a verb reaches the installation: the options that all share, and what becomes of an error.

Every verb that talks to a TMR host takes `--profile` (or the environment's TMR_PROFILE) and may
overrule parts of the profile. What can go wrong here is a sentence that leaves people alone: a
client error says what happened, `explained` adds who is active, who is missing and what to do.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from appliance.cli._hosts import active_host, ask_each
from appliance.cli._installation import WAIT_S, Connection
from appliance.cli.output import fail
from appliance.errors import ExitCode, UserError

if TYPE_CHECKING:
    from appliance.client import (
        AsyncClient,
        ClientError,
        OutcomeUnknown,
        Refused,
    )

Result = TypeVar("Result")
Decorated = TypeVar("Decorated", bound=Callable[..., Any])

EXIT_CODES: Final = (
    "Exit codes: 0 done, 1 refused, 2 wrong usage or profile, "
    "3 no licence to be had (also: quorum lost), 4 nobody who could decide answered."
)
_NOT_ACTIVE: Final = "not-active"
_NO_LEASE: Final = frozenset(("lease-unknown", "lease-ended"))
_QUORUM: Final = 2

# What to do, where the server's own words do not say it.
_ADVICE: Final = {
    "forbidden": "use the certificate of an operator who may do this (--certificate, --key)",
    "unauthenticated": "name a certificate and its key, or a token, in the client profile",
    "unknown-product": "`tmr licences` shows what there is",
    "twin-not-ready": "`tmr status` shows how it is; bring it back first",
    "lease-unknown": "`tmr leases` lists who holds what",
    "not-found": "is this the address of a TMR host of the same version?",
    "overloaded": "it is there, but busy: wait a little, then repeat",
    "not-founded": "start the upstreams, wait until their containers are known, then repeat",
    "unexpected-answer": "is this the address of a TMR host?",
}


def product_codes(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, int]:
    """Callback of an argument FIRM:PRODUCT: both codes. Raises click's usage error."""
    firm, _, product = value.partition(":")
    if not all(part.isascii() and part.isdigit() for part in (firm, product)):
        raise click.BadParameter(f"{value!r} is not FIRM:PRODUCT, such as 100001:10.", ctx, param)
    return int(firm), int(product)


@dataclass(frozen=True, slots=True)
class Asked:
    """The connection options as given; `connect` makes something of them."""

    profile_path: str | None = None
    addresses: tuple[str, ...] = ()
    certificate: Path | None = None
    key: Path | None = None
    wait_s: float = WAIT_S

    def over(self, before: Asked) -> Asked:
        """These options where they were given, else those given before a nested verb's name."""
        nothing = Asked()
        given = {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if getattr(self, field.name) != getattr(nothing, field.name)
        }
        return replace(before, **given)

    def connect(self, fallback: str = "") -> Connection:
        """Read the profile; `fallback` names the one to use where nothing else does.

        Raises ProfileError.
        """
        import os

        from appliance.client import find_profile, load_profile
        from appliance.client.profile import PROFILE_VARIABLE, parse_address

        named = self.profile_path
        if not named and not os.environ.get(PROFILE_VARIABLE) and fallback:
            named = fallback
        profile = load_profile(find_profile(named))
        if self.addresses:
            there = tuple(parse_address(text, Path("--address")) for text in self.addresses)
            profile = replace(profile, addresses=there)
        if self.certificate is not None and self.key is not None:
            # One identity at a time: a token would win over the certificate.
            tls = replace(profile.tls, certificate=self.certificate, key=self.key, token="")
            profile = replace(profile, tls=tls)
        elif self.certificate is not None or self.key is not None:
            fail("--certificate and --key belong together: give both.", ExitCode.USAGE)
        return Connection(profile, self.wait_s)

    def connect_for_seats(self) -> Connection:
        """As `connect`, and receipts are verified by the profile's licence root."""
        from appliance.client.tools import tool_trust

        connection = self.connect()
        return replace(connection, trust=tool_trust(connection.profile))


def connection_options(command: Decorated) -> Decorated:
    """Give a verb the options of a connection; they arrive as the argument `asked: Asked`."""

    @functools.wraps(command)
    def gathered(
        *arguments: Any,
        profile_path: str | None,
        addresses: tuple[str, ...],
        certificate: Path | None,
        key: Path | None,
        wait_s: float,
        **others: Any,
    ) -> Any:
        asked = Asked(profile_path, addresses, certificate, key, wait_s)
        return command(*arguments, asked=asked, **others)

    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    options = (
        click.option(
            "--profile",
            "profile_path",
            metavar="FILE",
            help="Client profile (TOML); else TMR_PROFILE, ~/.config/tmr/client.toml.",
        ),
        click.option(
            "--address",
            "addresses",
            multiple=True,
            metavar="HOST:PORT",
            help="Ask this TMR host instead of the profile's (repeatable).",
        ),
        click.option("--certificate", type=file, help="Another certificate than the profile's."),
        click.option("--key", type=file, help="The private key of --certificate."),
        click.option(
            "--wait",
            "wait_s",
            type=click.FloatRange(0.1, 3600),
            default=WAIT_S,
            show_default=True,
            metavar="SECONDS",
            help="How long to go on asking.",
        ),
    )
    decorated: Any = gathered
    for option in reversed(options):
        decorated = option(decorated)
    result: Decorated = decorated
    return result


def why_option(command: Decorated) -> Decorated:
    """Give a verb the required `--why`; a blank one is refused before anything is asked."""

    def said(ctx: click.Context, param: click.Parameter, value: str) -> str:
        if not value.strip():
            raise click.BadParameter("say why: the reason is recorded.", ctx, param)
        return value.strip()

    option = click.option(
        "--why", required=True, callback=said, metavar="TEXT", help="The reason, for the record."
    )
    return option(command)


def perform(
    connection: Connection,
    work: Callable[[AsyncClient], Awaitable[Result]],
    *,
    unknown: str = "",
) -> Result:
    """Run `work` with a client, in an event loop of its own.

    Raises UserError with a sentence that says what to do. `unknown` is the advice for a change of
    which it is unknown whether it took effect; without it nothing was to be changed.
    """
    from appliance.client import ClientError

    async def main() -> Result:
        async with connection.client() as client:
            try:
                return await work(client)
            except ClientError as error:
                raise await explained(connection, error, unknown) from error

    return asyncio.run(main())


async def explained(connection: Connection, error: ClientError, unknown: str = "") -> UserError:
    """The same error in one sentence for people. Asks the hosts who is active if that matters."""
    from appliance.client import OutcomeUnknown, QuorumLost, Refused

    if isinstance(error, QuorumLost):
        sentence, code = _quorum_lost(error.missing), error.code
    elif isinstance(error, Refused):
        sentence, code = refusal(error), refusal_code(error)
    elif isinstance(error, OutcomeUnknown):
        sentence, code = await _no_answer(connection, error), error.code
        if unknown:
            sentence = f"{sentence.rstrip('.')}; whether it took effect is unknown: {unknown}."
    else:
        sentence, code = error.sentence, error.code
    return UserError(sentence.rstrip(".") + ".", code)


def refusal(error: Refused) -> str:
    """A refusal in one sentence: the stable word, what is wrong, what to do."""
    sentence = f"{error.reason}: {error.detail.rstrip('.') or 'the server says no more'}"
    advice = _ADVICE.get(error.reason)
    return f"{sentence}; {advice}" if advice else sentence


def refusal_code(error: Refused) -> ExitCode:
    """A lease that is not there means no licence to an application, but not to an operator."""
    return ExitCode.REFUSED if error.reason in _NO_LEASE else error.code


def _quorum_lost(missing: tuple[str, ...]) -> str:
    """Names the missing hosts, and how many of them would be enough."""
    names = ", ".join(missing) or "too many upstreams"
    enough = "two" if len(missing) > _QUORUM else "one"
    return (
        f"quorum-lost: the TMR host does not reach {names}, and two of three upstreams are needed; "
        f"bring {enough} of them back, then repeat"
    )


async def _no_answer(connection: Connection, error: OutcomeUnknown) -> str:
    """Why nobody answered who could: passive hosts only, or no host at all."""
    where = ", ".join(f"{host}:{port}" for host, port in connection.profile.addresses)
    profile = connection.profile.path
    word, _, detail = error.last.rstrip(".").partition(":")
    if word != _NOT_ACTIVE:
        advice = _ADVICE.get(
            word if detail else "",
            f"check that a TMR host runs there and that the network and {profile} are right",
        )
        last = error.last.rstrip(".")
        return f"no answer from {where} within {connection.wait_s:g} s ({last}); {advice}"
    active = active_host(await ask_each(connection))
    if active:
        return (
            f"not-active: {where} is not the active TMR host, {active} is; repeat this if it has "
            f"just changed, else add {active}'s address to {profile} or give it with --address"
        )
    return (
        f"not-active: no TMR host is active now, as far as {where} knows; `tmr status` says why, "
        "repeat this when one serves"
    )
