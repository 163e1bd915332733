"""Who holds a seat, as operators get to read it: user, host, process and application.

It is a hint, so it never keeps a program from its seat: what does not fit is replaced or cut.
"""

from __future__ import annotations

import os
from typing import Final

from appliance.client.surroundings import fitted, host_name, program_name, user_name
from appliance.codec.api import HolderDocument

NAME_MAX: Final = 256
"""Characters of each text of a holder that a server takes."""
PID_MAX: Final = 2**63 - 1


def this_process(application: str = "", pid: int | None = None) -> HolderDocument:
    """The holder that this process is. `application` is its name for people, else that of the
    program that runs; `pid` another process than this one."""
    return fit(
        HolderDocument(
            user=user_name(),
            host=host_name(),
            pid=os.getpid() if pid is None else pid,
            application=application or program_name(),
        )
    )


def fit(holder: HolderDocument) -> HolderDocument:
    """The same, as a server takes it."""
    return HolderDocument(
        user=fitted(holder.user, NAME_MAX),
        host=fitted(holder.host, NAME_MAX),
        pid=holder.pid if 0 <= holder.pid <= PID_MAX else 0,
        application=fitted(holder.application, NAME_MAX),
    )
