"""What leaves the house in a diagnostics bundle holds no secret, whatever way it was written."""

from __future__ import annotations

import json
from random import Random

import pytest

from appliance.codec.ticket_codes import new_code
from monitor_gui.model.diagnostics import REMOVED, without_secrets

TICKET = new_code(Random(1))
HOOK = "https://hooks.slack.com/services/T0AB/B0CD/x9yz"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("pass=hunter2", "hunter2"),
        ("pass: hunter2 for olga", "hunter2"),
        ("PWD=hunter2", "hunter2"),
        ("user=olga;pwd=hunter2;", "hunter2"),
        ("the password is hunter2.", "hunter2"),
        ("its password was: hunter2", "hunter2"),
        ("the passphrase is 'my old dog'", "old dog"),
        ('password="my old dog"', "old dog"),
        (json.dumps(json.dumps({"password": "my old dog"})), "old dog"),
        (f"activate {TICKET} is refused", TICKET),
        (json.dumps({"ticket": TICKET.lower(), "request": "e30"}), TICKET.lower()),
        (f"ticket={TICKET[:11]}", TICKET[:11]),
        (f"cannot post to {HOOK}: timeout", "T0AB"),
        (json.dumps({"webhook": HOOK}), "x9yz"),
        ("http://hook.example?key=k1", "k1"),
        ("http://hook.example:8443/#k1", "k1"),
        ("https://u:hunter2@proxy.example/k1", "hunter2"),
        ("https://u:hunter2@proxy.example/k1", "k1"),
    ],
)
def test_a_secret_is_taken_out(text: str, secret: str) -> None:
    told = without_secrets(text)
    assert secret not in told
    assert REMOVED in told


def test_the_host_of_an_address_stays() -> None:
    told = without_secrets(f"cannot post to {HOOK}: timeout")
    assert told.startswith("cannot post to https://hooks.slack.com/")


@pytest.mark.parametrize(
    "harmless",
    [
        "the time server https://time.example:7301 does not answer",
        "https://time.example/",
        "bypass=on compass: north",
        "the passive host is tmr2",
        "123e4567-e89b-12d3-a456-426614174000",
    ],
)
def test_what_is_none_stays(harmless: str) -> None:
    assert without_secrets(harmless) == harmless
