"""One lost container's twin is issued anew to a new one: once, whole, and to nobody else."""

import json
import os
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from appliance.adapters.container_home import ContainerHome
from appliance.cli.main import tmr
from appliance.codec.certificates import verify_container_certificate
from appliance.licences.model import LicenceKey
from appliance.services.central import CentralRefused, LicenseCentral, Options, Product
from appliance.services.central.transfers import Transfers

FIRM_A, FIRM_B = 600_100, 600_200
OWNER = "Plant A"


@pytest.fixture
def central(tmp_path) -> LicenseCentral:
    made = LicenseCentral.create(tmp_path / "central", rng=Random(1))
    for firm in (FIRM_A, FIRM_B):
        made.add_firm(firm, f"Firm {firm}")
        made.add_product(firm, Product(product_code=10, quantity=10))
    return made


def home(tmp_path: Path, central: LicenseCentral, number: int, **fields: str) -> ContainerHome:
    root = central.root.certificate
    name = f"up{number}"
    where = tmp_path / f"{name}-{len(list(tmp_path.iterdir()))}"
    return ContainerHome.create(where, Random(number), name, root_certificate=root, **fields)


@pytest.fixture
def homes(tmp_path, central) -> list[ContainerHome]:
    """Three containers with two licences of firm A and one of firm B; the second is blocked."""
    made = [home(tmp_path, central, number) for number in (1, 2, 3)]
    for firm, options in ((FIRM_A, Options.of(units=20)), (FIRM_A, Options()), (FIRM_B, Options())):
        issued = central.issue(firm, 10, [one.request() for one in made], options)
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


def records(tmp_path: Path) -> dict[str, bytes]:
    """What the vendors' directory holds, keys and records."""
    found = (tmp_path / "central").rglob("*")
    return {str(path): path.read_bytes() for path in found if path.is_file()}


def holders(central: LicenseCentral, firm: int) -> dict[int, list[str]]:
    """By TMR-ID, who holds it."""
    held: dict[int, list[str]] = {}
    for one in central.firm(firm).containers:
        for item in one.items:
            held.setdefault(item.tmr_id, []).append(one.container.serial)
    return {tmr_id: sorted(serials) for tmr_id, serials in held.items()}


def test_the_new_container_becomes_the_twin_that_the_lost_one_was(central, homes, new):
    lost = homes[1]
    three = sorted((homes[0].serial, new.serial, homes[2].serial))
    for firm in (FIRM_A, FIRM_B):
        (update,) = central.reissue_for(firm, lost.serial, new.request())
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
    asked = [one.request() for one in (homes[0], new, homes[2])]
    assert sorted(one.serial for one in central.issue(FIRM_A, 10, asked).updates) == three
    for one in central.updates(FIRM_A, new.serial)[1:]:
        new.import_update(one.data)
    with pytest.raises(CentralRefused, match=f"was replaced by {new.serial}"):
        central.issue(FIRM_A, 10, [one.request() for one in homes])
    with pytest.raises(CentralRefused, match="stays blocked"):
        central.unblock(lost.serial, "Found again")


def test_what_is_refused_changes_nothing(tmp_path, central, homes, new):
    lost = homes[1].serial
    stolen = home(tmp_path, central, 5, serial=lost)
    others = [home(tmp_path, central, number) for number in (6, 7, 8)]
    central.issue(FIRM_B, 10, [one.request() for one in others])
    lose(central, others[0])
    before = records(tmp_path)
    for serial, request, said in (
        (homes[0].serial, new.request(), "is not blocked"),
        (lost, homes[1].request(), "of .* itself"),
        (lost, stolen.request(), "of .* itself"),
        (lost, homes[0].request(), "is activated already, as twin 1"),
        (lost, others[1].request(), "is activated already, as twin 2"),
        (lost, others[0].request(), "is blocked itself"),
        (lost, b"no request", "Request 1 is refused"),
        (new.serial, new.request(), "holds no licence"),
        (others[0].serial, new.request(), "holds no licence of firm 600100"),
        ("130-1", new.request(), "holds no licence"),
    ):
        with pytest.raises(CentralRefused, match=said):
            central.reissue_for(FIRM_A, serial, request)
        assert records(tmp_path) == before, said
    with pytest.raises(CentralRefused, match="no firm 7"):
        central.reissue_for(7, lost, new.request())
    assert records(tmp_path) == before


def test_a_key_or_a_serial_that_another_container_has_takes_no_place(tmp_path, central, homes, new):
    clone = home(tmp_path, central, 5, serial=homes[2].serial)
    with pytest.raises(CentralRefused, match="activated with another key"):
        central.reissue_for(FIRM_A, homes[1].serial, clone.request())
    assert len(central.root.containers) == 3


