"""The API's documents about the rules: which are in force, and who knows which."""

from __future__ import annotations

from appliance.codec.api import Document


class RaiseRulesRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/rules: put this version in force, or (0) the newest that all hosts know."""

    why: str
    version: int = 0


class HostRules(Document, frozen=True):
    """What one host knows. `supports` is what the ledger has of it.

    `release` is the version of its program and `knows` the rules that it knows, both by its own
    report, "" and None without one.
    """

    name: str
    role: str
    supports: int
    release: str = ""
    knows: int | None = None


class RulesDocument(Document, frozen=True):
    """Answer to GET /v1/rules: the version in force, the newest that all hosts know, and each host.

    `waits_for` are the hosts that have to be upgraded before anything newer than what is in force
    can be raised, as far as some host knows newer rules.
    """

    in_force: int
    common: int
    hosts: tuple[HostRules, ...]
    waits_for: tuple[str, ...] = ()
