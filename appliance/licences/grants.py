"""What a grant says: its fields, declared once, each with its place in the bytes that are signed.

The ledger's outcome, the leaf that containers endorse, the API's grant document and what a client
checks are all made of `Grant`: a further field is one line there. A field's annotation says how it
is laid out (docs/receipts.md, "Leaf"); the order of the fields is the order of the bytes.

What can go wrong in here is a value that two readings place differently, so whatever varies in
length has its length before it, and what does not fit its field has no bytes at all (`Unfit`).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from operator import attrgetter
from typing import Annotated, Any, Final, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from appliance.licences.model import LicenceKey, ProductItem
from appliance.licences.modes import NO_SHARE

KIND_GRANTED: Final = "granted"
"""A seat of the system, for as long as the lease lives."""
KIND_BORROWED: Final = "borrowed"
"""A seat that is out until its end, in the hands of who has the borrower's key."""
WORD_BYTES_MAX: Final = 64
REMEMBERED: Final = 1_024
"""Bytes of so many grants' fields are kept."""
LINES_MAX: Final = 16
"""Licences of one grant."""
HASH_BYTES: Final = 32
NO_HASH: Final = bytes(HASH_BYTES)
_ITEM_TAG: Final = b"tmr-item-1\x00"


class Unfit(ValueError):
    """A value does not fit the field that it is to be laid out in."""


class Laid(NamedTuple):
    """How a field is laid out: as a number (`code` is that of `struct`; `absent` stands for None),
    or by `pack`. Bytes have one of these `sizes`."""

    code: str = ""
    absent: int | None = None
    pack: Callable[[Any], bytes] = bytes
    sizes: tuple[int, ...] = ()


def _word(value: str) -> bytes:
    data = value.encode()
    if len(data) > WORD_BYTES_MAX:
        raise Unfit(f"a word has {len(data)} bytes, more than {WORD_BYTES_MAX}")
    return struct.pack(">H", len(data)) + data


def _sized(*sizes: int) -> Laid:
    """Bytes of one of these sizes: with the length before them if there are several."""

    def pack(value: bytes) -> bytes:
        if len(value) not in sizes:
            raise Unfit(f"a field of {' or '.join(map(str, sizes))} bytes has {len(value)}")
        return (struct.pack(">H", len(value)) if len(sizes) > 1 else b"") + value

    return Laid(pack=pack, sizes=sizes)


def _all_lines(lines: Sequence[Line]) -> bytes:
    if len(lines) > LINES_MAX:
        raise Unfit(f"a grant has {len(lines)} lines, more than {LINES_MAX}")
    packed = [pack(line) for line in lines for pack in _of_line]
    return struct.pack(">H", len(lines)) + b"".join(packed)


U32 = Annotated[int, Laid("I")]
U64 = Annotated[int, Laid("Q")]
Word = Annotated[str, Laid(pack=_word)]
UnitsLeft = Annotated[int | None, Laid("Q", absent=2**64 - 1)]
Share = Annotated[bytes, _sized(len(NO_SHARE))]
PublicKey = Annotated[bytes, _sized(0, 32)]
HashOrNone = Annotated[bytes, _sized(0, HASH_BYTES)]
Hash = Annotated[bytes, _sized(HASH_BYTES)]


class Line(msgspec.Struct, frozen=True, gc=False):
    """One licence of a grant. `seats` are how many are counted against it, `item_hash` is that of
    the product item which the firm signed (`item_hash`), zeros where nothing is granted. `units`
    are how many this request took from its counter; they may come from a licence without a seat."""

    product_code: U64
    tmr_id: U64
    seats: U32
    item_hash: Hash = NO_HASH
    units: U64 = 0


Lines = Annotated[tuple[Line, ...], Laid(pack=_all_lines)]


