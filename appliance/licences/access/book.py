"""What the state keeps of access rules: the versions that were put in force, and what is counted.

A base of `appliance.licences.state.State`; what a rule does is said in `judging`. Only the handlers
that `appliance.licences.machine` lists write.
"""

from __future__ import annotations

from appliance.licences.access.form import Access
from appliance.licences.access.rulebook import Rulebook, rulebook_of
from appliance.licences.counting import Counting
from appliance.licences.records import Lease
from appliance.licences.undo import ABSENT


class AccessBook(Counting):
    """The tables of a state, with what writes those of access rules."""

    __slots__ = ()

    @property
    def access_version(self) -> int:
        """The version of the access rules in force, 0 before any were put in force."""
        return max(self.access, default=0)

    def set_access(self, access: Access, oldest: int) -> None:
        """These access rules are in force from here on; versions up to `oldest` are forgotten."""
        for version in [one for one in self.access if one <= oldest]:
            self._put(self.access, version, ABSENT)
        self._put(self.access, access.version, access)
        self.derive_access()

    def derive_access(self) -> None:
        """Renew what follows from the access rules in force."""
        in_force = self.access.get(self.access_version)
        self.rulebook = Rulebook() if in_force is None else rulebook_of(in_force.rules)

    def set_ruled(self, lease: Lease) -> None:
        """Count an active lease's seats under the rules that this one names, which differs in
        nothing else."""
        self.uncount(self.leases[lease.ref])
        self._put(self.leases, lease.ref, lease)
        self.count(lease)
