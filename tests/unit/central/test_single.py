"""What License Central sells to a container that stands alone, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from random import Random, SystemRandom

import pytest

from appliance.adapters.container_home import ContainerHome
from appliance.codec.licence_files import read_update
from appliance.services.central import CentralRefused, LicenseCentral, Options, Product
from appliance.verifier.certificates import SINGLE, verify_container_certificate
from tests.unit.central.asking import ORDER, all_by_hand

FIRM = 600_100


@pytest.fixture
def central(tmp_path: Path) -> LicenseCentral:
    made = LicenseCentral.create(tmp_path / "central", rng=Random(1))
    made.add_firm(FIRM, "Firm A")
    for code in (10, 20):
        made.add_product(FIRM, Product(product_code=code, quantity=10))
    return made


def home(central: LicenseCentral, directory: Path) -> ContainerHome:
    root = central.root.certificate
    return ContainerHome.create(directory, SystemRandom(), "host", root_certificate=root)


def issue(central, homes, product=10, options=None, **how):
    asked = all_by_hand(homes, FIRM)
    return central.issue(FIRM, product, asked, options, order=ORDER, **how)


def test_it_is_certified_as_single_and_gets_an_ordinary_licence(central, tmp_path) -> None:
    alone = home(central, tmp_path / "alone")
    issued = issue(central, [alone], single=True)
    (made,) = issued.updates
    update = read_update(made.data, central.root.certificate)
    assert (update.twin, [item.tmr_id for item in update.firm.items]) == (SINGLE, [0])
    assert verify_container_certificate(update.certificate, central.root.certificate).is_single
    alone.import_update(made.data)
    other = issue(central, [alone], 20, single=True)
    alone.import_update(other.updates[0].data)
    (firm,) = alone.firms()
    assert [(one.product_code, one.tmr_id) for one in firm.items] == [(10, 0), (20, 0)]


def test_a_second_licence_of_a_product_comes_instead_of_the_first(central, tmp_path) -> None:
    alone = home(central, tmp_path / "alone")
    issue(central, [alone], single=True)
    with pytest.raises(CentralRefused, match="--instead"):
        issue(central, [alone], options=Options({"quantity": 25}), single=True)
    again = issue(central, [alone], options=Options({"quantity": 25}), single=True, instead=True)
    for update in central.firm(FIRM).updates(alone.serial):
        alone.import_update(update.data)
    (firm,) = alone.firms()
    assert [one.quantity for one in firm.items] == [25]
    assert again.tmr_id == 0


def test_tmr_ids_count_groups_alone(central, tmp_path) -> None:
    issue(central, [home(central, tmp_path / "alone")], single=True)
    group = [home(central, tmp_path / f"up{number}") for number in (1, 2, 3)]
    assert issue(central, group).tmr_id == 1


def test_a_twin_never_stands_alone_and_a_single_joins_no_group(central, tmp_path) -> None:
    group = [home(central, tmp_path / f"up{number}") for number in (1, 2, 3)]
    issue(central, group)
    with pytest.raises(CentralRefused, match="it never stands alone"):
        issue(central, group[:1], single=True)
    singles = [home(central, tmp_path / f"alone{number}") for number in (1, 2, 3)]
    for one in singles:
        issue(central, [one], single=True)
    for mixed in (singles, [singles[0], *group[1:]]):
        with pytest.raises(CentralRefused, match="belong to different groups"):
            issue(central, mixed)


@pytest.mark.parametrize("count", [2, 3])
def test_more_requests_than_one_are_no_single_container(central, tmp_path, count) -> None:
    homes = [home(central, tmp_path / f"{number}") for number in range(count)]
    with pytest.raises(CentralRefused, match="makes one request"):
        issue(central, homes, single=True)
    assert central.root.containers == ()


def test_an_ordinary_licence_is_changed_by_no_tmr_id(central, tmp_path) -> None:
    for name in ("a", "b"):
        issue(central, [home(central, tmp_path / name)], single=True)
    with pytest.raises(CentralRefused, match="no TMR-ID to name it by"):
        central.change(FIRM, 0, Options({"quantity": 99}))
