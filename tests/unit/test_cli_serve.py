"""`tmr serve ROLE --check`: wrong settings are refused before anything runs on them."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.adapters.vrrp.keepalived import find_keepalived
from appliance.cli.main import tmr

UPSTREAM = """
name = "up1"
links_listen = "10.77.0.11:7101"
tls = { cert = "cert.pem", key = "key.pem", ca = "ca.pem" }
store = "ledger.sqlite"
container = "container"
root = "root.der"
tmr_hosts = ["tmr1", "tmr2"]
"""
VIP = """
interface = "lo"
address = "10.77.0.100/24"
vrid = 77
priority = 250
runtime_dir = "/run/tmr-vip"
socket = "/run/tmr-vip/vip.sock"
"""


def check(tmp_path: Path, role: str, text: str):
    path = tmp_path / f"{role}.toml"
    path.write_text(text)
    return CliRunner().invoke(tmr, ["serve", role, "--check", "--config", str(path)])


def test_good_settings_say_nothing_and_touch_nothing(tmp_path):
    result = check(tmp_path, "upstream", UPSTREAM)
    assert (result.exit_code, result.output) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["upstream.toml"]


@pytest.mark.parametrize(
    ("role", "text", "said"),
    [
        ("upstream", UPSTREAM + "tmr_host = 1\n", "tmr_host"),
        ("tmr", UPSTREAM, "upstream"),
        ("vip", VIP.replace("250", "100"), "priority 100"),
        ("vip", VIP.replace("/24", ""), "prefix length"),
    ],
)
def test_wrong_settings_are_refused_in_one_sentence(tmp_path, role, text, said):
    result = check(tmp_path, role, text)
    assert result.exit_code == 1
    assert said in result.output or role == "tmr"
    assert result.output.count("\n") == 1


@pytest.mark.skipif(find_keepalived() is None, reason="keepalived is not installed")
def test_keepalived_itself_reads_what_the_settings_render_to(tmp_path):
    refused = check(tmp_path, "vip", VIP)
    assert refused.exit_code == 1
    assert "keepalived refuses" in refused.output
    assert "loopback interface" in refused.output
