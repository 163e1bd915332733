"""What containers say of what holds their keys, compared at each contact (docs/containers.md).

What can go wrong in here is a false alarm: hardware is changed, and containers are moved. So
nothing is refused for it; the vendor sees which are elsewhere than before, and decides.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import RowMapping, select

from appliance.codec.request_files import ContainerRequest
from appliance.licences.binding import WORDS, Evidence, contact
from appliance.services.central.records import Records
from appliance.services.central.records.rows import put_row
from appliance.services.central.records.schema import whereabouts


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """What a container said last, and since when (Unix time). `elsewhere_at_s` is when it was last
    seen to be held by another host, token or TPM than before, None if it never was; `moves` is how
    often, and `elsewhere` by what."""

    serial: str
    evidence: Evidence
    since_s: int
    elsewhere_at_s: int | None = None
    moves: int = 0
    elsewhere: str = ""


class WhereaboutsBook:
    """The last word of each container."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def note(self, asked: ContainerRequest, now_s: int) -> None:
        """Compares what an activated container says now with what it said before; writes only if it
        is something else."""
        before = self._find(asked.serial)
        if before is not None and before.evidence == asked.evidence:
            return
        with self._records.act() as connection:
            made = Whereabouts(serial=asked.serial, evidence=asked.evidence, since_s=now_s)
            if before is not None:
                made = self._moved(before, made)
            values = msgspec.structs.asdict(made)
            values["evidence"] = msgspec.msgpack.encode(made.evidence)
            put_row(connection, whereabouts, {"serial": values.pop("serial")}, values)

    def _moved(self, before: Whereabouts, now: Whereabouts) -> Whereabouts:
        """What is kept of a change, which is an act."""
        seen = contact(before.evidence, now.evidence)
        changed = ", ".join(WORDS.get(name, name) for name in seen.changed)
        if seen.elsewhere:
            what = changed or "another way to hold its key"
            self._records.note("elsewhere", now.serial, changed=what)
            return msgspec.structs.replace(
                now, elsewhere_at_s=now.since_s, moves=before.moves + 1, elsewhere=what
            )
        if changed:
            self._records.note("host changed", now.serial, changed=changed)
        return msgspec.structs.replace(
            now,
            elsewhere_at_s=before.elsewhere_at_s,
            moves=before.moves,
            elsewhere=before.elsewhere,
        )

    def page(self, after: str, limit: int) -> list[Whereabouts]:
        """Up to `limit` containers by serial, those behind `after`."""
        asked = (
            select(whereabouts)
            .where(whereabouts.c.serial > after)
            .order_by(whereabouts.c.serial)
            .limit(limit)
        )
        with self._records.reading() as connection:
            return [_read(row) for row in connection.execute(asked).mappings()]

    def _find(self, serial: str) -> Whereabouts | None:
        asked = select(whereabouts).where(whereabouts.c.serial == serial)
        with self._records.reading() as connection:
            row = connection.execute(asked).mappings().first()
        return None if row is None else _read(row)


def _read(row: RowMapping) -> Whereabouts:
    evidence = msgspec.msgpack.decode(row["evidence"], type=Evidence)
    return Whereabouts(**{**row, "evidence": evidence})
