"""The one renderer of keepalived's configuration, its FIFO's words, and the verdict file."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from appliance.adapters.vrrp.keepalived import (
    Paths,
    SettingsRefused,
    VrrpEvent,
    VrrpSettings,
    check,
    check_pair,
    parse_fifo_line,
    render,
    write_verdict,
)

GOOD = VrrpSettings(
    interface="eth0",
    address="10.77.0.100/24",
    vrid=77,
    priority=250,
    runtime_dir="/run/tmr-vip",
    advert_int_s=0.1,
)


def changed(**fields: object) -> VrrpSettings:
    return msgspec.structs.replace(GOOD, **fields)


def test_rendered_configuration_is_this_one() -> None:
    assert render(GOOD) == (
        """\
global_defs {
  vrrp_version 3
  script_user nobody
  vrrp_notify_fifo /run/tmr-vip/notify.fifo
  vrrp_garp_master_repeat 3
  vrrp_garp_master_delay 1
  vrrp_garp_master_refresh 1
  vrrp_garp_master_refresh_repeat 1
  max_auto_priority -1
  vrrp_rt_priority 50
  vrrp_no_swap
}

track_file verdict {
  file "/run/tmr-vip/verdict"
  weight 0
}

vrrp_instance tmr {
  state BACKUP
  nopreempt
  interface eth0
  virtual_router_id 77
  priority 250
  advert_int 0.10
  virtual_ipaddress {
    10.77.0.100/24 dev eth0
  }
  track_file {
    verdict weight 0
  }
}
"""
    )


def test_the_arp_repeat_that_black_holes_is_left_alone() -> None:
    assert "lower_prio" not in render(GOOD)


def test_unicast_peers_are_named() -> None:
    text = render(changed(unicast_source="10.77.0.21", unicast_peers=("10.77.0.22",)))
    assert "  unicast_src_ip 10.77.0.21\n  unicast_peer {\n    10.77.0.22\n  }\n" in text


def test_no_real_time_priority_on_request() -> None:
    assert "rt_priority" not in render(changed(realtime_priority=0))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"vrid": 0}, "router id 0 must be from 1 to 255"),
        ({"vrid": 256}, "router id 256 must be from 1 to 255"),
        ({"priority": 199}, "must be from 200 to 254"),
        ({"priority": 255}, "must be from 200 to 254"),
        ({"advert_int_s": 0.0}, "from 0.01 to 40.95"),
        ({"advert_int_s": 41.0}, "from 0.01 to 40.95"),
        ({"advert_int_s": 0.105}, "multiple of 0.01"),
        ({"advert_int_s": float("nan")}, "from 0.01 to 40.95"),
        ({"interface": "eth0; }"}, "not an interface"),
        ({"interface": ""}, "not an interface"),
        ({"interface": "a" * 16}, "not an interface"),
        ({"address": "10.77.0.100"}, "lacks its prefix length"),
        ({"address": "10.77.0.100/255.255.255.0"}, "lacks its prefix length"),
        ({"address": "10.77.0.300/24"}, "must be IPv4"),
        ({"address": "fd00::1/64"}, "must be IPv4"),
        ({"runtime_dir": "run"}, "absolute path"),
        ({"runtime_dir": "/run/a b"}, "absolute path"),
        ({"runtime_dir": "/run/x\n}"}, "absolute path"),
        ({"instance": "a b"}, "not a name"),
        ({"realtime_priority": 100}, "from 0 (none) to 99"),
        ({"unicast_peers": ("10.77.0.22",)}, "both its source"),
        ({"unicast_source": "10.77.0.21", "unicast_peers": ("tmr2",)}, "'tmr2' is not an IPv4"),
        (
            {"unicast_source": "10.77.0.21", "unicast_peers": ("10.77.0.21",)},
            "not one of its unicast peers",
        ),
    ],
)
def test_settings_that_cannot_work(fields: dict[str, object], says: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        render(changed(**fields))
    assert says in refused.value.sentence


@pytest.mark.parametrize("advert_int_s", [0.01, 0.02, 0.05, 0.1, 0.29, 0.3, 1.0, 40.95])
def test_whole_centiseconds_are_accepted(advert_int_s: float) -> None:
    check(changed(advert_int_s=advert_int_s))


def test_twins_differ_in_priority_and_in_nothing_else() -> None:
    check_pair(GOOD, changed(priority=240))
    for fields, says in (
        ({}, "give them two different"),
        ({"priority": 240, "vrid": 78}, "same vrid"),
        ({"priority": 240, "advert_int_s": 0.3}, "same advert_int_s"),
        ({"priority": 240, "address": "10.77.0.101/24"}, "same address"),
        ({"priority": 100}, "must be from 200"),
    ):
        with pytest.raises(SettingsRefused, match=says):
            check_pair(GOOD, changed(**fields))


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ('INSTANCE "tmr" MASTER 250\n', VrrpEvent("tmr", "master", 250)),
        ('INSTANCE "tmr" BACKUP 250', VrrpEvent("tmr", "backup", 250)),
        ('INSTANCE "tmr" FAULT 240', VrrpEvent("tmr", "fault", 240)),
        ('INSTANCE "tmr" STOP 240', VrrpEvent("tmr", "stop", 240)),
        (
            'INSTANCE "tmr" MASTER_RX_LOWER_PRI 250',
            VrrpEvent("tmr", "master-hears-lower-priority", 250),
        ),
        ('GROUP "g" MASTER 250', None),
        ('INSTANCE "tmr" DELETED 250', None),
        ('INSTANCE "tmr" MASTER', None),
        ("", None),
        ('x INSTANCE "tmr" MASTER 250', None),
    ],
)
def test_fifo_lines(line: str, event: VrrpEvent | None) -> None:
    assert parse_fifo_line(line) == event


def test_verdict_is_written_whole(tmp_path: Path) -> None:
    path = Paths.under(tmp_path).verdict
    write_verdict(path, False)
    first = path.stat().st_ino
    assert path.read_text() == "1\n"
    write_verdict(path, True)
    assert path.read_text() == "0\n"
    # A rename, which keepalived notices by inotify and never reads half of.
    assert path.stat().st_ino != first
    assert [entry.name for entry in tmp_path.iterdir()] == ["verdict"]
