"""Requests that are carried by hand: for whom, for which order, how old, and each used once.

Nobody gives such a request a challenge. So it names the firm and the order, says when it was made,
and has a number that the firm remembers once it is used, for as long as the request could be shown
again. One request does for each product of its order; shown twice for one product it is refused,
since that would issue the licence a second time.

An **open** request names neither. It is for a vendor who has it from the customer himself and sells
without orders; it may be used again, as a licence is sold to the same containers again. What can go
wrong in here is an open request where an order was made: so it counts only if none is named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from appliance.codec.request_files import (
    ORDER_MAX,
    ContainerRequest,
    Purpose,
    firm_audience,
)
from appliance.services.central.refusals import CentralRefused

REQUEST_DAYS: Final = 90
"""How old a request may be that is carried by hand, and how far ahead its container's clock."""
REQUEST_S: Final = REQUEST_DAYS * 86_400


class UsedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request's number, when the request was made (Unix time), and for what it was used."""

    nonce: bytes
    created_at_s: int
    act: str


def check_order(order: str) -> None:
    """Raises CentralRefused if nothing can have this name."""
    if not order.strip() or len(order) > ORDER_MAX or not order.isprintable():
        raise CentralRefused(f"An order's name has 1 to {ORDER_MAX} printable characters.")


def use(
    requests: Sequence[ContainerRequest],
    firm_code: int,
    order: str,
    act: str,
    now_s: int,
    is_used: Callable[[bytes, str], bool],
) -> tuple[UsedRequest, ...]:
    """What is to be remembered once these were used for this act. Raises CentralRefused if one of
    them is not for it, too old, or used for it before. Without `order` ("") only open ones are for
    it. `is_used` knows whether the request of a number was used for an act."""
    if order:
        check_order(order)
    made: dict[bytes, UsedRequest] = {}
    for number, request in enumerate(requests, start=1):
        _check(number, request, firm_code, order, now_s)
        if request.is_open:
            continue
        if is_used(request.nonce, act):
            raise CentralRefused(
                f"Request {number} was used for this already: `tmr central updates` hands out once"
                " more what was issued; for another licence have a new request made."
            )
        made[request.nonce] = UsedRequest(
            nonce=request.nonce, created_at_s=request.created_at_s, act=act
        )
    return tuple(made.values())


def use_for_ticket(
    requests: Sequence[ContainerRequest],
    firm_code: int,
    mark: bytes,
    now_s: int,
    is_used: Callable[[bytes, str], bool],
) -> tuple[UsedRequest, ...]:
    """As `use`, for what a ticket with this mark stands for. Nothing is given if all of them were
    used for it before: then nothing is to be issued, and the answer is the same once more."""
    act = f"ticket {mark.hex()}"
    again = "have it made again by `tmr request`"
    for number, request in enumerate(requests, start=1):
        if request.purpose is not Purpose.ACTIVATE or request.audience != firm_audience(firm_code):
            raise CentralRefused(
                f"Request {number} shows no ticket to firm {firm_code}, but is for"
                f" {request.audience!r}; {again}."
            )
        _check_age(number, request, now_s, again)
    before = [is_used(one.nonce, act) for one in requests]
    if all(before):
        return ()
    if any(before):
        raise CentralRefused(
            f"Some of these requests were used before, and others not: they were put together from"
            f" several files; {again}."
        )
    made = {
        one.nonce: UsedRequest(nonce=one.nonce, created_at_s=one.created_at_s, act=act)
        for one in requests
    }
    return tuple(made.values())


def check_for_updates(number: int, request: ContainerRequest, firm_code: int) -> None:
    """Raises CentralRefused if this does not ask this firm for updates. It may be shown again and
    at any time: what it fetches is good for its container only."""
    if request.purpose is not Purpose.UPDATE or request.audience != firm_audience(firm_code):
        raise CentralRefused(
            f"Request {number} does not ask firm {firm_code} for updates; have it made by `tmr"
            f" container request --firm {firm_code} --update`."
        )


def _check(number: int, request: ContainerRequest, firm_code: int, order: str, now_s: int) -> None:
    again = f"have it made again by `tmr container request --firm {firm_code} --order …`"
    if not order:
        if not request.is_open:
            raise CentralRefused(f"Request {number} was made for an order: name it by --order.")
        return
    if request.is_open:
        raise CentralRefused(f"Request {number} names no firm and no order; {again}.")
    if request.purpose is not Purpose.ORDER or request.audience != firm_audience(firm_code):
        raise CentralRefused(
            f"Request {number} is not for firm {firm_code}, but for {request.audience!r}; {again}."
        )
    if not request.names(order):
        raise CentralRefused(
            f"Request {number} was made for another order than {order!r}; compare the order's name,"
            f" or {again}."
        )
    _check_age(number, request, now_s, again)


def _check_age(number: int, request: ContainerRequest, now_s: int, again: str) -> None:
    if abs(now_s - request.created_at_s) > REQUEST_S:
        raise CentralRefused(
            f"Request {number} was not made in the last {REQUEST_DAYS} days by its own clock: set"
            f" the clock of {request.host or 'its host'} and {again}."
        )
