"""A state that was dumped and loaded is the same state, and what is no snapshot is refused."""

from __future__ import annotations

import struct
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from appliance.licences import commands as c
from appliance.licences import snapshot, tables
from appliance.licences.access.form import MAX
from appliance.licences.binding import NO_EVIDENCE
from appliance.licences.borrow_book import RETURNED
from appliance.licences.carry_over import intent_of
from appliance.licences.item import BorrowTerms
from appliance.licences.members import Member, Membership, Replacement
from appliance.licences.model import Blocked, BlockList, LicenceKey
from appliance.licences.modes import STATION_SHARE
from appliance.licences.records import Bound, Delivery, Loss, Supported
from appliance.licences.snapshot import Loader, SnapshotRefused, digest, dump, dump_in_slices, load
from appliance.licences.state import TOMBSTONE_MS, State
from appliance.licences.tables import Kind
from appliance.licences.wishes import Wishes
from tests.unit.licences.access_rules import form, rule, rule_set
from tests.unit.licences.builders import (
    FIRM,
    HOLDER,
    KEY,
    NOW_MS,
    check_out,
    founded,
    give_back,
    import_of,
    product,
    update_of,
)
from tests.unit.licences.test_machine_properties import ITEMS, RUNS, aimed, check_invariants


def dumped(state: State) -> tuple[bytes, ...]:
    """All chunks."""
    return tuple(dump(state))


def test_every_table_is_declared_with_a_type_that_a_snapshot_can_hold():
    for name in tables.TABLES:
        assert isinstance(getattr(State(), name), dict), name
    assert not hasattr(State(), "__dict__"), "a state has nothing but what is declared"


def test_a_fingerprint_covers_every_attribute():
    empty = State().fingerprint()
    for row in tables.DECLARED:
        state = State()
        if row.kind is Kind.SINGLE:
            setattr(state, row.name, "changed")
        else:
            setattr(state, row.name, {"key": "value"})
        assert state.fingerprint() != empty, row.name


