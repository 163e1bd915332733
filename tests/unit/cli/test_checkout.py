"""`tmr checkout` and `tmr checkin`: a seat in a file, and never two, none forgotten."""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from appliance.cli._seat import default_path
from appliance.codec.api import HolderDocument
from appliance.errors import ExitCode, UserError
from appliance.licences.wishes import WISHES, Wish
from tests.unit.cli.world import (
    World,
    a_lease,
    cells,
    document,
    mode_of,
    some_leases,
)
from tests.unit.client.fake import SILENCE, Reply, Request, problem
from tests.unit.licences.wish_samples import ASKED, IMPOSSIBLE, written
from tests.unit.verifier.plant import Endorser

PRODUCT = "100001:10"


def kept(world: World) -> dict[str, Any]:
    seat: dict[str, Any] = json.loads(world.state.read_text())
    return seat


def lease_call(world: World, method: str) -> str:
    """The route of the seat that is kept."""
    seat = kept(world)
    path = f"/v1/leases/{seat['lease_id']}"
    return f"{method} {path}?generation=17" if method == "DELETE" else f"{method} {path}"


def answers_puts_with(world: World, reply: Reply) -> None:
    """Whatever the id is: every check-out gets this."""

    def script(request: Request) -> Reply:
        return reply if request.method == "PUT" else world.first(request)

    world.first.server.script = script


def check_out(world: World, *arguments: object, code: ExitCode = ExitCode.OK) -> Any:
    result = world.tmr("checkout", PRODUCT, "--state", world.state, *arguments)
    assert result.exit_code == code, result.stderr
    return result


def check_in(world: World, *arguments: object, code: ExitCode = ExitCode.OK) -> Any:
    result = world.tmr("checkin", "--state", world.state, *arguments)
    assert result.exit_code == code, result.stderr
    return result


def test_a_seat_is_taken_kept_and_given_back(world: World) -> None:
    result = check_out(world)
    facts = dict(cells(result)[1:])
    seat = kept(world)
    assert facts["licence"] == "100001:10#4"
    assert facts["lives for"] == "60 s"
    assert facts["receipt"] == "verified: 2 containers vouch for it for 600 s"
    assert facts["lease id"] == seat["lease_id"]
    assert "it ends in 60 s unless `tmr checkin`" in result.stderr
    assert "tmr run --product 100001:10 -- COMMAND" in result.stderr
    assert mode_of(world.state) == 0o600
    assert seat["generation"] == 17

    (put,) = world.sent("PUT")
    secret = base64.b64decode(seat["secret"])
    sent_hash = base64.b64decode(put.document["secret_hash"])
    assert sent_hash == hashlib.sha256(secret).digest()
    assert seat["secret"] not in result.output, "the secret is shown to nobody"
    assert put.document["holder"]["application"] == "tmr checkout"

    result = check_in(world)
    assert "was given back" in result.stdout
    assert not world.state.exists()
    (delete,) = world.sent("DELETE")
    assert delete.path == f"/v1/leases/{seat['lease_id']}?generation=17"
    assert base64.b64decode(delete.headers["tmr-lease-secret"]) == secret


def test_as_json(world: World) -> None:
    result = check_out(world, "--units", 3, "--json")
    grant = document(result)
    assert (grant["units_taken"], grant["units_left"], grant["lease_ttl_s"]) == (3, 497, 60)
    assert len(grant["receipt"]["endorsements"]) == 2
    assert result.stderr == ""
    assert document(check_in(world, "--json")) == {
        "lease_id": grant["lease_id"],
        "generation": 17,
    }


def test_a_seat_in_the_file_is_not_forgotten(world: World) -> None:
    check_out(world)
    before = world.state.read_bytes()
    result = world.tmr("checkout", "100001:11", "--state", world.state)
    assert result.exit_code == ExitCode.REFUSED
    assert "holds a seat of 100001:10 already; give it back with `tmr checkin`" in result.stderr
    assert world.state.read_bytes() == before
    assert len(world.sent("PUT")) == 1, "nothing was asked for"


def test_the_seat_in_the_file_is_not_taken_twice(world: World) -> None:
    check_out(world, "--units", 3)
    before = world.state.read_bytes()
    assert "no second was taken" in check_out(world, "--units", 3).stderr
    assert world.state.read_bytes() == before
    first, second = world.sent("PUT")
    assert first.path == second.path
    assert len(world.sent("POST")) == 1, "nor are the units"


