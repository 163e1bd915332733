"""The options of a product item on the vendor's command line, drawn from their table."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final

import click

from appliance.licences.modes import MODES
from appliance.licences.options import FIELDS
from appliance.licences.options.row import Field, Kind
from appliance.services.central.options import Options

_NOT_ANY: Final = "none"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNIX_DIGITS = (9, 10, 11)
"""So many digits are Unix seconds: 20301231 is meant as a date, 13 digits are milliseconds."""
_FIRST_ZONE = timezone(timedelta(hours=14))
_LAST_ZONE = timezone(timedelta(hours=-12))


def end_time(text: str) -> int | str:
    """The first second without the licence, Unix time; "never" is _NOT_ANY.

    A date alone is the last day on which the licence works, wherever on earth it is used: it ends
    when that day has ended in the last time zone (UTC-12). A time is UTC unless it says otherwise.
    """
    if text == "never":
        return _NOT_ANY
    return _unix_s(text, timedelta(days=1), _LAST_ZONE, "never")


def begin_time(text: str) -> int | str:
    """The first second with the licence, Unix time; "none" is at once.

    A date alone is the first day on which it works, wherever on earth it is used: it begins when
    that day begins in the first time zone (UTC+14).
    """
    if text == _NOT_ANY:
        return _NOT_ANY
    return _unix_s(text, timedelta(0), _FIRST_ZONE, _NOT_ANY)


def _unix_s(text: str, later: timedelta, zone: timezone, none: str) -> int:
    """The instant that is written; a date alone is its midnight in that zone, so much later."""
    try:
        if text.isascii() and text.isdecimal():
            if len(text) not in _UNIX_DIGITS:
                raise ValueError
            return int(text)
        instant = datetime.fromisoformat(text)
        if _DATE.fullmatch(text):
            instant = (instant + later).replace(tzinfo=zone)
    except (ValueError, OverflowError):
        raise click.BadParameter(
            f"{text!r} is no time: write a date such as 2030-12-31 (that whole day included), a"
            f" time such as 2030-12-31T18:00+01:00, Unix seconds or {none}."
        ) from None
    return int((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp())


def _date(text: str) -> str:
    """A day of the calendar, or _NOT_ANY."""
    try:
        return _NOT_ANY if text == _NOT_ANY else date.fromisoformat(text).isoformat()
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no date: write a date such as 2026-09-01, or none."
        ) from None


def _number_or_none(text: str) -> int | str:
    """A number, or _NOT_ANY."""
    try:
        return _NOT_ANY if text == _NOT_ANY else int(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no number: write a number or none.") from None


def _modes(text: str) -> tuple[str, ...]:
    """Access modes by commas, in their order."""
    given = {word.strip() for word in text.split(",")}
    if not given <= set(MODES):
        raise click.BadParameter(
            f"{text!r} names no access modes: write one or more of {', '.join(MODES)}, by commas."
        )
    return tuple(mode for mode in MODES if mode in given)


_METAVARS: Final = {
    Kind.COUNT: "UNITS",
    Kind.SECONDS: "SECONDS",
    Kind.BEGIN: "TIME",
    Kind.DATE: "DATE",
    Kind.END: "TIME",
    Kind.MODES: "MODES",
}
_READERS: Final = {
    Kind.TEXT: str,
    Kind.BEGIN: begin_time,
    Kind.DATE: _date,
    Kind.END: end_time,
    Kind.MODES: _modes,
}


def _declared(field: Field) -> Any:
    if field.kind is Kind.WORD:
        choice = click.Choice(field.words)
        return click.option(field.flag, field.field, type=choice, help=field.help)
    reader = _READERS.get(field.kind, _number_or_none if field.optional else int)
    metavar = _METAVARS.get(field.kind) if field.optional or field.kind is Kind.MODES else None
    return click.option(field.flag, field.field, type=reader, metavar=metavar, help=field.help)


def licence_options(command: Any) -> Any:
    """The product item options; those that are not given are None."""
    for field in reversed(FIELDS):
        command = _declared(field)(command)
    return command


def chosen(options: dict[str, Any]) -> Options:
    """The options that were given."""
    given = {name: value for name, value in options.items() if value is not None}
    optional = {field.field for field in FIELDS if field.optional}
    for name in optional & given.keys():
        if given[name] == _NOT_ANY:
            given[name] = None
    return Options.of(**given)
