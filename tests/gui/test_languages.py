"""The window in three languages: all of it, a glyph for every letter, and Qt's own words, too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from appliance.sentences import Sentence
from monitor_gui.model.phrases import say
from monitor_gui.model.timeline import SWITCH, Entry
from monitor_gui.model.updates import Acted
from monitor_gui.qt.language import LANGUAGES, chosen, install, tr, translated, words
from monitor_gui.qt.pages import PAGES
from tests.gui.conftest import Show
from tests.gui.geometry import has_glyph
from tests.gui.stores import degraded
from tests.unit.monitor.test_translations import script

HEADLINE = {
    "en": "Serving on two of three: up2 does not answer · for 4 min 0 s",
    "de": "Dienst läuft auf zwei von dreien: up2 antwortet nicht · seit 4 min 0 s",
    "ja": "3 台中 2 台で稼働中: up2 が応答しません (4 分 0 秒)",
}


@pytest.fixture(params=list(LANGUAGES))
def language(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[str]:
    """Each language in turn, and English again afterwards."""
    code: str = request.param
    assert install(code) == code
    yield code
    install("en")


def test_verdict_pages_and_buttons_speak_it(show: Show, language: str) -> None:
    shown = show(degraded())
    assert shown.window.banner.headline.text() == HEADLINE[language]
    titles = [shown.window.list.item(n).text() for n in range(len(PAGES))]
    assert titles == [translated(spec.title) for spec in PAGES]
    assert (titles[0] == PAGES[0].title) == (language == "en")
    done = Sentence("Recorded; {host} is taking over.", host="tmr2")
    shown.window.take([Acted("switchover", True, done)])
    assert shown.window.message.text() == tr("Recorded; {host} is taking over.", host="tmr2")


def test_the_history_speaks_it_and_old_sentences_stay(show: Show, language: str) -> None:
    store = degraded()
    store.entries.clear()
    values = (("other", "tmr1"),)
    new = Entry(unix_s=1.8e9, kind=SWITCH, host="tmr2", code="took-over", values=values)
    old = Entry(unix_s=1.7e9, kind=SWITCH, host="tmr2", text="tmr2 took over from tmr1")
    store.entries.extend((old, new))
    shown = show(store, page="failover")
    table = shown.window.stack.currentWidget().table  # type: ignore[union-attr]
    columns = range(table.model.columnCount())
    cells = [[table.model.index(row, n).data() for n in columns] for row in range(2)]
    assert tr("{host} took over from {other}", host="tmr2", other="tmr1") in cells[0]
    assert old.text in cells[1]


def test_plurals(language: str) -> None:
    one, two = words(say("{n} leases", n=1)), words(say("{n} leases", n=2))
    expected = {"en": ("1 lease", "2 leases"), "de": ("1 Lease", "2 Leases")}
    assert (one, two) == expected.get(language, ("リース 1 件", "リース 2 件"))
    assert words(say("{n} leases", n=10**30)), "more than Qt can count"


def test_a_number_in_a_text_without_plural_forms(language: str) -> None:
    expected = {"en": "Twin 2", "de": "Zwilling 2", "ja": "ツイン 2"}
    assert tr("Twin {n}", n=2) == expected[language]


def test_qts_own_words_come_along(qtbot: QtBot, language: str) -> None:
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(box)
    text = box.buttons()[0].text().replace("&", "")
    assert text == {"en": "Cancel", "de": "Abbrechen", "ja": "キャンセル"}[language]


def test_every_letter_has_a_glyph(qapp: QApplication, language: str) -> None:
    """A missing one is drawn as a box. Debian's fonts-noto-cjk has the Japanese ones."""
    letters = {c for forms in script.read(language).values() for form in forms for c in form}
    font = QApplication.font().toString()
    assert sorted(c for c in letters if c.isprintable() and not has_glyph(font, c)) == []


def test_the_desktops_language_counts_unless_one_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    def speaking(*names: str) -> None:
        class Desktop:
            @staticmethod
            def uiLanguages() -> list[str]:
                return list(names)

        monkeypatch.setattr(QLocale, "system", Desktop)

    speaking("fr-CH", "de-CH", "en")
    assert (chosen("system"), chosen("ja"), chosen("nonsense")) == ("de", "ja", "de")
    speaking("ja_JP")
    assert chosen("system") == "ja"
    speaking("fr")
    assert chosen("system") == "en"
