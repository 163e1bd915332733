"""Installed TMR systems: which containers, where, by which release, and for how long subscribed.

A system is a group of three containers. What they say of it stands in each request that they sign,
over the network and by hand; so a plant without a network is listed, too, as of its last file. A
subscription is the vendor's own note: its end is shown and stops nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import false, select

from appliance.codec.request_files import ContainerRequest
from appliance.services.central.records import Records
from appliance.services.central.records.rows import put_row
from appliance.services.central.records.schema import (
    containers,
    issued,
    subscriptions,
    systems,
)
from appliance.services.central.refusals import CentralRefused

SEEN_EVERY_S: Final = 86_400
"""A container that says nothing new is noted once a day."""
WARN_DAYS: Final = 30
_DAY_S: Final = 86_400
NONE, LATER, RUNS, ENDS, OVER = "none", "later", "runs", "ends soon", "over"
"""How far a subscription is."""


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """One system. `virtual_serials` and `releases` are as its containers said last, each once: more
    than one virtual serial means that one of them works elsewhere. `seen_at_s` is the newest word
    (None: never heard), times are Unix seconds."""

    cmact_id: str
    virtual_serials: tuple[str, ...]
    releases: tuple[str, ...]
    hosts: tuple[str, ...]
    serials: tuple[str, ...]
    firms: tuple[int, ...]
    seen_at_s: int | None
    from_s: int | None = None
    until_s: int | None = None

    def subscription(self, now_s: int) -> str:
        """How far the subscription is."""
        if self.from_s is None or self.until_s is None:
            return NONE
        if now_s < self.from_s:
            return LATER
        if now_s >= self.until_s:
            return OVER
        return ENDS if self.days_left(now_s) <= WARN_DAYS else RUNS

    def days_left(self, now_s: int) -> int:
        """Whole days until the subscription ends, 0 on the last one, below 0 after it."""
        return (self.until_s or 0) // _DAY_S - now_s // _DAY_S


class SystemsBook:
    """All systems."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def note(self, asked: ContainerRequest, now_s: int) -> None:
        """Keeps what an activated container says; writes if that is news, and once a day."""
        with self._records.reading() as connection:
            wanted = select(systems).where(systems.c.serial == asked.serial)
            before = connection.execute(wanted).first()
        said = {
            "virtual_serial": asked.system.virtual_serial,
            "release": asked.system.release,
        }
        if before is not None:
            same = said == {name: getattr(before, name) for name in said}
            if same and 0 <= now_s - before.seen_at_s < SEEN_EVERY_S:
                return
        with self._records.act() as connection:
            put_row(connection, systems, {"serial": asked.serial}, {**said, "seen_at_s": now_s})

    def subscribe(self, cmact_id: str, from_s: int, until_s: int) -> None:
        """Notes a system's subscription, in the place of what was noted before. Raises
        CentralRefused."""
        if until_s <= from_s:
            raise CentralRefused("A subscription ends after it begins.")
        with self._records.act() as connection:
            known = select(containers.c.serial).where(containers.c.cmact_id == cmact_id)
            if connection.execute(known.limit(1)).first() is None:
                raise CentralRefused(
                    f"There is no system {cmact_id}: `tmr central systems` lists all."
                )
            values = {"from_s": from_s, "until_s": until_s}
            put_row(connection, subscriptions, {"cmact_id": cmact_id}, values)
            self._records.note("subscribe", cmact_id, **values)

    def page(self, after: str, limit: int) -> list[Installed]:
        """Up to `limit` systems by CmActID, those behind `after`."""
        groups = (
            select(containers.c.cmact_id)
            .where(containers.c.cmact_id > after)
            .group_by(containers.c.cmact_id)
            .order_by(containers.c.cmact_id)
            .limit(limit)
        )
        with self._records.reading() as connection:
            ids = connection.execute(groups).scalars().all()
            found: dict[str, list[Any]] = {one: [] for one in ids}
            # By the ends of the page, and not one by one: thousands of values take their time.
            mine = containers.c.cmact_id.between(ids[0], ids[-1]) if ids else false()
            columns = (containers.c[name] for name in ("cmact_id", "serial", "host", "replaces"))
            known = select(*columns).where(mine).order_by(containers.c.twin, containers.c.number)
            for row in connection.execute(known):
                found[row.cmact_id].append(row)
            replaced = {row.replaces for rows in found.values() for row in rows}
            told = select(systems).join(containers, containers.c.serial == systems.c.serial)
            said = {row.serial: row for row in connection.execute(told.where(mine))}
            firms: dict[str, set[int]] = {}
            sold = select(issued.c.serial, issued.c.firm_code).join(
                containers, containers.c.serial == issued.c.serial
            )
            for row in connection.execute(sold.where(mine)):
                firms.setdefault(row.serial, set()).add(row.firm_code)
            ours = subscriptions.c.cmact_id.between(ids[0], ids[-1]) if ids else false()
            paid = select(subscriptions).where(ours)
            until = {row.cmact_id: row for row in connection.execute(paid)}
        made = []
        for cmact_id, rows in found.items():
            here = [row for row in rows if row.serial not in replaced]
            words = [said[row.serial] for row in here if row.serial in said]
            subscribed = until.get(cmact_id)
            codes = {code for row in here for code in firms.get(row.serial, ())}
            made.append(
                Installed(
                    cmact_id=cmact_id,
                    virtual_serials=_each_once(one.virtual_serial for one in words),
                    releases=_each_once(one.release for one in words),
                    hosts=tuple(row.host for row in here),
                    serials=tuple(row.serial for row in here),
                    firms=tuple(sorted(codes)),
                    seen_at_s=max((one.seen_at_s for one in words), default=None),
                    from_s=None if subscribed is None else subscribed.from_s,
                    until_s=None if subscribed is None else subscribed.until_s,
                )
            )
        return made


def _each_once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
