"""`tmr licences` and `tmr leases`, and what every verb says when it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.codec.api import LeaseLine, LicencesDocument
from appliance.errors import ExitCode
from tests.unit.cli.world import (
    World,
    a_lease,
    a_licence,
    a_status,
    cells,
    closed_port,
    document,
    some_leases,
    some_licences,
)
from tests.unit.client.fake import Reply, make_certificates, problem

LICENCES, LEASES = "GET /v1/licences", "GET /v1/leases"


def test_the_matrix_of_constituents(world: World) -> None:
    world.first.say(
        f"{LICENCES}?all=1",
        some_licences(
            a_licence("ok", "ok", "unreachable", units=500, units_left=480),
            a_licence(
                *("ok", "differs", "missing"),
                tmr_id=5,
                expires_at_s=1_893_456_000,
                refusal="unknown-product",
            ),
            a_licence("locked", "missing", "missing", tmr_id=6, expires_at_s=10**15),
        ),
    )
    lines = cells(world.tmr("licences"))
    assert lines[0] == [
        *("licence", "firm", "text", "up1", "up2", "up3"),
        *("available", "in use", "units left", "expires (UTC)"),
    ]
    assert lines[1][3:] == ["ok", "ok", "unreachable", "yes", "3/10", "480", "never"]
    assert lines[2][3:6] == ["ok", "differs: expires_at_s", "missing"]
    assert lines[2][6:] == ["no: unknown-product", "3/10", "-", "2030-01-01 00:00:00"]
    assert lines[3][:6] == ["100001:10#6", "Acme", "CAD", "locked", "missing", "missing"]
    assert lines[3][9] == str(10**15), "beyond the calendar it is still shown"


def test_a_twin_without_a_known_host_keeps_its_number(world: World) -> None:
    world.first.say(f"{LICENCES}?all=1", some_licences(a_licence("ok", "ok", "missing")))
    assert cells(world.tmr("licences"))[0][3:6] == ["up1", "up2", "twin 3"]


def test_no_licence_is_said(world: World) -> None:
    world.first.say(LICENCES, some_licences())
    result = world.tmr("licences", "--available")
    assert result.exit_code == ExitCode.OK
    assert "no licence is available; `tmr licences` also shows" in result.stderr


def test_licences_as_json(world: World) -> None:
    world.first.say(f"{LICENCES}?all=1", some_licences(a_licence("ok", "ok", "ok")))
    result = world.tmr("licences", "--json")
    found = document(result)
    assert (found["virtual_serial"], result.stderr) == ("131-777", "")
    (licence,) = found["licences"]
    assert (licence["in_use"], licence["quantity"], licence["available"]) == (3, 10, True)
    assert [part["state"] for part in licence["constituents"]] == ["ok"] * 3


def test_who_holds_what(world: World) -> None:
    world.first.say(
        LEASES,
        some_leases(
            a_lease(units_taken=3),
            a_lease(
                "token:batch",
                "l2",
                holder={},
                heartbeat_age_s=None,
                granted_at_ms=10**18,
                seats=3,
                role="overflow",
            ),
            a_lease(
                lease_id="l3",
                seats=3,
                lines=(
                    LeaseLine(product_code=10, tmr_id=4),
                    LeaseLine(product_code=11, tmr_id=5, seats=2),
                ),
            ),
        ),
    )
    lines = cells(world.tmr("leases"))
    assert lines[1] == [
        *("cert:app1", "alice", "ws1", "12", "cad", "100001:10#4", "1", "main", "3"),
        *("2026-01-01 00:00:00", "3.2 s ago", "l1"),
    ]
    assert lines[2] == [
        *("token:batch", "-", "-", "-", "-", "100001:10#4", "3", "overflow", "0"),
        *(f"{10**18} ms", "-", "l2"),
    ]
    assert lines[0][-1] == "lease id", "there is no column of modes where all are the usual one"
    found = document(world.tmr("leases", "--json"))
    assert [lease["lease_id"] for lease in found["leases"]] == ["l1", "l2", "l3"]
    assert lines[3][5:7] == ["100001:10#4 (1), 100001:11#5 (2)", "3"]


def test_leases_of_a_station_can_be_told(world: World) -> None:
    shared = {"mode": "station-share", "station": "01234567"}
    world.first.say(LEASES, some_leases(a_lease(**shared), a_lease(lease_id="l2")))
    lines = cells(world.tmr("leases"))
    assert [line[-2:] for line in lines] == [
        ["mode", "station"],
        ["station-share", "01234567"],
        ["user-limit", "-"],
    ]


def test_seats_that_linger_are_shown_beside_those_in_use(world: World) -> None:
    world.first.say(f"{LICENCES}?all=1", some_licences(a_licence("ok", "ok", "ok", lingering=2)))
    assert cells(world.tmr("licences"))[1][7] == "3+2 lingering/10"


@pytest.mark.parametrize(
    ("reply", "code", "words"),
    [
        (
            problem("unauthenticated", 401, detail="no client certificate came along"),
            ExitCode.REFUSED,
            "unauthenticated: no client certificate came along; name a certificate and its key",
        ),
        (
            problem("forbidden", 403, detail="this needs role operate"),
            ExitCode.REFUSED,
            "forbidden: this needs role operate; use the certificate of an operator",
        ),
        (
            problem("not-found", 404),
            ExitCode.REFUSED,
            "not-found: not-found; is this the address of a TMR host",
        ),
        (
            problem("not-founded", 503, detail="no content yet"),
            ExitCode.UNREACHABLE,
            "(not-founded: no content yet); start the upstreams",
        ),
        (
            problem("quorum-lost", 503, missing=("up1", "up3")),
            ExitCode.NO_LICENCE,
            "quorum-lost: the TMR host does not reach up1, up3, and two of three upstreams are "
            "needed; bring one of them back",
        ),
        (
            problem("quorum-lost", 503, missing=("up1", "up2", "up3")),
            ExitCode.NO_LICENCE,
            "does not reach up1, up2, up3, and two of three upstreams are needed; bring two of",
        ),
        (
            problem("overloaded", 503, detail="too many wait"),
            ExitCode.UNREACHABLE,
            "within 2 s (overloaded: too many wait); it is there, but busy",
        ),
        (Reply(418, {}), ExitCode.REFUSED, "unexpected-answer: the server answered 418"),
        (Reply(200, {"leases": 3}), ExitCode.UNREACHABLE, "the server's answer is not a Leases"),
        (Reply(raw=b"SSH-2.0\r\n\r\n"), ExitCode.UNREACHABLE, "does not speak HTTP/1.1"),
    ],
)
def test_a_refusal_says_what_to_do(world: World, reply: Reply, code: ExitCode, words: str) -> None:
    world.first.say(LEASES, reply)
    result = world.tmr("leases", "--wait", "2", "--json")
    assert result.exit_code == code
    assert words in result.stderr
    assert result.stdout == ""
    assert "took effect" not in result.stderr, "a question changes nothing"


def test_a_passive_host_names_the_active_one(world: World) -> None:
    world.first.say(LEASES, problem("not-active", 503, active="tmr2", detail="tmr2 is"))
    world.first.say("GET /v1/status", Reply(200, a_status("tmr1", "tmr2")))
    result = world.tmr("leases", "--wait", "2")
    assert result.exit_code == ExitCode.UNREACHABLE
    assert "is not the active TMR host, tmr2 is; " in result.stderr
    assert "--address" in result.stderr


def test_no_host_is_active(world: World) -> None:
    world.first.say(LEASES, problem("not-active", 503, detail="no active host is known"))
    world.first.say("GET /v1/status", Reply(200, a_status(active="", verdict="down")))
    result = world.tmr("leases", "--wait", "2")
    assert result.exit_code == ExitCode.UNREACHABLE
    assert "no TMR host is active now" in result.stderr


def test_nobody_listens(world: World) -> None:
    port = closed_port()
    result = world.tmr("leases", "--wait", "0.3", profile=world.write_profile(port))
    assert result.exit_code == ExitCode.UNREACHABLE
    assert f"no answer from 127.0.0.1:{port} within 0.3 s (cannot connect" in result.stderr
    assert str(world.profile) in result.stderr


def test_address_and_certificate_overrule_the_profile(world: World, tmp_path: Path) -> None:
    world.second.say(LEASES, some_leases(a_lease()))
    there = f"127.0.0.1:{world.second.server.port}"
    identity = world.certificates
    result = world.tmr(
        *("leases", "--address", there),
        *("--certificate", identity.client, "--key", identity.client_key),
    )
    assert (result.exit_code, len(cells(result))) == (ExitCode.OK, 2)
    assert world.first.server.requests == []

    strange = tmp_path / "strange"
    strange.mkdir()
    foreign = make_certificates(strange)
    theirs = ("--certificate", foreign.client, "--key", foreign.client_key)
    result = world.tmr("leases", "--wait", "2", *theirs)
    # Under TLS 1.3 the server may close before its alert is read, so the words differ.
    assert result.exit_code in (ExitCode.REFUSED, ExitCode.UNREACHABLE)
    assert "certificate" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--profile", "/no/such.toml"],
            "--profile names /no/such.toml, which does not exist or is not a file",
        ),
        (["--address", "nonsense"], '--address: the address "nonsense" is not of the form'),
        (["--wait", "0"], "Invalid value for '--wait'"),
        (["--certificate", "/no/such.pem"], "does not exist"),
        (["--key", __file__], "--certificate and --key belong together"),
    ],
)
def test_wrong_usage(world: World, arguments: list[str], words: str) -> None:
    result = world.tmr("leases", *arguments)
    assert result.exit_code == ExitCode.USAGE
    assert words in result.stderr


@pytest.mark.parametrize(
    ("left_s", "said"),
    [
        (14 * 86_400 + 1, "-"),
        (14 * 86_400, "update within 14 d 0 h"),
        (86_400 + 7_200, "update within 1 d 2 h"),
        (1, "update within 0 d 0 h"),
        (0, "too old: rests until `tmr time update`"),
        (-5, "too old: rests until `tmr time update`"),
    ],
)
def test_a_limit_on_certified_time_counts_down_14_days_ahead(
    world: World, left_s: int, said: str
) -> None:
    now_s = 1_893_456_000
    licence = a_licence("ok", "ok", "ok", certified_age_max_s=1, certified_until_s=now_s + left_s)
    document = LicencesDocument(
        virtual_serial="131-777",
        licences=(licence, a_licence("ok", "ok", "ok", tmr_id=5)),
        log_time_ms=now_s * 1000 + 999,
    )
    world.first.say(f"{LICENCES}?all=1", Reply(200, document))
    lines = cells(world.tmr("licences"))
    assert [line[-1] for line in lines] == ["certified time", said, "-"]


def test_licences_come_in_pages_and_of_one_firm_or_product(world: World) -> None:
    first = LicencesDocument(
        virtual_serial="131-777",
        licences=(a_licence("ok", "ok", "ok"),),
        next="100001:10:4",
        edition="e",
    )
    last = LicencesDocument(
        virtual_serial="131-777", licences=(a_licence("ok", "ok", "ok", tmr_id=5),), edition="e"
    )
    call = f"{LICENCES}?firm_code=100001&product_code=10&all=1"
    world.first.say(call, Reply(200, first))
    world.first.say(f"{call}&after=100001:10:4", Reply(200, last))
    arguments = ("licences", "--firm", "100001", "--product", "10")
    lines = cells(world.tmr(*arguments))
    assert [line[0] for line in lines] == ["licence", "100001:10#4", "100001:10#5"]
    listed = document(world.tmr(*arguments, "--json"))["licences"]
    assert [one["tmr_id"] for one in listed] == [4, 5]
    world.first.say(f"{LICENCES}?firm_code=7&all=1", some_licences())
    assert "no licence of firm 7 is known" in world.tmr("licences", "--firm", "7").stderr