def test_no_answer_is_repeated_under_the_same_id(world: World) -> None:
    answers_puts_with(world, SILENCE)
    result = check_out(world, "--wait", "0.5", code=ExitCode.UNREACHABLE)
    assert "whether it took effect is unknown: the same command repeats" in result.stderr
    assert mode_of(world.state) == 0o600
    seat = kept(world)
    assert seat["generation"] == 0

    other = world.tmr("checkout", "100001:11", "--state", world.state)
    assert other.exit_code == ExitCode.REFUSED
    assert "holds an unanswered check-out of 100001:10; repeat that one" in other.stderr

    world.first.server.script = world.first
    check_out(world)
    puts = world.sent("PUT")
    assert {put.path for put in puts} == {f"/v1/leases/{seat['lease_id']}"}
    bodies = [{**put.document, "nonce": ""} for put in puts]
    assert all(body == bodies[0] for body in bodies), "the same request but for its nonce"
    assert kept(world)["generation"] == 17


@pytest.mark.parametrize("held", [True, False])
def test_an_unanswered_check_out_can_be_taken_back(world: World, held: bool) -> None:
    answers_puts_with(world, SILENCE)
    check_out(world, "--wait", "0.3", code=ExitCode.UNREACHABLE)
    leases = [a_lease(lease_id=kept(world)["lease_id"], generation=21)] if held else []
    world.first.say("GET /v1/leases", some_leases(a_lease(), *leases))
    result = check_in(world)
    assert not world.state.exists()
    paths = [request.path for request in world.sent("DELETE")]
    assert ["generation=21" in path for path in paths] == ([True] if held else [])
    assert ("never granted" in result.stderr) is not held


@pytest.mark.parametrize(
    ("reason", "status", "code"),
    [
        ("unknown-product", 404, ExitCode.NO_LICENCE),
        ("licence-expired", 403, ExitCode.NO_LICENCE),
        ("no-seat-free", 409, ExitCode.NO_LICENCE),
        ("too-many-leases", 507, ExitCode.REFUSED),
        ("forbidden", 403, ExitCode.REFUSED),
    ],
)
def test_a_refusal_leaves_no_file(world: World, reason: str, status: int, code: ExitCode) -> None:
    world.first.say("GET /v1/leases", some_leases())
    answers_puts_with(world, problem(reason, status, detail="It is so; do this."))
    result = check_out(world, code=code)
    assert result.stderr.startswith(f"tmr: {reason}: It is so; do this")
    assert not world.state.exists()
    assert result.stdout == ""


def test_quorum_lost_names_the_missing_and_is_repeated(world: World) -> None:
    answers_puts_with(world, problem("quorum-lost", 503, missing=("up1", "up2")))
    result = check_out(world, code=ExitCode.NO_LICENCE)
    assert "quorum-lost: the TMR host does not reach up1, up2" in result.stderr
    first_id = kept(world)["lease_id"]
    world.first.server.script = world.first
    check_out(world)
    assert kept(world)["lease_id"] == first_id


def test_no_seat_free_says_who_holds_them(world: World) -> None:
    answers_puts_with(world, problem("no-seat-free", 409, detail="All seats are taken"))
    others = [a_lease(f"cert:app{number}", holder=HolderDocument()) for number in range(2, 8)]
    world.first.say(
        "GET /v1/leases", some_leases(a_lease(), a_lease("cert:x", product_code=11), *others)
    )
    result = check_out(world, code=ExitCode.NO_LICENCE)
    assert (
        "All seats are taken; of those that you may see, seats are held by "
        "cert:app1 (alice on ws1, pid 12), cert:app2, cert:app3, cert:app4, cert:app5 and 2 more."
    ) in result.stderr
    assert "cert:x" not in result.stderr, "it holds another product's seat"

    world.first.say("GET /v1/leases", problem("forbidden", 403))
    result = check_out(world, code=ExitCode.NO_LICENCE)
    assert "All seats are taken; an operator's `tmr leases` shows who" in result.stderr


def test_a_forged_receipt_is_refused_and_the_seat_given_back(world: World) -> None:
    world.first.server.endorsers = [Endorser(world.first.server.plant.twins[0])]
    result = check_out(world, code=ExitCode.REFUSED)
    assert "the receipt is refused (one-endorsement)" in result.stderr
    assert not world.state.exists()
    assert len(world.sent("DELETE")) == 1


def test_without_a_licence_root_no_seat_is_asked_for(world: World) -> None:
    bare = world.directory / "bare.toml"
    bare.write_text(world.profile.read_text("utf-8").replace('licence_root = "root.pem"', ""))
    result = world.tmr("checkout", PRODUCT, "--state", world.state, profile=bare)
    assert result.exit_code == ExitCode.USAGE
    assert "bare.toml: licence_root is missing; name the licence root's" in result.stderr
    assert not world.state.exists() and world.first.server.requests == []


def refuse_units(world: World, reply: Reply, *, delete: Reply | None = None) -> None:
    def script(request: Request) -> Reply:
        if request.path.endswith("/units"):
            return reply
        if request.method == "DELETE" and delete is not None:
            return delete
        return world.first.server.honest(request)

    world.first.server.script = script


