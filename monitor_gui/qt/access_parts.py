"""Parts of the page of access rules: the editor, the form of a question, and the last look."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontDatabase, QIntValidator, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from monitor_gui.model.queries import Checked, ExplainQuery, Finding
from monitor_gui.model.rules_editor import codes
from monitor_gui.qt.dialogs import Confirm
from monitor_gui.qt.keys import WindowFirst
from monitor_gui.qt.language import tr
from monitor_gui.qt.page import plain, quiet
from monitor_gui.qt.palette import Palette, tone
from monitor_gui.qt.room import fit

NAME_MAX: Final = 200
SEATS_MAX: Final = 10_000
FIELD_LEAST: Final = 150
SIZE: Final = (760, 620)


class RulesEdit(QPlainTextEdit):
    """The text of a document. The Tab key goes on to what follows: TOML needs no tabs."""

    def __init__(self, name: str, writable: bool = True) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.installEventFilter(WindowFirst(self))
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setTabChangesFocus(True)
        self.setReadOnly(not writable)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setMinimumHeight(8 * self.fontMetrics().height())

    def go_to(self, finding: Finding) -> None:
        """Put the cursor there, and the keyboard with it."""
        block = self.document().findBlockByNumber(max(0, finding.line - 1))
        if block.isValid():
            cursor = QTextCursor(block)
            step = min(max(0, finding.column - 1), block.length() - 1)
            cursor.setPosition(block.position() + step)
            self.setTextCursor(cursor)
            self.centerCursor()
        self.setFocus()

    def mark(self, checked: Checked | None, palette: Palette) -> None:
        """Underlay the lines of which something is said."""
        marks = []
        for finding in checked.findings if checked is not None else ():
            block = self.document().findBlockByNumber(max(0, finding.line - 1))
            if block.isValid():
                look = QTextCharFormat()
                ground = tone(palette, "down" if finding.fault else "degraded")
                ground.setAlpha(60)
                look.setBackground(ground)
                look.setProperty(QTextCharFormat.Property.FullWidthSelection, True)
                mark = QTextEdit.ExtraSelection()
                mark.format = look
                mark.cursor = QTextCursor(block)
                marks.append(mark)
        self.setExtraSelections(marks)


class ExplainForm(QWidget):
    """Who asks for what: all that a check-out would tell. `asked` comes with the question."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.product = QComboBox()
        self.product.setEditable(True)
        self.product.setMinimumContentsLength(18)
        self.product.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.user, self.host = QLineEdit(), QLineEdit()
        self.client, self.address = QLineEdit(), QLineEdit()
        self.seats = QLineEdit("1")
        self.seats.setValidator(QIntValidator(1, SEATS_MAX, self.seats))
        self.button = QPushButton(tr("Would this user get it?"))
        self.button.clicked.connect(lambda _=False: self.ask())
        self.answer = plain()
        self.answer.setWordWrap(True)
        self.answer.setAccessibleName(tr("Answer"))
        grid = QGridLayout()
        fields: tuple[tuple[str, QWidget, str], ...] = (
            (tr("Product (FIRM:PRODUCT)"), self.product, ""),
            (tr("Seats"), self.seats, "1"),
            (tr("User"), self.user, "ada"),
            (tr("Computer"), self.host, "cad1"),
            (tr("Certificate or token"), self.client, "cert:press7"),
            (tr("Address"), self.address, "10.1.2.3"),
        )
        for number, (text, widget, example) in enumerate(fields):
            label = quiet(text)
            label.setBuddy(widget)
            widget.setAccessibleName(text)
            widget.setMinimumWidth(FIELD_LEAST)
            inner = widget if isinstance(widget, QLineEdit) else widget.findChild(QLineEdit)
            if inner is not None:
                inner.setAccessibleName(text)
                inner.installEventFilter(WindowFirst(self))
            if isinstance(widget, QLineEdit):
                widget.setMaxLength(NAME_MAX)
                widget.setPlaceholderText(example)
                widget.returnPressed.connect(self.ask)
            row, column = 2 * (number // 2), number % 2
            grid.addWidget(label, row, column)
            grid.addWidget(widget, row + 1, column)
        layout = QVBoxLayout(self)
        layout.addLayout(grid)
        layout.addWidget(self.button)
        layout.addWidget(self.answer)
        layout.addStretch(1)

    def offer(self, products: list[tuple[str, str]]) -> None:
        """Offer these products, as (codes, name); what was typed stays."""
        there = [self.product.itemText(number) for number in range(self.product.count())]
        wanted = [f"{code} {name}" for code, name in products]
        if there != wanted:
            typed = self.product.currentText()
            self.product.clear()
            self.product.addItems(wanted)
            if typed:
                self.product.setEditText(typed)

    def query(self) -> ExplainQuery | None:
        """The question, None while no product is named."""
        product = codes(self.product.currentText().strip().partition(" ")[0])
        if product is None:
            return None
        return ExplainQuery(
            *product,
            client=self.client.text().strip(),
            user=self.user.text().strip(),
            host=self.host.text().strip(),
            address=self.address.text().strip(),
            seats=max(1, int(self.seats.text() or 1)),
        )

    def ask(self) -> None:
        """Ask, or say what is missing."""
        query = self.query()
        if query is None:
            self.answer.setText(tr("Name a product by its codes, such as 6000010:1."))
            self.product.setFocus()
        else:
            self.answer.setText(tr("Asking…"))
            self.asked.emit(query)


class ApplyRules(Confirm):
    """What applying would change, whether leases end, and why it is done."""

    def __init__(self, parent: QWidget, base: int, checked: Checked) -> None:
        super().__init__(
            parent,
            tr("Apply access rules"),
            tr("Put these rules in force in the place of version {base}?", base=base),
            [
                tr(
                    "Lines with + come, lines with - go. No lease ends by that, unless you say so "
                    "below. If other rules are put in force meanwhile, nothing is changed."
                )
            ],
            tr("Apply"),
        )
        self.diff = RulesEdit(tr("Changes"), writable=False)
        self.diff.setPlainText("\n".join(checked.diff) or tr("Nothing is changed."))
        self.end_leases = QCheckBox(tr("End the leases of those whom the new rules deny"))
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(2, self.diff, 1)
        layout.insertWidget(3, self.end_leases)
        self.resize(*SIZE)
        fit(self)


def paint(label: QLabel, palette: Palette, name: str) -> None:
    """Give a label that colour of the palette."""
    label.setStyleSheet(f"color: {tone(palette, name).name()}")
