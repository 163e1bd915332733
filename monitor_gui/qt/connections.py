"""Connection profiles: which systems this monitor can follow, and how each is reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from monitor_gui.model.connections import SYSTEMS_MAX, System, trouble
from monitor_gui.model.retold import retold
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.page import plain, quiet
from monitor_gui.qt.room import fit

FORM_WIDTH = 560


class SystemForm(QDialog):
    """One system's settings. `system()` after acceptance."""

    def __init__(self, parent: QWidget, system: System | None, others: Sequence[str]) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Connection"))
        self._others = set(others)
        system = system or System(name="", profile="")
        self.name = QLineEdit(system.name)
        self.profile = QLineEdit(system.profile)
        self.hosts = QLineEdit(", ".join(system.hosts))
        self.hosts.setPlaceholderText(tr("as in the profile"))
        self.ssh = QLineEdit(system.ssh)
        self.ssh.setPlaceholderText(tr("directly; else user@host or user@host:port"))
        self.jump = QLineEdit(system.ssh_jump)
        self.jump.setPlaceholderText(tr("none; else the SSH host that leads to it"))
        self.key = QLineEdit(system.ssh_key)
        self.key.setPlaceholderText(tr("the agent, then the usual files"))
        self.read_only = QCheckBox(tr("Read-only: nothing can be changed from this window"))
        self.read_only.setChecked(system.read_only)
        browse = QPushButton(tr("Browse…"))
        browse.clicked.connect(self._browse)
        line = QHBoxLayout()
        line.addWidget(self.profile, 1)
        line.addWidget(browse)
        form = QFormLayout()
        form.addRow(tr("&Name"), self.name)
        label = QLabel(tr("Client &profile (TOML)"))
        label.setBuddy(self.profile)
        form.addRow(label, line)
        form.addRow(tr("TMR &hosts"), self.hosts)
        form.addRow(tr("Through &SSH"), self.ssh)
        form.addRow(tr("&Jump host"), self.jump)
        form.addRow(tr("SSH &key file"), self.key)
        form.addRow("", self.read_only)
        self.problem = plain()
        self.problem.setWordWrap(True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)
        for field in (self.name, self.profile, self.hosts, self.ssh, self.jump, self.key):
            field.textChanged.connect(self._check)
        self._check()
        self.resize(FORM_WIDTH, self.sizeHint().height())
        fit(self)

    def system(self) -> System:
        """What the form says."""
        hosts = tuple(text.strip() for text in self.hosts.text().split(",") if text.strip())
        return System(
            name=self.name.text().strip(),
            profile=self.profile.text().strip(),
            hosts=hosts,
            ssh=self.ssh.text().strip(),
            ssh_jump=self.jump.text().strip(),
            ssh_key=self.key.text().strip(),
            read_only=self.read_only.isChecked(),
        )

    def _check(self) -> None:
        system = self.system()
        problem = trouble(system)
        if not problem and system.name in self._others:
            problem = tr("another system is called {name} already", name=system.name)
        self.problem.setText(words(retold(problem)))
        self.buttons.button(QDialogButtonBox.StandardButton.Save).setEnabled(not problem)

    def _browse(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, tr("Client profile"), self.profile.text(), tr("Profiles (*.toml)")
        )
        if path:
            self.profile.setText(path)


class ConnectionsDialog(QDialog):
    """All systems: connect, add, change, remove. `changed` is told the whole new list."""

    def __init__(
        self,
        parent: QWidget,
        systems: Sequence[System],
        changed: Callable[[list[System]], None],
        connect: Callable[[System | None], None],
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Connections"))
        self.resize(620, 380)
        fit(self)
        self._systems = list(systems)
        self._changed, self._connect_to = changed, connect
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Systems"))
        self.list.itemSelectionChanged.connect(self._show)
        self.list.itemActivated.connect(lambda _: self._connect())
        self.detail = quiet("")
        self.detail.setWordWrap(True)
        self.detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.connect_button = QPushButton(tr("&Connect"))
        self.edit = QPushButton(tr("&Edit…"))
        self.remove = QPushButton(tr("&Remove"))
        add, demo = QPushButton(tr("&Add…")), QPushButton(tr("Start the &demo"))
        side = QVBoxLayout()
        for button, act in (
            (self.connect_button, self._connect),
            (add, self._add),
            (self.edit, self._edit),
            (self.remove, self._remove),
            (demo, self._demo),
        ):
            button.clicked.connect(lambda _=False, act=act: act())
            side.addWidget(button)
        side.addStretch(1)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        middle = QHBoxLayout()
        middle.addWidget(self.list, 1)
        middle.addLayout(side)
        layout = QVBoxLayout(self)
        layout.addLayout(middle, 1)
        layout.addWidget(self.detail)
        layout.addWidget(close)
        self._fill(0)

    def _fill(self, row: int) -> None:
        self.list.clear()
        self.list.addItems([system.name for system in self._systems])
        if row >= 0:
            self.list.setCurrentRow(min(row, len(self._systems) - 1))
        self._show()

    def _chosen(self) -> int:
        row = self.list.currentRow()
        return row if 0 <= row < len(self._systems) else -1

    def _show(self) -> None:
        row = self._chosen()
        for button in (self.connect_button, self.edit, self.remove):
            button.setEnabled(row >= 0)
        if row < 0:
            self.detail.setText(tr("No connection is set up yet: add one, or start the demo."))
            return
        system = self._systems[row]
        route = tr("through SSH by {target}", target=system.ssh) if system.ssh else tr("directly")
        self.detail.setText(tr("Profile {path}, {route}.", path=system.profile, route=route))

    def _connect(self) -> None:
        if self._chosen() >= 0:
            self._connect_to(self._systems[self._chosen()])
            self.accept()

    def _demo(self) -> None:
        self._connect_to(None)
        self.accept()

    def _add(self) -> None:
        if len(self._systems) >= SYSTEMS_MAX:
            self.detail.setText(
                tr("There are {n} connections, more are not possible.", n=SYSTEMS_MAX)
            )
            return
        form = SystemForm(self, None, [system.name for system in self._systems])
        if form.exec() == QDialog.DialogCode.Accepted:
            self._systems.append(form.system())
            self._save(len(self._systems) - 1)

    def _edit(self) -> None:
        row = self._chosen()
        if row < 0:
            return
        others = [system.name for n, system in enumerate(self._systems) if n != row]
        form = SystemForm(self, self._systems[row], others)
        if form.exec() == QDialog.DialogCode.Accepted:
            self._systems[row] = form.system()
            self._save(row)

    def _remove(self) -> None:
        if self._chosen() >= 0:
            del self._systems[self._chosen()]
            self._changed(list(self._systems))
            self._fill(-1)  # The next press must not meet another one.

    def _save(self, row: int) -> None:
        self._changed(list(self._systems))
        self._fill(max(0, row))
