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


@click.command()
@config_option
@level_option
@check_option
def timeserver(config: Path, log_level: str, check: bool) -> None:
    """A time server (RFC 3161) in the foreground."""
    from appliance.services import timeserver as service

    settings = service.load(config)
    if check:
        from appliance.services.timeserver.service import read_signer

        read_signer(settings)
        return
    log_to_stderr(log_level)
    run_service(service.run(settings))
