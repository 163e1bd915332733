"""One POST of a JSON document to a webhook, tried a few times.

What can go wrong in here is a receiver that keeps us waiting or sends us elsewhere: each try has a
bound, of the answer nothing but its status is read, and redirects are not followed.
"""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Final

ATTEMPTS: Final = 3
TIMEOUT_S: Final = 5.0
PAUSE_S: Final = 1.0
_LATER: Final = frozenset((408, 425, 429))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: object) -> None:
        """Nowhere."""


def post(
    url: str,
    body: bytes,
    *,
    attempts: int = ATTEMPTS,
    timeout_s: float = TIMEOUT_S,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Post the document; gives why nobody took it, "" if the receiver did (any status 2xx).

    A status that says "your request is wrong" is not tried again.
    """
    opener = urllib.request.build_opener(_NoRedirect)
    why = "it was not tried"
    for attempt in range(attempts):
        if attempt:
            sleep(PAUSE_S * 2 ** (attempt - 1))
        try:
            request = urllib.request.Request(
                url, body, {"Content-Type": "application/json", "User-Agent": "tmr-alert"}
            )
            with opener.open(request, timeout=timeout_s):
                return ""
        except urllib.error.HTTPError as error:
            error.close()
            why = f"it answered {error.code}"
            if error.code < 500 and error.code not in _LATER:
                return why
        except (OSError, http.client.HTTPException) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            why = str(reason) or type(error).__name__
        except ValueError as error:
            return f"its address cannot be used: {error}"
    return why
