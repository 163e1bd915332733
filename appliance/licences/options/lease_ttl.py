"""The lease lifetime: for how long a client's silence is borne before its seat is free again."""

from __future__ import annotations

from appliance.licences.bounds import DURATION_S_MAX
from appliance.licences.options.row import Field, Kind, Option, Said

OPTION = Option(
    fields=(
        Field(
            "lease_ttl_s",
            "lease lifetime",
            "--lease-ttl-s",
            "How long a lease outlives silence.",
            Kind.SECONDS,
            1,
            DURATION_S_MAX,
        ),
    ),
    name=Said("lease lifetime", "Lebensdauer eines Leases", "リースの存続期間"),
)
