"""Whether a grant may be believed: `ledger.certificates.receipts` has the rule (design D3).

A client accepts two endorsements of the same ledger, term, index and roots, by two different twins
of one CmActID which its pinned root certifies, over a leaf with its own nonce and the outcome
"granted", to whose position neither objects. The leaf is built here from the very fields that the
client goes on to use, so that nothing it believes is outside the proof. What can go wrong here is
a field of variable meaning: every fixed length that the rule relies on is checked first.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final, Generic, NamedTuple, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.licences.grants import (
    KIND_GRANTED,
    NO_HASH,
    NO_SHARE,
    USER_LIMIT,
    Grant,
    Unfit,
)
from appliance.licences.reasons import GRANTED
from appliance.licences.roles import EMERGENCY
from appliance.verifier.certificates import (
    CertificateRefused,
    ContainerIdentity,
    verify_container_certificate,
    verify_root_certificate,
)
from appliance.verifier.documents import EndorsementDocument, GrantDocument, ReceiptDocument
from appliance.verifier.layouts import endorsement_bytes, outcome_leaf
from appliance.verifier.merkle import leaf_hash, root_from_path
from appliance.verifier.trust import BEFORE_BUILD, CLOCK_DIFFERS, Trust, root_der

NO_RECEIPT: Final = "no-receipt"
ONE_ENDORSEMENT: Final = "one-endorsement"
SAME_TWIN: Final = "same-twin"
DIFFERENT_GROUPS: Final = "different-groups"
BAD_SIGNATURE: Final = "bad-signature"
FOREIGN_ROOT: Final = "foreign-root"
WRONG_NONCE: Final = "wrong-nonce"
WRONG_FIRM: Final = "wrong-firm"
WRONG_PRODUCT: Final = "wrong-product"
WRONG_UNITS: Final = "wrong-units"
WRONG_SEATS: Final = "wrong-seats"
WRONG_MODE: Final = "wrong-mode"
WRONG_ROLE: Final = "wrong-role"
WRONG_FEATURES: Final = "wrong-features"
WRONG_BORROWER: Final = "wrong-borrower"
WRONG_GENERATION: Final = "wrong-generation"
OUTLIVES_LICENCE: Final = "outlives-licence"
OBJECTED: Final = "objected"
NOT_GRANTED: Final = "not-granted"
PATH_MISMATCH: Final = "path-mismatch"
DIFFERENT_LEDGER: Final = "different-ledger"
MALFORMED: Final = "malformed"
REASONS: Final = (
    NO_RECEIPT,
    ONE_ENDORSEMENT,
    SAME_TWIN,
    DIFFERENT_GROUPS,
    BAD_SIGNATURE,
    FOREIGN_ROOT,
    WRONG_NONCE,
    WRONG_FIRM,
    WRONG_PRODUCT,
    WRONG_UNITS,
    WRONG_SEATS,
    WRONG_MODE,
    WRONG_ROLE,
    WRONG_FEATURES,
    WRONG_BORROWER,
    WRONG_GENERATION,
    OUTLIVES_LICENCE,
    OBJECTED,
    NOT_GRANTED,
    PATH_MISMATCH,
    DIFFERENT_LEDGER,
    MALFORMED,
    BEFORE_BUILD,
    CLOCK_DIFFERS,
)

HASH_BYTES: Final = 32
ENDORSEMENTS_NEEDED: Final = 2
ENDORSEMENTS_MAX: Final = 8
CERTIFICATES_CACHED_MAX: Final = 64
BATCHES_CACHED_MAX: Final = 256

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class NotProven(Exception):
    """A grant without a receipt that convinces. `reason` is one of REASONS; `detail` says it in one
    sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the client asked for, which the receipt must be about. `nonce` is the one it sent.

    `seats` are those of the first product, `more` are further products and their seats; units are
    taken of the product `units_of`, 0 for the first. `features` must all be granted; there may be
    more. `generation` 0 takes any: a first check-out does not know it yet. Without `emergency` no
    emergency licence will do. All else has to be exactly this.
    """

    firm_code: int
    product_code: int
    nonce: bytes
    units_taken: int = 0
    generation: int = 0
    kind: str = KIND_GRANTED
    mode: str = USER_LIMIT
    share: bytes = NO_SHARE
    seats: int = 1
    features: int = 0
    borrower_key: bytes = b""
    more: tuple[tuple[int, int], ...] = ()
    units_of: int = 0
    emergency: bool = True


class _Word(NamedTuple):
    """One endorsement that holds: by which twin of which group, and what it does not vouch for."""

    cmact_id: str
    twin: int
    objections: frozenset[int]


class _Batch(NamedTuple):
    """What the endorsements of one batch are worth, and why some of them are worth nothing."""

    words: tuple[_Word, ...]
    troubles: tuple[NotProven, ...]


class _Recent(Generic[_Key, _Value]):
    """The most recently used values, at most `size` of them."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[_Key, _Value] = OrderedDict()

    def get(self, key: _Key) -> _Value | None:
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: _Key, value: _Value) -> None:
        self._values[key] = value
        if len(self._values) > self._size:
            self._values.popitem(last=False)


