"""Containers and licences: the 2-of-3 matrix of each licence, and who holds what."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton, QSplitter, QVBoxLayout

from appliance.licences.roles import EMERGENCY, RANK
from monitor_gui.model import forecast
from monitor_gui.model.ages import age, duration
from monitor_gui.model.matrix import LeaseRow, LicenceRow, lease_rows, licence_rows
from monitor_gui.model.wire_words import reason, told
from monitor_gui.qt.context import Context
from monitor_gui.qt.dialogs import Confirm
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.moments import clock, today
from monitor_gui.qt.options import mode_name, option_lines, role_name
from monitor_gui.qt.page import Page, quiet
from monitor_gui.qt.tables import Column, TablePanel

SOON_S = 30 * 86_400
TWINS_NEEDED = 2
_SIGNS = {"ok": "✔", "differs": "≠", "missing": "–", "unreachable": "?", "locked": "✖"}
_TONES = {
    "ok": "ok",
    "differs": "degraded",
    "missing": "degraded",
    "unreachable": "unknown",
    "locked": "down",
}


def state_word(state: str) -> str:
    """A constituent's state as people say it."""
    return {
        "ok": tr("ok"),
        "differs": tr("differs"),
        "missing": tr("missing"),
        "unreachable": tr("unreachable"),
        "locked": tr("locked"),
    }.get(state, state)


