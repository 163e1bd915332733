"""Later events of a lease name its holder, as far as that was ever told."""

from __future__ import annotations

from typing import Any

from monitor_gui.model.activity import who
from monitor_gui.model.holders import Holders
from monitor_gui.model.updates import Event
from tests.unit.monitor.documents import lease


def about(number: int, **more: object) -> dict[str, Any]:
    """An event's data about the lease of that number."""
    return {"client": f"cert:ws-{number}", "lease_id": f"lease-{number}", **more}


def named(name: str, data: dict[str, Any]) -> str:
    """Whom such an event is about."""
    return who(Event("tmr1:7200", name, data, 0.0))


def test_units_and_a_check_in_name_the_user_of_the_check_out() -> None:
    holders = Holders()
    holder = {"user": "aiko", "host": "ws-1"}
    granted = about(1, outcome="granted", holder=holder)
    assert holders.told("check-out", granted) is granted
    for name in ("units", "check-in"):
        assert named(name, holders.told(name, about(1, outcome="done"))) == "aiko@ws-1"
    again = about(1, outcome="done")
    assert named("check-in", holders.told("check-in", again)) == "cert:ws-1", "it has ended"


def test_what_was_granted_before_is_known_from_the_lists() -> None:
    holders = Holders()
    holders.listed((lease(1), lease(2, user="ben")))
    released = about(2, outcome="done", who="cert:olga")
    assert named("release", holders.told("release", released)) == "ben@ws-2"


def test_a_refused_end_forgets_nobody_and_a_denied_check_out_teaches_nothing() -> None:
    holders = Holders()
    holders.listed((lease(1),))
    refused = about(1, outcome="old-generation")
    assert named("check-in", holders.told("check-in", refused)) == "aiko@ws-1"
    assert named("check-in", holders.told("check-in", about(1, outcome="done"))) == "aiko@ws-1"
    holders.told("check-out", about(3, outcome="no-seat-free", holder={"user": "x", "host": "y"}))
    assert named("units", holders.told("units", about(3))) == "cert:ws-3"


def test_the_newest_are_known_within_a_bound() -> None:
    holders = Holders(most=3)
    holders.listed(tuple(lease(number) for number in range(1, 6)))
    known = [named("units", holders.told("units", about(n))) for n in range(1, 6)]
    assert known == ["cert:ws-1", "cert:ws-2", "aiko@ws-3", "aiko@ws-4", "aiko@ws-5"]


def test_odd_data_is_left_as_it_is() -> None:
    holders = Holders()
    for data in ({}, {"client": 3, "lease_id": "x"}, about(1, holder="nobody")):
        assert holders.told("check-in", data) == data
