"""Tables for people, tabs for pipes, JSON for programs."""

from __future__ import annotations

import io
import itertools
import json

import click
import msgspec
import pytest
from click.testing import CliRunner

from appliance.cli import output
from appliance.errors import ExitCode, UserError
from appliance.sentences import Sentence


class Host(msgspec.Struct):
    name: str
    up: bool


class Terminal(io.StringIO):
    """Something that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_piped_table_is_tab_separated(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table(["host", "up"], [["up1", True], ["a\tb\nc", None]], title="unseen")
    assert capsys.readouterr().out == "host\tup\nup1\tyes\na b c\t-\n"


def test_terminal_table_does_not_read_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    output.print_table(["client"], [["[red]eve[/red]"]], title="Leases")
    assert "[red]eve[/red]" in terminal.getvalue()
    assert "Leases" in terminal.getvalue()


def test_uneven_row_is_refused_before_anything_is_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(ValueError, match="a row has 1 cells, the table 2 columns"):
        output.print_table(["a", "b"], [["1", "2"], ["3"]])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        ((), "-"),
        (["up1", None], "up1, -"),
        ("x", "x"),
        (FileNotFoundError(2, "No such file", "it"), "No such file: 'it'"),
        ("up1: [Errno -3] Try again later", "up1: Try again later"),
    ],
)
def test_cell_text(value: object, text: str) -> None:
    assert output.cell_text(value) == text


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_json_option_chooses(arguments: list[str]) -> None:
    @click.command()
    @output.json_option
    def verb(as_json: bool) -> None:
        hosts = [Host("up1", True)]
        output.show(
            {"hosts": hosts},
            as_json=as_json,
            columns=["host", "up"],
            rows=[[host.name, host.up] for host in hosts],
        )

    result = CliRunner().invoke(verb, arguments)
    assert result.exit_code == 0
    if arguments:
        assert json.loads(result.output) == {"hosts": [{"name": "up1", "up": True}]}
    else:
        assert result.output == "host\tup\nup1\tyes\n"


def test_a_complaint_has_no_numbers_of_the_systems_errors(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output.complain(f"It cannot be read: {PermissionError(13, 'Permission denied')}.")
    assert capsys.readouterr().err == "tmr: It cannot be read: Permission denied.\n"


def test_fail_carries_sentence_and_code() -> None:
    with pytest.raises(UserError) as caught:
        output.fail("Nobody answered: is the lab up?", ExitCode.UNREACHABLE)
    assert (caught.value.sentence, caught.value.code) == ("Nobody answered: is the lab up?", 4)


def test_a_question_needs_a_terminal_to_be_read_and_to_be_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal, pipe = Terminal(), io.StringIO()
    for answers, shows in itertools.product((terminal, pipe, None), repeat=2):
        monkeypatch.setattr("sys.stdin", answers)
        monkeypatch.setattr("sys.stderr", shows)
        assert output.can_ask() == (answers is shows is terminal)


def test_a_sentence_in_json_is_its_english_text(capsys: pytest.CaptureFixture[str]) -> None:
    why = Sentence("{host} does not answer", host="tmr1")
    output.print_json({"trouble": why, "rows": [(why,)]})
    said = "tmr1 does not answer"
    assert json.loads(capsys.readouterr().out) == {"trouble": said, "rows": [[said]]}
    with pytest.raises(TypeError):
        output.print_json({"trouble": object()})
