"""The verdict on a period: which gaps and ends count against it, and what is kept meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from appliance.ledger.certificates.receipts import Endorsement
from appliance.ledger.log.results import decode_result
from appliance.ledger.messages import Recorded, decode_body
from appliance.licences.commands import CertifyTime, Outcome
from appliance.licences.model import CertifiedStatement
from appliance.licences.reasons import DONE
from appliance.licences.refusals import StatementRefused
from appliance.usage import verifying
from appliance.usage.calendar import DAY_MS, LAST_MS
from appliance.usage.figures import UsageGap
from appliance.usage.proof import Batch, endorsed
from appliance.usage.verifying import Verdict, Verification
from appliance.verifier.layouts import anchor_of
from tests.unit.usage.record import CONTAINERS, lived


def record(name: str = "up1") -> list[Recorded]:
    return list(lived().upstreams[name].recorded())


def others() -> list[Endorsement]:
    return list(endorsed(record("up2")))


def at_ms(index: int) -> int:
    return decode_body(record()[index - 1].entry.body).log_time_ms


def verdict(kept: Sequence[Recorded | UsageGap], from_ms: int = 0, to_ms: int = LAST_MS) -> Verdict:
    """On this record."""
    verification = Verification(from_ms, to_ms)
    for one in kept:
        if isinstance(one, UsageGap):
            verification.gap(one)
        else:
            verification.feed(one)
    return verification.verdict(others(), CONTAINERS)


def test_the_whole_is_complete() -> None:
    found = verdict(record())
    assert (found.complete, found.why_not, found.first) == (True, "", 1)
    assert found.last == found.proven_to == len(record())


def test_what_is_missing_before_the_period_does_not_count() -> None:
    part: list[Recorded | UsageGap] = [UsageGap(1, 5), *record()[5:]]
    assert "entries from 1 to 5 any more" in verdict(part).why_not
    later = next(at_ms(n) for n in range(8, len(record())) if at_ms(n) > at_ms(7))
    found = verdict(part, from_ms=later)
    assert (found.complete, found.gaps, found.begins_at) == (True, (), 7)


def test_what_is_missing_within_the_period_counts_and_ends_what_is_proven_before() -> None:
    kept: list[Recorded | UsageGap] = [*record()[:6], UsageGap(7, 8), *record()[8:]]
    found = verdict(kept)
    assert not found.complete and found.gaps == (UsageGap(7, 8),)


def test_what_is_missing_behind_the_period_does_not_count() -> None:
    until = at_ms(len(record()) - 2)
    at = next(n for n in range(1, len(record())) if at_ms(n) >= until)
    kept: list[Recorded | UsageGap] = [*record()[:at], UsageGap(at + 1, at + 1)]
    found = verdict([*kept, *record()[at + 1 :]], to_ms=until)
    assert found.complete and found.last < at and found.proven_to == at


def test_a_break_is_named_and_nothing_behind_it_is_read() -> None:
    kept = record()
    kept[6] = Recorded(kept[6].entry, kept[7].result)
    verification = Verification()
    for one in kept:
        verification.feed(one)
    found = verification.verdict(others(), CONTAINERS)
    assert verification.broken and found.broken_at == 7 and "entry 7" in found.why_not


def test_one_container_is_not_enough() -> None:
    verification = Verification()
    for one in record():
        verification.feed(one)
    assert "two containers signed" in verification.verdict((), CONTAINERS).why_not
    assert "two containers signed" in verification.verdict(others(), CONTAINERS[:1]).why_not


def test_a_time_without_an_entry_is_not_proven() -> None:
    assert "no entry of this time" in verdict(record(), from_ms=LAST_MS - 1).why_not


def shown(verification: Verification, at: int, time_ms: int) -> None:
    """A container shows that a time server answered it over that entry."""
    last = verification._chain.last
    assert last is not None
    anchor = anchor_of(last.log_root, last.history_root)
    data = msgspec.msgpack.encode((anchor, time_ms))
    result = decode_result(record()[at].result)
    result = msgspec.structs.replace(result, outcomes=(Outcome(DONE),))
    body = decode_body(record()[at].entry.body)
    verification._note(Batch(at, body, (CertifyTime(data, ""),), result))


def read(data: bytes) -> CertifiedStatement:
    try:
        anchor, time_ms = msgspec.msgpack.decode(data, type=tuple[bytes, int])
    except msgspec.MsgspecError as error:
        raise StatementRefused(str(error)) from None
    return CertifiedStatement(
        serial="", certificate=b"", anchor=anchor, time_ms=time_ms, accuracy_ms=0
    )


def test_each_day_has_one_anchor() -> None:
    verification = Verification(read=read)
    for at, one in enumerate(record()):
        verification.feed(one)
        shown(verification, at, at * DAY_MS // 2)
    found = verification.verdict(others(), CONTAINERS).anchors
    assert [anchor.time_ms // DAY_MS for anchor in found] == list(range(len(record()) // 2))
    assert found[1].index == 3


def test_only_the_newest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "STATEMENTS_KEPT", 3)
    monkeypatch.setattr(verifying, "ANCHORS_KEPT", 2)
    verification = Verification(read=read)
    for at, one in enumerate(record()):
        verification.feed(one)
        shown(verification, at, at * DAY_MS)
    assert len(verification._statements) == len(verification._own) == 3
    found = verification.verdict(others(), CONTAINERS)
    assert found.complete and len(found.anchors) == 2
