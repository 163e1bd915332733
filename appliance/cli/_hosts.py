"""Asking every TMR host that the profile names how things are, and making one picture of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from appliance.errors import ExitCode
from appliance.sentences import within

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from appliance.cli._installation import Connection
    from appliance.client import AsyncClient, ClientError
    from appliance.codec.api import StatusDocument
    from appliance.watch.verdict import Verdict

ANSWER_S: Final = 2.0
_VERDICTS: Final = ("down", "degraded", "serving")


class HostAnswer(NamedTuple):
    """What came of asking one address: its document, or the trouble."""

    address: str
    document: StatusDocument | None = None
    trouble: ClientError | None = None


Ask = Callable[[float], "Awaitable[list[HostAnswer]]"]


@asynccontextmanager
async def asking(connection: Connection) -> AsyncIterator[Ask]:
    """Gives a function that asks all addresses at once, each for at most so many seconds.

    Each has a client of its own, since one client stops at the first host that answers.
    """
    async with AsyncExitStack() as stack:
        clients = [
            (f"{host}:{port}", await stack.enter_async_context(connection.client(((host, port),))))
            for host, port in connection.profile.addresses
        ]

        async def ask(within_s: float) -> list[HostAnswer]:
            return await asyncio.gather(
                *(_ask(address, client, within_s) for address, client in clients)
            )

        yield ask


async def ask_each(connection: Connection) -> list[HostAnswer]:
    """Every address's answer. One host's silence is not waited for long, everybody's is."""
    async with asking(connection) as ask:
        answers = await ask(min(ANSWER_S, connection.wait_s))
        rest_s = connection.wait_s - ANSWER_S
        if rest_s > 0 and all(_silent(answer) for answer in answers):
            answers = await ask(rest_s)
        return answers


async def judged(connection: Connection, answers: Sequence[HostAnswer]) -> Verdict:
    """The verdict on what they told, and on the licences by the host to go by."""
    from appliance.adapters.clock import wall_ms
    from appliance.client import ClientError
    from appliance.watch.facts import Facts, Silent
    from appliance.watch.verdict import judge

    statuses = {a.document.host: a.document for a in answers if a.document is not None}
    silent = [Silent(a.address, cause(a.trouble)) for a in answers if a.trouble is not None]
    facts = Facts(wall_ms(), tuple(statuses.values()), tuple(silent))
    leading = facts.leading
    if leading is not None:
        at = next(a.address for a in answers if a.document is leading)
        endpoints = {f"{host}:{port}": (host, port) for host, port in connection.profile.addresses}
        try:
            async with connection.client((endpoints[at],)) as client, asyncio.timeout(ANSWER_S):
                facts = replace(facts, licences=await client.licences(all=True))
        except (ClientError, TimeoutError):  # Who does not serve has no list to give.
            pass
    return judge(facts)


def _silent(answer: HostAnswer) -> bool:
    return answer.trouble is not None and answer.trouble.code is ExitCode.UNREACHABLE


async def _ask(address: str, client: AsyncClient, within_s: float) -> HostAnswer:
    from appliance.client import ClientError

    try:
        return HostAnswer(address, await client.status(within_s))
    except ClientError as error:
        return HostAnswer(address, None, error)


def best(answers: Sequence[HostAnswer]) -> StatusDocument | None:
    """The document to go by: the active host's own, of two such the one of the later term."""
    documents = [answer.document for answer in answers if answer.document is not None]
    return max(documents, key=_weight, default=None)


def _weight(document: StatusDocument) -> tuple[bool, int, int]:
    rank = _VERDICTS.index(document.verdict) if document.verdict in _VERDICTS else -1
    term = document.term.counter if document.term is not None else 0
    return is_active(document), rank, term


def is_active(document: StatusDocument) -> bool:
    """Whether the host that wrote this says that it serves itself."""
    return any(host.name == document.host and host.role == "active" for host in document.tmr_hosts)


def active_host(answers: Sequence[HostAnswer]) -> str:
    """The name of the active TMR host, "" if nobody knows one."""
    document = best(answers)
    if document is None:
        return ""
    return next((host.name for host in document.tmr_hosts if host.role == "active"), "")


def nobody(answers: Sequence[HostAnswer]) -> str:
    """One sentence for the case that no address gave a document."""
    said = "; ".join(where_and_why(answer) for answer in answers)
    if all(_silent(answer) for answer in answers):
        there = [answer for answer in answers if not _absent(answer)]
        advice = (
            "a host is there and does not answer this: look at it, or repeat"
            if there
            else "start one, or check the addresses in the client profile and the network"
        )
        return f"no TMR host tells how it is ({said}): {advice}."
    # A host is there and said why not, so that is what to see to.
    return f"no TMR host tells how it is: {said}."


def _absent(answer: HostAnswer) -> bool:
    """Whether nothing at all was heard from this address, not even from its kernel."""
    last = getattr(answer.trouble, "last", "")
    return last.startswith("cannot connect to ") or last.endswith(" does not answer")


def cause(trouble: ClientError) -> str:
    """The trouble without what the library advises: for a list or a table's cell."""
    from appliance.client import OutcomeUnknown

    text = trouble.last if isinstance(trouble, OutcomeUnknown) else trouble.sentence
    return within(text)


def where_and_why(answer: HostAnswer) -> str:
    """The trouble with the address that it is about, named once."""
    if answer.trouble is None:
        return answer.address
    why = cause(answer.trouble)
    return why if answer.address in why else f"{answer.address}: {why}"
