"""The first command of a ledger, and what it carries over of one that was lost."""

from __future__ import annotations

import msgspec

from appliance.licences import rules
from appliance.licences.commands.base import Command, Version
from appliance.licences.commands.borrowing import Borrowed
from appliance.licences.grants import NO_HASH
from appliance.licences.model import LicenceKey, UsageStart


class Dismissed(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A certificate that was dismissed: what it said, when it would have ended (Unix seconds; 0:
    not known), who dismissed it and why, both cut short, at which log time and by which entry."""

    name: str
    role: str
    ends_at_s: int
    who: str
    why: str
    at_ms: int
    index: int


class Restored(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What lives on of a ledger that was lost (`appliance.licences.carry_over` says why).

    `ledger_id`, `index`, `root` and `history_root` are where the backup ended. `units_used` is by
    licence; `clients` are names with their tokens' hashes; `block_list` is the signed list, empty
    for none; `cmact_id` is the containers' group. `dismissed` are certificates by serial number,
    `quotas` the most seats of a product that one client may have, `usage_starts` when usage periods
    began, `units_refunded` what operators refunded. `borrowed` are seats that are out; the ages at
    which they may end count from the founding. `queue` is how often those who wait may be
    overtaken, and for how many seconds an offered seat is held; None if no operator said so.
    """

    ledger_id: bytes
    index: int
    root: bytes
    log_time_ms: int
    commands_applied: int
    cmact_id: str
    units_used: tuple[tuple[LicenceKey, int], ...]
    clients: tuple[tuple[str, bytes], ...]
    block_list: bytes
    who: str
    why: str
    dismissed: tuple[tuple[str, Dismissed], ...] = ()
    quotas: tuple[tuple[tuple[int, int], int], ...] = ()
    history_root: bytes = NO_HASH
    usage_starts: tuple[tuple[LicenceKey, UsageStart], ...] = ()
    units_refunded: tuple[tuple[LicenceKey, int], ...] = ()
    borrowed: tuple[Borrowed, ...] = ()
    queue: tuple[int, int] | None = None


class Found(Command, frozen=True, tag="found"):
    """The first entry of a ledger: its id, the serial of the virtual container (mask 131), and the
    three stores that vote, as (place, store id) (design D7); what it restores, if anything; the
    version of the rules that is in force from then on; and the hash of the key by which names get
    their tags."""

    ledger_id: bytes
    virtual_serial: str
    stores: tuple[tuple[str, bytes], ...] = ()
    restored: Restored | None = None
    rules: Version = rules.FIRST
    names_key_hash: bytes = b""
