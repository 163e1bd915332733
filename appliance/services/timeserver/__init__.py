"""The role `timeserver`, on the vendors' side: certified time by RFC 3161, and the block list.

`await run(settings)` is all that the command line needs of it.
"""

from appliance.services.timeserver.service import run
from appliance.services.timeserver.settings import TimeServerSettings, load

__all__ = ["TimeServerSettings", "load", "run"]
