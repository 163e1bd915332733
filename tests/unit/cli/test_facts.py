"""Facts from real files and fake TMR hosts, and `tmr doctor` over both."""

from __future__ import annotations

import asyncio
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from appliance.adapters.clock import wall_ms
from appliance.adapters.host_facts import parse_units, read_certificate
from appliance.adapters.pki import authority as pki
from appliance.cli import _facts as collect
from appliance.cli._facts import ask, local_facts
from appliance.client import load_profile
from appliance.errors import ExitCode
from appliance.services import settings, vip_config
from appliance.watch.checks import examine
from appliance.watch.facts import Facts
from appliance.watch.words import what
from tests.unit.cli.world import Routes, World, a_licence, closed_port, document, some_licences
from tests.unit.client.fake import HOST, Reply, make_certificates
from tests.unit.client.test_sync import ServerThread
from tests.unit.watch.facts_world import status, upstream
from tests.unit.watch.receiver import receiving

SHOWN = """\
Id=tmr-upstream.service
ActiveState=active
UnitFileState=enabled
NRestarts=3

Id=keepalived.service
ActiveState=inactive
UnitFileState=masked
"""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return make_certificates(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def world(certificates, tmp_path: Path):
    """Two fake TMR hosts, and a profile that names both."""
    with ServerThread(certificates) as first, ServerThread(certificates) as second:
        made = World(tmp_path, certificates, Routes(first), Routes(second), tmp_path)
        first.script, second.script = made.first, made.second
        made.profile = made.write_profile(first.port, second.port)
        yield made


@pytest.fixture
def host(tmp_path: Path, monkeypatch) -> Path:
    """/etc/tmr of a TMR host; no systemd is asked."""
    monkeypatch.setattr(subprocess, "run", no_systemd)
    now = datetime.now(UTC)
    pki.create_ca(tmp_path / "ca", now)
    place = tmp_path / "etc"
    pki.issue_host(
        tmp_path / "ca", place / "tls", "tmr1", "tmr", now, ["10.77.0.21", "10.77.0.100"]
    )
    other = [settings.HostSettings(name=f"up{n}", address=f"10.77.0.1{n}:7101") for n in (1, 2, 3)]
    values = settings.TmrSettings(
        name="tmr1",
        twin=settings.HostSettings(name="tmr2", address="10.77.0.22:7103"),
        api_listen=("0.0.0.0:7200",),
        twin_listen="10.77.0.21:7103",
        tls=settings.TlsSettings(cert=Path("/run/c"), key=Path("/run/k"), ca=Path("/run/ca")),
        root=Path("root"),
        upstreams=tuple(other),
        virtual_ip="10.77.0.100",
        vip_socket=Path("/run/tmr-vip/vip.sock"),
    )
    (place / "tmr.toml").write_text(settings.dump(values))
    vip = vip_config.VipConfig(
        interface="eth0",
        address="10.77.0.100/24",
        vrid=77,
        priority=200,
        runtime_dir="/run/tmr-vip",
        socket="/run/tmr-vip/vip.sock",
    )
    (place / "vip.toml").write_text(vip_config.dump(vip))
    return place


def no_systemd(*arguments, **options):
    raise FileNotFoundError("systemctl")


def causes(directory: Path) -> list[str]:
    """What is found of the host alone, but for what this machine's disk and clock are like."""
    facts = Facts(now_ms=wall_ms(), local=local_facts(directory), asked=False)
    ours = ("disk", "clock-unsynchronised")
    return [f.cause for f in examine(facts) if f.cause.partition("/")[0] not in ours]


def test_a_sound_host_is_found_sound(host):
    facts = local_facts(host)
    assert facts is not None
    assert (facts.host, facts.role, facts.faults) == ("tmr1", "tmr", ())
    assert facts.disk_total_bytes
    assert causes(host) == []


def test_a_host_with_a_strange_certificate(host, tmp_path):
    now = datetime.now(UTC)
    files = pki.IdentityFiles.of(host / "tls")
    pki.create_ca(tmp_path / "other", now)
    pki.issue_host(tmp_path / "other", tmp_path / "strange", "tmr1", "tmr", now, ["10.77.0.100"])
    files.cert.write_bytes((tmp_path / "strange" / "cert.pem").read_bytes())
    read = read_certificate(files)
    assert (read.issued_by_ours, read.key_fits) == (False, False)
    assert causes(host) == ["certificate-misfit/tmr1"]
    pki.issue_host(tmp_path / "ca", host / "tls", "tmr1", "tmr", now, ["10.77.0.21"])
    facts = Facts(now_ms=wall_ms(), local=local_facts(host), asked=False)
    assert any("does not name 10.77.0.100" in what(finding) for finding in examine(facts))
    files.cert.write_text("nothing")
    assert causes(host) == ["certificate-misfit/tmr1"]
    files.cert.unlink()
    assert "cannot be read" in read_certificate(files).trouble


def test_settings_that_cannot_be_used_are_findings_and_no_end(host):
    (host / "vip.toml").write_text("interface = ")
    assert causes(host) == ["settings/tmr1/1"]
    (host / "tmr.toml").write_text("name = 'tmr1'")
    assert causes(host) == ["settings/this host/1"]
    assert local_facts(host / "nowhere") is None


def test_an_upstream_whose_store_has_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(subprocess, "run", no_systemd)
    now = datetime.now(UTC)
    pki.create_ca(tmp_path / "ca", now)
    files = pki.issue_host(tmp_path / "ca", tmp_path / "tls", "up1", "upstream", now)
    values = settings.UpstreamSettings(
        name="up1",
        links_listen="127.0.0.1:7101",
        tls=settings.TlsSettings(cert=files.cert, key=files.key, ca=files.ca),
        store=tmp_path / "store" / "ledger.sqlite",
        container=tmp_path / "container",
        root=tmp_path / "root",
        tmr_hosts=("tmr1",),
    )
    (tmp_path / "upstream.toml").write_text(settings.dump(values))
    assert causes(tmp_path) == []
    (tmp_path / "store").mkdir()
    assert causes(tmp_path) == ["store-missing/up1"]
    values.store.write_bytes(b"x")
    assert causes(tmp_path) == []


def test_units_as_systemctl_shows_them():
    first, second = parse_units(SHOWN)
    assert first == ("tmr-upstream.service", "active", "enabled", 3)
    assert second == ("keepalived.service", "inactive", "masked", 0)


# --- over the network ---


def test_all_addresses_are_asked_and_the_silent_named(world: World):
    world.first.say("GET /v1/status", Reply(200, status("tmr1")))
    world.first.say("GET /v1/licences?all=1", some_licences(a_licence("ok", "ok", "ok")))
    closed = closed_port()
    profile = load_profile(world.write_profile(world.first.server.port, closed))
    facts = asyncio.run(ask(profile.addresses, profile.tls, 3.0))
    assert [one.host for one in facts.statuses] == ["tmr1"]
    assert [one.address for one in facts.silent] == [f"{HOST}:{closed}"]
    assert facts.licences is not None
    assert len(facts.licences.licences) == 1


def sound(world: World) -> None:
    for routes, name in ((world.first, "tmr1"), (world.second, "tmr2")):
        routes.say("GET /v1/licences?all=1", some_licences(a_licence("ok", "ok", "ok")))
        shown = tuple(upstream(one, system_time_ms=wall_ms()) for one in ("up1", "up2", "up3"))
        routes.say("GET /v1/status", Reply(200, status(name, upstreams=shown)))


def doctor(world: World, *words: str):
    return world.tmr("doctor", "--directory", str(world.directory / "nowhere"), *words)


def test_a_sound_system_is_said_to_be_sound(world: World):
    sound(world)
    result = doctor(world)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "Nothing is wrong with tmr1 and tmr2 and up1 and up2 and up3.\n"
    assert document(doctor(world, "--json"))["findings"] == []


def test_findings_as_a_table_and_as_json_with_their_codes(world: World):
    sound(world)
    lost = (upstream("up1"), upstream("up2", reachable=False), upstream("up3"))
    for routes, name in ((world.first, "tmr1"), (world.second, "tmr2")):
        shown = tuple(msgspec.structs.replace(one, system_time_ms=None) for one in lost)
        routes.say("GET /v1/status", Reply(200, status(name, upstreams=shown)))
    result = doctor(world)
    assert result.exit_code == 1
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert lines[0] == ["how bad", "what is wrong", "what to do"]
    assert lines[1][:2] == [
        "warning",
        "up2 does not answer: the next upstream lost ends the service.",
    ]
    (finding,) = document(doctor(world, "--json"))["findings"]
    assert finding["cause"] == "upstream-down/up2"


def test_nobody_there_is_critical_and_no_crash(world: World):
    world.profile = world.write_profile(closed_port())
    result = doctor(world, "--wait", "0.5", "--json")
    assert result.exit_code == 2
    assert [one["cause"] for one in document(result)["findings"]] == ["no-answer"]


def test_a_host_alone_and_a_desk_with_nothing(world: World, host: Path):
    result = world.tmr("doctor", "--local", "--directory", str(host), "--json")
    assert document(result)["looked_at"] == ["tmr1"]
    nothing = world.tmr("doctor", "--local", "--directory", str(world.directory))
    assert nothing.exit_code == ExitCode.USAGE
    assert "leave --local out" in nothing.stderr


def test_the_alert_goes_from_the_hosts_to_the_webhook(world: World):
    sound(world)
    with receiving() as hook:
        config = world.directory / "alert.toml"
        config.write_text(
            f'host = "tmr1"\nsystem = "plant"\nprofile = "{world.profile}"\n'
            f'state = "state.json"\nwebhook = "{hook.url}"\nhold_s = 0.0\n'
        )
        assert world.tmr("alert", "--config", config).exit_code == 0
        assert hook.bodies == []
        locked = (upstream("up1"), upstream("up2", locked="stolen"), upstream("up3"))
        shown = tuple(msgspec.structs.replace(one, system_time_ms=None) for one in locked)
        world.first.say("GET /v1/status", Reply(200, status("tmr1", upstreams=shown)))
        for _ in range(2):
            assert world.tmr("alert", "--config", config).exit_code == 0
    (post,) = map(json.loads, hook.bodies)
    assert (post["kind"], post["cause"]) == ("alert", "container-locked/up2")
    world.first.say("GET /v1/status", Reply(200, status("tmr1")))
    gone = world.tmr("alert", "--config", config)
    assert gone.exit_code == ExitCode.REFUSED
    assert "webhook at 127.0.0.1 did not take an alert" in gone.stderr


def test_settings_are_looked_for_where_the_deployment_puts_them():
    assert Path("/etc/tmr") == collect.SETTINGS_DIRECTORY
