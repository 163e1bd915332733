"""`tmr central`: the vendors' story on the command line."""

import errno
import json
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import SystemRandom

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, event

from appliance.adapters.container_home import ContainerHome
from appliance.adapters.files import write_whole
from appliance.cli.main import tmr
from appliance.services.central import LicenseCentral
from tests.unit.central.asking import ORDER, by_hand, rows

# 2031-01-01 12:00 UTC: the last day of 2030 is over everywhere on earth.
FOR = ("--order", ORDER)
AFTER_2030 = 1_925_035_200


@pytest.fixture
def invoke(tmp_path):
    def call(*words: str, answer: str | None = None) -> Result:
        directory = str(tmp_path / "central")
        return CliRunner().invoke(tmr, ["central", "--dir", directory, *words], input=answer)

    return call


@pytest.fixture
def run(invoke):
    def call(*words: str, expect: int = 0) -> str:
        result = invoke(*words)
        assert result.exit_code == expect, result.output
        return str(result.output)

    call("init")
    call("firm", "add", "--code", "600100", "--name", "Firm A")
    call("product", "add", "--firm", "600100", "--code", "10", "--quantity", "10")
    return call


def made(path, name, root):
    return ContainerHome.create(path / name, SystemRandom(), name, root_certificate=root)


@pytest.fixture
def homes(tmp_path, run):
    root = (tmp_path / "central" / "root" / "root.cert.der").read_bytes()
    return [made(tmp_path, f"up{number}", root) for number in (1, 2, 3)]


def files(tmp_path, homes):
    """Requests that were just made, one of each container."""
    paths = [tmp_path / f"{home.serial}.tmr-request" for home in homes]
    for path, home in zip(paths, homes, strict=True):
        path.write_bytes(by_hand(home, 600_100))
    return list(map(str, paths))


def test_issue_change_and_hand_out_again(run, homes, tmp_path):
    out = str(tmp_path / "out")
    options = ("--units", "500", "--expires", "2030-12-31", "--feature-map", "3")
    issued = json.loads(
        run(
            *("issue", *FOR, "--firm", "600100", "--product", "10", *options),
            *("--out", out, "--json", *files(tmp_path, homes)),
        )
    )
    assert issued["tmr_id"] == 1
    assert [one["serial"] for one in issued["updates"]] == [home.serial for home in homes]
    for home, one in zip(homes, issued["updates"], strict=True):
        with open(one["file"], "rb") as file:
            item = home.import_update(file.read()).firm.items[0]
    assert (item.quantity, item.units, item.expires_at_s, item.feature_map) == (
        10,
        500,
        AFTER_2030,
        3,
    )
    only = ("--serial", homes[0].serial, "--out", out, "--json")
    forever = ("--expires", "never", "--units", "none")
    changed = json.loads(run("change", "--firm", "600100", "--tmr-id", "1", *forever, *only))
    (one,) = changed["updates"]
    with open(one["file"], "rb") as file:
        item = homes[0].import_update(file.read()).firm.items[0]
    assert (item.expires_at_s, item.units, item.quantity) == (None, None, 10)
    again = json.loads(run("updates", "--firm", "600100", *only))
    assert [one["sequence"] for one in again["updates"]] == [1, 2]
    shown = json.loads(run("show", "--json"))["licences"]
    assert {(one["tmr_id"], one["expires_at_s"]) for one in shown} == {
        (1, None),
        (1, AFTER_2030),
    }
    assert "600100:10#1" in run("show")
    assert homes[2].serial in run(
        "issue", *FOR, "--firm", "600100", "--product", "10", "--out", out, *files(tmp_path, homes)
    )


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (("--activates", "2030-12-31"), {"activates_at_s": 1_924_855_200}),
        (("--activates", "2030-12-31T00:00"), {"activates_at_s": 1_924_905_600}),
        (("--activates", "1924905600"), {"activates_at_s": 1_924_905_600}),
        (("--activates", "none"), {"activates_at_s": None}),
        (("--maintenance-from", "2026-09-01"), {"maintenance_from": "2026-09-01"}),
        (("--maintenance-until", "none"), {"maintenance_until": None}),
    ],
)
def test_options_are_read_as_people_write_them(run, words, kept) -> None:
    """2030-12-31 begins in UTC+14 while it is 10:00 of the day before in UTC."""
    run("product", "add", "--firm", "600100", "--code", "11", *words)
    made = json.loads(run("product", "list", "--json"))["products"][1]
    assert {name: made.get(name) for name in kept} == kept


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--activates", "soon"), "is no time"),
        (("--activates", "never"), "Unix seconds or none"),
        (("--maintenance-from", "1.9.2026"), "is no date"),
        (("--maintenance-from", "2026-02-30"), "is no date"),
        (("--activates", "2031-01-01", "--expires", "2030-01-01"), "ends before it begins"),
        (
            ("--maintenance-from", "2026-09-02", "--maintenance-until", "2026-09-01"),
            "a maintenance that ends before it begins",
        ),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_made(invoke, run, words, said) -> None:
    result = invoke("product", "add", "--firm", "600100", "--code", "11", *words)
    assert result.exit_code in (1, 2)
    assert said in " ".join(result.output.split())
    assert len(json.loads(run("product", "list", "--json"))["products"]) == 1


