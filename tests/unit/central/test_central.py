"""License Central: whom it certifies, what it issues, and what it refuses."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from random import Random, SystemRandom

import msgspec
import pytest
import sqlalchemy as sql

from appliance.adapters.container_home import ContainerHome
from appliance.services.central import (
    CentralRefused,
    LicenseCentral,
    Options,
    Product,
)
from appliance.services.central.records import database, schema
from appliance.verifier.certificates import verify_container_certificate, verify_firm_certificate
from tests.unit.central.asking import ORDER, all_by_hand

FIRM_A, FIRM_B = 600_100, 600_200


@pytest.fixture
def central(tmp_path) -> LicenseCentral:
    made = LicenseCentral.create(tmp_path / "central", rng=Random(1))
    made.add_firm(FIRM_A, "Firm A")
    made.add_firm(FIRM_B, "Firm B")
    made.add_product(FIRM_A, Product(product_code=10, text="Seats", quantity=10))
    made.add_product(FIRM_A, Product(product_code=20, units=500))
    made.add_product(FIRM_B, Product(product_code=10, quantity=3))
    return made


def group(tmp_path: Path, central: LicenseCentral, first: int) -> list[ContainerHome]:
    """Three new containers on three hosts."""
    root = central.root.certificate
    return [
        ContainerHome.create(
            tmp_path / f"up{number}", SystemRandom(), f"up{number}", root_certificate=root
        )
        for number in range(first, first + 3)
    ]


@pytest.fixture
def homes(tmp_path, central) -> list[ContainerHome]:
    return group(tmp_path, central, 1)


PUBLISHED = {"root.cert.der", "block-list.crl"}
"""What the vendors give to everybody anyway."""


@pytest.mark.skipif(os.name != "posix", reason="another system has no such modes")
def test_who_is_not_the_vendor_reads_nothing_of_his(tmp_path) -> None:
    """Customers, tickets and blocks are nobody else's business, however open the process is."""
    before = os.umask(0o022)
    try:
        where = tmp_path / "new" / "central"
        central = LicenseCentral.create(where, rng=Random(1))
        central.add_firm(FIRM_A, "Firm A")
        central.add_product(FIRM_A, Product(product_code=10, quantity=10))
        issued = central.issue(FIRM_A, 10, requests(group(tmp_path, central, 1)), order=ORDER)
        central.blocks.register(issued.updates[0].serial, "Site 1", datetime.now(UTC))
        central.blocks.make_list(datetime.now(UTC))
    finally:
        os.umask(before)
    found = {path: stat.S_IMODE(path.stat().st_mode) for path in (where, *where.rglob("*"))}
    directories = {path: mode for path, mode in found.items() if path.is_dir()}
    files = {path: mode for path, mode in found.items() if path not in directories}
    assert {path.name for path in files} >= {"central.db", "firm.key.pem", *PUBLISHED}
    assert {path.name for path in directories} >= {"root", "central", "firms"}
    assert [path for path, mode in directories.items() if mode != 0o700] == []
    open_files = {path.name for path, mode in files.items() if mode != 0o600}
    assert open_files == PUBLISHED


def requests(homes, firm=FIRM_A):
    return all_by_hand(homes, firm)


def import_all(homes, issued):
    for home in homes:
        for update in issued.updates:
            if update.serial == home.serial:
                home.import_update(update.data)


def test_the_root_certifies_firms_and_containers(central, homes):
    issued = central.issue(FIRM_A, 10, requests(homes), order=ORDER)
    root = central.root.certificate
    assert verify_firm_certificate(central.firm(FIRM_A).certificate, root)[:2] == (FIRM_A, "Firm A")
    said = [verify_container_certificate(one.certificate, root) for one in central.root.containers]
    assert [one.twin for one in said] == [1, 2, 3]
    assert len({one.cmact_id for one in said}) == 1
    assert [one.serial for one in said] == [home.serial for home in homes]
    assert [update.serial for update in issued.updates] == [home.serial for home in homes]


