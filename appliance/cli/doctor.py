"""`tmr doctor`: what is wrong with a system, how bad it is, and what to do about it.

From a desk it asks the TMR hosts that the profile names. On a host it looks at the host itself, too
(as root: certificates and keys are for nobody else to read). Exit codes by the worst level: 0
nothing or notices, 1 warnings, 2 critical (also: wrong usage).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from appliance.cli._connection import Asked, connection_options
from appliance.cli.output import json_option, print_json, print_table, say
from appliance.errors import ExitCode, UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.watch.facts import Facts, Finding

COLUMNS: Final = ("how bad", "what is wrong", "what to do")


@click.command(
    epilog="Exit codes: 0 nothing is wrong, or notices; 1 warnings; 2 critical (or wrong usage)."
)
@connection_options
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("/etc/tmr"),
    show_default=True,
    help="Where this host's settings are, if it is one of the five.",
)
@click.option("--local", is_flag=True, help="Look at this host only, and ask nobody.")
@json_option
def doctor(asked: Asked, directory: Path, local: bool, as_json: bool) -> None:
    """Examine the system, and this host if it is part of one."""
    from appliance.watch import words
    from appliance.watch.verdict import judge

    facts = collect(asked, directory, local)
    verdict = judge(facts)
    findings = verdict.findings
    if as_json:
        told = [words.document(one) for one in findings]
        whole = {"looked_at": looked_at(facts), "findings": told}
        if facts.asked:
            whole |= {"verdict": verdict.word, "reason": verdict.reason}
        print_json(whole)
    elif findings:
        rows = [(one.severity, words.what(one), words.remedy(one)) for one in findings]
        print_table(COLUMNS, rows)
    else:
        say(f"Nothing is wrong with {' and '.join(looked_at(facts))}.")
    click.get_current_context().exit(exit_code(findings))


def exit_code(findings: Sequence[Finding]) -> int:
    """0, 1 or 2: the worst level of what was found, where a notice is nothing wrong."""
    from appliance.watch.problems import rank

    return max((rank(one.severity) for one in findings), default=0)


def collect(asked: Asked, directory: Path, local: bool) -> Facts:
    """Facts of the system and of this host. Raises UserError if there is nothing to look at."""
    from appliance.adapters.clock import wall_ms
    from appliance.cli._facts import ask, local_facts
    from appliance.watch.facts import Facts

    here = local_facts(directory)
    nobody = Facts(now_ms=wall_ms(), local=here, asked=False)
    if local:
        if here is None:
            raise UserError(
                f"{directory} holds no upstream.toml and no tmr.toml: name the place with "
                "--directory, or leave --local out.",
                ExitCode.USAGE,
            )
        return nobody
    try:
        # The role monitoring leaves a profile on the TMR hosts.
        there = directory / "alert" / "profile.toml"
        connection = asked.connect(fallback=str(there) if there.exists() else "")
    except UserError:
        # On a host without a profile there is still the host; at a desk there is nothing.
        if here is None or asked.profile_path is not None:
            raise
        return nobody
    profile = connection.profile
    found = asyncio.run(ask(profile.addresses, profile.tls, min(5.0, connection.wait_s)))
    return replace(found, local=here)


def looked_at(facts: Facts) -> list[str]:
    """The hosts about which anything is known, in words."""
    names = [row.name for row in facts.tmr_hosts]
    if facts.leading is not None:
        names += [one.name for one in facts.leading.upstreams]
    if facts.local is not None and facts.local.host not in names:
        names.append(facts.local.host)
    return names or ["nobody"]
