"""What a fork does to a client: threads are gone in the child, and sockets, locks, the event loop
and its list of sockets in the kernel are shared with the parent.

So a client belongs to the process that made it. In any other process every call raises ClientError
at once, before a lock is touched (a lock that another thread held during the fork is never let go
of in the child), and closing does nothing, since it would reach into the parent's connections.
"""

from __future__ import annotations

import os
from typing import Any, Final, NoReturn

from appliance.client.errors import ClientError

FORKED: Final = (
    "this client was made before a fork and belongs to the parent process; "
    "make a new one in the child process"
)
_births = [0]


def _born() -> None:
    _births[0] += 1


# The process id alone is not enough: in a new PID namespace a child may have its parent's number.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_born)


class Home:
    """The process in which it was made."""

    def __init__(self) -> None:
        self._mark = (os.getpid(), _births[0])

    @property
    def left(self) -> bool:
        """Whether this is another process, a child by fork."""
        return self._mark != (os.getpid(), _births[0])

    def check(self) -> None:
        """Raises ClientError in another process."""
        if self.left:
            raise ClientError(FORKED)


class NotSent:
    """What cannot be sent to another process (`multiprocessing` pickles what it sends)."""

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError(
            f"a {type(self).__name__} cannot be sent to another process: it holds connections; "
            "make a new client there, from the same profile"
        )
