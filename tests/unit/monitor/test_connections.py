"""Connection profiles: what is read back, and each kind of nonsense by its name."""

from __future__ import annotations

import pytest

from monitor_gui.model.connections import (
    BadConnections,
    System,
    host_port,
    parse,
    render,
    ssh_target,
    trouble,
)


def test_what_is_written_is_read_back() -> None:
    systems = [
        System(name='Plant "1"', profile="C:\\tmr\\profile.toml", hosts=("10.0.0.1:7200",)),
        System(
            name="工場", profile="/p.toml", ssh="ops@gate:2222", ssh_key="~/.ssh/id", read_only=True
        ),
    ]
    assert parse(render(systems)) == systems
    assert parse(render([])) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[system]", "no TOML"),
        ('[[system]]\nname = "a"', "profile"),
        ('[[system]]\nname = " "\nprofile = "p"', "no name"),
        ('[[system]]\nname = "a"\nprofile = ""', "no profile"),
        ('[[system]]\nname = "a"\nprofile = "p"\nport = 1', "port"),
        ('[[system]]\nname = "a"\nprofile = "p"\nhosts = ["x"]', "host:port"),
        ('[[system]]\nname = "a"\nprofile = "p"\nssh = "a b"', "user@host"),
        ('[[system]]\nname = "a"\nprofile = "p"\n' * 2, "two systems"),
        ('[[system]]\nname = "a"\nprofile = "p"\nread_only = "yes"', "bool"),
    ],
)
def test_nonsense_is_named(text: str, why: str) -> None:
    with pytest.raises(BadConnections, match=why):
        parse(text)


def test_too_many_systems_are_refused() -> None:
    many = "".join(f'[[system]]\nname = "{n}"\nprofile = "p"\n' for n in range(101))
    with pytest.raises(BadConnections, match="101"):
        parse(many)


def test_ssh_targets() -> None:
    assert ssh_target("ops@gate.example:2222") == ("ops", "gate.example", 2222)
    assert ssh_target("gate") == ("", "gate", 22)
    assert ssh_target("a@b@gate") == ("a@b", "gate", 22)
    for nonsense in ("", "ops@", "ops@gate:0", "ops@gate:x"):
        with pytest.raises(ValueError, match="form"):
            ssh_target(nonsense)


def test_addresses() -> None:
    assert host_port("[fd00::1]:7200") == ("fd00::1", 7200)
    for nonsense in ("", "host", ":7200", "host:70000", "host:-1"):
        with pytest.raises(ValueError, match="form"):
            host_port(nonsense)


def test_a_sound_system_has_no_trouble() -> None:
    assert trouble(System(name="a", profile="p", ssh="gate", hosts=("h:1",))) == ""
