"""What every command of the ledger is made of."""

from __future__ import annotations

from typing import Annotated

import msgspec

from appliance.licences import rules

Version = Annotated[int, msgspec.Meta(ge=rules.FIRST, le=rules.VERSION_MAX)]


class Command(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """Base of every command; its tag, not its name here, is what is stored.

    What holds more than its fields is none: every replica has to agree on that, and how deep one
    may look into what it does not know depends on its stack.
    """


class Holder(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """Who holds a lease, as the client tells it; shown to operators, trusted by nobody.

    Names are here as tags, 16 bytes or none (`licences.names`).
    """

    user: bytes = b""
    host: bytes = b""
    pid: int = 0
    application: bytes = b""


class LeaseRef(
    msgspec.Struct,
    frozen=True,
    array_like=True,
    order=True,
    forbid_unknown_fields=True,
    gc=False,
    cache_hash=True,
):
    """A lease's key: the authenticated client, and the id that client chose (design D2)."""

    client: str
    lease_id: str


class Item(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """So many seats of a product."""

    product_code: int
    seats: int = 1