class Verifier:
    """Verifies receipts for one client. Raises CertificateRefused if `trust.root` is no root.

    `wall_s` is this computer's clock in Unix seconds, which a `trust` with a tolerance needs.
    Certificates and whole batches are remembered, so a second receipt of one batch costs only its
    leaf and path. `batches_verified` counts the batches whose signatures were checked.
    """

    def __init__(self, trust: Trust, wall_s: Callable[[], float] | None = None) -> None:
        self._root = root_der(trust.root)
        verify_root_certificate(self._root)
        self._trust = trust
        self._wall_s = wall_s
        self._identities: _Recent[bytes, ContainerIdentity] = _Recent(CERTIFICATES_CACHED_MAX)
        self._batches: _Recent[Hashable, _Batch] = _Recent(BATCHES_CACHED_MAX)
        self._ledger_id: bytes | None = None
        self.batches_verified = 0

    def pins(self, firm_code: int) -> bool:
        """Whether this client uses licences of that firm code at all."""
        return not self._trust.firms or firm_code in self._trust.firms

    def verify(self, grant: GrantDocument, wanted: Wanted) -> None:
        """Believe this grant, or raise NotProven."""
        if not self.pins(wanted.firm_code):
            raise NotProven(
                WRONG_FIRM, f"firm code {wanted.firm_code} is not among the pinned ones"
            )
        check_terms(grant, wanted)
        receipt = grant.receipt
        if receipt is None:
            raise NotProven(NO_RECEIPT, "the server sent a grant without a receipt")
        if receipt.nonce != wanted.nonce:
            raise NotProven(WRONG_NONCE, "it answers another request than this one")
        self._check_ledger(receipt)
        check_path(grant, receipt)
        judge(self._batch(receipt), receipt.position)
        check_end(grant, receipt.log_time_ms)
        doubt = self._trust.doubt(receipt.log_time_ms, self._wall_s)
        if doubt is not None:
            raise NotProven(doubt.reason, doubt.detail)
        self._ledger_id = receipt.ledger_id

    def _check_ledger(self, receipt: ReceiptDocument) -> None:
        seen = self._ledger_id
        if self._trust.pin_ledger and seen is not None and receipt.ledger_id != seen:
            raise NotProven(
                DIFFERENT_LEDGER, f"it is of ledger {receipt.ledger_id.hex()}, not {seen.hex()}"
            )

    def verify_batch(self, receipt: ReceiptDocument) -> None:
        """Check only that the batch is endorsed by two twins; for load generators."""
        judge(self._batch(receipt), receipt.position)

    def _batch(self, receipt: ReceiptDocument) -> _Batch:
        _check_hashes(receipt)
        said = (receipt.ledger_id, receipt.term, receipt.index, receipt.log_root)
        roots = (receipt.outcome_root, receipt.history_root, receipt.size, receipt.log_time_ms)
        key = (said, roots, receipt.endorsements)
        batch = self._batches.get(key)
        if batch is None:
            batch = self._check_batch(receipt)
            self._batches.put(key, batch)
        return batch

    def _check_batch(self, receipt: ReceiptDocument) -> _Batch:
        self.batches_verified += 1
        if len(receipt.endorsements) > ENDORSEMENTS_MAX:
            raise NotProven(MALFORMED, f"it has {len(receipt.endorsements)} endorsements")
        words, troubles = [], []
        for endorsement in receipt.endorsements:
            try:
                words.append(self._word(receipt, endorsement))
            except NotProven as trouble:
                troubles.append(trouble)
        return _Batch(tuple(words), tuple(troubles))

    def _word(self, receipt: ReceiptDocument, endorsement: EndorsementDocument) -> _Word:
        identity = self._identity(endorsement.certificate)
        try:
            signed = endorsement_bytes(receipt, endorsement.objections, endorsement.system_time_ms)
        except (struct.error, OverflowError) as error:
            raise NotProven(MALFORMED, f"a number is out of range ({error})") from error
        try:
            key = Ed25519PublicKey.from_public_bytes(identity.public_key)
            key.verify(endorsement.signature, signed)
        except (InvalidSignature, ValueError) as error:
            raise NotProven(
                BAD_SIGNATURE, f"container {identity.serial} did not sign this"
            ) from error
        return _Word(identity.cmact_id, identity.twin, frozenset(endorsement.objections))

    def _identity(self, certificate: bytes) -> ContainerIdentity:
        identity = self._identities.get(certificate)
        if identity is None:
            try:
                identity = verify_container_certificate(certificate, self._root)
            except CertificateRefused as error:
                raise NotProven(FOREIGN_ROOT, error.detail) from error
            self._identities.put(certificate, identity)
        return identity


def _check_hashes(receipt: ReceiptDocument) -> None:
    """Raise NotProven if a hash has not its length: they are signed without one."""
    roots = receipt.log_root, receipt.outcome_root, receipt.history_root
    for value in (*roots, receipt.command_hash, *receipt.path):
        if len(value) != HASH_BYTES:
            raise NotProven(MALFORMED, f"a hash has {len(value)} bytes, not {HASH_BYTES}")


