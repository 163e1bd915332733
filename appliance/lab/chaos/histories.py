"""A run's calls as the simulator's history check wants them, licence by licence. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict

from appliance.lab.chaos.facts import DEFINITE, Bounds, Facts, ref
from appliance.lab.chaos.records import Product, Row
from appliance.licences import reasons
from appliance.licences.commands import LeaseRef
from appliance.sim.history import CHECK_OUT, CONFIGURE, EXPIRE, Answer, Call, Config
from appliance.sim.history import Row as SimRow


def histories(facts: Facts, bounds: Bounds) -> dict[Product, list[Call]]:
    """The calls on each licence, as the checker wants them; the system's own are among them.
    Products of a kind that it does not know are left out."""
    where: dict[bytes, list[int]] = defaultdict(list)
    for entry in facts.log.entries:
        for act in entry.acts:
            where[act.command].append(entry.index)
    found: dict[Product, list[Call]] = {}
    pools: dict[Product, list[SimRow]] = defaultdict(list)
    for issued in facts.issued:
        if issued.checked:
            pools[issued.product].append((issued.tmr_id, issued.quantity, issued.units, ""))
    for product, pool in pools.items():
        config = Config(tuple(pool), max(quantity for _, quantity, *_ in pool))
        found[product] = [Call("system", CONFIGURE, None, 0.0, config=config, returned_s=0.0)]
    times_asked: Counter[bytes] = Counter()
    products: dict[LeaseRef, Product] = {}
    last: dict[bytes, Call] = {}
    for row in facts.records.rows:
        one = row.asked
        if one.product not in found:
            continue
        call = _call(row)
        products[ref(row)] = one.product
        if call.answer is None:
            indexes = where.get(one.command, [])
            call.until_s = bounds.committed_s(indexes[-1]) if indexes and one.command else -1.0
        found[one.product].append(call)
        if not _refused_without_entry(row):
            times_asked[one.command] += 1
        last[one.command] = call
    for command, indexes in where.items():
        # One request that went out on two connections may have reached the ledger twice, or once
        # after it was refused without an entry.
        for _ in range(len(indexes) - times_asked[command] if command in last else 0):
            model = last[command]
            again = Call(
                model.client, model.kind, model.lease, model.called_s, model.number, model.units
            )
            again.reserves = model.reserves
            again.until_s = bounds.committed_s(indexes[-1])
            assert model.lease is not None
            found[products[model.lease]].append(again)
    for entry in facts.log.entries:
        for act in entry.acts:
            if act.kind == EXPIRE and act.reason == reasons.DONE and act.lease in products:
                launched_s = bounds.launched_s(entry.index)
                until_s = bounds.committed_s(entry.index)
                call = Call("system", EXPIRE, act.lease, launched_s, returned_s=until_s)
                found[products[act.lease]].append(call)
    return found


def _refused_without_entry(row: Row) -> bool:
    """Whether this is a check-out whose refusal is no entry of the log, and so has no receipt."""
    told = row.told
    if told is None or row.asked.kind != CHECK_OUT:
        return False
    return told.reason in DEFINITE and told.reason != reasons.GRANTED and not told.index


def _call(row: Row) -> Call:
    one, told = row.asked, row.told
    call = Call(
        one.client,
        one.kind,
        ref(row),
        one.called_s,
        one.request,
        one.units,
        command_hash=one.command,
        reserves=one.reserves,
    )
    if told is not None and told.reason in DEFINITE:
        granted = told.reason == reasons.GRANTED
        tmr_id, left = (told.tmr_id, told.units_left) if granted else (0, None)
        call.answer, call.returned_s = Answer(told.reason, tmr_id, left), told.returned_s
    return call
