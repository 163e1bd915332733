"""Commands that bring what others signed: vendors, time servers, containers."""

from __future__ import annotations

from appliance.licences.commands.base import Command


class ImportUpdate(Command, frozen=True, tag="import-update"):
    """A vendor-signed update of one container, as JWS compact bytes, and who brought it."""

    update: bytes
    who: str


class Deliver(Command, frozen=True, tag="deliver"):
    """A vendor-signed update of one container, as JWS compact bytes, that an operator brought for
    it: kept until that container has imported it, however long its host is away."""

    update: bytes
    who: str


class ImportBlockList(Command, frozen=True, tag="import-block-list"):
    """The vendors' signed block list (a CRL, DER), and who brought it."""

    block_list: bytes
    who: str


class CertifyTime(Command, frozen=True, tag="certify-time"):
    """A container's certified statement (`appliance.codec.certified_statements`), and who brought
    it."""

    statement: bytes
    who: str


class ShowBinding(Command, frozen=True, tag="show-binding"):
    """What a container says of what holds its key (`appliance.codec.binding_statements`), and who
    brought it."""

    statement: bytes
    who: str


class LowerLogTime(Command, frozen=True, tag="lower-log-time"):
    """The log time of this entry is lower than the one before: certified tokens of two containers
    in the ledger allow it (design D6). Alone in its entry."""

    who: str
