"""Settings files: what they say, and one clear sentence for everything wrong with them."""

from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.errors import UserError
from appliance.services import settings
from tests.unit.codec import world

UPSTREAM = """
name = "up1"
links_listen = "10.77.0.11:7101"
tls = { cert = "tls/cert.pem", key = "/etc/tmr/key.pem", ca = "tls/ca.pem" }
store = "ledger.sqlite"
container = "container"
root = "root.der"
tmr_hosts = ["tmr1", "tmr2"]
advert_int_s = 0.1
"""
TMR = """
name = "tmr1"
twin = { name = "tmr2", address = "10.77.0.22:7103" }
api_listen = ["10.77.0.21:7200", "10.77.0.100:7200"]
twin_listen = "10.77.0.21:7103"
tls = { cert = "cert.pem", key = "key.pem", ca = "ca.pem" }
root = "root.der"
virtual_ip = "10.77.0.100"
vip_socket = "/run/tmr/vip.sock"
virtual_serial = "131-12345678"
upstreams = [
    { name = "up1", address = "10.77.0.11:7101" },
    { name = "up2", address = "[fd00::12]:7101" },
    { name = "up3", address = "10.77.0.13:7101" },
]
limits = { connections_max = 100 }
"""


@pytest.fixture
def write(tmp_path):
    def writer(text):
        path = tmp_path / "host.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return writer


def test_an_upstream(write, tmp_path):
    read = settings.load_upstream(write(UPSTREAM))
    assert read.tls.files == (tmp_path / "tls/cert.pem", Path("/etc/tmr/key.pem"), read.tls.ca)
    assert read.store == tmp_path / "ledger.sqlite"
    assert read.admin_listen == "127.0.0.1:7102"
    assert read.timing.hold_s == pytest.approx(0.2)


def test_a_tmr_server(write):
    read = settings.load_tmr(write(TMR))
    assert read.twin.host_port == ("10.77.0.22", 7103)
    assert [host.host_port for host in read.upstreams][1] == ("fd00::12", 7101)
    assert (read.limits.connections_max, read.limits.body_bytes_max) == (100, 65536)
    assert read.vip_socket == Path("/run/tmr/vip.sock")


def test_what_is_dumped_is_read_back(write):
    first = settings.load_tmr(write(TMR))
    assert settings.load_tmr(write(settings.dump(first))) == first
    loopback = msgspec.structs.replace(first, virtual_ip="", vip_socket=None)
    assert settings.load_tmr(write(settings.dump(loopback))) == loopback
    upstream = settings.load_upstream(write(UPSTREAM))
    odd = msgspec.structs.replace(upstream, store=Path('/var/a "quoted" \\ pläce\u2028'))
    assert settings.load_upstream(write(settings.dump(odd))) == odd


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('name = "up1"', "", "missing required field `name`"),
        ('name = "up1"', 'name = ""', "is no host name"),
        ("advert_int_s = 0.1", "advert_int_s = 0", "advert_int_s must be from 0.01"),
        ("advert_int_s = 0.1", 'advert_int_s = "fast"', "$.advert_int_s"),
        ("advert_int_s = 0.1", "advert_int = 0.1", "unknown field `advert_int`"),
        ("10.77.0.11:7101", "10.77.0.11", "is not of the form host:port"),
        ("10.77.0.11:7101", "10.77.0.11:70000", "is not of the form host:port"),
        ('store = "ledger.sqlite"', "store = 7", "$.store"),
        ('store = "ledger.sqlite"', 'store = ""', "$.store"),
        ('["tmr1", "tmr2"]', "[]", "tmr_hosts must name at least one"),
        ('["tmr1", "tmr2"]', '["tmr1", "tmr1"]', "tmr_hosts must name at least one"),
        ('["tmr1", "tmr2"]', '["up1"]', "tmr_hosts must name at least one"),
        ('"10.77', "10.77", "is not TOML"),
        ('name = "up1"', 'name = "up1"\nbox_time_save_s = 0', "box_time_save_s must be"),
    ],
)
def test_a_wrong_upstream_is_refused_in_one_sentence(write, old, new, words):
    assert old in UPSTREAM
    path = write(UPSTREAM.replace(old, new, 1))
    with pytest.raises(UserError) as refused:
        settings.load_upstream(path)
    assert words.lower() in refused.value.sentence.lower()
    assert str(path) in refused.value.sentence
    assert "\n" not in refused.value.sentence


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('{ name = "up3", address = "10.77.0.13:7101" },', "", "exactly 3, not 2"),
        ('name = "up3"', 'name = "up1"', "five different names"),
        ('name = "tmr2"', 'name = "tmr1"', "five different names"),
        ('"131-12345678"', '"130-12345678"', "must start with 131"),
        ('"131-12345678"', '"12345678"', "no container serial"),
        ('vip_socket = "/run/tmr/vip.sock"', "", "belong together"),
        ('virtual_ip = "10.77.0.100"', "", "belong together"),
        ('["10.77.0.21:7200", "10.77.0.100:7200"]', "[]", "at least one address"),
        ("connections_max = 100", "connections_max = 0", "connections_max must be at least 1"),
        ("connections_max = 100", "conections_max = 9", "unknown field `conections_max`"),
    ],
)
def test_a_wrong_tmr_server_is_refused_in_one_sentence(write, old, new, words):
    assert old in TMR
    with pytest.raises(UserError) as refused:
        settings.load_tmr(write(TMR.replace(old, new, 1)))
    assert words.lower() in refused.value.sentence.lower()


def test_no_file_and_no_text(tmp_path):
    with pytest.raises(UserError, match="Cannot read"):
        settings.load_upstream(tmp_path / "absent.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match="is not TOML"):
        settings.load_tmr(tmp_path / "binary.toml")


def test_the_root_may_be_der_or_pem(tmp_path):
    path = tmp_path / "root"
    path.write_bytes(world.ROOT)
    assert settings.read_root(path) == world.ROOT
    path.write_bytes(x509.load_der_x509_certificate(world.ROOT).public_bytes(Encoding.PEM))
    assert settings.read_root(path) == world.ROOT


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no licence root"),
        (b"-----BEGIN CERTIFICATE-----\n", "holds no certificate"),
        (world.FIRM_A_CERTIFICATE, "is no licence root"),
    ],
)
def test_what_is_no_root_is_refused(tmp_path, content, words):
    path = tmp_path / "root"
    path.write_bytes(content)
    with pytest.raises(UserError, match=words):
        settings.read_root(path)
