"""`tmr timeserver`: certified time and the block list, on the vendors' side.

Exit codes: 0 stopped in an orderly way, 1 could not start or go on, 2 usage. Logs go to stderr.
"""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli.serve import (
    check_option,
    config_option,
    level_option,
    log_to_stderr,
    run_service,
)
from appliance.errors import UserError


@click.command()
@config_option
@level_option
@check_option
@click.option("--copies", is_flag=True, help="List containers that were copied, and end.")
@click.option("--heads", is_flag=True, help="List ledgers that went back, and end.")
def timeserver(config: Path, log_level: str, check: bool, copies: bool, heads: bool) -> None:
    """A time server (RFC 3161) in the foreground."""
    from appliance.services import timeserver as service

    settings = service.load(config)
    if copies or heads:
        from appliance.cli._copies import print_copies
        from appliance.cli._heads import print_heads

        if settings.contacts is None:
            raise UserError("This time server keeps no contacts: name a file in `contacts`.")
        if copies:
            print_copies(settings.contacts, as_json=False)
        if heads:
            print_heads(settings.contacts, as_json=False)
        return
    if check:
        from appliance.services.timeserver.service import read_signer

        read_signer(settings)
        return
    log_to_stderr(log_level)
    run_service(service.run(settings))
