"""What firms signed of their items, for clients that are to believe receipts of them.

A client asks once per item, or when a container's update changed; the trees that the answers are
cut from are kept for the firm items asked for last.
"""

from __future__ import annotations

from typing import Final

from appliance.licences.deltas import item_in
from appliance.licences.grants import canonical_item
from appliance.licences.model import Container, FirmWord, LicenceKey, ProductItem
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

    async def words(
        self, caller: Caller, firm_code: int, product_code: int, tmr_id: int
    ) -> FirmWordsDocument:
        """GET /v1/firm-words. Raises Refusal."""
        await self._host.orders.fence()
        return self.of(LicenceKey(firm_code, product_code, tmr_id))

    def of(self, key: LicenceKey) -> FirmWordsDocument:
        """What the firm signed of this licence, in the state that is known here. Raises Refusal."""
        licence = self._host.state.view.get(key)
        if licence is None or licence.item is None:
            raise Refusal("unknown-product", f"there is no licence {key} that two containers hold")
        found = [
            word
            for container in self._host.state.containers.values()
            if (word := self._word(container, key, licence.item)) is not None
        ]
        item = canonical_item(licence.item).decode()
        return FirmWordsDocument(firm_code=key.firm_code, item=item, words=tuple(found))

    def _word(
        self, container: Container, key: LicenceKey, item: ProductItem
    ) -> FirmWordDocument | None:
        """The firm's word that this container holds this item, None if it holds another or none."""
        firm = container.firm(key.firm_code)
        if firm is None or firm.word is None:
            return None
        if item_in(firm.items, key.product_code, key.tmr_id) != item:
            return None
        tree = self._tree(key.firm_code, firm.items, firm.word)
        position, path = tree.place(key.product_code, key.tmr_id)
        return FirmWordDocument(
            serial=container.serial,
            cmact_id=container.cmact_id,
            twin=container.twin,
            key_hash=key_hash(read_container_certificate(container.certificate)),
            sequence=firm.sequence,
            size=firm.word.size,
            position=position,
            path=path,
            signature=firm.word.signature,
            certificate=firm.word.certificate,
        )

    def _tree(self, firm_code: int, items: tuple[ProductItem, ...], word: FirmWord) -> ItemTree:
        known = self._trees.get((firm_code, word.root))
        if known is None:
            known = ItemTree(firm_code, items)
            self._trees.put((firm_code, word.root), known)
        return known