def test_no_twin_is_issued_twice(tmp_path, central, homes, new):
    lost = homes[1].serial
    central.reissue_for(FIRM_A, lost, new.request())
    before = records(tmp_path)
    second = home(tmp_path, central, 5)
    with pytest.raises(CentralRefused, match="handed out once more by"):
        central.reissue_for(FIRM_A, lost, new.request())
    with pytest.raises(CentralRefused, match="holds no licence"):
        central.reissue_for(FIRM_A, lost, second.request())
    with pytest.raises(CentralRefused, match=f"was replaced by {new.serial}"):
        central.reissue_for(FIRM_B, lost, second.request())
    assert records(tmp_path) == before
    assert len(central.updates(FIRM_A, new.serial)) == 1


class Power(BaseException):
    """The power is gone."""


@pytest.mark.parametrize("after", [False, True])
def test_interrupted_anywhere_it_is_whole_when_asked_again(
    tmp_path, central, homes, new, monkeypatch, after
):
    """Before or after each file that gets its name: no licence has two twins, none is lost."""
    real = os.replace
    lost, step = homes[1], 0
    three = sorted((homes[0].serial, new.serial, homes[2].serial))
    saved = records(tmp_path)
    while True:
        calls = 0

        def replace(*args, at=step):
            nonlocal calls
            calls += 1
            if calls == at + 1:
                if after:
                    real(*args)
                raise Power
            real(*args)

        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", replace)
            try:
                central.reissue_for(FIRM_A, lost.serial, new.request())
                break
            except Power:
                pass
        (held,) = {tuple(serials) for serials in holders(central, FIRM_A).values()}
        if held != tuple(three):
            # Another container cannot come between once the root has certified the first.
            if central.root.successor(lost.serial):
                with pytest.raises(CentralRefused, match="was replaced by"):
                    central.reissue_for(FIRM_A, lost.serial, home(tmp_path, central, 9).request())
            central.reissue_for(FIRM_A, lost.serial, new.request())
        assert holders(central, FIRM_A) == {1: three, 2: three}
        assert len(central.updates(FIRM_A, new.serial)) == 1
        assert len(central.root.containers) == 4
        for path in (tmp_path / "central").rglob("*.tmr-update"):
            if str(path) not in saved:
                path.unlink()
        for name, data in saved.items():
            Path(name).write_bytes(data)
        step += 1
    assert step == 3, "the root's record, the update, the firm's record"
    new.import_update(central.updates(FIRM_A, new.serial)[0].data)
    assert new.firms()[0].items == lost.firms()[0].items


def test_what_the_new_container_got_before_is_kept(central, homes, new):
    """Firm B sold a licence before it was asked to issue the old one anew."""
    central.reissue_for(FIRM_A, homes[1].serial, new.request())
    central.issue(FIRM_B, 10, [one.request() for one in (homes[0], new, homes[2])])
    (update,) = central.reissue_for(FIRM_B, homes[1].serial, new.request())
    assert update.sequence == 2
    for one in central.updates(FIRM_B, new.serial):
        new.import_update(one.data)
    items = next(firm.items for firm in new.firms() if firm.firm_code == FIRM_B)
    assert [item.tmr_id for item in items] == [1, 2]


def test_the_next_loss_of_the_same_twin_finds_what_no_firm_issued_anew(
    tmp_path, central, homes, new
):
    central.reissue_for(FIRM_A, homes[1].serial, new.request())
    lose(central, new)
    newest = home(tmp_path, central, 5)
    for firm in (FIRM_A, FIRM_B):
        (update,) = central.reissue_for(firm, new.serial, newest.request())
        newest.import_update(update.data)
    assert newest.twin == 2
    assert [firm.items for firm in newest.firms()] == [firm.items for firm in homes[1].firms()]


def test_a_return_is_complete_when_the_new_twin_confirms(tmp_path, central, homes, new):
    transfers = Transfers(tmp_path / "central", central)
    key = LicenceKey(FIRM_A, 10, 2)
    assert len(transfers.take_back(homes[0].return_order(key)).waiting_for) == 3
    for one in (homes[0], homes[2]):
        update = transfers.update(one.request(), {FIRM_A: 2, FIRM_B: 1})
        assert update is not None
        one.import_update(update.data)
        transfers.confirm(one.receipt(FIRM_A))
    firm = central.firm(FIRM_A)
    assert firm.waiting_for(firm.returns[0]) == (homes[1].serial,)
    (update,) = central.reissue_for(FIRM_A, homes[1].serial, new.request())
    assert [item.tmr_id for item in new.import_update(update.data).firm.items] == [1]
    firm = central.firm(FIRM_A)
    assert firm.waiting_for(firm.returns[0]) == (new.serial,)
    transfers.confirm(new.receipt(FIRM_A))
    firm = central.firm(FIRM_A)
    assert firm.waiting_for(firm.returns[0]) == ()


def test_on_the_command_line(tmp_path, central, homes, new):
    def run(*words: str, expect: int = 0) -> str:
        argv = ["central", "--dir", str(tmp_path / "central"), "reissue", *words]
        result = CliRunner().invoke(tmr, argv)
        assert result.exit_code == expect, result.output
        return result.output

    request = tmp_path / "new.request"
    request.write_bytes(new.request())
    common = ("--firm", str(FIRM_A), "--out", str(tmp_path / "out"))
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
