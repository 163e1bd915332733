"""How far an upstream knows that others have come (design D1).

Nobody leads it further above its own term than `terms.counter_max` allows. But a term that two
stores promised, by their signed vows, is one where two are, whoever shows them. What can go wrong
in here is a single store's word that counts for two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from appliance.ledger.proofs import VerifyStore, Vow, is_won


class Reached:
    """The highest counter of a term that two stores promised, as far as was shown; 0 at first."""

    def __init__(self, counts: Callable[[bytes], bool], verify: VerifyStore) -> None:
        """`counts` tells whether a store's word is to be believed here."""
        self._counts = counts
        self._verify = verify
        self.counter = 0

    def promised(self, vows: Sequence[Vow]) -> None:
        """Note these vows; those that do not hold, or of which one alone names a term, change
        nothing."""
        for term in {vow.term for vow in vows if vow.term.counter > self.counter}:
            if is_won(term, vows, self._counts, self._verify):
                self.counter = max(self.counter, term.counter)