def test_three_constituents_are_equal_and_tmr_ids_count_up_per_firm(central, homes):
    first = central.issue(FIRM_A, 10, requests(homes), order=ORDER)
    ending = Options.of(expires_at_s=2_000_000_000)
    second = central.issue(FIRM_A, 20, requests(homes), ending, order=ORDER)
    other = central.issue(FIRM_B, 10, requests(reversed(homes), FIRM_B), order=ORDER)
    assert (first.tmr_id, second.tmr_id, other.tmr_id) == (1, 2, 1)
    for issued in (first, second, other):
        import_all(homes, issued)
    firms = [[msgspec.structs.replace(firm, word=None) for firm in home.firms()] for home in homes]
    assert firms[0] == firms[1] == firms[2]
    a, b = firms[0]
    assert [(item.product_code, item.tmr_id) for item in a.items] == [(10, 1), (20, 2)]
    assert (a.sequence, a.items[0].quantity, a.items[0].expires_at_s) == (2, 10, None)
    assert (a.items[1].units, a.items[1].expires_at_s) == (500, 2_000_000_000)
    assert (b.sequence, b.items[0].quantity) == (1, 3)
    # Twins keep their numbers, in whatever order the requests came the second time.
    assert [home.twin for home in homes] == [1, 2, 3]


def test_one_constituent_can_be_made_to_differ(central, homes):
    import_all(homes, central.issue(FIRM_A, 10, requests(homes), order=ORDER))
    changed = central.change(FIRM_A, 1, Options.of(expires_at_s=5), [homes[1].serial])
    assert [(one.serial, one.sequence) for one in changed.updates] == [(homes[1].serial, 2)]
    import_all(homes, changed)
    assert [home.firms()[0].items[0].expires_at_s for home in homes] == [None, 5, None]
    # The next licence comes on top of it, for each container with its own sequence.
    following = central.issue(FIRM_A, 10, requests(homes), order=ORDER)
    assert [one.sequence for one in following.updates] == [2, 3, 2]
    import_all(homes, following)
    assert [home.firms()[0].items[0].expires_at_s for home in homes] == [None, 5, None]
    # Without serials all three change alike, and an option can be taken away.
    import_all(homes, central.change(FIRM_A, 1, Options.of(expires_at_s=None, quantity=4)))
    assert len({home.firms()[0].items for home in homes}) == 1


def test_every_update_can_be_handed_out_again(central, homes):
    issued = [central.issue(FIRM_A, 10, requests(homes), order=ORDER) for _ in range(3)]
    again = central.updates(FIRM_A, homes[0].serial)
    assert again == tuple(one.updates[0] for one in issued)
    names = [one.file_name for one in again]
    assert names == sorted(names)
    for update in again:
        homes[0].import_update(update.data)
    with pytest.raises(CentralRefused, match="issued nothing"):
        central.updates(FIRM_A, "130-5")


def test_what_is_remembered_outlives_the_program(central, homes, tmp_path):
    central.issue(FIRM_A, 10, requests(homes), order=ORDER)
    reopened = LicenseCentral(tmp_path / "central")
    assert [firm.firm_code for firm in reopened.firms()] == [FIRM_A, FIRM_B]
    assert reopened.issue(FIRM_A, 10, requests(homes), order=ORDER).tmr_id == 2
    assert len(reopened.root.containers) == 3


# --- two parties, two stores ---


def private_keys(path: Path) -> list[Path]:
    return [file for file in path.rglob("*") if file.is_file() and b"PRIVATE" in file.read_bytes()]


def test_each_store_holds_one_private_key_and_its_owner_only_reads_it(central, tmp_path):
    base = tmp_path / "central"
    stores = [base / "root", base / "firms" / str(FIRM_A), base / "firms" / str(FIRM_B)]
    keys = [private_keys(store) for store in stores]
    assert [len(found) for found in keys] == [1, 1, 1]
    assert len({found[0].read_bytes() for found in keys}) == 3
    assert len(private_keys(base)) == 3
    if os.name == "posix":
        assert {stat.S_IMODE(found[0].stat().st_mode) for found in keys} == {0o600}


def test_firm_a_with_its_own_key_cannot_issue_for_firm_b(central, homes, tmp_path):
    """Firm A puts its key and certificate in B's place; what they sign is not handed out."""
    central.issue(FIRM_A, 10, requests(homes), order=ORDER)
    firms = tmp_path / "central" / "firms"
    key = (firms / str(FIRM_A) / "firm.key.pem").read_bytes()
    (firms / str(FIRM_B) / "firm.key.pem").write_bytes(key)
    with pytest.raises(CentralRefused, match="signature"):
        central.issue(FIRM_B, 10, requests(homes, FIRM_B), order=ORDER)
    with central.records.act() as connection:
        theirs = sql.update(schema.firms).where(schema.firms.c.firm_code == FIRM_B)
        connection.execute(theirs.values(certificate=central.firm(FIRM_A).certificate))
    with pytest.raises(CentralRefused, match="that key cannot sign for"):
        central.issue(FIRM_B, 10, requests(homes, FIRM_B), order=ORDER)
    assert central.firm(FIRM_B).licences() == []


# --- refusals ---


