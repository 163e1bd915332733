"""`tmr dismiss` and `tmr limit`: which certificate is meant, and what is asked of whom."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.adapters.pki import authority as pki
from appliance.codec.api import EndedDocument
from appliance.codec.api_certificates import CertificateDocument, CertificatesDocument
from appliance.errors import ExitCode
from tests.unit.cli.world import World, a_lease, cells, document, done, some_leases
from tests.unit.client.fake import Reply

LIST = "GET /v1/certificates"
WHY = ("--why", "the laptop was stolen")


def post(serial: str) -> str:
    return f"POST /v1/certificates/{serial}/dismiss"


def seen(*rows: tuple[str, str]) -> Reply:
    certificates = tuple(
        CertificateDocument(serial=serial, name=name, role="client", ends_at_s=1_900_000_000)
        for serial, name in rows
    )
    gone = CertificateDocument(serial="99", name="eve", role="view", who="cert:adam", why="left")
    return Reply(200, CertificatesDocument(dismissed=(gone,), seen=certificates))


def test_a_file_says_which_certificate_is_meant(world: World, tmp_path: Path) -> None:
    pki.create_ca(tmp_path / "ca", datetime.now(UTC))
    files = pki.issue_client(tmp_path / "ca", tmp_path / "app", "app1", datetime.now(UTC))
    which = pki.which_certificate(files.cert.read_bytes())
    world.first.say(post(which.serial), done())
    result = world.tmr("dismiss", "--file", str(files.cert), *WHY)
    assert result.exit_code == ExitCode.OK
    assert f"The certificate {which.serial} of app1 (client) is good no more." in result.stdout
    (asked,) = world.sent("POST")
    assert asked.document == {
        "why": "the laptop was stolen",
        "name": "app1",
        "role": "client",
        "ends_at_s": which.ends_at_s,
    }
    bad = tmp_path / "bad.pem"
    bad.write_text("nothing")
    result = world.tmr("dismiss", "--file", str(bad), *WHY)
    assert (result.exit_code, "holds no certificate" in result.stderr) == (ExitCode.REFUSED, True)


def test_a_number_may_be_written_as_openssl_writes_it(world: World) -> None:
    world.first.say(post("A0B1"), done())
    for text in ("0a0b1", "serial=A0B1", "A0:B1"):
        assert world.tmr("dismiss", "--serial", text, *WHY).exit_code == ExitCode.OK
    result = world.tmr("dismiss", "--serial", "xyz", *WHY)
    assert (result.exit_code, "is no serial number" in result.stderr) == (ExitCode.USAGE, True)


def test_a_name_is_enough_while_only_one_was_seen(world: World) -> None:
    world.first.say(LIST, seen(("A1", "app1"), ("B1", "app2"), ("B2", "app2")))
    for serial in ("A1", "B1", "B2"):
        world.first.say(post(serial), done())
    assert document(world.tmr("dismiss", "app1", *WHY, "--json"))["dismissed"][0]["serial"] == "A1"
    result = world.tmr("dismiss", "app2", *WHY)
    assert result.exit_code == ExitCode.REFUSED
    assert "app2 has 2: B1 (until 2030-03-17), B2" in result.stderr
    found = document(world.tmr("dismiss", "app2", "--all", *WHY, "--json"))
    assert [one["serial"] for one in found["dismissed"]] == ["B1", "B2"]
    result = world.tmr("dismiss", "nobody", *WHY)
    assert "has seen no certificate of nobody" in result.stderr


def test_its_leases_can_be_ended_at_once(world: World) -> None:
    world.first.say(LIST, seen(("A1", "app1")))
    world.first.say(post("A1"), done())
    world.first.say("GET /v1/leases", some_leases(a_lease("cert:app1"), a_lease("cert:other")))
    release = "POST /v1/leases/cert%3Aapp1/l1/release"
    world.first.say(release, Reply(200, EndedDocument(lease_id="l1", generation=17)))
    result = world.tmr("dismiss", "app1", "--end-leases", *WHY)
    assert "1 leases were ended." in result.stdout
    assert [f"{one.method} {one.path}" for one in world.sent("POST")] == [post("A1"), release]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("app1",), "Say --why"),
        (WHY, "Say which"),
        (("--serial", "A1", "--file", __file__, *WHY), "Say which"),
    ],
)
def test_what_is_not_said_is_asked_for(
    world: World, arguments: tuple[str, ...], words: str
) -> None:
    result = world.tmr("dismiss", *arguments)
    assert (result.exit_code, words in result.stderr) == (ExitCode.USAGE, True)
    assert not world.sent("POST")


def test_the_list_shows_both(world: World) -> None:
    world.first.say(LIST, seen(("A1", "app1")))
    rows = cells(world.tmr("dismiss", "--list"))
    assert [row[0] for row in rows] == ["serial number", "99", "A1"]
    assert rows[1][-2:] == ["dismissed", "cert:adam: left"]


def test_a_limit_of_seats_is_set_and_lifted(world: World) -> None:
    world.first.say("POST /v1/limit", done())
    result = world.tmr("limit", "100:10", "--seats", "3", *WHY)
    assert result.stdout == "Each client may hold 3 seats of 100:10.\n"
    assert "all seats" in world.tmr("limit", "100:10", "--seats", "0", *WHY).stdout
    first, _ = world.sent("POST")
    assert first.document == {
        "firm_code": 100,
        "product_code": 10,
        "seats": 3,
        "why": "the laptop was stolen",
    }
    assert world.tmr("limit", "x", "--seats", "3", *WHY).exit_code == ExitCode.USAGE
