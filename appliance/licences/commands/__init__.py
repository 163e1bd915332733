"""The commands that the ledger orders, and the outcomes that the state machine gives.

Commands are encoded once, by the coordinator, and hashed, stored and applied as those bytes.
A refusal is an outcome, not an exception (design D2).
"""

from __future__ import annotations

import msgspec

from appliance.details import Detail, told
from appliance.licences import rules
from appliance.licences.commands.base import Command, Holder, Item, LeaseRef
from appliance.licences.commands.borrowing import (
    Borrow,
    Borrowed,
    OperateBorrowing,
    ReturnBorrowed,
    WriteOff,
)
from appliance.licences.commands.denials import CloseDenial, OpenDenial
from appliance.licences.commands.founding import Dismissed, Found, Restored
from appliance.licences.commands.imports import (
    CertifyTime,
    Deliver,
    ImportBlockList,
    ImportUpdate,
    LowerLogTime,
    ShowBinding,
)
from appliance.licences.commands.members import RaiseRules, Replace, Replaced, Support
from appliance.licences.commands.operating import (
    AcceptLoss,
    Dismiss,
    Enrol,
    EraseName,
    Limit,
    NoteLoss,
    Operate,
    SetAccess,
    SetQueue,
)
from appliance.licences.commands.seats import CheckIn, CheckOut, Expire, Release
from appliance.licences.commands.units import Consume, Refund, Settle
from appliance.licences.grants import Grant
from appliance.licences.reason import TOOK_EFFECT
from appliance.unreadable import UNREADABLE

__all__ = [
    "UNKNOWN",
    "AcceptLoss",
    "AnyCommand",
    "Borrow",
    "Borrowed",
    "CertifyTime",
    "CheckIn",
    "CheckOut",
    "CloseDenial",
    "Command",
    "Consume",
    "Deliver",
    "Dismiss",
    "Dismissed",
    "Enrol",
    "EraseName",
    "Expire",
    "Found",
    "Holder",
    "ImportBlockList",
    "ImportUpdate",
    "Item",
    "LeaseRef",
    "Limit",
    "LowerLogTime",
    "NoteLoss",
    "Offerable",
    "OpenDenial",
    "Operate",
    "OperateBorrowing",
    "Outcome",
    "RaiseRules",
    "Refund",
    "Release",
    "Replace",
    "Replaced",
    "Restored",
    "ReturnBorrowed",
    "SetAccess",
    "SetQueue",
    "Settle",
    "ShowBinding",
    "Support",
    "Tick",
    "Unknown",
    "WriteOff",
    "command_in",
    "decode_command",
    "encode_command",
]


class Tick(Command, frozen=True, tag="tick"):
    """Nothing happened for a minute: only log time moves."""


AnyCommand = (
    Found
    | ImportUpdate
    | ImportBlockList
    | CertifyTime
    | ShowBinding
    | LowerLogTime
    | Deliver
    | CheckOut
    | Consume
    | Settle
    | Refund
    | CheckIn
    | Expire
    | Release
    | Borrow
    | ReturnBorrowed
    | WriteOff
    | OperateBorrowing
    | Enrol
    | Dismiss
    | Limit
    | SetAccess
    | SetQueue
    | OpenDenial
    | CloseDenial
    | EraseName
    | Operate
    | Replace
    | Replaced
    | Support
    | RaiseRules
    | NoteLoss
    | AcceptLoss
    | Tick
)

Offerable = ImportUpdate | ImportBlockList | CertifyTime | ShowBinding | Support
"""What an upstream may bring to the ledger by itself: it carries its own proof."""


class Outcome(Grant, frozen=True, array_like=True, gc=False):
    """What became of one command: a grant's fields, and words for people.

    `reason` is GRANTED for check-outs and consumption, DONE for whatever else took effect, or a
    refusal, which `said` explains; that is the one field that nobody signs.
    """

    said: Detail | None = None

    @property
    def detail(self) -> str:
        """The words, for whoever reads English, with their code and values; "" if there are
        none."""
        return told(self.said)

    @property
    def ok(self) -> bool:
        """Whether the command took effect."""
        return self.reason in TOOK_EFFECT


_decoder: msgspec.msgpack.Decoder[AnyCommand] = msgspec.msgpack.Decoder(AnyCommand)


class Unknown(msgspec.Struct, frozen=True):
    """What stands in an entry in the place of a command and is none that this release knows."""


UNKNOWN = Unknown()


def encode_command(command: Command) -> bytes:
    """The bytes of a command: deterministic, since every command is an array of plain values."""
    return rules.encode(command)


def command_in(data: bytes) -> AnyCommand | Unknown:
    """The command in a committed entry; Unknown if there is none, or none in its one form."""
    try:
        command = decode_command(data)
    except msgspec.DecodeError:
        return UNKNOWN
    return command if rules.in_one_form(command, data) else UNKNOWN


def decode_command(data: bytes) -> AnyCommand:
    """The command in these bytes. Raises msgspec.DecodeError if they hold none."""
    try:
        return _decoder.decode(data)
    except UNREADABLE as error:
        raise msgspec.DecodeError(str(error)) from error
