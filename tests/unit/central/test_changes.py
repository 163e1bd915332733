"""Updates carry what changed: a container comes from any older state to the newest, by few."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from random import Random

import msgspec
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update as sql_update

from appliance.adapters.container_home import ContainerHome
from appliance.cli.main import tmr
from appliance.codec.licence_files import read_update
from appliance.codec.request_files import Purpose, Wanted, firm_audience
from appliance.codec.transfer_files import read_receipt
from appliance.licences.model import (
    Container,
    ContainerUpdate,
    LicenceKey,
    ProductItem,
    ReturnedItem,
    UpdateBase,
)
from appliance.licences.refusals import UpdateRefused
from appliance.licences.updates import updated_container
from appliance.services.central import LicenseCentral, Options, firm_updates
from appliance.services.central.giving_back import Returns
from appliance.services.central.issued import IssuedUpdate
from appliance.services.central.records.schema import issued, items, returns
from appliance.services.central.refusals import CentralRefused
from appliance.verifier.words import ItemTree
from tests.unit.central.asking import (
    FIRM_A,
    FIRM_B,
    all_by_hand,
    by_hand,
    containers,
    for_updates,
)

DAY_S = 86_400


@pytest.fixture
def homes(tmp_path: Path, central: LicenseCentral) -> list[ContainerHome]:
    return containers(tmp_path, central, 1, 2, 3)


def act(central: LicenseCentral, homes: list[ContainerHome], rng: Random) -> None:
    """Issue a licence, change one, or take one back."""
    held = [one.item for one in central.firm(FIRM_A).licences()]
    what = rng.choice(("issue", "issue", "change", "take"))
    if what == "issue" or len(held) < 6:
        product = rng.choice((10, 20))
        asked = all_by_hand(homes, FIRM_A)
        central.issue(FIRM_A, product, asked, Options(), order="PO 4711")
        return
    item = rng.choice(held)
    if what == "change":
        central.change(FIRM_A, item.tmr_id, Options.of(quantity=rng.randrange(1, 99)))
        return
    book = Returns(central.firm(FIRM_A))
    for one in homes[:2]:
        book.order(_key(item), one.serial, 0)
    book.carry_out(2 * DAY_S)
    _confirm_all(central)


def _key(item: ProductItem) -> LicenceKey:
    return LicenceKey(FIRM_A, item.product_code, item.tmr_id)


def _confirm_all(central: LicenseCentral) -> None:
    """As if every container had confirmed: else nothing new is issued to it."""
    with central.records.act() as connection:
        connection.execute(sql_update(issued).values(confirmed=issued.c.sequence))
        connection.execute(sql_update(returns).where(returns.c.taken).values(settled=True))


@pytest.mark.parametrize("most", [1, 3, 1_000])
def test_any_older_state_comes_to_the_newest(tmp_path, central, homes, monkeypatch, most) -> None:
    """File by file, or leaping: the content, and the root that the firm signed, are the same."""
    monkeypatch.setattr(firm_updates, "CHANGES_MAX", most)
    rng, first = Random(7), homes[0]
    firm = central.firm(FIRM_A)
    for _ in range(12):
        act(central, homes, rng)
    files = firm.updates(first.serial)
    newest = len(files)
    for one in files:
        first.import_update(one.data)
    (whole,) = first.firms()
    assert whole.sequence == newest and whole.word is not None
    assert sorted(whole.items, key=str) == sorted(firm.content(first.serial), key=str)
    assert whole.word.root == ItemTree(FIRM_A, whole.items).root
    root = central.root.certificate
    for base in range(newest):
        known = _ledger_at(files[:base], root)
        leaps, held = 0, base
        while (update := firm.next_update(first.serial, held)) is not None:
            said = read_update(update.data, root)
            container = updated_container(known, said)
            assert container is not None
            known, held, leaps = {first.serial: container}, update.sequence, leaps + 1
            assert updated_container(known, said) is None, "it is imported already"
        assert known[first.serial].firms == (whole,)
        assert leaps == 1 or most < 1_000
    # The disk has the same after a restart, and the ledger may be behind at any of them.
    again = ContainerHome.open(tmp_path / "up1", root)
    assert again.firms() == (whole,)
    assert sorted(again.updates_by_base(FIRM_A)) == list(range(newest))


def _ledger_at(files: Iterable[IssuedUpdate], root: bytes) -> dict[str, Container]:
    known: dict[str, Container] = {}
    for one in files:
        container = updated_container(known, read_update(one.data, root))
        assert container is not None
        known = {one.serial: container}
    return known


def test_a_container_leaps_and_its_ledger_follows(tmp_path, central, homes) -> None:
    for _ in range(4):
        central.issue(FIRM_A, 10, all_by_hand(homes, FIRM_A), order="PO 4711")
    firm, home = central.firm(FIRM_A), homes[0]
    first, *_ = firm.updates(home.serial)
    home.import_update(first.data)
    leap = firm.next_update(home.serial, 1)
    assert leap is not None and leap.sequence == 4
    assert len(home.import_update(leap.data).firm.items) == 4
    assert home.updates_by_base(FIRM_A) == {0: first.data, 1: leap.data}
    for wrong, said in (
        (firm.updates(home.serial)[2], "is applied already"),
        (leap, "is applied already"),
    ):
        with pytest.raises(UpdateRefused, match=said):
            home.import_update(wrong.data)
    receipt = home.receipt(FIRM_A)
    Returns(firm).confirm(read_receipt(receipt)[0], receipt)
    assert firm.confirmed([home.serial]) == {home.serial: 4}


def test_by_hand_a_container_gets_one_file_for_all_that_it_lacks(central, homes) -> None:
    for _ in range(5):
        central.issue(FIRM_A, 10, all_by_hand(homes, FIRM_A), order="PO 4711")
    files = {home.serial: central.updates(FIRM_A, home.serial) for home in homes}
    for home, imported in zip(homes, (0, 2, 4), strict=True):
        for one in files[home.serial][:imported]:
            home.import_update(one.data)
    asked = [for_updates(home, FIRM_A) for home in homes]
    leaps = central.updates_since(FIRM_A, asked)
    assert [(one.serial, one.sequence) for one in leaps] == [(home.serial, 5) for home in homes]
    for home, one in zip(homes, leaps, strict=True):
        assert len(home.import_update(one.data).firm.items) == 5
        receipt = home.receipt(FIRM_A)  # the vendor knows the file by which it came there
        Returns(central.firm(FIRM_A)).confirm(read_receipt(receipt)[0], receipt)
    assert central.updates_since(FIRM_A, [for_updates(home, FIRM_A) for home in homes]) == ()
    # Whoever shows the first requests again gets what changes nothing.
    for home, one in zip(homes, central.updates_since(FIRM_A, asked), strict=True):
        with pytest.raises(UpdateRefused, match="is applied already"):
            home.import_update(one.data)


def test_the_verb_takes_requests_or_the_serial_of_one(tmp_path, central, homes) -> None:
    def run(*words: str) -> Result:
        first = ("central", "--dir", str(tmp_path / "central"), "updates", "--firm", str(FIRM_A))
        return CliRunner().invoke(tmr, [*first, "--out", str(tmp_path / "out"), *words])

    for _ in range(3):
        central.issue(FIRM_A, 10, all_by_hand(homes, FIRM_A), order="PO 4711")
    home, request = homes[0], tmp_path / "up1.request"
    request.write_bytes(for_updates(home, FIRM_A))
    (one,) = json.loads(run("--json", str(request)).stdout)["updates"]
    assert (one["serial"], one["sequence"]) == (home.serial, 3)
    home.import_update(Path(one["file"]).read_bytes())
    request.write_bytes(for_updates(home, FIRM_A))
    assert "have all that was issued to them" in run(str(request)).stdout
    assert len(json.loads(run("--json", "--serial", home.serial).stdout)["updates"]) == 3
    for wrong in ((), ("--serial", home.serial, str(request))):
        told = run(*wrong)
        assert (told.exit_code, "Name either" in told.stderr) == (2, True)


def test_by_hand_more_changes_than_fit_into_one_file_are_several(central, homes, monkeypatch):
    monkeypatch.setattr(firm_updates, "CHANGES_MAX", 2)
    for _ in range(5):
        central.issue(FIRM_A, 10, all_by_hand(homes, FIRM_A), order="PO 4711")
    leaps = central.updates_since(FIRM_A, [for_updates(homes[0], FIRM_A)])
    assert [one.sequence for one in leaps] == [2, 4, 5]
    for one in leaps:
        homes[0].import_update(one.data)


def test_what_is_no_request_for_updates_gets_none(tmp_path, central, homes) -> None:
    central.issue(FIRM_A, 10, all_by_hand(homes, FIRM_A), order="PO 4711")
    (stranger,) = containers(tmp_path, central, 4)
    good = for_updates(homes[0], FIRM_A)

    def refused(request: bytes, words: str, firm: int = FIRM_A) -> None:
        with pytest.raises(CentralRefused, match=words):
            central.updates_since(firm, [good if firm == FIRM_A else request, request])

    refused(by_hand(homes[0], FIRM_A), "Request 2 does not ask firm 600100 for updates")
    refused(homes[0].request(), "does not ask firm 600100 for updates")
    refused(for_updates(homes[0], FIRM_B), "does not ask firm 600100 for updates")
    refused(good, "Request 1 does not ask firm 600200", FIRM_B)
    refused(good[:-3], "Request 2 is refused")
    refused(for_updates(stranger, FIRM_A), f"has issued nothing to {stranger.serial}")
    ahead = Wanted(Purpose.UPDATE, firm_audience(FIRM_A), bytes(16), held=((FIRM_A, 7),))
    refused(homes[1].request(ahead), "holds update 7 of firm 600100, and 1 is the newest here")
    central.register(homes[2].serial, "Plant")
    central.block(homes[2].serial, "Plant", "stolen")
    refused(for_updates(homes[2], FIRM_A), "is blocked: stolen")
    # Nor does it buy anything.
    with pytest.raises(CentralRefused, match="Request 1 is not for firm 600100"):
        asked = [for_updates(home, FIRM_A) for home in homes]
        central.issue(FIRM_A, 10, asked, order="PO 4712")


def test_one_licence_more_costs_one_licence_more(central, homes) -> None:
    sizes = []
    for _ in range(20):
        made = central.issue(FIRM_A, 10, all_by_hand(homes, FIRM_A), order="PO 4711")
        sizes.append(len(made.updates[0].data))
    assert max(sizes[2:]) - min(sizes[2:]) < 40


def test_nothing_that_was_issued_before_is_read_to_issue_one_more(central, homes) -> None:
    """Else the n-th licence costs n times the first: its root is made of what the last one left."""
    (home, *_) = homes
    for _ in range(9):
        made = central.issue(FIRM_A, 20, all_by_hand(homes, FIRM_A), order="PO 4711")
    with central.records.act() as connection:
        connection.execute(sql_update(items).values(leaf=bytes(32)))
    for product in (10, 20):
        central.issue(FIRM_A, product, all_by_hand(homes, FIRM_A), order="PO 4711")
    for one in central.firm(FIRM_A).updates(home.serial):
        home.import_update(one.data)  # It compares the root with the items.
    central.change(FIRM_A, made.tmr_id, Options.of(quantity=7))
    last = central.firm(FIRM_A).updates(home.serial)[-1]
    with pytest.raises(UpdateRefused, match="is not about these items"):
        home.import_update(last.data)


def test_changes_are_made_to_their_own_base_only(central, homes) -> None:
    for _ in range(3):
        central.issue(FIRM_A, 10, all_by_hand(homes, FIRM_A), order="PO 4711")
    root, home = central.root.certificate, homes[0]
    said = [read_update(one.data, root) for one in central.firm(FIRM_A).updates(home.serial)]
    known = updated_container({}, said[0])
    assert known is not None

    def refused(update: ContainerUpdate, words: str) -> None:
        with pytest.raises(UpdateRefused, match=words):
            updated_container({home.serial: known}, update)

    second = said[1]
    assert second.base is not None
    refused(said[2], "changes update 2, but update 1 is what is there")
    other = UpdateBase(sequence=1, root=bytes(32))
    refused(msgspec.structs.replace(second, base=other), "of other content than the one that is")
    gone = (ReturnedItem(10, 9),)
    refused(msgspec.structs.replace(second, dropped=gone), "takes away what is not there")
    lost = (ReturnedItem(10, 1),)
    refused(msgspec.structs.replace(second, dropped=lost), "to other licences than its firm signed")
    none = UpdateBase(sequence=2, root=second.base.root)
    refused(msgspec.structs.replace(second, base=none), "impossible base")
    with pytest.raises(UpdateRefused, match="changes update 1, but update 0 is what is there"):
        updated_container({}, second)
    with pytest.raises(UpdateRefused, match="changes update 1"):
        home.import_update(central.firm(FIRM_A).updates(home.serial)[1].data)
