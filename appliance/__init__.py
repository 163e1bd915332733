"""TMR Appliance: a floating-licence service that stays up when its servers do not."""

__version__ = "0.1.0"
# How hosts talk to each other and how an upstream stores what they agree on. Raised with a change
# that the release before could not live with; playbooks/rolling_upgrade.yml does not cross it.
FORMATS = 12
# The newest rules that this release knows: what commands say and do. Raised with a change of that;
# the hosts of a ledger go over to them together, by an entry (appliance/licences/rules.py).
RULES = 1
