"""Adverts of strangers are told of, honest changes are not."""

from __future__ import annotations

from pathlib import Path

from appliance.adapters.vrrp.adverts import Advert, link_address_of
from appliance.details import Detail
from appliance.services.vip_core import Report, Timing, VipCore
from appliance.services.vip_strangers import LASTING_S, LINGER_S, REPEAT_S, Strangers

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


def test_a_stranger_is_there_until_a_minute_after_its_last_advert():
    strangers = Strangers(TWIN, {TWIN: CARD}.__getitem__)
    strangers.heard(0.0, advert(TWIN), CARD)
    assert strangers.standing(0.0) == ""
    strangers.heard(1.0, advert(OTHER, 100), STRANGE)
    strangers.heard(50.0, advert(OTHER, 100), STRANGE)
    fact = f"{OTHER} ({STRANGE}) sends VRRP adverts for our router id 51 (priority 100)"
    assert strangers.standing(50.0 + LINGER_S - 0.1) == fact
    assert strangers.standing(50.0 + LINGER_S) == ""


def test_strangers_that_take_turns_change_what_is_told_once_a_minute():
    strangers = Strangers(TWIN, {TWIN: CARD}.__getitem__)
    told = set()
    for tenth in range(3000):
        strangers.heard(tenth / 10, advert(f"192.0.2.{tenth % 199 + 40}"), STRANGE)
        told.add(strangers.standing(tenth / 10))
    assert len(told) == 300 / REPEAT_S and "" not in told


def test_one_in_the_twins_name_is_there_once_it_has_lasted_and_an_honest_change_never():
    strangers = Strangers(TWIN, {TWIN: CARD}.__getitem__)
    strangers.heard(0.0, advert(TWIN, 255), STRANGE)
    assert strangers.standing(0.0) == ""
    strangers.heard(LASTING_S, advert(TWIN, 255), STRANGE)
    assert f"come from {STRANGE}, and the twin is at {CARD}" in strangers.standing(LASTING_S)


def test_the_tmr_service_is_told_at_once_and_when_it_is_over():
    core = VipCore(Timing.of(0.3), 250, now=0.0)
    core.tick(0.0)
    said = [
        [effect.state.stranger for effect in core.stranger(at, who) if isinstance(effect, Report)]
        for at, who in ((0.01, ""), (0.02, "x"), (0.03, "x"), (0.04, ""))
    ]
    assert said == [[], [Detail.of("x")], [], [None]]


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
