"""The page of access rules: written, checked, compared, applied; somebody is faster; explained."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from monitor_gui.feed.rules import checked
from monitor_gui.model.queries import Answered, CheckQuery, ExplainQuery, RulesQuery
from monitor_gui.model.updates import Connecting
from monitor_gui.qt import access as access_page
from monitor_gui.qt.access import AccessPage
from monitor_gui.qt.access_parts import ApplyRules
from tests.gui.conftest import Show, Shown
from tests.gui.stores import RULES, rules_in_force, told_eve
from tests.gui.test_window import confirm, page
from tests.unit.monitor.documents import filled, opened


def access(show: Show, role: str = "administer") -> tuple[Shown, AccessPage]:
    """The page with version 12 in force."""
    store = filled()
    store.opened = opened(role)
    shown = show(store)
    found = page(shown, "access")
    assert isinstance(found, AccessPage)
    assert shown.desk.queries == [RulesQuery()]
    assert found.state.text() == "The access rules are not known yet."
    shown.window.take([Answered(RulesQuery(), 100.2, 0.01, rules_in_force())])
    answer_check(shown)
    return shown, found


def answer_check(shown: Shown) -> None:
    """The feed answers the last question about a text."""
    query = [one for one in shown.desk.queries if isinstance(one, CheckQuery)][-1]
    shown.window.take([Answered(query, 100.2, 0.01, checked(query))])


def write(shown: Shown, found: AccessPage, text: str) -> None:
    """Somebody writes this, and it is checked."""
    found.edit.setPlainText(text)
    found.check()
    answer_check(shown)


def test_a_text_is_checked_compared_and_applied_to_its_version(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, found = access(show)
    assert "Version 12 is in force" in found.state.text() and "cert:olga" in found.state.text()
    assert found.edit.toPlainText().startswith("version = 12\n")
    assert found.apply.toolTip() == "Nothing is changed."
    write(shown, found, RULES.replace("firm =", "firn ="))
    assert found.findings.item(0).text().startswith("✖ line 5, column 1:")
    assert not found.apply.isEnabled()
    assert len(found.edit.extraSelections()) == 1
    found.findings.setCurrentRow(0)
    found._go_to()
    assert found.edit.textCursor().blockNumber() == 4
    write(shown, found, RULES.replace("reserve = 2", "reserve = 1"))
    assert found.findings.item(0).text() == "✔ The document is sound."
    seen: list[str] = []

    def accepted(dialog: ApplyRules) -> int:
        seen.append(dialog.diff.toPlainText())
        assert not dialog.go.isEnabled(), "nothing may be done without a reason"
        dialog.why.setText("one is enough")
        dialog.end_leases.setChecked(True)
        return QDialog.DialogCode.Accepted.value

    monkeypatch.setattr(ApplyRules, "exec", accepted)
    found.apply.click()
    assert "-reserve = 2\n+reserve = 1" in seen[0]
    act, rules, *rest = shown.desk.asked[-1]
    assert (act, rest) == ("apply", [12, "one is enough", True])
    assert rules == checked(CheckQuery(found.edit.toPlainText(), rules, 12)).rules  # type: ignore[arg-type]


def test_whoever_is_slower_is_told_and_loses_no_word(show: Show) -> None:
    shown, found = access(show)
    write(shown, found, RULES.replace("reserve = 2", "reserve = 1"))
    assert found.apply.isEnabled()
    newer = rules_in_force(RULES.replace("user:eve", "user:mallory"), 13, "cert:hugo")
    shown.window.take([Answered(RulesQuery(), 105.0, 0.01, newer)])
    answer_check(shown)
    assert "cert:hugo put version 13 in force" in found.conflict.text()
    assert not found.apply.isEnabled() and "reserve = 1" in found.edit.toPlainText()
    found.rebase.click()
    answer_check(shown)
    assert found.apply.isEnabled() and found.conflict.isHidden()
    assert found.edit.toPlainText().startswith("version = 13\n")
    found.discard.click()
    assert found.edit.toPlainText() == newer.text
    shown.window.take([Connecting("another")])
    assert found.edit.toPlainText() == "", "no text of one system is applied to another"


def test_a_version_is_put_in_force_again(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, found = access(show)
    assert found.log.csv().splitlines()[1].startswith('"12, in force"')
    found.tabs.setCurrentIndex(1)
    found.log.seek("11")
    confirm(monkeypatch, access_page, "too strict")
    found.undo.click()
    assert shown.desk.asked[-1] == ("undo", 12, 11, "too strict")
    found.log.seek("12, in force")
    assert not found.undo.isEnabled()


def test_only_an_administrator_applies(show: Show) -> None:
    shown, found = access(show, "operate")
    write(shown, found, RULES.replace("reserve = 2", "reserve = 1"))
    assert not found.apply.isEnabled() and "administer is needed" in found.apply.toolTip()


def test_would_this_user_get_it(show: Show, qtbot: QtBot) -> None:
    shown, found = access(show)
    found.question.click()
    assert found.tabs.currentWidget() is found.form
    assert shown.desk.queries[-1] == ExplainQuery(100, 10), "the first product is offered"
    found.form.product.setEditText("no product")
    found.form.user.setText(" eve ")
    qtbot.keyClick(found.form.user, Qt.Key.Key_Return)
    assert "such as 6000010:1" in found.form.answer.text()
    found.form.product.setEditText("100:50")
    qtbot.keyClick(found.form.user, Qt.Key.Key_Return)
    query = ExplainQuery(100, 50, user="eve")
    assert shown.desk.queries[-1] == query
    shown.window.take([Answered(query, 100.3, 0.01, told_eve())])
    assert "✖ It would be refused" in found.form.answer.text()
    assert "which any program can claim" in found.form.answer.text()
    shown.window.take([Answered(query, 100.4, 0.01, None, "quorum lost")])
    assert found.form.answer.text() == "No answer: quorum lost."
