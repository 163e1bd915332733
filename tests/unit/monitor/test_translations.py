"""Every text is there in every language, with the same places, and what Qt loads is in step."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import re
import shutil
import string
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]


def the_script() -> ModuleType:
    """scripts/translations, as a module."""
    loader = importlib.machinery.SourceFileLoader(
        "translations", str(ROOT / "scripts/translations")
    )
    spec = importlib.util.spec_from_loader("translations", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


script = the_script()
FOUND: dict[str, list[str]] = script.collect()


def places(text: str) -> set[str]:
    """The named places of a template."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", ["de", "ja"])
def test_no_text_is_untranslated_and_none_is_left_over(language: str) -> None:
    known = script.read(language)
    assert [text for text in FOUND if not all(known.get(text, [""]))] == []
    assert [text for text in known if text not in FOUND] == []


@pytest.mark.parametrize("language", ["en", "de", "ja"])
def test_places_match_and_plurals_have_all_their_forms(language: str) -> None:
    for text, forms in script.read(language).items():
        if text in script.PLURALS:
            assert len(forms) == script.FORMS[language], text
            # One of something may leave a place out: "the last switch took …".
            assert all(places(form) <= places(text) for form in forms), text
            assert places(forms[-1]) == places(text), text
        else:
            assert [places(form) for form in forms] == [places(text)], text


@pytest.mark.parametrize("language", ["de", "ja"])
def test_what_is_typed_is_the_same_kind_of_text(language: str) -> None:
    """Keys to menus stay keys, three dots that promise a question stay, and so do line breaks."""
    for text, forms in script.read(language).items():
        for form in forms:
            accelerator = re.compile(r"&[^\s&]")
            assert len(accelerator.findall(form)) == len(accelerator.findall(text)), text
            assert form.count("\n") == text.count("\n"), text
            assert form.rstrip(")").endswith("…") == text.rstrip(")").endswith("…"), text
            if language != "ja":  # which sets no blanks between sentences
                assert form[:1].isspace() == text[:1].isspace(), text


def test_german_and_japanese_are_no_copies() -> None:
    names = {"TMR-ID", "VRRP {state}"}
    same = [
        text
        for text, forms in script.read("ja").items()
        if forms == [text] and re.search("[a-z]{4}", re.sub(r"{\w+}", "", text))
    ]
    assert set(same) <= names, "English still"


def test_every_plural_is_said_somewhere() -> None:
    assert sorted(script.PLURALS - set(FOUND)) == []


@pytest.mark.skipif(
    shutil.which("pyside6-lrelease", path=str(Path(script.sys.executable).parent)) is None,
    reason="Qt's tools are not installed",
)
def test_what_qt_loads_is_compiled_from_what_is_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["translations", "--check"])
    assert script.main() == 0, f"run scripts/translations: {capsys.readouterr().out}"
