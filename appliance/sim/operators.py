"""An operator who now and then ends somebody's lease, and a vendor who now and then adds to one."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from msgspec.structs import replace

from appliance.licences import commands as c
from appliance.sim.history import RELEASE, Answer, Call
from appliance.sim.hosts import Reply, Request
from appliance.sim.vendor import FIRM_A

if TYPE_CHECKING:
    from appliance.sim.cluster import Cluster

NAME = "operator"


class Operator:
    """Asks once and does not repeat."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._calls: dict[int, Call] = {}

    def release(self) -> None:
        """End a lease that is active as far as anybody can know."""
        cluster = self._cluster
        leases = sorted(cluster.oracle.book.state.active_leases(), key=lambda lease: lease.ref)
        holders = cluster.holders()
        if not leases or not holders:
            return
        lease = cluster.rng.choice(leases)
        number = len(self._calls) + 1
        product = (lease.key.firm_code, lease.key.product_code)
        call = Call(NAME, RELEASE, lease.ref, cluster.now_s)
        self._calls[number] = cluster.history.called(product, call)
        command = c.Release(lease.ref, lease.generation, NAME, "needed elsewhere")
        call.command_hash = sha256(c.encode_command(command)).digest()
        request = Request(number, NAME, command, lease.ref, lease.generation, self._answer)
        host = cluster.rng.choice(holders)
        cluster.network.carry(NAME, host, cluster.tmrs[host].request, request)

    def _answer(self, number: int, reply: Reply) -> None:
        call = self._calls[number]
        if call.answer is None and reply.outcome is not None:
            call.answer, call.returned_s = Answer(reply.reason), self._cluster.now_s

    def update(self) -> None:
        """The vendor of firm A adds units and a seat, in three updates that arrive one by one."""
        cluster = self._cluster
        for upstream in cluster.upstreams.values():
            cluster.at(cluster.rng.uniform(0.0, 2.0), self._import, upstream.name)

    def _import(self, name: str) -> None:
        """One container imports the next update of the series."""
        container = self._cluster.upstreams[name].container
        newest = [u for u in container.updates if u.firm.firm_code == FIRM_A][-1]
        items = tuple(
            replace(item, quantity=item.quantity + 1, units=(item.units or 0) + 5)
            for item in newest.firm.items
        )
        container.issue(FIRM_A, items)
