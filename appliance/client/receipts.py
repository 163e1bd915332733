"""The verifier as a client calls it: what is not proven is an error of this library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from appliance.client.errors import ReceiptRefused
from appliance.verifier.documents import FirmWordsDocument, GrantDocument, ReceiptDocument
from appliance.verifier.receipts import Verifier, Wanted
from appliance.verifier.refusals import NotProven


class ReceiptVerifier(Verifier):
    """`verifier.receipts.Verifier`; raises ReceiptRefused."""

    def verify(self, grant: GrantDocument, wanted: Wanted) -> None:
        """Believe this grant, or raise ReceiptRefused."""
        with _refused():
            super().verify(grant, wanted)

    def verify_batch(self, receipt: ReceiptDocument) -> None:
        """Check only that the batch is endorsed by whom it takes, or raise ReceiptRefused."""
        with _refused():
            super().verify_batch(receipt)

    def learn(self, document: FirmWordsDocument) -> None:
        """Keep what a firm signed of one of its items, or raise ReceiptRefused."""
        with _refused():
            super().learn(document)


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except NotProven as trouble:
        raise ReceiptRefused(trouble.reason, trouble.detail) from trouble
