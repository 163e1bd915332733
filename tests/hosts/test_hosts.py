"""The deployment on five real systemd hosts, from nothing to another authority under load.

`make test-hosts` runs this inside `tests/hosts/lab run`; the tests stand in the order in which a
plant would meet them, and each goes on from the one before.
"""

from __future__ import annotations

import json
import ssl
import subprocess
import urllib.request

import pytest

from appliance.cli._alerting import MESSAGE_ID
from tests.hosts.plant import (
    CONTROLLER,
    FIRM,
    OUTSIDER,
    PRODUCT,
    SEATS,
    TMR_HOSTS,
    UPSTREAMS,
    Load,
    Plant,
    address,
    in_lab,
    lab,
    open_ports,
    wait_until,
)
from tests.unit.watch.receiver import receiving

pytestmark = [
    pytest.mark.skipif(not in_lab(), reason="needs the five hosts: run `make test-hosts` as root"),
    pytest.mark.timeout(1200),
]
SERVICES = {"up1": ("tmr-upstream",), "tmr1": ("tmr-server", "tmr-vip")}
EXPOSURE_MAX = {"tmr-upstream": 2.0, "tmr-server": 2.0, "tmr-vip": 3.0, "tmr-timeserver": 2.0}


def test_from_bare_hosts_to_serving(plant, capsys):
    played = plant.play("site.yml")
    assert played.code == 0, played.said
    plant.wait_until_whole()
    with capsys.disabled():
        print(f"\nhosts: from bare hosts to serving in {played.seconds / 60:.1f} minutes")


def test_a_second_run_changes_nothing(plant, capsys):
    played = plant.play("site.yml")
    assert played.code == 0, played.said
    assert (played.changes, played.changed) == (0, [])
    with capsys.disabled():
        print(f"\nhosts: second run changed={played.changes}, {played.seconds:.0f} s")


def test_check_mode_tells_the_truth(plant):
    words, wanted = (
        ("--tags", "tmr_server,firewall"),
        {
            "tmr_server_connections_max": 9000,
            "firewall_extra_rules": ["tcp dport 9100 accept"],
        },
    )
    foretold = plant.play("site.yml", "--check", "--diff", *words, **wanted)
    again = plant.play("site.yml", "--check", *words, **wanted)
    real = plant.play("site.yml", *words, **wanted)
    assert (foretold.code, real.code) == (0, 0), foretold.said + real.said
    assert sorted(foretold.changed) == sorted(again.changed), "check mode changed something"
    assert sorted(foretold.changed) == sorted(real.changed)
    assert len(real.changed) > 2
    idle = plant.play("site.yml", "--check", **wanted)
    assert (idle.code, idle.changes) == (0, 0), idle.said


def test_a_licence_through_the_virtual_ip(plant):
    plant.issue_licence()
    with plant.client("first") as client:
        plant.wait_until_available(client)
        with client.lease(FIRM, PRODUCT) as lease:
            receipt = lease.grant.receipt
            assert receipt is not None
            assert len(receipt.endorsements) == 2
            assert client.licences().licences[0].in_use == 1
        assert client.licences().licences[0].quantity == SEATS


def test_the_active_host_loses_its_power(plant, capsys):
    plant.wait_until_whole()
    with plant.client("power") as client, plant.client("holder") as holder:
        lease = holder.lease(FIRM, PRODUCT)
        lease.check_out()
        with Load(client).running() as load:
            victim = plant.active()
            lab("cut", victim)
            load.wait_for_more()
            survivor = plant.active()
        assert {victim, survivor} == set(TMR_HOSTS)
        assert lease.usable, "a lease did not survive the power cut"
        lease.check_in()
    lab("boot", victim)
    plant.wait_until_whole()
    with capsys.disabled():
        print(f"\nhosts: power cut of {victim}: {load.longest_gap_s:.2f} s between two check-outs")
    assert load.failures == []


def test_closed_ports_are_closed_from_outside(plant):
    looked_at = (*range(1, 1025), *range(7000, 7300))
    for host in UPSTREAMS:
        assert open_ports(host, OUTSIDER, looked_at) == [22]
        # The controller is an operator by its address, but no TMR host.
        assert open_ports(host, "10.77.0.250", looked_at) == [22, 7102]
    for host in TMR_HOSTS:
        assert open_ports(host, OUTSIDER, looked_at) == [22, 7200]


