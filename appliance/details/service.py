"""What the TMR hosts and their helpers say: of a snapshot on its way, of strangers on the network,
and why an operator's act is refused."""

from __future__ import annotations

from typing import Final

AS_IT_IS: Final = "as-it-is"
"""The code of a text that has no code: what a library or the system says."""

SERVICE: Final[dict[str, str]] = {
    AS_IT_IS: "{text}",
    "snapshot-begins": "gets a snapshot, {done} chunks so far",
    "snapshot-comes": "gets a snapshot, {done} of {chunks} chunks",
    "stranger-same-router": "{address} ({link}) sends VRRP adverts for our router id {vrid}"
    " (priority {priority})",
    "stranger-as-twin": "VRRP adverts in the twin's name ({address}, priority {priority}) come from"
    " {link}, and the twin is at {known}",
    # --- an operator's act that is refused ---
    "why-missing": "say why: the reason is recorded",
    "why-unprintable": "say why in one line, without control characters",
    "host-to-serve-unknown": "host, which is to serve, is {host} or {twin}",
    "host-unknown": "host is {host} or {twin}",
    "twin-silent": "{host} does not answer",
    "stands-alone": "{host} stands alone: no other server could take over",
    "twin-in-maintenance": "{host} is in maintenance",
    "already-in-maintenance": "{host} is in maintenance already",
    "twin-cut-off": "{host} reaches {reached} upstreams",
    "role-missing": "this needs an operator certificate with role {role}",
    "role-only-looks": "a certificate with role view only looks: use a client's certificate or"
    " token",
    "container-unknown": "there is no container {name}, but {there}",
    "time-updates-full": "{count} time updates are under way: wait until one ends",
    "lease-over": "its lifetime is over: check out again",
    "upstreams-silent": "{hosts} do not answer; two of three upstreams are needed",
    "active-elsewhere": "{host} is; repeat the request with the same id",
    "active-unknown": "no active host is known; repeat the request with the same id",
    "repeat": "repeat the request with the same id",
}
