"""The proof of a record: real replicas made it, and one changed bit of it is found."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from appliance.ledger.certificates.receipts import Endorsement
from appliance.ledger.log.results import Result, decode_result
from appliance.ledger.messages import EntryBody, Recorded, decode_body, encode_body
from appliance.usage.proof import Break, Chain, endorsed, is_proven, vouching
from appliance.usage.rows import rows_of
from appliance.usage.verifying import Verification
from appliance.verifier.layouts import anchor_of
from tests.unit.services.tmr.world import UPSTREAMS, World, run
from tests.unit.usage.record import CONTAINERS, lived

encode = msgspec.msgpack.encode


def record(name: str = "up1") -> list[Recorded]:
    """All of an upstream's record."""
    return list(lived().upstreams[name].recorded())


def followed(kept: list[Recorded]) -> Chain:
    """The chains at the end of it."""
    chain = Chain()
    for one in kept:
        chain.feed(one)
    return chain


def voices(*names: str) -> list[Endorsement]:
    """All endorsements that these upstreams made."""
    return [voice for name in names for voice in endorsed(record(name))]


def test_a_whole_record_is_proven_by_two_containers() -> None:
    chain = followed(record())
    assert chain.last is not None and chain.statement is not None
    assert (chain.begins_at, chain.last.index) == (1, len(record()))
    by = vouching(voices("up1", "up2"), CONTAINERS)
    assert is_proven(chain.statement, by)
    assert not is_proven(chain.statement, vouching(voices("up1"), CONTAINERS))
    assert not is_proven(chain.statement, vouching(voices("up1", "up2"), CONTAINERS[2:]))


def test_each_upstream_has_the_same_record_but_for_who_signed() -> None:
    def plain(one: Recorded) -> tuple[bytes, Result]:
        result = decode_result(one.result)
        return one.entry.body, msgspec.structs.replace(result, endorsement=None)

    records = [[plain(one) for one in record(name)] for name in UPSTREAMS]
    shortest = min(map(len, records))
    assert shortest > 10
    assert records[0][:shortest] == records[1][:shortest] == records[2][:shortest]


def test_the_other_host_taking_over_is_an_outage() -> None:
    hosts = [(one.host_before, one.host_after) for one in followed(record()).outages]
    assert ("tmr1", "tmr2") in hosts


def changed_outcome(one: Recorded) -> Recorded:
    result = decode_result(one.result)
    outcomes = tuple(msgspec.structs.replace(o, seats=o.seats + 1) for o in result.outcomes)
    return Recorded(one.entry, encode(msgspec.structs.replace(result, outcomes=outcomes)))


def unsigned(one: Recorded) -> Recorded:
    result = decode_result(changed_outcome(one).result)
    return Recorded(one.entry, encode(msgspec.structs.replace(result, endorsement=None)))


def changed_time(one: Recorded) -> Recorded:
    body = decode_body(one.entry.body)
    other = EntryBody(body.log_time_ms + 1, body.times, body.commands)
    entry = msgspec.structs.replace(one.entry, body=encode_body(other))
    return Recorded(entry, one.result)


def recounted(one: Recorded) -> Recorded:
    result = decode_result(one.result)
    more = msgspec.structs.replace(result, commands_applied=result.commands_applied + 1)
    return Recorded(one.entry, encode(more))


@pytest.mark.parametrize("at", [3, 7, -2])
@pytest.mark.parametrize(
    "lie", [changed_outcome, unsigned, changed_time, recounted], ids=lambda lie: lie.__name__
)
def test_whatever_is_changed_breaks_the_record_there_or_where_it_is_signed_next(lie, at) -> None:
    kept = record()
    kept[at] = lie(kept[at])
    first = kept[at].entry.index
    with pytest.raises(Break) as broken:
        followed(kept)
    assert broken.value.index in (first, first + 1)


def test_what_is_left_out_is_named() -> None:
    kept = record()
    with pytest.raises(Break, match="entry 5: entries 5 to 6 are missing"):
        followed(kept[:4] + kept[6:])
    with pytest.raises(Break, match="comes twice"):
        followed(kept[:4] + kept[3:])


def test_a_result_that_is_none_is_named() -> None:
    kept = record()
    kept[2] = Recorded(kept[2].entry, b"")
    with pytest.raises(Break, match="entry 3: what came of it cannot be read"):
        followed(kept)


def test_a_record_without_its_beginning_is_proven_from_its_second_entry_on() -> None:
    whole, part = followed(record()), followed(record()[5:])
    assert part.begins_at == record()[6].entry.index
    assert part.statement == whole.statement
    assert part.last == whole.last


def test_an_end_that_only_one_of_them_signed_proves_nothing() -> None:
    """The last endorsement is made up: its own chain is sound, but no other container says so."""
    kept = record()
    kept[-1] = unsigned(kept[-1])
    chain = followed(kept)
    assert chain.statement is not None and chain.last is not None
    assert chain.statement.index < chain.last.index


def test_what_a_time_server_was_shown_is_found_in_the_record() -> None:
    chain = followed(record())
    last = chain.last
    assert last is not None
    assert chain.anchored(anchor_of(last.log_root, last.history_root)) == last.index
    assert chain.anchored(bytes(32)) is None
    state = lived().upstreams["up1"].replica.book.state
    assert chain.anchored(state.anchor) is not None


def test_case_25_fifty_that_never_return_expire_and_it_is_proven() -> None:
    """The active host loses its power with fifty leases, and no client comes back."""
    worlds: list[World] = []

    async def test(world: World) -> None:
        for number in range(50):
            assert (await world.check_out(f"lease-{number}")).status == 201
        world.kill_host("tmr1")
        world.give_address("tmr2")
        book = world.upstreams["up1"].replica.book
        assert len(book.state.leases) == 50
        world.advance(60)
        world.until(lambda: not book.state.leases, "all leases to lapse")
        world.advance(1)
        worlds.append(world)

    run(test, quantity=50)
    (world,) = worlds
    kept = world.upstreams["up1"].recorded()
    verification = Verification()
    ends: Counter[str] = Counter()
    for one in kept:
        verification.feed(one)
        body, result = decode_body(one.entry.body), decode_result(one.result)
        ends.update(row.kind for row in rows_of(one.entry.index, body, result))
    assert ends == {"granted": 50, "expired": 50}
    others = endorsed(world.upstreams["up2"].recorded())
    verdict = verification.verdict(others, CONTAINERS)
    assert verdict.complete, verdict.why_not
    assert [one.host_after for one in verdict.outages][-1] == "tmr2"
