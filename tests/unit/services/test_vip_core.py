"""The address process' decisions, driven by hand: each surprise of keepalived, in its time."""

from __future__ import annotations

import random

from appliance.services import vip_core
from appliance.services.vip_core import (
    Effect,
    KillKeepalived,
    RemoveAddress,
    ReportState,
    StartKeepalived,
    VipCore,
    VrrpTiming,
    WriteVerdict,
)
from appliance.services.vip_protocol import AddressVerdict, DropAddress, VipState

A = 0.1
TIMING = VrrpTiming.of(A)
HEALTHY = AddressVerdict(healthy=True, reason="serves")


def last_report(effects: list[Effect]) -> VipState:
    return [effect for effect in effects if isinstance(effect, ReportState)][-1].state


def reports(effects: list[Effect]) -> list[VipState]:
    return [effect.state for effect in effects if isinstance(effect, ReportState)]


def others(effects: list[Effect]) -> list[Effect]:
    return [effect for effect in effects if not isinstance(effect, ReportState)]


def started() -> VipCore:
    core = VipCore(TIMING, priority=250, now=0.0)
    core.tick(0.0)
    core.link(0.0, True)
    return core


def master(now: float = 1.0) -> VipCore:
    """A host that serves: verdict, address and keepalived agree."""
    core = started()
    core.tmr_connected(now)
    core.tmr_said(now, HEALTHY)
    core.vrrp(now, "backup")
    core.address(now, True)
    core.vrrp(now, "master")
    return core


def test_starts_keepalived_with_an_unhealthy_verdict() -> None:
    core = VipCore(TIMING, priority=250, now=0.0)
    assert others(core.tick(0.0)) == [WriteVerdict(False), StartKeepalived()]
    assert others(core.tick(0.1)) == []


def test_a_host_that_never_had_a_tmr_service_stays_unhealthy() -> None:
    core = started()
    for step in range(200):
        assert others(core.tick(step * A)) == []
    state = last_report(core.tick(21.0))
    assert not state.healthy
    assert state.reason == vip_core.NEVER_STARTED


def test_the_verdict_is_passed_on_once() -> None:
    core = started()
    assert others(core.tmr_said(1.0, HEALTHY)) == [WriteVerdict(True)]
    assert others(core.tmr_said(1.1, HEALTHY)) == []
    effects = core.tmr_said(1.2, AddressVerdict(healthy=False, reason="no upstream"))
    assert others(effects) == [WriteVerdict(False)]
    assert last_report(effects).reason == "no upstream"


def test_a_tmr_service_that_goes_is_borne_for_the_bound_only() -> None:
    core = master()
    assert others(core.tmr_gone(1.0)) == []
    assert core.wake_at() <= 1.0 + TIMING.gone_bound_s
    assert others(core.tick(1.0 + TIMING.gone_bound_s * 0.99)) == []
    effects = core.tick(1.0 + TIMING.gone_bound_s)
    assert others(effects) == [WriteVerdict(False)]
    assert last_report(effects).reason == vip_core.GONE


def test_a_quick_restart_of_the_tmr_service_moves_nothing() -> None:
    core = master()
    core.tmr_gone(1.0)
    assert others(core.tmr_connected(1.1)) == []
    assert others(core.tmr_said(1.1, HEALTHY)) == []
    assert others(core.tick(1.9)) == []


def test_a_connection_without_a_verdict_does_not_keep_the_address() -> None:
    core = master()
    core.tmr_gone(1.0)
    core.tmr_connected(1.1)
    assert others(core.tick(1.0 + TIMING.gone_bound_s)) == [WriteVerdict(False)]


def test_a_hung_tmr_service_loses_the_address() -> None:
    core = master()
    effects = core.tick(1.0 + TIMING.silent_bound_s)
    assert others(effects) == [WriteVerdict(False)]
    assert last_report(effects).reason == vip_core.SILENT


def test_a_thawed_host_is_unhealthy_until_its_tmr_service_speaks() -> None:
    core = master()
    # Frozen for a minute: the first thing that runs again is the timer.
    assert others(core.tick(61.0)) == [WriteVerdict(False)]
    assert others(core.tmr_said(61.1, HEALTHY)) == [WriteVerdict(True)]


