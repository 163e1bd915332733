"""What becomes of a firm's records when licences are issued anew for lost containers.

Of a whole group that is lost, each new twin gets what its predecessor held, in a ledger that was
restored, or in a new one (docs/backup.md). Of one lost container, one new one gets it, as the same
twin of the same group, in the ledger that lives (docs/replacing.md). What can go wrong in here is a
licence that two containers hold: so who is gone holds nothing from then on, and there is nothing to
issue twice; and a firm may wait for a sign of a group that is said to be lost.

All is done as a part of the act that is going on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from appliance.services.central.blocking import BlockBook, Registration
from appliance.services.central.firms import FirmStore
from appliance.services.central.issued import Change, Held, IssuedUpdate
from appliance.services.central.records import licences, returned, sold
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.root import ActivatedContainer, RootAuthority
from appliance.verifier.certificates import SINGLE

_DAY_S: Final = 86_400


def blocked_group(
    firm: FirmStore, blocks: BlockBook, cmact_id: str, new: Collection[str]
) -> list[Registration]:
    """The containers of this group, which is said to be lost. Raises CentralRefused unless all are
    blocked, and none of them is one of the `new` serials."""
    lost = []
    for held in firm.group(cmact_id):
        serial = held.serial
        if serial in new:
            raise CentralRefused(f"Container {serial} is one of group {cmact_id} itself.")
        known = blocks.find(serial)
        if known is None or not known.blocked_for:
            raise CentralRefused(
                f"Container {serial} is not blocked: what it holds would be there twice;"
                " block it first with `tmr central block`."
            )
        lost.append(known)
    return lost


def check_waited(
    lost: Sequence[Registration],
    heard_at_s: Mapping[str, int],
    listed_at_s: int | None,
    wait_days: int,
    now_s: int,
    *,
    though_heard: bool,
) -> None:
    """Raises CentralRefused unless this firm waited `wait_days` for a sign of these, its lost
    group, and there was none; or `though_heard`. Nothing is waited for with 0 days.

    The time begins with the first block list that names all of them, made at `listed_at_s` (Unix
    time, None if there is none): before that, no plant knows that they are to be locked.
    `heard_at_s` says of which a sign came since they were blocked, and when.
    """
    if not wait_days:
        return
    if listed_at_s is None:
        raise CentralRefused(
            "No block list names this group yet, so nobody would lock it: make one with `tmr"
            f" central crl`. {wait_days} days after that its licences can be issued anew."
        )
    for one in lost:
        if one.serial in heard_at_s and not though_heard:
            raise CentralRefused(
                f"Container {one.serial} asked for something on {_day(heard_at_s[one.serial])},"
                " after it was blocked: so the group is not lost, or somebody else has it. Find"
                " out, and unblock it (`tmr central unblock`), or say --though-heard."
            )
    due_s = listed_at_s + wait_days * _DAY_S
    if now_s < due_s:
        raise CentralRefused(
            f"This firm waits {wait_days} days for a sign of a lost group: until {_day(due_s)}."
            " Nothing was issued."
        )


def _day(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(sep=" ", timespec="minutes")


def move_group(
    firm: FirmStore, cmact_id: str, group: Sequence[ActivatedContainer], ledger_id: str
) -> tuple[IssuedUpdate, ...]:
    """All licences of the group `cmact_id`, which is lost, for this new one: each twin gets what
    its predecessor held, under the same TMR-IDs, with the units confirmed in the ledger of that id.

    Raises CentralRefused.
    """
    lost = {held.container.twin: held for held in firm.group(cmact_id)}
    changes = []
    with firm.records.act() as connection:
        for container in group:
            if firm.issued_to(container.serial) is not None:
                raise CentralRefused(
                    f"Container {container.serial} holds licences of firm {firm.firm_code} already:"
                    " use `tmr central updates` to hand them out once more."
                )
            held = lost.get(container.twin)
            if held is not None:
                put = firm.content(held.serial)
                licences.empty(connection, firm.firm_code, held, container.serial)
                new = Held(container=container)
                changes.append(Change(held=new, put=put, units_confirmed=ledger_id))
        sold.move(connection, firm.firm_code, cmact_id, group[0].cmact_id)
        return firm.renew(changes, "reissue group", cmact_id)


def move_single(
    firm: FirmStore, alone: Held, group: Sequence[ActivatedContainer], *, units_anew: bool
) -> tuple[IssuedUpdate, ...]:
    """All that a container which stands alone holds, for this group under new TMR-IDs; its own next
    update takes it away there.

    A unit counter begins anew, in another ledger, so that has to be meant (`units_anew`). Raises
    CentralRefused.
    """
    items, serial = firm.content(alone.serial), alone.serial
    counted = [item.product_code for item in items if item.units]
    if not items:
        raise CentralRefused(f"Container {serial} holds no licence of firm {firm.firm_code} now.")
    if counted and not units_anew:
        raise CentralRefused(
            f"Product {counted[0]} has a unit counter, which begins anew with the group: issue it"
            " to the single container with what is left first (--single --instead --units), and say"
            " --units-anew."
        )
    with firm.records.act():
        put = firm.numbered(items)
        gone = tuple((item.product_code, item.tmr_id) for item in items)
        changes = [
            Change(held=firm.issued_to(one.serial) or Held(container=one), put=put) for one in group
        ]
        return firm.renew([*changes, Change(held=alone, dropped=gone)], "move", serial)


def single_holder(firm: FirmStore, serial: str) -> Held:
    """How far the firm is with this container, which stands alone. Raises CentralRefused."""
    alone = firm.issued_to(serial)
    if alone is None or alone.container.twin != SINGLE:
        raise CentralRefused(
            f"Firm {firm.firm_code} issued nothing to a single container {serial}; check the"
            " serial."
        )
    return alone


def holder(firm: FirmStore, lost: str, root: RootAuthority) -> Held:
    """Who holds the licences that this firm issued for the twin that `lost` was last.

    That is `lost`, or, if this firm was not asked when `lost` took a place over, a predecessor.
    Raises CentralRefused if nobody holds any.
    """
    serial = lost
    while serial:
        held = firm.issued_to(serial)
        with firm.records.reading() as connection:
            if held is not None and licences.holds_any(connection, firm.firm_code, serial):
                return held
        container = root.container(serial)
        serial = "" if container is None else container.replaces
    raise CentralRefused(
        f"Container {lost} holds no licence of firm {firm.firm_code}; what was issued anew already"
        " is handed out once more by `tmr central updates`."
    )


def move_one(firm: FirmStore, held: Held, new: ActivatedContainer) -> tuple[IssuedUpdate, ...]:
    """All that `held` holds, for the container that takes its place, beside what that has already.

    A licence that is on its way back is there when the new one confirms that it does not have it.
    """
    before = firm.issued_to(new.serial) or Held(container=new)
    gone, code = held.serial, firm.firm_code
    with firm.records.act() as connection:
        change = Change(held=before, put=firm.content(gone), units_confirmed=held.units_confirmed)
        licences.empty(connection, code, held, new.serial)
        for one in returned.of_container(connection, code, held.container.cmact_id, gone):
            sequences = {serial: at for serial, at in one.sequences.items() if serial != gone}
            if gone in one.sequences:
                sequences[new.serial] = change.sequence
            moved = msgspec.structs.replace(
                one,
                orders={serial: at for serial, at in one.orders.items() if serial != gone},
                sequences=sequences,
            )
            returned.put(connection, code, moved)
        return firm.renew((change,), "reissue for", gone)
