"""Calls of `AsyncClient` about borrowed seats: what asks the servers. Using what is borrowed asks
nobody: `client.ticket`."""

from __future__ import annotations

import asyncio
import os
from abc import abstractmethod
from collections.abc import Callable, Collection
from typing import Unpack
from urllib.parse import urlencode

import msgspec

from appliance.client.borrower import extension_signature, return_signature
from appliance.client.calls import Calls
from appliance.client.clock import Clock
from appliance.client.engine import Engine, Sent
from appliance.client.errors import Refused
from appliance.client.forks import Home
from appliance.client.holder import fit, this_process
from appliance.client.lease import AsyncLease
from appliance.client.loan_store import LoanStore
from appliance.client.products import Held
from appliance.client.receipts import ReceiptVerifier
from appliance.client.settling import public_key
from appliance.client.station import this_machine
from appliance.client.ticket import RETURNED, Ticket, boot_id, wanted
from appliance.client.ticket_files import (
    SEED_BYTES,
    Asked,
    KeyFile,
    ReturnFile,
    Seen,
    TicketFile,
    TicketRefused,
    encode,
    read_request,
    read_return,
    read_ticket,
)
from appliance.client.wire import RequestMaker, read, segment
from appliance.codec.api import DoneDocument, HolderDocument
from appliance.codec.api_borrowing import (
    BorrowingDocument,
    BorrowingRequest,
    ReturnRequest,
    WriteOffRequest,
)
from appliance.licences import reasons
from appliance.licences.wishes import Asked as Wished
from appliance.licences.wishes import wished
from appliance.verifier.documents import FirmWordsDocument, GrantDocument

AnyPath = str | os.PathLike[str]
NONCE_BYTES = 32
_TIMES_ASKED_MAX = 3
_GONE = frozenset((reasons.BORROW_UNKNOWN, reasons.BORROW_ENDED))
"""Nothing is out under a key any more, which is what whoever gives it back wants."""
HOUR_S = 3600
UNFINISHED = "unfinished"


