"""A JSON answer of a server that is not believed: an object, or none (pure)."""

from __future__ import annotations

import msgspec

from appliance.unreadable import UNREADABLE


def object_in(data: bytes) -> dict[str, object] | None:
    """The JSON object that these bytes are; None if they are anything else."""
    try:
        return msgspec.json.decode(data, type=dict[str, object])
    except UNREADABLE:
        return None


def detail_in(data: bytes) -> str:
    """The sentence of a problem document (RFC 9457); "" if the bytes hold none."""
    detail = (object_in(data) or {}).get("detail")
    return detail if isinstance(detail, str) else ""
