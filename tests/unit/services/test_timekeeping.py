"""An upstream asks for certified time: each refusal leaves the times alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import pytest

from appliance.adapters import tsa
from appliance.adapters.container_home import BoxTimes, ContainerHome
from appliance.codec.block_list import build_block_list, certificate_number
from appliance.codec.certificates import (
    build_container_certificate,
    build_root_certificate,
)
from appliance.codec.certified_statements import read_statement
from appliance.codec.licence_files import build_update, read_update
from appliance.codec.time_responder import build_reply, read_query
from appliance.codec.timestamps import Trust
from appliance.ledger.replica import Replica
from appliance.ledger.surroundings import Recovered
from appliance.ledger.timing import Timing
from appliance.licences.machine import Machine
from appliance.licences.model import Blocked, Container, LicenceKey
from appliance.licences.state import State
from appliance.services.upstream.container import ContainerClock, HostContainer
from appliance.services.upstream.timekeeping import TimeKeeper, TimeServer
from appliance.sim.vendor import verify_store
from tests.unit.codec import time_world as tw
from tests.unit.codec import world
from tests.unit.ledger.world import STORES

TRUE_MS = tw.NOW_MS
YEAR_MS = 366 * 86_400_000


def block_list(number: int = 7, *blocked: str, days: int = 7, key=world.ROOT_KEY) -> bytes:
    """The root's block list with these serials on it."""
    number_of = certificate_number(world.CONTAINER_CERTIFICATES[1])
    entries = [(Blocked(serial, number_of, "Stolen"), world.NOW) for serial in blocked]
    until = world.NOW + timedelta(days=days)
    return build_block_list(key, world.ROOT, number, entries, world.NOW - timedelta(days=9), until)


@dataclass
class World:
    """A container on a computer whose clocks the test sets, and time servers that it scripts."""

    home: ContainerHome
    boot_ms: int = 1_000_000
    wall_ms: int = TRUE_MS
    state: State = field(default_factory=State)
    root: bytes = world.ROOT
    trust: Trust | None = None
    replies: dict[str, object] = field(default_factory=dict)
    lists: dict[str, object] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def start(self, *urls: str) -> TimeKeeper:
        """The container's service starts, with these time servers of its root."""
        self.clock = ContainerClock(self.home, lambda: self.boot_ms, lambda: self.wall_ms)
        self.clock.save()
        self.container = HostContainer(self.home)
        trust = self.trust or Trust.of_root(self.root)
        servers = [TimeServer(tsa.Place(url), trust) for url in urls]
        self.keeper = TimeKeeper(servers, self.clock, self.container, lambda: self.state, 3_600)
        return self.keeper

    def ask_time(self, place: tsa.Place, query: bytes) -> bytes:
        """Stands in for the network: the scripted reply, by default an honest one."""
        self.asked.append(place.url)
        self.boot_ms += 10
        reply = self.replies.get(place.url, 0)
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, bytes):
            return reply
        if callable(reply):
            return bytes(reply(query))
        assert isinstance(reply, int)  # the server's error in ms
        return self.honest(query, TRUE_MS + self.boot_ms - 1_000_000 + reply)

    @staticmethod
    def honest(query: bytes, time_ms: int, signer=tw.SIGNER) -> bytes:
        """What a time server says whose clock shows `time_ms`."""
        return build_reply(read_query(query), signer, 7, time_ms)

    def fetch_crl(self, place: tsa.Place) -> bytes:
        """The scripted block list."""
        data = self.lists.get(place.url, block_list())
        if isinstance(data, Exception):
            raise data
        assert isinstance(data, bytes)
        return data

    def true_ms(self) -> int:
        """What time it is."""
        return TRUE_MS + self.boot_ms - 1_000_000

    def reboot(self, wall_ms: int) -> None:
        """Boot time begins anew, with the computer's clock at `wall_ms`."""
        self.boot_ms, self.wall_ms = 5_000, wall_ms


