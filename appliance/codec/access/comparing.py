"""What a document of access rules would change of the rules in force, as people compare texts."""

from __future__ import annotations

from difflib import unified_diff
from typing import Final

from appliance.codec.access.document import write_document
from appliance.codec.access.naming import document_of, form_of
from appliance.codec.api_access import NamedRules
from appliance.licences.names import tag_of

CONTEXT_LINES: Final = 4


def changes(before: NamedRules, after: NamedRules, named: str, other: str) -> list[str]:
    """The lines of a unified diff from rules as the ledger gives them to rules that were written;
    none if nothing would change. `named` and `other` are what the two are called."""
    one = write_document(before).splitlines()
    two = write_document(as_shown(after)).splitlines()
    return list(unified_diff(one, two, named, other, lineterm="", n=CONTEXT_LINES))


def as_shown(rules: NamedRules) -> NamedRules:
    """The rules in the order and spelling in which the ledger gives them back."""
    names: dict[bytes, str] = {}

    def tag(name: str) -> bytes:
        made = tag_of(b"", name)
        names.setdefault(made, name)
        return made

    return document_of(form_of(rules, tag), lambda one: names.get(one, f"#{one.hex()}"))