def test_a_group_is_three_and_stays_the_same_three(central, homes, tmp_path):
    central.issue(FIRM_A, 10, requests(homes), order=ORDER)
    others = group(tmp_path, central, 4)
    central.issue(FIRM_A, 10, requests(others), order=ORDER)
    fourth = ContainerHome.create(tmp_path / "up9", SystemRandom(), "up9")
    cases = [
        (homes[:2], "three containers, but 2"),
        ([*homes, fourth], "three containers, but 4"),
        ([homes[0], homes[1], fourth], "never takes a fourth"),
        ([homes[0], homes[1], others[2]], "different groups"),
        ([homes[0], homes[1], homes[0]], "given twice"),
    ]
    for firm_code in (FIRM_A, FIRM_B):
        for given, said in cases:
            with pytest.raises(CentralRefused, match=said):
                central.issue(firm_code, 10, requests(given, firm_code), order=ORDER)
    assert len(central.root.containers) == 6
    assert central.issue(FIRM_A, 10, requests(homes), order=ORDER).tmr_id == 3


@pytest.mark.parametrize(
    ("firm_code", "product_code", "options", "said"),
    [
        (5, 10, Options(), "no firm 5"),
        (FIRM_A, 99, Options(), "no product 99"),
        (FIRM_A, 10, Options.of(quantity=-1), "licence quantity"),
        (FIRM_A, 10, Options.of(units=2**53), "unit counter"),
        (FIRM_A, 10, Options.of(lease_ttl_s=0), "lease lifetime"),
        (FIRM_A, 10, Options.of(text="x" * 257), "text"),
        (FIRM_A, 10, Options.of(containers="dongle"), "must be any or bound or hardware"),
        (FIRM_A, 10, Options.of(containers="bound"), "have the customer send requests"),
    ],
)
def test_what_is_refused_issues_and_activates_nothing(
    central, homes, firm_code, product_code, options, said
):
    with pytest.raises(CentralRefused, match=said):
        central.issue(firm_code, product_code, requests(homes, firm_code), options, order=ORDER)
    assert central.root.containers == ()
    assert central.issue(FIRM_A, 10, requests(homes), order=ORDER).tmr_id == 1


def test_a_damaged_request_is_named(central, homes):
    files = requests(homes)
    files[1] = files[1][:-9] + b"AAAAAAAA\n"
    with pytest.raises(CentralRefused, match="Request 2 is refused: The"):
        central.issue(FIRM_A, 10, files, order=ORDER)


def test_doubles_are_refused(central, tmp_path):
    with pytest.raises(CentralRefused, match="holds a root already"):
        LicenseCentral.create(tmp_path / "central")
    with pytest.raises(CentralRefused, match="exists already"):
        central.add_firm(FIRM_A, "Firm A")
    with pytest.raises(CentralRefused, match="product 10 already"):
        central.add_product(FIRM_A, Product(product_code=10))
    with pytest.raises(CentralRefused, match="product code"):
        central.add_product(FIRM_A, Product(product_code=-1))


def test_impossible_names_are_refused(central, tmp_path):
    with pytest.raises(CentralRefused, match="firm code is"):
        central.add_firm(0, "Nobody")
    with pytest.raises(CentralRefused, match="name has"):
        central.add_firm(7, "x" * 65)
    made = sorted(path.name for path in (tmp_path / "central" / "firms").iterdir())
    assert made == [str(FIRM_A), str(FIRM_B)]
    with pytest.raises(CentralRefused, match="name has"):
        LicenseCentral.create(tmp_path / "other", "")
    with pytest.raises(CentralRefused, match="make it first"):
        LicenseCentral(tmp_path / "nowhere").add_firm(7, "Firm")


def test_changes_that_change_nothing_or_nobody_are_refused(central, homes):
    central.issue(FIRM_A, 10, requests(homes), order=ORDER)
    with pytest.raises(CentralRefused, match="at least one option"):
        central.change(FIRM_A, 1, Options())
    with pytest.raises(CentralRefused, match="no TMR-ID 2"):
        central.change(FIRM_A, 2, Options.of(quantity=1))
    with pytest.raises(CentralRefused, match="130-5 holds no licence"):
        central.change(FIRM_A, 1, Options.of(quantity=1), ["130-5"])
    with pytest.raises(CentralRefused, match="licence quantity"):
        central.change(FIRM_A, 1, Options.of(quantity=-1))


