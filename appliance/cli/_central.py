"""What the verbs of `tmr central` share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from appliance.cli.output import print_json
from appliance.errors import UserError
from appliance.services.central.refusals import CentralRefused


@contextmanager
def refusals() -> Iterator[None]:
    """Turns refusals into one sentence and exit code 1."""
    try:
        yield
    except CentralRefused as refused:
        raise UserError(refused.detail) from None
    except OSError as error:
        raise UserError(f"{error.filename} cannot be used: {error.strerror}.") from None


def print_done(document: dict[str, Any], as_json: bool, said: str) -> None:
    """What was done: the document, or one sentence."""
    if as_json:
        print_json(document)
    else:
        click.echo(said)