def test_other_rules_of_the_host_stay(plant):
    """The table is ours alone: what somebody else loaded is still there after ours is reloaded."""
    lab("sh", "up1", "nft", "add", "table", "inet", "somebody_else")
    lab("sh", "up1", "systemctl", "reload", "tmr-firewall")
    lab("sh", "up1", "systemctl", "restart", "tmr-firewall")
    tables = lab("sh", "up1", "nft", "list", "tables").split("\n")
    assert {"table inet somebody_else", "table inet tmr"} <= set(tables)
    assert 22 in open_ports("up1", OUTSIDER, (22, 7101))


def exposure(host: str, service: str) -> float:
    """What systemd-analyze says of a service's sandbox: 0 is locked in, 10 not at all."""
    said = lab("sh", host, "systemd-analyze", "security", "--no-pager", f"{service}.service")
    return float(said.rsplit(":", 2)[-2].split()[0])


def test_services_are_locked_in(plant, capsys):
    said = []
    for host, services in SERVICES.items():
        for service in services:
            score = exposure(host, service)
            said.append(f"{service} {score}")
            assert score <= EXPOSURE_MAX[service]
    for path in ("/etc/tmr/tls/key.pem", "/etc/tmr/container-key.pem"):
        assert lab("sh", "up1", "stat", "--format", "%U %a", path).split() == ["root", "600"]
    container = lab("sh", "up1", "find", "/var/lib/tmr", "-name", "*key*", "-type", "f")
    assert container.split() == [], "a key lies where only a link should be"
    wipe = lab("sh", "up1", "find", "/var/lib/tmr", "-name", "container.key.wipe")
    assert wipe.split() == [], "the key that the play took into its place is still here"
    with capsys.disabled():
        print(f"\nhosts: systemd-analyze security: {', '.join(said)}")