def test_two_programs_never_take_one_tmr_id(central, homes, tmp_path, monkeypatch):
    monkeypatch.setattr(database, "LOCK_WAIT_S", 0.01)
    central.records.close()
    with (
        LicenseCentral(tmp_path / "central").records.act(),
        pytest.raises(CentralRefused, match="in use by another program"),
    ):
        central.issue(FIRM_A, 10, requests(homes), order=ORDER)
    assert central.issue(FIRM_A, 10, requests(homes), order=ORDER).tmr_id == 1


def test_damaged_keys_are_named(central, tmp_path):
    root = tmp_path / "central" / "root"
    (root / "root.key.pem").write_text("rubbish")
    with pytest.raises(CentralRefused, match="no Ed25519 private key"):
        _ = central.root
    (root / "root.key.pem").unlink()
    with pytest.raises(CentralRefused, match="is missing"):
        _ = central.root


# --- a crash at each step ---


class Power(BaseException):
    """The power is gone."""


def test_making_a_firm_interrupted_anywhere_can_be_begun_again(central, monkeypatch):
    real = os.replace
    for step in range(2):
        calls = 0

        def replace(*args, at=step):
            nonlocal calls
            calls += 1
            if calls == 1:
                if at:
                    real(*args)
                raise Power
            real(*args)

        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", replace)
            with pytest.raises(Power):
                central.add_firm(700 + step, "Firm C")
        assert central.add_firm(700 + step, "Firm C").firm_code == 700 + step


LEDGER = "ab" * 16


def block_all(central, homes):
    for home in homes:
        central.register(home.serial, "plant")
        central.block(home.serial, "plant", "the site burnt down")


def test_a_lost_group_is_issued_anew_under_its_old_tmr_ids(tmp_path, central, homes):
    import_all(homes, central.issue(FIRM_A, 10, requests(homes), order=ORDER))
    import_all(homes, central.issue(FIRM_A, 20, requests(homes), order=ORDER))
    import_all(homes, central.change(FIRM_A, 1, Options.of(quantity=7), [homes[1].serial]))
    old = homes[0].cmact_id
    new = group(tmp_path, central, 4)
    with pytest.raises(CentralRefused, match="is not blocked"):
        central.reissue(FIRM_A, old, requests(new), LEDGER, order=ORDER)
    assert len(central.root.containers) == 3, "what is refused activates nobody"
    block_all(central, homes)
    updates = central.reissue(FIRM_A, old, requests(new), LEDGER, order=ORDER)
    assert [update.sequence for update in updates] == [1, 1, 1]
    for home, before, update in zip(new, homes, updates, strict=True):
        read = home.import_update(update.data)
        assert read.firm.items == before.firms()[0].items
        assert read.firm.units_confirmed == LEDGER
        assert read.cmact_id != old
    later = central.change(FIRM_A, 2, Options.of(units=400))
    assert {update.serial for update in later.updates} == {home.serial for home in new}
    for home, update in zip(new, later.updates, strict=True):
        assert home.import_update(update.data).firm.units_confirmed == LEDGER
    with pytest.raises(CentralRefused, match="No container of group"):
        central.reissue(FIRM_A, old, requests(new), LEDGER, order=ORDER)
    for home, heir in zip(homes, new, strict=True):
        with pytest.raises(CentralRefused, match=f"was issued anew to {heir.serial}"):
            central.unblock(home.serial, "Found in the rubble")


@pytest.mark.parametrize(
    ("firm", "whose", "ledger_id", "words"),
    [
        (FIRM_A, "FFFF", LEDGER, "No container of group FFFF holds licences"),
        (FIRM_B, "", LEDGER, "holds licences of firm 600200"),
        (FIRM_A, "", "xyz", "'xyz' is no ledger's id"),
        (FIRM_A, "", "", "is no ledger's id"),
        (FIRM_A, "", LEDGER.upper(), "is no ledger's id"),
        (FIRM_A, "", "00" * 65, "is no ledger's id"),
    ],
)
def test_units_are_confirmed_for_whom_they_were_issued(
    central, homes, firm, whose, ledger_id, words
):
    import_all(homes, central.issue(FIRM_A, 20, requests(homes), order=ORDER))
    with pytest.raises(CentralRefused, match=words):
        central.confirm_units(firm, whose or homes[0].cmact_id, ledger_id)
    updates = central.confirm_units(FIRM_A, homes[0].cmact_id, LEDGER)
    assert [update.sequence for update in updates] == [2, 2, 2]
    for home, update in zip(homes, updates, strict=True):
        assert home.import_update(update.data).firm.units_confirmed == LEDGER
        assert home.firms()[0].units_confirmed == LEDGER
    with pytest.raises(CentralRefused, match="is one of group"):
        central.reissue(FIRM_A, homes[0].cmact_id, requests(homes), LEDGER, order=ORDER)
