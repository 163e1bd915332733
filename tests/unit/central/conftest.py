"""Two vendors, and License Central as containers reach it; a file may have another `central`.

Each test of a story is told twice: with the records in SQLite, and in PostgreSQL.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.services.central import LicenseCentral
from appliance.services.central.records import database as module
from tests.unit.central import postgres
from tests.unit.central.asking import Network, vendors


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    if postgres.program("initdb") is None:
        pytest.skip("there is no PostgreSQL on this machine")
    with postgres.cluster() as url:
        yield url


@pytest.fixture(autouse=True)
def no_disk_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here programs are killed, and never the machine: what SQLite wrote need not be on the disk.

    Some stories commit thousands of times, which takes minutes where others use the disk too.
    """
    real = module._on_connect

    def on_connect(connection: sqlite3.Connection, record: Any) -> None:
        real(connection, record)
        connection.execute("PRAGMA synchronous = OFF")

    monkeypatch.setattr(module, "_on_connect", on_connect)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, "" for a file."""
    if request.param == "sqlite":
        return ""
    return postgres.empty_database(request.getfixturevalue("cluster"))


@pytest.fixture
def central(tmp_path: Path, database: str) -> Iterator[LicenseCentral]:
    made = vendors(tmp_path / "central", database)
    yield made
    made.records.close()


@pytest.fixture
def net(tmp_path: Path, central: LicenseCentral) -> Network:
    return Network(tmp_path / "central", central)