def test_a_time_server_certifies_time_for_the_containers(plant, capsys, tmp_path):
    played = plant.play("timeserver.yml", "--diff")
    assert played.code == 0, played.said
    assert "PRIVATE KEY" not in played.said
    again = plant.play("timeserver.yml")
    assert (again.code, again.changed) == (0, []), again.said
    # Anybody's client is good enough to ask it.
    query, reply = tmp_path / "q.tsq", tmp_path / "r.tsr"
    openssl("ts", "-query", "-digest", "00" * 32, "-sha256", "-cert", "-out", str(query))
    asked = urllib.request.Request(
        f"http://{address('ts1')}:7300/",
        data=query.read_bytes(),
        headers={"content-type": "application/timestamp-query"},
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        reply.write_bytes(answer.read())
    root = plant.time_servers / "ts1" / "root.cert.pem"
    words = ("-in", str(reply), "-queryfile", str(query), "-CAfile", str(root))
    assert "Verification: OK" in openssl("ts", "-verify", *words)
    assert open_ports("ts1", OUTSIDER, (*range(1, 1025), *range(7000, 7400))) == [22, 7300]
    score = exposure("ts1", "tmr-timeserver")
    assert score <= EXPOSURE_MAX["tmr-timeserver"]
    # The upstreams ask it, once their settings name it.
    server = f"http://{address('ts1')}:7300/"
    # By another name it is also somebody else's, whose anchor the settings name: two are compared.
    other = {"url": "http://ts1:7300/", "anchors": [str(root)], "ca": str(root)}
    asked_of = {"upstream_time_servers": [server], "upstream_other_time_servers": [other]}
    played = plant.play("site.yml", **asked_of)
    assert played.code == 0, played.said
    try:
        wait_until(lambda: all(is_certified(plant, host) for host in UPSTREAMS), "certified time")
        good = ["good", "good"] * len(UPSTREAMS)
        wait_until(lambda: said_of_time_servers(plant) == good, "both time servers' state")
    except AssertionError as late:
        raise AssertionError(f"{late}: the upstreams say {said_of_time_servers(plant)}") from late
    with capsys.disabled():
        print(f"\nhosts: a time server; systemd-analyze security: tmr-timeserver {score}")


def test_chrony_keeps_the_clocks(plant):
    """As far as a container goes, which may not set this machine's clock: settings, and at boot."""
    played = plant.play("site.yml", "--tags", "time", time_manage=True, time_servers=["ts1"])
    assert played.code == 0, played.said
    for host in (*UPSTREAMS, *TMR_HOSTS):
        said = lab("sh", host, "chronyd", "-p", "-f", "/etc/chrony/chrony.conf").splitlines()
        assert "server ts1 iburst" in said
        # By this the kernel, and so `tmr doctor`, knows whether the clock is kept.
        assert "rtcsync" in said
        assert lab("sh", host, "systemctl", "is-enabled", "chrony.service").strip() == "enabled"


def is_certified(plant: Plant, host: str) -> bool:
    """Whether a time server has set this host's container."""
    return bool(plant.container(host, "show").get("certified_time_ms"))


def said_of_time_servers(plant: Plant) -> list[str]:
    """What each upstream says of each of its time servers, by the active host's word."""
    return [
        one.get("detail") or one["state"]
        for upstream in plant.status().get("upstreams", ())
        for one in upstream.get("time_servers", ())
    ]


def openssl(*words: str) -> str:
    """What openssl says; a failure fails the test with it."""
    done = subprocess.run(
        ["openssl", *words], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_acceptance_test_of_a_site(plant):
    assert "acceptance_product" in plant.play("acceptance.yml").said
    played = plant.play("acceptance.yml", acceptance_product=f"{FIRM}:{PRODUCT}")
    assert played.code == 0, played.said
    report = (plant.pki / "acceptance-lab.md").read_text()
    assert report.count("| with up") == len(UPSTREAMS)
    plant.wait_until_whole()


def test_a_switchover_on_request(plant, capsys):
    before = plant.active()
    with plant.client("switch") as client, Load(client).running() as load:
        played = plant.play("switchover.yml")
        load.wait_for_more()
    assert played.code == 0, played.said
    assert {before, plant.active()} == set(TMR_HOSTS)
    assert load.failures == []
    with capsys.disabled():
        print(f"\nhosts: switchover: {load.longest_gap_s:.2f} s between two check-outs")


def test_certificates_are_rotated_under_load(plant, capsys):
    serials = {host: _certificate(host) for host in (*UPSTREAMS, *TMR_HOSTS)}
    with plant.client("rotate") as client, Load(client).running() as load:
        played = plant.play("rotate_certificates.yml")
        load.wait_for_more()
    assert played.code == 0, played.said
    assert all(_certificate(host) != serials[host] for host in serials)
    assert load.failures == []
    with capsys.disabled():
        print(
            f"\nhosts: certificates rotated in {played.seconds:.0f} s: {len(load.done_at_s)}"
            f" check-outs, 0 failed, {load.longest_gap_s:.2f} s between two"
        )


def test_an_upstream_that_stops_is_told_of_once_and_so_is_its_return(plant):
    def of(kind: str) -> list[dict[str, str]]:
        posts = [json.loads(body) for body in hook.bodies]
        return [p for p in posts if (p["kind"], p["cause"]) == (kind, "upstream-down/up3")]

    with receiving(address=CONTROLLER) as hook:
        wanted = {
            "monitoring_webhook": hook.url,
            "monitoring_interval_s": 1,
            "monitoring_hold_s": 0,
        }
        played = plant.play("site.yml", "--tags", "monitoring", **wanted)
        assert played.code == 0, played.said
        again = plant.play("site.yml", "--tags", "monitoring", **wanted)
        assert (again.code, again.changes) == (0, 0), again.said
        plant.wait_until_whole()
        active = plant.active()
        lab("sh", "up3", "systemctl", "stop", "tmr-upstream")
        wait_until(lambda: bool(of("alert")), "an alert of up3")
        lab("sh", "up3", "systemctl", "start", "tmr-upstream")
        wait_until(lambda: bool(of("clear")), "the all-clear of up3")
    assert {one["host"] for one in of("alert") + of("clear")} == {active}
    assert (len(of("alert")), len(of("clear"))) == (1, 1)
    told = lab("sh", active, "journalctl", f"MESSAGE_ID={MESSAGE_ID}", "--output=json")
    entries = [json.loads(line) for line in told.splitlines()]
    kinds = [e["TMR_KIND"] for e in entries if e["TMR_CAUSE"] == "upstream-down/up3"]
    assert kinds == ["alert", "clear"]
    words = lab("sh", active, "systemd-analyze", "security", "--no-pager", "tmr-alert.service")
    assert float(words.rsplit(":", 2)[-2].split()[0]) <= 2.0
    assert plant.play("site.yml", "--tags", "monitoring").code == 0


def test_the_doctor_finds_sound_hosts_sound(plant):
    plant.wait_until_whole()
    profile = "--profile=/etc/tmr/alert/profile.toml"
    for host, words in (("up1", ("--local",)), ("tmr1", (profile,)), ("tmr2", (profile,))):
        done = lab("sh", host, "sh", "-c", f"tmr doctor {' '.join(words)} --json; echo $? >&2")
        findings = json.loads(done)["findings"]
        # A container's disk and clock are this machine's.
        ours = ("disk/", "clock-unsynchronised")
        assert [one for one in findings if not one["cause"].startswith(ours)] == []


def test_old_releases_are_removed_and_never_the_one_that_runs(plant):
    running = lab("sh", "up1", "readlink", "/opt/tmr/current").strip()
    for number in range(1, 5):
        mark = f"/opt/tmr/0.0.{number}-old/complete"
        lab("sh", "up1", "install", "-D", "/dev/null", mark)
        lab("sh", "up1", "touch", "--date", f"2020-01-0{number}", mark)
    before = lab("sh", "up1", "ls", "/opt/tmr").split()
    played = plant.play("site.yml", "--tags", "release", "--limit", "up1,tmr1")
    assert played.code == 0, played.said
    left = set(lab("sh", "up1", "ls", "/opt/tmr").split())
    gone = [name for name in before if name not in left]
    assert running in left
    assert len([name for name in left if name[0].isdigit()]) == 3
    assert gone == [f"0.0.{number}-old" for number in range(1, len(gone) + 1)]


def _certificate(host: str) -> str:
    """The certificate that is served, not the one that lies on the disk."""
    port = 7101 if host in UPSTREAMS else 7200
    if host in UPSTREAMS:
        return lab("sh", host, "cat", "/run/credentials/tmr-upstream.service/cert.pem")
    return ssl.get_server_certificate((address(host), port), timeout=10)


def test_a_new_machine_replaces_a_lost_tmr_host_under_load(plant, capsys):
    plant.wait_until_whole()
    lost = plant.active()
    refused = plant.play("replace_host.yml", replace_host=lost)
    assert refused.code != 0
    assert f"{lost} serves" in " ".join(refused.said.split())
    key = lab("sh", lost, "sha256sum", "/etc/tmr/tls/key.pem")
    with plant.client("replace") as client, Load(client).running() as load:
        lab("cut", lost)
        load.wait_for_more()
        lab("wipe", lost)
        lab("boot", lost)
        played = plant.play("replace_host.yml", replace_host=lost)
        load.wait_for_more()
    assert played.code == 0, played.said
    plant.wait_until_whole()
    assert lab("sh", lost, "sha256sum", "/etc/tmr/tls/key.pem") != key
    assert len({lab("sh", host, "readlink", "/opt/tmr/current") for host in TMR_HOSTS}) == 1
    again = plant.play("replace_host.yml", replace_host=lost)
    assert (again.code, again.changes) == (0, 0), again.said
    with capsys.disabled():
        print(
            f"\nhosts: a new machine for {lost} in {played.seconds:.0f} s: {len(load.done_at_s)}"
            f" check-outs, {len(load.failures)} failed, {load.longest_gap_s:.2f} s between two"
        )
    assert load.failures == []


@pytest.mark.campaign
def test_another_authority_takes_over_under_load(plant, capsys):
    """Begin, switch, finish: clients are told in between, and no request fails in any step."""
    said = []

    def step(name: str) -> None:
        with plant.client("authority") as client, Load(client).running() as load:
            played = plant.play("rotate_certificates.yml", tmr_rotate_ca=name)
            load.wait_for_more()
        assert played.code == 0, played.said
        assert load.failures == [], name
        said.append(f"{name} {played.seconds:.0f} s, {load.longest_gap_s:.2f} s between check-outs")

    def issuers() -> set[str]:
        return {
            lab("sh", host, "openssl", "x509", "-noout", "-issuer", "-in", "/etc/tmr/tls/cert.pem")
            for host in (*UPSTREAMS, *TMR_HOSTS)
        }

    refused = plant.play("rotate_certificates.yml", tmr_rotate_ca="switch")
    assert refused.code != 0
    assert "begin" in refused.said
    (before,) = issuers()
    plant.client("forgotten").close()
    step("begin")
    plant.tell("authority")
    plant.tell("forgotten")
    refused = plant.play("rotate_certificates.yml", tmr_rotate_ca="finish")
    assert refused.code != 0
    assert "switch" in refused.said
    step("switch")
    (after,) = issuers()
    assert before != after
    plant.issue_anew("authority")
    assert plant.is_let_in("forgotten")
    step("finish")
    assert plant.is_let_in("authority")
    assert not plant.is_let_in("forgotten")
    with capsys.disabled():
        print(f"\nhosts: another authority: {'; '.join(said)}")
