"""Parts of the API about leases; see `appliance.codec.api`, which they belong to."""

from __future__ import annotations

import msgspec

from appliance.licences.modes import USER_LIMIT


class _Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """As `appliance.codec.api.Document`."""


class HolderDocument(_Document, frozen=True, forbid_unknown_fields=True, gc=False):
    """Who asks: shown to operators."""

    user: str = ""
    host: str = ""
    pid: int = 0
    application: str = ""


class ItemRequest(_Document, frozen=True, forbid_unknown_fields=True):
    """So many seats of a product."""

    product_code: int
    seats: int = 1


class LeaseLine(_Document, frozen=True, gc=False):
    """Seats that a lease holds of one licence, whose `role` is "main", "overflow" or "emergency"
    ("" if the licence is not there any more)."""

    product_code: int
    tmr_id: int
    seats: int = 1
    role: str = "main"


class LeaseDocument(_Document, frozen=True, gc=False):
    """One lease, as operators see it. `heartbeat_age_s` is known only to the active TMR host.

    `seats` are all of it, `role` is the last in order of those of its licences. Its first licence
    is named by its codes; `lines` are all, if there are several. `mode` is how its seats are
    counted; `station` the beginning of its station's id, in hexadecimal, "" if it named none:
    leases that share a seat have the same. Of `units_taken` so many are `units_reserved`: what is
    not used of them is given back.

    With `borrowed_until_ms` (log time) it is no lease: the seats are out until then, and its id is
    the borrower's key. An operator said at `lost_at_ms` that they are lost.
    """

    client: str
    lease_id: str
    generation: int
    firm_code: int
    product_code: int
    tmr_id: int
    holder: HolderDocument
    granted_at_ms: int
    units_taken: int = 0
    heartbeat_age_s: float | None = None
    seats: int = 1
    role: str = "main"
    lines: tuple[LeaseLine, ...] = ()
    mode: str = USER_LIMIT
    station: str = ""
    units_reserved: int = 0
    borrowed_until_ms: int | None = None
    lost_at_ms: int | None = None


class LeasesDocument(_Document, frozen=True):
    """Answer to GET /v1/leases: a page in order of generation. A client sees its own leases, an
    operator all. `next` is what `?after=` asks the page after this one with; without it, this is
    the last.

    A grant's generation is unique and never changes, and later ones are higher. So a lease that is
    held while all pages are read stands in exactly one of them, and none is passed over; one that
    begins or ends meanwhile may or may not. The same id twice is a lease that ended and was granted
    anew: the higher generation is the one that holds.
    """

    leases: tuple[LeaseDocument, ...]
    next: int | None = None
