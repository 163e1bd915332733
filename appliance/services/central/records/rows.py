"""How a row is kept that is there once for each key, with SQLite as with PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table, and_, insert, update


def put_row(
    connection: Connection, table: Table, key: Mapping[str, object], values: Mapping[str, object]
) -> None:
    """The row of this key says this from now on; it is made if there is none."""
    same = and_(*(table.c[name] == one for name, one in key.items()))
    if not connection.execute(update(table).where(same).values(**values)).rowcount:
        connection.execute(insert(table).values(**key, **values))
