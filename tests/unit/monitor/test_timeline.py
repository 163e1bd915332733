"""The failover history: what is recorded, and that interruptions are bracketed."""

from __future__ import annotations

import asyncio
import string
from pathlib import Path

import pytest

from appliance.codec import api
from monitor_gui.feed.history import History
from monitor_gui.model.timeline import (
    ADDRESS,
    HAPPENED,
    HOST,
    LOST,
    OPERATOR,
    OUTAGE,
    SWITCH,
    UPSTREAM,
    Entry,
    Timeline,
)
from tests.unit.monitor.documents import status

UNIX_S = 1_800_000_000.0


class Watch:
    """A timeline that is told things by hand; keeps the entries."""

    def __init__(self) -> None:
        self.timeline = Timeline()
        self.entries: list[Entry] = []

    def heard(self, at_s: float, document: api.StatusDocument) -> None:
        """A host answered."""
        self.entries += self.timeline.heard(document, at_s, UNIX_S + at_s)

    def phase(self, at_s: float, host: str, phase: str) -> None:
        """A host's coordinator changed its phase."""
        data = {"host": host, "phase": phase}
        self.entries += self.timeline.happened("phase", data, at_s, UNIX_S + at_s)

    def passed(self, at_s: float) -> None:
        """Nothing was heard."""
        self.entries += self.timeline.passed(at_s, UNIX_S + at_s)

    def of(self, kind: str) -> list[Entry]:
        """The entries of a kind."""
        return [entry for entry in self.entries if entry.kind == kind]


def told(watch: Watch, kind: str) -> list[str]:
    """What the history says of that kind."""
    return [str(entry.phrase) for entry in watch.of(kind)]


def test_an_orderly_switchover_is_measured_by_its_events() -> None:
    watch = Watch()
    watch.heard(10.0, status("tmr1", "tmr1", term=1))
    watch.heard(10.1, status("tmr2", "tmr1"))
    watch.phase(10.20, "tmr1", "passive")
    watch.phase(10.25, "tmr2", "serving")
    watch.heard(10.30, status("tmr2", "tmr2", term=2))
    (switch,) = watch.of(SWITCH)
    assert str(switch.phrase) == "tmr2 took over from tmr1"
    assert (switch.host, switch.term) == ("tmr2", 2)
    assert switch.at_least_s == pytest.approx(0.05)
    assert switch.at_most_s == pytest.approx(0.25)


def test_a_power_cut_is_told_as_a_bracket_from_the_last_sign() -> None:
    watch = Watch()
    watch.heard(10.0, status("tmr1", "tmr1", term=1))
    watch.phase(11.2, "tmr2", "serving")
    watch.heard(11.25, status("tmr2", "tmr2", term=2))
    (switch,) = watch.of(SWITCH)
    assert switch.at_least_s == 0.0
    assert switch.at_most_s == pytest.approx(1.2)


def test_a_long_loss_is_told_before_it_is_over() -> None:
    watch = Watch()
    watch.heard(10.0, status("tmr1", "tmr1"))
    watch.passed(11.0)
    assert watch.of(LOST) == []
    watch.passed(12.0)
    watch.passed(13.0)
    assert len(watch.of(LOST)) == 1
    watch.heard(15.0, status("tmr1", "tmr1"))
    (switch,) = watch.of(SWITCH)
    assert str(switch.phrase) == "tmr1 serves again"
    assert switch.at_most_s == pytest.approx(5.0)


def test_a_loss_is_told_although_every_host_answers() -> None:
    """Quorum lost: nobody is silent, so nothing but answers tells of it."""
    watch = Watch()
    watch.heard(10.0, status("tmr1", "tmr1"))
    for at_s in (10.5, 11.0, 12.0, 12.5):
        watch.heard(at_s, status("tmr1", ""))
        watch.heard(at_s + 0.1, status("tmr2", ""))
    (lost,) = watch.of(LOST)
    assert (lost.host, lost.unix_s) == ("tmr1", UNIX_S + 12.0)
    watch.heard(14.0, status("tmr1", "tmr1", term=2))
    (switch,) = watch.of(SWITCH)
    assert switch.at_least_s == pytest.approx(3.5)
    assert switch.at_most_s == pytest.approx(4.0)