def check_terms(grant: Grant, wanted: Wanted) -> None:
    """Raise NotProven unless all that a grant says is what was asked for."""
    kind, modes = (grant.reason, grant.kind), (grant.mode, grant.share)
    if kind != (GRANTED, wanted.kind):
        raise NotProven(NOT_GRANTED, f'the outcome is "{grant.reason}", "{grant.kind}"')
    if grant.firm_code != wanted.firm_code:
        raise NotProven(
            WRONG_FIRM, f"it is for firm code {grant.firm_code}, not {wanted.firm_code}"
        )
    if grant.units_taken != wanted.units_taken:
        raise NotProven(WRONG_UNITS, f"it took {grant.units_taken} units, not {wanted.units_taken}")
    if wanted.generation and grant.generation != wanted.generation:
        raise NotProven(
            WRONG_GENERATION, f"it is of generation {grant.generation}, not {wanted.generation}"
        )
    if modes != (wanted.mode, wanted.share):
        raise NotProven(
            WRONG_MODE, f'it is in mode "{grant.mode}", not "{wanted.mode}", or shared with others'
        )
    if grant.role == EMERGENCY and not wanted.emergency:
        raise NotProven(WRONG_ROLE, "it is of an emergency licence")
    if grant.features & wanted.features != wanted.features:
        raise NotProven(
            WRONG_FEATURES, f"it has the features {grant.features}, not all of {wanted.features}"
        )
    if grant.borrower_key != wanted.borrower_key:
        raise NotProven(WRONG_BORROWER, "it is borrowed by somebody else, or by nobody")
    _check_lines(grant, wanted)


def _check_lines(grant: Grant, wanted: Wanted) -> None:
    lines = grant.lines
    if not 0 < len({(line.product_code, line.tmr_id) for line in lines}) == len(lines):
        raise NotProven(MALFORMED, "it names no licence, or one of them twice")
    seats = dict(((wanted.product_code, wanted.seats), *wanted.more))
    units_of = wanted.units_of or wanted.product_code
    counted = dict.fromkeys(seats, 0)
    for line in lines:
        if line.product_code not in seats:
            raise NotProven(
                WRONG_PRODUCT,
                f"it is for product {line.product_code}, not {wanted.product_code}",
            )
        if line.item_hash == NO_HASH:
            raise NotProven(MALFORMED, "it does not say which product item it is of")
        if line.units and line.product_code != units_of:
            raise NotProven(
                WRONG_UNITS, f"it took units of product {line.product_code}, not {units_of}"
            )
        counted[line.product_code] += line.seats
    if sum(line.units for line in lines) != grant.units_taken:
        raise NotProven(WRONG_UNITS, "its lines' units are not those that it took")
    total = sum(seats.values())
    if grant.seats != total or (grant.mode == USER_LIMIT and counted != seats):
        raise NotProven(
            WRONG_SEATS,
            f"it is for {grant.seats} seats, {sum(counted.values())} counted, not {total}",
        )


def check_end(grant: Grant, log_time_ms: int) -> None:
    """Raise NotProven if a grant is valid for longer than the licence lasts."""
    ends_ms = log_time_ms + grant.valid_for_s * 1000
    if grant.ends_at_ms and grant.valid_for_s and ends_ms > grant.ends_at_ms:
        raise NotProven(OUTLIVES_LICENCE, "it is valid for longer than the licence lasts")


def check_path(grant: Grant, receipt: ReceiptDocument) -> None:
    """Raise NotProven unless the grant's own fields are a leaf under the outcome root."""
    _check_hashes(receipt)
    try:
        leaf = outcome_leaf(receipt.ledger_id, receipt.command_hash, receipt.nonce, grant)
    except (Unfit, struct.error) as error:
        raise NotProven(MALFORMED, str(error)) from error
    root = root_from_path(leaf_hash(leaf), receipt.position, receipt.size, receipt.path)
    if root != receipt.outcome_root:
        raise NotProven(PATH_MISMATCH, "the grant is not under the endorsed outcome root")


def judge(batch: _Batch, position: int) -> None:
    """Raise NotProven unless two twins of one group vouch for this position."""
    willing = [word for word in batch.words if position not in word.objections]
    for first in range(len(willing)):
        for second in willing[first + 1 :]:
            one, other = willing[first], second
            if one.cmact_id == other.cmact_id and one.twin != other.twin:
                return
    if batch.troubles:
        raise NotProven(batch.troubles[0].reason, batch.troubles[0].detail)
    if len(willing) < len(batch.words):
        raise NotProven(OBJECTED, "a container's own time or contents speak against it")
    if len(willing) < ENDORSEMENTS_NEEDED:
        raise NotProven(ONE_ENDORSEMENT, f"{len(willing)} container vouches for it, two are needed")
    if len({word.cmact_id for word in willing}) > 1:
        raise NotProven(DIFFERENT_GROUPS, "the containers do not share a CmActID")
    raise NotProven(SAME_TWIN, f"twin {willing[0].twin} alone signed twice")