def test_every_attribute_comes_back():
    lent = product(product_code=23, borrow_max_s=9)
    placed = product(product_code=22, modes=(STATION_SHARE,), linger_s=60, lease_ttl_s=60)
    queued = product(product_code=24, quantity=1)
    desk = founded(*ITEMS, placed, lent, queued)
    grant = desk.do(check_out())
    desk.check_in(grant.generation)
    desk.wait(TOMBSTONE_MS)
    shared: dict[str, Any] = {"product_code": 22, "wishes": Wishes(mode=STATION_SHARE)}
    assert desk.do(check_out("shared", station=bytes(16), **shared)).ok
    lingers = desk.do(check_out("lingers", station=b"another station!", **shared))
    desk.check_in(lingers.generation, "lingers")
    for lease_id in ("one", "two"):
        grant = desk.do(check_out(lease_id))
        assert desk.consume(grant.generation, 1, lease_id=lease_id).ok
    desk.check_in(grant.generation, "two")
    assert desk.do(c.Refund(desk.state.newest_taking, 1, "olga", "jammed")).ok
    desk.do(c.Enrol("a", b"h", "olga", "why"))
    desk.do(c.Operate("maintenance-on", "tmr1", "olga", "why"))
    desk.do(c.Dismiss("A1", "eve", "client", 0, "B2", "olga", "stolen"))
    desk.do(c.Limit(FIRM, 20, 5, "olga", "shared"))
    for act in ("uncertified-on", "all-known"):
        assert desk.do(c.OperateBorrowing(act, "olga", "no time server")).ok
    for number in (1, 2):
        loan = c.Borrow("cert:ada", bytes([number]) * 32, FIRM, 23, 9, HOLDER, b"n")
        assert desk.do(loan).ok
    desk.state.end_borrowed(next(iter(desk.state.borrowed.values())), RETURNED)
    limited = form(rule_set(rule(MAX, seats=9)))
    assert desk.do(c.SetAccess(0, limited, "olga", "enough")).ok
    denied = (FIRM, 20, "no-seat-free", c.Holder())
    assert desk.do(c.OpenDenial("cert:eve", *denied)).ok
    assert desk.do(c.SetQueue(2, 20, "olga", "in turn")).ok
    for lease_id in ("has it", "is next", "waits"):
        desk.do(check_out(lease_id, "cert:eve", product_code=24, wait_s=60))
    give_back(desk, "has it", "cert:eve")
    desk.state.enter(8)
    desk.do(c.EraseName(bytes(16), "olga", "he asked for it"))
    desk.state.names_key_hash = bytes([6]) * 32
    blocked = Blocked("130-12345673", "7f", "lost")
    desk.state.set_block_list(
        BlockList(number=2, this_update_s=1, next_update_s=9, blocked=(blocked,), data=b"crl")
    )
    desk.state.set_certified("130-12345671", NOW_MS, NOW_MS - 5)
    desk.state.set_anchor(bytes([8]) * 32, NOW_MS - 5, ())
    member = Member("up1", bytes(32), 1)
    replacement = Replacement("up2", b"o" * 32, b"n" * 32, 7)
    desk.state.set_membership(Membership((member,), (b"f" * 32,), replacement, 3))
    desk.state.enter(9)
    desk.state.set_support("tmr1", Supported(2, 9))
    desk.state.set_delivery(("130-00000001", FIRM), Delivery(2, b"file"))
    desk.state.set_binding("130-00000001", Bound(3, NO_EVIDENCE, 5, "disks"))
    desk.state.extend_history(bytes([7]) * 32)
    desk.state.set_loss(Loss(9, bytes([6]) * 32, 8, b"k" * 16))
    restored = intent_of(desk.state, bytes(32), NOW_MS, "olga", "lost").restored
    assert restored is not None
    desk.state.carry(replace(restored, borrowed=()), desk.state.commands_applied, ())
    desk.state.remember_terms(KEY, BorrowTerms(3, 9))
    loaded, fresh = load(dump(desk.state)), State()
    names = {row.name for row in tables.DECLARED}
    for name in names:
        assert getattr(loaded, name) == getattr(desk.state, name), name
    assert not {name for name in names if getattr(loaded, name) == getattr(fresh, name)}
    assert loaded.containers["130-12345673"].locked


@settings(max_examples=80)
@given(RUNS, RUNS, st.sampled_from([150, 1 << 20]))
def test_a_loaded_state_is_the_same_and_does_the_same(before, after, chunk_bytes):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshot, "_PART_BYTES", chunk_bytes)
        original, loaded = founded(*ITEMS), founded(*ITEMS)
        for (command, aim), step_ms in before:
            original.now_ms += step_ms
            original.do(aimed(original.state, command, aim))
        chunks = dumped(original.state)
    loaded.state = load(chunks)
    loaded.now_ms = original.now_ms
    assert loaded.state.fingerprint() == original.state.fingerprint()
    original.state.take_changes()
    fingerprint = original.state.fingerprint()
    for (drawn, aim), step_ms in after:
        original.now_ms += step_ms
        loaded.now_ms += step_ms
        command = aimed(original.state, drawn, aim)
        assert loaded.do(command) == original.do(command)
        assert loaded.state.fingerprint() == original.state.fingerprint()
        check_invariants(loaded.state)
    assert dumped(loaded.state) == dumped(original.state)
    loaded.state.revert(loaded.state.take_changes())
    assert loaded.state.fingerprint() == fingerprint, "undone"
    assert dumped(loaded.state) == dumped(load(chunks))