def test_a_slow_answer_is_no_loss_while_the_twin_calls_it_active() -> None:
    watch = Watch()
    watch.heard(10.0, status("tmr1", "tmr1"))
    for at_s in (10.5, 12.0, 14.0):
        watch.heard(at_s, status("tmr2", "tmr1"))
    assert watch.of(LOST) == []


def test_a_quiet_system_says_nothing() -> None:
    watch = Watch()
    for step in range(20):
        watch.heard(10 + step / 2, status("tmr1", "tmr1"))
        watch.heard(10.1 + step / 2, status("tmr2", "tmr1"))
        watch.passed(10.2 + step / 2)
    assert [entry.kind for entry in watch.entries] == ["monitor"]


def test_a_deposed_host_that_still_claims_to_serve_changes_nothing() -> None:
    watch = Watch()
    watch.heard(10.0, status("tmr1", "tmr1", term=1))
    watch.heard(10.5, status("tmr2", "tmr2", term=2))
    watch.heard(10.6, status("tmr1", "tmr1", term=1))
    assert len(watch.of(SWITCH)) == 1


def test_upstreams_come_and_go() -> None:
    watch = Watch()
    watch.heard(10.0, status())
    watch.heard(10.5, status(lost=("up2",)))
    watch.heard(11.0, status())
    assert told(watch, UPSTREAM) == [
        "up2 is lost",
        "up2 answers again",
    ]


def test_the_address_moves_once_although_two_answers_disagree_for_a_moment() -> None:
    watch = Watch()
    watch.heard(10.0, status("tmr1", "tmr1"))
    watch.heard(10.1, status("tmr2", "tmr1"))
    watch.heard(10.5, status("tmr2", "tmr2", term=2))
    watch.heard(10.6, status("tmr1", "tmr2"))
    assert told(watch, ADDRESS) == ["the virtual IP moved from tmr1 to tmr2"]


def test_an_address_on_both_is_told_if_it_lasts() -> None:
    watch = Watch()
    watch.heard(10.0, status("tmr1", "tmr1"))
    for at_s in (10.5, 11.0, 13.0):
        watch.heard(at_s, status("tmr2", "tmr2", term=2))
    assert "on tmr1 and tmr2 at once" in told(watch, ADDRESS)[-1]


def test_a_dead_hosts_last_word_about_the_address_does_not_count() -> None:
    watch = Watch()
    watch.heard(10.0, status("tmr1", "tmr1"))
    watch.timeline.unheard("tmr1")
    for at_s in (10.5, 13.0, 16.0):
        watch.heard(at_s, status("tmr2", "tmr2", term=2))
    assert told(watch, ADDRESS) == ["the virtual IP moved from tmr1 to tmr2"]


def test_a_silent_host_is_told_once() -> None:
    timeline = Timeline()
    timeline.heard(status("tmr2", "tmr1"), 10.0, UNIX_S)
    assert [entry.kind for entry in timeline.missed("tmr2", UNIX_S)] == [HOST]
    assert timeline.missed("tmr2", UNIX_S) == []
    assert str(timeline.answers("tmr2", UNIX_S)[0].phrase) == "tmr2 answers again"


def test_operators_acts_stand_with_who_and_why() -> None:
    data = {"action": "switchover", "host": "tmr2", "who": "cert:olga", "why": "patching"}
    (entry,) = Timeline().happened("operator", data | {"outcome": "done"}, 1.0, UNIX_S)
    assert (entry.kind, str(entry.phrase)) == (OPERATOR, "switchover tmr2 by cert:olga: patching")
    assert Timeline().happened("operator", data | {"outcome": "refused"}, 1.0, UNIX_S) == []


