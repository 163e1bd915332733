"""One lost container's twin is issued anew to a new one: once, whole, and to nobody else."""

import json
from pathlib import Path
from random import Random, SystemRandom

import pytest
from click.testing import CliRunner

from appliance.adapters.container_home import ContainerHome
from appliance.cli.main import tmr
from appliance.licences.model import LicenceKey, ReturnedItem
from appliance.services.central import CentralRefused, LicenseCentral, Options, Product
from appliance.services.central.giving_back import Returns
from appliance.verifier.certificates import verify_container_certificate
from tests.unit.central.asking import ORDER, Network, all_by_hand, by_hand, rows

FIRM_A, FIRM_B = 600_100, 600_200
OWNER = "Plant A"


@pytest.fixture
def central(tmp_path) -> LicenseCentral:
    made = LicenseCentral.create(tmp_path / "central", rng=Random(1))
    for firm in (FIRM_A, FIRM_B):
        made.add_firm(firm, f"Firm {firm}")
        made.add_product(firm, Product(product_code=10, quantity=10))
    return made


def home(tmp_path: Path, central: LicenseCentral, number: int) -> ContainerHome:
    root = central.root.certificate
    name = f"up{number}"
    where = tmp_path / f"{name}-{len(list(tmp_path.iterdir()))}"
    return ContainerHome.create(where, SystemRandom(), name, root_certificate=root)


@pytest.fixture
def homes(tmp_path, central) -> list[ContainerHome]:
    """Three containers with two licences of firm A and one of firm B; the second is blocked."""
    made = [home(tmp_path, central, number) for number in (1, 2, 3)]
    for firm, options in ((FIRM_A, Options.of(units=20)), (FIRM_A, Options()), (FIRM_B, Options())):
        issued = central.issue(firm, 10, all_by_hand(made, firm), options, order=ORDER)
        for one, update in zip(made, issued.updates, strict=True):
            one.import_update(update.data)
    lose(central, made[1])
    return made


@pytest.fixture
def new(tmp_path, central) -> ContainerHome:
    return home(tmp_path, central, 4)


def lose(central: LicenseCentral, lost: ContainerHome) -> None:
    central.register(lost.serial, OWNER)
    central.block(lost.serial, OWNER, "its disk is lost")


def holders(central: LicenseCentral, firm: int) -> dict[int, list[str]]:
    """By TMR-ID, who holds it."""
    held: dict[int, list[str]] = {}
    for one in central.firm(firm).licences():
        held.setdefault(one.item.tmr_id, []).append(one.container.serial)
    return {tmr_id: sorted(serials) for tmr_id, serials in held.items()}


def test_the_new_container_becomes_the_twin_that_the_lost_one_was(central, homes, new):
    lost = homes[1]
    three = sorted((homes[0].serial, new.serial, homes[2].serial))
    for firm in (FIRM_A, FIRM_B):
        (update,) = central.reissue_for(firm, lost.serial, by_hand(new, firm), order=ORDER)
        assert (update.serial, update.sequence) == (new.serial, 1)
        new.import_update(update.data)
    assert (new.cmact_id, new.twin) == (lost.cmact_id, 2)
    assert [firm.items for firm in new.firms()] == [firm.items for firm in lost.firms()]
    assert holders(central, FIRM_A) == {1: three, 2: three}
    assert holders(central, FIRM_B) == {1: three}
    said = verify_container_certificate(new.certificate, central.root.certificate)
    assert (said.serial, said.twin) == (new.serial, 2)
    # From now on it is one of the three, for changes and for new licences.
    assert len(central.change(FIRM_A, 1, Options.of(quantity=7)).updates) == 3
    asked = all_by_hand((homes[0], new, homes[2]), FIRM_A)
    issued = central.issue(FIRM_A, 10, asked, order=ORDER)
    assert sorted(one.serial for one in issued.updates) == three
    for one in central.updates(FIRM_A, new.serial)[1:]:
        new.import_update(one.data)
    with pytest.raises(CentralRefused, match=f"was replaced by {new.serial}"):
        central.issue(FIRM_A, 10, all_by_hand(homes, FIRM_A), order=ORDER)
    with pytest.raises(CentralRefused, match="stays blocked"):
        central.unblock(lost.serial, "Found again")


def test_what_is_refused_changes_nothing(tmp_path, central, homes, new):
    lost = homes[1].serial
    others = [home(tmp_path, central, number) for number in (6, 7, 8)]
    central.issue(FIRM_B, 10, all_by_hand(others, FIRM_B), order=ORDER)
    lose(central, others[0])
    before = rows(central)
    for serial, request, said in (
        (homes[0].serial, by_hand(new, FIRM_A), "is not blocked"),
        (lost, by_hand(homes[1], FIRM_A), "of .* itself"),
        (lost, by_hand(homes[0], FIRM_A), "is activated already, as twin 1"),
        (lost, by_hand(others[1], FIRM_A), "is activated already, as twin 2"),
        (lost, by_hand(others[0], FIRM_A), "is blocked itself"),
        (lost, b"no request", "Request 1 is refused"),
        (new.serial, by_hand(new, FIRM_A), "holds no licence"),
        (others[0].serial, by_hand(new, FIRM_A), "holds no licence of firm 600100"),
        ("130-1", by_hand(new, FIRM_A), "holds no licence"),
    ):
        with pytest.raises(CentralRefused, match=said):
            central.reissue_for(FIRM_A, serial, request, order=ORDER)
        assert rows(central) == before, said
    with pytest.raises(CentralRefused, match="no firm 7"):
        central.reissue_for(7, lost, by_hand(new, 7), order=ORDER)
    assert rows(central) == before


