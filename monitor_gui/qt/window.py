"""The main window: verdict above, pages at the left, the connection below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QCloseEvent,
    QGuiApplication,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QMainWindow,
    QMenu,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from monitor_gui.model.alerts import Alert
from monitor_gui.model.connections import DEMO, System
from monitor_gui.model.updates import (
    Acted,
    Closed,
    Connecting,
    LeasesHeard,
    Opened,
    Question,
    Update,
)
from monitor_gui.model.wire_words import fault as fault_words
from monitor_gui.model.wire_words import told
from monitor_gui.qt.banner import Banner, icon
from monitor_gui.qt.bell import Bell
from monitor_gui.qt.command_palette import CommandPalette
from monitor_gui.qt.commands import commands
from monitor_gui.qt.connections import ConnectionsDialog
from monitor_gui.qt.context import Context
from monitor_gui.qt.dialogs import trust_host_key
from monitor_gui.qt.help import Help
from monitor_gui.qt.keys import enter, find
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.page import Page
from monitor_gui.qt.pages import PAGES, make
from monitor_gui.qt.palette import DARK, LIGHT, dress, level_colour
from monitor_gui.qt.remember import keep, put_back
from monitor_gui.qt.room import fit
from monitor_gui.qt.slices import Slices, let_go
from monitor_gui.qt.stack import Stack
from monitor_gui.qt.status_line import StatusLine
from monitor_gui.qt.tray import Tray

SECOND_MS = 1_000
OLD_MAX = 16
"""Lists of leases that wait to be freed bit by bit."""
SYSTEM_THEME = "system"
UNSAVED_MAX = 20
"""So many systems that were named on the command line, or removed since, stay in the list."""
SIZE = (1280, 820)
"""Where the screen has room for it."""
DIGITS: Final = 10
"""Pages that have Ctrl and a digit as their key; those that follow have Alt and a digit."""


class Window(QMainWindow):
    """Shows a store. Updates come by `take`, on Qt's thread; `settings` remembers the layout."""

    def __init__(
        self,
        context: Context,
        settings: QSettings,
        systems: Sequence[System] = (),
        save_systems: Callable[[list[System]], None] = lambda systems: None,
        check: Callable[[System], str] = lambda system: "",
    ) -> None:
        super().__init__()
        self.context = context
        self._settings = settings
        self.systems = list(systems)
        self._save_systems, self._check = save_systems, check
        self.current: System | None = None
        self._unsaved: list[System] = []
        self._recent: list[str] = []
        self._level = ""
        self._old: list[tuple[object, ...]] = []
        self._freeing = Slices(self)
        self.setWindowTitle(tr("TMR monitor"))
        self.banner = Banner(context)
        self._pages: dict[int, Page] = {}
        self.list = QListWidget()
        self.list.setObjectName("pages")
        self.list.setAccessibleName(tr("Pages"))
        self.list.setFixedWidth(210)
        self.stack = Stack()
        for number, spec in enumerate(PAGES, 1):
            self.list.addItem(tr(spec.title))
            ctrl = number <= DIGITS
            tip = tr("Ctrl+{n}", n=number % 10) if ctrl else tr("Alt+{n}", n=number - DIGITS)
            self.list.item(number - 1).setToolTip(tip)
            self.stack.addWidget(QWidget())  # until it is looked at
        self.list.currentRowChanged.connect(self._page_chosen)
        self.list.itemClicked.connect(lambda _: self._enter())
        self.list.itemActivated.connect(lambda _: self._enter())
        self._arrange()
        self._make_menus()
        self.status = StatusLine(context, self.statusBar())
        self.message, self.connection = self.status.message, self.status.connection
        self.tell, self._describe = self.status.tell, self.status.describe
        self.bell = Bell(context, self)
        self.bell.changed.connect(self._alerts_changed)
        self.bell.rang.connect(self._rang)
        context.go, context.settle_alerts = self.go, self.bell.settle
        self.tray = Tray(
            self,
            [
                (tr("Show the alerts"), self._show_alerts),
                (tr("Acknowledge all alerts"), self.acknowledge_all),
                (tr("Quit"), self.close),
            ],
        )
        self._restore()
        self.timer = QTimer(self)
        self.timer.setInterval(SECOND_MS)
        self.timer.timeout.connect(self.refresh)
        self.timer.start()

    # --- making ---

    def _arrange(self) -> None:
        below = QHBoxLayout()
        below.setSpacing(0)
        below.addWidget(self.list)
        # On a small screen, or a large scale, a page is scrolled instead of being squeezed.
        room = QScrollArea()
        room.setWidget(self.stack)
        room.setWidgetResizable(True)
        room.setFrameShape(QFrame.Shape.NoFrame)
        room.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        below.addWidget(room, 1)
        layout = QVBoxLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banner)
        layout.addLayout(below, 1)
        middle = QWidget()
        middle.setLayout(layout)
        self.setCentralWidget(middle)

    def _make_menus(self) -> None:
        file = self.menuBar().addMenu(tr("&System"))
        self._action(file, tr("&Connections…"), "Ctrl+O", self.show_connections)
        self.faults = self.menuBar().addMenu(tr("&Demo"))
        self.faults.menuAction().setVisible(False)
        file.addSeparator()
        self._action(file, tr("&Quit"), QKeySequence.StandardKey.Quit, self.close)
        view = self.menuBar().addMenu(tr("&View"))
        for number, spec in enumerate(PAGES):
            keys = f"Ctrl+{(number + 1) % 10}" if number < DIGITS else f"Alt+{number + 1 - DIGITS}"
            self._action(view, tr(spec.title), keys, partial(self.go, spec.name))
        for title, keys, step in (
            (tr("Next page"), "Ctrl+PgDown", 1),
            (tr("Previous page"), "Ctrl+PgUp", -1),
        ):
            self._action(view, title, keys, partial(self._turn, step))
        self._action(view, tr("Between list and page"), "F6", self._change_focus)
        self._action(view, tr("C&ommands…"), "Ctrl+K", self.show_commands)
        search = QShortcut(QKeySequence.StandardKey.Find, self)
        search.activated.connect(lambda: find(self.stack.currentWidget() or self))
        view.addSeparator()
        self.themes = QActionGroup(self)
        for name, title in (
            (SYSTEM_THEME, tr("Colours of the desktop")),
            ("light", tr("Light")),
            ("dark", tr("Dark")),
        ):
            action = self._action(view, title, None, partial(self.set_theme, name))
            action.setCheckable(True)
            action.setData(name)
            self.themes.addAction(action)
        view.addSeparator()
        self.read_only = self._action(view, tr("&Read-only"), "Ctrl+L", self._read_only_switched)
        self.read_only.setCheckable(True)
        self.full = self._action(view, tr("&Full screen"), "F11", self._full_screen)
        self.full.setCheckable(True)
        self._help = Help(self, self.context, self._settings, lambda: self.systems)

    def _action(
        self,
        menu: QMenu,
        title: str,
        shortcut: str | QKeySequence.StandardKey | None,
        act: Callable[[], object],
    ) -> QAction:
        action = menu.addAction(title)
        if shortcut is not None:
            action.setShortcut(QKeySequence(shortcut))
        action.triggered.connect(lambda _=False: act())
        return action

    # --- what happens ---

    def take(self, updates: list[Update]) -> None:
        """Updates from the feed."""
        store = self.context.store
        for update in updates:
            heard = isinstance(update, LeasesHeard) and store.leases is not None
            if heard and len(self._old) < OLD_MAX:  # Beyond that they go at once, and it stutters.
                assert store.leases is not None
                self._old.append(store.leases.leases)
            store.apply(update)
            if isinstance(update, (Connecting, Opened, Closed)):
                self._describe()
            if isinstance(update, Connecting):
                self._offer_faults(())
            elif isinstance(update, Opened):
                self._offer_faults(update.faults)
            elif isinstance(update, Acted):
                self._acted(update)
            elif isinstance(update, Question):
                yes = trust_host_key(self, update.subject, update.detail)
                self.context.desk.answer(update.number, yes)
        self.refresh()
        if self._old and not self._freeing.busy:
            old = [lease for leases in self._old for lease in leases]
            self._old.clear()
            self._freeing.start(let_go(old))

    def refresh(self) -> None:
        """Show what is known now: the verdict, and the page that is seen."""
        now_s = self.context.clock()
        self.bell.look(now_s)
        with self.context.one_look():
            self.banner.refresh(now_s)
            page = self.stack.currentWidget()
            if isinstance(page, Page) and self.isVisible():
                page.refresh(now_s)
            self.status.refresh(now_s)
            verdict = self.context.verdict()
        self.tray.show_state(verdict, len(self.context.book.ringing(self.context.wall())))
        colour = level_colour(self.context.palette, verdict.level)
        if colour != self._level:
            self._level = colour
            self.setWindowIcon(icon(colour))

    def _offer_faults(self, faults: tuple[str, ...]) -> None:
        self.faults.clear()
        for fault in faults:
            act = partial(self.context.desk.inject, fault)
            self._action(self.faults, words(fault_words(fault)), None, act)
        self.faults.menuAction().setVisible(bool(faults))

    def _acted(self, acted: Acted) -> None:
        """An answer to an act is seen until another comes, a refusal in the colour of trouble."""
        self.tell(words(told(acted.sentence)), acted.ok)

    def _page_chosen(self, number: int) -> None:
        """Whoever goes through the list stays in it; from elsewhere the keyboard goes along."""
        listed = self.focusWidget() is self.list
        self.page(number)
        self.stack.setCurrentIndex(number)
        self.refresh()
        if not listed:
            self._enter()

    def _enter(self) -> None:
        page = self.stack.currentWidget()
        if page is not None:
            enter(page)

    def page(self, number: int) -> Page:
        """The page with that number, made when it is first asked for: some bring a plotting library
        along, and the first window is not to wait for it."""
        page = self._pages.get(number)
        if page is None:
            page = self._pages[number] = make(PAGES[number], self.context)
            page.setContentsMargins(6, 4, 6, 4)
            page.apply_theme()
            put_back(self._settings, PAGES[number].name, page)
            empty = self.stack.widget(number)
            self.stack.insertWidget(number, page)
            if empty is not None:
                self.stack.removeWidget(empty)
                empty.deleteLater()
        return page

    def show_page(self, name: str) -> None:
        """Go to the page of that name."""
        names = [spec.name for spec in PAGES]
        if name in names:
            self.list.setCurrentRow(names.index(name))

    def go(self, name: str, subject: str = "") -> None:
        """Go to the page of that name, and to what is meant on it."""
        self.show_page(name)
        self._enter()
        page = self.stack.currentWidget()
        if subject and isinstance(page, Page):
            page.seek(subject)

    # --- alerts ---

    def _alerts_changed(self) -> None:
        """How many want attention is seen on every page."""
        count = len(self.context.book.ringing(self.context.wall()))
        for number, spec in enumerate(PAGES):
            if spec.name == "alerts":
                title = tr(spec.title)
                text = tr("{title} ({n})", title=title, n=count) if count else title
                self.list.item(number).setText(text)

    def _rang(self, alerts: list[Alert]) -> None:
        self.tray.ring(alerts)

    def _show_alerts(self) -> None:
        self.show_page("alerts")
        self.showNormal()
        self.raise_()
        self.activateWindow()

    def acknowledge_all(self) -> None:
        """Somebody knows of everything that rings."""
        for item in self.context.book.ringing(self.context.wall()):
            self.context.book.acknowledge(item.alert.key)
        self.bell.settle()
        self.refresh()

    # --- by keyboard ---

    def show_commands(self) -> None:
        """Offer everything that can be done; what is chosen is done once the list is gone."""
        palette = CommandPalette(self, commands(self), self._recent)
        palette.exec()
        palette.deleteLater()
        if palette.chosen is not None:
            palette.chosen()

    def _turn(self, step: int) -> None:
        self.list.setCurrentRow((self.list.currentRow() + step) % len(PAGES))

    def _change_focus(self) -> None:
        """From the list of pages to what the page shows, and back."""
        if self.list.hasFocus():
            self._enter()
        else:
            self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_connections(self) -> None:
        """Let the person choose another system."""
        self.connections().exec()

    def connections(self) -> ConnectionsDialog:
        """The dialog of all systems, with what is followed now though it is not saved."""
        others = [system for system in self._unsaved if system not in self.systems]
        if self.current not in (None, *self.systems, *others):
            others += [] if self.current is None else [self.current]
        return ConnectionsDialog(
            self,
            self.systems,
            self._systems_changed,
            self.connect_to,
            self._check,
            others,
            self.context.store.wanted,
            self.current,
        )

    def connect_to(self, system: System | None) -> None:
        """Follow another system; None is the demo."""
        self.tell("", True)
        self.context.read_only = system is not None and system.read_only
        self.read_only.setChecked(self.context.read_only)
        self.current = system
        if system is not None and system not in (*self.systems, *self._unsaved):
            self._unsaved = [*self._unsaved, system][-UNSAVED_MAX:]
        self.context.desk.connect(system)
        # At once, and not when the feed gets to it: what is seen must never be another system's.
        self.take([Connecting(DEMO if system is None else system.name)])

    def _systems_changed(self, systems: list[System]) -> None:
        self.systems = systems
        self._save_systems(systems)

    def _read_only_switched(self) -> None:
        self.context.read_only = self.read_only.isChecked()
        self._describe()
        self.refresh()

    def _full_screen(self) -> None:
        if self.full.isChecked():
            self.showFullScreen()
        else:
            self.showNormal()

    # --- looks ---

    def set_theme(self, name: str) -> None:
        """ "light", "dark" or the desktop's."""
        dark = name == "dark"
        if name == SYSTEM_THEME:
            scheme = QGuiApplication.styleHints().colorScheme()
            dark = scheme == Qt.ColorScheme.Dark
        self.context.palette = DARK if dark else LIGHT
        application = QApplication.instance()
        if isinstance(application, QApplication):
            dress(application, self.context.palette)
        for page in self._pages.values():
            page.apply_theme()
        for action in self.themes.actions():
            action.setChecked(action.data() == name)
        self._settings.setValue("theme", name)
        self._level = ""
        self.refresh()

    def _restore(self) -> None:
        geometry = self._settings.value("geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            self.resize(*SIZE)
        fit(self)
        self._describe()
        names = [spec.name for spec in PAGES]
        remembered = str(self._settings.value("page", "overview"))
        self.show_page(remembered if remembered in names else "overview")
        self.set_theme(str(self._settings.value("theme", SYSTEM_THEME)))

    def closeEvent(self, event: QCloseEvent) -> None:
        """As in Qt: remember how it looked."""
        self.timer.stop()
        self._settings.setValue("geometry", self.saveGeometry())
        self._settings.setValue("page", PAGES[max(0, self.list.currentRow())].name)
        for number, page in self._pages.items():
            keep(self._settings, PAGES[number].name, page)
        super().closeEvent(event)
