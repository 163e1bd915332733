"""The API's documents about those who wait for seats (docs/queue.md)."""

from __future__ import annotations

import msgspec

from appliance.codec.lease_documents import HolderDocument


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """As `appliance.codec.api.Document`."""


class WaitRequest(Document, frozen=True, forbid_unknown_fields=True):
    """In the body of a check-out: wait for so many seconds at most where only seats are wanting."""

    s: int


class PlaceDocument(Document, frozen=True):
    """Answer 202 to a check-out that waits: its `place` (which a check-in names as a generation),
    and its `position` among the `of` that wait for the same product. With `offered` seats are held
    for it. It has waited for `waited_s`, and repeats its check-out in `ask_again_s`; without a
    word for `ttl_s` its place is lost."""

    lease_id: str
    place: int
    position: int
    of: int
    waited_s: float
    ask_again_s: float
    ttl_s: int


class QueueItem(Document, frozen=True):
    """So many seats of a product that somebody waits for."""

    product_code: int
    seats: int


class QueuePlace(Document, frozen=True):
    """One who waits. `held_s` is for how long the seats that it is offered are held still, None
    while none are; `overtaken` is how many that came later had seats before it."""

    client: str
    lease_id: str
    place: int
    firm_code: int
    items: tuple[QueueItem, ...]
    holder: HolderDocument
    position: int
    of: int
    waited_s: float
    overtaken: int = 0
    held_s: float | None = None


class QueueDocument(Document, frozen=True):
    """Answer to GET /v1/queue: a page in order of `place`; `next` is what `?after=` asks the page
    after this one with; without it, this is the last. A client sees its own places, an operator
    all. `overtakes_max` and `hold_s` are what operators said of all who wait."""

    places: tuple[QueuePlace, ...]
    overtakes_max: int
    hold_s: int
    next: int | None = None


class SetQueueRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/queue: how often one who waits may be overtaken, and for how many seconds an
    offered seat is held."""

    overtakes_max: int
    hold_s: int
    why: str
