"""Words for people, through Qt's translator: every text of the window passes here."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from monitor_gui.model.phrases import Phrase

CONTEXT = "monitor"


def tr(template: str, **values: object) -> str:
    """The template in the user's language, with its places filled."""
    return QCoreApplication.translate(CONTEXT, template).format(**values)


def words(phrase: Phrase) -> str:
    """A phrase of the model in the user's language."""
    return phrase.text(lambda template: QCoreApplication.translate(CONTEXT, template))
