"""What was committed before disks were put back: whoever still holds it may say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from appliance.ledger.certificates.proofs import CommitProof
from appliance.ledger.effects import Committed
from appliance.ledger.log.book import Applied
from appliance.ledger.membership.heads import Head


@dataclass(frozen=True, slots=True)
class Gone:
    """Roots and outcomes of that log; empty if nothing was put back."""

    roots: Sequence[bytes] = ()
    outcomes: Sequence[Applied] = ()

    def has(self, index: int, root: bytes) -> bool:
        """Whether this entry was committed then."""
        return 0 < index <= len(self.roots) and self.roots[index - 1] == root

    def known_by(self, proofs: Iterable[Head | CommitProof | None]) -> int:
        """The newest of these entries that one of the proofs is of: 0 for none."""
        heads = [one for one in proofs if one is not None and self.has(one.index, one.root)]
        return max((one.index for one in heads), default=0)

    def says(self, effect: Committed) -> bool:
        """Whether that entry had these commands and outcomes."""
        then = self.outcomes[effect.index - 1 : effect.index]
        return any((effect.commands, effect.outcomes) == (x.commands, x.outcomes) for x in then)


NOTHING_GONE = Gone()
