"""`tmr usage anchor`, and its tokens in `tmr usage verify`: since when a record is unchanged, by an
authority that is neither the owner nor the vendor (docs/usage.md).

    DIR/anchor-INDEX.tst        an RFC 3161 token (DER) over the anchor of entry INDEX

What can go wrong in here is a token for what one upstream alone says: so two have to say the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import click

from appliance.cli._connection import EXIT_CODES, Asked, connection_options
from appliance.cli._usage_sources import Installation, read
from appliance.cli.output import fail, json_option, show
from appliance.errors import ExitCode

if TYPE_CHECKING:
    from appliance.codec.timestamps import Trust

TOKENS_MAX: Final = 20_000
"""Tokens of one directory: one a day for fifty years."""
TOKEN_BYTES_MAX: Final = 64 << 10
TRIES: Final = 5
MARGIN_MS: Final = 600_000
"""How far an authority's clock and log time may be apart."""
NONCE_BITS: Final = 63
AGREE: Final = 2

Decorated = TypeVar("Decorated", bound=Callable[..., object])
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


class Stamps:
    """Tokens of a directory, by the anchor that each stamps. `used` are those whose entry was met,
    with its time, Unix ms."""

    def __init__(self, directory: Path | None = None, authority: Path | None = None) -> None:
        self.used: dict[bytes, int] = {}
        self._tokens: dict[bytes, tuple[str, bytes]] = {}
        if directory is not None:
            self._trust = _trust(authority)
            self._tokens = _read(directory)

    def __len__(self) -> int:
        return len(self._tokens)

    def time_of(self, anchor: bytes) -> int | None:
        """When an authority stamped this anchor, Unix ms; None if no token says. Raises UserError
        for one that is not the authority's."""
        found = self._tokens.get(anchor)
        if found is None:
            return None
        self.used[anchor] = at_ms = self._verified(anchor, *found)
        return at_ms

    def _verified(self, anchor: bytes, name: str, token: bytes) -> int:
        from appliance.codec.timestamps import TimestampRefused, verify_token

        try:
            return verify_token(token, anchor, self._trust).time_ms
        except TimestampRefused as refused:
            fail(f"{name} is no token of this authority: {refused.detail}")

    def missed(self, from_ms: int, to_ms: int) -> list[str]:
        """The tokens that were made between these log times and stamp no entry that was met."""
        times = [
            (self._verified(anchor, name, token), name)
            for anchor, (name, token) in self._tokens.items()
            if anchor not in self.used
        ]
        begin_ms, end_ms = from_ms + MARGIN_MS, to_ms - MARGIN_MS
        return [name for at_ms, name in sorted(times) if begin_ms <= at_ms <= end_ms]


def _trust(authority: Path | None) -> Trust:
    from appliance.codec.timestamps import Trust
    from appliance.services.settings import read_anchor

    if authority is None:
        fail("--anchors needs --authority: who certifies the time-stamp server.", ExitCode.USAGE)
    return Trust((read_anchor(authority),), own=False)


def _read(directory: Path) -> dict[bytes, tuple[str, bytes]]:
    from appliance.codec.timestamps import TimestampRefused, stamped_digest

    found: dict[bytes, tuple[str, bytes]] = {}
    for path in sorted(directory.glob("*.tst"))[:TOKENS_MAX]:
        try:
            with path.open("rb") as file:
                token = file.read(TOKEN_BYTES_MAX + 1)
            found[stamped_digest(token)] = str(path), token
        except OSError as error:
            fail(f"{path} cannot be read: {error.strerror}.")
        except TimestampRefused as refused:
            fail(f"{path} is no token: {refused.detail}")
    return found


class Newest(NamedTuple):
    """An entry that two upstreams endorsed alike, and its anchor."""

    entry: int
    log_time_ms: int
    anchor: bytes


@click.command(epilog=EXIT_CODES)
@connection_options
@click.option("--server", required=True, metavar="URL", help="The time-stamp server (RFC 3161).")
@click.option(
    "--authority",
    required=True,
    type=_file,
    metavar="FILE.pem",
    help="Who certifies that server: the root certificate of the authority.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the token is kept; beside the installation it protects against nobody.",
)
@json_option
def anchor(asked: Asked, server: str, authority: Path, out: Path, as_json: bool) -> None:
    """Have a time-stamp authority certify all of the usage record up to now; needs role operate.

    Run it each day, and keep the tokens where nobody can change them who could change the record.
    """
    import secrets

    from appliance.adapters.files import make_directory, write_whole
    from appliance.adapters.tsa import AskFailed, Place, ask_time, check_url
    from appliance.codec.timestamps import TimestampRefused, build_query, verify_reply

    try:
        check_url(server)
    except ValueError as error:
        fail(f"{error}.", ExitCode.USAGE)
    trust = _trust(authority)
    source = Installation(asked)
    newest = read(source, lambda _: _newest(source))
    nonce = secrets.randbits(NONCE_BITS)
    try:
        reply = ask_time(Place(server), build_query(newest.anchor, nonce))
        certified = verify_reply(reply, newest.anchor, nonce, trust)
    except (AskFailed, TimestampRefused) as error:
        fail(f"{server} gave no token: {error.detail}")
    path = out / f"anchor-{newest.entry}.tst"
    try:
        make_directory(out)
        write_whole(path, certified.token)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}.")
    document = {
        "entry": newest.entry,
        "log_time_ms": newest.log_time_ms,
        "anchor": newest.anchor.hex(),
        "certified_ms": certified.time_ms,
        "by": certified.signer,
        "file": str(path),
    }
    rows = [(name.replace("_", " "), value) for name, value in document.items()]
    show(document, as_json=as_json, columns=("what", "value"), rows=rows)


async def _newest(source: Installation) -> Newest:
    """The newest entry that two upstreams endorsed alike. Raises UserError if there is none."""
    for _ in range(TRIES):
        last_index = await source.last_index()
        said: Counter[Newest] = Counter()
        for name in source.names:
            said.update(_endorsed(await source.page(name, max(1, last_index - 1)) or ()))
        agreed = [one for one, count in said.items() if count >= AGREE]
        if agreed:
            return max(agreed)
    fail("no two upstreams endorsed one of the newest entries alike: see `tmr status`.")


def _endorsed(page: Sequence[object]) -> set[Newest]:
    from appliance.ledger.messages import Recorded
    from appliance.usage.proof import endorsed
    from appliance.verifier.layouts import anchor_of

    return {
        Newest(said.index, said.log_time_ms, anchor_of(said.log_root, said.history_root))
        for one in endorsed(kept for kept in page if isinstance(kept, Recorded))
        for said in (one.statement,)
    }


def stamps_options(command: Decorated) -> Decorated:
    """Give a verb `--anchors` and `--authority`."""
    anchors = click.option(
        "--anchors",
        "anchors_directory",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        metavar="DIR",
        help="Tokens of `tmr usage anchor`: each has to stamp an entry of this record.",
    )
    authority = click.option(
        "--authority",
        type=_file,
        metavar="FILE.pem",
        help="Who certifies the server that made them.",
    )
    return anchors(authority(command))
