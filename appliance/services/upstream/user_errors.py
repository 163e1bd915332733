"""What keeps an upstream from starting or going on, as one sentence for people."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from appliance.adapters.container_home import HomeDamaged
from appliance.adapters.keys.shut import KeyShut
from appliance.adapters.pki import authority as pki
from appliance.adapters.store.database import StoreFailed
from appliance.errors import UserError
from appliance.ledger.log.book import ChainBroken


@contextlib.contextmanager
def user_errors() -> Iterator[None]:
    """Turns what a person has to mend into one sentence."""
    try:
        yield
    except HomeDamaged as error:
        raise UserError(
            f"The container cannot be used: {error.detail} (`tmr container init` makes one.)"
        ) from error
    except KeyShut as error:
        raise UserError(f"{error.detail}.") from error
    except (pki.PkiError, StoreFailed) as error:
        raise UserError(str(error)) from error
    except ChainBroken as error:
        raise UserError(
            f"The store's entries do not follow on each other ({error}): keep the file for the"
            " support, and start with an empty path; the other upstreams have the ledger."
        ) from error
    except OSError as error:
        raise UserError(f"The upstream cannot start or go on: {error}.") from error