class LendingCalls(Calls):
    """The base of a client that borrows."""

    engine: Engine
    home: Home
    maker: RequestMaker
    now: Clock
    entropy: Callable[[int], bytes]

    @property
    @abstractmethod
    def verifier(self) -> ReceiptVerifier:
        """What believes receipts, or not."""

    @abstractmethod
    def lease(
        self, firm_code: int, product_code: int, *, seats: int = 1, **how: Unpack[Held]
    ) -> AsyncLease:
        """A lease."""

    def seat(
        self, firm_code: int, product_code: int, *, ticket: AnyPath, **how: Unpack[Held]
    ) -> Ticket | AsyncLease:
        """A seat, borrowed or not, with one branch for both: the ticket in this file, if there is
        one that is good here and not in use, and no network is asked; else a lease (`how` is as in
        `lease`). Either is a context manager with `usable` and `grant`. Raises as `lease`."""
        self.home.check()
        try:
            return Ticket.open(ticket, self.verifier.trust, firm_code, product_code)
        except TicketRefused:
            return self.lease(firm_code, product_code, **how)

    async def borrow(
        self,
        firm_code: int,
        product_code: int,
        *,
        hours: float,
        into: AnyPath,
        seats: int = 1,
        holder: HolderDocument | None = None,
        station: bytes | None = None,
        **asked: Unpack[Wished],
    ) -> GrantDocument:
        """Borrow seats for so many hours, and write the ticket to the file `into`; its key goes
        beside it first, so that whatever happens the same call finds the same loan again.

        The ticket is for this machine unless another `station` is given (b"": for any). Raises
        TicketRefused for a file that holds something else, ReceiptRefused, Refused or another
        ClientError; after OutcomeUnknown call it again.
        """
        self.home.check()
        wishes, seconds = wished(**asked), seconds_of(hours)
        verifier = self.verifier
        store = LoanStore(into)
        asking = Asked(
            borrower=b"",
            firm_code=firm_code,
            product_code=product_code,
            seconds=seconds,
            seats=seats,
            holder=fit(this_process() if holder is None else holder),
            station=this_machine(firm_code) if station is None else station,
            wishes=wishes,
        )
        seed = self.entropy(SEED_BYTES)
        key = await asyncio.to_thread(prepare, store, asking, seed)
        try:
            return await self._fetch(verifier, store, key, key.asked)
        except Refused as refusal:
            if refusal.reason != reasons.BORROW_ENDED or key.seed == seed:
                raise
        # What was asked for under the old key was granted, and is over: its ticket never came.
        await asyncio.to_thread(store.remove_key)
        key = await asyncio.to_thread(prepare, store, asking, seed)
        return await self._fetch(verifier, store, key, key.asked)

    async def extend(self, ticket: AnyPath, *, hours: float) -> GrantDocument:
        """Let what is borrowed last so many hours from now on: never less than before. The ticket's
        file is written anew. Raises as `borrow`."""
        self.home.check()
        verifier, store = self.verifier, LoanStore(ticket)
        key, file = await asyncio.to_thread(loan_in, store)
        asked = extension_of(key, file, seconds_of(hours))
        return await self._fetch(verifier, store, key, asked)

    async def give_back(self, ticket: AnyPath) -> None:
        """Give borrowed seats back before their end. From here on the ticket is of no use, whether
        the servers answer or not; if they do not (OutcomeUnknown), call it again. Raises
        TicketRefused for a file without a key, or a ClientError."""
        self.home.check()
        store = LoanStore(ticket)
        word = await asyncio.to_thread(returning, store)
        await self.bring_back(encode(word))
        await asyncio.to_thread(store.remove_ticket)

    async def borrow_for(self, request: bytes) -> bytes:
        """The ticket that answers a request file of a computer without a network. The same request
        gets the same loan again, however often it is brought. Raises as `borrow`."""
        self.home.check()
        asked = read_request(request)
        return (await self._lent(self.verifier, asked))[0]

    async def bring_back(self, word: bytes) -> None:
        """Bring what a return file says. What is back already is back. Raises TicketRefused or a
        ClientError."""
        self.home.check()
        found = read_return(word)
        try:
            await self.call(
                "POST",
                f"/v1/leases/{found.borrower.hex()}/return",
                DoneDocument,
                ReturnRequest(signature=found.signature),
            )
        except Refused as refusal:
            if refusal.reason not in _GONE:
                raise

    async def write_off(self, lease_id: str, why: str) -> DoneDocument:
        """Say that what is borrowed under this id (of `leases`) is lost, as an operator."""
        path = f"/v1/leases/{segment(lease_id)}/write-off"
        return await self.call("POST", path, DoneDocument, WriteOffRequest(why=why))

    async def borrowing(self) -> BorrowingDocument:
        """What operators decided about borrowing, and what is held back after a restore."""
        return await self.call("GET", "/v1/borrowing", BorrowingDocument)

    async def operate_borrowing(self, action: str, why: str) -> DoneDocument:
        """Decide about borrowing, as an operator: "uncertified-on", "uncertified-off",
        "all-known"."""
        request = BorrowingRequest(action=action, why=why)
        return await self.call("POST", "/v1/borrowing", DoneDocument, request)

    async def _fetch(
        self, verifier: ReceiptVerifier, store: LoanStore, key: KeyFile, asked: Asked
    ) -> GrantDocument:
        """Ask for it, and write down what is granted: the ticket, and from when time counts."""
        data, grant, sent_at_s = await self._lent(verifier, asked)
        assert grant.receipt is not None  # It was verified.
        log_ms = grant.receipt.log_time_ms
        seen = Seen(log_ms=log_ms, boot_id=boot_id(), boot_ms=int(sent_at_s * 1000))
        await asyncio.to_thread(store.write_ticket, data)
        await asyncio.to_thread(store.write_key, msgspec.structs.replace(key, seen=seen))
        return grant

    async def _lent(
        self, verifier: ReceiptVerifier, asked: Asked
    ) -> tuple[bytes, GrantDocument, float]:
        """The ticket that answers this, verified; what it grants; when it was asked for."""
        path = f"/v1/leases/{asked.borrower.hex()}/borrow"

        def make(left_s: float) -> Sent:
            nonce = self.entropy(NONCE_BYTES)
            data = self.maker.make("POST", path, asked.request(nonce), deadline_s=left_s)
            return Sent(data, nonce, self.now())

        words: tuple[FirmWordsDocument, ...] = ()
        for _ in range(_TIMES_ASKED_MAX):
            answer, sent = await self.engine.exchange(make)
            grant = read(answer, GrantDocument)
            words = tuple([await self._words(grant, at) for at in range(len(grant.lines))])
            for one in words:
                verifier.learn(one)
            if not verifier.lacking(grant):
                break
        verifier.verify(grant, wanted(asked, sent.nonce))
        serials = verifier.endorsers(grant)
        ticket = TicketFile(grant=grant, words=tuple(_needed(one, serials) for one in words))
        return encode(ticket), grant, sent.sent_at_s

    async def _words(self, grant: GrantDocument, at: int) -> FirmWordsDocument:
        """What the firm signed of the licence of this line."""
        query = urlencode(msgspec.structs.asdict(grant.keys[at]))
        return await self.call("GET", f"/v1/firm-words?{query}", FirmWordsDocument)


