"""What clients have seen of the ledger: told with each request, and proven if it is not here.

A request names the newest entry of which its client has a receipt. That is looked at once for each
connection in each term, and costs nothing else. Where the ledger here does not have that entry,
the answer asks for the receipt. Only the receipt counts: two of this ledger's containers endorsed
that entry, and an endorsement is given once the entry is durable, so two in one term are a proof
that it was committed (`ledger.membership.heads`). A client that makes something up gains nothing.

A client that meets two ledgers in turn shows a receipt of each. If the same containers endorsed the
other ledger's after that of the ledger here, which answers now, then both live: there are two
systems, of which one is a copy. A restore is none: after it the old ledger never answers again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from appliance.codec.health_documents import OtherSystemDocument
from appliance.codec.seen_documents import (
    SEEN_HEADER,
    SHOW_HEADER,
    SeenDocument,
    SeenRequest,
)
from appliance.details import detail
from appliance.ledger.election.terms import Term
from appliance.ledger.membership.heads import Head
from appliance.licences.loss import SEEN_BYTES_MAX
from appliance.licences.state import State
from appliance.services.http_connection import Scope
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.problems import Refusal
from appliance.verifier.documents import ReceiptDocument
from appliance.verifier.receipts import Verifier
from appliance.verifier.refusals import NotProven
from appliance.verifier.trust import SINGLE, Trust

HEADER: Final = SEEN_HEADER.encode()
SHOW: Final = (SHOW_HEADER.encode(), b"1")
_TEXT_MAX: Final = 64
_ASKED: Final = "tmr.seen"  # key in a connection's state: the term in which it was looked at

_encoder = msgspec.json.Encoder()


class SeenByClients:
    """Asks for receipts, and judges them. `root` is the licence root (DER), b"" if none is known;
    `boot_s` the boot clock."""

    def __init__(self, host: TmrHost, root: bytes, boot_s: Callable[[], float]) -> None:
        self._host = host
        # Whom it shows is of this ledger's own containers in any case.
        self._verifier = Verifier(Trust(root, redundancy=SINGLE)) if root else None
        self._boot_s = boot_s

    def doubts(self, scope: Scope, said: bytes) -> bool:
        """Whether the ledger here does not have what a request says its client has seen."""
        state: dict[str, Any] | None = scope.get("state")
        term = self._host.coordinator.term
        if state is None or term is None or state.get(_ASKED) is term:
            return False
        state[_ASKED] = term
        return self._host.serving and len(said) <= _TEXT_MAX and not self._is_here(said)

    def _is_here(self, said: bytes) -> bool:
        ledger, _, rest = said.decode("latin-1").partition("-")
        number, _, root = rest.partition("-")
        book = self._host.coordinator.book
        if ledger != book.state.ledger_id[:4].hex() or not number.isdecimal() or len(number) > 18:
            return True  # Of another ledger, or nothing that anybody would say.
        here = self._host.coordinator.heads.root_at(int(number))
        return here == b"" or (here is not None and here[:8].hex() == root)

    async def show(self, caller: Caller, request: SeenRequest) -> SeenDocument:
        """POST /v1/seen. Raises Refusal for a receipt that proves nothing here."""
        receipt, coordinator = request.receipt, self._host.coordinator
        data = _encoder.encode(request)
        if len(data) > SEEN_BYTES_MAX:
            raise Refusal("bad-request", detail("receipt-unfit"))
        await self._host.orders.fence()
        state = coordinator.book.state
        self._believe(state, receipt)
        if request.before is not None:
            return self._show_other(caller, state, receipt, request.before)
        if receipt.ledger_id != state.ledger_id:
            raise Refusal("bad-request", detail("receipt-of-another"))
        term = Term(receipt.term.counter, receipt.term.host, receipt.term.nonce)
        origin = state.origin.ledger_id
        data = _encoder.encode(receipt)
        head = Head(receipt.ledger_id, origin, term, receipt.index, receipt.log_root, data)
        taken = coordinator.heads.take(self._boot_s(), caller.client, head)
        return SeenDocument(lost=taken)

    def _show_other(
        self, caller: Caller, state: State, receipt: ReceiptDocument, before: ReceiptDocument
    ) -> SeenDocument:
        """Another ledger made `receipt` after the one here made `before`, and this one is alive."""
        self._believe(state, before)
        if before.ledger_id != state.ledger_id or receipt.ledger_id == state.ledger_id:
            raise Refusal("bad-request", detail("receipts-order"))
        if before.log_time_ms >= receipt.log_time_ms:
            return SeenDocument(lost=False)
        other = receipt.ledger_id.hex()
        self._host.overview.saw_other(
            OtherSystemDocument(ledger_id=other, index=receipt.index, seen_by=caller.client)
        )
        return SeenDocument(lost=False, other_system=True)

    def _believe(self, state: State, receipt: ReceiptDocument) -> None:
        """As many containers of the ledger here as it takes endorsed this. Raises Refusal."""
        known = {container.certificate for container in state.containers.values()}
        needed = self._host.coordinator.peers.needed
        if sum(one.certificate in known for one in receipt.endorsements) < needed:
            raise Refusal("bad-request", detail("receipt-not-endorsed"))
        if self._verifier is None:
            raise Refusal("bad-request", detail("receipt-unfit"))
        try:
            self._verifier.verify_batch(receipt)
        except NotProven as why:
            raise Refusal("bad-request", detail("receipt-unproven", said=why.detail)) from None