@settings(max_examples=80)
@given(RUNS, RUNS)
def test_the_history_does_not_show(astray, run):
    straight, winding = founded(*ITEMS), founded(*ITEMS)
    winding.state.take_changes()
    for (command, aim), step_ms in astray:
        winding.now_ms += step_ms
        winding.do(aimed(winding.state, command, aim))
    winding.state.revert(winding.state.take_changes())
    straight.now_ms = winding.now_ms = NOW_MS
    for (drawn, aim), step_ms in run:
        straight.now_ms += step_ms
        winding.now_ms += step_ms
        command = aimed(straight.state, drawn, aim)
        straight.do(command)
        winding.do(command)
    assert straight.state.fingerprint() == winding.state.fingerprint()
    assert dumped(straight.state) == dumped(winding.state)


def test_an_empty_state_has_one_chunk():
    (chunk,) = dumped(State())
    assert load([chunk]).fingerprint() == State().fingerprint()


def big() -> Any:
    """A ledger whose snapshot has several chunks, one record of it longer than a chunk."""
    desk = founded(*ITEMS)
    items = [product(product_code=n, text="x" * 250) for n in range(1, 4_001)]
    for firm_code in (9, 10):
        assert desk.do(import_of(update_of(1, *items, firm_code=firm_code))).ok
    for number in range(3_000):
        desk.do(c.CheckOut(c.LeaseRef("cert:a", f"{number}" * 30), FIRM, 21, b"s", c.Holder(), b""))
        desk.do(c.Enrol(f"client {number}", bytes(32), "olga", ""))
    return desk


def test_a_large_state_makes_bounded_chunks_and_may_change_meanwhile():
    desk = big()
    fingerprint, at_once = desk.state.fingerprint(), dumped(desk.state)
    assert len(at_once) > 2
    assert all(len(chunk) <= snapshot.CHUNK_BYTES_MAX for chunk in at_once)
    slowly, chunks = dump(desk.state), []
    for chunk in slowly:
        chunks.append(chunk)
        assert desk.do(c.Enrol("client 0", b"", "olga", "")).ok
        assert desk.do(import_of(update_of(1, sequence=2 + len(chunks) - 1, firm_code=9))).ok
    assert tuple(chunks) == at_once
    assert load(chunks).fingerprint() == fingerprint
    assert digest(chunks[-1]) == digest(at_once[-1]) != digest(dumped(desk.state)[-1])


# --- what is refused ---


@pytest.fixture(scope="module")
def chunks() -> tuple[bytes, ...]:
    return dumped(big().state)


def small() -> tuple[bytes, ...]:
    """A short snapshot of several chunks."""
    desk = founded(*ITEMS)
    desk.do(check_out())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshot, "_PART_BYTES", 300)
        return dumped(desk.state)


def test_a_snapshot_cut_short_or_mixed_up_is_refused(chunks):
    other = dumped(founded(*ITEMS).state)
    for number in range(len(chunks)):
        with pytest.raises(SnapshotRefused, match=f"is cut short: it ends after {number} chunks"):
            load(chunks[:number])
    for wrong, what in (
        ((*chunks, chunks[-1]), "comes after its last one"),
        ((chunks[1], chunks[0], *chunks[2:]), "Chunk 0 does not follow on the one before"),
        ((chunks[0], *chunks[2:]), "Chunk 1 does not follow on the one before"),
        ((*chunks[:-1], other[0]), "does not follow on the one before"),
        ((chunks[0][:-1], *chunks[1:]), "Chunk 0 of the snapshot is not as it was written"),
        ((chunks[0] + b"x", *chunks[1:]), "Chunk 0 of the snapshot has"),
    ):
        with pytest.raises(SnapshotRefused, match=what):
            load(wrong)


@pytest.mark.parametrize("foreign", [b"", b"hello", b"\x00" * 100, b"TMRSTAT1", b"TMRSTAT2" * 20])
def test_what_is_no_snapshot_is_refused(foreign):
    with pytest.raises(SnapshotRefused):
        load([foreign])


