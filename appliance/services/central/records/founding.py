"""How a database comes to be: by `tmr central init`, of older files, or of a backup.

What can go wrong in here is a database of which half is there. So it is filled in one transaction,
and a directory names it last: a file gets its name then, and so does `database.url`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, inspect

from appliance.adapters.files import (
    PRIVATE_DIRECTORY_MODE,
    PRIVATE_MODE,
    make_directory,
    sync_directory,
    write_whole,
)
from appliance.services.central.records import audit
from appliance.services.central.records.database import (
    FILE,
    URL_FILE,
    VERSION,
    Records,
    begin,
    open_engine,
    read_url,
    refusing,
    revision,
    sqlite_url,
)
from appliance.services.central.refusals import CentralRefused

_MIGRATIONS: Final = Path(__file__).with_name("migrations")

Fill = Callable[[Connection], None]


def make_database(directory: Path, url: str, fill: Fill) -> None:
    """Makes the database of this directory, and fills it: in a file, or where `url` says.

    Raises CentralRefused if there is one already, or what is at `url` holds records.
    """
    if Records(directory).exists:
        raise CentralRefused(f"{directory} holds records already; use them, or another directory.")
    make_directory(directory, PRIVATE_DIRECTORY_MODE)
    if url:
        where = read_url(url)
        _fill(where, where.render_as_string(hide_password=True), fill)
        write_whole(directory / URL_FILE, url.encode() + b"\n", PRIVATE_MODE)
        return
    aside = directory / f"{FILE}.new"
    _remove(aside)
    try:
        # For its owner only from the beginning; SQLite gives its other files the same mode.
        os.close(os.open(aside, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_MODE))
        _fill(sqlite_url(aside), str(directory / FILE), fill)
        os.replace(aside, directory / FILE)
        sync_directory(directory)
    finally:
        _remove(aside)


def upgrade(connection: Connection) -> None:
    """Brings the schema up to this release's, as a part of the transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def upgrade_records(records: Records) -> str:
    """Brings an older schema up to this release's, in one transaction; gives what it was before.

    Raises CentralRefused if it is none that this release knows.
    """
    engine = records.engine()
    with refusing(records.place), engine.connect() as connection:
        begin(connection, writes=True)
        before = revision(connection, records.place)
        upgrade(connection)
        connection.commit()
    return before


def _fill(url: Any, place: str, fill: Fill) -> None:
    engine: Engine = open_engine(url)
    try:
        with refusing(place), engine.connect() as connection:
            begin(connection, writes=True)
            if inspect(connection).has_table(VERSION.name) and audit.head(connection).number:
                raise CentralRefused(
                    f"{place} holds the records of a License Central: name another database, or"
                    f" put its URL into the file {URL_FILE} beside that one's keys."
                )
            upgrade(connection)
            fill(connection)
            connection.commit()
    finally:
        engine.dispose()


def _remove(aside: Path) -> None:
    for path in (aside, *(aside.with_name(aside.name + end) for end in ("-wal", "-shm"))):
        with suppress(FileNotFoundError):
            os.unlink(path)
