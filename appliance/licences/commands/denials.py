"""Commands about denial episodes: somebody was refused for want of seats, and went on asking."""

from __future__ import annotations

from appliance.licences.commands.base import Command, Holder


class OpenDenial(Command, frozen=True, tag="open-denial"):
    """The active host refused this client so many seats of a product for this `reason`, for the
    first time in a while; `holder` is who the client said that it was."""

    client: str
    firm_code: int
    product_code: int
    reason: str
    holder: Holder
    seats: int = 1


class CloseDenial(Command, frozen=True, tag="close-denial"):
    """It was refused so often in all (`at_least`: a host that served meanwhile knows no number of
    its own), and then had its seats (`granted`) or asked no more: that is a true denial."""

    client: str
    firm_code: int
    product_code: int
    count: int
    at_least: bool
    granted: bool
