"""The computer's clock set back and forth: what becomes of a container's times (docs/time.md)."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import pytest

from appliance.adapters import clock
from appliance.codec.certificates import build_container_certificate, build_root_certificate
from appliance.codec.licence_files import build_update, read_update
from appliance.lab.clock_shift import ClockShift, compiler
from appliance.ledger.replica.objections import objections_to
from appliance.ledger.replica.replica import Replica
from appliance.ledger.replica.surroundings import Recovered
from appliance.ledger.timing import Timing
from appliance.licences.commands import Outcome
from appliance.licences.grants import Line
from appliance.licences.machine import Machine
from appliance.licences.model import Container, LicenceKey
from appliance.licences.reasons import GRANTED
from appliance.services.central.root_key import RootKey
from appliance.services.settings import TimeServerSettings, dump
from appliance.sim.vendor import verify_store
from tests.unit.codec import time_world as tw
from tests.unit.codec import world
from tests.unit.ledger.world import STORES
from tests.unit.services import time_server_world
from tests.unit.services.clock_world import (
    TRUE_MS,
    YEAR_MS,
    World,
    make_world,
    run,
    update,
)
from tests.unit.services.upstream_world import Deployment, Upstream, eventually


@pytest.fixture
def here(tmp_path, monkeypatch) -> World:
    return make_world(tmp_path, monkeypatch)


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
                serial=here.home.serial if twin == 1 else serial,
                cmact_id=world.CMACT_ID,
                twin=twin,
                certificate=world.CONTAINER_CERTIFICATES[twin],
                firms=here.container.content.firms,
            )
        )
    state = replica.book.state
    line = Line(key.product_code, key.tmr_id, 1, state.view[key].item_hash)
    granted = Outcome(GRANTED, firm_code=key.firm_code, lines=(line,))
    return not objections_to((granted,), here.container, state, here.clock.system_ms())


def read_world_update(data: bytes):
    return read_update(data, world.ROOT)


def verify(certificate: bytes, data: bytes, signature: bytes) -> bool:
    return False


def test_the_manuals_story(here):
    """Clock set to 2009: a licence to the end of 2008 dies. A certified update revives it."""
    june_2008 = datetime(2008, 6, 1, tzinfo=UTC)
    identity = world.CONTAINERS[1]._replace(
        serial=here.home.serial, public_key=here.home.public_key
    )
    certificate = build_container_certificate(
        world.ROOT_KEY, world.ROOT, identity, june_2008, Random(3)
    )
    ends_s = int(datetime(2009, 1, 1, tzinfo=UTC).timestamp())
    item = world.item(expires_at_s=ends_s)
    update_ = world.update(certificate=certificate, serial=here.home.serial)
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


# --- a real process, by a clock that is really shifted ---


def test_a_shifted_clock_moves_an_upstream_until_a_certified_update(tmp_path):
    """The computer's clock a year ahead: box time follows; put right, only certified time helps."""
    if compiler() is None and os.environ.get("CI") != "true":
        pytest.skip("a C compiler is needed to shift a process's clock")
    (tmp_path / "central").mkdir()
    root = RootKey.create(tmp_path / "central" / "root", "Test root", world.NOW, Random(1))
    (tmp_path / "up1").mkdir()
    up = Upstream(tmp_path / "up1", Deployment(tmp_path / "pki"))
    (up.path / "root.der").write_bytes(root.certificate)
    server = time_server_world.TimeServer(tmp_path / "ts1", root)
    server.start()
    asked = (TimeServerSettings(url=server.url),)
    up.settings = msgspec.structs.replace(up.settings, time_servers=asked, box_time_save_s=1.0)
    up.config.write_text(dump(up.settings))
    shift = ClockShift(tmp_path / "clock")
    up.start(**shift.environment)

    def ahead_ms() -> int:
        system_ms: int = up.status()["times"]["system_ms"]
        return system_ms - clock.wall_ms()

    try:
        assert abs(ahead_ms()) < 60_000
        shift.set(YEAR_MS // 1000)
        eventually(lambda: ahead_ms() > YEAR_MS - 60_000, "box time follows the computer's clock")
        shift.set(0)
        assert up.stop() == 0
        up.settings = msgspec.structs.replace(up.settings, time_servers=())
        up.config.write_text(dump(up.settings))
        up.start(**shift.environment)
        assert ahead_ms() > YEAR_MS - 60_000, "nor does a restart bring it back"
        assert up.ask("operator", "POST", "/v1/time")[0] == 502
        assert up.stop() == 0
        up.settings = msgspec.structs.replace(up.settings, time_servers=asked)
        up.config.write_text(dump(up.settings))
        up.start(**shift.environment)
        status, data = up.ask("operator", "POST", "/v1/time")
        assert status == 200, data
        assert abs(ahead_ms()) < 60_000
    finally:
        server.stop()
        assert up.stop() == 0