def test_units_refused_give_the_seat_back(world: World) -> None:
    detail = "Licence 100001:10#4 has no unit counter: use it without consuming units."
    refuse_units(world, problem("no-unit-counter", 409, detail=detail))
    result = check_out(world, "--units", "3", code=ExitCode.NO_LICENCE)
    assert result.stderr.endswith("without consuming units; the seat was given back.\n")
    assert not world.state.exists()
    assert len(world.sent("DELETE")) == 1


def test_units_refused_and_the_seat_not_given_back(world: World) -> None:
    lost = problem("quorum-lost", 503, missing=("up1", "up2"))
    refuse_units(world, problem("units-exhausted", 409, detail="2 are left"), delete=lost)
    result = check_out(world, "--units", "3", code=ExitCode.NO_LICENCE)
    assert "the seat is kept in" in result.stderr
    assert kept(world)["generation"] == 17


def test_units_without_an_answer_are_taken_once(world: World) -> None:
    refuse_units(world, SILENCE)
    check_out(world, "--units", "3", "--wait", "2", code=ExitCode.UNREACHABLE)
    result = check_out(world, "--units", "4", code=ExitCode.REFUSED)
    assert "unanswered check-out of 100001:10 --units 3; repeat that one" in result.stderr

    world.first.server.script = world.first
    result = check_out(world, "--units", "3")
    assert dict(cells(result)[1:])["units taken"] == "3"
    numbers = {
        (request.document["number"], request.document["units"]) for request in world.sent("POST")
    }
    assert numbers == {(1, 3)}, "the server tells a repeat by its number"
    assert kept(world)["units_taken"] is True


@pytest.mark.parametrize("reason", ["lease-ended", "lease-unknown"])
def test_a_lapsed_seat_is_no_error(world: World, reason: str) -> None:
    check_out(world)
    detail = "Lease x was expired for want of heartbeats; check out under a new lease id."
    world.first.say(lease_call(world, "DELETE"), problem(reason, 410, detail=detail))
    result = check_in(world)
    assert result.stdout == ""
    assert "no seat to give back: Lease x was expired for want of heartbeats." in result.stderr
    assert not world.state.exists()


def test_a_repeat_that_comes_too_late_makes_room_for_a_new_seat(world: World) -> None:
    answers_puts_with(world, SILENCE)
    check_out(world, "--wait", "0.3", code=ExitCode.UNREACHABLE)
    detail = "Lease x was expired for want of heartbeats; check out under a new lease id."
    answers_puts_with(world, problem("lease-ended", 410, detail=detail))
    result = check_out(world, code=ExitCode.REFUSED)
    assert result.stderr == (
        "tmr: lease-ended: Lease x was expired for want of heartbeats; "
        "the same command now takes a new seat.\n"
    )
    assert not world.state.exists()


def test_a_passing_refusal_does_not_forget_an_unanswered_check_out(world: World) -> None:
    answers_puts_with(world, SILENCE)
    check_out(world, "--wait", "0.3", code=ExitCode.UNREACHABLE)
    answers_puts_with(world, problem("too-many-leases", 507, detail="try again"))
    check_out(world, code=ExitCode.REFUSED)
    assert kept(world)["generation"] == 0


def test_an_unanswered_check_in_keeps_the_file(world: World) -> None:
    check_out(world)
    world.first.say(lease_call(world, "DELETE"), SILENCE)
    result = check_in(world, "--wait", "0.3", code=ExitCode.UNREACHABLE)
    assert "do it again; a seat that nobody gives back lapses by itself" in result.stderr
    assert world.state.exists()


def test_a_seat_granted_anew_since_is_given_back(world: World) -> None:
    check_out(world)
    seat = kept(world)
    world.first.say(lease_call(world, "DELETE"), problem("old-generation", 409, detail="now 30"))
    world.first.say(
        "GET /v1/leases", some_leases(a_lease(lease_id=seat["lease_id"], generation=30))
    )
    assert "was given back" in check_in(world).stdout
    assert world.sent("DELETE")[-1].path.endswith("generation=30")


def test_another_identity_does_not_forget_the_seat(world: World) -> None:
    check_out(world)
    world.first.say(lease_call(world, "DELETE"), problem("lease-unknown", 404, detail="no"))
    other = world.write_profile(world.first.server.port, name="other.toml")
    result = world.tmr("checkin", "--state", world.state, profile=other)
    assert result.exit_code == ExitCode.REFUSED
    assert f"use --profile {world.profile}" in result.stderr
    assert world.state.exists()


def test_checkin_remembers_its_profile(world: World) -> None:
    check_out(world)
    from click.testing import CliRunner

    from appliance.cli.main import tmr

    environment = {"TMR_PROFILE": None, "HOME": str(world.directory / "home")}
    result = CliRunner().invoke(tmr, ["checkin", "--state", str(world.state)], env=environment)
    assert result.exit_code == ExitCode.OK, result.stderr
    assert not world.state.exists()