def test_no_twin_is_issued_twice(tmp_path, central, homes, new):
    lost = homes[1].serial
    central.reissue_for(FIRM_A, lost, by_hand(new, FIRM_A), order=ORDER)
    before = rows(central)
    second = home(tmp_path, central, 5)
    with pytest.raises(CentralRefused, match="handed out once more by"):
        central.reissue_for(FIRM_A, lost, by_hand(new, FIRM_A), order=ORDER)
    with pytest.raises(CentralRefused, match="holds no licence"):
        central.reissue_for(FIRM_A, lost, by_hand(second, FIRM_A), order=ORDER)
    with pytest.raises(CentralRefused, match=f"was replaced by {new.serial}"):
        central.reissue_for(FIRM_B, lost, by_hand(second, FIRM_B), order=ORDER)
    assert rows(central) == before
    assert len(central.updates(FIRM_A, new.serial)) == 1


def test_what_the_new_container_got_before_is_kept(central, homes, new):
    """Firm B sold a licence before it was asked to issue the old one anew."""
    central.reissue_for(FIRM_A, homes[1].serial, by_hand(new, FIRM_A), order=ORDER)
    central.issue(FIRM_B, 10, all_by_hand((homes[0], new, homes[2]), FIRM_B), order=ORDER)
    (update,) = central.reissue_for(FIRM_B, homes[1].serial, by_hand(new, FIRM_B), order=ORDER)
    assert update.sequence == 2
    for one in central.updates(FIRM_B, new.serial):
        new.import_update(one.data)
    items = next(firm.items for firm in new.firms() if firm.firm_code == FIRM_B)
    assert [item.tmr_id for item in items] == [1, 2]


def test_the_next_loss_of_the_same_twin_finds_what_no_firm_issued_anew(
    tmp_path, central, homes, new
):
    central.reissue_for(FIRM_A, homes[1].serial, by_hand(new, FIRM_A), order=ORDER)
    lose(central, new)
    newest = home(tmp_path, central, 5)
    for firm in (FIRM_A, FIRM_B):
        (update,) = central.reissue_for(firm, new.serial, by_hand(newest, firm), order=ORDER)
        newest.import_update(update.data)
    assert newest.twin == 2
    assert [firm.items for firm in newest.firms()] == [firm.items for firm in homes[1].firms()]


def test_a_return_asks_the_new_twin_instead_of_the_lost_one(tmp_path, central, homes, new):
    net = Network(tmp_path / "central", central)
    key = LicenceKey(FIRM_A, 10, 2)
    for one in (homes[0], homes[2]):
        net.give_back(one, key)
    net.wait()
    net.fetch(homes[0])
    firm = central.firm(FIRM_A)
    assert Returns(firm).waiting_for(firm.returns()[0]) == (homes[1].serial, homes[2].serial)
    update, *_ = central.reissue_for(FIRM_A, homes[1].serial, by_hand(new, FIRM_A), order=ORDER)
    said = new.import_update(update.data).firm
    assert [item.tmr_id for item in said.items] == [1]
    assert said.returned == (ReturnedItem(10, 2),)
    firm = central.firm(FIRM_A)
    assert Returns(firm).waiting_for(firm.returns()[0]) == (homes[2].serial, new.serial)
    net.confirm(new)
    firm = central.firm(FIRM_A)
    assert Returns(firm).waiting_for(firm.returns()[0]) == (homes[2].serial,)


def test_on_the_command_line(tmp_path, central, homes, new):
    def run(*words: str, expect: int = 0) -> str:
        argv = ["central", "--dir", str(tmp_path / "central"), "reissue", *words]
        result = CliRunner().invoke(tmr, argv)
        assert result.exit_code == expect, result.output
        return result.output

    request = tmp_path / "new.request"
    request.write_bytes(by_hand(new, FIRM_A))
    common = ("--firm", str(FIRM_A), "--order", ORDER, "--out", str(tmp_path / "out"))
    lost = ("--for", homes[1].serial)
    run(*common, str(request), expect=2)
    run(*common, *lost, "--group", "A", str(request), expect=2)
    run(*common, *lost, str(request), str(request), expect=2)
    said = run(*common, "--for", homes[0].serial, str(request), expect=1)
    assert "is not blocked" in said and said.count("\n") == 1
    done = json.loads(run(*common, *lost, "--json", str(request)))
    (update,) = done["updates"]
    assert (update["serial"], update["sequence"]) == (new.serial, 1)
    new.import_update(Path(update["file"]).read_bytes())
    assert new.twin == 2
