"""An upstream's administration API, asked by an operator's verb."""

from __future__ import annotations

import functools
import ipaddress
import ssl
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import click
import msgspec

from appliance.cli.output import fail
from appliance.codec.json_answers import detail_in
from appliance.errors import ExitCode
from appliance.unreadable import UNREADABLE

if TYPE_CHECKING:
    from appliance.adapters.http_client import HttpFailed

T = TypeVar("T")

ADMIN_PORT = 7102
ANSWER_BYTES_MAX = 8 << 20
TIMEOUT_S = 10.0
FILES = {
    "ca": "The deployment's authority.",
    "key": "Your certificate's key.",
    "cert": "Your operator's certificate.",
}
file_path = click.Path(dir_okay=False, path_type=Path)


class Admin(NamedTuple):
    """Which upstream is asked, and who asks."""

    url: str
    cert: Path
    key: Path
    ca: Path


def operator(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a verb the options of an operator; they arrive as cert, key, ca and admin.

    Who does not name the three files has them in a client profile, as for every other verb.
    """

    @functools.wraps(command)
    def verb(*args: Any, profile: Path | None, **options: Any) -> Any:
        given = [name for name in FILES if options[name] is not None]
        if given and (profile is not None or len(given) < len(FILES)):
            raise click.UsageError("Give --cert, --key and --ca together, or --profile instead.")
        return command(*args, **(options if given else options | _files_of(profile)))

    for name, what in FILES.items():
        verb = click.option(
            f"--{name}", type=file_path, envvar=f"TMR_OPERATOR_{name.upper()}", help=what
        )(verb)
    verb = click.option(
        "--profile",
        type=file_path,
        metavar="FILE",
        help="Your client profile (TOML), which names certificate, key and authority.",
    )(verb)
    return click.option(
        "--admin",
        default=f"https://127.0.0.1:{ADMIN_PORT}",
        show_default=True,
        envvar="TMR_ADMIN",
        help="Where the upstream's administration API is.",
    )(verb)


def _files_of(profile: Path | None) -> dict[str, Path]:
    """Certificate, key and authority of a profile; ends the verb if it has none."""
    from appliance.client import ProfileError, find_profile, load_profile

    try:
        found = load_profile(find_profile(profile))
    except ProfileError as error:
        fail(f"{error}; or name --cert, --key and --ca.", ExitCode.USAGE)
    tls = found.tls
    if tls.certificate is None or tls.key is None:
        fail(
            f"{found.path} proves an identity by a token, and an upstream asks for a certificate:"
            " name an operator's profile.",
            ExitCode.USAGE,
        )
    return {"cert": Path(tls.certificate), "key": Path(tls.key), "ca": Path(tls.ca)}


def ask(
    admin: Admin,
    method: str,
    path: str,
    body: bytes | None = None,
    timeout_s: float = TIMEOUT_S,
) -> bytes:
    """One request to the upstream; ends the verb with its refusal or with what failed.

    An upstream is in the plant: nobody asks it through a proxy.
    """
    from appliance.adapters import http_client
    from appliance.adapters.pki.authority import IdentityFiles, PkiError, client_context

    where = urlsplit(admin.url)
    try:
        host, port = where.hostname or "", where.port or ADMIN_PORT
    except ValueError:
        host, port = "", 0
    if where.scheme != "https" or not host:
        fail(f"{admin.url} is no address such as https://127.0.0.1:{ADMIN_PORT}.", ExitCode.USAGE)
    try:
        context = client_context(IdentityFiles(admin.cert, admin.key, admin.ca))
    except PkiError as error:
        fail(str(error))
    # A host's certificate does not name its loopback addresses: there it is enough that whoever
    # answers is one of this deployment's upstreams.
    context.check_hostname = not _is_loopback(host)
    try:
        answer = http_client.request(
            method,
            f"https://{_netloc(host, port)}{path}",
            body=body,
            tls=context,
            timeout_s=timeout_s,
            bytes_max=ANSWER_BYTES_MAX,
            proxy=http_client.DIRECT,
            check_peer=lambda certificate: _check_upstream(certificate, admin.url),
        )
    except http_client.HttpFailed as failed:
        if failed.reason == http_client.TOO_LARGE:
            fail(f"The answer of {admin.url} is refused: {failed.why}.")
        fail(
            f"The upstream at {admin.url} does not answer: {_cause(failed)}.", ExitCode.UNREACHABLE
        )
    if answer.status >= HTTPStatus.BAD_REQUEST:
        fail(detail_in(answer.body) or f"The upstream answered {answer.status} {answer.reason}.")
    return answer.body


def read_answer(admin: Admin, answer: bytes, kind: type[T]) -> T:
    """The document in an upstream's answer; ends the verb if it is none of this kind."""
    try:
        return msgspec.json.decode(answer, type=kind)
    except UNREADABLE as error:
        fail(f"{admin.url} is no upstream of this version: its answer is not understood ({error}).")


def _cause(failed: HttpFailed) -> str:
    """Why it does not answer, in words that lead to the cause."""
    from appliance.client import causes

    error = failed.cause
    if isinstance(error, ssl.SSLCertVerificationError):
        return causes.of_certificate(error)
    if isinstance(error, ssl.SSLError):
        return causes.of_alert(error.reason) if "ALERT" in (error.reason or "") else failed.why
    return failed.why if error is None else causes.of_system(error)


def _check_upstream(certificate: Any, url: str) -> None:
    from appliance.adapters.pki.authority import IdentityRefused, peer_identity

    try:
        peer = peer_identity(certificate)
    except IdentityRefused as refused:
        fail(f"{url} is no upstream: {refused.detail}")
    if peer.role != "upstream":
        fail(f"{url} is {peer.name}, which is no upstream: name an upstream's address.")


def _netloc(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
