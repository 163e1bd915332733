"""Words for people, through Qt's translator: every text of the window passes here.

Texts are English templates with named places; `monitor_gui/translations` has them in the other
languages, collected and compiled by `scripts/translations`. A whole number called `n` chooses the
plural form.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from monitor_gui.model.phrases import Phrase

CONTEXT = "monitor"
SYSTEM: Final = "system"
LANGUAGES: Final = {"en": "English", "de": "Deutsch", "ja": "日本語"}
FOLDER: Final = Path(__file__).resolve().parents[1] / "translations"

_installed: list[QTranslator] = []
_spoken = "en"


def translated(template: str, number: object = None) -> str:
    """The template in the user's language, in the form for that number if it has forms."""
    # Qt counts in 32 bits, and takes what is negative for no number.
    count = number if isinstance(number, int) and 0 <= number < 1 << 31 else -1
    found = QCoreApplication.translate(CONTEXT, template, None, count)
    if count >= 0 and found == template and _spoken != "en":
        # Of a text without plural forms Qt knows none for two. (In English, two of something is
        # what the template says.)
        found = QCoreApplication.translate(CONTEXT, template)
    return found


def tr(template: str, **values: object) -> str:
    """The template in the user's language, with its places filled."""
    return translated(template, values.get("n")).format(**values)


def words(phrase: Phrase) -> str:
    """A phrase of the model in the user's language."""
    return phrase.text(translated)


def chosen(setting: str) -> str:
    """The language that is meant: one of ours, or the first of the desktop's that we have."""
    if setting in LANGUAGES:
        return setting
    for name in QLocale.system().uiLanguages():
        code = name.replace("_", "-").partition("-")[0].lower()
        if code in LANGUAGES:
            return code
    return "en"


def spoken() -> str:
    """The code of the language that is spoken."""
    return _spoken


def install(setting: str) -> str:
    """Speak that language from now on, in what is shown anew; gives its code. Qt's own words (of
    buttons in dialogs, say) come with Qt."""
    global _spoken
    for translator in _installed:
        QCoreApplication.removeTranslator(translator)
    _installed.clear()
    code = _spoken = chosen(setting)
    own = str(FOLDER / f"monitor_{code}.qm")
    qts = f"{QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)}/qtbase_{code}.qm"
    for path in (qts, own):
        translator = QTranslator()
        if translator.load(path):
            QCoreApplication.installTranslator(translator)
            _installed.append(translator)
    return code
