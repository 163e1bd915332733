"""People's and computers' names, which stay out of the ledger: an entry has a tag for each.

    tag    HMAC-SHA-256(key of the ledger, name in lower case)[:16], empty for no name

Entries, snapshots, the archive and backups hold tags alone, and the ledger's first entry a hash of
the key. Key and names lie beside the ledger (`ledger.names`), where a name can be erased without
changing any outcome, root or receipt. Whoever has the key can see whether a name fits its tag, so
nobody can give a tag another name; and whoever has the key and a ledger can try guesses.

What can go wrong in here is two ways to write one name: case does not count, all else does.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Annotated, Final

import msgspec

from appliance.details import detail
from appliance.licences import reasons, refuse
from appliance.licences.bounds import COUNT_MAX, NAME_MAX, TAG_BYTES, too_long
from appliance.licences.commands import EraseName, Holder, Outcome
from appliance.licences.records import Act, Erased
from appliance.licences.state import State

KEY_BYTES: Final = 32
SHOWN_DIGITS: Final = 8
_KEY_TAG: Final = b"tmr-names-key-1\x00"


class NameRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A name and its tag; `seen_ms` is when it was last used, in log time."""

    tag: Annotated[bytes, msgspec.Meta(max_length=TAG_BYTES)]
    name: Annotated[str, msgspec.Meta(max_length=NAME_MAX)]
    seen_ms: Annotated[int, msgspec.Meta(ge=0, le=COUNT_MAX)]


def key_hash(key: bytes) -> bytes:
    """What the ledger's first entry says of the key: 32 bytes."""
    return sha256(_KEY_TAG + key).digest()


def tag_of(key: bytes, name: str) -> bytes:
    """The tag of a name, empty for no name."""
    if not name:
        return b""
    folded = name.casefold().encode("utf-8", "surrogatepass")
    return hmac.digest(key, folded, "sha256")[:TAG_BYTES]


def short(tag: bytes) -> str:
    """What is shown where no name is known."""
    return f"#{tag.hex()[:SHOWN_DIGITS]}" if tag else ""


def pseudonym(tag: bytes) -> str:
    """What tells a person from all others without a name: `#` and all of the tag."""
    return f"#{tag.hex()}" if tag else ""


def differs(one: Holder, other: Holder) -> bool:
    """Whether two holders contradict each other; who does not say a name contradicts nobody, since
    a host that lost the key says none."""
    if one == other:
        return False
    pairs = (
        (one.user, other.user),
        (one.host, other.host),
        (one.application, other.application),
    )
    return one.pid != other.pid or any(a and b and a != b for a, b in pairs)


def erased_at_ms(state: State, tag: bytes) -> int:
    """Up to when (log time) whatever is known of this name is to be forgotten, -1 if nothing is."""
    erased = state.erased.get(tag)
    return -1 if erased is None else erased.at_ms


def fits(state: State, key: bytes, row: NameRow) -> bool:
    """Whether this is the name of that tag, and was not erased since it was used."""
    return (
        bool(row.tag)
        and tag_of(key, row.name) == row.tag
        and row.seen_ms > erased_at_ms(state, row.tag)
    )


def erase_name(state: State, command: EraseName) -> Outcome:
    """Have the name of this tag forgotten, wherever it lies beside the ledger."""
    if len(command.tag) != TAG_BYTES:
        return refuse.bad(detail("tag-bytes", bytes=TAG_BYTES))
    if too_long(command.who, command.why):
        return refuse.bad(detail("who-why-long"))
    state.set_erased(command.tag, Erased(state.log_time_ms, state.entry_index))
    subject = command.tag.hex()
    state.note(Act("erase-name", subject, command.who, command.why, state.log_time_ms))
    return Outcome(reasons.DONE)
