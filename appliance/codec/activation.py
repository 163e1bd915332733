"""A ticket on its way to License Central: with a group's request, in the body of a POST (pure).

A ticket is worth a licence to whoever has it. So it is in no address, which proxies and servers
log; and what can go wrong in here is to repeat it: a refusal is logged, and so names nothing of
what came.
"""

from __future__ import annotations

import msgspec

from appliance.codec.json_keys import repeated_key
from appliance.unreadable import UNREADABLE


class ActivationRefused(Exception):
    """A document that is no activation; `detail` says why, in one sentence."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Activation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group shows a ticket. `request` is its group request file, which is text."""

    ticket: str
    request: str


def build_activation(ticket: str, request: bytes) -> bytes:
    """The document (JSON) for this ticket and this group request file, which is ASCII."""
    return msgspec.json.encode(Activation(ticket=ticket, request=request.decode("ascii")))


def read_activation(body: bytes) -> Activation:
    """The activation in this body (JSON). Raises ActivationRefused."""
    try:
        activation = msgspec.json.decode(body, type=Activation)
    except UNREADABLE:
        # The decoder's own words may hold a key of the document, and with it a ticket.
        raise ActivationRefused(
            "The body is not understood: send JSON with ticket and request, and nothing else."
        ) from None
    twice = repeated_key(body, Activation)
    if twice:
        raise ActivationRefused("The body names a key twice: send ticket and request once each.")
    return activation
