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
