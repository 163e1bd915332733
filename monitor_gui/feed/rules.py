"""Access rules as a text: written from what a host gives, read as `tmr access check` does it.

A document has up to a megabyte, so this is done on a thread of its own.
"""

from __future__ import annotations

from typing import Final

from appliance.codec.access.comparing import changes
from appliance.codec.access.document import AccessFault, read_document, write_document
from appliance.codec.api_access import AccessDocument
from monitor_gui.model.queries import Checked, CheckQuery, Finding, RulesHeard

FINDINGS_MAX: Final = 200
DIFF_MAX: Final = 5_000
"""So many lines of a comparison are shown."""


def rules_heard(document: AccessDocument) -> RulesHeard:
    """The rules in force with their text, which names their version."""
    return RulesHeard(document, write_document(document.rules, document.in_force))


def checked(query: CheckQuery) -> Checked:
    """What is to be said of a text."""
    try:
        read = read_document(query.text.encode("utf-8", errors="surrogatepass"))
    except AccessFault as fault:
        return Checked((Finding(fault.line, fault.column, fault.what, fault=True),))
    findings = tuple(Finding(*warning) for warning in read.warnings[:FINDINGS_MAX])
    diff = changes(query.before, read.rules, f"{query.version}", "+")
    return Checked(findings, read.rules, read.version, tuple(diff[:DIFF_MAX]))