def test_requests_that_mail_wrapped_are_read(run, homes, tmp_path):
    """Lines of 76 characters with CRLF, as a mail program sends a text."""
    names = files(tmp_path, homes)
    for path, home in zip(names, homes, strict=True):
        text = by_hand(home, 600_100).strip()
        lines = [text[at : at + 76] for at in range(0, len(text), 76)]
        Path(path).write_bytes(b"\r\n".join(lines) + b"\r\n")
    issue = ("issue", *FOR, "--firm", "600100", "--product", "10", "--out", str(tmp_path / "out"))
    issued = json.loads(run(*issue, "--json", *names))
    assert [one["serial"] for one in issued["updates"]] == [home.serial for home in homes]


def test_refusals_are_one_sentence(run, homes, tmp_path):
    out = ("--out", str(tmp_path / "out"))
    issue = ("issue", *FOR, "--firm", "600100", "--product")
    for words in (
        ("init",),
        ("firm", "add", "--code", "600100", "--name", "Firm A"),
        (*issue, "11", *out, *files(tmp_path, homes)),
        (*issue, "10", *out, files(tmp_path, homes)[0]),
        (*issue, "10", "--quantity", "-1", *out, *files(tmp_path, homes)),
        ("change", "--firm", "600100", "--tmr-id", "9", "--quantity", "1", *out),
    ):
        assert run(*words, expect=1).count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_wrong_usage(run, homes, tmp_path):
    out = ("--out", str(tmp_path / "out"))
    issue = ("issue", *FOR, "--firm", "600100", "--product", "10")
    run(*issue, *out, expect=2)
    run(*issue, "--expires", "tomorrow", *out, *files(tmp_path, homes), expect=2)
    run(*issue, "--units", "many", *out, *files(tmp_path, homes), expect=2)
    run(*issue, *out, str(tmp_path / "absent"), expect=2)


def test_serving_needs_an_address_files_and_a_root(run, homes, tmp_path):
    tls = ("--cert", str(tmp_path / "none.pem"), "--key", str(tmp_path / "none.pem"))
    assert "host:port" in run("serve", "--listen", "here", *tls, expect=2)
    assert "cannot be used" in run("serve", "--listen", "127.0.0.1:0", *tls, expect=1)


def test_a_limit_on_certified_time_is_sold(run, homes, tmp_path):
    code = ("product", "add", "--firm", "600100", "--code", "30", "--certified-age-max-s")
    run(*code, str(30 * 86_400))
    issue = ("issue", *FOR, "--firm", "600100", "--product", "30", "--out", str(tmp_path / "out"))
    issued = json.loads(run(*issue, "--json", *files(tmp_path, homes)))
    with open(issued["updates"][0]["file"], "rb") as file:
        (item,) = homes[0].import_update(file.read()).firm.items
    assert item.certified_age_max_s == 30 * 86_400
    change = ("change", "--firm", "600100", "--tmr-id", "1", "--out", str(tmp_path / "out"))
    assert "must be 1 to" in run(*change, "--certified-age-max-s", "0", expect=1)
    changed = json.loads(run(*change, "--certified-age-max-s", "none", "--json"))
    with open(changed["updates"][0]["file"], "rb") as file:
        (item,) = homes[0].import_update(file.read()).firm.items
    assert item.certified_age_max_s is None


# --- what a date means ---


def sold_until(run, text: str) -> float:
    code = str(1000 + sum(map(ord, text)))
    run("product", "add", "--firm", "600100", "--code", code, "--expires", text)
    products = json.loads(run("product", "list", "--json"))["products"]
    return float(next(p["expires_at_s"] for p in products if p["product_code"] == int(code)))


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2030-12-31", "2031-01-01T12:00"),
        ("2028-02-29", "2028-03-01T12:00"),
        ("2030-02-28", "2030-03-01T12:00"),
        ("2030-06-30T18:00", "2030-06-30T18:00"),
        ("2030-06-30T18:00+02:00", "2030-06-30T16:00"),
        ("2030-06-30T18:00Z", "2030-06-30T18:00"),
        ("1924905600", "2030-12-31T00:00"),
    ],
)
def test_a_date_includes_its_whole_day_and_a_time_is_that_time(run, text, end):
    wanted = datetime.fromisoformat(end).replace(tzinfo=UTC).timestamp()
    assert sold_until(run, text) == wanted