class Grant(msgspec.Struct, frozen=True):
    """The fields of a grant, or of a refusal, which has few of them.

    `reason` is a word of `licences.reasons`. `kind` says what was granted, `mode` how seats are
    counted, `role` is that of the licence, of several the last in `roles.ROLES`.
    `generation` names the lease. `seats` may be used at once, of all products together, with these
    `features` (a bit map). A receipt holds for `valid_for_s`, the lease bears `lease_ttl_s` of
    silence, and at `ends_at_ms` (Unix ms, 0: never) it is over in any case: of several licences the
    shortest counts. `units_taken` are this request's; `units_left` are what further requests for
    the product can take of all its licences, None without a counter. `share` names those who use
    the seats together (zeros: nobody else does), `borrower_key` is the Ed25519 key of who borrowed
    (empty: nobody did). `wishes_hash` is that of the check-out's wishes (`licences.wishes`; empty:
    it had none). `lines` are the licences, 1 to 16 of one firm code.
    """

    reason: Word
    kind: Word = ""
    mode: Word = ""
    role: Word = ""
    share: Share = NO_SHARE
    borrower_key: PublicKey = b""
    wishes_hash: HashOrNone = b""
    lines: Lines = ()
    firm_code: U64 = 0
    generation: U64 = 0
    seats: U32 = 0
    features: U64 = 0
    valid_for_s: U32 = 0
    lease_ttl_s: U32 = 0
    ends_at_ms: U64 = 0
    units_taken: U64 = 0
    units_left: UnitsLeft = None

    @property
    def keys(self) -> tuple[LicenceKey, ...]:
        """The licences of all lines."""
        firm_code = self.firm_code
        return tuple(LicenceKey(firm_code, line.product_code, line.tmr_id) for line in self.lines)

    @property
    def key(self) -> LicenceKey | None:
        """The licence of the first line, None without one."""
        if not self.lines:
            return None
        first = self.lines[0]
        return LicenceKey(self.firm_code, first.product_code, first.tmr_id)

    @property
    def product_code(self) -> int:
        """The product of the first line, 0 without one."""
        return self.lines[0].product_code if self.lines else 0

    @property
    def tmr_id(self) -> int:
        """The TMR-ID of the first line, 0 without one."""
        return self.lines[0].tmr_id if self.lines else 0


FIELDS: Final = Grant.__struct_fields__


def _laid(of: Any) -> Laid:
    """How a field of this annotated type is laid out."""
    assert get_origin(of) is Annotated, f"{of} says nothing of its bytes"
    return next(meta for meta in get_args(of) if isinstance(meta, Laid))


def _packers(kind: type[msgspec.Struct]) -> list[Callable[[Any], bytes]]:
    """What makes the bytes of a struct: neighbouring numbers in one go, and so all neighbours that
    are none."""
    hints = get_type_hints(kind, include_extras=True)
    fields = [(name, _laid(hints[name])) for name in kind.__struct_fields__]
    groups = groupby(fields, lambda field: bool(field[1].code))
    return [_numbers(list(group)) if code else _others(list(group)) for code, group in groups]


def _numbers(fields: Sequence[tuple[str, Laid]]) -> Callable[[Any], bytes]:
    pack = struct.Struct(">" + "".join(laid.code for _, laid in fields)).pack
    absents = tuple(laid.absent for _, laid in fields)
    (first, *more) = (name for name, _ in fields)
    read = attrgetter(first, *more) if more else lambda grant: (getattr(grant, first),)
    may_lack = [(at, absent) for at, absent in enumerate(absents) if absent is not None]

    def numbers(grant: Any) -> bytes:
        values = list(read(grant))
        for at, absent in may_lack:
            if values[at] is None:
                values[at] = absent
            elif values[at] == absent:
                raise Unfit("a number means that there is none")
        return pack(*values)

    return numbers


def _others(fields: Sequence[tuple[str, Laid]]) -> Callable[[Any], bytes]:
    (first, *more), packs = zip(*((name, laid.pack) for name, laid in fields), strict=True)
    if not more:
        read_one = attrgetter(first)
        return lambda grant: _remembered(packs, read_one(grant))
    read = attrgetter(first, *more)
    return lambda grant: _remembered(packs, *read(grant))


@lru_cache(maxsize=REMEMBERED)
def _remembered(packs: tuple[Callable[[Any], bytes], ...], *values: Any) -> bytes:
    """What seldom differs from grant to grant."""
    return b"".join([pack(value) for pack, value in zip(packs, values, strict=True)])


_of_line = _packers(Line)
_of_grant = _packers(Grant)


def grant_bytes(grant: Grant) -> bytes:
    """The bytes of a grant's fields. Raises Unfit if one does not fit."""
    try:
        return b"".join([pack(grant) for pack in _of_grant])
    except (struct.error, OverflowError, UnicodeError) as error:
        raise Unfit(f"a number is out of range ({error})") from error


_canonical: Final = msgspec.json.Encoder(order="sorted").encode


def item_hash(firm_code: int, item: ProductItem) -> bytes:
    """What tells a firm's product item, with all its options, from any other: 32 bytes.

    SHA-256 over a tag, the firm code, and the item as canonical JSON (RFC 8785), options at their
    defaults left out: just as it stands in the file that the firm signed.
    """
    return hash_of_item(firm_code, canonical_item(item))


def canonical_item(item: ProductItem) -> bytes:
    """A product item as canonical JSON (RFC 8785), options at their defaults left out."""
    return _canonical(item)


def hash_of_item(firm_code: int, data: bytes) -> bytes:
    """The item hash of an item that is canonical JSON already. Raises struct.error."""
    return sha256(_ITEM_TAG + struct.pack(">Q", firm_code) + data).digest()
