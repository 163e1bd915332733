"""The schedule: the seed alone decides, every kind gets its turn, and no fault is impossible."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from appliance.lab.chaos.schedule import (
    HOLD_MAX_S,
    HOLD_MIN_S,
    TMRS,
    TWO_AT_ONCE,
    UPSTREAMS,
    FaultKind,
    Round,
    Strike,
    plan,
)

SEEDS = range(40)


def strikes(seed: int, minutes: float = 30.0) -> list[Strike]:
    return [strike for each in plan(seed, minutes).rounds for strike in each.strikes]


def test_the_same_seed_gives_the_same_faults_in_another_process() -> None:
    code = (
        "import msgspec, sys; from appliance.lab.chaos.schedule import plan;"
        "sys.stdout.buffer.write(msgspec.json.encode(plan(7, 12.5)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == msgspec.json.encode(plan(7, 12.5))


def test_other_seeds_give_other_faults() -> None:
    assert len({msgspec.json.encode(plan(seed, 3).rounds) for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_half_an_hour_holds_every_kind_about_equally_often(seed: int) -> None:
    counts = dict.fromkeys(FaultKind, 0)
    for each in plan(seed, 30).rounds:
        counts[each.strikes[0].kind] += 1
    assert max(counts.values()) - min(counts.values()) <= 1
    assert min(counts.values()) >= 5


@pytest.mark.parametrize("minutes", [0.3, 1.5, 10, 60])
def test_rounds_follow_each_other_within_the_time(minutes: float) -> None:
    rounds = plan(3, minutes).rounds
    assert rounds
    free_s = 0.0
    for each in rounds:
        assert each.at_s >= free_s
        assert HOLD_MIN_S <= each.hold_s <= HOLD_MAX_S
        free_s = each.at_s + each.hold_s
    assert free_s < minutes * 60


def test_two_faults_at_once_never_meet_on_one_host() -> None:
    pairs = [each for seed in SEEDS for each in plan(seed, 30).rounds if len(each.strikes) == 2]
    assert len(pairs) > 100
    for each in pairs:
        one, other = each.strikes
        assert not set(one.hosts) & set(other.hosts)
        assert each.name == TWO_AT_ONCE


def test_a_single_fault_gives_its_round_the_name() -> None:
    strike = Strike(kind=FaultKind.CUT_ACTIVE, hosts=("active",))
    assert Round(at_s=0, hold_s=1, strikes=(strike,)).name == FaultKind.CUT_ACTIVE


@pytest.mark.parametrize("seed", SEEDS)
def test_only_one_upstreams_clock_is_ever_ahead(seed: int) -> None:
    ahead = plan(seed, 30).ahead
    for strike in strikes(seed):
        if strike.kind is FaultKind.CLOCK_STEP and strike.amount > 0:
            assert set(strike.hosts) <= {ahead, *TMRS}


def test_hosts_fit_their_kinds() -> None:
    numbers = {
        FaultKind.POWER_ALL: 5,
        FaultKind.POWER_TWO: 2,
        FaultKind.DISKS_FULL: 2,
        FaultKind.VRRP_CUT: 2,
    }
    seen = set()
    for seed in SEEDS:
        for strike in strikes(seed):
            seen.add(strike.kind)
            assert set(strike.hosts) <= {*UPSTREAMS, *TMRS, "all"}
            assert len(set(strike.hosts)) == len(strike.hosts)
            if strike.kind in numbers:
                assert len(strike.hosts) == numbers[strike.kind]
            if strike.kind in (FaultKind.DISK_FULL, FaultKind.DISKS_FULL):
                assert set(strike.hosts) <= set(UPSTREAMS)
                assert strike.how in ("live", "start")
            if strike.kind is FaultKind.RESTART:
                process, signal = strike.how.split()
                assert (process == "upstream") == (strike.hosts[0] in UPSTREAMS)
                assert signal in ("kill", "term")
            assert (strike.amount != 0) == (
                strike.kind in (FaultKind.CLOCK_STEP, FaultKind.SLOW_LINK)
            )
    assert seen == set(FaultKind)
