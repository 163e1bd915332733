"""Each kind of licence in use. A use stops once, where the power of the active host is cut, and
gives what was seen in one sentence."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Final

from appliance.client import Refused
from appliance.lab.hosts import UPSTREAMS
from appliance.lab.story.stage import require
from appliance.lab.table.desk import FIRM, Desk, holder

Steps = Generator[None, None, str]
UNITS: Final = 100
CONTAINERS: Final = len(UPSTREAMS)
PERIOD_S: Final = 7 * 24 * 3600


def unlimited(desk: Desk) -> Steps:
    """A licence without an end: two seats, and no third."""
    product = desk.buy("Press control", "--quantity", "2")
    require(desk.licence(product).expires_at_s is None, "the licence has an end")
    first, second = desk.seat(product), desk.seat(product)
    reason = desk.refused(product)
    require(reason == "no-seat-free", f"the third seat was refused as {reason}")
    yield
    desk.again(product, first)
    desk.again(product, second)
    reason = desk.refused(product)
    require(reason == "no-seat-free", f"after the power cut the third was refused as {reason}")
    desk.give_back(first, second)
    return "no end; two seats went on as the same grants, and there was no third"


def time_limited(desk: Desk) -> Steps:
    """A licence until a date: held before it, refused after."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    product = desk.buy("Trial", "--quantity", "1", "--expires", _text(tomorrow))
    lease = desk.seat(product)
    yield
    desk.again(product, lease)
    desk.give_back(lease)
    end = datetime.now(UTC) - timedelta(seconds=1)
    desk.change(product, "--expires", _text(end))
    desk.stage.wait_for("the end of the licence", lambda: not desk.licence(product).available)
    reason = desk.refused(product)
    require(reason == "licence-expired", f"after its end it was refused as {reason}")
    return "held until its end, as the same grant; refused after it: licence-expired"


def emergency(desk: Desk) -> Steps:
    """A licence for a cold standby: its period begins with the first use, and the vendor gives it
    anew."""
    product = desk.buy("Standby", "--usage-period-s", str(PERIOD_S))
    require(desk.licence(product).usage_started_s is None, "its period began before its use")
    lease = desk.seat(product)
    began_at_s = desk.licence(product).usage_started_s
    require(began_at_s is not None, "its period did not begin with its use")
    yield
    desk.again(product, lease)
    later_s = desk.licence(product).usage_started_s
    require(later_s == began_at_s, "its period began anew with the other host")
    desk.give_back(lease)
    desk.change(product, "--usage-period-s", "1")
    desk.stage.wait_for("the end of its period", lambda: not desk.licence(product).available)
    reason = desk.refused(product)
    require(reason == "usage-period-over", f"after its period it was refused as {reason}")
    desk.change(product, "--usage-period-s", str(PERIOD_S), "--usage-reset", "1")
    desk.stage.wait_for("the vendor's reset", lambda: desk.licence(product).available)
    desk.give_back(desk.seat(product))
    return (
        "its period began with the first use and not before, went on at the other host, ended "
        "as usage-period-over, and began anew when the vendor reset it"
    )


def tracking(desk: Desk) -> Steps:
    """The usage record: uses that began before the power cut and end after it are counted once, and
    two containers prove that nothing of it is missing."""
    product = desk.buy("Press line", "--quantity", "2")
    first, second = desk.seat(product), desk.seat(product, holder=holder("grace"))
    yield
    desk.again(product, first)
    desk.give_back(first, second)
    name = f"{FIRM.code}:{product}"
    rows = desk.usage("report", "--by", "product,user")["rows"]
    uses = {row["of"]["user"]: row["sessions"] for row in rows if row["of"]["product"] == name}
    require(uses == {"ada": 1, "grace": 1}, f"the record has these uses: {uses}")
    (row,) = (
        row
        for row in desk.usage("report", "--by", "product")["rows"]
        if row["of"]["product"] == name
    )
    peak, seat_s = row["in_use_peak"], row["seat_s"]
    require(peak == 2 and seat_s > 0, f"{peak} seats were in use at most, for {seat_s} s")
    verdict = desk.stage.wait_for("the proof of the record", lambda: desk.usage("verify"))
    hosts = {(one["host_before"], one["host_after"]) for one in verdict["outages"]}
    took_over = any(before and before != after for before, after in hosts)
    require(took_over, f"the record shows no other host that took over: {hosts}")
    return (
        f"two uses through the power cut, each once, two seats at most; entries 1 to"
        f" {verdict['proven_to']} proven by two containers, with the outage"
    )


