"""What firms signed of their items, for clients that are to believe receipts of them.

A client asks once per item, or when a container's update changed; the trees that the answers are
cut from are kept for the firm items asked for last. What can go wrong in here is a firm with very
many items, whose tree takes seconds: it is made in a thread, so that heartbeats go on meanwhile,
and the next one of that firm from what this one has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final

from appliance.details import detail
from appliance.licences.deltas import item_in
from appliance.licences.grants import canonical_item
from appliance.licences.model import Container, FirmItem, FirmWord, LicenceKey
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.problems import Refusal
from appliance.verifier.certificates import read_container_certificate
from appliance.verifier.documents import FirmWordDocument, FirmWordsDocument
from appliance.verifier.recent import Recent
from appliance.verifier.words import ItemTree, key_hash

TREES_MAX: Final = 16


class Words:
    """The route of one TMR host that shows what firms signed."""

    def __init__(self, host: TmrHost) -> None:
        self._host = host
        self._trees: Recent[tuple[int, bytes], ItemTree] = Recent(TREES_MAX)
        self._last: Recent[int, ItemTree] = Recent(TREES_MAX)
        self._making = asyncio.Lock()

    async def words(
        self, caller: Caller, firm_code: int, product_code: int, tmr_id: int
    ) -> FirmWordsDocument:
        """GET /v1/firm-words. Raises Refusal."""
        await self._host.orders.fence()
        key = LicenceKey(firm_code, product_code, tmr_id)
        if self._lacking(key) is not None:
            async with self._making:
                while (lacking := self._lacking(key)) is not None:
                    firm, word = lacking
                    last = self._last.get(firm_code)
                    tree = await asyncio.to_thread(ItemTree, firm_code, firm.items, last)
                    self._keep(firm_code, word, tree)
        return self.of(key)

    def of(self, key: LicenceKey) -> FirmWordsDocument:
        """What the firm signed of this licence, in the state that is known here. Raises Refusal."""
        licence = self._host.state.view.get(key)
        if licence is None or licence.item is None:
            raise Refusal("unknown-product", detail("licence-not-held", licence=key))
        found = tuple(
            self._word(container, key, firm, word) for container, firm, word in self._holding(key)
        )
        item = canonical_item(licence.item).decode()
        return FirmWordsDocument(firm_code=key.firm_code, item=item, words=found)

    def _holding(self, key: LicenceKey) -> Iterator[tuple[Container, FirmItem, FirmWord]]:
        """The containers that hold this licence's item, and the firm's word there."""
        state = self._host.state
        licence = state.view.get(key)
        if licence is None or licence.item is None:
            return
        for container in state.containers.values():
            firm = container.firm(key.firm_code)
            if firm is None or firm.word is None:
                continue
            if item_in(firm.items, key.product_code, key.tmr_id) == licence.item:
                yield container, firm, firm.word

    def _lacking(self, key: LicenceKey) -> tuple[FirmItem, FirmWord] | None:
        """A firm item whose tree is to be made before this licence's words can be cut from it."""
        for _, firm, word in self._holding(key):
            if self._trees.get((key.firm_code, word.root)) is None:
                return firm, word
        return None

    def _word(
        self, container: Container, key: LicenceKey, firm: FirmItem, word: FirmWord
    ) -> FirmWordDocument:
        tree = self._tree(key.firm_code, firm, word)
        position, path = tree.place(key.product_code, key.tmr_id)
        return FirmWordDocument(
            serial=container.serial,
            cmact_id=container.cmact_id,
            twin=container.twin,
            key_hash=key_hash(read_container_certificate(container.certificate)),
            sequence=firm.sequence,
            size=word.size,
            position=position,
            path=path,
            signature=word.signature,
            certificate=word.certificate,
        )

    def _tree(self, firm_code: int, firm: FirmItem, word: FirmWord) -> ItemTree:
        known = self._trees.get((firm_code, word.root))
        if known is None:
            known = ItemTree(firm_code, firm.items, self._last.get(firm_code))
            self._keep(firm_code, word, known)
        return known

    def _keep(self, firm_code: int, word: FirmWord, tree: ItemTree) -> None:
        self._trees.put((firm_code, word.root), tree)
        self._last.put(firm_code, tree)