class LicencesPage(Page):
    """Two tables; a lease can be ended by force, with its consequence spelled out."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._now_s = 0.0
        self._shown_s: tuple[float | None, float | None] | None = None
        self.licences = TablePanel(
            tr("Licences"),
            self._licence_columns(),
            lambda row: row.key,
            context,
            tr("No licence was imported."),
        )
        self.leases = TablePanel(
            tr("Leases"),
            self._lease_columns(),
            lambda row: row.key,
            context,
            tr("Nobody holds a lease."),
            sort=(5, True),
        )
        self.release = QPushButton(tr("Release by force…"))
        self.release.setProperty("danger", True)
        self.release.clicked.connect(self._release)
        self.leases.buttons.addWidget(self.release)
        # No key that elsewhere saves or loads anew: a habit must not begin what ends something.
        delete = QShortcut(QKeySequence.StandardKey.Delete, self.leases.view)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.release.click)
        self.leases.selected.connect(self._allow)
        self.note = quiet("")
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.licences)
        split.addWidget(self.leases)
        split.setChildrenCollapsible(False)
        split.setSizes([300, 400])
        layout = QVBoxLayout(self)
        layout.addWidget(split, 1)
        layout.addWidget(self.note)

    def _licence_columns(self) -> list[Column]:
        def twin(number: int) -> Column:
            return Column(
                f"twin-{number + 1}",
                tr("Twin {n}", n=number + 1),
                lambda row: _twin_text(row, number),
                tone=lambda row: _TONES.get(row.twins[number].state, "unknown"),
                tip=lambda row: _twin_tip(row, number),
            )

        return [
            Column("product", tr("Product"), lambda row: row.licence.text or "–", stretch=True),
            Column("firm", tr("Firm"), lambda row: row.licence.firm_name, rank=5),
            Column("code", tr("Code"), _code, sort=lambda row: row.key, rank=4),
            Column(
                "tmr-id",
                tr("TMR-ID"),
                lambda r: str(r.licence.tmr_id),
                lambda r: r.licence.tmr_id,
                True,
                rank=3,
            ),
            Column(
                "usable",
                tr("Usable"),
                _available,
                lambda row: (row.licence.available, row.matching),
                tone=lambda row: "ok" if row.licence.available else "down",
                tip=_usable_tip,
                rank=1,
            ),
            twin(0),
            twin(1),
            twin(2),
            Column(
                "seats-used",
                tr("Seats used"),
                _seats,
                lambda row: row.licence.in_use,
                True,
                tone=lambda row: "degraded" if row.licence.available and not row.free else "",
                tip=_seats_tip,
            ),
            Column(
                "units-left",
                tr("Units left"),
                _units,
                _units_left,
                True,
                tone=lambda row: "degraded" if row.licence.units_unconfirmed else "",
                tip=lambda row: _reserved_tip(row.licence.units_reserved),
                rank=2,
            ),
            Column(
                "expires", tr("Expires"), _expiry, _expires_at, tone=_expiry_tone, tip=_expiry_tip
            ),
            Column(
                "options",
                tr("Options"),
                lambda row: ", ".join(option_lines(row.licence)) or "–",
                tip=lambda row: "\n".join(option_lines(row.licence)) or tr("none"),
                rank=6,
            ),
        ]

    def _lease_columns(self) -> list[Column]:
        return [
            Column("user", tr("User"), lambda row: row.lease.holder.user or "–"),
            Column("host", tr("Host"), lambda row: row.lease.holder.host or "–"),
            Column(
                "process",
                tr("Process"),
                _process,
                rank=3,
            ),
            Column("product", tr("Product"), lambda row: row.product, stretch=True),
            Column(
                "tmr-id",
                tr("TMR-ID"),
                lambda r: str(r.lease.tmr_id),
                lambda r: r.lease.tmr_id,
                True,
                rank=6,
            ),
            Column(
                "since",
                tr("Since"),
                lambda row: today(row.lease.granted_at_ms / 1000),
                lambda row: row.lease.granted_at_ms,
                tip=lambda row: clock(row.lease.granted_at_ms / 1000),
                rank=2,
            ),
            Column(
                "last-heartbeat",
                tr("Last heartbeat"),
                self._heartbeat,
                _heartbeat_s,
                tone=lambda row: "degraded" if row.lease.lost_at_ms else "",
                tip=_borrowed_tip,
                widest=words(age(0, 3_599)),
                rank=1,
            ),
            Column(
                "units",
                tr("Units"),
                _taken,
                lambda r: r.lease.units_taken,
                True,
                tip=lambda row: _reserved_tip(row.lease.units_reserved),
                rank=4,
            ),
            Column("client", tr("Client"), lambda row: row.lease.client, rank=5),
            Column(
                "seats",
                tr("Seats"),
                lambda row: str(row.lease.seats),
                lambda row: row.lease.seats,
                True,
                tip=_lines_tip,
                rank=7,
            ),
            Column(
                "role",
                tr("Role"),
                lambda row: role_name(row.lease.role) or "–",
                lambda row: RANK.get(row.lease.role, -1),
                tone=lambda row: "degraded" if row.lease.role == EMERGENCY else "",
                rank=8,
            ),
            Column("mode", tr("Access mode"), lambda row: mode_name(row.lease.mode), rank=10),
            Column(
                "station",
                tr("Station"),
                lambda row: row.lease.station or "–",
                tip=lambda _: tr("Leases of one station share a seat, if their mode allows it."),
                rank=11,
            ),
            Column("lease", tr("Lease"), lambda row: row.lease.lease_id, rank=9),
        ]

    def _heartbeat(self, row: LeaseRow) -> str:
        """An age that goes on growing between two answers; of what is borrowed, until when."""
        until_ms = row.lease.borrowed_until_ms
        if until_ms is not None:
            return tr("borrowed until {time}", time=today(until_ms / 1000))
        at_s, seconds = self.context.store.leases_at_s, row.lease.heartbeat_age_s
        if seconds is None or at_s is None:
            return "–"
        return words(age(at_s - seconds, self._now_s))

    def seek(self, subject: str) -> None:
        """As in `Page`."""
        self.licences.seek(subject) or self.leases.seek(subject)

    def refresh(self, now_s: float) -> None:
        """As in `Page`."""
        store = self.context.store
        self._now_s = now_s
        heard_s = (store.licences_at_s, store.leases_at_s)
        if heard_s != self._shown_s:
            self._shown_s = heard_s
            self.licences.set_rows(licence_rows(store))
            self.leases.set_rows(lease_rows(store))
        self.leases.grow_older()  # between two answers
        self._tell_age(now_s)
        self._allow()

    def _tell_age(self, now_s: float) -> None:
        """From when the lists are; what nobody has told yet is not the same as none."""
        store, stale = self.context.store, self.context.store.lists_stale(now_s)
        said = words(age(store.leases_at_s, now_s))
        text = tr("Licences and leases as of {age}.", age=said)
        if stale and store.leases_trouble:
            text = tr(
                "STALE: licences and leases as of {age} ({why}).",
                age=said,
                why=words(told(store.leases_trouble)),
            )
        elif stale and store.leases is not None:
            text = tr("STALE: licences and leases as of {age}.", age=said)
        self.note.setText(text)
        unknown = tr("Not known yet: no TMR host has told them.")
        for table, known, none in (
            (self.licences, store.licences is not None, tr("No licence was imported.")),
            (self.leases, store.leases is not None, tr("Nobody holds a lease.")),
        ):
            table.set_stale(stale)
            table.nothing.setText(none if known else unknown)

    def _allow(self) -> None:
        why = self.context.why_not_operate()
        if not why and not self.context.store.active(self._now_s):
            why = tr("No TMR host serves: there is nobody to record it.")
        if not why and self.leases.current() is None:
            why = tr("Select a lease first.")
        row = self.leases.current()
        lent = row is not None and row.lease.borrowed_until_ms is not None
        if not why and row is not None and row.lease.lost_at_ms:
            why = tr("It is written off already.")
        self.release.setText(tr("Write off…") if lent else tr("Release by force…"))
        self.release.setEnabled(not why)
        self.release.setToolTip(why)

    def _release(self) -> None:
        row = self.leases.current()
        if row is None:
            return
        lease = row.lease
        if lease.borrowed_until_ms is not None:
            self._write_off(row)
            return
        dialog = Confirm(
            self,
            tr("Release a lease by force"),
            tr("End the lease of {who}?", who=lease.holder.user or lease.client),
            [words(forecast.release(row))],
            tr("Release"),
        )
        if dialog.exec() == Confirm.DialogCode.Accepted:
            self.context.desk.release(
                lease.client, lease.lease_id, lease.generation, dialog.reason()
            )

    def _write_off(self, row: LeaseRow) -> None:
        lease = row.lease
        dialog = Confirm(
            self,
            tr("Write off what is borrowed"),
            tr("Is what {who} borrowed lost?", who=lease.holder.user or lease.client),
            [words(forecast.write_off(row))],
            tr("Write off"),
        )
        if dialog.exec() == Confirm.DialogCode.Accepted:
            self.context.desk.write_off(lease.client, lease.lease_id, dialog.reason())


def _process(row: LeaseRow) -> str:
    holder = row.lease.holder
    if not holder.pid:
        return holder.application or "–"
    return f"{holder.application or '–'} ({holder.pid})"


def _lines_tip(row: LeaseRow) -> str:
    """Of which licences the seats are, if there are several."""
    return ", ".join(f"{line.product_code}#{line.tmr_id}: {line.seats}" for line in row.lease.lines)


def _code(row: LicenceRow) -> str:
    return f"{row.licence.firm_code}:{row.licence.product_code}"


def _available(row: LicenceRow) -> str:
    sign = "✔" if row.licence.available else "✖"
    return tr("{sign} {n} of 3", sign=sign, n=row.matching)


def _usable_tip(row: LicenceRow) -> str:
    if row.licence.available:
        return tr("Two matching constituents are enough: this licence can be checked out.")
    if row.matching >= TWINS_NEEDED and row.licence.refusal:
        return tr(
            "Nobody can check this licence out: {why}.", why=words(reason(row.licence.refusal))
        )
    return tr("Fewer than two constituents match: nobody can check this licence out.")


def _seats(row: LicenceRow) -> str:
    one = row.licence
    lingering = f" (+{one.lingering})" if one.lingering else ""
    return f"{one.in_use}{lingering} / {one.quantity}"


def _seats_tip(row: LicenceRow) -> str:
    count = row.licence.lingering
    if not count:
        return ""
    return tr("Given back, and kept for their users for a while: {count}", count=count)


def _twin_text(row: LicenceRow, number: int) -> str:
    state = row.twins[number].state
    return f"{_SIGNS.get(state, '?')} {state_word(state)}"


def _twin_tip(row: LicenceRow, number: int) -> str:
    twin = row.twins[number]
    parts = [tr("Twin {n}", n=twin.twin), twin.host, twin.serial, state_word(twin.state)]
    if twin.differs_in:
        parts.append(tr("differs in {what}", what=", ".join(twin.differs_in)))
    return " · ".join(part for part in parts if part)


def _units_left(row: LicenceRow) -> int:
    return -1 if row.licence.units_left is None else row.licence.units_left


def _units(row: LicenceRow) -> str:
    if row.licence.units_unconfirmed:
        return tr("unconfirmed")
    if row.licence.units_left is None:
        return "–"
    reserved = f" (+{row.licence.units_reserved:,})" if row.licence.units_reserved else ""
    return f"{row.licence.units_left:,}{reserved}"


def _reserved_tip(count: int) -> str:
    """What the number beside units says, where there is one."""
    if not count:
        return ""
    return tr("Reserved, and given back if they are not used: {count}", count=count)


def _taken(row: LeaseRow) -> str:
    reserved = row.lease.units_reserved
    return f"{row.lease.units_taken} ({reserved})" if reserved else str(row.lease.units_taken)


def _expires_at(row: LicenceRow) -> int:
    return 1 << 62 if row.ends_s is None else row.ends_s


def _expiry(row: LicenceRow) -> str:
    at_s = row.ends_s
    if at_s is None:
        return tr("never")
    left_s = row.left_s
    if left_s is not None and left_s <= 0:
        return tr("expired")
    if left_s is None or left_s >= SOON_S:
        return clock(at_s).partition(" ")[0]
    return tr("in {time}", time=words(duration(left_s)))


def _expiry_tip(row: LicenceRow) -> str:
    at_s = row.ends_s
    if at_s is None:
        return tr("never")
    if row.left_s is None:
        return clock(at_s)
    left = tr("in {time}", time=words(duration(row.left_s))) if row.left_s > 0 else tr("expired")
    return f"{clock(at_s)}, {left}"


def _expiry_tone(row: LicenceRow) -> str:
    left_s = row.left_s
    if left_s is None:
        return ""
    return "down" if left_s <= 0 else "degraded" if left_s < SOON_S else ""


def _borrowed_tip(row: LeaseRow) -> str:
    """Until when seats are out, and whether an operator said that they are lost."""
    until_ms, lost_ms = row.lease.borrowed_until_ms, row.lease.lost_at_ms
    if until_ms is None:
        return ""
    until = tr("borrowed until {time}", time=clock(until_ms / 1000))
    if lost_ms is None:
        return until
    return f"{until}\n{tr('written off as lost at {time}', time=clock(lost_ms / 1000))}"


def _heartbeat_s(row: LeaseRow) -> float:
    return -1.0 if row.lease.heartbeat_age_s is None else row.lease.heartbeat_age_s