def test_keepalived_killed_alone() -> None:
    core = master()
    effects = core.keepalived_ended(1.05)
    assert others(effects) == [RemoveAddress("keepalived has ended")]
    state = last_report(effects)
    assert (state.keepalived_alive, state.vrrp, state.holds_address) == (False, "unknown", True)
    assert others(core.address(1.06, False)) == []
    assert core.wake_at() <= 1.05 + TIMING.restart_pause_min_s
    assert others(core.tick(1.1)) == []
    assert others(core.tick(1.05 + TIMING.restart_pause_min_s)) == [StartKeepalived()]


def test_keepalived_starts_after_the_address_is_off_or_cannot_be_removed() -> None:
    core = master()
    core.keepalived_ended(1.05)
    due = 1.05 + TIMING.restart_pause_min_s
    assert others(core.tick(due)) == []
    assert others(core.address(due + 0.01, False)) == [StartKeepalived()]
    core = master()
    core.keepalived_ended(1.05)
    core.tmr_said(1.3, HEALTHY)
    assert StartKeepalived() in core.tick(due + TIMING.trespass_bound_s)


def test_restarts_back_off_and_recover() -> None:
    core = started()
    pauses = []
    now = 1.0
    for _ in range(10):
        core.keepalived_ended(now)
        died = now
        while not any(isinstance(effect, StartKeepalived) for effect in core.tick(now)):
            now += 0.01
        pauses.append(now - died)
    assert [round(pause, 1) for pause in pauses[:6]] == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2]
    assert abs(pauses[0] - TIMING.restart_pause_min_s) < 0.02
    assert abs(pauses[-1] - TIMING.restart_pause_max_s) < 0.02
    now += TIMING.stable_after_s
    core.keepalived_ended(now)
    assert any(
        isinstance(effect, StartKeepalived)
        for effect in core.tick(now + TIMING.restart_pause_min_s + 0.001)
    )


def test_a_hung_keepalived_that_keeps_the_address_is_killed() -> None:
    core = master()
    core.tmr_said(1.1, AddressVerdict(healthy=False, reason="another coordinator"))
    assert others(core.tick(1.1 + TIMING.trespass_bound_s * 0.9)) == []
    kinds = [type(effect) for effect in others(core.tick(1.11 + TIMING.trespass_bound_s))]
    assert kinds == [KillKeepalived, RemoveAddress]


def test_an_address_without_a_master_is_removed_and_removed_again() -> None:
    core = started()
    core.tmr_said(1.0, HEALTHY)
    core.vrrp(1.0, "backup")
    core.address(1.0, True)
    removed = []
    for step in range(1, 12):
        now = 1.0 + step * A
        effects = core.tmr_said(now, HEALTHY)
        removed += [now for effect in effects if isinstance(effect, RemoveAddress)]
    assert len(removed) == 2
    assert removed[0] >= 1.0 + TIMING.trespass_bound_s - 0.001


def test_the_moment_between_address_and_fifo_is_no_trespass() -> None:
    core = started()
    core.tmr_said(1.0, HEALTHY)
    core.vrrp(1.0, "backup")
    core.address(1.0, True)
    core.vrrp(1.1, "master")
    core.tmr_said(1.5, HEALTHY)
    assert others(core.tick(1.9)) == []


def test_dropping_the_address_ends_when_the_twin_has_it() -> None:
    core = master()
    effects = core.tmr_said(1.0, DropAddress(reason="switchover"))
    assert others(effects) == [WriteVerdict(False)]
    assert last_report(effects).reason == vip_core.DROPPING
    core.address(1.01, False)
    core.vrrp(1.01, "fault")
    assert others(core.advert_heard(1.02, 240)) == [WriteVerdict(True)]