@pytest.fixture
def here(tmp_path, monkeypatch) -> World:
    home = ContainerHome.create(
        tmp_path / "c", Random(1), "up1", serial=world.SERIALS[1], root_certificate=world.ROOT
    )
    made = World(home)
    monkeypatch.setattr(tsa, "ask_time", made.ask_time)
    monkeypatch.setattr(tsa, "fetch_crl", made.fetch_crl)
    return made


def run(coroutine):
    """Runs it to its end."""
    return asyncio.run(coroutine)


def update(here: World, *urls: str):
    """A fresh start with these servers, and one update on demand."""
    return run(_update(here, urls))


async def _update(here: World, urls):
    return await here.start(*(urls or ("http://a/",))).update()


def test_a_certified_update_sets_all_three_times_and_lasts(here):
    here.wall_ms = TRUE_MS + 40 * YEAR_MS
    here.start()
    assert here.clock.system_ms() >= TRUE_MS + 40 * YEAR_MS, "box time followed the computer"
    here.wall_ms = TRUE_MS
    updated = update(here)
    assert updated.certified_ms == here.true_ms(), updated.detail
    assert here.clock.system_ms() == here.clock.box_ms == here.true_ms()
    assert here.home.times() == BoxTimes(box_ms=here.true_ms(), certified_ms=here.true_ms())
    times = here.clock.times()
    assert (times.certified_age_s, times.box_age_s) == (0.0, 0.0)
    here.boot_ms += 60_000
    assert here.clock.times().certified_age_s == 60.0
    assert here.keeper.servers()[0].state == "ok"


def refused(here: World, said: str, *urls: str) -> None:
    """An update that is refused with this word, and changes no time."""
    here.start(*(urls or ("http://a/",)))
    before = (here.clock.certified_ms, here.home.times())
    updated = run(here.keeper.update())
    assert updated.certified_ms is None
    assert said in updated.detail
    assert here.clock.certified_ms == before[0]
    stored, was = here.home.times(), before[1]
    assert stored is not None and was is not None
    assert stored.certified_ms == was.certified_ms and stored.box_ms - was.box_ms < 1_000
    assert here.container.shown is None


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (tsa.AskFailed("redirected", "sent elsewhere"), "redirected: sent elsewhere"),
        (tsa.AskFailed("too-large", "20 MB"), "too-large"),
        (b"\x30\x03", "malformed"),
        (tw.reply_to(), "wrong-imprint"),
        (lambda query: World.honest(query, TRUE_MS)[:-40], "malformed"),
        (lambda query: World.honest(query, TRUE_MS + 2 * YEAR_MS), "expired-signer"),
    ],
)
def test_a_bad_answer_changes_nothing(here, reply, said):
    here.replies["http://a/"] = reply
    refused(here, said)


def test_a_server_that_drops_the_block_list_gives_no_certified_time(here):
    here.lists["http://a/"] = tsa.AskFailed("http-status", "answers 404")
    refused(here, "http-status: answers 404")


def test_a_block_list_that_is_not_the_roots_or_old_gives_none_either(here):
    here.lists["http://a/"] = b"no list"
    refused(here, "block-list malformed")
    here.lists["http://a/"] = block_list(5, days=-1)
    refused(here, "block-list stale")
    assert update(here, "http://b/").certified_ms is not None
    here.lists["http://a/"] = block_list(6)
    refused(here, "block-list older")


def test_a_blocked_container_learns_it_with_its_certified_time(here):
    here.lists["http://a/"] = block_list(8, here.home.serial)
    assert update(here).certified_ms is not None
    assert here.container.locked == "Stolen"
    here.start()
    assert here.container.locked == "Stolen", "and keeps it"


def test_a_corporate_server_sets_the_clock_but_never_behind_log_time(here):
    """Else a plant with a time server of its own could make log time stand still."""
    corporate = tw.Foreign()
    here.replies["http://a/"] = lambda query: World.honest(query, TRUE_MS, corporate.signer)
    here.trust = corporate.trust
    here.state.begin(TRUE_MS + 500_000)
    here.wall_ms = TRUE_MS + YEAR_MS
    assert update(here).certified_ms == TRUE_MS
    assert here.container.shown is None, "it is nothing to the ledger"
    assert here.container.content.block_list.number == 0, "nor has it a block list"
    here.state.begin(TRUE_MS + 700_000)
    refused(here, "before-log-time")