def test_the_default_place(world: World) -> None:
    assert world.tmr("checkout", PRODUCT).exit_code == ExitCode.OK
    assert default_path({"XDG_STATE_HOME": str(world.directory / "xdg")}).is_file()
    assert world.tmr("checkin").exit_code == ExitCode.OK
    result = world.tmr("checkin")
    assert result.exit_code == ExitCode.REFUSED
    assert "is not there or empty, so no seat is kept in it" in result.stderr


def test_an_empty_file_holds_nothing_and_is_used(world: World) -> None:
    world.state.parent.mkdir()
    world.state.touch()  # mktemp makes such a file, and so does a full disk
    check_in(world, code=ExitCode.REFUSED)
    check_out(world)
    assert kept(world)["generation"] == 17
    assert mode_of(world.state) == 0o600


@pytest.mark.parametrize("link_error", [errno.EPERM, errno.EOPNOTSUPP])
def test_a_file_system_without_links(world: World, monkeypatch, link_error: int) -> None:
    def no_link(*_: object) -> None:
        raise OSError(link_error, os.strerror(link_error))

    monkeypatch.setattr("os.link", no_link)
    check_out(world)
    assert kept(world)["generation"] == 17


def test_names_that_are_no_text_cost_no_seat(world: World, monkeypatch) -> None:
    monkeypatch.setenv("LOGNAME", "M\udcfcller\x1b[2J" + "x" * 300)
    profile = world.directory / "pr\udce9sse.toml"
    profile.write_bytes(world.profile.read_bytes())
    assert check_out(world, "--profile", profile).exit_code == ExitCode.OK
    (put,) = world.sent("PUT")
    user = put.document["holder"]["user"]
    assert user.startswith("M\N{REPLACEMENT CHARACTER}ller\N{REPLACEMENT CHARACTER}[2Jxxx")
    assert len(user) == 256
    check_in(world)


def test_nobody_knows_where_home_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("pathlib.Path.home", homeless)
    with pytest.raises(UserError, match="--state") as refused:
        default_path({})
    assert refused.value.code is ExitCode.USAGE


@pytest.mark.parametrize("content", [b"{", b'{"version": 1}', b"\xff\xfe", b"[]" * 40000])
def test_a_strange_file_is_left_alone(world: World, content: bytes) -> None:
    world.state.parent.mkdir()
    world.state.write_bytes(content)
    for verb in (["checkout", PRODUCT], ["checkin"]):
        result = world.tmr(*verb, "--state", world.state)
        assert result.exit_code == ExitCode.USAGE
        assert "is no file of `tmr checkout`" in result.stderr
        assert world.state.read_bytes() == content
    assert world.first.server.requests == []


def test_a_place_that_cannot_be_is_said_before_a_seat_is_taken(world: World) -> None:
    (world.directory / "file").write_text("")
    result = world.tmr("checkout", PRODUCT, "--state", world.directory / "file" / "seat")
    assert result.exit_code == ExitCode.REFUSED
    assert "cannot be used (" in result.stderr and "with --state." in result.stderr
    assert world.first.server.requests == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ten"], "'ten' is not FIRM:PRODUCT"),
        (["1:2:"], "is not FIRM:PRODUCT"),
        (["1:2:0"], "seats of product 2 have to be 1 to"),
        (["1:2", "3:4"], "have to be of one firm"),
        (["1:2", "3:2"], "have to be of one firm"),
        (["1:2", "1:2:2"], "asks for product 2 twice"),
        ([f"1:{code}" for code in range(17)], "asks for 17 products, not 1 to 16"),
        (["1:2", "--seats", "0"], "--seats"),
        ([PRODUCT, "--units", "0"], "--units"),
        ([], "Missing argument"),
    ],
)
def test_wrong_usage(world: World, arguments: list[str], words: str) -> None:
    result = world.tmr("checkout", *arguments)
    assert result.exit_code == ExitCode.USAGE
    assert words in result.stderr


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: wish.field)
def test_what_is_asked_is_kept_and_repeated(world: World, wish: Wish) -> None:
    asked = ASKED[wish.field]
    check_out(world, *written(wish, asked))
    check_out(world, *written(wish, asked))
    assert [put.document[wish.field] for put in world.sent("PUT")] == [asked, asked]
    other = world.tmr("checkout", PRODUCT, "--state", world.state)
    assert "holds a seat of 100001:10 already" in other.stderr
    if isinstance(asked, bool):
        return  # A flag has no value that could be wrong.
    wrong = world.tmr("checkout", PRODUCT, wish.flag, IMPOSSIBLE[wish.field])
    assert wrong.exit_code == ExitCode.USAGE
    assert f"is not {wish.what}" in wrong.stderr
