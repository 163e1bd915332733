"""Access rules: the document in force and its editor, who changed it and why, and "would this user
get it?"."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from appliance.codec.api_access import AccessExplained, AccessVersion
from monitor_gui.model.queries import (
    Checked,
    CheckQuery,
    ExplainQuery,
    Finding,
    Heard,
    Rhythm,
    RulesHeard,
    RulesQuery,
)
from monitor_gui.model.rules_editor import Draft, explained
from monitor_gui.model.wire_words import told
from monitor_gui.qt.access_parts import ApplyRules, ExplainForm, RulesEdit, paint
from monitor_gui.qt.context import Context
from monitor_gui.qt.dialogs import Confirm
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.moments import clock
from monitor_gui.qt.page import Page, plain
from monitor_gui.qt.rows import Column
from monitor_gui.qt.tables import TablePanel

EVERY_S: Final = 5.0
TYPED_MS: Final = 300
"""A text is checked when nothing was typed for so long."""


class AccessPage(Page):
    """Three tabs: the rules, their versions, and the question."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._rhythm = Rhythm(EVERY_S)
        self._generation = -1
        self._heard: object = None
        self._explained: object = None
        self.draft = Draft()
        self.checked: Checked | None = None
        self._query: CheckQuery | None = None
        self._findings: tuple[Finding, ...] = ()
        self.state = plain()
        self.state.setWordWrap(True)
        self.conflict = plain()
        self.conflict.setWordWrap(True)
        self.rebase = QPushButton(tr("Go on from the version in force"))
        self.rebase.clicked.connect(lambda _=False: self._rebase())
        self.edit = RulesEdit(tr("Access rules as text"))
        self.edit.textChanged.connect(self._typed)
        self.findings = QListWidget()
        self.findings.setObjectName("findings")
        self.findings.setAccessibleName(tr("What the check found"))
        self.findings.setWordWrap(True)
        self.findings.itemActivated.connect(lambda _: self._go_to())
        self.findings.itemClicked.connect(lambda _: self._go_to())
        self.apply = QPushButton(tr("Compare and apply…"))
        self.apply.clicked.connect(lambda _=False: self._apply())
        self.discard = QPushButton(tr("Discard my changes"))
        self.discard.clicked.connect(lambda _=False: self._discard())
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPED_MS)
        self._typing.timeout.connect(self.check)
        self.log = self._log_panel()
        self.log.selected.connect(self._allow)
        self.undo = QPushButton(tr("Put in force again…"))
        self.undo.clicked.connect(lambda _=False: self._undo())
        self.log.buttons.addWidget(self.undo)
        self.form = ExplainForm()
        self.form.asked.connect(context.desk.ask)
        self.question = self.form.button
        self.question.clicked.connect(lambda _=False: self.tabs.setCurrentWidget(self.form))
        self._arrange()

    def _arrange(self) -> None:
        upper = QWidget()
        top = QVBoxLayout(upper)
        top.setContentsMargins(0, 8, 0, 0)
        top.addWidget(self.state)
        top.addWidget(self.conflict)
        top.addWidget(self.edit, 1)
        buttons = QHBoxLayout()
        for button in (self.apply, self.discard, self.rebase):
            buttons.addWidget(button)
        buttons.addStretch(1)
        top.addLayout(buttons)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setObjectName("access")
        split.addWidget(upper)
        split.addWidget(self.findings)
        split.setChildrenCollapsible(False)
        split.setSizes([480, 110])
        self.findings.setMinimumHeight(3 * self.fontMetrics().height())
        self.log.setContentsMargins(0, 8, 0, 0)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(split, tr("Rules"))
        self.tabs.addTab(self.log, tr("Versions"))
        self.tabs.addTab(self.form, tr("Would this user get it?"))
        self.tabs.tabBar().setAccessibleName(tr("Parts of the page"))
        layout = QVBoxLayout(self)
        layout.addWidget(self.tabs)

    def _log_panel(self) -> TablePanel:
        return TablePanel(
            tr("Versions that are remembered"),
            [
                Column("version", tr("Version"), _version, lambda row: row[0].version, True),
                Column("since", tr("Since"), lambda row: clock(row[0].at_ms / 1000), _at),
                Column("who", tr("Who"), lambda row: row[0].who),
                Column("rules", tr("Rules"), lambda row: str(row[0].rules), _rules, True, rank=1),
                Column("why", tr("Why"), lambda row: row[0].why, stretch=True),
            ],
            lambda row: row[0].version,
            self.context,
            tr("No access rules were put in force yet: everybody may have everything."),
            sort=(0, True),
        )

    def entrance(self) -> QWidget | None:
        """As in `Page`."""
        return (self.edit, self.log.view, self.form.user)[max(0, self.tabs.currentIndex())]

    def seek(self, subject: str) -> None:
        """As in `Page`: what is said of a product leads to the rules."""
        self.tabs.setCurrentIndex(0)

    # --- what is heard ---

    def refresh(self, now_s: float) -> None:
        """As in `Page`."""
        store = self.context.store
        if store.generation != self._generation:  # No text of one system is applied to another.
            self._generation, self._heard, self._query = store.generation, None, None
            self.draft, self.checked = Draft(), None
            self._put_text()
            self.log.set_rows([])
        heard = store.answers.get(RulesQuery)
        if store.opened is not None and self._rhythm.due(
            RulesQuery(), store.generation, heard, now_s
        ):
            self.context.desk.ask(RulesQuery())
        document = heard.document if heard is not None else None
        if isinstance(document, RulesHeard) and document is not self._heard:
            self._heard = document
            self._take(document)
        check = store.answers.get(CheckQuery)
        if check is not None and check.query == self._query and check.document != self.checked:
            self.checked = check.document if isinstance(check.document, Checked) else None
            self._show_findings()
            if self.checked is not None and self.draft.settle(self.checked):
                self._put_text()
                self.check()
        self._show_answer(store.answers.get(ExplainQuery))
        self._offer_products()
        self._show_state(heard)
        self._allow()

    def _take(self, heard: RulesHeard) -> None:
        if self.draft.hear(heard):
            self._put_text()
        in_force = heard.document.in_force
        self.log.set_rows([(one, one.version == in_force) for one in heard.document.versions])
        self.check()

    def _put_text(self) -> None:
        if self.edit.toPlainText() != self.draft.text:
            self.edit.setPlainText(self.draft.text)

    def _offer_products(self) -> None:
        names = self.context.store.product_names()
        self.form.offer([(f"{firm}:{code}", name) for (firm, code), name in names.items()])

    def _show_answer(self, heard: Heard | None) -> None:
        if heard is None or (heard.tried_at_s, heard.trouble) == self._explained:
            return
        self._explained = heard.tried_at_s, heard.trouble
        answer = heard.document
        if heard.trouble:
            self.form.answer.setText(tr("No answer: {why}.", why=words(told(heard.trouble))))
        elif isinstance(answer, AccessExplained):
            self.form.answer.setText("\n".join(words(one) for one in explained(answer)))

    # --- the text ---

    def _typed(self) -> None:
        self._typing.start()
        self.draft.text = self.edit.toPlainText()

    def check(self) -> None:
        """Have the text checked, unless it was."""
        heard = self.draft.heard
        if heard is None:
            return
        query = CheckQuery(self.draft.text, heard.document.rules, heard.document.in_force)
        if query != self._query:
            self._query, self.checked = query, None
            self.context.desk.ask(query)
        self._allow()

    def _show_findings(self) -> None:
        self._findings = self.checked.findings if self.checked is not None else ()
        self.findings.clear()
        for one in self._findings:
            sign = "✖" if one.fault else "▲"
            place = tr("line {line}, column {column}", line=one.line, column=one.column)
            self.findings.addItem(f"{sign} {place}: {words(told(one.what))}")
        if self.checked is not None and not self._findings:
            self.findings.addItem(tr("✔ The document is sound."))
        self.edit.mark(self.checked, self.context.palette)

    def _go_to(self) -> None:
        number = self.findings.currentRow()
        if 0 <= number < len(self._findings):
            self.edit.go_to(self._findings[number])

    def _discard(self) -> None:
        self.draft.discard()
        self._put_text()
        self.check()
        self.refresh(self.context.clock())

    def _rebase(self) -> None:
        self.draft.rebase()
        self._put_text()
        self.check()
        self.refresh(self.context.clock())

    def _show_state(self, heard: Heard | None) -> None:
        self.state.setText(self._state(heard))
        faster = self.draft.faster(self.checked)
        self.conflict.setVisible(faster is not None)
        self.rebase.setVisible(faster is not None)
        if faster is not None:
            self.conflict.setText(
                tr(
                    "Somebody was faster: {who} put version {version} in force ({why}); your text "
                    "was made from version {base}. Compare it with that version, or discard it.",
                    who=faster.who,
                    version=faster.version,
                    why=faster.why or "–",
                    base=self.draft.made_from(self.checked),
                )
            )

    def _state(self, heard: Heard | None) -> str:
        known = self.draft.heard
        if known is None:
            if heard is not None and heard.trouble:
                return tr("The access rules are not known: {why}.", why=words(told(heard.trouble)))
            return tr("The access rules are not known yet.")
        document = known.document
        newest = [one for one in document.versions if one.version == document.in_force]
        if not newest:
            said = tr("There are no access rules: everybody may have everything.")
        else:
            said = tr(
                "Version {version} is in force, since {since}, by {who}: {why}",
                version=document.in_force,
                since=clock(newest[0].at_ms / 1000),
                who=newest[0].who,
                why=newest[0].why,
            )
        alarms = "\n".join(f"▲ {alarm}" for alarm in document.alarms[:5])
        return f"{said}\n{alarms}" if alarms else said

    # --- acts ---

    def _allow(self) -> None:
        why = self.context.why_not_administer()
        self.undo.setEnabled(not why and self._chosen() is not None)
        self.undo.setToolTip(why or tr("Select a version that is not in force first."))
        if not why and (self.checked is None or self.checked.rules is None):
            why = tr("The document has a fault, or is being checked.")
        if not why and self.draft.faster(self.checked) is not None:
            why = tr("Somebody was faster: go on from the version in force, or discard your text.")
        if not why and self.checked is not None and not self.checked.diff:
            why = tr("Nothing is changed.")
        self.apply.setEnabled(not why)
        self.apply.setToolTip(why)
        self.discard.setEnabled(self.draft.changed)

    def _apply(self) -> None:
        checked, base = self.checked, self.draft.made_from(self.checked)
        if checked is None or checked.rules is None or base is None:
            return
        dialog = ApplyRules(self, base, checked)
        if dialog.exec() == ApplyRules.DialogCode.Accepted:
            ends = dialog.end_leases.isChecked()
            self.context.desk.apply_access(checked.rules, base, dialog.reason(), ends)

    def _chosen(self) -> AccessVersion | None:
        """The selected version, unless it is in force."""
        row: tuple[AccessVersion, bool] | None = self.log.current()
        return row[0] if row is not None and not row[1] else None

    def _undo(self) -> None:
        chosen, heard = self._chosen(), self.draft.heard
        if chosen is None or heard is None:
            return
        base = heard.document.in_force
        dialog = Confirm(
            self,
            tr("Put access rules in force again"),
            tr(
                "Put version {to} in force in the place of version {base}?",
                to=chosen.version,
                base=base,
            ),
            [tr("They become a new version. No lease ends by that.")],
            tr("Put in force"),
        )
        if dialog.exec() == Confirm.DialogCode.Accepted:
            self.context.desk.undo_access(base, chosen.version, dialog.reason())

    def apply_theme(self) -> None:
        """As in `Page`."""
        paint(self.conflict, self.context.palette, "degraded")
        self.edit.mark(self.checked, self.context.palette)


def _version(row: tuple[AccessVersion, bool]) -> str:
    return tr("{version}, in force", version=row[0].version) if row[1] else str(row[0].version)


def _at(row: tuple[AccessVersion, bool]) -> int:
    return row[0].at_ms


def _rules(row: tuple[AccessVersion, bool]) -> int:
    return row[0].rules