def test_no_server_at_all(here):
    here.start()
    assert "name one in the settings" in run(here.keeper.update()).detail


def test_the_next_server_is_asked_where_one_fails(here):
    here.replies["http://a/"] = tsa.AskFailed("unreachable", "gone")
    updated = update(here, "http://a/", "http://b/")
    assert updated.detail == "certified by http://b/"
    assert [one.state for one in here.keeper.servers()] == ["failed", "ok"]
    assert here.asked == ["http://a/", "http://b/"]


def test_two_are_compared_and_the_third_is_left_in_peace(here):
    assert update(here, "http://a/", "http://b/", "http://c/").certified_ms is not None
    assert here.asked == ["http://a/", "http://b/"]


def test_two_that_differ_at_the_start_are_both_told(here):
    here.replies["http://b/"] = 3_600_000
    refused(here, "nothing tells who is right", "http://a/", "http://b/")
    assert [one.state for one in here.keeper.servers()] == ["liar", "liar"]


def test_a_liar_is_found_out_by_what_was_certified_before(here):
    async def story() -> None:
        keeper = here.start("http://a/", "http://b/")
        assert (await keeper.update()).certified_ms is not None
        here.boot_ms += 600_000
        here.replies["http://a/"] = 3_600_000
        updated = await keeper.update()
        assert updated.detail == "certified by http://b/"
        assert [one.state for one in keeper.servers()] == ["liar", "ok"]
        assert here.clock.system_ms() == here.true_ms()

    run(story())


def test_a_token_from_the_future_is_refused(here):
    async def story() -> None:
        keeper = here.start("http://a/")
        assert (await keeper.update()).certified_ms is not None
        was = here.clock.certified_ms
        here.boot_ms += 600_000
        here.replies["http://a/"] = 60_000
        updated = await keeper.update()
        assert updated.certified_ms is None and "from the future" in updated.detail
        assert here.clock.certified_ms == was
        assert here.clock.system_ms() == here.true_ms()

    run(story())


def test_a_statement_for_the_ledger_comes_with_it(here, monkeypatch):
    here.state.begin(TRUE_MS - 5)
    update(here)
    assert here.container.shown is None, "no vendor has certified this container yet"
    certificate = world.CONTAINER_CERTIFICATES[1]

    async def story() -> None:
        keeper = here.start("http://a/")
        monkeypatch.setattr(ContainerHome, "certificate", property(lambda _: certificate))
        monkeypatch.setattr(here.home, "sign", world.CONTAINER_KEYS[1].sign)
        await keeper.update()
        shown = here.container.shown
        assert shown is not None
        statement = read_statement(shown.statement, world.ROOT)
        assert (shown.time_ms, shown.asked_log_time_ms) == (statement.time_ms, TRUE_MS - 5)
        assert (statement.serial, statement.asked_log_time_ms) == (world.SERIALS[1], TRUE_MS - 5)

    run(story())


# --- the computer's clock (docs/time.md has this table) ---


def test_the_clock_set_back_gains_nothing(here):
    update(here)
    for wall_ms in (TRUE_MS - 3_600_000, TRUE_MS - 17 * YEAR_MS):
        here.wall_ms = wall_ms
        here.boot_ms += 60_000
        here.clock.save()
        assert here.clock.system_ms() == here.true_ms()
    here.start()
    assert here.clock.system_ms() == here.true_ms(), "nor across a restart"


def test_the_clock_set_back_across_a_reboot_costs_only_the_pause(here):
    update(here)
    stored = here.clock.box_ms
    here.reboot(TRUE_MS - 17 * YEAR_MS)
    here.start()
    assert here.clock.system_ms() == stored
    here.boot_ms += 60_000
    assert here.clock.system_ms() == stored + 60_000


