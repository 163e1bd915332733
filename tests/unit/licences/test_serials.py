"""Container serials, as a table of all masks."""

from __future__ import annotations

from random import Random

import pytest

from appliance.licences.serials import (
    BINDINGS,
    MASK_OF,
    NUMBER_MAX,
    Binding,
    Kind,
    Mask,
    Serial,
    kind_of,
)

MASKS = [
    (1, Mask.DONGLE, "dongle"),
    (2, Mask.DONGLE_2, "dongle"),
    (3, Mask.DONGLE_3, "dongle"),
    (128, Mask.STRICT, "software"),
    (129, Mask.LOOSE, "software"),
    (130, Mask.SOFTWARE_UNIVERSAL, "software with universal firm code"),
    (131, Mask.VIRTUAL, "virtual"),
    (140, Mask.CLOUD, "cloud"),
]


@pytest.mark.parametrize(("number", "mask", "kind"), MASKS)
def test_each_known_mask_parses_prints_and_has_a_kind(number, mask, kind):
    serial = Serial.parse(f"{number}-12345678")
    assert serial == Serial(mask, 12345678)
    assert str(serial) == f"{number}-12345678"
    assert serial.mask.kind == kind


def test_the_table_is_complete():
    assert {mask for _, mask, _ in MASKS} == set(Mask)


@pytest.mark.parametrize("mask", sorted({0, 4, 127, 132, 139, 141, 255, 256, 1300} - {0}))
def test_an_unknown_mask_is_refused_by_name(mask):
    with pytest.raises(ValueError, match=f"unknown mask {mask}: known masks are 1, 2, 3, 128"):
        Serial.parse(f"{mask}-12345678")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "130",
        "130-",
        "-1",
        "130-0",
        "130-01",
        "0130-1",
        "0-1",
        "130-1 ",
        " 130-1",
        "130-1\n",
        "130--1",
        "130-1.5",
        "130-x",
        "130_1",
        "130-١٢٣",
        "130-12345678901",
        "130-" + "9" * 5000,
    ],
)
def test_what_is_no_serial_is_refused_in_one_short_sentence(text):
    with pytest.raises(ValueError, match="is no container serial: write mask, dash") as refused:
        Serial.parse(text)
    assert len(str(refused.value)) < 300


def test_the_highest_number_parses_and_the_next_is_refused():
    assert Serial.parse(f"1-{NUMBER_MAX}").number == NUMBER_MAX
    with pytest.raises(ValueError, match="too high a number: the highest is 4294967295"):
        Serial.parse(f"1-{NUMBER_MAX + 1}")


@pytest.mark.parametrize("mask", Mask)
def test_random_serials_parse_back_and_depend_on_the_source_alone(mask):
    drawn = [Serial.random(mask, Random(seed)) for seed in range(50)]
    assert drawn == [Serial.random(mask, Random(seed)) for seed in range(50)]
    assert len(set(drawn)) > 40
    for serial in drawn:
        assert serial.mask is mask
        assert Serial.parse(str(serial)) == serial
        assert len(str(serial.number)) >= 8


@pytest.mark.parametrize("mask", Mask)
def test_a_serial_is_its_keys_and_stays_the_same(mask):
    drawn = [Serial.of_key(mask, bytes([seed]) * 32) for seed in range(50)]
    assert len(set(drawn)) == 50
    for serial in drawn:
        assert Serial.parse(str(serial)) == serial
        assert len(str(serial.number)) >= 8
    assert str(Serial.of_key(Mask.SOFTWARE_UNIVERSAL, bytes(32))) == "130-1240263021"


@pytest.mark.parametrize(
    ("serial", "binding", "kind"),
    [
        ("130-12345678", "", Kind.ANY),
        ("130-12345678", "file", Kind.ANY),
        ("130-12345678", "tpm", Kind.BOUND),
        ("130-12345678", "token", Kind.ANY),  # What does not fit the mask counts for nothing.
        ("130-12345678", "nonsense", Kind.ANY),
        ("129-12345678", "", Kind.BOUND),
        ("128-12345678", "strict", Kind.BOUND),
        ("1-12345678", "", Kind.HARDWARE),
        ("2-12345678", "token", Kind.HARDWARE),
        ("3-12345678", "file", Kind.HARDWARE),
    ],
)
def test_how_firmly_a_container_is_bound(serial, binding, kind):
    assert kind_of(serial, binding) is kind


@pytest.mark.parametrize("serial", ["131-12345678", "140-12345678", "nonsense"])
def test_only_upstreams_containers_are_bound(serial):
    with pytest.raises(ValueError, match="serial"):
        kind_of(serial)


def test_a_higher_kind_does_for_whoever_asks_for_a_lower_one():
    assert Kind.ANY < Kind.BOUND < Kind.HARDWARE


def test_each_binding_has_a_mask_that_may_have_it():
    assert set(MASK_OF) == set(Binding)
    assert all(binding in BINDINGS[mask] for binding, mask in MASK_OF.items())
