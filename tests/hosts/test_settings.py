"""Settings on a plant that serves: what would cut somebody off is refused, or taken back in time.

It goes on from what `test_loss.py` left, and so comes after it.
"""

from __future__ import annotations

import pytest

from tests.hosts.plant import (
    CONTROLLER,
    FIRM,
    HOSTS,
    OUTSIDER,
    PRODUCT,
    TMR_HOSTS,
    UPSTREAMS,
    Load,
    Plant,
    in_lab,
    lab,
    open_ports,
)

pytestmark = [
    pytest.mark.skipif(not in_lab(), reason="needs the five hosts: run `make test-hosts` as root"),
    pytest.mark.timeout(1200),
]
# Rules that let this computer in by every word of theirs, and keep it out by a chain before.
SHUTS_OUT = [
    "accept",
    "}",
    "chain early {",
    "type filter hook input priority -5; policy accept;",
    "tcp dport 22 ct state new drop",
    "}",
    "chain rest {",
]


def starts() -> dict[str, str]:
    """When the service of each host was started."""
    return {
        host: lab(
            *("sh", host, "systemctl", "show", "--property=ActiveEnterTimestampMonotonic"),
            "tmr-upstream" if host in UPSTREAMS else "tmr-server",
        )
        for host in HOSTS
    }


def test_a_controller_without_the_authority_is_refused(plant, tmp_path):
    """It would make another one, and cut every client off."""
    plant.wait_until_whole()
    before = starts()
    refused = plant.play("site.yml", pki_directory=str(tmp_path / "pki"))
    said = " ".join(refused.said.split())
    assert (refused.code != 0, refused.changes) == (True, 0), said
    assert "trusts another authority than the one in" in said
    assert "tmr_new_authority=true" in said
    assert not (tmp_path / "pki" / "ca.pem").exists()
    assert starts() == before


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"firewall_ssh_sources": ["192.0.2.0/24"]}, "is in none of firewall_ssh_sources"),
        ({"firewall_ssh_ports": [2222]}, "is reached at its SSH port 22, which"),
        (
            {"firewall_client_sources": ["192.0.2.0/24"], "tmr_operator_addresses": []},
            "neither in firewall_client_sources nor in tmr_operator_addresses",
        ),
    ],
)
def test_rules_that_would_shut_this_computer_out_are_refused(plant, variables, said):
    words = ("--tags", "firewall", "--limit", "tmr1")
    refused = plant.play("site.yml", *words, **variables)
    assert (refused.code != 0, refused.changes) == (True, 0), refused.said
    assert said in " ".join(refused.said.split())


def test_rules_that_shut_this_computer_out_are_taken_back(plant):
    before = lab("sh", "up1", "nft", "list", "table", "inet", "tmr")
    kept = lab("sh", "up1", "sha256sum", "/etc/tmr/firewall.nft")
    words = ("--tags", "firewall", "--limit", "up1")
    variables = {"firewall_extra_rules": SHUTS_OUT, "firewall_try_s": 15}
    refused = plant.play("site.yml", *words, **variables)
    assert refused.code != 0
    assert "so the host has taken them back" in " ".join(refused.said.split())
    assert lab("sh", "up1", "nft", "list", "table", "inet", "tmr") == before
    # And the next start loads what let everybody in.
    assert lab("sh", "up1", "sha256sum", "/etc/tmr/firewall.nft") == kept
    assert plant.play("site.yml", *words).code == 0


def test_the_packet_filter_may_be_somebody_elses(plant):
    lab("sh", "up1", "systemd-run", "--unit=agent", "python3", "-m", "http.server", "9100")
    words = ("--tags", "firewall", "--limit", "up1")
    assert open_ports("up1", OUTSIDER, (9100,)) == []
    opened = plant.play("site.yml", *words, firewall_open_ports=[{"port": 9100}])
    assert opened.code == 0, opened.said
    assert open_ports("up1", OUTSIDER, (9100, 7101)) == [9100]
    left = plant.play("site.yml", *words, firewall_manage=False)
    assert left.code == 0, left.said
    assert "table inet tmr" not in lab("sh", "up1", "nft", "list", "tables")
    back = plant.play("site.yml", *words)
    assert back.code == 0, back.said
    assert open_ports("up1", OUTSIDER, (9100, 7101)) == []
    lab("sh", "up1", "systemctl", "stop", "agent")


