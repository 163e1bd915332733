"""What `tmr run` and `tmr checkout` may ask of a licence: options drawn from their table."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from appliance.licences.wishes import NO_WISHES, WISHES, Wish, Wishes

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def wish_options(command: Decorated) -> Decorated:
    """Give a verb the wishes' options; they arrive as the argument `wishes: Wishes`."""

    @functools.wraps(command)
    def gathered(*arguments: Any, **others: Any) -> Any:
        given = {wish.field: others.pop(wish.field) for wish in WISHES}
        return command(*arguments, wishes=Wishes(**given), **others)

    made: Any = gathered
    for wish in reversed(WISHES):
        default = getattr(NO_WISHES, wish.field)
        option = click.option(
            wish.flag,
            wish.field,
            type=type(default),
            default=default,
            metavar=wish.metavar,
            callback=functools.partial(_checked, wish),
            help=wish.help,
        )
        made = option(made)
    checked: Decorated = made
    return checked


def _checked(wish: Wish, ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    if not wish.fits(value):
        raise click.BadParameter(f"{value!r} is not {wish.what}.")
    return value
