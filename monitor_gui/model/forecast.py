"""What an act would bring about, said before it is done: the text of every confirmation."""

from __future__ import annotations

from monitor_gui.model.ages import precise
from monitor_gui.model.matrix import LeaseRow
from monitor_gui.model.phrases import Phrase, say
from monitor_gui.model.picture import Picture
from monitor_gui.model.timeline import SWITCH, Entry


def usual_interruption(entries: list[Entry]) -> Phrase:
    """How long the last switches took, as a forecast; from at most ten of them."""
    known = [e.at_most_s for e in entries if e.kind == SWITCH and e.at_most_s is not None][-10:]
    if not known:
        return say("No switch has been seen yet. One usually takes about a second.")
    return say(
        "The last {n} switches took at most {middle} (median) and {worst} (longest).",
        n=len(known),
        middle=precise(sorted(known)[(len(known) - 1) // 2]),
        worst=precise(max(known)),
    )


def switchover_hindrance(picture: Picture) -> Phrase | None:
    """Why a switchover would be refused now, None if it would not."""
    if not picture.active:
        return say("No TMR host serves, so there is nothing to switch over.")
    spare = next((box for box in picture.tmr if box.name != picture.active), None)
    if spare is None or spare.role == "unreachable":
        return say("The other TMR host does not answer.")
    if spare.role == "maintenance":
        return say("{name} is in maintenance; end that first.", name=spare.name)
    return None


def switchover(picture: Picture, leases: int) -> Phrase:
    """What a switchover means."""
    spare = next((box.name for box in picture.tmr if box.name != picture.active), "")
    return say(
        "{spare} will serve instead of {active}. {n} leases stay. The client library "
        "repeats requests that fail meanwhile.",
        spare=spare,
        active=picture.active,
        n=leases,
    )


def maintenance(picture: Picture, host: str, on: bool) -> Phrase:
    """What beginning or ending a host's maintenance means."""
    if not on:
        return say("{host} may serve again. Nothing changes for clients now.", host=host)
    if host == picture.active:
        return say(
            "{host} is active: it hands over first, then stays passive until its maintenance "
            "ends. Meanwhile there is no spare TMR host.",
            host=host,
        )
    return say(
        "{host} will not take over until its maintenance ends. Meanwhile there is no spare "
        "TMR host: a failure of {active} would end the service.",
        host=host,
        active=picture.active or "the other",
    )


def write_off(row: LeaseRow) -> Phrase:
    """What it means to write off what is borrowed."""
    lease = row.lease
    return say(
        "Nothing of {product} is free before the loan ends, since nobody knows who uses it. Until "
        "then {who} borrows nothing more.",
        product=row.product,
        who=lease.client,
    )


def release(row: LeaseRow) -> Phrase:
    """What a forced release means for its holder."""
    lease = row.lease
    who = lease.holder.user or lease.client
    where = f" @ {lease.holder.host}" if lease.holder.host else ""
    taken = (
        say(" The {n} units it took stay used.", n=lease.units_taken) if lease.units_taken else ""
    )
    return say(
        "{who}{where} loses the seat for {product} at its next heartbeat, and what the program "
        "has not saved may be lost. The seat is free for others at once; a receipt that was "
        "given out stays valid until its period ends (10 minutes by default).{taken}",
        who=who,
        where=where,
        product=row.product,
        taken=taken,
    )