def test_a_limit_is_kept_or_refused(plant):
    """rc 0 means that it was done."""
    words = ("--tags", "upstream", "--limit", "up2")
    played = plant.play("site.yml", *words, upstream_box_time_save_s=61)
    assert played.code == 0, played.said
    saves = {
        host: lab("sh", host, "grep", "box_time", "/etc/tmr/upstream.toml") for host in UPSTREAMS
    }
    assert [host for host in UPSTREAMS if "61" in saves[host]] == ["up2"]
    assert plant.play("site.yml", *words).code == 0
    for playbook in ("rolling_upgrade.yml", "switchover.yml"):
        refused = plant.play(playbook, "--limit", "up2")
        assert (refused.code != 0, refused.changes) == (True, 0), refused.said
        assert "This is about all hosts of lab" in " ".join(refused.said.split())


def test_the_twin_serves_before_the_settings_of_who_serves_are_changed(plant, capsys):
    plant.wait_until_whole()
    active = plant.active()
    (passive,) = set(TMR_HOSTS) - {active}
    words = ("--tags", "tmr_server", "--limit", active)
    with plant.client("handed") as client, Load(client).running() as load:
        played = plant.play("site.yml", *words, tmr_server_connections_max=9100)
        load.wait_for_more()
    assert played.code == 0, played.said
    assert load.failures == []
    assert plant.active() == passive
    with capsys.disabled():
        print(f"\nhosts: settings of who serves: {load.longest_gap_s:.2f} s between two check-outs")
    assert plant.play("site.yml", *words).code == 0
    plant.wait_until_whole()


def test_no_secret_is_shown_by_diff(plant):
    hook = "https://hooks.example/S3CR3T"
    words = ("--tags", "monitoring", "--check", "--diff")
    played = plant.play("site.yml", *words, monitoring_webhook=hook, monitoring_hold_s=31)
    assert played.code == 0, played.said
    assert [task for _, task in played.changed if "Whom to tell" in task]
    assert "S3CR3T" not in played.said


def test_a_system_out_of_sight_is_not_restarted_at_once(plant):
    """This computer does not reach port 7200; clients do."""
    plant.wait_until_whole()
    before = starts()
    block = (
        f"add table inet site; add chain inet site in {{ type filter hook input priority -5; }}; \
add rule inet site in ip saddr {CONTROLLER} tcp dport 7200 reject"
    )
    try:
        for host in TMR_HOSTS:
            lab("sh", host, "nft", block)
        refused = plant.play("site.yml", upstream_box_time_save_s=59)
        assert (refused.code != 0, refused.changes) == (True, 0), refused.said
        assert "lab runs, but this computer gets no answer" in " ".join(refused.said.split())
        mending = plant.play("site.yml", "--tags", "firewall")
        assert mending.code == 0, mending.said
    finally:
        for host in TMR_HOSTS:
            lab("sh", host, "nft", "delete", "table", "inet", "site")
    assert starts() == before
    plant.wait_until_whole()


def test_a_release_for_another_python_is_installed_again(plant: Plant):
    """Debian was upgraded in place: the mark names a Python that is gone."""
    release = lab("sh", "up3", "readlink", "/opt/tmr/current").strip()
    mark = f"/opt/tmr/{release}/complete"
    python = lab("sh", "up3", "cat", mark).strip()
    lab("sh", "up3", "sh", "-c", f"echo 3.9 > {mark}; rm -r /opt/tmr/{release}/venv/lib")
    played = plant.play("site.yml", "--tags", "release", "--limit", "up3", tmr_release=release)
    assert played.code == 0, played.said
    assert lab("sh", "up3", "cat", mark).strip() == python
    lab("sh", "up3", "systemctl", "restart", "tmr-upstream")
    plant.wait_until_whole()
    with plant.client("python") as client, client.lease(FIRM, PRODUCT) as lease:
        assert lease.usable
