"""Parts of the API about licences; see `appliance.codec.api`, which they belong to."""

from __future__ import annotations

import msgspec

from appliance.licences.item import ItemOptions


class _Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """As `appliance.codec.api.Document`."""


class ConstituentDocument(_Document, frozen=True):
    """One twin's share of a licence: "ok", "differs", "missing", "unreachable" or "locked"."""

    host: str
    serial: str
    twin: int
    state: str
    differs_in: tuple[str, ...] = ()


class LicenceDocument(ItemOptions, frozen=True, kw_only=True, omit_defaults=False):
    """One TMR licence of the virtual container, with all options of its product item.

    `refusal` is the reason that a new check-out of it would get now, "" if it would be granted;
    `available` says whether it can be used: false for all but that and "no-seat-free". With fewer
    than two constituents it is listed only by `GET /v1/licences?all=1`. `in_use` counts seats;
    beside them `lingering` are kept for who gave them back, a while. At `certified_until_s` (log
    time; 0 if there never was certified time) it rests until a time server is asked again, by
    `certified_age_max_s` or `contact_within_s`. With `units_unconfirmed` it rests since a restore,
    until the vendor confirms the unit counter. With `usage_period_s` it works for so long from its
    first use on, from `usage_started_s` (log time; None: not used yet) to `usage_ends_s`.
    """

    firm_code: int
    firm_name: str
    product_code: int
    tmr_id: int
    in_use: int
    available: bool
    constituents: tuple[ConstituentDocument, ...]
    units_left: int | None = None
    certified_until_s: int | None = None
    units_unconfirmed: bool = False
    usage_started_s: int | None = None
    usage_ends_s: int | None = None
    refusal: str = ""
    lingering: int = 0


class LicencesDocument(_Document, frozen=True):
    """Answer to GET /v1/licences: a page in order of firm code, product code and TMR-ID. Clients
    see no constituents: which container holds what is the operators' business. `log_time_ms` is the
    time that licences are compared with. `next` is what `?after=` asks the page after this one
    with; without it, this is the last.

    A licence that is there while all pages are read stands in exactly one of them. `edition` is the
    same on all pages unless the list became another one meanwhile: then a new licence may have been
    passed over, and whoever wants them all begins anew.
    """

    virtual_serial: str
    licences: tuple[LicenceDocument, ...]
    log_time_ms: int = 0
    next: str | None = None
    edition: str = ""
