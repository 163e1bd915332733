"""`tmr activate`, `request` and `import`: what is asked, written and said."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner

from appliance.cli import group
from appliance.cli._connection import Asked
from appliance.cli.main import tmr
from appliance.codec.api_groups import GroupFileDocument, ImportedDocument, ImportedPart
from appliance.codec.group_files import ANSWER_BYTES_MAX
from appliance.codec.ticket_codes import new_code

CODE = new_code(Random(1))


def parts(imported: int, sequence: int = 2) -> tuple[ImportedPart, ...]:
    """Three containers' updates, so many imported."""
    return tuple(
        ImportedPart(
            serial=f"130-{number}",
            host=f"up{number}" if number < 3 else "",
            firm_code=600_100,
            sequence=sequence,
            imported=number <= imported,
        )
        for number in (1, 2, 3)
    )


class Client:
    """A TMR host that answers as it is told; what it was asked is kept."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.answers = [ImportedDocument(parts=parts(3))]

    async def activate(self, ticket: str, chosen: Any, firm: int) -> ImportedDocument:
        self.asked.append(("activate", ticket, chosen, firm))
        return self.answers.pop(0)

    async def group_request(self, firm: int, *, ticket: str, chosen: Any, order: str) -> Any:
        self.asked.append(("request", firm, ticket, chosen, order))
        return GroupFileDocument(file="{}")

    async def group_import(self, file: str) -> ImportedDocument:
        self.asked.append(("import", file))
        return self.answers.pop(0)

    async def group_receipt(self, firm: int) -> Any:
        self.asked.append(("receipt", firm))
        return GroupFileDocument(file="receipt")


@pytest.fixture
def client(monkeypatch: Any, tmp_path: Path) -> Client:
    made = Client()
    monkeypatch.setattr(group, "perform", lambda _, work, unknown="": asyncio.run(work(made)))
    monkeypatch.setattr(Asked, "connect", lambda asked: None)
    monkeypatch.chdir(tmp_path)
    return made


def run(*words: str, typed: str = "", expect: int = 0) -> str:
    result = CliRunner().invoke(tmr, words, input=typed)
    assert result.exit_code == expect, result.output
    return str(result.output)


def test_activation_goes_on_until_nothing_more_comes(client: Client) -> None:
    client.answers = [
        ImportedDocument(parts=parts(3), more=True),
        ImportedDocument(parts=parts(2, 3)),
    ]
    said = run("activate", "--lines", "3x5,1", typed=CODE.lower())
    assert client.asked == [("activate", CODE, ((1, 0), (3, 5)), 0)] * 2
    assert "Update 2 of firm 600100: 3 of 3 containers have it." in said
    assert "2 of 3 containers have it. That is enough." in said
    assert "130-3: imported by itself once the host is back." in said
    client.answers = [ImportedDocument(parts=())]
    said = run("activate", CODE, "--firm", "600100")
    assert said == "Nothing new: the containers have all of it.\n"
    assert client.asked[-1] == ("activate", CODE, (), 600_100)
    client.answers = [ImportedDocument(parts=parts(1))]
    document = json.loads(run("activate", "--json", typed=CODE))
    assert [one["imported"] for one in document["parts"]] == [True, False, False]


def test_a_typo_is_told_before_anybody_is_asked(client: Client) -> None:
    wrong = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
    said = run("activate", typed=wrong, expect=2)
    assert "mistyped" in said and wrong not in said
    assert "chooses nothing" in run("activate", "--lines", "5x", typed=CODE, expect=2)
    assert client.asked == []


def test_a_request_by_file(client: Client, tmp_path: Path) -> None:
    out = str(tmp_path / "plant.request")
    run("request", "--firm", "600100", "--ticket", "--lines", "2", "--out", out, typed=CODE)
    run("request", "--firm", "600100", "--out", out)
    run("request", "--firm", "600100", "--order", "PO 4711", "--out", out)
    assert client.asked == [
        ("request", 600_100, CODE, ((2, 0),), ""),
        ("request", 600_100, "", (), ""),
        ("request", 600_100, "", (), "PO 4711"),
    ]
    assert Path(out).read_text() == "{}\n"
    for wrong in (("--ticket", "--order", "a"), ("--lines", "1")):
        run("request", "--firm", "600100", "--out", out, *wrong, expect=2)
    where = ("--out", str(tmp_path / "none" / "a"))
    assert "cannot be written" in run("request", "--firm", "5", *where, expect=1)


def test_an_answer_is_imported_and_confirmed(client: Client, tmp_path: Path) -> None:
    answer, receipt = tmp_path / "answer", tmp_path / "receipt"
    answer.write_text("{}\n")
    said = run("import", str(answer), "--receipt", str(receipt))
    assert client.asked == [("import", "{}"), ("receipt", 600_100)]
    assert "3 of 3" in said and receipt.read_text() == "receipt\n"
    client.answers = [ImportedDocument(parts=parts(0))]
    assert "No receipt" in run("import", str(answer), "--receipt", str(receipt))
    assert "cannot be read" in run("import", str(tmp_path / "none"), expect=1)
    for wrong in (b"\xff\xfe", b"x" * (ANSWER_BYTES_MAX + 1)):
        answer.write_bytes(wrong)
        assert "no answer to a group" in run("import", str(answer), expect=1)
