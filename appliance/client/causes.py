"""Why a connection did not come about, in words that lead to the cause.

What the system or the TLS library says ("certificate is not yet valid", "[Errno 111]") is true and
helps few: a certificate that is not valid yet means, on a computer without a clock battery, that
its own clock is wrong.
"""

from __future__ import annotations

import os
import socket
import ssl
import time
from typing import Final

from appliance.details import detail, of_number
from appliance.sentences import Sentence

_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10


def of_certificate(error: ssl.SSLCertVerificationError) -> str:
    """A server's certificate is not accepted: what is wrong, and what to do."""
    code = getattr(error, "verify_code", 0)
    now = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    if code == _NOT_YET_VALID:
        return detail("tls-early", now=now)
    if code == _EXPIRED:
        return detail("tls-over", now=now)
    return detail("tls-unaccepted", why=error.verify_message)


def of_alert(said: str) -> str:
    """The server refused us in the TLS handshake, by an alert of this name."""
    if "EXPIRED" in said:
        return detail("tls-client-over")
    return detail("tls-client-refused", why=said)


def of_system(error: BaseException) -> str:
    """What the system said, without its numbers."""
    if isinstance(error, socket.gaierror):
        return Sentence("the name cannot be resolved ({why})", why=error.strerror)
    if isinstance(error, OSError) and error.errno is not None:
        said = os.strerror(error.errno) if error.errno > 0 else str(error)
        return of_number(error.errno) or said
    return str(error)
