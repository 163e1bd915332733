"""The role `upstream`: one durable replica of the ledger, and one container (design D1, D3).

`await run(settings)` is all that the command line needs of it.
"""

from appliance.services.upstream.service import run

__all__ = ["run"]