def test_every_flipped_bit_is_noticed():
    chunks = small()
    assert len(chunks) > 3
    for number, chunk in enumerate(chunks):
        for position in range(len(chunk)):
            spoilt = bytearray(chunk)
            spoilt[position] ^= 1 << position % 8
            with pytest.raises(SnapshotRefused):
                load([*chunks[:number], bytes(spoilt), *chunks[number + 1 :]])


def sealed(*records: object) -> tuple[bytes, ...]:
    """Sound chunks around these records."""
    chunks = snapshot._chunks(msgspec.msgpack.encode(record) for record in records)
    return tuple(chunk for chunk in chunks if chunk is not None)


def everything(**changes: list[Any]) -> list[object]:
    """The records of an empty state, with other rows in some sections."""
    scalars = [(name, getattr(State(), name)) for name in tables.SCALARS]
    scalars.sort(key=lambda row: msgspec.msgpack.encode(row[0]))
    records: list[object] = []
    for name in ("scalars", *tables.TABLES):
        rows = changes.get(name, scalars if name == "scalars" else [])
        records += [(name, len(rows)), *rows]
    return records


@pytest.mark.parametrize(
    ("records", "what"),
    [
        (everything(scalars=[("colour", 1)]), "holds 'colour', which this program does not know"),
        (everything(scalars=[("age_ms", "x")]), "holds what it should not"),
        (everything(clients=[("b", b""), ("a", b"")]), "rows of 'clients' in the snapshot are out"),
        (everything(clients=[("a", b""), ("a", b"")]), "rows of 'clients' in the snapshot are out"),
        (everything(clients=[(1, b"")]), "holds what it should not"),
        (everything(leases=[("a", b"")]), "holds what it should not"),
        ([*everything(), ("colours", 0)], "goes on after its end"),
        (everything()[:-1], "holds less than it should"),
        ([("clients", 0)], "holds 'clients' in the place of 'scalars'"),
        ([], "holds less than it should"),
        (everything(clients=[("a", b"")])[:-1], "holds less than it should"),
    ],
)
def test_sound_chunks_with_something_else_in_them_are_refused(records, what):
    with pytest.raises(SnapshotRefused, match=what):
        load(sealed(*records))
    assert load(sealed(*everything())).fingerprint() == State().fingerprint()


def test_a_record_that_ends_with_the_snapshot_is_refused():
    body = struct.pack(">8sIBI32s", b"TMRSTAT2", 0, 1, 0, bytes(32)) + struct.pack(">I", 99) + b"x"
    with pytest.raises(SnapshotRefused, match="ends within a record"):
        load([body + sha256(body).digest()])


def test_seats_are_counted_again(chunks):
    state = load(chunks)
    key = LicenceKey(FIRM, 21, 1)
    assert state.in_use(key) == 1 == len(list(state.active_leases()))


def test_a_large_table_is_dumped_in_slices_with_the_same_result(monkeypatch):
    desk = founded(*ITEMS)
    for number in range(40):
        desk.do(c.Enrol(f"client {number}", b"h", "olga", "why"))
    at_once = dumped(desk.state)
    monkeypatch.setattr(snapshot, "SLICE_ROWS", 3)
    sliced = list(dump_in_slices(desk.state))
    assert tuple(chunk for chunk in sliced if chunk is not None) == at_once
    breaths = sum(chunk is None for chunk in sliced)
    assert breaths >= 2 * (40 // 3)


def test_chunks_may_come_one_at_a_time(chunks):
    loader = Loader()
    for number, chunk in enumerate(chunks):
        assert (loader.chunks, loader.complete) == (number, False)
        with pytest.raises(SnapshotRefused, match=f"cut short: it ends after {number} chunks"):
            loader.state()
        loader.feed(chunk)
    assert loader.complete and loader.digest == digest(chunks[-1])
    assert dumped(loader.state()) == dumped(load(chunks))
    with pytest.raises(SnapshotRefused, match="comes after its last one"):
        loader.feed(chunks[-1])
