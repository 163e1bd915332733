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
from monitor_gui.model.wire_words import told
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.page import plain, quiet
from monitor_gui.qt.room import fit

FORM_WIDTH = 560


class SystemForm(QDialog):
    """One system's settings. `system()` after acceptance. What `check` finds wrong with its files
    is said before they are saved; they may be saved all the same, since they may come later."""

    def __init__(
        self,
        parent: QWidget,
        system: System | None,
        others: Sequence[str],
        check: Callable[[System], str] = lambda system: "",
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Connection"))
        self._others = set(others)
        self._check_files, self._warned_of = check, ""
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
        self.save = self.buttons.button(QDialogButtonBox.StandardButton.Save)
        self._save_word = self.save.text()
        self.buttons.accepted.connect(self._save)
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
        self.problem.setText(words(told(problem)))
        self._warned_of = ""
        self.save.setText(self._save_word)
        self.save.setEnabled(not problem)

    def _save(self) -> None:
        """Accept, unless the profile cannot be used and that was not said yet."""
        problem = self._check_files(self.system())
        if problem and problem != self._warned_of:
            self._warned_of = problem
            self.problem.setText(tr("Nobody can connect by this: {why}.", why=words(told(problem))))
            self.save.setText(tr("Save all the same"))
            return
        self.accept()

    def _browse(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, tr("Client profile"), self.profile.text(), tr("Profiles (*.toml)")
        )
        if path:
            self.profile.setText(path)


class ConnectionsDialog(QDialog):
    """All systems: connect, add, change, remove. `changed` is told the whole new list. `unsaved`
    are listed below them; `current` of all is followed now (None: the demo, or none), and `wanted`
    is its name."""

    def __init__(
        self,
        parent: QWidget,
        systems: Sequence[System],
        changed: Callable[[list[System]], None],
        connect: Callable[[System | None], None],
        check: Callable[[System], str] = lambda system: "",
        unsaved: Sequence[System] = (),
        wanted: str = "",
        current: System | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Connections"))
        self.resize(620, 380)
        fit(self)
        self._systems = list(systems)
        self._changed, self._connect_to, self._check = changed, connect, check
        self._unsaved, self._wanted, self._current = list(unsaved), wanted, current
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
        every = self._every()
        self._fill(every.index(current) if current in every else 0)

    def _every(self) -> list[System]:
        """Saved systems, then those that are not."""
        return [*self._systems, *(one for one in self._unsaved if one not in self._systems)]

    def _fill(self, row: int) -> None:
        self.list.clear()
        every = self._every()
        for number, system in enumerate(every):
            text = system.name
            if number >= len(self._systems):
                text = tr("{name} (not saved)", name=text)
            self.list.addItem(
                tr("{name}: followed now", name=text) if self._is_now(system) else text
            )
        if row >= 0:
            self.list.setCurrentRow(min(row, len(every) - 1))
        self._show()

    def _is_now(self, system: System) -> bool:
        return system == self._current

    def _chosen(self) -> int:
        row = self.list.currentRow()
        return row if 0 <= row < len(self._every()) else -1

    def _show(self) -> None:
        row = self._chosen()
        for button in (self.connect_button, self.edit):
            button.setEnabled(row >= 0)
        self.remove.setEnabled(0 <= row < len(self._systems))
        if row < 0:
            text = tr("No connection is set up yet: add one, or start the demo.")
            if self._wanted and self._current is None:
                text = tr("{name} is followed now. {more}", name=self._wanted, more=text)
            self.detail.setText(text)
            return
        system = self._every()[row]
        route = tr("through SSH by {target}", target=system.ssh) if system.ssh else tr("directly")
        text = tr("Profile {path}, {route}.", path=system.profile, route=route)
        problem = self._check(system)
        if problem:
            why = tr("Nobody can connect by this: {why}.", why=words(told(problem)))
            text = f"{text} {why}"
        self.detail.setText(text)

    def _connect(self) -> None:
        if self._chosen() >= 0:
            self._connect_to(self._every()[self._chosen()])
            self.accept()

    def _demo(self) -> None:
        self._connect_to(None)
        self.accept()

    def _add(self) -> None:
        if len(self._systems) >= SYSTEMS_MAX:
            self._say_full()
            return
        form = SystemForm(self, None, [system.name for system in self._systems], self._check)
        if form.exec() == QDialog.DialogCode.Accepted:
            self._systems.append(form.system())
            self._save(len(self._systems) - 1)

    def _edit(self) -> None:
        row = self._chosen()
        if row < 0:
            return
        saved = row < len(self._systems)
        others = [system.name for n, system in enumerate(self._systems) if n != row]
        if not saved and len(self._systems) >= SYSTEMS_MAX:
            self._say_full()
            return
        form = SystemForm(self, self._every()[row], others, self._check)
        if form.exec() == QDialog.DialogCode.Accepted:
            if not saved:
                row = len(self._systems)
            self._systems[row : row + 1] = [form.system()]
            self._save(row)

    def _say_full(self) -> None:
        self.detail.setText(tr("There are {n} connections, more are not possible.", n=SYSTEMS_MAX))

    def _remove(self) -> None:
        row = self._chosen()
        if 0 <= row < len(self._systems):
            if self._is_now(self._systems[row]):
                self._unsaved.append(self._systems[row])  # It is followed all the same.
            del self._systems[row]
            self._changed(list(self._systems))
            self._fill(-1)  # The next press must not meet another one.

    def _save(self, row: int) -> None:
        self._changed(list(self._systems))
        self._fill(max(0, row))
