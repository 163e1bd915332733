"""Why an upstream is not heard (`adapters.links`)."""

from __future__ import annotations

import errno
from typing import Final

REFUSED: Final = "link-refused"
"""The host itself hangs up."""

LINKS: Final[dict[str, str]] = {
    REFUSED: "refused: it takes the connection and hangs up, as for a certificate that its"
    " clock or its settings do not allow; its log says why",
    "link-closed": "closed by the other side",
    "link-ended": "the connection ended ({said})",
    "link-timeout": "no answer within {within_s} s",
    "link-silent": "silent for {for_s} s",
    "link-certificate": "its certificate is refused here: {said}",
    "link-tls": "the TLS handshake failed ({said})",
    "link-another-host": "expected {wanted}, but {role} {name} answered",
    "link-unread": "it leaves {count} bytes unread",
    "link-garbled": "what it sends is no message ({said})",
    "link-refused-port": "the connection is refused: no server listens on that port there",
    "link-no-way": "no way leads to that host, or it has no power",
    "link-no-network": "this computer has no network that leads there",
    "link-network-down": "this computer's network is down",
    "link-no-answer": "the host does not answer",
    # --- a client and a server do not get on with each other ---
    "tls-early": "the server's certificate is not valid yet by this computer's clock ({now}); set"
    " this computer's clock, then repeat",
    "tls-over": "the server's certificate has expired by this computer's clock ({now}); set the"
    " clock if it is wrong, else have the server's certificate renewed",
    "tls-unaccepted": "the server's certificate is not accepted ({why}); check the CA file and the"
    " address in the client profile",
    "tls-client-over": "the server refused this client's certificate as expired; have a new one"
    " issued, or have the server's clock looked at if it has not expired",
    "tls-client-refused": "the server refused this client's TLS ({why}); use a client certificate"
    " that was issued for this installation",
    "no-http": "the server does not speak HTTP/1.1 ({why})",
}
OF_SYSTEM: Final = {
    errno.ECONNREFUSED: "link-refused-port",
    errno.EHOSTUNREACH: "link-no-way",
    errno.ENETUNREACH: "link-no-network",
    errno.ENETDOWN: "link-network-down",
    errno.ETIMEDOUT: "link-no-answer",
}
"""The codes of what the system says of a connection, by its numbers."""
