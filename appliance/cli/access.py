"""`tmr access`: who may have a seat, and how many (docs/access.md).

The document is read here and on no host. What can go wrong is a file that was changed by somebody
else meanwhile: so whoever applies one says which version it was made from.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli._connection import (
    EXIT_CODES,
    Asked,
    connection_options,
    perform,
    product_codes,
    why_option,
)
from appliance.cli.output import counted, end_of, fail, json_option, print_json, print_table, say
from appliance.errors import ExitCode
from appliance.text import plain

if TYPE_CHECKING:
    from appliance.codec.access.document import AccessText
    from appliance.codec.api_access import AccessAppliedDocument, AccessMatch

REPEAT = "do it again, which is safe"
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(epilog=EXIT_CODES)
def access() -> None:
    """Access rules: who may have a seat of which product, and how many."""


@access.command(epilog=EXIT_CODES)
@click.argument("file", type=_file)
@json_option
def check(file: Path, as_json: bool) -> None:
    """Say whether FILE is a sound document; asks nobody."""
    text = _read(file)
    rules = text.rules
    if as_json:
        print_json({"rules": rules, "warnings": [_placed(file, one) for one in text.warnings]})
        return
    _warn(file, text)
    number = sum(len(one.rules) for one in rules.sets)
    say(
        f"{file} is sound: {counted(number, 'rule')} in {counted(len(rules.sets), 'set')},"
        f" {counted(len(rules.groups), 'group')}."
    )


@access.command(epilog=EXIT_CODES)
@connection_options
@click.option("--version", type=click.IntRange(1), default=None, help="Rules of before.")
@json_option
def show(asked: Asked, version: int | None, as_json: bool) -> None:
    """Show the rules in force, set by set."""
    document = perform(asked.connect(), lambda client: client.access(version or 0))
    if as_json:
        print_json(document)
        return
    rows = [
        (
            _scope(one.firm_code, one.product_code),
            rule.line,
            rule.action,
            rule.seats if rule.action in ("max", "reserve") else None,
            rule.who or "everyone",
        )
        for one in document.rules.sets
        for rule in one.rules
    ]
    print_table(("for", "line", "rule", "seats", "who"), rows)
    for one in document.rules.sets:
        say(f"{_scope(one.firm_code, one.product_code)}: by default {one.default}.")
    for alarm in document.alarms:
        say(f"Take care: {alarm}.", err=True)
    before = "" if document.version == document.in_force else ", of before"
    if document.version:
        say(f"Version {document.version}{before}.")
    else:
        say("There are no access rules: everybody may have everything.")


@access.command(epilog=EXIT_CODES)
@connection_options
@click.option("--version", type=click.IntRange(1), default=None, help="Rules of before.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write a file.")
def export(asked: Asked, version: int | None, out: Path | None) -> None:
    """Write the rules in force as a document, to be changed and applied again.

    A name that no host knows any more is written as # and what the ledger has in its place.
    """
    from appliance.codec.access.document import write_document

    document = perform(asked.connect(), lambda client: client.access(version or 0))
    _write(write_document(document.rules, document.in_force), out)


@access.command(epilog=EXIT_CODES)
@connection_options
@click.argument("file", type=_file)
def diff(asked: Asked, file: Path) -> None:
    """Show what FILE would change of the rules in force."""
    from appliance.codec.access.comparing import changes

    text = _read(file)
    document = perform(asked.connect(), lambda client: client.access())
    lines = changes(document.rules, text.rules, f"version {document.in_force}", str(file))
    for line in lines:
        say(line)
    if not lines:
        say(f"{file} changes nothing of version {document.in_force}.")


@access.command(epilog=EXIT_CODES)
@connection_options
@click.argument("file", type=_file)
@click.option(
    "--base",
    type=click.IntRange(0),
    default=None,
    metavar="VERSION",
    help="The version that FILE was made from, if it does not say; else the one in force.",
)
@click.option("--end-leases", is_flag=True, help="End the leases whose holders the rules deny.")
@why_option
@json_option
def apply(
    asked: Asked, file: Path, base: int | None, end_leases: bool, why: str, as_json: bool
) -> None:
    """Put the rules of FILE in force, all of them at once; needs role administer.

    No lease ends by that, unless --end-leases says so. Refused if other rules were put in force
    since the version that FILE was made from.
    """
    text = _read(file)
    if not as_json:
        _warn(file, text)
    made_from = base if base is not None else text.version
    connection = asked.connect()
    if made_from is None:
        made_from = perform(connection, lambda client: client.access()).in_force
    version = made_from
    done = perform(
        connection,
        lambda client: client.apply_access(text.rules, version, why, end_leases=end_leases),
        unknown=REPEAT,
    )
    _tell(done, as_json)


@access.command(epilog=EXIT_CODES)
@connection_options
@click.option(
    "--to", type=click.IntRange(1), default=None, metavar="VERSION", help="Else the one before."
)
@why_option
@json_option
def undo(asked: Asked, to: int | None, why: str, as_json: bool) -> None:
    """Put rules in force again that were in force before; needs role administer."""
    connection = asked.connect()
    version = perform(connection, lambda client: client.access()).in_force
    if not version:
        fail("There are no access rules to be undone.")
    done = perform(
        connection, lambda client: client.undo_access(version, why, to or 0), unknown=REPEAT
    )
    _tell(done, as_json)


@access.command(epilog=EXIT_CODES)
@connection_options
@json_option
def log(asked: Asked, as_json: bool) -> None:
    """Show who put which rules in force, and why."""
    document = perform(asked.connect(), lambda client: client.access())
    if as_json:
        print_json(document.versions)
        return
    rows = [
        (one.version, one.rules, end_of(one.at_ms // 1000), one.who, one.why)
        for one in document.versions
    ]
    print_table(("version", "rules", "since", "who", "why"), rows)


@access.command(epilog=EXIT_CODES)
@connection_options
@click.argument("product", callback=product_codes, metavar="FIRM:PRODUCT")
@click.option("--client", default="", metavar="NAME", help="Such as cert:press7 or token:press7.")
@click.option("--user", default="", metavar="NAME", help="The user that a program names.")
@click.option("--host", default="", metavar="NAME", help="The computer that a program names.")
@click.option("--from", "address", default="", metavar="ADDRESS", help="Whence it comes.")
@click.option("--seats", type=click.IntRange(1), default=1, show_default=True, help="How many.")
@json_option
def explain(
    asked: Asked,
    product: tuple[int, int],
    client: str,
    user: str,
    host: str,
    address: str,
    seats: int,
    as_json: bool,
) -> None:
    """Say what a check-out would be told now, by which rule, and what that rests on."""
    told = perform(
        asked.connect(),
        lambda calls: calls.explain_access(
            *product, client=client, user=user, host=host, address=address, seats=seats
        ),
    )
    if as_json:
        print_json(told)
        return
    if told.reason == "granted":
        say(f"A seat would be granted: {told.free} are free.")
    else:
        say(f"It would be refused: {told.reason}.")
        say(f"{told.detail.rstrip('.')}.")
    say(f"The set for {told.scope} is used." if told.scope != "none" else "No set is used.")
    decided = told.decided_by
    if decided is not None:
        say(f"Line {decided.line} decides ({decided.action}): {_by(decided)}.")
    elif told.scope != "none":
        say(f"No rule decides; the default is {told.default}.")
    for one in told.counted_by:
        held = counted(one.held, "seat")
        say(f"Line {one.line} ({one.action} {one.seats}) counts {held}: {_by(one)}.")


def _features(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> dict[str, tuple[int, int]]:
    """Callback of --feature NAME=FIRM:PRODUCT. Raises click's usage error."""
    found = {}
    for value in values:
        name, _, codes = value.rpartition("=")
        if not name:
            raise click.BadParameter(f"{value!r} is not NAME=FIRM:PRODUCT.", ctx, param)
        found[name] = product_codes(ctx, param, codes)
    return found


