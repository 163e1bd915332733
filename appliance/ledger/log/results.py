"""What came of an entry, as an upstream keeps it beside the entry: the usage record rests on it.

Commands are in the log, but what they led to is only in the state; and who reads the log years
later has neither that state nor the release that made it. So each upstream stores, in the entry's
own transaction, the outcomes that it computed, and its container's endorsement of them. Outcomes
lead to the batch's outcome root, roots to history roots, and these are endorsed (design D3): so
whoever holds a stretch of entries with their results can prove it without running a machine.

What can go wrong in here is a result that says more than what was signed: an outcome's words for
people are signed by nobody, so they are left out.
"""

from __future__ import annotations

from typing import Final

import msgspec

from appliance.ledger.certificates.receipts import Endorsement
from appliance.ledger.election.terms import Count
from appliance.ledger.log.book import Applied
from appliance.licences.commands import Outcome


class Result(msgspec.Struct, frozen=True, array_like=True):
    """The outcome of each command of an entry, in order; how many commands the ledger had applied
    after it; and this upstream's endorsement, if it made one: nobody endorses what was fetched."""

    outcomes: tuple[Outcome, ...]
    commands_applied: Count
    endorsement: Endorsement | None


_encode: Final = msgspec.msgpack.Encoder().encode
decode_result: Final = msgspec.msgpack.Decoder(Result).decode
"""The result in these bytes. Raises msgspec.DecodeError, ValueError if they hold none."""


def result_bytes(applied: Applied, endorsement: Endorsement | None) -> bytes:
    """What is kept of an entry that was applied."""
    outcomes = tuple(
        msgspec.structs.replace(outcome, said=None) if outcome.said else outcome
        for outcome in applied.outcomes
    )
    return _encode(Result(outcomes, applied.commands_applied, endorsement))