def test_the_last_day_that_was_sold_works_to_its_end_in_every_time_zone(run):
    """In Hawaii and on Baker Island, too."""
    end = sold_until(run, "2030-12-31")
    for hours in range(-12, 15):
        zone = timezone(timedelta(hours=hours))
        last = datetime(2030, 12, 31, 23, 59, 59, tzinfo=zone).timestamp()
        assert last < end


@pytest.mark.parametrize(
    "text",
    ["20301231", "31.12.2030", "2030-02-29", "2030", "1924905600000", "9999-12-31", "12/31/2030"],
)
def test_what_may_be_meant_in_two_ways_is_refused_with_the_form(run, text):
    said = run("product", "add", "--firm", "600100", "--code", "7", "--expires", text, expect=2)
    assert "such as 2030-12-31" in said
    assert json.loads(run("product", "list", "--json"))["products"][-1]["product_code"] == 10


def test_the_end_is_said_back(run, homes, tmp_path):
    made = run("product", "add", "--firm", "600100", "--code", "8", "--expires", "2030-12-31")
    assert "works until 2031-01-01 12:00 UTC" in made
    out = ("--out", str(tmp_path / "o"))
    issued = run("issue", *FOR, "--firm", "600100", "--product", "8", *out, *files(tmp_path, homes))
    assert "works until 2031-01-01 12:00 UTC" in issued
    past = ("--expires", "2020-01-01T00:00")
    changed = run("change", "--firm", "600100", "--tmr-id", "1", *past, "--yes", *out)
    assert "until 2020-01-01 00:00 UTC. That is in the past." in changed


# --- what nobody could check out is asked for before it is issued ---

IN_THE_PAST = ("--expires", "2020-01-01T00:00")
NO_SEAT = ("--quantity", "0")


@pytest.mark.parametrize("act", ["issue", "change"])
@pytest.mark.parametrize(
    ("options", "doubt"),
    [
        (IN_THE_PAST, "The licence ends in the past (2020-01-01 00:00 UTC): nobody can"),
        (NO_SEAT, "The licence has no seat (quantity 0): nobody can"),
        ((*IN_THE_PAST, *NO_SEAT), "UTC) and has no seat (quantity 0): nobody can"),
    ],
)
def test_a_person_is_asked_before_what_nobody_could_check_out_is_issued(
    invoke, words, tmp_path, monkeypatch, act, options, doubt
):
    before, out = state(tmp_path), tmp_path / "out"
    asked = [*words(act, out), *options]
    monkeypatch.setattr("appliance.cli._central.can_ask", lambda: True)
    for answer in ("n\n", "\n", ""):
        refused = invoke(*asked, answer=answer)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert doubt in refused.stderr
        assert (state(tmp_path), out.exists()) == (before, False)
    agreed = invoke(*asked, answer="y\n")
    assert (agreed.exit_code, len(list(out.iterdir()))) == (0, 3)
    assert "[y/N]" not in agreed.stdout
    known = invoke(*words(act, out), *options, "--yes")
    assert (known.exit_code, known.stderr) == (0, "")


@pytest.mark.parametrize("act", ["issue", "change"])
def test_a_script_is_told_and_goes_on(invoke, words, tmp_path, act):
    told = invoke(*words(act, tmp_path / "out"), *IN_THE_PAST, "--json")
    assert (told.exit_code, len(json.loads(told.stdout)["updates"])) == (0, 3)
    assert told.stderr.startswith("tmr: The licence ends in the past (2020-01-01 00:00 UTC)")
    assert told.stderr.count("\n") == 1


@pytest.mark.parametrize("act", ["issue", "change"])
def test_what_can_be_checked_out_is_not_asked_about(invoke, words, tmp_path, monkeypatch, act):
    monkeypatch.setattr("appliance.cli._central.can_ask", lambda: True)
    done = invoke(*words(act, tmp_path / "out"), "--expires", "2099-12-31", "--quantity", "1")
    assert (done.exit_code, done.stderr) == (0, "")


# --- nothing is issued before its files are where they belong ---


