"""What tests/vectors/receipt.json has about the wishes of a check-out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from appliance.codec.api import GrantDocument
from appliance.licences.wishes import Wishes, wishes_hash
from appliance.verifier.receipts import Wanted
from tests.unit.verifier.plant import changed

WISHES = Wishes(release_date="2026-09-01", features=5)
WISHED = wishes_hash(WISHES)
CANONICAL = '{"features":5,"release_date":"2026-09-01"}'
BYTES = {
    "wishes_of": msgspec.to_builtins(WISHES),
    "wishes_canonical": CANONICAL,
    "wishes_hash": WISHED.hex(),
}


def wish_cases(
    of: Callable[..., GrantDocument], wanted: Callable[..., Wanted]
) -> dict[str, tuple[str, GrantDocument, Wanted]]:
    """Receipts of what was wished for, and of what was not."""
    wished: dict[str, Any] = {"wishes_hash": WISHED}
    return {
        "the wishes that were sent": ("accepted", of(**wished), wanted(**wished)),
        "a wish left out on the way": ("wrong-wishes", of(), wanted(**wished)),
        "a wish that nobody had": ("wrong-wishes", of(**wished), wanted()),
        "other wishes than proven": ("path-mismatch", changed(of(), **wished), wanted(**wished)),
    }
