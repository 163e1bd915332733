"""Whether a grant may be believed: `ledger.certificates.receipts` has the rule (design D3).

A client accepts two endorsements of the same ledger, term, index and roots, by two different twins
of one CmActID which its pinned root certifies, over a leaf with its own nonce and the outcome
"granted", to whose position neither objects. The leaf is built here from the very fields that the
client goes on to use, so that nothing it believes is outside the proof. If its trust says so, one
endorsement is enough of a container that the root certified to stand alone, for licences without a
TMR-ID; of a twin in no case. What can go wrong here is
a field of variable meaning: every fixed length that the rule relies on is checked first.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.licences.grants import (
    KIND_GRANTED,
    NO_HASH,
    Grant,
    Line,
    Unfit,
)
from appliance.licences.model import LicenceKey, ProductItem
from appliance.licences.modes import NO_SHARE, OF_THEIR_OWN, USER_LIMIT
from appliance.licences.protection import fits
from appliance.licences.reasons import GRANTED
from appliance.verifier.certificates import (
    CertificateRefused,
    ContainerIdentity,
    verify_container_certificate,
    verify_root_certificate,
)
from appliance.verifier.documents import (
    EndorsementDocument,
    FirmWordsDocument,
    GrantDocument,
    ReceiptDocument,
)
from appliance.verifier.layouts import endorsement_bytes, outcome_leaf
from appliance.verifier.merkle import leaf_hash, root_from_path
from appliance.verifier.recent import Recent
from appliance.verifier.refusals import (
    BAD_SIGNATURE,
    BEYOND_ITEM,
    DIFFERENT_GROUPS,
    DIFFERENT_LEDGER,
    FOREIGN_ROOT,
    MALFORMED,
    NO_FIRM_WORD,
    NO_RECEIPT,
    NOT_GRANTED,
    NOT_REDUNDANT,
    OBJECTED,
    ONE_ENDORSEMENT,
    OUTLIVES_LICENCE,
    PATH_MISMATCH,
    SAME_TWIN,
    WRONG_BORROWER,
    WRONG_FEATURES,
    WRONG_FIRM,
    WRONG_GENERATION,
    WRONG_MODE,
    WRONG_NONCE,
    WRONG_PRODUCT,
    WRONG_SEATS,
    WRONG_UNITS,
    WRONG_WISHES,
    NotProven,
)
from appliance.verifier.trust import Trust, root_der
from appliance.verifier.words import FirmWords, When, check_item

HASH_BYTES: Final = 32
ENDORSEMENTS_NEEDED: Final = 2
ENDORSEMENTS_MAX: Final = 8
CERTIFICATES_CACHED_MAX: Final = 64
BATCHES_CACHED_MAX: Final = 256


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the client asked for, which the receipt must be about. `nonce` is the one it sent.

    `seats` are those of the first product, `more` are further products and their seats; units are
    taken of the product `units_of`, 0 for the first. `features` must all be granted; there may be
    more. `generation` 0 takes any: a first check-out does not know it yet. `wishes_hash` is that of
    all wishes sent (`licences.wishes`), among them `release_date`, which the firm's item has to
    allow. All else has to be exactly this.
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
    wishes_hash: bytes = b""
    release_date: str = ""
    more: tuple[tuple[int, int], ...] = ()
    units_of: int = 0


class _Word(NamedTuple):
    """One endorsement that holds: whose, and what it does not vouch for."""

    container: ContainerIdentity
    objections: frozenset[int]


_Voices = tuple[_Word, ...]
"""Those that are enough together: two twins, or one container that stands alone."""


class _Batch(NamedTuple):
    """What the endorsements of one batch are worth, and why some of them are worth nothing."""

    words: tuple[_Word, ...]
    troubles: tuple[NotProven, ...]


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
        self._identities: Recent[bytes, ContainerIdentity] = Recent(CERTIFICATES_CACHED_MAX)
        self._batches: Recent[Hashable, _Batch] = Recent(BATCHES_CACHED_MAX)
        self._firms = FirmWords(self._root)
        self._ledger_id: bytes | None = None
        self.batches_verified = 0

    @property
    def trust(self) -> Trust:
        """What this client believes."""
        return self._trust

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
        voices = _fit_for(grant, self._judge(receipt))
        check_end(grant, receipt.log_time_ms)
        doubt = self._trust.doubt(receipt.log_time_ms, self._wall_s)
        if doubt is not None:
            raise NotProven(doubt.reason, doubt.detail)
        self._check_items(grant, When(receipt.log_time_ms, wanted.release_date), voices)
        self._ledger_id = receipt.ledger_id

    def lacking(self, grant: GrantDocument) -> tuple[LicenceKey, ...]:
        """The licences in a grant of whose items the firm's newest word is not known here for as
        many of the containers that endorse it as it takes: ask for it, and `learn` it. None if the
        grant proves nothing anyway."""
        receipt = grant.receipt
        if receipt is None:
            return ()
        try:
            voices = self._judge(receipt)
        except NotProven:
            return ()
        return tuple(
            key
            for key, line in zip(grant.keys, grant.lines, strict=True)
            if not any(self._covers(grant, (line,), group) for group in voices)
        )

    def endorsers(self, grant: GrantDocument) -> frozenset[str]:
        """The serials of the containers that endorse a grant which was verified."""
        receipt = grant.receipt
        voices = () if receipt is None else self._judge(receipt)
        return frozenset(word.container.serial for group in voices for word in group)

    def learn(self, document: FirmWordsDocument) -> None:
        """Keep what a firm signed of one of its items. Raises NotProven if it did not."""
        self._firms.learn(document)

    def _judge(self, receipt: ReceiptDocument) -> list[_Voices]:
        return judge(self._batch(receipt), receipt.position, single=self._trust.takes_single)

    def _covers(self, grant: Grant, lines: Iterable[Line], voices: _Voices) -> bool:
        return all(
            self._firms.covers(grant.firm_code, line.item_hash, word.container)
            for line in lines
            for word in voices
        )

    def _check_items(self, grant: Grant, when: When, voices: Sequence[_Voices]) -> None:
        """Raise NotProven unless the firm signed what the grant is about, for those who endorse it
        together."""
        covered = [group for group in voices if self._covers(grant, grant.lines, group)]
        if not covered:
            raise NotProven(
                NO_FIRM_WORD,
                f"nobody showed that firm {grant.firm_code} signed this for the containers that "
                "endorse it",
            )
        items = [self._firms.item(line.item_hash) for line in grant.lines]
        for line, item in zip(grant.lines, items, strict=True):
            assert item is not None  # what covers knows is kept
            check_item(grant, line, item, when)
        if not any(_all_fit(items, group) for group in covered):
            raise NotProven(
                BEYOND_ITEM,
                "the firm signed it for containers that are bound more firmly than those that "
                "endorse it",
            )

    def _check_ledger(self, receipt: ReceiptDocument) -> None:
        seen = self._ledger_id
        if self._trust.pin_ledger and seen is not None and receipt.ledger_id != seen:
            raise NotProven(
                DIFFERENT_LEDGER, f"it is of ledger {receipt.ledger_id.hex()}, not {seen.hex()}"
            )

    def verify_batch(self, receipt: ReceiptDocument) -> None:
        """Check only that the batch is endorsed by whom it takes; for load generators."""
        self._judge(receipt)

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
        return _Word(identity, frozenset(endorsement.objections))

    def _identity(self, certificate: bytes) -> ContainerIdentity:
        identity = self._identities.get(certificate)
        if identity is None:
            try:
                identity = verify_container_certificate(certificate, self._root)
            except CertificateRefused as error:
                raise NotProven(FOREIGN_ROOT, error.detail) from error
            self._identities.put(certificate, identity)
        return identity


def _fit_for(grant: Grant, voices: list[_Voices]) -> list[_Voices]:
    """Those who can vouch for these licences: of one with a TMR-ID a container has one constituent,
    so it takes two twins. Raises NotProven if nobody is left."""
    if not any(line.tmr_id for line in grant.lines):
        return voices
    pairs: list[_Voices] = [one for one in voices if len(one) == ENDORSEMENTS_NEEDED]
    if not pairs:
        raise NotProven(ONE_ENDORSEMENT, "a licence with a TMR-ID takes the word of two twins")
    return pairs


def _all_fit(items: Iterable[ProductItem | None], voices: _Voices) -> bool:
    """Whether all these containers are bound as firmly as all these items want."""
    kind = min(word.container.kind for word in voices)
    return all(item is not None and fits(item, kind) for item in items)


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
    if grant.features & wanted.features != wanted.features:
        raise NotProven(
            WRONG_FEATURES, f"it has the features {grant.features}, not all of {wanted.features}"
        )
    if grant.borrower_key != wanted.borrower_key:
        raise NotProven(WRONG_BORROWER, "it is borrowed by somebody else, or by nobody")
    if grant.wishes_hash != wanted.wishes_hash:
        raise NotProven(WRONG_WISHES, "the licence was asked for something else than was wished")
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
    if grant.seats != total or (grant.mode in OF_THEIR_OWN and counted != seats):
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


def judge(batch: _Batch, position: int, *, single: bool = False) -> list[_Voices]:
    """Who vouches for this position: pairs of twins of one group; with `single` also containers
    that stand alone, which are never one of a pair. Raises NotProven if there are none."""
    willing = [word for word in batch.words if position not in word.objections]
    alone = [word for word in willing if word.container.is_single]
    twins = [word for word in willing if not word.container.is_single]
    voices: list[_Voices] = [
        (one, other)
        for one, other in combinations(twins, ENDORSEMENTS_NEEDED)
        if one.container.cmact_id == other.container.cmact_id
        and one.container.twin != other.container.twin
    ]
    if single:
        voices += [(word,) for word in alone]
    if voices:
        return voices
    if batch.troubles:
        raise NotProven(batch.troubles[0].reason, batch.troubles[0].detail)
    if len(willing) < len(batch.words):
        raise NotProven(OBJECTED, "a container's own time or contents speak against it")
    if alone:
        raise NotProven(
            NOT_REDUNDANT,
            f"container {alone[0].container.serial} stands alone, and this program takes the word "
            "of two twins only",
        )
    if len(twins) < ENDORSEMENTS_NEEDED:
        raise NotProven(ONE_ENDORSEMENT, f"{len(twins)} container vouches for it, two are needed")
    if len({word.container.cmact_id for word in twins}) > 1:
        raise NotProven(DIFFERENT_GROUPS, "the containers do not share a CmActID")
    raise NotProven(SAME_TWIN, f"twin {twins[0].container.twin} alone signed twice")
