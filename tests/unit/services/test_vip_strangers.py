"""Adverts of strangers are told of, honest changes are not."""

from __future__ import annotations

from pathlib import Path

from appliance.adapters.vrrp import Advert, link_address_of
from appliance.services.vip_strangers import LASTING_S, REPEAT_S, Strangers

TWIN, OTHER = "192.0.2.22", "192.0.2.66"
CARD, NEW_CARD, STRANGE = "02:00:00:00:00:22", "02:00:00:00:00:77", "02:00:00:00:00:66"


def advert(source: str, priority: int = 250) -> Advert:
    return Advert(source, 51, priority, 0.3, ("192.0.2.100",))


def test_the_twins_adverts_say_nothing():
    strangers = Strangers(TWIN, {TWIN: CARD}.__getitem__)
    assert [strangers.heard(now, advert(TWIN), CARD) for now in range(100)] == [""] * 100
    assert strangers.count == 0


def test_another_router_with_our_id_is_told_of_at_once_and_not_all_the_time():
    strangers = Strangers(TWIN, {TWIN: CARD}.__getitem__)
    said = [strangers.heard(tenth / 10, advert(OTHER, 100), STRANGE) for tenth in range(1200)]
    told = [text for text in said if text]
    assert len(told) == 120 / REPEAT_S
    assert said[0] == told[0]
    assert f"{OTHER} ({STRANGE}) sends VRRP adverts for our router id 51 (priority 100)" in told[0]
    assert strangers.count == 1200


def test_who_speaks_in_the_twins_name_from_elsewhere_is_told_of():
    strangers = Strangers(TWIN, {TWIN: CARD}.__getitem__)
    said = [strangers.heard(tenth / 10, advert(TWIN, 255), STRANGE) for tenth in range(200)]
    first = next(at for at, text in enumerate(said) if text)
    assert first / 10 >= LASTING_S
    assert f"come from {STRANGE}, and the twin is at {CARD}" in said[first]


def test_a_new_card_or_a_bond_that_fails_over_is_no_stranger():
    """The kernel learns the new link address as the twin talks to us, in a moment."""
    at = {TWIN: CARD}
    strangers = Strangers(TWIN, at.__getitem__)
    said = [strangers.heard(now, advert(TWIN), NEW_CARD) for now in range(5)]
    at[TWIN] = NEW_CARD
    said += [strangers.heard(now, advert(TWIN), NEW_CARD) for now in range(5, 100)]
    at[TWIN] = CARD
    said += [strangers.heard(100.0, advert(TWIN), NEW_CARD)]
    assert said == [""] * len(said)


def test_what_is_not_known_is_no_difference():
    nobody = Strangers(TWIN, lambda _: "")
    assert nobody.heard(0, advert(TWIN), CARD) == nobody.heard(100, advert(TWIN), STRANGE) == ""
    assert Strangers("", lambda _: CARD).heard(0, advert(OTHER), STRANGE) == ""


def test_the_kernels_table(tmp_path: Path):
    table = tmp_path / "arp"
    table.write_text(
        "IP address       HW type     Flags       HW address            Mask     Device\n"
        f"192.0.2.22       0x1         0x2         {CARD.upper()}     *        eth0\n"
        "192.0.2.23       0x1         0x0         00:00:00:00:00:00     *        eth0\n"
    )
    assert link_address_of(TWIN, table) == CARD
    assert link_address_of("192.0.2.23", table) == ""
    assert link_address_of("192.0.2.2", table) == ""
    assert link_address_of(TWIN, tmp_path / "nowhere") == ""
