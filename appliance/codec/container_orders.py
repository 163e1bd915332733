"""What the active TMR host has an upstream's container do for its group: beside the ledger (pure).

A TMR host collects the three requests of a group, has one upstream carry them to License Central,
and collects receipts. Only an upstream has its container's key and the vendor's address. What can
go wrong in here is a TMR host that lies: so an upstream signs for it no more than requests and
receipts, which bring a plant nothing but what was sold to it; an order to take back it does not.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from appliance.codec.frames import FrameReader, kinds_of
from appliance.codec.group_files import ANSWER_BYTES_MAX, REQUEST_BYTES_MAX
from appliance.codec.request_files import AUDIENCE_MAX, NONCE_BYTES_MAX, Purpose
from appliance.ledger.election.terms import Count
from appliance.ledger.messages import Message

SENTENCE_MAX: Final = 2_000
SIGNED_ORDER_MAX: Final = 1_000
"""Characters of what a request is for: a ticket with all of its lines, or an order's name."""
_Name = Annotated[str, msgspec.Meta(max_length=AUDIENCE_MAX)]


class GetChallenge(msgspec.Struct, frozen=True, array_like=True, tag="challenge"):
    """Get a challenge from the License Central of this firm; 0 is the only one there is."""

    firm_code: Count = 0


class SignRequest(msgspec.Struct, frozen=True, array_like=True, tag="request"):
    """Sign a request; it says what the container holds, of this firm only unless that is 0."""

    purpose: Purpose
    audience: _Name
    nonce: Annotated[bytes, msgspec.Meta(max_length=NONCE_BYTES_MAX)]
    order: Annotated[str, msgspec.Meta(max_length=SIGNED_ORDER_MAX)]
    firm_code: Count


class ShowTicket(msgspec.Struct, frozen=True, array_like=True, tag="ticket"):
    """Show a ticket to the License Central of this firm (0: the only one), with this group request
    file."""

    ticket: Annotated[str, msgspec.Meta(max_length=64)]
    request: Annotated[bytes, msgspec.Meta(max_length=REQUEST_BYTES_MAX)]
    firm_code: Count = 0


class SignReceipt(msgspec.Struct, frozen=True, array_like=True, tag="receipt"):
    """Sign a receipt of this firm's newest update."""

    firm_code: Count


class Confirm(msgspec.Struct, frozen=True, array_like=True, tag="confirm"):
    """Hand in the receipts of what the container holds at License Central."""


What = GetChallenge | SignRequest | ShowTicket | SignReceipt | Confirm


class ContainerOrder(Message, frozen=True, tag="container-order"):
    """Do this, once; answered by ContainerAnswer."""

    what: What


class ContainerAnswer(Message, frozen=True, tag="container-answer"):
    """What came of it: `data` is a challenge or a file, `audience` the License Central to which the
    challenge belongs. With `refused`, a sentence that says why, nothing was done."""

    data: bytes = b""
    audience: str = ""
    refused: Annotated[str, msgspec.Meta(max_length=SENTENCE_MAX)] = ""


ANSWER_FRAME_MAX: Final = ANSWER_BYTES_MAX + (16 << 10)
_answer_decoder: Final[msgspec.msgpack.Decoder[ContainerAnswer]] = msgspec.msgpack.Decoder(
    ContainerAnswer
)
_answer_kinds: Final = kinds_of(ContainerAnswer)


def answer_reader() -> FrameReader[ContainerAnswer]:
    """A reader of answers to orders, on a connection that carries nothing else."""
    return FrameReader(_answer_decoder, ANSWER_FRAME_MAX, kinds=_answer_kinds)
