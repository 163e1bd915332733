"""`tmr serve`: one role of the appliance in the foreground, until SIGTERM or Ctrl-C.

Exit codes: 0 stopped in an orderly way, 1 could not start or go on, 2 usage. Logs go to stderr.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.adapters.log_text import PlainFormatter

if TYPE_CHECKING:
    from appliance.adapters.vrrp.keepalived import VrrpSettings

LEVELS = ("debug", "info", "warning", "error")

config_option = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The settings of this host, a TOML file.",
)
level_option = click.option(
    "--log-level",
    type=click.Choice(LEVELS),
    default="info",
    show_default=True,
    envvar="TMR_LOG_LEVEL",
    help="What is worth a line on stderr.",
)
check_option = click.option(
    "--check", is_flag=True, help="Only say whether the settings can be used; start nothing."
)


@click.group()
def serve() -> None:
    """Run one role of the appliance."""


@serve.command()
@config_option
@level_option
@check_option
def upstream(config: Path, log_level: str, check: bool) -> None:
    """A container and a durable copy of the ledger."""
    from appliance.services.settings import load_upstream

    settings = load_upstream(config)
    if check:
        return
    from appliance.services import upstream as service

    log_to_stderr(log_level)
    run_service(service.run(settings))


@serve.command("tmr")
@config_option
@level_option
@check_option
def tmr_server(config: Path, log_level: str, check: bool) -> None:
    """A TMR server: coordinates the ledger and answers clients."""
    from appliance.services.settings import load_tmr

    settings = load_tmr(config)
    if check:
        return
    from appliance.services import tmr as service

    log_to_stderr(log_level)
    run_service(service.run(settings))


@serve.command()
@config_option
@level_option
@check_option
def standalone(config: Path, log_level: str, check: bool) -> None:
    """A licence server on one host: container, ledger and client API in one process."""
    from appliance.services.standalone import settings as settings_of

    settings = settings_of.load(config)
    if check:
        return
    from appliance.services.standalone import service

    log_to_stderr(log_level)
    run_service(service.run(settings))


@serve.command()
@config_option
@level_option
@check_option
def vip(config: Path, log_level: str, check: bool) -> None:
    """The virtual IP beside a TMR server (needs CAP_NET_ADMIN and CAP_NET_RAW)."""
    from appliance.services import vip_config

    settings = vip_config.load(config)
    if check:
        _try_keepalived(settings.vrrp())
        return
    from appliance.services import vip as service

    log_to_stderr(log_level)
    # Its netlink sockets need asyncio's own loop.
    asyncio.run(service.serve(settings))


def _try_keepalived(settings: VrrpSettings) -> None:
    """Have keepalived read, aside, what these settings render to. Raises UserError."""
    import msgspec

    from appliance.adapters.vrrp.keepalived import install_configuration

    with tempfile.TemporaryDirectory(prefix="tmr-vip-") as directory:
        install_configuration(msgspec.structs.replace(settings, runtime_dir=directory))


def run_service(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end on the fastest event loop that this computer has."""
    _runner()(work)


def _runner() -> Callable[[Coroutine[Any, Any, None]], None]:
    try:
        import uvloop
    except ImportError:  # There is none for Windows.
        return asyncio.run
    return uvloop.run


def log_to_stderr(level: str) -> None:
    """Send what is logged at this level (one of LEVELS) or above to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        PlainFormatter("time=%(asctime)s level=%(levelname)s from=%(name)s %(message)s")
    )
    logging.basicConfig(level=level.upper(), handlers=[handler])
    # What uvicorn says of single requests is none of our log's business.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
