"""The judge finds every kind of planted wrong, and nothing in a history that is right.

An honest story is written down once; each test changes one thing in it, as a defect of the system
would, and says what the judge has to find.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import pytest

from appliance.lab.chaos.beliefs import beliefs
from appliance.lab.chaos.facts import (
    Bounds,
    DiskReplica,
    Facts,
    Issued,
    Log,
    LogEntry,
    SeenAct,
    committed,
)
from appliance.lab.chaos.judge import judge
from appliance.lab.chaos.records import Asked, Complaint, Records, Row, Told
from appliance.licences import reasons
from appliance.licences.commands import LeaseRef
from appliance.sim.history import (
    ALIVE,
    CHECK_IN,
    CHECK_OUT,
    CONSUME,
    EXPIRE,
    FOREVER,
    GONE,
    HEARTBEAT,
    SETTLE,
)

PRODUCT = (10, 1)
ISSUED = Issued(PRODUCT, 3, 1, 100)
TTL_S, VALID_S = 5, 20
WALL_MS = 1_000_000


@dataclass
class Story:
    """An honest run of one licence with one seat, as it is written down."""

    rows: list[Row] = field(default_factory=list)
    entries: list[LogEntry] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    left: int = 100
    replicas: list[DiskReplica] | None = None

    def entry(self, act: SeenAct) -> int:
        index = len(self.entries) + 1
        self.entries.append(LogEntry(index, 1000 * index, (act,)))
        return index

    def row(self, client: str, kind: str, at_s: float, told: Told | None = None, **more) -> Row:
        number = len(self.rows) + 1
        asked = Asked(number, client, kind, PRODUCT, f"{client}-1", at_s, **more)
        row = Row("worker1", asked, told)
        self.rows.append(row)
        return row

    def check_out(self, client: str, at_s: float, took_s: float = 0.1) -> int:
        command = f"{client} {at_s}".encode()
        generation = 7
        ref = LeaseRef(client, f"{client}-1")
        act = SeenAct(CHECK_OUT, ref, command, reasons.GRANTED, generation, 0, 0, 3, self.left)
        index = self.entry(act)
        told = Told(
            0, at_s + took_s, reasons.GRANTED, 3, generation, self.left, 0, TTL_S, VALID_S, index
        )
        told = msgspec.structs.replace(told, seats=((3, 1),))
        self.row(client, CHECK_OUT, at_s, told, command=command)
        return index

    def refused(self, client: str, at_s: float, reason: str = reasons.NO_SEAT_FREE) -> None:
        """Without an entry, as a seat that is not there is refused."""
        command = f"{client} {at_s}".encode()
        self.row(client, CHECK_OUT, at_s, Told(0, at_s + 0.1, reason), command=command)

    def beat(self, client: str, at_s: float, reason: str = ALIVE) -> None:
        self.row(client, HEARTBEAT, at_s, Told(0, at_s + 0.1, reason, generation=7))

    def consume(
        self, client: str, at_s: float, number: int, units: int, *, reserves: bool = False
    ) -> None:
        self.left -= units
        command = f"{client} {at_s}".encode()
        ref = LeaseRef(client, f"{client}-1")
        index = self.entry(
            SeenAct(CONSUME, ref, command, reasons.GRANTED, 7, number, units, 3, self.left)
        )
        told = Told(0, at_s + 0.1, reasons.GRANTED, 3, 7, self.left, units, TTL_S, VALID_S, index)
        more = {"generation": 7, "request": number, "units": units, "command": command}
        self.row(client, CONSUME, at_s, told, reserves=reserves, **more)

    def settle(self, client: str, at_s: float, number: int, units: int, used: int) -> None:
        """Of a request that took so many units so many were used."""
        self.left += units - used
        command = f"{client} {at_s}".encode()
        ref = LeaseRef(client, f"{client}-1")
        self.entry(SeenAct(SETTLE, ref, command, reasons.DONE, 7, number, used))
        told = Told(0, at_s + 0.1, reasons.DONE, generation=7, units_taken=used)
        more = {"generation": 7, "request": number, "units": used, "command": command}
        self.row(client, SETTLE, at_s, told, **more)

    def check_in(self, client: str, at_s: float, *, answered: bool = True) -> None:
        command = f"{client} in".encode()
        self.entry(SeenAct(CHECK_IN, LeaseRef(client, f"{client}-1"), command, reasons.DONE, 7))
        told = Told(0, at_s + 0.1, reasons.DONE) if answered else None
        self.row(client, CHECK_IN, at_s, told, generation=7, command=command)

    def expire(self, client: str) -> None:
        self.entry(SeenAct(EXPIRE, LeaseRef(client, f"{client}-1"), b"expire", reasons.DONE, 7))

    def facts(self) -> Facts:
        roots = tuple(bytes([entry.index]) for entry in self.entries)
        replicas = self.replicas or [
            DiskReplica(f"up{n}", len(roots), "1.tmr1", roots) for n in (1, 2, 3)
        ]
        rows = tuple(sorted(self.rows, key=lambda row: row.asked.called_s))
        log = Log(tuple(self.entries), {(*PRODUCT, 3): self.left})
        records = Records(rows, tuple(self.complaints))
        return Facts(records, (ISSUED,), log, tuple(replicas), WALL_MS)

    def violations(self) -> list[str]:
        return judge(self.facts()).violations


def honest() -> Story:
    """a takes the seat, b finds none; a consumes and leaves; b gets it and goes silent; c gets it
    when it has lapsed."""
    story = Story()
    story.check_out("a", 1.0)
    story.refused("b", 2.0)
    story.consume("a", 3.0, 1, 4)
    story.beat("a", 4.0)
    story.consume("a", 5.0, 2, 1)
    story.check_in("a", 6.0)
    story.check_out("b", 7.0)
    story.expire("b")
    story.check_out("c", 13.0)
    story.beat("c", 15.0)
    story.check_in("c", 16.0)
    return story


def replaced(story: Story, position: int, **changes) -> None:
    """Change the answer of one row."""
    row = story.rows[position]
    assert row.told is not None
    told = Told(**{**{f: getattr(row.told, f) for f in row.told.__struct_fields__}, **changes})
    story.rows[position] = dataclasses.replace(row, told=told)


def test_an_honest_run_passes() -> None:
    judgement = judge(honest().facts())
    assert judgement.violations == []
    assert judgement.histories == {PRODUCT: len(honest().rows) + 2}
    assert judgement.calls == len(honest().rows)


def reserved() -> Story:
    """a reserves nine units, has used four, and takes one more."""
    story = Story()
    story.check_out("a", 1.0)
    story.consume("a", 2.0, 1, 9, reserves=True)
    story.settle("a", 3.0, 1, 9, 4)
    story.consume("a", 4.0, 2, 1)
    story.check_in("a", 5.0)
    return story


def test_what_a_reservation_did_not_use_comes_back_once() -> None:
    story = reserved()
    assert (story.violations(), story.left) == ([], 95)
    story.left += 5
    assert any("units were issued, 5 taken, and 100 are left" in x for x in story.violations())


def test_a_settlement_that_its_client_did_not_send_is_found() -> None:
    story = reserved()
    del story.rows[2]
    assert any("never asked for request 1" in x for x in story.violations())
    told_other = reserved()
    replaced(told_other, 2, units_taken=3)
    assert any("request 1 took 3 units; the log says 4" in x for x in told_other.violations())


def test_an_unanswered_call_may_have_happened_or_not() -> None:
    happened = honest()
    happened.rows[5] = dataclasses.replace(happened.rows[5], told=None)  # a's check-in
    assert happened.violations() == []
    never = honest()
    never.row("d", CHECK_OUT, 6.5, command=b"lost on the way")
    assert never.violations() == []


def test_a_request_that_was_refused_may_take_a_seat_when_it_comes_a_second_time() -> None:
    """It went out on two connections: one host said no, the other one yes when a seat was free."""
    story = Story()
    story.check_out("a", 1.0)
    story.refused("b", 2.0)
    story.check_in("a", 3.0)
    again = LeaseRef("b", "b-1")
    story.entry(SeenAct(CHECK_OUT, again, b"b 2.0", reasons.GRANTED, 8, 0, 0, 3, story.left))
    story.refused("d", 4.0)
    story.expire("b")
    story.check_out("e", 13.0)
    assert story.violations() == []


# --- what is planted ---


def seat_given_twice(story: Story) -> None:
    story.refused("d", 7.5)
    story.entries.pop()
    story.rows.pop()
    story.check_out("d", 7.5)


def lost_grant(story: Story) -> None:
    entry = story.entries[0]
    story.entries[0] = dataclasses.replace(entry, acts=())


def another_outcome(story: Story) -> None:
    act = story.entries[0].acts[0]._replace(units_left=99)
    story.entries[0] = dataclasses.replace(story.entries[0], acts=(act,))


def unasked_grant(story: Story) -> None:
    story.entry(SeenAct(CHECK_OUT, LeaseRef("x", "x-1"), b"x", reasons.NO_SEAT_FREE))


def doubly_spent(story: Story) -> None:
    story.left -= 1


def unit_lost(story: Story) -> None:
    act = story.entries[2].acts[0]._replace(units=3)
    story.entries[2] = dataclasses.replace(story.entries[2], acts=(act,))


def unasked_units(story: Story) -> None:
    story.left -= 2
    ref = LeaseRef("c", "c-1")
    story.entry(SeenAct(CONSUME, ref, b"nobody", reasons.GRANTED, 7, 9, 2, 3, story.left))


def ended_too_early(story: Story) -> None:
    story.rows[7] = _at(story.rows[7], 8.0)  # c gets the seat a second after b did


def told_gone_too_early(story: Story) -> None:
    story.beat("c", 15.5, GONE)


def stale_refusal(story: Story) -> None:
    story.refused("d", 20.0)


def diverged(story: Story) -> None:
    roots = tuple(bytes([entry.index]) for entry in story.entries)
    other = (*roots[:4], b"other", *roots[5:])
    story.replicas = [
        DiskReplica("up1", len(roots), "1.tmr1", roots),
        DiskReplica("up2", 3, "1.tmr2", other),
        DiskReplica("up3", len(roots), "1.tmr1", roots),
    ]


def fell_back(story: Story) -> None:
    roots = tuple(bytes([entry.index]) for entry in story.entries)
    story.replicas = [
        DiskReplica("up1", len(roots), "1.tmr1", roots),
        DiskReplica("up2", 5, "1.tmr1", roots[:3]),
    ]


def time_went_back(story: Story) -> None:
    story.entries[4] = dataclasses.replace(story.entries[4], log_time_ms=1)


def time_ran_ahead(story: Story) -> None:
    last = story.entries[-1]
    story.entries[-1] = dataclasses.replace(last, log_time_ms=WALL_MS + 60_000)


def unearned(story: Story) -> None:
    story.beat("c", 15.2, "old-generation")


def complained(story: Story) -> None:
    story.complaints.append(Complaint(1.0, "a", "a-1", "the receipt is refused"))


def _at(row: Row, at_s: float) -> Row:
    asked, told = row.asked, row.told
    assert told is not None
    fields = {f: getattr(asked, f) for f in asked.__struct_fields__} | {"called_s": at_s}
    values = {f: getattr(told, f) for f in told.__struct_fields__} | {"returned_s": at_s + 0.1}
    return Row(row.worker, Asked(**fields), Told(**values))


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (seat_given_twice, "clients believe to hold 2 seats"),
        (seat_given_twice, "not linearizable"),
        (lost_grant, "the log does not say so"),
        (another_outcome, "the log does not say so"),
        (unasked_grant, "nobody asked for"),
        (doubly_spent, "units were issued"),
        (unit_lost, "the log says 3"),
        (unasked_units, "never asked for request 9"),
        (ended_too_early, "was ended within"),
        (ended_too_early, "clients believe to hold 2 seats"),
        (told_gone_too_early, "was told gone"),
        (stale_refusal, "not linearizable"),
        (diverged, "up2 and up1 hold different entries 5"),
        (fell_back, "up2 holds 3 entries, but knew 5"),
        (time_went_back, "log time went back"),
        (time_ran_ahead, "ahead of the true time"),
        (unearned, "was told old-generation"),
        (complained, "the receipt is refused"),
    ],
)
def test_what_is_planted_is_found(plant: Callable[[Story], None], words: str) -> None:
    story = honest()
    plant(story)
    assert any(words in violation for violation in story.violations()), story.violations()


# --- the parts ---


def test_a_belief_runs_out_by_the_clients_own_count() -> None:
    story = Story()
    story.check_out("a", 1.0)
    (belief,) = beliefs(story.rows)
    assert (belief.from_s, belief.until_s) == (1.1, 1.0 + TTL_S)


def test_heartbeats_extend_the_lease_but_not_the_receipt() -> None:
    story = Story()
    story.check_out("a", 1.0)
    for at_s in range(4, 40, 3):
        story.beat("a", float(at_s))
    (belief,) = beliefs(story.rows)
    assert (belief.from_s, belief.until_s) == (1.1, 1.0 + VALID_S)


def test_a_check_in_ends_a_belief_when_it_is_sent() -> None:
    story = Story()
    story.check_out("a", 1.0)
    story.check_in("a", 2.0, answered=False)
    (belief,) = beliefs(story.rows)
    assert belief.until_s == 2.0


def test_after_a_silence_a_client_believes_anew() -> None:
    story = Story()
    story.check_out("a", 1.0)
    story.check_out("a", 9.0)
    first, second = beliefs(story.rows)
    assert (first.until_s, second.from_s) == (1.0 + TTL_S, 9.1)


def test_entries_are_bounded_by_the_answers_around_them() -> None:
    story = honest()
    bounds = Bounds(story.facts().records.rows, len(story.entries))
    expire = next(e.index for e in story.entries if e.acts[0].kind == EXPIRE)
    assert bounds.launched_s(expire) == 7.0
    assert bounds.committed_s(expire) == 13.1
    assert bounds.committed_s(len(story.entries)) == FOREVER


R = tuple(bytes([number]) for number in range(1, 10))


@pytest.mark.parametrize(
    ("replicas", "best"),
    [
        # What two hold in one term is committed, though neither has been told.
        ([DiskReplica("a", 4, "t1", R[:6]), DiskReplica("b", 4, "t1", R[:5])], ("a", 5)),
        # In different terms it need not be.
        ([DiskReplica("a", 4, "t2", R[:6]), DiskReplica("b", 3, "t1", R[:5])], ("a", 4)),
        # One knows more than all others hold.
        (
            [
                DiskReplica("a", 7, "t2", R[:8]),
                DiskReplica("b", 3, "t1", R[:5]),
                DiskReplica("c", 0, "t0", ()),
            ],
            ("a", 7),
        ),
        ([DiskReplica("a", 0, "t1", ()), DiskReplica("b", 0, "t1", ())], ("", 0)),
    ],
)
def test_what_is_committed(replicas: list[DiskReplica], best: tuple[str, int]) -> None:
    assert committed(replicas) == best


def test_who_was_level_once_must_not_fall_back() -> None:
    facts = honest().facts()
    roots = facts.replicas[0].roots
    short = DiskReplica("up3", 2, "1.tmr1", roots[:4])
    facts = dataclasses.replace(facts, replicas=(*facts.replicas[:2], short))
    assert judge(facts).violations == []
    facts = dataclasses.replace(facts, level=5)
    assert any("up3 holds 4 entries" in what for what in judge(facts).violations)
