"""The live drawing: clients, virtual IP, TMR hosts, upstreams, the virtual container.

Items are made once and then told what to show. The virtual IP's token travels to its holder when
that changes, and the new active host lights up: a failover is seen happening.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEasingCurve, QLineF, QPointF, QRectF, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsScene,
    QGraphicsView,
    QStyleOptionGraphicsItem,
    QWidget,
)

from monitor_gui.model.picture import CUT, UP, Picture, UpstreamBox
from monitor_gui.qt.language import tr
from monitor_gui.qt.palette import LIGHT, Palette, tone
from monitor_gui.qt.wire import phase_word, role_word

WIDTH, HEIGHT = 1_060.0, 430.0
MOVE_MS: Final = 900
GLOW_MS: Final = 1_800
LINES_MAX: Final = 4
_TITLE_PX: Final = 16
_SMALL_PX: Final = 13
_FIRST: Final = 16
"""From the top of a box's texts down to the title's base line; each line is a step below."""
_STEP: Final = 22
_PILL: Final = 16
_BADGE_GAP: Final = 8
_TMR_AT = {0: QRectF(430, 40, 210, 130), 1: QRectF(430, 260, 210, 130)}
_UP_AT = {i: QRectF(800, 14 + i * 138, 246, 124) for i in range(3)}
_CLIENTS_AT = QRectF(10, 92, 150, 96)
_TOKEN_AT = QRectF(226, 98, 140, 84)
_VIRTUAL_AT = QRectF(10, 286, 290, 104)


def _font(pixels: int, bold: bool = False) -> QFont:
    font = QFont()
    font.setPixelSize(pixels)
    font.setBold(bold)
    return font


class Box(QGraphicsItem):
    """A box with a name, a sign for its state, and up to four lines."""

    def __init__(self, rect: QRectF) -> None:
        super().__init__()
        self.rect = rect
        self.palette: Palette = LIGHT
        self.title, self.badge, self.colour = "", "", "unknown"
        self.lines: list[tuple[str, str]] = []
        self.strong, self.dim, self.glow = False, False, 0.0
        self.setZValue(2)

    def tell(
        self,
        title: str,
        badge: str,
        colour: str,
        lines: list[tuple[str, str]],
        strong: bool = False,
        dim: bool = False,
    ) -> None:
        """What to show. `lines` are texts with the names of their colours."""
        said = (title, badge, colour, lines, strong, dim)
        if said != (self.title, self.badge, self.colour, self.lines, self.strong, self.dim):
            self.title, self.badge, self.colour, self.lines, self.strong, self.dim = said
            self.setToolTip("\n".join([f"{title}: {badge}", *(text for text, _ in lines)]))
            self.update()

    def set_glow(self, value: float) -> None:
        """How much it lights up, 0 to 1."""
        self.glow = value
        self.update()

    def boundingRect(self) -> QRectF:
        """As in Qt."""
        return self.rect.adjusted(-12, -12, 12, 12)

    def inner(self) -> QRectF:
        """Where its texts stand."""
        return self.rect.adjusted(14, 8, -12, -8)

    def wanted(self) -> tuple[float, float]:
        """The width and height that its texts need to be read whole."""
        wide = QFontMetricsF(_font(_TITLE_PX, bold=True)).horizontalAdvance(self.title)
        if self.badge:
            badge = QFontMetricsF(_font(_SMALL_PX, bold=True)).horizontalAdvance(self.badge)
            wide += _BADGE_GAP + badge + _PILL
        metrics = QFontMetricsF(_font(_SMALL_PX))
        wide = max([wide, *(metrics.horizontalAdvance(text) for text, _ in self.lines)])
        return wide, _FIRST + _STEP * len(self.lines) + metrics.descent()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """As in Qt."""
        palette, rect = self.palette, self.rect
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = tone(palette, self.colour)
        if self.glow > 0:
            halo = QColor(colour)
            halo.setAlphaF(0.45 * self.glow)
            painter.setPen(QPen(halo, 4 + 14 * self.glow))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect, 12, 12)
        edge = colour if self.strong else tone(palette, "border")
        painter.setPen(QPen(edge, 2.5 if self.strong else 1.2))
        painter.setBrush(tone(palette, "window"))
        painter.setOpacity(0.55 if self.dim else 1.0)
        painter.drawRoundedRect(rect, 10, 10)
        painter.setOpacity(1.0)
        self._write(painter, colour)

    def _write(self, painter: QPainter, colour: QColor) -> None:
        palette, inner = self.palette, self.inner()
        y = inner.top() + _FIRST
        painter.setFont(_font(_TITLE_PX, bold=True))
        painter.setPen(tone(palette, "muted" if self.dim else "text"))
        painter.drawText(QPointF(inner.left(), y), self.title)
        if self.badge:
            font = _font(_SMALL_PX, bold=True)
            width = QFontMetricsF(font).horizontalAdvance(self.badge) + _PILL
            pill = QRectF(inner.right() - width, y - 16, width, 21)
            painter.setBrush(colour)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(pill, 10, 10)
            painter.setFont(font)
            painter.setPen(tone(palette, "on_level"))
            painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, self.badge)
        font = _font(_SMALL_PX)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        for text, name in self.lines[:LINES_MAX]:
            y += _STEP
            painter.setPen(tone(palette, name))
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
            painter.drawText(QPointF(inner.left(), y), shown)


class SceneLine(QGraphicsItem):
    """A link: up and used, up, cut, or unknown; told by shape as well as by colour."""

    def __init__(self, start: QPointF, end: QPointF) -> None:
        super().__init__()
        self.start, self.end = start, end
        self.palette: Palette = LIGHT
        self.state, self.used = "unknown", False
        self.setZValue(1)

    def tell(self, state: str, used: bool) -> None:
        """What to show."""
        if (state, used) != (self.state, self.used):
            self.state, self.used = state, used
            self.update()

    def move(self, start: QPointF, end: QPointF) -> None:
        """Other ends."""
        self.prepareGeometryChange()
        self.start, self.end = start, end

    def boundingRect(self) -> QRectF:
        """As in Qt."""
        return QRectF(self.start, self.end).normalized().adjusted(-12, -12, 12, 12)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """As in Qt."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette
        if self.state == UP:
            pen = QPen(tone(palette, "accent" if self.used else "line"), 3 if self.used else 1.4)
        elif self.state == CUT:
            pen = QPen(tone(palette, "down"), 1.8, Qt.PenStyle.DashLine)
        else:
            pen = QPen(tone(palette, "line"), 1.2, Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.drawLine(self.start, self.end)
        if self.state == CUT:
            middle = QLineF(self.start, self.end).center()
            painter.setPen(QPen(tone(palette, "down"), 2.6))
            for sign in (-1, 1):
                painter.drawLine(QLineF(-7, -7 * sign, 7, 7 * sign).translated(middle))


class SystemScene(QGraphicsScene):
    """The whole drawing, 1060 by 430."""

    def __init__(self) -> None:
        super().__init__(0, 0, WIDTH, HEIGHT)
        self.clients, self.virtual = Box(_CLIENTS_AT), Box(_VIRTUAL_AT)
        self.token = Box(_TOKEN_AT)
        self.token.setZValue(3)
        self.tmr = [Box(rect) for rect in _TMR_AT.values()]
        self.upstreams = [Box(rect) for rect in _UP_AT.values()]
        self.entry = SceneLine(_right(_CLIENTS_AT), _left(_TOKEN_AT))
        self.holder_line = SceneLine(_right(_TOKEN_AT), _left(_TMR_AT[0]))
        # What clients see at the address is the virtual container.
        self.seen = SceneLine(_top(_VIRTUAL_AT), _bottom(_TOKEN_AT))
        self.lines = {
            (i, j): SceneLine(_right(_TMR_AT[i]), _left(_UP_AT[j])) for i in _TMR_AT for j in _UP_AT
        }
        self.boxes = [self.clients, self.virtual, self.token, *self.tmr, *self.upstreams]
        for item in (*self.boxes, self.entry, self.seen, self.holder_line, *self.lines.values()):
            self.addItem(item)
        self._holder, self._active = "", ""
        self._end = QPointF(_left(_TMR_AT[0]))
        self._move = QVariantAnimation(self)
        self._move.setDuration(MOVE_MS)
        self._move.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._move.valueChanged.connect(self._moved)
        self._glow = QVariantAnimation(self)
        self._glow.setDuration(GLOW_MS)
        self._glow.setStartValue(1.0)
        self._glow.setEndValue(0.0)
        self._glow.valueChanged.connect(self._glowed)

    def apply_theme(self, palette: Palette) -> None:
        """Other colours."""
        for box in self.boxes:
            box.palette = palette
        for line in (self.entry, self.seen, self.holder_line, *self.lines.values()):
            line.palette = palette
        self.setBackgroundBrush(tone(palette, "panel"))
        self.update()

    def show_picture(
        self,
        picture: Picture,
        seats: tuple[int | None, int | None],
        licences: int | None,
        lists_stale: bool = False,
    ) -> None:
        """Show this; what differs from before moves. What is None is not known; the numbers of
        licences and seats look weak if they are old."""
        stale = picture.stale
        self._show_tmr(picture, stale)
        self._show_upstreams(picture, stale)
        used, there = seats
        self.clients.tell(
            tr("Clients"),
            "",
            "accent",
            [
                (tr("{n} leases", n=picture.leases) if picture.tmr else "–", "text"),
                (tr("by HTTPS"), "muted"),
            ],
            dim=stale,
        )
        self.virtual.tell(
            tr("Virtual container"),
            "",
            "accent",
            [
                (picture.virtual_serial or "–", "text"),
                (
                    tr("{n} licences available", n=licences)
                    if licences is not None
                    else tr("licences: not known yet"),
                    "muted",
                ),
                (
                    tr(
                        "{used} of {all} seats used",
                        used="–" if used is None else used,
                        all="–" if there is None else there,
                    ),
                    "muted",
                ),
            ],
            dim=stale or lists_stale,
        )
        for line in (self.entry, self.holder_line):
            line.tell("unknown" if stale else UP, not stale and bool(picture.active))
        self._follow(picture)

    def _show_tmr(self, picture: Picture, stale: bool) -> None:
        for box in self.tmr[len(picture.tmr) :]:
            box.tell(tr("TMR host"), "", "unknown", [(tr("not known yet"), "muted")], dim=True)
        for box, shown in zip(self.tmr, picture.tmr, strict=False):
            active = shown.name == picture.active
            colour = {
                "active": "ok",
                "passive": "accent",
                "maintenance": "degraded",
                "unreachable": "down",
            }
            role = shown.role
            pill = colour.get(role, "unknown")
            lines = [
                (tr("term {n}", n=shown.term) if shown.term else tr("no term"), "text"),
                (tr("VRRP {state}", state=shown.vrrp) if shown.vrrp else "", "muted"),
                (tr("holds the address") if shown.holds_address else "", "accent"),
            ]
            if not shown.fresh:
                lines = [(tr("does not answer this monitor"), "down")]
                if not shown.asked:
                    lines = [(tr("not asked directly"), "muted")]
                elif pill == "ok":
                    pill = "unknown"  # Green is for what is seen to be well.
                if role != "unknown":
                    lines.append((tr("as its twin says"), "muted"))
            if stale:
                pill = "unknown"
            box.tell(
                shown.name,
                role_word(role),
                pill,
                [line for line in lines if line[0]],
                strong=active and not stale,
                dim=stale or not shown.fresh,
            )

    def _show_upstreams(self, picture: Picture, stale: bool) -> None:
        for box in self.upstreams[len(picture.upstreams) :]:
            box.tell(tr("Upstream"), "", "unknown", [(tr("not known yet"), "muted")], dim=True)
        for box, shown in zip(self.upstreams, picture.upstreams, strict=False):
            lines = [
                (tr("container {serial}", serial=shown.serial or "–"), "text"),
                (_log_words(shown), "muted"),
            ]
            if shown.phase and shown.reachable:
                lines.append((tr("ledger: {phase}", phase=phase_word(shown.phase)), "muted"))
            if shown.outvoted:
                lines.append((tr("clock outvoted"), "degraded"))
            if shown.damaged:
                lines[1:] = [(tr("store damaged"), "down")]
            elif shown.shut:
                lines[1:] = [(tr("container shut"), "down")]
            elif shown.catching_up:
                lines[2:] = [(tr("gets a snapshot"), "notice")]
            elif shown.votes is False:
                lines[2:] = [(tr("does not vote yet"), "degraded")]
            if shown.locked:
                lines[2:] = [(tr("container locked"), "down"), *lines[2:]]
            badge = tr("up") if shown.reachable else tr("unreachable")
            colour = "ok" if shown.reachable else "down"
            if shown.locked and shown.reachable:
                badge, colour = tr("locked"), "down"
            if stale:
                badge, colour = tr("unknown"), "unknown"
            dim = stale or not shown.reachable
            box.tell(shown.name, badge, colour, lines, strong=not dim, dim=dim)
        hosts = dict(enumerate(box.name for box in picture.tmr))
        upstreams = dict(enumerate(up.name for up in picture.upstreams))
        told = {(host, upstream): state for host, upstream, state in picture.links}
        for (i, j), line in self.lines.items():
            host = hosts.get(i, "")
            # What nobody tells of is not as it was: that may have been another system.
            state = told.get((host, upstreams.get(j, "")), "unknown")
            line.tell("unknown" if stale else state, bool(host) and host == picture.active)

    def _follow(self, picture: Picture) -> None:
        """The token goes to the address's holder; a new active host lights up."""
        if not picture.tmr:  # Of another system nothing has moved.
            self._holder = self._active = ""
        names = [box.name for box in picture.tmr]
        holders = [box.name for box in picture.tmr if box.holds_address]
        holder = picture.active if picture.active in holders or not holders else holders[0]
        address = picture.virtual_ip or tr("no virtual IP")
        where = tr("at {name}", name=holder) if holder else tr("nowhere")
        self.token.tell(
            tr("Virtual IP"), "", "accent", [(address, "text"), (where, "muted")], dim=picture.stale
        )
        if holder in names[:2] and holder != self._holder:
            end = _left(_TMR_AT[names.index(holder)])
            if self._holder:
                self._move.stop()
                self._move.setStartValue(QPointF(self._end))
                self._move.setEndValue(end)
                self._move.start()
            else:
                self._moved(end)
            self._holder = holder
        if picture.active and picture.active != self._active:
            if self._active:
                self._glow.stop()
                self._glow.start()
            self._active = picture.active

    def _moved(self, end: QPointF) -> None:
        self._end = QPointF(end)
        shift = (end.y() - _left(_TMR_AT[0]).y()) * 0.35
        self.token.setPos(0, shift)
        start = _right(_TOKEN_AT) + QPointF(0, shift)
        self.holder_line.move(start, end)
        self.seen.move(_top(_VIRTUAL_AT), _bottom(_TOKEN_AT) + QPointF(0, shift))
        self.entry.move(_right(_CLIENTS_AT), _left(_TOKEN_AT) + QPointF(0, shift))

    def _glowed(self, value: float) -> None:
        for box in self.tmr:
            box.set_glow(float(value) if box.title == self._active else 0.0)


class SystemView(QGraphicsView):
    """The drawing, always seen whole."""

    def __init__(self, scene: SystemScene) -> None:
        super().__init__(scene)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumSize(520, 240)
        self.setAccessibleName(tr("Drawing of the system"))

    def resizeEvent(self, event: object) -> None:
        """As in Qt."""
        self.fitInView(QRectF(-8, -4, WIDTH + 16, HEIGHT + 8), Qt.AspectRatioMode.KeepAspectRatio)


def _log_words(shown: UpstreamBox) -> str:
    """How far its log is; of one that was never heard, nobody knows."""
    index = "–" if shown.last_index is None else shown.last_index
    return tr("log {index}, lag {lag}", index=index, lag="–" if shown.lag is None else shown.lag)


def _right(rect: QRectF) -> QPointF:
    return QPointF(rect.right(), rect.center().y())


def _top(rect: QRectF) -> QPointF:
    return QPointF(rect.center().x(), rect.top())


def _bottom(rect: QRectF) -> QPointF:
    return QPointF(rect.center().x(), rect.bottom())


def _left(rect: QRectF) -> QPointF:
    return QPointF(rect.left(), rect.center().y())
