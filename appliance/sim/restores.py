"""All three disks are lost, and the ledger is founded anew from a backup (design D7).

What can go wrong in here is a simulation that forgets too little: after the loss nothing of the old
ledger may bind anybody but the backup, so the oracle begins a new life, too, and knows of the old
one only how many units were used.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from appliance.ledger.membership import backups
from appliance.ledger.membership.backups import Backup, BackupHead, BackupRefused, End, Record
from appliance.ledger.membership.founding_anew import encode_known
from appliance.ledger.messages import Entry, decode_body
from appliance.ledger.replica.standing import proof_in
from appliance.licences.carry_over import intent_of
from appliance.licences.commands import Found, decode_command, encode_command
from appliance.licences.options.units import units_key
from appliance.licences.records import NOTHING_KNOWN
from appliance.sim.checked import CheckedMachine
from appliance.sim.history import History
from appliance.sim.oracle import Oracle
from appliance.sim.outcome_chain import OutcomeChain
from appliance.sim.releases import SimMachine
from appliance.sim.vendor import FIRM_A, SimStore, verify_store

if TYPE_CHECKING:
    from appliance.sim.cluster import Cluster


class Restorer:
    """The operator who takes backups, and founds the ledger anew from the last one."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.backup: Backup | None = None

    def take(self, name: str, *, unproven: bool = False) -> str:
        """Copy what an upstream's disk holds as far as that is proven, or all of it; says what came
        of it."""
        disk = self._cluster.upstreams[name].disk
        proof = proof_in(disk.recovered())
        if proof is None:
            return "backup: nothing is proven"
        last = disk.entries[-1] if unproven else disk.entries[proof.index - 1]
        founding = _founding(disk.entries)
        head = BackupHead(
            founding.ledger_id, founding.virtual_serial, last.index, last.root, 0, name
        )
        if unproven:  # As if it were: whoever claims so has no two signatures.
            proof = type(proof)(proof.term, last.index, last.root, b"", proof.voices)
        records: list[Record] = [head, *disk.entries[: last.index], End(proof)]
        try:
            self.backup = backups.proven(records, SimMachine(), verify_store)
        except BackupRefused as refused:
            return f"backup refused: {refused.detail}"
        used = sum(self.backup.state.units_used.values())
        return f"backup: {last.index} entries, {used} units used"

    def lose(self) -> None:
        """All three disks are lost, and everybody is off; new ones wait for a restore."""
        cluster = self._cluster
        for upstream in cluster.upstreams.values():
            upstream.crash()
        for tmr in cluster.tmrs.values():
            tmr.crash()
        cluster.history, chain = History(), cluster.oracle.chain
        cluster.oracle = Oracle(CheckedMachine(), cluster.history)
        if self.backup is not None:
            cluster.oracle.carried = dict(self.backup.state.units_used)
            cluster.oracle.chain = OutcomeChain(chain.root_at(self.backup.head.index))
        for upstream in cluster.upstreams.values():
            store = SimStore(f"restored-{upstream.name}".encode())
            upstream.renew(store, encode_known(NOTHING_KNOWN))

    def restore(self, names: Iterable[str]) -> None:
        """Say at these upstreams that the backup is to live on."""
        backup = self.backup
        assert backup is not None
        state, root = backup.state, backup.head.root
        intent = encode_command(intent_of(state, root, backup.log_time_ms, "olga", "all lost"))
        for name in names:
            replica = self._cluster.upstreams[name].replica
            if replica is not None and replica.awaits_restore:
                replica.restore(intent)

    def confirm(self) -> None:
        """The vendor of firm A says that its unit counters are right in the ledger there is now."""
        ledger_id = units_key(self._cluster.oracle.book.state).hex()
        for upstream in self._cluster.upstreams.values():
            container = upstream.container
            newest = [u for u in container.updates if u.firm.firm_code == FIRM_A][-1]
            container.issue(FIRM_A, newest.firm.items, ledger_id)


def _founding(entries: Iterable[Entry]) -> Found:

    for entry in entries:
        for data in decode_body(entry.body).commands:
            command = decode_command(data)
            if isinstance(command, Found):
                return command
    raise BackupRefused("The log founds no ledger.")