def test_the_history_survives_a_restart_and_a_damaged_line(tmp_path: Path) -> None:
    history = History(tmp_path / "state")
    entries = [Entry(unix_s=float(n), kind=SWITCH, text=f"{n}", at_most_s=0.5) for n in range(3)]

    async def write_and_read() -> tuple[Entry, ...]:
        await history.append("Plant 1", entries[:2])
        path = history.path("Plant 1")
        assert path is not None
        with path.open("ab") as file:
            file.write(b'{"unix_s": "half a li\n\xff\xfe\n')
        await history.append("Plant 1", entries[2:])
        assert await History(tmp_path / "state").load("another") == ()
        return await History(tmp_path / "state").load("Plant 1")

    assert asyncio.run(write_and_read()) == tuple(entries)


def test_a_history_of_an_earlier_version_opens_with_its_sentences_as_they_are(
    tmp_path: Path,
) -> None:
    history = History(tmp_path)
    path = history.path("plant")
    assert path is not None
    path.write_text(
        '{"unix_s":1.5,"kind":"switch","text":"tmr2 took over from tmr1","host":"tmr2","term":2,'
        '"at_least_s":0.1,"at_most_s":0.5}\n'
        '{"unix_s":2.5,"kind":"upstream","text":"up2 is {lost}","host":"up2"}\n'
    )
    new = Entry(unix_s=3.5, kind=UPSTREAM, host="up2", code="answers")
    asyncio.run(history.append("plant", [new]))
    old, odd, again = asyncio.run(History(tmp_path).load("plant"))
    assert (str(old.phrase), old.at_most_s) == ("tmr2 took over from tmr1", 0.5)
    assert (str(odd.phrase), again) == ("up2 is {lost}", new)
    assert str(again.phrase) == "up2 answers again"


def test_every_code_of_the_history_says_what_its_entry_holds() -> None:
    for code, phrase in HAPPENED.items():
        places = {name for _, name, _, _ in string.Formatter().parse(phrase.template) if name}
        values = tuple((name, f"«{name}»") for name in sorted(places - {"host"}))
        entry = Entry(unix_s=1, kind=HOST, host="tmr1", code=code, values=values)
        assert all(f"«{name}»" in str(entry.phrase) for name in places - {"host"})
        assert str(Entry(unix_s=1, kind=HOST, code=code).phrase), "a line that lacks its values"


def test_a_disk_that_cannot_be_written_costs_the_record_only(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    history = History(blocked)
    asyncio.run(history.append("plant", [Entry(unix_s=1, kind=SWITCH, text="")]))
    assert "cannot be written" in history.trouble


def test_an_outage_of_two_upstreams_is_no_switch() -> None:
    watch = Watch()
    watch.heard(10.0, status("tmr1", "tmr1", term=1))
    for at_s in (11.0, 12.0, 13.0):
        watch.heard(at_s, status("tmr1", "nobody", lost=("up1", "up2")))
    watch.heard(14.0, status("tmr1", "tmr1", term=2))
    assert watch.of(SWITCH) == []
    (outage,) = watch.of(OUTAGE)
    assert str(outage.phrase) == "tmr1 serves again" and outage.at_most_s == 4.0


def test_two_hosts_that_see_it_differently_do_not_alternate() -> None:
    """Nobody serves, and for a while one host still hears the upstream that another lost."""
    watch = Watch()
    watch.heard(10.0, status("tmr1", "tmr1", term=1))
    for tenth in range(0, 30, 2):
        watch.heard(12.0 + tenth / 10, status("tmr1", "nobody", lost=("up2",)))
        watch.heard(12.1 + tenth / 10, status("tmr2", "nobody"))
    assert len(watch.of(UPSTREAM)) <= 1
    for tenth in range(0, 30, 2):
        watch.heard(16.0 + tenth / 10, status("tmr1", "nobody", lost=("up2",)))
        watch.heard(16.1 + tenth / 10, status("tmr2", "nobody", lost=("up2",)))
    assert told(watch, UPSTREAM) == ["up2 is lost"]
