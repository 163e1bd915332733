"""`tmr standalone`: make a licence server on one host; `tmr serve standalone` runs it."""

from __future__ import annotations

import socket
from pathlib import Path

import click

from appliance.cli.output import fail, json_option, print_json, say


@click.group()
def standalone() -> None:
    """A licence server on one host."""


@standalone.command()
@click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("server"),
    show_default=True,
    help="The directory to make it in.",
)
@click.option(
    "--root",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="The licence root's certificate, from your vendor (DER or PEM).",
)
@click.option("--name", default="", help="The server's name (default: this computer's).")
@click.option(
    "--listen", default="127.0.0.1:7200", show_default=True, help="Where clients come, host:port."
)
@click.option(
    "--admin-listen",
    default="127.0.0.1:7102",
    show_default=True,
    help="Where its operator comes, host:port.",
)
@click.option(
    "--address",
    "addresses",
    multiple=True,
    help="A name or address by which clients find it, if --listen is none (repeatable).",
)
@json_option
def init(
    directory: Path,
    root: Path,
    name: str,
    listen: str,
    admin_listen: str,
    addresses: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make a licence server: container, ledger, certificates, settings, and two profiles.

    Done once; needs no root. What is in the directory then is the server: keep it to yourself, and
    its keys with it.
    """
    from appliance.adapters.keys.shut import KeyShut
    from appliance.adapters.pki.authority import PkiError
    from appliance.adapters.store.database import StoreFailed
    from appliance.services.settings import read_root
    from appliance.services.standalone import making

    try:
        serial = making.make(
            directory,
            read_root(root),
            name or socket.gethostname().split(".")[0],
            listen,
            admin_listen,
            addresses,
        )
    except KeyShut as shut:
        fail(f"{shut.detail}.")
    except (FileExistsError, PkiError, StoreFailed) as error:
        fail(str(error))
    except ValueError as error:
        fail(f"That cannot be: {error}.")
    except OSError as error:
        fail(f"{error.filename} cannot be used: {error.strerror}.")
    config = directory / making.CONFIG
    profiles = {
        person: str(directory / person / "profile.toml")
        for person in (making.CLIENT, making.OPERATOR)
    }
    if as_json:
        print_json({"serial": serial, "config": str(config), "profiles": profiles})
        return
    say(f"Container {serial} and its server are in {directory}.")
    say(f"Start it: tmr serve standalone --config {config}")
    for person, path in profiles.items():
        say(f"The {person}'s profile: {path}")
