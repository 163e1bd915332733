"""One pass of `tmr alert`: look, decide, tell, remember."""

from __future__ import annotations

import asyncio
import functools
import logging
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from appliance.adapters import journal, webhook
from appliance.adapters.files import PRIVATE_MODE, write_whole
from appliance.adapters.http_client import Proxy
from appliance.cli._facts import ask
from appliance.client import load_profile
from appliance.errors import UserError
from appliance.unreadable import UNREADABLE
from appliance.watch import words
from appliance.watch.alerts import (
    KnownCause,
    Notice,
    Pace,
    due,
    forgotten,
    remembered,
    settled,
    speaks,
)
from appliance.watch.checks import examine
from appliance.watch.facts import CRITICAL, NOTICE, WARNING, Facts

# `journalctl MESSAGE_ID=...` finds every alert of every host.
MESSAGE_ID: Final = "6f1d6b0c3a5e4a0f9f0c5f0b7c1d2e3a"
FORMAT_VERSION: Final = 2
_STATE_BYTES_MAX: Final = 1 << 20
# Of syslog.
_PRIORITY: Final = {CRITICAL: "2", WARNING: "4", NOTICE: "5"}

log = logging.getLogger(__name__)


class AlertSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `tmr alert --config` reads. `host` is this TMR host's name, `system` what people call
    the installation, `profile` a client profile with an operator's certificate, `state` where is
    remembered what was told; paths are relative to the file. Without `webhook` only the journal is
    told; it is reached through `proxy`, or through the one that the environment names, if any."""

    host: str
    system: str
    profile: Path
    state: Path
    webhook: str = ""
    proxy: Proxy | None = None
    hold_s: float = 30.0
    repeat_s: float = 4 * 3600.0
    answer_s: float = 5.0

    def __post_init__(self) -> None:
        if self.webhook and urlsplit(self.webhook).scheme not in ("http", "https"):
            raise ValueError("webhook is an address that begins with https:// or http://")
        if not 0 <= self.hold_s <= 3600:
            raise ValueError("hold_s must be from 0 to 3600 seconds")
        if not 60 <= self.repeat_s <= 30 * 86_400:
            raise ValueError("repeat_s must be from a minute to 30 days, in seconds")
        if not 0.5 <= self.answer_s <= 60:
            raise ValueError("answer_s must be from 0.5 to 60 seconds")

    @property
    def pace(self) -> Pace:
        """When to tell."""
        return Pace(hold_s=self.hold_s, repeat_s=self.repeat_s)


def load(path: Path) -> AlertSettings:
    """The settings. Raises UserError with one sentence naming file and fault."""

    def of_file(wanted: type, value: object) -> Path:
        if wanted is Path and isinstance(value, str) and value:
            return path.parent / value
        raise ValueError("Expected a path")

    try:
        return msgspec.convert(
            tomllib.loads(path.read_text("utf-8")), AlertSettings, dec_hook=of_file
        )
    except OSError as error:
        raise UserError(f"Cannot read {path}: {error.strerror}.") from error
    except msgspec.ValidationError as error:
        raise UserError(f"{path}: {error}.") from error
    except UNREADABLE as error:
        raise UserError(f"{path} is not TOML: {error}.") from error


def look(settings: AlertSettings) -> Facts:
    """Ask the TMR hosts. Raises ProfileError."""
    profile = load_profile(settings.profile)
    return asyncio.run(ask(profile.addresses, profile.tls, settings.answer_s))


def one_pass(
    settings: AlertSettings,
    facts: Facts,
    *,
    post: Callable[[str, bytes], str] | None = None,
    write: Callable[[Mapping[str, str]], bool] = journal.send,
) -> list[str]:
    """Tell what has to be told of these facts, and remember it.

    Gives why the webhook did not take something, in sentences. Raises UserError if nothing can be
    remembered: else everything would be told again at each pass.
    """
    post = post or functools.partial(webhook.post, proxy=settings.proxy)
    now_ms, pace = facts.now_ms, settings.pace
    known = remembered(recalled(settings.state), examine(facts), now_ms)
    failures: list[str] = []
    spoke = speaks(facts, settings.host)
    if spoke:
        notices = due(known, now_ms, pace)
        told: dict[str, bool] = {}
        for notice in notices:
            if not notice.again:
                write(journal_fields(settings, notice))
            # A receiver that is not there is not waited for once for each notice.
            why = _post(settings, notice, now_ms, post) if not failures else failures[0]
            told[notice.finding.cause] = not why
            if why:
                failures.append(why)
        known = settled(known, told, notices, now_ms)
    keep(settings.state, forgotten(known, now_ms, pace, spoke))
    return failures[:1]


def _post(
    settings: AlertSettings, notice: Notice, now_ms: int, post: Callable[[str, bytes], str]
) -> str:
    if not settings.webhook:
        return ""
    why = post(settings.webhook, msgspec.json.encode(document(settings, notice, now_ms)))
    # The address may hold a secret: only its host is for the log.
    host = urlsplit(settings.webhook).hostname
    return f"The webhook at {host} did not take an alert: {why}." if why else ""


def document(settings: AlertSettings, notice: Notice, now_ms: int) -> dict[str, object]:
    """What the webhook is sent: docs/monitoring.md."""
    return {
        "version": FORMAT_VERSION,
        "system": settings.system,
        "host": settings.host,
        "kind": notice.kind,
        **words.document(notice.finding),
        "since": _moment(notice.since_ms),
        "sent": _moment(now_ms),
    }


def journal_fields(settings: AlertSettings, notice: Notice) -> dict[str, str]:
    """The same for the journal."""
    finding = notice.finding
    if notice.kind == "clear":
        text, priority = f"{finding.cause} is over.", _PRIORITY[NOTICE]
    else:
        text = f"{words.what(finding)} {words.remedy(finding)}"
        priority = _PRIORITY.get(finding.severity, _PRIORITY[WARNING])
    return {
        "MESSAGE": f"{notice.kind}: {text}",
        "MESSAGE_ID": MESSAGE_ID,
        "PRIORITY": priority,
        "SYSLOG_IDENTIFIER": "tmr-alert",
        "TMR_SYSTEM": settings.system,
        "TMR_KIND": notice.kind,
        "TMR_CAUSE": finding.cause,
        "TMR_SEVERITY": finding.severity,
        "TMR_SINCE": _moment(notice.since_ms),
    }


def _moment(unix_ms: int) -> str:
    return datetime.fromtimestamp(unix_ms / 1000, UTC).isoformat(timespec="seconds")


def recalled(path: Path) -> dict[str, KnownCause]:
    """What was remembered; nothing if that cannot be read, so that alerts go on."""
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(_STATE_BYTES_MAX), type=dict[str, KnownCause])
    except FileNotFoundError:
        return {}
    except (OSError, *UNREADABLE) as error:
        log.warning("starts from nothing: what was told cannot be read: %s", error)
        return {}


def keep(path: Path, known: Mapping[str, KnownCause]) -> None:
    """Remember. Raises UserError."""
    try:
        write_whole(path, msgspec.json.encode(known), PRIVATE_MODE)
    except OSError as error:
        raise UserError(f"Cannot remember in {path} what was told: {error.strerror}.") from error
