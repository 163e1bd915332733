"""The line below every page: what became of the last act, and which system is followed."""

from __future__ import annotations

from PySide6.QtWidgets import QStatusBar

from monitor_gui.model.wire_words import told
from monitor_gui.qt.context import Context
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.page import plain

MESSAGE_S = 30.0
"""What went well is old news after this; a refusal stays until the next act."""


class StatusLine:
    """Fills a status bar: `message` at the left, `connection` at the right."""

    def __init__(self, context: Context, bar: QStatusBar) -> None:
        self._context = context
        self._told_s: float | None = None
        self.message = plain()
        self.message.setContentsMargins(12, 0, 0, 0)
        self.connection = plain(tr("not connected"))
        bar.addWidget(self.message, 1)
        bar.addPermanentWidget(self.connection)

    def tell(self, sentence: str, ok: bool = False) -> None:
        """Say something, in the colour of trouble unless it is fine."""
        palette = self._context.palette
        self._told_s = self._context.clock() if ok and sentence else None
        self.message.setStyleSheet(f"color: {palette.text if ok else palette.down};")
        self.message.setText(sentence)
        self.message.setToolTip(sentence)

    def refresh(self, now_s: float) -> None:
        """Forget what is old news."""
        if self._told_s is not None and now_s - self._told_s > MESSAGE_S:
            self.tell("", True)

    def describe(self) -> None:
        """Say which system is followed, how, and as whom."""
        store = self._context.store
        opened = store.opened
        if opened is None:
            text = tr("not connected")
            if store.wanted:
                text = tr("not connected to {name}", name=store.wanted)
            self.connection.setText(text)
            return
        only = tr(" · read-only") if self._context.read_only else ""
        self.connection.setText(
            tr(
                "{name} · {route} · {identity} ({role}){only}",
                name=opened.name,
                route=words(told(opened.route)),
                identity=opened.identity,
                role=opened.role,
                only=only,
            )
        )
