"""`tmr container init|explain`: what holds a container's key (docs/containers.md)."""

from __future__ import annotations

from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Any

import click

from appliance.cli._admin import Admin, ask, operator, read_answer
from appliance.cli.output import end_of, fail, json_option, print_json, print_table, say

if TYPE_CHECKING:
    from appliance.licences.serials import Binding, Mask

_BINDINGS = ("file", "loose", "strict", "tpm", "token")
_MASKS = ("1", "2", "3", "128", "129", "130")
_HELD = {
    "file": "in a plain file: whoever copies it has the key",
    "loose": "by this host, of which about half may change",
    "strict": "by this host, of which one thing may change",
    "tpm": "in a file that this host's TPM has sealed",
    "token": "in a token, which it never leaves",
}
_STATES = {"same": "as it was", "changed": "CHANGED", "gone": "not to be seen now"}


@click.command()
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The directory to make it in.",
)
@click.option("--host", default="", help="The host's name as vendors see it (default: its own).")
@click.option(
    "--binding",
    type=click.Choice(_BINDINGS),
    help="What holds its key: by default a plain file, or what --mask says.",
)
@click.option(
    "--mask",
    type=click.Choice(_MASKS),
    help="The serial's mask: 1, 2, 3 token; 128 strict; 129 loose; 130 file or TPM.",
)
@click.option("--token", default="", metavar="LABEL", help="The token that is to make the key.")
@click.option("--module", default="", metavar="FILE", help="The token's PKCS#11 module.")
@click.option(
    "--pin-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help='Where the token\'s PIN is (default: the systemd credential "token-pin").',
)
@click.option("--tcti", default="", help="Where the TPM is, as tpm2-tools name it.")
@json_option
def init(
    home: Path,
    host: str,
    binding: str | None,
    mask: str | None,
    token: str,
    module: str,
    pin_file: Path | None,
    tcti: str,
    as_json: bool,
) -> None:
    """Make a new container on this host: key and serial. Done once, before the first start.

    What holds the key is chosen here for good; a vendor may ask for more than a plain file.
    """
    from appliance.adapters.container_home import ContainerHome
    from appliance.adapters.keys.held import Surroundings
    from appliance.adapters.keys.shut import KeyShut
    from appliance.adapters.keys.token import TokenAccess
    from appliance.licences.serials import Binding

    held, numbered = _chosen(binding, mask)
    if (held is Binding.TOKEN) != bool(token):
        raise click.UsageError("--token LABEL goes with --binding token, and that with it.")
    try:
        made = ContainerHome.create(
            home,
            SystemRandom(),
            host,
            binding=held,
            mask=numbered,
            token_label=token,
            around=Surroundings(token=TokenAccess(module, pin_file), tcti=tcti),
        )
    except FileExistsError as error:
        fail(str(error))
    except KeyShut as shut:
        fail(f"{shut.detail}.")
    except OSError as error:
        fail(f"{error.filename} cannot be used: {error.strerror}.")
    if made.shut:
        fail(f"{made.shut}.")
    if as_json:
        print_json({"serial": made.serial, "home": str(home), "binding": held.value})
    elif held is Binding.FILE:
        say(f"Container {made.serial} made in {home}; its key never leaves that directory.")
    else:
        say(f"Container {made.serial} made in {home}; its key is held {_HELD[held.value]}.")


def _chosen(binding: str | None, mask: str | None) -> tuple[Binding, Mask | None]:
    """What was asked for, by either of both options. Raises click.UsageError if they disagree."""
    from appliance.licences.serials import BINDINGS, MASK_OF, Binding, Mask

    numbered = None if mask is None else Mask(int(mask))
    if binding is not None:
        held = Binding(binding)
    elif numbered is None or MASK_OF[Binding.FILE] is numbered:
        held = Binding.FILE
    else:
        (held,) = BINDINGS[numbered]
    if numbered is not None and held not in BINDINGS[numbered]:
        raise click.UsageError(f"Mask {mask} does not stand for a key that is held as {binding}.")
    return held, numbered


@click.command()
@operator
@json_option
def explain(admin: str, cert: Path, key: Path, ca: Path, as_json: bool) -> None:
    """Say what holds this container's key, what of the host may change, and what has changed."""
    from appliance.services.upstream.documents import ContainerDocument

    upstream = Admin(admin, cert, key, ca)
    answer = ask(upstream, "GET", "/v1/container")
    shown = read_answer(upstream, answer, ContainerDocument)
    held = shown.binding
    if as_json:
        print_json(read_answer(upstream, answer, dict[str, Any])["binding"])
        return
    say(f"Container {shown.serial}: its key is held {_HELD.get(held.binding, held.binding)}.")
    if held.shut:
        say(f"It is SHUT. {held.shut}.")
    if held.features:
        print_table(
            ("feature", "points", "now"),
            [(one.words, one.points, _STATES.get(one.state, one.state)) for one in held.features],
            title=f"{held.points} of {held.total} points are as they were; it opens with"
            f" {held.needed}, if machine id or main board is among them",
        )
        say("More disks, cards or memory never count against it. What changes is taken over.")
    if held.changes:
        print_table(
            ("taken over", "what changed"),
            [(end_of(one.at_s), ", ".join(one.features)) for one in held.changes],
        )
    elif held.features:
        say("Nothing has changed since it was made.")
