"""tests/conftest.py does what it promises: honest skips, no warning, no thread left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider")

SKIPPED = "import pytest\ndef test_it():\n    pytest.skip('no such hardware')\n"
MODULE_SKIPPED = "import pytest\npytest.importorskip('no_such_module')\n"
EXPECTED = "import pytest\n@pytest.mark.xfail(reason='known')\ndef test_it():\n    assert False\n"
WARNS = "import warnings\ndef test_it():\n    warnings.warn('old', stacklevel=1)\n"
UNKNOWN_MARK = "import pytest\n@pytest.mark.nosuch\ndef test_it(): pass\n"
THREAD = """
import threading
import conftest
conftest.THREAD_END_WAIT_S = 0.0
def test_it():
    threading.Thread(target=threading.Event().wait, name='forgotten', daemon=True).start()
"""


def run(tmp_path: Path, source: str, *, ci: bool) -> tuple[int, str]:
    """Run one test file under the project's conftest and settings; exit code and output."""
    for name in ("pyproject.toml", "tests/conftest.py"):
        text = (ROOT / name).read_text(encoding="utf-8")
        (tmp_path / Path(name).name).write_text(text, encoding="utf-8")
    (tmp_path / "test_it.py").write_text(source, encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if key != "CI"}
    done = subprocess.run(
        [*PYTEST, f"--basetemp={tmp_path}/pytest", "test_it.py"],
        cwd=tmp_path,
        env=environment | ({"CI": "true"} if ci else {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("source", "reason"), [(SKIPPED, "no such hardware"), (MODULE_SKIPPED, "no_such_module")]
)
def test_a_skip_names_its_reason_and_fails_under_ci(
    tmp_path: Path, source: str, reason: str
) -> None:
    _, output = run(tmp_path, source, ci=False)
    assert "1 skipped" in output
    assert reason in output
    code, output = run(tmp_path, source, ci=True)
    assert code != 0
    assert "does not count with CI=true" in output
    assert reason in output


def test_an_expected_failure_stays_one_under_ci(tmp_path: Path) -> None:
    code, output = run(tmp_path, EXPECTED, ci=True)
    assert (code, "1 xfailed" in output) == (0, True)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (WARNS, "UserWarning: old"),
        (UNKNOWN_MARK, "'nosuch' not found"),
        (THREAD, "threads left running: ['forgotten']"),
    ],
)
def test_carelessness_fails(tmp_path: Path, source: str, words: str) -> None:
    code, output = run(tmp_path, source, ci=False)
    assert code != 0
    assert words in output
