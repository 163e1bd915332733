"""What came of asking for certified time: of one time server, and of an update as a whole.

The codes of a time server begin with "server-" and end with the reason of `adapters.tsa`,
`codec.timestamps` or `licences.refusals`.
"""

from __future__ import annotations

from typing import Final

TIMES: Final[dict[str, str]] = {
    # --- adapters.tsa ---
    "server-too-slow": "{url} did not answer within {within_s} s{through}",
    "server-too-large": "{url} answers with more than {most} bytes; not read on{through}",
    "server-unreachable": "{url} cannot be reached: {said}{through}",
    "server-redirected": "{url} sends us to {where}; configure that address if it is right",
    "server-http-status": "{url} answers {status} {said}",
    "server-wrong-media-type": "{url} answers with {stated}, not {wanted}",
    # --- codec.timestamps ---
    "server-malformed": "the answer of {url} is no proper time-stamp ({said})",
    "server-rejected": "{url} gives no time-stamp ({said})",
    "server-wrong-imprint": "the time-stamp of {url} is for another request than ours",
    "server-wrong-nonce": "the time-stamp of {url} does not carry the nonce of our query",
    "server-wrong-signer": "the signer of the time-stamp of {url} is not trusted here ({said})",
    "server-expired-signer": "the certificate of {url} was not valid at the time it certified; the"
    " vendor has to renew it",
    "server-missing-usage": "the certificate of {url} is not for time-stamps alone (RFC 3161,"
    " section 2.3)",
    "server-inaccurate": "the time of {url} may be off by more than is allowed ({said})",
    "server-before-log-time": "{url} says {time}, which is before log time {log_time}; only time"
    " servers of the licence root bring a clock back behind it",
    # --- its block list: licences.refusals ---
    "server-list-oversized": "the block list of {url} is too large ({said})",
    "server-list-malformed": "the block list of {url} is none ({said})",
    "server-list-bad-signature": "the block list of {url} was not signed by the pinned licence"
    " root, or altered since",
    "server-list-older": "the block list of {url} is older than one that was seen before ({said})",
    "server-list-same-number": "the block list of {url} is another one than was seen under its"
    " number ({said})",
    "server-list-stale": "the block list of {url} is over; the time server has to serve a newer"
    " one",
    # --- clocks.certified ---
    "server-from-future": "the time of {url} is {beyond_ms} ms later than is possible: from the"
    " future",
    "server-outvoted": "{url} is {apart_ms} ms from {other}, which fits the last certified time",
    "servers-disagree": "{url} and {other} are {apart_ms} ms apart, and nothing tells who is right",
    "servers-silent": "no time server gave an answer that can be used",
    # --- an update ---
    "certified": "certified by {url}",
    "no-server": "no time server is configured here; name one in the settings",
    "disk-failed": "the container's disk failed: {said}",
    "update-unsaid": "{host} did not say within {within_s} s",
}
