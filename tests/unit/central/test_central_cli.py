"""`tmr central`: the vendors' story on the command line."""

import json
from random import Random

import pytest
from click.testing import CliRunner

from appliance.adapters.container_home import ContainerHome
from appliance.cli.main import tmr


@pytest.fixture
def run(tmp_path):
    def call(*words: str, expect: int = 0) -> str:
        result = CliRunner().invoke(tmr, ["central", "--dir", str(tmp_path / "central"), *words])
        assert result.exit_code == expect, result.output
        return result.output

    call("init")
    call("firm", "add", "--code", "600100", "--name", "Firm A")
    call("product", "add", "--firm", "600100", "--code", "10", "--quantity", "10")
    return call


@pytest.fixture
def homes(tmp_path, run):
    root = (tmp_path / "central" / "root" / "root.cert.der").read_bytes()
    made = []
    for number in (1, 2, 3):
        home = ContainerHome.create(
            tmp_path / f"up{number}", Random(number), f"up{number}", root_certificate=root
        )
        (tmp_path / f"up{number}.tmr-request").write_bytes(home.request())
        made.append(home)
    return made


def files(tmp_path):
    return [str(tmp_path / f"up{number}.tmr-request") for number in (1, 2, 3)]


def test_issue_change_and_hand_out_again(run, homes, tmp_path):
    out = str(tmp_path / "out")
    options = ("--units", "500", "--expires", "2030-12-31", "--feature-map", "3")
    issued = json.loads(
        run(
            *("issue", "--firm", "600100", "--product", "10", *options),
            *("--out", out, "--json", *files(tmp_path)),
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
        1_924_905_600,
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
        (1, 1_924_905_600),
    }
    assert "600100:10#1" in run("show")
    assert homes[2].serial in run(
        "issue", "--firm", "600100", "--product", "10", "--out", out, *files(tmp_path)
    )


def test_refusals_are_one_sentence(run, homes, tmp_path):
    out = ("--out", str(tmp_path / "out"))
    issue = ("issue", "--firm", "600100", "--product")
    for words in (
        ("init",),
        ("firm", "add", "--code", "600100", "--name", "Firm A"),
        (*issue, "11", *out, *files(tmp_path)),
        (*issue, "10", *out, files(tmp_path)[0]),
        (*issue, "10", "--quantity", "-1", *out, *files(tmp_path)),
        ("change", "--firm", "600100", "--tmr-id", "9", "--quantity", "1", *out),
    ):
        assert run(*words, expect=1).count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_wrong_usage(run, homes, tmp_path):
    out = ("--out", str(tmp_path / "out"))
    issue = ("issue", "--firm", "600100", "--product", "10")
    run(*issue, *out, expect=2)
    run(*issue, "--expires", "tomorrow", *out, *files(tmp_path), expect=2)
    run(*issue, "--units", "many", *out, *files(tmp_path), expect=2)
    run(*issue, *out, str(tmp_path / "absent"), expect=2)


def test_tickets_are_sold_listed_and_cleared(run, homes):
    code = run("ticket", "add", "--firm", "600100", "--product", "10", "--quantity", "3").strip()
    (shown,) = json.loads(run("ticket", "list", "--json"))["tickets"]
    assert shown == {"ticket": code, "licence": "600100:10", "tmr_id": None, "shown_by": 0}
    assert "shown by nobody" in run("ticket", "clear", code)
    assert "no unused ticket" in run("ticket", "clear", "ABCDE", expect=1)
    assert "no product 99" in run("ticket", "add", "--firm", "600100", "--product", "99", expect=1)
    assert json.loads(run("returns", "--json")) == {"returns": []}


def test_serving_needs_an_address_files_and_a_root(run, homes, tmp_path):
    tls = ("--cert", str(tmp_path / "none.pem"), "--key", str(tmp_path / "none.pem"))
    assert "host:port" in run("serve", "--listen", "here", *tls, expect=2)
    assert "cannot be used" in run("serve", "--listen", "127.0.0.1:0", *tls, expect=1)


def test_a_limit_on_certified_time_is_sold(run, homes, tmp_path):
    code = ("product", "add", "--firm", "600100", "--code", "30", "--certified-age-max-s")
    run(*code, str(30 * 86_400))
    issue = ("issue", "--firm", "600100", "--product", "30", "--out", str(tmp_path / "out"))
    issued = json.loads(run(*issue, "--json", *files(tmp_path)))
    with open(issued["updates"][0]["file"], "rb") as file:
        (item,) = homes[0].import_update(file.read()).firm.items
    assert item.certified_age_max_s == 30 * 86_400
    change = ("change", "--firm", "600100", "--tmr-id", "1", "--out", str(tmp_path / "out"))
    assert "must be 1 to" in run(*change, "--certified-age-max-s", "0", expect=1)
    changed = json.loads(run(*change, "--certified-age-max-s", "none", "--json"))
    with open(changed["updates"][0]["file"], "rb") as file:
        (item,) = homes[0].import_update(file.read()).firm.items
    assert item.certified_age_max_s is None
