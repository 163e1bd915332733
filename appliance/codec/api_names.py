"""The API's documents about names (docs/names.md)."""

from __future__ import annotations

from appliance.codec.api import Document


class EraseNameRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/names/erase: a user's, computer's or application's name, and why. The reason
    stays in the record, so it does not hold the name."""

    name: str
    why: str


class NameErasedDocument(Document, frozen=True):
    """Answer: which entry says so, what is shown in the name's place, and how many leases are held
    under it now: the programs that hold them say it again when they renew."""

    index: int
    tag: str
    leases: int = 0
