"""What the verbs share that write, check and use backups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from appliance.cli.output import cell_text, fail, on_terminal
from appliance.errors import ExitCode

if TYPE_CHECKING:
    from appliance.ledger.certificates.proofs import CommitProof
    from appliance.ledger.membership.backups import Backup, BackupHead
    from appliance.ledger.messages import Entry
    from appliance.ledger.snapshot.seals import Sealed

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def root_option(command: Decorated) -> Decorated:
    """Give a verb `--root`; it arrives as the argument `root_path: Path | None`."""
    option = click.option(
        "--root",
        "root_path",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        envvar="TMR_LICENCE_ROOT",
        help="The licence root's certificate; else that of the client profile.",
    )
    return option(command)


def read_root(root_path: Path | None, named: Path | None = None) -> bytes:
    """The licence root's certificate (DER): of this file, else of the one that a profile names."""
    from appliance.services.settings import read_root as read

    path = root_path or named
    if path is None:
        fail(
            "The licence root is needed to read what vendors signed: give --root FILE.",
            ExitCode.USAGE,
        )
    return read(path)


def checked(path: Path, root: bytes, name: Path | None = None) -> Backup:
    """The backup in this file, checked from its first to its last byte.

    Ends the verb with what is wrong with it, under `name` if that is given.
    """
    from appliance.adapters.machines import machine_of
    from appliance.adapters.signatures import verify_store
    from appliance.codec.backup_files import read_backup
    from appliance.ledger.membership.backups import BackupRefused, proven

    try:
        with path.open("rb") as file, _bar("checks", path.stat().st_size) as told:

            def read(size: int) -> bytes:
                told(file.tell())
                return file.read(size)

            return proven(read_backup(read), machine_of(root), verify_store)
    except BackupRefused as refused:
        fail(f"{name or path}: {refused.detail}")
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}.")


def written(
    path: Path,
    head: BackupHead,
    chunks: Iterable[bytes],
    entries: Iterable[Entry],
    proof: CommitProof,
    root: bytes,
) -> Backup:
    """Write a backup, read it back, check it, and only then let it be at `path`.

    Ends the verb with one sentence, and nothing written, if any of that fails.
    """
    from appliance.adapters.files import new_file
    from appliance.codec.backup_files import BackupWriter

    try:
        with new_file(path) as (aside, file), _bar("copies", head.index) as told:
            writer = BackupWriter(file.write)
            writer.head(head)
            for chunk in chunks:
                writer.chunk(chunk)
            for entry in entries:
                writer.entry(entry)
                told(entry.index)
            writer.end(proof)
            file.flush()
            return checked(aside, root, path)
    except FileExistsError:
        fail(f"{path} is there already: name another file, a backup never overwrites one.")
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}.")


def head_of(
    ledger_id: bytes, virtual_serial: str, proof: CommitProof, base: Sealed | None = None
) -> BackupHead:
    """The head of a backup that this user takes now."""
    from appliance.client.holder import NAME_MAX
    from appliance.client.surroundings import fitted, user_name
    from appliance.ledger.membership.backups import BackupHead

    by = fitted(user_name(), NAME_MAX)
    return BackupHead(ledger_id, virtual_serial, proof.index, proof.root, _now_ms(), by, base)


def document_of(path: Path, backup: Backup) -> dict[str, Any]:
    """What a backup is, and what it holds."""
    head, state = backup.head, backup.state
    return {
        "file": str(path),
        "ledger_id": head.ledger_id.hex(),
        "virtual_serial": head.virtual_serial,
        "cmact_id": backup.cmact_id,
        "index": head.index,
        "snapshot_index": head.base.head.index if head.base is not None else 0,
        "root": head.root.hex(),
        "proven_by": list(backup.signers),
        "log_time_ms": backup.log_time_ms,
        "taken_at_ms": head.taken_at_ms,
        "taken_by": head.taken_by,
        "stores": {m.place: m.store.hex() for m in state.membership.voters},
        "containers": sorted(state.containers),
        "licences": len(state.view),
        "leases": len(state.leases),
        "clients": len(state.clients),
        "units_used": {str(key): used for key, used in sorted(state.units_used.items())},
    }


def rows_of(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The same for people."""
    for name, value in document.items():
        if name.endswith("_ms"):
            text = _instant(value)
        elif isinstance(value, dict):
            text = cell_text([f"{key} {one}" for key, one in value.items()])
        else:
            text = cell_text(value)
        yield name.removesuffix("_ms").replace("_", " "), text


def _now_ms() -> int:
    """This computer's time, Unix ms."""
    return int(datetime.now(UTC).timestamp() * 1000)


def _instant(at_ms: int) -> str:
    """A time for people; log time 0 is none."""
    if not at_ms:
        return "-"
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(sep=" ", timespec="seconds")


@contextmanager
def _bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal; tell it how far it is."""
    if not on_terminal():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.update(task, completed=done)
