"""The report of `make mutation`: what survived unexplained is named, and what was not tried."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from tests.mutation.report import (
    CONTRIBUTING,
    EQUIVALENTS,
    SCORES,
    Report,
    Score,
    change_of,
    equivalents,
    is_spelling,
    main,
    record,
    report,
    scores,
    totals,
    try_again,
)

ROOT = Path(__file__).resolve().parents[2]
RULE = "appliance/rule.py"
DIFF = """--- appliance/rule.py
+++ appliance/rule.py
@@ -1,2 +1,2 @@
 def rule(a):
-    return a > {was}
+    return a > {now}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "mutants" / "appliance"
    place.mkdir(parents=True)
    codes = {"x_1": 1, "x_2": 0, "x_3": 0, "x_4": None, "x_5": 3, "x_6": 36, "x_7": -24}
    (place / "rule.py.meta").write_text(json.dumps({"exit_code_by_key": codes, "other": 1}))
    return tmp_path


def show(name: str) -> str:
    return DIFF.format(was=0, now=name.removeprefix("x_"))


def test_survivors_are_explained_by_what_they_change_and_never_by_their_number(folder: Path):
    known = frozenset({("return a > 0", "return a > 2")})
    found = report(RULE, folder, show, known)
    assert (found.made, found.killed, found.explained) == (7, 3, 1)
    assert (found.unexplained, found.untried) == (("x_3",), ("x_4", "x_6"))
    assert report("appliance", folder, show, known) == found


def test_what_was_not_killed_is_tried_again(folder: Path):
    try_again(RULE, folder)
    found = report(RULE, folder, show, frozenset())
    assert (found.killed, found.untried) == (2, ("x_2", "x_3", "x_4", "x_6", "x_7"))
    try_again("appliance/not_run_yet.py", folder)


def test_capitals_and_small_letters_are_no_change_that_a_test_has_to_notice():
    assert is_spelling('say("The end.")', 'say("the end.")')
    assert is_spelling('say("The end.")', 'say("THE END.")')
    assert not is_spelling('say("The end.")', 'say("XXThe end.XX")')
    assert not is_spelling("x = 1", "x = 2") and not is_spelling("x = 1", "x = 1")


def test_a_change_of_several_lines_is_one():
    diff = "--- a\n+++ b\n@@ -1,3 +1,2 @@\n-    x = (\n-        1)\n+    x = 2\n     return x\n"
    assert change_of(diff) == ("x = (1)", "x = 2")


def test_the_program_ends_with_1_if_anything_is_open(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("tests.mutation.report.get_diff_for_mutant", lambda name, path: show(name))
    monkeypatch.setattr("tests.mutation.report.record", lambda found: None)
    assert main([str(folder), RULE]) == 1
    said = capsys.readouterr().out
    assert "return a > 3" in said
    assert "7 changes, 3 killed, 0 explained, 2 unexplained survivors, 2 without" in said


def test_only_what_was_tried_to_its_end_gets_a_score(tmp_path: Path):
    kept, told = tmp_path / "scores.toml", tmp_path / "CONTRIBUTING.md"
    kept.write_text('# Head.\n\n"appliance/a/x.py" = { changes = 3, killed = 2, explained = 1 }\n')
    told.write_text(
        "Before.\n\n| room | modules | changes | killed | explained | unexplained |\n\nAfter.\n"
    )
    found = {
        "appliance/a/y.py": Report(9, 5, 1, ("one", "two", "three"), ()),
        "appliance/a/z.py": Report(9, 5, 1, (), ("one", "two", "three")),
    }
    record(found, kept, told)
    assert kept.read_text().startswith("# Head.\n\n")
    assert scores(kept) == {"appliance/a/x.py": Score(3, 2, 1), "appliance/a/y.py": Score(9, 5, 1)}
    assert told.read_text() == f"Before.\n\n{totals(kept)}\n\nAfter.\n"
    assert totals(kept).endswith("| `a` | 2 | 12 | 7 | 2 | 3 |")


def test_the_sums_in_the_documents_are_those_of_the_scores():
    assert totals(SCORES) in CONTRIBUTING.read_text("utf-8")
    for name, score in scores().items():
        assert (ROOT / name).is_file(), name
        assert score.unexplained >= 0


def test_each_explained_change_is_of_a_line_that_is_there():
    known = tomllib.loads(EQUIVALENTS.read_text("utf-8"))["mutant"]
    for one in known:
        lines = {line.strip() for line in (ROOT / one["module"]).read_text("utf-8").splitlines()}
        assert one["was"] in lines, one
        assert one["was"] != one["now"] and one["why"].endswith(".")
        assert (one["was"], one["now"]) in equivalents(one["module"])
