"""What a page is, and the few building blocks that pages share."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from monitor_gui.model.ages import age, is_stale
from monitor_gui.qt.context import Context
from monitor_gui.qt.language import tr, words


class Page(QWidget):
    """One page of the window. `refresh` is called when something is new and once a second, but only
    while the page is seen; `apply_theme` when the colours change, and once before the first."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context

    def refresh(self, now_s: float) -> None:
        """Show what the store says at `now_s`."""
        raise NotImplementedError

    def seek(self, subject: str) -> None:
        """Bring to sight what is meant by this, such as a host's or a product's name."""

    def entrance(self) -> QWidget | None:
        """Where the keyboard goes first, None for the first table."""
        return None

    def apply_theme(self) -> None:
        """Take over `context.palette`."""


class Card(QFrame):
    """A number with its name above and a remark below."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setObjectName("card")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(2)
        self.title = quiet(title)
        self.title.setWordWrap(True)
        self.number = plain("–")
        self.number.setObjectName("number")
        self.remark = quiet("")
        self.remark.setWordWrap(True)
        for label in (self.title, self.number, self.remark):
            layout.addWidget(label)
        layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_value(self, number: str, remark: str = "", stale: bool = False) -> None:
        """A value; one that is stale says so and loses its colour."""
        self.number.setText(number)
        self.remark.setText(remark)
        self.number.setEnabled(not stale)
        self.setAccessibleName(f"{self.title.text()}: {number}. {remark}")


def told_by(host: str, at_s: float | None, now_s: float) -> str:
    """Whose word a page shows, from when, and whether that is too long ago."""
    said = words(age(at_s, now_s))
    if is_stale(at_s, now_s):
        return tr("STALE: as told by {host}, {age}.", host=host, age=said)
    return tr("As told by {host}, {age}.", host=host, age=said)


def plain(text: str = "") -> QLabel:
    """A label that shows its text as it is: what a server calls itself is no markup."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def quiet(text: str) -> QLabel:
    """A label in the background."""
    label = plain(text)
    label.setProperty("quiet", True)
    return label


def heading(text: str) -> QLabel:
    """A label that opens a part of a page."""
    label = plain(text)
    label.setObjectName("heading")
    label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
    return label
