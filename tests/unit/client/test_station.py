"""At which station a process runs: a terminal session, a container, or what it is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from appliance.client.station import this_station
from appliance.licences.modes import STATION_BYTES

FIRM = 6_000_010


def machine(
    root: Path,
    machine_id: str = "4c4c4544",
    session: str = "4294967295",
    namespace: str = "pid:[4026531836]",
    boot: str = "b-1",
) -> Path:
    """The files that a Linux shows; "" for one that is not there."""
    for name, text in (
        ("etc/machine-id", machine_id),
        ("proc/self/sessionid", session),
        ("proc/sys/kernel/random/boot_id", boot),
    ):
        if text:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text + "\n")
    (root / "proc/self/ns").mkdir(parents=True, exist_ok=True)
    os.symlink(namespace, root / "proc/self/ns/pid")
    return root


def test_all_processes_of_one_terminal_session_are_at_one_station(tmp_path: Path) -> None:
    one, other = machine(tmp_path / "1", session="3"), machine(tmp_path / "2", session="3")
    station = this_station(FIRM, {}, one)
    assert station == this_station(FIRM, {}, other)
    assert len(station) == STATION_BYTES
    assert station != this_station(FIRM + 1, {}, one), "vendors cannot compare stations"


@pytest.mark.parametrize(
    "other",
    [
        {"machine_id": "another"},
        {"session": "4"},
        {"namespace": "pid:[4026532500]"},
        {"machine_id": ""},
    ],
    ids=["machine", "session", "container", "this boot alone"],
)
def test_what_differs_is_another_station(tmp_path: Path, other: dict[str, str]) -> None:
    here = this_station(FIRM, {}, machine(tmp_path / "here", session="3"))
    there = this_station(FIRM, {}, machine(tmp_path / "there", **{"session": "3"} | other))
    assert here != there


def test_containers_that_are_told_the_same_are_one_station(tmp_path: Path) -> None:
    """Case 3: two containers of one host with TMR_STATION set alike; without it they are two."""
    containers = [
        machine(tmp_path / name, machine_id="image", namespace=f"pid:[{number}]")
        for name, number in (("a", 4026532501), ("b", 4026532502))
    ]
    told = {this_station(FIRM, {"TMR_STATION": "press 7"}, root) for root in containers}
    assert len(told) == 1
    assert len({this_station(FIRM, {}, root) for root in containers}) == 2
    assert this_station(FIRM, {"TMR_STATION": ""}, containers[0]) not in told


def test_without_any_file_there_is_a_station_all_the_same(tmp_path: Path) -> None:
    assert len(this_station(FIRM, {}, tmp_path)) == STATION_BYTES
    odd = os.fsdecode(b"press \xff\x00")
    assert len(this_station(FIRM, {"TMR_STATION": odd}, tmp_path)) == STATION_BYTES
    assert this_station(FIRM) == this_station(FIRM), "of this very process"