@access.command("import-flexlm", epilog=EXIT_CODES)
@click.argument("file", type=_file)
@click.option(
    "--feature",
    "features",
    multiple=True,
    callback=_features,
    metavar="NAME=FIRM:PRODUCT",
    help="Which product a feature is here (repeatable); also NAME:VERSION=2.0=FIRM:PRODUCT.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write a file.")
def import_flexlm(file: Path, features: dict[str, tuple[int, int]], out: Path | None) -> None:
    """Translate FILE, an options file of FlexNet, to a document; asks nobody.

    Each line that is not translated is named with the reason, on stderr.
    """
    from appliance.codec.access.document import write_document
    from appliance.codec.access.flexlm import OPTIONS_BYTES_MAX, translate

    data = _bytes(file, OPTIONS_BYTES_MAX)
    if len(data) >= OPTIONS_BYTES_MAX:
        fail(f"{file} has not under a megabyte: is it an options file?")
    found = translate(data.decode("utf-8", errors="replace"), features)
    for one in found.untranslated:
        say(f"{file}:{one.line}: {one.text[:80]}: {one.why}.", err=True)
    _write(write_document(found.rules, notes=[f"Translated from {plain(file.name)}."]), out)
    if found.untranslated:
        say(f"{counted(len(found.untranslated), 'line')} not translated.", err=True)


def _bytes(file: Path, most: int) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(most + 1)
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.")


def _write(text: str, out: Path | None) -> None:
    if out is None:
        say(text.removesuffix("\n"))
        return
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror}; name another file with --out.")


def _by(match: AccessMatch) -> str:
    if match.worth == "everyone":
        return "it is for everyone"
    group = f" in group {match.group}" if match.group else ""
    worth = {
        "proven": "proven by the connection",
        "observed": "observed by the serving host",
        "claimed": "claimed: any program can say that",
    }
    return f"by {match.by}{group}, {worth.get(match.worth, match.worth)}"


def _tell(done: AccessAppliedDocument, as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    say(f"{done.detail[:1].upper()}{done.detail[1:]}.")
    if done.ended or done.left:
        more = f"; {done.left} more are to end: do it again" if done.left else ""
        say(f"{counted(done.ended, 'lease')} ended{more}.")


def _read(file: Path) -> AccessText:
    """The document in a file; ends the verb with what is wrong, and where."""
    from appliance.codec.access.document import DOCUMENT_BYTES_MAX, AccessFault, read_document

    try:
        return read_document(_bytes(file, DOCUMENT_BYTES_MAX))
    except AccessFault as fault:
        fail(f"{file}:{fault.line}:{fault.column}: {fault.what}.", ExitCode.REFUSED)


def _warn(file: Path, text: AccessText) -> None:
    for warning in text.warnings:
        say(f"Take care: {_placed(file, warning)}.", err=True)


def _placed(file: Path, warning: tuple[int, int, str]) -> str:
    line, column, what = warning
    return f"{file}:{line}:{column}: {what}"


def _scope(firm_code: int | None, product_code: int | None) -> str:
    if firm_code is None:
        return "everything"
    return f"{firm_code}" if product_code is None else f"{firm_code}:{product_code}"
