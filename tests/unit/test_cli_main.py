"""`tmr`: every verb is there, loading is lazy, errors are one sentence with an exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import appliance
from appliance.cli.main import VERBS, Verb, VerbGroup, load_command, tmr
from appliance.errors import ExitCode, UserError

CLI = Path(appliance.__file__).parent / "cli"
# Parts that verbs share; a module that starts with an underscore is one too.
SHARED = {"main", "output"}


def group_with(command: click.Command) -> VerbGroup:
    """A group of one verb, found where the lazy loader looks."""
    group = VerbGroup("tmr", verbs={"it": Verb(f"{__name__}:unused", "It.")})
    group.get_command = lambda ctx, cmd_name: command  # type: ignore[method-assign]
    return group


@pytest.mark.parametrize("verb", VERBS)
def test_verb_can_be_loaded(verb: str) -> None:
    command = load_command(VERBS[verb].target)
    assert command.help, f"tmr {verb} has no help"


@pytest.mark.parametrize("verb", VERBS)
def test_verb_explains_itself(verb: str) -> None:
    result = CliRunner().invoke(tmr, [verb, "--help"])
    assert result.exit_code == ExitCode.OK, result.output


def test_no_module_is_forgotten() -> None:
    there = {path.stem for path in CLI.glob("*.py") if not path.stem.startswith("_")}
    there |= {path.parent.name for path in CLI.glob("*/__init__.py")}
    listed = {verb.target.partition(":")[0].rpartition(".")[2] for verb in VERBS.values()}
    assert there - SHARED == listed


def test_help_lists_all_verbs_without_importing_one() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from appliance.cli.main import tmr\n"
        "result = CliRunner().invoke(tmr, ['--help'])\n"
        "assert result.exit_code == 0, result.output\n"
        "heavy = {'asyncio.base_events', 'rich', 'msgspec', 'cryptography', 'starlette'}\n"
        "print(sorted(heavy & set(sys.modules)), [m for m in sys.modules if"
        " m.startswith('appliance.') and m not in"
        " ('appliance.cli', 'appliance.cli.main', 'appliance.errors')])\n"
        "print(result.output)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    loaded, _, text = done.stdout.partition("\n")
    assert loaded == "[] []"
    assert all(f"\n  {verb} " in text for verb in VERBS)


def test_version() -> None:
    result = CliRunner().invoke(tmr, ["--version"])
    assert result.output.strip() == f"tmr, version {appliance.__version__}"


def test_unknown_verb_is_wrong_usage() -> None:
    result = CliRunner().invoke(tmr, ["frobnicate"])
    assert result.exit_code == ExitCode.USAGE
    assert "No such command 'frobnicate'" in result.output


@pytest.mark.parametrize("code", [ExitCode.REFUSED, ExitCode.NO_LICENCE, ExitCode.UNREACHABLE])
def test_expected_error_is_one_sentence(code: ExitCode) -> None:
    @click.command()
    def refuse() -> None:
        raise UserError("No seat is free: ask somebody to check in.", code)

    result = CliRunner().invoke(group_with(refuse), ["it"])
    assert result.exit_code == code
    assert result.stderr == "tmr: No seat is free: ask somebody to check in.\n"
    assert result.stdout == ""


def test_own_bug_is_not_hidden() -> None:
    @click.command()
    def broken() -> None:
        raise RuntimeError("our bug")

    result = CliRunner().invoke(group_with(broken), ["it"])
    assert isinstance(result.exception, RuntimeError)


MAIN = [sys.executable, "-m", "appliance.cli.main"]
# What a verb might do: a short report, a long one, and one with names in any script.
REPORT = (
    "import sys, click\nfrom appliance.cli import main\n"
    "@click.command()\ndef it():\n    {work}\n"
    "main.tmr.get_command = lambda ctx, name: it\nsys.argv = ['tmr', 'it']\nmain.main()\n"
)


def report(work: str, redirection: str, **fields: Any) -> subprocess.CompletedProcess[str]:
    """Run a verb that does `work`, its output redirected by a shell."""
    command = ["sh", "-c", f'exec "$@" {redirection}', "sh"]
    python = [sys.executable, "-c", REPORT.format(work=work)]
    fields |= {"capture_output": True, "text": True}
    return subprocess.run([*command, *python], check=False, **fields)


@pytest.mark.parametrize("work", ["click.echo('x')", "click.echo('x' * 99999)", "print('x')"])
@pytest.mark.parametrize(
    ("redirection", "why"), [(">/dev/full", "No space left on device"), (">&-", "it is closed")]
)
def test_a_standard_output_that_takes_nothing_is_one_sentence(
    work: str, redirection: str, why: str
) -> None:
    done = report(work, redirection)
    assert done.returncode == ExitCode.REFUSED
    assert done.stderr.startswith(f"tmr: the report cannot be written to standard output ({why})")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"]])
def test_help_to_a_full_disk(arguments: list[str]) -> None:
    with open("/dev/full", "w") as full:
        fields: dict[str, Any] = {"stdout": full, "stderr": subprocess.PIPE, "text": True}
        done = subprocess.run([*MAIN, *arguments], check=False, **fields)
    assert (done.returncode, done.stderr.count("\n")) == (ExitCode.REFUSED, 1)


def test_a_reader_that_has_read_enough_reads_no_complaint() -> None:
    done = report("[click.echo('x' * 99) for _ in range(9999)]", "| head -1")
    assert done.stderr == ""
    done = report("[print('x' * 99) for _ in range(9999)]", "| true")
    assert done.stderr == ""


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"])
def test_an_error_that_nobody_can_read_keeps_its_exit_code(redirection: str) -> None:
    refuse = "from appliance.errors import UserError, ExitCode; raise UserError('x', ExitCode(3))"
    assert report(refuse, redirection).returncode == ExitCode.NO_LICENCE


def test_characters_that_the_output_has_not(monkeypatch: pytest.MonkeyPatch) -> None:
    work = "click.echo('pr\\udce9sse \\u65e5\\u672c')"
    environment = os.environ | {"PYTHONIOENCODING": "latin-1"}
    done = report(work, "", env=environment)
    assert (done.returncode, done.stdout) == (0, "pr\\udce9sse \\u65e5\\u672c\n")


def test_an_own_bug_about_a_file_keeps_its_traceback() -> None:
    done = report("open('/no/such/file')", "")
    assert "Traceback" in done.stderr and "FileNotFoundError" in done.stderr


def test_interrupt_has_the_shells_code() -> None:
    @click.command()
    def interrupted() -> None:
        raise KeyboardInterrupt

    assert CliRunner().invoke(group_with(interrupted), ["it"]).exit_code == ExitCode.INTERRUPTED


def test_a_target_that_is_no_command_is_refused() -> None:
    with pytest.raises(TypeError, match="no click command"):
        load_command("appliance.errors:UserError")
