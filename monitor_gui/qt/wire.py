"""Words from the wire as people say them; a word that nobody here knows is shown as it came."""

from __future__ import annotations

from monitor_gui.model import activity, wire_words
from monitor_gui.qt.language import tr, words


def kind_word(kind: str) -> str:
    """A kind of event."""
    return {
        activity.CHECKOUT: tr("check-out"),
        activity.DENIAL: tr("denial"),
        activity.LEASE: tr("lease"),
        activity.ROLE: tr("role"),
        activity.OPERATOR: tr("operator"),
        activity.TIME: tr("certified time"),
        activity.BLOCK: tr("block"),
        activity.CONTENT: tr("licence update"),
        activity.OTHER: tr("other"),
    }.get(kind, kind)


def reason_word(reason: str) -> str:
    """A refusal's reason."""
    return words(wire_words.reason(reason))


def level_word(level: str) -> str:
    """A log line's level."""
    return {
        "debug": tr("debug"),
        "info": tr("info"),
        "warning": tr("warning"),
        "error": tr("error"),
        "critical": tr("critical"),
    }.get(level.casefold(), level)


def container_word(kind: str) -> str:
    """A kind of container."""
    return {
        "": "–",
        "dongle": tr("dongle"),
        "software": tr("software"),
        "software with universal firm code": tr("software, universal"),
        "virtual": tr("virtual"),
        "cloud": tr("cloud"),
    }.get(kind, kind)


def server_word(state: str) -> str:
    """A time server's state."""
    return {
        "good": tr("✔ answers"),
        "ok": tr("✔ answers"),
        "never": tr("? not asked yet"),
        "failed": tr("▲ failed"),
        "liar": tr("✖ contradicts the others"),
    }.get(state, state)


def phase_word(phase: str) -> str:
    """How far a coordinator or an upstream is in a term."""
    return words(wire_words.phase(phase))


def role_word(role: str) -> str:
    """A TMR host's role."""
    return {
        "active": tr("active"),
        "passive": tr("passive"),
        "maintenance": tr("maintenance"),
        "unreachable": tr("unreachable"),
    }.get(role, tr("unknown"))
