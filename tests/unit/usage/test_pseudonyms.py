"""What is exported under pseudonyms tells persons apart and names none."""

from __future__ import annotations

import pytest

from appliance.licences.commands import Holder
from appliance.licences.model import LicenceKey
from appliance.licences.names import pseudonym
from appliance.usage.calendar import LAST_MS
from appliance.usage.exporting import SESSIONS, Export
from appliance.usage.pseudonyms import Pseudonyms
from appliance.usage.sessions import Session

KEY = LicenceKey(10, 1, 1)


def exported(pseudonyms: Pseudonyms | None) -> dict[str, object]:
    export = Export("sessions", pseudonym, 0, LAST_MS, pseudonyms)
    address = bytes((10, 1, 2, 3))
    export.ended(Session(1, "cert:ada-laptop", Holder(b"a" * 16), address, None, ((KEY, 1),), 5))
    (row,) = export.rows
    return dict(zip(SESSIONS, row, strict=True))


def test_a_client_and_its_address_are_named_unless_pseudonyms_are_asked_for() -> None:
    plain, hidden = exported(None), exported(Pseudonyms(b"k" * 32))
    assert (plain["client"], plain["address"]) == ("cert:ada-laptop", "10.1.2.3")
    assert hidden["address"] == "" and "ada" not in str(hidden)
    assert plain["user"] == hidden["user"], "a tag is a pseudonym already"


@pytest.mark.parametrize("other", [b"k" * 32, b"m" * 32])
def test_a_pseudonym_is_of_one_report(other: bytes) -> None:
    one, two = Pseudonyms(b"k" * 32), Pseudonyms(other)
    assert (one("cert:ada") == two("cert:ada")) == (other == b"k" * 32)
    assert one("cert:ada") != one("cert:ben")
