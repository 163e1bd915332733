"""Questions with consequences. Nothing happens by Enter alone: a reason has to be written first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from monitor_gui.qt.language import tr
from monitor_gui.qt.page import heading, plain, quiet
from monitor_gui.qt.room import fit

REASON_MAX = 200
WIDTH = 460


class Confirm(QDialog):
    """An act, what it means, and the reason that will be recorded. `reason()` after acceptance."""

    def __init__(
        self,
        parent: QWidget,
        title: str,
        question: str,
        consequences: Sequence[str],
        verb: str,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(heading(question))
        for text in consequences:
            label = plain(text)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            layout.addWidget(label)
        layout.addWidget(quiet(tr("Reason (recorded in the ledger, with your name):")))
        self.why = QLineEdit()
        self.why.setMaxLength(REASON_MAX)
        self.why.setAccessibleName(tr("Reason"))
        layout.addWidget(self.why)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = QPushButton(verb)
        self.go.setProperty("danger", True)
        self.go.setEnabled(False)
        buttons.addButton(self.go, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.why.textChanged.connect(lambda text: self.go.setEnabled(bool(text.strip())))
        self.why.setFocus()
        self.resize(WIDTH, layout.totalHeightForWidth(WIDTH))
        fit(self)

    def reason(self) -> str:
        """What was written."""
        return self.why.text().strip()


def host_key_question(parent: QWidget, subject: str, fingerprint: str) -> QMessageBox:
    """First contact with an SSH host: does the person know this key? No is the default."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle(tr("Unknown SSH host"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(tr("{host} is not known on this computer yet.", host=subject))
    box.setInformativeText(
        tr(
            "Its key's fingerprint is\n\n{fingerprint}\n\nCompare it with what the host's "
            "administrator says. If it is another one, somebody may be listening in between.",
            fingerprint=fingerprint,
        )
    )
    box.addButton(tr("It is the same: trust it"), QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    return box


def trust_host_key(parent: QWidget, subject: str, fingerprint: str) -> bool:
    """Asks it; whatever closes the question but the one button means no."""
    box = host_key_question(parent, subject, fingerprint)
    box.exec()
    clicked = box.clickedButton()
    trusts = clicked is not None and box.buttonRole(clicked) == QMessageBox.ButtonRole.AcceptRole
    box.deleteLater()
    return trusts