def test_dropping_the_address_ends_when_the_twin_does_not_take_it() -> None:
    core = master()
    core.tmr_said(1.0, DropAddress(reason="switchover"))
    core.address(1.01, False)
    core.vrrp(1.01, "fault")
    core.tmr_said(1.9, HEALTHY)
    assert core.wake_at() <= 1.0 + TIMING.drop_bound_s
    assert others(core.tick(1.0 + TIMING.drop_bound_s)) == [WriteVerdict(True)]


def test_a_host_without_the_address_drops_nothing() -> None:
    core = started()
    core.tmr_said(1.0, HEALTHY)
    core.vrrp(1.0, "backup")
    assert others(core.tmr_said(1.1, DropAddress(reason="late"))) == []


def test_the_twin_is_heard_for_as_long_as_vrrp_waits() -> None:
    core = started()
    assert last_report(core.link(0.5, False)).twin_advert_age_s is None
    state = last_report(core.advert_heard(1.0, 240))
    assert (state.twin_heard, state.twin_priority, state.twin_advert_age_s) == (True, 240, 0.0)
    down_s = TIMING.master_down_s(250)
    assert 3 * A < down_s < 3.1 * A
    assert last_report(core.tick(1.0 + down_s * 0.99)).twin_heard
    silent = last_report(core.tick(1.2 + down_s))
    assert not silent.twin_heard
    assert silent.twin_advert_age_s is not None
    core.advert_heard(2.0, 240)
    assert not last_report(core.advert_heard(2.05, 0)).twin_heard


def test_reports_come_at_each_change_and_at_the_interval() -> None:
    core = master()
    assert len(reports(core.vrrp(1.001, "backup"))) == 1
    assert reports(core.vrrp(1.002, "backup")) == []
    assert len(reports(core.tick(1.001 + TIMING.report_interval_s))) == 1
    # Whoever connects is told at once.
    assert len(reports(core.tmr_connected(1.102))) == 1


def test_an_orderly_stop_is_unhealthy_and_starts_nothing() -> None:
    core = master()
    assert others(core.stop(1.05)) == [WriteVerdict(False)]
    core.address(1.1, False)
    assert others(core.keepalived_ended(1.1)) == [RemoveAddress("keepalived has ended")]
    assert others(core.tmr_said(1.2, HEALTHY)) == []
    assert others(core.tick(30.0)) == []


def test_long_reasons_fit_a_line() -> None:
    core = started()
    state = last_report(core.tmr_said(1.0, AddressVerdict(healthy=True, reason="x" * 9000)))
    assert len(state.reason) == 500


def test_no_order_of_inputs_busies_the_timer_or_keeps_a_stray_address() -> None:
    """Random lives: the timer always moves on, an address with nobody behind it never stays."""
    for seed in range(300):
        chance = random.Random(seed)
        core = VipCore(TIMING, priority=250, now=0.0)
        now = 0.0
        core.tick(now)
        alive = True
        for _ in range(80):
            now += chance.choice((0.0, 0.01, 0.05, 0.2, 2.0))
            effects: list[Effect] = []
            match chance.randrange(8):
                case 0:
                    effects = core.address(now, chance.random() < 0.5)
                case 1:
                    effects = core.vrrp(now, chance.choice(("master", "backup", "fault")))
                case 2:
                    effects = core.tmr_said(now, AddressVerdict(healthy=chance.random() < 0.5))
                case 3:
                    effects = core.tmr_gone(now)
                case 4 if alive:
                    alive = False
                    effects = core.keepalived_ended(now)
                    assert any(isinstance(effect, RemoveAddress) for effect in effects)
                case 5:
                    effects = core.advert_heard(now, chance.choice((0, 240)))
                case 6:
                    effects = core.tmr_said(now, DropAddress())
            due = max(now, core.wake_at())
            effects += core.tick(due)
            assert core.wake_at() > due, f"seed {seed}: the timer does not move on"
            now = due
            alive = alive or any(isinstance(effect, StartKeepalived) for effect in effects)
        core.address(now, True)
        core.tmr_said(now, AddressVerdict(healthy=False))
        ended: list[Effect] = []
        for step in range(12):
            ended += core.tick(now + step * A)
        assert any(isinstance(effect, RemoveAddress) for effect in ended), f"seed {seed}"