def test_the_clock_set_forward_moves_box_time_until_a_certified_update(here):
    update(here)
    here.wall_ms = TRUE_MS + 24 * YEAR_MS
    assert here.clock.system_ms() == here.true_ms(), "not before the next storing"
    here.clock.save()
    assert here.clock.system_ms() == TRUE_MS + 24 * YEAR_MS
    here.wall_ms = here.true_ms()
    here.clock.save()
    assert here.clock.system_ms() == TRUE_MS + 24 * YEAR_MS, "putting it right is not enough"
    assert update(here).certified_ms == here.clock.system_ms() == here.true_ms()


def test_an_update_with_the_computers_clock_still_ahead_lasts_until_the_next_storing(here):
    here.wall_ms = TRUE_MS + 24 * YEAR_MS
    update(here)
    assert here.clock.system_ms() == here.true_ms()
    here.clock.save()
    assert here.clock.system_ms() == TRUE_MS + 24 * YEAR_MS


def test_suspend_counts(here):
    """Boot time counts through sleep, so system time does, whatever the computer's clock says."""
    update(here)
    here.boot_ms += 8 * 3_600_000
    here.wall_ms = TRUE_MS
    assert here.clock.system_ms() == here.true_ms()


def test_a_reboot_with_the_right_clock_counts_the_pause(here):
    update(here)
    here.reboot(TRUE_MS + 3_600_000)
    here.start()
    assert here.clock.system_ms() == TRUE_MS + 3_600_000


# --- the story of the manual, on a single container ---


def vouches(here: World, key: LicenceKey) -> bool:
    """Whether this container, by its own clock, vouches for a grant of this licence."""
    machine = Machine(read_world_update)
    store = STORES["up1"]
    replica = Replica(
        machine, here.container, verify, store, verify_store, Timing(0.1), Recovered()
    )
    for twin, serial in world.SERIALS.items():
        replica.book.state.set_container(
            Container(
                serial=serial,
                cmact_id=world.CMACT_ID,
                twin=twin,
                certificate=world.CONTAINER_CERTIFICATES[twin],
                firms=here.container.content.firms,
            )
        )
    return replica._vouches(key, here.clock.system_ms())


def read_world_update(data: bytes):
    return read_update(data, world.ROOT)


def verify(certificate: bytes, data: bytes, signature: bytes) -> bool:
    return False


def test_the_manuals_story(here):
    """Clock set to 2009: a licence to the end of 2008 dies. A certified update revives it."""
    june_2008 = datetime(2008, 6, 1, tzinfo=UTC)
    identity = world.CONTAINERS[1]._replace(public_key=here.home.public_key)
    certificate = build_container_certificate(
        world.ROOT_KEY, world.ROOT, identity, june_2008, Random(3)
    )
    ends_s = int(datetime(2009, 1, 1, tzinfo=UTC).timestamp())
    item = world.item(expires_at_s=ends_s)
    update_ = world.update(certificate=certificate)
    firm = msgspec.structs.replace(update_.firm, items=(item,))
    here.home.import_update(
        build_update(
            world.FIRM_A_KEY,
            world.FIRM_A_CERTIFICATE,
            msgspec.structs.replace(update_, firm=firm),
        )
    )
    key = LicenceKey(firm.firm_code, item.product_code, item.tmr_id)
    # No certificate counts before its time: this root is as old as the story.
    here.root = build_root_certificate(
        world.ROOT_KEY, "Test root", datetime(2007, 1, 1, tzinfo=UTC), Random(9)
    )
    true_ms = here.wall_ms = int(june_2008.timestamp() * 1000)
    here.start("http://a/")
    assert vouches(here, key)
    here.wall_ms = int(datetime(2009, 6, 1, tzinfo=UTC).timestamp() * 1000)
    here.clock.save()
    assert not vouches(here, key), "the clock is set to 2009: it dies"
    here.wall_ms = true_ms
    here.clock.save()
    here.start("http://a/")
    assert not vouches(here, key), "putting the clock right does not help, nor does a restart"
    signed = tw.certificate(validity=(june_2008 - timedelta(days=9), june_2008 + timedelta(days=9)))
    signer = tw.SIGNER._replace(certificate=signed)
    here.replies["http://a/"] = lambda query: World.honest(query, true_ms, signer)
    assert run(here.keeper.update()).certified_ms == true_ms
    assert vouches(here, key), "a certified update revives it"
