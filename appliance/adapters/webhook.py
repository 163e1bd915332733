"""One POST of a JSON document to a webhook, tried a few times.

What can go wrong in here is a receiver that keeps us waiting or sends us elsewhere: each try has a
bound, of the answer nothing but its status is read, and redirects are not followed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from appliance.adapters.http_client import WRONG_ADDRESS, HttpFailed, Proxy, request

ATTEMPTS: Final = 3
TIMEOUT_S: Final = 5.0
PAUSE_S: Final = 1.0
_TAKEN: Final = range(200, 300)
_LATER: Final = frozenset((408, 425, 429))


def post(
    url: str,
    body: bytes,
    *,
    attempts: int = ATTEMPTS,
    timeout_s: float = TIMEOUT_S,
    proxy: Proxy | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Post the document; gives why nobody took it, "" if the receiver did (any status 2xx).

    A status that says "your request is wrong" is not tried again. Without `proxy` the environment
    says whether to go through one.
    """
    why = "it was not tried"
    for attempt in range(attempts):
        if attempt:
            sleep(PAUSE_S * 2 ** (attempt - 1))
        try:
            answer = request(
                "POST",
                url,
                headers={"content-type": "application/json", "user-agent": "tmr-alert"},
                body=body,
                timeout_s=timeout_s,
                bytes_max=0,
                proxy=proxy,
            )
        except HttpFailed as failed:
            if failed.reason == WRONG_ADDRESS:
                return f"its address cannot be used: {failed.why}"
            why = failed.why + failed.through
            continue
        if answer.status in _TAKEN:
            return ""
        why = f"it answered {answer.status}"
        if answer.status < 500 and answer.status not in _LATER:
            return why
    return why
