"""Commands about who votes, and which rules the hosts know."""

from __future__ import annotations

from typing import Annotated

import msgspec

from appliance.licences.bounds import HASH_SIZE
from appliance.licences.commands.base import Command, Version


class Replace(Command, frozen=True, tag="replace"):
    """The store at `place` shall vote no more, and the store `new` in its stead (design D7)."""

    place: str
    new: bytes
    who: str
    why: str


class Replaced(Command, frozen=True, tag="replaced"):
    """The proof that both remaining stores hold the `Replace` before: now the new one votes."""

    proof: bytes


class Support(Command, frozen=True, tag="support"):
    """A host knows rules up to this version; `who` brings that to the ledger.

    A TMR host's word is its own name in `who`. An upstream's is signed by its `store`, with the
    newest entry that it knew then: after a downgrade no older word takes the place of a newer one.
    """

    version: Version
    who: str
    store: Annotated[bytes, msgspec.Meta(max_length=HASH_SIZE)] = b""
    known_index: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] = 0
    signature: bytes = b""


class RaiseRules(Command, frozen=True, tag="raise-rules"):
    """The rules of this version are in force from here on; `hosts` are the two TMR hosts."""

    version: Version
    hosts: tuple[str, ...]
    who: str
    why: str
