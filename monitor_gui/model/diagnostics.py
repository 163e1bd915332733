"""What goes into a diagnostics bundle, as texts by file name. Secrets are taken out of all of it.

There should be none: status, events and logs carry no keys. But a reason is free text, a log may
hold anything, and the bundle leaves the house.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final

import msgspec

from monitor_gui.model.alerts import overall
from monitor_gui.model.connections import System
from monitor_gui.model.limits import AlertLimits
from monitor_gui.model.store import Store

REMOVED: Final = "[removed]"
_NAMES: Final = "token|password|passwd|passcode|passphrase|pwd|secret|private[_-]?key|api[_-]?key"
_VALUE: Final = r"""(?:\\?"[^"\n]*"|'[^'\n]*'|[^\s"',;}]+)"""
_PATH: Final = re.compile(r"(://[^\s/?#\"'<>]+[/?#])[^\s\"'<>]+")
"""What follows the host in an address: whoever knows a web hook's path may write to it."""
_SECRETS: Final = (
    re.compile(r"-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)", re.DOTALL),
    re.compile(r"(?i)\b(?:bearer|basic)\s+[^\s\"',;]+"),
    re.compile(rf"(?i)(?<![a-z])(?:{_NAMES}|ticket|pass|pin)\\?[\"']?\s*[=:]\s*{_VALUE}"),
    re.compile(rf"(?i)(?<![a-z])(?:{_NAMES})\s+(?:is|was)\s*:?\s+{_VALUE}"),
    re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://[^\s/@:]+:[^\s/@]+@"),  # a password in an address
    re.compile(r"(?i)(?<![0-9a-z])(?:[0-9a-z]{5}-){4}[0-9a-z]{5}(?![0-9a-z])"),  # a vendor's ticket
    # Anything long without a blank that looks random: hashes, keys, tokens.
    re.compile(r"(?<![A-Za-z0-9+/_=-])(?=[^\s]*\d)(?=[^\s]*[A-Za-z])[A-Za-z0-9+/_-]{40,}={0,2}"),
)


def without_secrets(text: str) -> str:
    """The text, with everything replaced that may be a secret."""
    text = _PATH.sub(rf"\g<1>{REMOVED}", text)
    for pattern in _SECRETS:
        text = pattern.sub(REMOVED, text)
    return text


def bundle(
    store: Store, now_s: float, versions: str, settings: str, systems: Iterable[System]
) -> dict[str, str]:
    """File names and their contents."""
    found = overall(store, now_s, AlertLimits())
    files = {
        "versions.txt": versions,
        "settings.txt": settings,
        "connections.json": _lines(msgspec.to_builtins(list(systems))),
        "verdict.txt": "\n".join(
            [str(found.headline), ""]
            + [f"{cause.level.name}: {cause.text}. {cause.advice}" for cause in found.causes]
        ),
        "events.jsonl": "".join(
            f"{json.dumps([event.unix_s, event.endpoint, event.name, event.data])}\n"
            for event in list(store.events)
        ),
        "timeline.jsonl": "".join(
            f"{msgspec.json.encode(entry).decode()}\n" for entry in list(store.entries)
        ),
        "logs.txt": "".join(
            f"{line.at_ms} {line.host} {line.level} {line.logger}: {line.text}\n"
            for line in store.logs.lines
        ),
    }
    if store.licences is not None:
        files["licences.json"] = _lines(msgspec.to_builtins(store.licences))
    for number, endpoint in enumerate(store.endpoints.values(), 1):
        document = endpoint.document
        files[f"status-{number}.json"] = _lines(
            {
                "address": endpoint.address,
                "age_s": None if endpoint.heard_at_s is None else now_s - endpoint.heard_at_s,
                "trouble": endpoint.trouble,
                "status": None if document is None else msgspec.to_builtins(document),
            }
        )
    return {name: without_secrets(text) for name, text in files.items()}


def _lines(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"
