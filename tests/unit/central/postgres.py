"""A PostgreSQL of one's own for tests: in a temporary directory, by a socket in it alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

NOBODY = "nobody"
"""PostgreSQL refuses to run as root."""


def program(name: str) -> str | None:
    """Where this program of PostgreSQL is; Debian keeps it out of PATH."""
    found = shutil.which(name)
    if found:
        return found
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(places[-1]) if places else None


@contextmanager
def cluster() -> Iterator[str]:
    """A running cluster: gives its URL, to be formatted with a database's name, and ends it."""
    path = Path(tempfile.mkdtemp(prefix="tmr-postgres-"))
    user = NOBODY if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(path, user)
    data = path / "data"

    def run(name: str, *words: str) -> None:
        where = program(name)
        assert where is not None
        subprocess.run(
            [where, *words],
            check=True,
            user=user,
            cwd=path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )

    try:
        run("initdb", "-D", str(data), "-U", "central", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={path} -c fsync=off"
        log = str(path / "log")
        run("pg_ctl", "-D", str(data), "-w", "-t", "60", "-l", log, "-o", options, "start")
        try:
            yield f"postgresql://central@/{{}}?host={path}"
        finally:
            run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(path)


def empty_database(url: str, name: str = "central") -> str:
    """The URL of the database of this name in this cluster, without anything of a test before.

    To empty one is a hundredth of the work, and of the disk, that a new one takes.
    """
    with psycopg.connect(url.format("postgres"), autocommit=True) as connection:
        there = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        connection.execute(there, (name,))
        known = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(known, (name,)).fetchone() is None:
            connection.execute(f"CREATE DATABASE {name}".encode())
    with psycopg.connect(url.format(name), autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return url.format(name)
