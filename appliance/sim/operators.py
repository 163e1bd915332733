"""An operator who ends somebody's lease or replaces a lost disk, and a vendor who adds licences."""

from __future__ import annotations

from hashlib import sha256
from random import Random

from msgspec.structs import replace

from appliance.licences import commands as c
from appliance.licences.commands import LeaseRef
from appliance.sim.access import draw_rules
from appliance.sim.byzantine.oracle import UNVOUCHED
from appliance.sim.history import RELEASE, Call, CallAnswer
from appliance.sim.releases import NEWEST
from appliance.sim.stage import Reply, Request, Stage, Upstream
from appliance.sim.vendor import FIRM_A, UPSTREAMS, SimStore

NAME = "operator"
REPLACE_EVERY_S = 0.3


class Operator:
    """Asks once and does not repeat."""

    def __init__(self, cluster: Stage) -> None:
        self._cluster = cluster
        self._calls: dict[int, Call] = {}
        self._new_store: tuple[str, bytes] | None = None
        self._stores = 0

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
        if reply.by and reply.by == self._cluster.options.malicious:
            # No receipt comes with it, so no history has to explain what a liar says of it.
            self._cluster.oracle.measure(UNVOUCHED)
            return
        if call.answer is None and reply.outcome is not None:
            call.answer, call.returned_s = CallAnswer(reply.reason), self._cluster.now_s

    @property
    def replaced(self) -> bool:
        """Whether no replacement that was begun is still on its way.

        A new store counts only once it holds the entry that says so (design D7).
        """
        if self._new_store is None:
            return True
        cluster, (name, store) = self._cluster, self._new_store
        member = cluster.oracle.book.state.membership.member(store)
        held = len(cluster.upstreams[name].disk.entries)
        return member is not None and held >= member.joined_index

    def replace(self, after_s: float) -> None:
        """One upstream's disk is lost for good; a new store comes to its place. Once in a life."""
        cluster = self._cluster
        if self._new_store is not None or not cluster.oracle.last_index:
            return
        name = cluster.rng.choice(UPSTREAMS)
        if not cluster.unsound_but(name):
            self._renew(name, after_s)

    def remedy(self, name: str) -> None:
        """An upstream says that it is damaged: a new store comes to its place, one at a time."""
        if not self._cluster.upstreams[name].damage:
            return  # It was replaced, or is off: then it says so again when it is back.
        newest = self._new_store is not None and self._new_store[0] == name
        if self.replaced or newest:  # Of a new store that is bad as well nothing is waited for.
            self._renew(name, REPLACE_EVERY_S)
        else:
            self._cluster.at(REPLACE_EVERY_S, self.remedy, name)

    def _renew(self, name: str, after_s: float) -> None:
        cluster = self._cluster
        self._stores += 1
        store = SimStore(f"new-store-{name}-{self._stores}".encode())
        self._new_store = (name, store.id)
        cluster.upstreams[name].renew(store)
        cluster.at(after_s, self._restart, name)
        cluster.at(after_s + REPLACE_EVERY_S, self._replace)

    def introduce(self) -> None:
        """Tell each upstream whose store is empty which others to believe, now and later; but not
        one that began the ledger with them, and knows them by that."""
        cluster = self._cluster
        for upstream in cluster.upstreams.values():
            replica = upstream.replica
            if replica is not None and not replica.book.last_index and not replica.adopted.counter:
                for store in self._known(upstream):
                    upstream.consent(store)
        cluster.at(REPLACE_EVERY_S, self.introduce)

    def _known(self, new: Upstream) -> list[bytes]:
        """The voters but this one's own store, and the known stores whose seals the others hold."""
        membership = self._cluster.oracle.book.state.membership
        known = [voter.store for voter in membership.voters]
        others = [up.replica for up in self._cluster.upstreams.values() if up is not new]
        sealed = [store for replica in others if replica for store in replica.known.sealed_by]
        known += [store for store in dict.fromkeys(sealed) if store in membership.former]
        return [store for store in known if store != new.disk.store.id]

    def _restart(self, name: str) -> None:
        upstream = self._cluster.upstreams[name]
        if not upstream.alive:
            upstream.start()

    def _replace(self) -> None:
        """Say so on the other two hosts, then ask for it, until it is done."""
        cluster = self._cluster
        if self.replaced or self._new_store is None:
            return
        name, store = self._new_store
        for other in cluster.upstreams.values():
            if other.replica is not None and other.name != name:
                other.consent(store)
        for holder in cluster.holders():
            coordinator = cluster.tmrs[holder].coordinator
            if coordinator is not None and not coordinator.may_replace(name, store):
                number = len(self._calls) + 1
                self._calls[number] = Call(NAME, RELEASE, LeaseRef(NAME, name), cluster.now_s)
                command = c.Replace(name, store, NAME, "its disk is lost")
                request = Request(number, NAME, command, LeaseRef(NAME, name), 0, self._answer)
                cluster.network.carry(NAME, holder, cluster.tmrs[holder].request, request)
        cluster.at(REPLACE_EVERY_S, self._replace)

    def use_rules(self, rng: Random) -> None:
        """Raise the rules, or order what came with later ones."""
        number = len(self._calls) + 1
        what = rng.randrange(5)
        if what < 3:
            self.raise_rules(NEWEST if what == 0 else 2)
        elif what == 3:
            self._order(c.Limit(FIRM_A, number, 5, NAME, "shared"))
        else:
            self._order(c.Dismiss(f"{number:X}", "eve", "client", 0, "0", NAME, "stolen"))

    def use_access(self, rng: Random) -> None:
        """Put other access rules in force, or come too late with that."""
        state = self._cluster.oracle.book.state
        late = rng.random() < 0.1
        self._order(c.SetAccess(state.access_version - late, draw_rules(rng), NAME, "who may"))

    def raise_rules(self, version: int) -> None:
        """Put these rules in force, if all know them."""
        hosts = tuple(sorted(self._cluster.tmrs))
        self._order(c.RaiseRules(version, hosts, NAME, "all know them"))

    def accept_loss(self) -> None:
        """Take note that the ledger was put back."""
        self._order(c.AcceptLoss(NAME, "two machines were restored"))

    def _order(self, command: c.AnyCommand) -> None:
        """Ask whoever has the address for it."""
        cluster = self._cluster
        for holder in cluster.holders():
            number = len(self._calls) + 1
            lease = LeaseRef(NAME, f"rules-{number}")
            self._calls[number] = Call(NAME, RELEASE, lease, cluster.now_s)
            request = Request(number, NAME, command, lease, 0, self._answer)
            cluster.network.carry(NAME, holder, cluster.tmrs[holder].request, request)

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