def access_list(desk: Desk) -> Steps:
    """Rules on who may have a seat: one is denied, one seat is reserved, and a host that takes over
    says the same. A change of them ends no lease."""
    product = desk.buy("Press planning", "--quantity", "3")
    early = desk.seat(product, holder=holder("eve"))
    head = f"[[set]]\nfirm = {FIRM.code}\nproduct = {product}\n"
    denies = '[[set.rule]]\ndeny = ["user:Eve"]\n'
    desk.apply_rules(
        f'{head}{denies}[[set.rule]]\nreserve = 1\nfor = ["user:grace", "user:bob"]\n'
        '[[set.rule]]\nmax = 1\nfor = ["user:bob"]\n'
    )
    shared = desk.seat(product)

    def told() -> tuple[str, ...]:
        return tuple(desk.refused(product, holder=holder(user)) for user in ("eve", "ada"))

    require(told() == ("denied-by-rule", "seats-reserved"), f"before the power cut: {told()}")
    yield
    desk.again(product, shared)
    require(told() == ("denied-by-rule", "seats-reserved"), f"after the power cut: {told()}")
    reserved = desk.seat(product, holder=holder("bob"))
    desk.give_back(early)
    reason = desk.refused(product, holder=holder("bob"))
    require(reason == "maximum-reached", f"a second seat for one was refused as {reason}")
    desk.apply_rules(f"{head}{denies}")
    desk.give_back(desk.seat(product), shared, reserved)
    return (
        "denied-by-rule, seats-reserved and maximum-reached before and after, by the same rules;"
        " no lease ended by a change of them"
    )


def use_based(desk: Desk) -> Steps:
    """A unit counter: what was taken is taken, and no more than there is."""
    product = desk.buy("Parts pressed", "--units", str(UNITS))
    lease = desk.seat(product)
    call = desk.stage.clients.call
    left = call(lease.consume(30)).units_left
    require(left == UNITS - 30, f"{left} units are left")
    yield
    left = call(lease.consume(50)).units_left
    require(left == UNITS - 80, f"{left} units are left after the power cut")
    try:
        left = call(lease.consume(21)).units_left
        reason = f"granted, {left} left"
    except Refused as refused:
        reason = refused.reason
    require(reason == "units-exhausted", f"more units than there are: {reason}")
    left = desk.licence(product).units_left
    require(left == UNITS - 80, f"the licence shows {left} units")
    desk.give_back(lease)
    return f"30 units before and 50 after, each once; {left} of {UNITS} left, and 21 were refused"


def activation(desk: Desk) -> Steps:
    """A ticket of three seats, of which one is activated before the power cut: the same command
    gets nothing twice from the other host, and the rest is there for another one."""
    product, ticket = desk.sell("Press diagnosis", "--quantity", "3")
    got = desk.activate(ticket, "1x1")
    require(len(got) == CONTAINERS, f"{len(got)} containers got their part")
    desk.stage.wait_for("the activated seat", lambda: desk.licence(product).available)
    lease = desk.seat(product)
    yield
    desk.again(product, lease)
    got = desk.activate(ticket, "1x1")
    require(not got, "what was activated was issued once more")
    reason = desk.refused(product)
    require(reason == "no-seat-free", f"a seat that was not activated was refused as {reason}")
    desk.activate(ticket)
    more = desk.stage.wait_for("the rest of the ticket", lambda: desk.seats(product, 2))
    require(desk.refused(product) == "no-seat-free", "there are more seats than were sold")
    desk.give_back(lease, *more)
    return "one command for all three; the same once more got nothing twice, and the rest came"


def _text(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
