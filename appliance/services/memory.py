"""How the services use Python's garbage collector."""

from __future__ import annotations

import gc

# Nearly everything here dies by its reference count; leases live long. With the default of 700 the
# collector looks at every request's objects several times while they are still needed.
YOUNG_MAX = 20_000


def settle() -> None:
    """Call it when a service is ready: what it read at its start is never looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, 20, 20)
