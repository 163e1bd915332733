"""The API's documents about the group of three containers: tickets, and files for its vendors."""

from __future__ import annotations

from appliance.codec.api import Document


class ActivateRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/group/activate: show this ticket to the vendors' License Central. `chosen`
    are lines of it, each with how much of it the group is to have (0: all that is left); none
    stands for all lines. `firm_code` says whose ticket it is, where the upstreams know several
    vendors (0: there is one)."""

    ticket: str
    chosen: tuple[tuple[int, int], ...] = ()
    firm_code: int = 0


class GroupFileRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/group/request: make a file that asks this firm. With a `ticket` (and lines
    of it) it shows that, with an `order` it is for the order of this name, else it asks for what
    the firm issued since."""

    firm_code: int
    ticket: str = ""
    chosen: tuple[tuple[int, int], ...] = ()
    order: str = ""


class GroupReceiptRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/group/receipt: make a file that confirms what this firm issued last."""

    firm_code: int


class GroupFileDocument(Document, frozen=True):
    """Answer to both: the file, and the upstreams that could not sign their part of it."""

    file: str
    missing: tuple[str, ...] = ()


class ImportRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/group/import: give each container its part of this group answer file."""

    file: str


class ImportedPart(Document, frozen=True):
    """One container's update, and whether it has it by now."""

    serial: str
    host: str
    firm_code: int
    sequence: int
    imported: bool


class ImportedDocument(Document, frozen=True):
    """Answer to an activation and to an import. A part that is not imported waits for its container
    and is imported once that is back. With `more` the vendor has more than one file carries: do it
    once more."""

    parts: tuple[ImportedPart, ...]
    more: bool = False
