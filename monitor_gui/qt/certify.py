"""Getting certified time now: one confirmation, asked from wherever the button is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QPushButton, QWidget

from monitor_gui.qt.context import Context
from monitor_gui.qt.dialogs import Confirm
from monitor_gui.qt.language import tr


def certify_button(parent: QWidget, context: Context, serial: Callable[[], str]) -> QPushButton:
    """A button that asks for certified time, for the container that `serial` names ("" for all)."""
    button = QPushButton(tr("Update certified time…"))
    button.setShortcut("Ctrl+U")
    button.clicked.connect(lambda _=False: certify(parent, context, serial()))
    return button


def allow(button: QPushButton, context: Context) -> None:
    """Whether it can be asked for at present; if not, the button says why."""
    why = context.why_not_operate()
    if not why and not context.store.active(context.clock()):
        why = tr("No TMR host serves: there is nobody to ask the containers.")
    button.setEnabled(not why)
    button.setToolTip(why)


def certify(parent: QWidget, context: Context, serial: str) -> None:
    """Ask the person, then the desk."""
    whom = (
        tr("Ask a time server for container {serial}?", serial=serial)
        if serial
        else tr("Ask a time server for all containers?")
    )
    dialog = Confirm(
        parent,
        tr("Update certified time"),
        whom,
        [
            tr(
                "The container asks its time servers now. Its box and system time become the "
                "certified time, which may put a wrong clock right, forwards or backwards."
            ),
            tr(
                "If the vendor has blocked the container as lost, it learns so by this and locks "
                "itself. Licences stay usable as long as two of three containers are not locked."
            ),
        ],
        tr("Update"),
    )
    if dialog.exec() == Confirm.DialogCode.Accepted:
        context.desk.update_time(serial, dialog.reason())