def acts(name: str) -> tuple[str, ...]:
    """An act that issues something, as words of the command line."""
    return {
        "issue": ("issue", *FOR, "--firm", "600100", "--product", "10"),
        "change": ("change", "--firm", "600100", "--tmr-id", "1", "--quantity", "3"),
        "confirm": ("confirm", "--firm", "600100", "--ledger", "00ff"),
        "reissue group": ("reissue", *FOR, "--firm", "600100", "--ledger", "00ff"),
        "reissue one": ("reissue", *FOR, "--firm", "600100"),
    }[name]


def state(tmp_path: Path) -> object:
    return rows(LicenseCentral(tmp_path / "central"))


def lost(run, homes, tmp_path) -> list[str]:
    """All three are blocked; the requests of three new ones."""
    root = (tmp_path / "central" / "root" / "root.cert.der").read_bytes()
    requests = []
    for number, home in enumerate(homes, 4):
        run("register", home.serial, "--owner", "Plant A")
        run("block", home.serial, "--owner", "Plant A", "--reason", "stolen")
        new = made(tmp_path, f"up{number}", root)
        path = tmp_path / f"up{number}.tmr-request"
        path.write_bytes(by_hand(new, 600_100))
        requests.append(str(path))
    return requests


@pytest.fixture
def words(run, homes, tmp_path):
    """The words of an act, once a first licence is there."""
    run(*acts("issue"), "--out", str(tmp_path / "first"), *files(tmp_path, homes))
    shown = json.loads(run("show", "--json"))["licences"]
    new: list[str] = []

    def of(act: str, out) -> list[str]:
        if act.startswith("reissue") and not new:
            new.extend(lost(run, homes, tmp_path))
        made = [*acts(act), "--out", str(out)]
        if act == "issue":
            made += files(tmp_path, homes)
        if act in ("confirm", "reissue group"):
            made += ["--group", shown[0]["cmact_id"]]
        if act == "reissue one":
            made += ["--for", homes[0].serial, new[0]]
        if act == "reissue group":
            made += new
        return made

    return of


ACTS = ["issue", "change", "confirm", "reissue group", "reissue one"]


@pytest.mark.parametrize("act", ACTS)
def test_what_cannot_be_written_is_not_issued(run, words, tmp_path, act):
    blocked = tmp_path / "file" / "out"
    blocked.parent.write_text("in the way")
    asked, before = words(act, blocked), state(tmp_path)
    said = run(*asked, expect=1)
    assert "Nothing was issued" in said
    assert str(blocked) in said
    assert state(tmp_path) == before
    done = run(*words(act, tmp_path / "room"))
    sequence = 1 if act.startswith("reissue") else 2
    assert f"{sequence:08}.tmr-update" in done, "the repeat issues once"


@pytest.mark.parametrize("act", ACTS)
def test_a_disk_that_fills_up_at_the_last_file_issues_nothing_and_leaves_nothing(
    run, words, tmp_path, monkeypatch, act
):
    out = tmp_path / "full"
    asked, before = words(act, out), state(tmp_path)
    whole, written, last = write_whole, [], 1 if act == "reissue one" else 3

    def full(path, data, mode):
        written.append(path)
        if len(written) == last:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        whole(path, data, mode)

    with monkeypatch.context() as patched:
        patched.setattr("appliance.services.central.handout.write_whole", full)
        said = run(*asked, expect=1)
    assert "No space left on device" in said
    assert (state(tmp_path), list(out.iterdir())) == (before, [])
    done = json.loads(run(*asked, "--json"))["updates"]
    assert {Path(one["file"]) for one in done} == set(out.iterdir()), "the repeat issues once"


def test_an_issue_that_the_vendors_own_disk_does_not_take_hands_nothing_out(
    run, words, tmp_path, monkeypatch
):
    before, out = state(tmp_path), tmp_path / "out"

    def full(connection, _):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Engine, "connect", full)
    try:
        said = run(*words("issue", out), expect=1)
    finally:
        event.remove(Engine, "connect", full)
    assert "central.db has no room left on its disk" in said and "Nothing was changed" in said
    assert state(tmp_path) == before and not out.exists()


def test_files_that_do_not_get_their_names_are_told_how_to_be_had(
    run, words, tmp_path, monkeypatch
):
    def refuses(source, target):
        if str(source).endswith(".part"):
            raise PermissionError(errno.EACCES, "Permission denied", str(source))
        os.rename(source, target)

    with monkeypatch.context() as patched:
        patched.setattr("os.replace", refuses)
        said = run(*words("issue", tmp_path / "out"), expect=1)
    assert "Do not issue it again" in said
    assert "tmr central updates --firm 600100" in said
    shown = json.loads(run("show", "--json"))["licences"]
    assert {one["tmr_id"] for one in shown} == {1, 2}
    for serial in {one["serial"] for one in shown}:
        assert serial in said