def _needed(words: FirmWordsDocument, serials: Collection[str]) -> FirmWordsDocument:
    """The words for those containers alone that endorse the grant: a ticket is short."""
    kept = tuple(one for one in words.words if one.serial in serials)
    return msgspec.structs.replace(words, words=kept)


# --- on this computer ---


def seconds_of(hours: float) -> int:
    """Hours as whole seconds. Raises ValueError for none."""
    seconds = round(hours * HOUR_S)
    if seconds < 1:
        raise ValueError("give more than 0 hours")
    return seconds


def prepare(store: LoanStore, asked: Asked, seed: bytes) -> KeyFile:
    """The key for this request, which is on the disk now. It is a new one of this seed, or the one
    that is there without a ticket: what came of its request is not known here, so whatever is asked
    for next is asked for under it, and no loan is out that nobody has the key of. Raises
    TicketRefused."""
    known = store.known_key()
    if known is not None and not known.returned:
        if store.has_ticket():
            raise TicketRefused(
                UNFINISHED, f"{store.path} has a ticket already: give it back, or name another file"
            )
        seed, holder = known.seed, known.asked.holder
        asked = msgspec.structs.replace(asked, holder=holder)
    key = KeyFile(seed=seed, asked=msgspec.structs.replace(asked, borrower=public_key(seed)))
    store.write_key(key)
    return key


def loan_in(store: LoanStore) -> tuple[KeyFile, TicketFile]:
    """The key and the ticket of what is borrowed there. Raises TicketRefused."""
    key = store.key()
    if key.returned:
        raise TicketRefused(RETURNED, f"what {store.path} was a ticket for was given back")
    return key, read_ticket(store.ticket())


def extension_of(key: KeyFile, file: TicketFile, seconds: int) -> Asked:
    """The signed request for more time. Raises TicketRefused."""
    receipt = file.grant.receipt
    if receipt is None:
        raise TicketRefused("no-receipt", "this ticket has no receipt: copy it again")
    end_ms = file.grant.ends_at_ms
    signature = extension_signature(key.seed, receipt.ledger_id, end_ms, seconds)
    return msgspec.structs.replace(
        key.asked, seconds=seconds, extends_ms=end_ms, signature=signature
    )


def returning(store: LoanStore) -> ReturnFile:
    """The signed word that it comes back. From here on it cannot be used here: the key is gone.
    Raises TicketRefused, also while a program uses it."""
    key = store.key()
    if not key.returned:
        _, file = loan_in(store)
        receipt = file.grant.receipt
        if receipt is None:
            raise TicketRefused("no-receipt", "this ticket has no receipt: copy it again")
        store.lock_all(file.grant.seats)
        try:
            word = return_signature(key.seed, receipt.ledger_id)
            key = msgspec.structs.replace(key, seed=b"", returned=word)
            store.write_key(key)
        finally:
            store.unlock()
    return ReturnFile(borrower=key.asked.borrower, signature=key.returned)
