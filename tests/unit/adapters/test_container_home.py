"""A container's home: what it imports, what it refuses, and what a crash leaves of it."""

import os
import stat
from datetime import timedelta
from pathlib import Path
from random import Random, SystemRandom

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.adapters import container_home
from appliance.adapters.container_home import BoxTimes, ContainerHome, HomeDamaged
from appliance.codec.block_list import build_block_list
from appliance.codec.certificates import build_container_certificate
from appliance.codec.licence_files import build_update
from appliance.codec.request_files import Purpose, Wanted, firm_audience, read_request
from appliance.licences.model import Blocked, FirmItem
from appliance.licences.refusals import BlockListRefused, UpdateRefused
from appliance.licences.serials import Binding, Mask, Serial
from appliance.verifier.certificates import ContainerIdentity
from tests.unit.codec import world

WANTED = Wanted(Purpose.ORDER, firm_audience(600_100), bytes(16), "PO 4711")


class Vendor:
    """Firms A and B, who know one home's container."""

    def __init__(
        self,
        home: ContainerHome,
        cmact_id: str = "A1",
        twin: int = 1,
        binding: Binding = Binding.FILE,
    ) -> None:
        identity = ContainerIdentity(home.serial, cmact_id, twin, home.public_key, binding)
        self.identity = identity
        self.certificate = build_container_certificate(
            world.ROOT_KEY, world.ROOT, identity, world.NOW, Random(2)
        )

    def update(self, sequence: int, firm: str = "A", **changes) -> bytes:
        """The signed update with this sequence."""
        key, certificate, named = {
            "A": (world.FIRM_A_KEY, world.FIRM_A_CERTIFICATE, world.FIRM_A),
            "B": (world.FIRM_B_KEY, world.FIRM_B_CERTIFICATE, world.FIRM_B),
        }[firm]
        update = world.update(
            serial=self.identity.serial,
            cmact_id=self.identity.cmact_id,
            certificate=self.certificate,
            firm=FirmItem(
                firm_code=named.firm_code,
                firm_name=named.firm_name,
                sequence=sequence,
                items=(world.item(quantity=sequence),),
            ),
        )
        update = msgspec.structs.replace(update, twin=self.identity.twin)
        return build_update(key, certificate, msgspec.structs.replace(update, **changes))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    ContainerHome.create(tmp_path / "home", SystemRandom(), "up1")
    return tmp_path / "home"


@pytest.fixture
def home(path) -> ContainerHome:
    return ContainerHome.open(path, world.ROOT)


@pytest.fixture
def vendor(home) -> Vendor:
    return Vendor(home)


def test_a_new_container_can_ask(home, path):
    request = read_request(home.request(WANTED, world.NOW))
    assert (request.serial, request.public_key, request.host) == (
        home.serial,
        home.public_key,
        "up1",
    )
    assert Serial.parse(home.serial).mask is Mask.SOFTWARE_UNIVERSAL
    assert (home.certificate, home.cmact_id, home.twin, home.firms()) == (None, None, None, ())
    Ed25519PublicKey.from_public_bytes(home.public_key).verify(home.sign(b"data"), b"data")
    assert read_request(home.request(WANTED)).created_at_s > 0


def test_the_key_is_its_owners_only(path):
    if os.name == "posix":
        assert stat.S_IMODE((path / "container.key.pem").stat().st_mode) == 0o600


def test_a_container_is_made_once(path, tmp_path):
    with pytest.raises(FileExistsError, match="holds a container already"):
        ContainerHome.create(path, SystemRandom(), "up1")
    other = ContainerHome.create(tmp_path / "other", SystemRandom(), "up1")
    assert other.serial == str(Serial.of_key(Mask.SOFTWARE_UNIVERSAL, other.public_key))


def test_updates_of_several_firms_are_kept_in_order(home, vendor, path):
    files = [vendor.update(1), vendor.update(1, "B"), vendor.update(2), vendor.update(3)]
    for data in files:
        home.import_update(data)
    for seen in (home, ContainerHome.open(path, world.ROOT)):
        assert seen.updates() == {600_100: files[3], 600_200: files[1]}
        assert seen.updates_after(600_100, 0) == [files[0], files[2], files[3]]
        assert seen.updates_after(600_100, 2) == [files[3]]
        assert seen.updates_after(600_100, 3) == []
        assert seen.updates_after(5, 0) == []
        assert [(firm.firm_code, firm.sequence) for firm in seen.firms()] == [
            (600_100, 3),
            (600_200, 1),
        ]
        assert seen.certificate == vendor.certificate
        assert (seen.cmact_id, seen.twin) == ("A1", 1)


def refused(home: ContainerHome, data: bytes, said: str) -> None:
    before = (home.updates(), files_below(home._path))
    with pytest.raises(UpdateRefused, match=said):
        home.import_update(data)
    assert (home.updates(), files_below(home._path)) == before


def files_below(path: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def test_a_licence_for_another_container_is_refused(home, tmp_path):
    other = ContainerHome.create(tmp_path / "other", SystemRandom(), "up2")
    refused(home, Vendor(other).update(1), f"is for container {other.serial}")


def test_an_update_applied_twice_or_out_of_order_is_refused(home, vendor):
    refused(home, vendor.update(2), "out of order: apply update 1 first")
    home.import_update(vendor.update(1))
    refused(home, vendor.update(1), "applied already")
    refused(home, vendor.update(3), "out of order: apply update 2 first")
    home.import_update(vendor.update(2))
    refused(home, vendor.update(1), "applied already")


def test_a_serial_alone_is_not_this_container(home, tmp_path):
    clone = ContainerHome.create(tmp_path / "clone", SystemRandom(), "up1")
    clone._about = home._about
    refused(home, Vendor(clone).update(1), "another key")


def test_another_group_or_twin_is_refused(home, vendor):
    home.import_update(vendor.update(1))
    refused(home, Vendor(home, "B2").update(2), "CmActID B2")
    refused(home, Vendor(home, "B2").update(1, "B"), "CmActID B2")
    refused(home, Vendor(home, "A1", 2).update(2), "twin 2")


def test_a_damaged_update_or_a_foreign_root_is_refused(home, vendor, path):
    data = vendor.update(1)
    for damaged in (data[:-1], data[:40], data[:-9] + b"A" + data[-8:], b"", b"\n"):
        refused(home, damaged, ".")
    refused(ContainerHome.open(path, world.OTHER_ROOT), data, "not issued by the pinned")


def test_times_outlive_a_restart(home, path):
    assert home.times() is None
    home.save_times(BoxTimes(box_ms=5))
    home.save_times(BoxTimes(box_ms=7, certified_ms=6))
    assert ContainerHome.open(path, world.ROOT).times() == BoxTimes(box_ms=7, certified_ms=6)


# --- a crash or a failing disk at each step ---

CALLS = ("open", "write", "fsync", "close", "replace", "unlink")


class Power(BaseException):
    """The power is gone: nothing may handle this."""


def fail_at(monkeypatch, step: int, failure: BaseException) -> list[str]:
    """Makes the given one of all calls to the disk fail, counted from 0; gives the calls made."""
    made: list[str] = []

    def wrap(name):
        real = getattr(os, name)

        def call(*args, **kwargs):
            made.append(name)
            if len(made) == step + 1:
                if name == "close":
                    real(*args, **kwargs)
                raise failure
            if name == "write" and len(args[1]) > 1:
                return real(args[0], args[1][: len(args[1]) // 2])  # a disk may take less
            return real(*args, **kwargs)

        return call

    for name in CALLS:
        monkeypatch.setattr(os, name, wrap(name))
    return made


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), Power()])
def test_an_import_interrupted_anywhere_is_done_or_not(tmp_path, monkeypatch, failure):
    seen = set()
    for step in range(1000):
        path = tmp_path / str(step)
        home = ContainerHome.create(path, SystemRandom(), "up1", root_certificate=world.ROOT)
        vendor = Vendor(home)
        first, second = vendor.update(1), vendor.update(2)
        home.import_update(first)
        with monkeypatch.context() as patched:
            made = fail_at(patched, step, failure)
            try:
                home.import_update(second)
                interrupted = len(made) > step
            except (OSError, Power):
                interrupted = True
        reopened = ContainerHome.open(path, world.ROOT)
        kept = reopened.updates_after(600_100, 0)
        assert kept in ([first], [first, second])
        seen.add(len(kept))
        if isinstance(failure, OSError):
            assert home.updates_after(600_100, 0) == kept
        # Whatever happened, the container can go on from where it is.
        if len(kept) == 1:
            reopened.import_update(second)
        reopened.import_update(vendor.update(3))
        assert len(ContainerHome.open(path, world.ROOT).updates_after(600_100, 0)) == 3
        if not interrupted:
            break
    else:
        pytest.fail("the import never ran to its end")
    assert seen == {1, 2}
    assert step > 5


@pytest.mark.skipif(os.name != "posix", reason="other systems sync names by themselves")
def test_content_is_durable_before_its_name_and_the_name_before_the_answer(
    home, vendor, monkeypatch
):
    home.import_update(vendor.update(1))
    with monkeypatch.context() as patched:
        made = fail_at(patched, 1000, Power())
        home.import_update(vendor.update(2))
    rename = made.index("replace")
    assert made.index("write") < made.index("fsync") < rename
    assert "fsync" in made[rename:]


def test_a_creation_interrupted_anywhere_can_be_begun_again(tmp_path, monkeypatch):
    for step in range(1000):
        path = tmp_path / str(step)
        with monkeypatch.context() as patched:
            made = fail_at(patched, step, Power())
            try:
                ContainerHome.create(path, SystemRandom(), "up1")
                interrupted = len(made) > step
            except Power:
                interrupted = True
        if not (path / "container.json").exists():
            ContainerHome.create(path, SystemRandom(), "up1")
        home = ContainerHome.open(path, world.ROOT)
        assert read_request(home.request(WANTED, world.NOW)).serial == home.serial
        if not interrupted:
            return
    pytest.fail("the creation never ran to its end")


def test_saving_times_interrupted_anywhere_keeps_whole_times(path, monkeypatch):
    old, new = BoxTimes(box_ms=1), BoxTimes(box_ms=2)
    for step in range(1000):
        home = ContainerHome.open(path, world.ROOT)
        home.save_times(old)
        with monkeypatch.context() as patched:
            made = fail_at(patched, step, Power())
            try:
                home.save_times(new)
                interrupted = len(made) > step
            except Power:
                interrupted = True
        assert ContainerHome.open(path, world.ROOT).times() in (old, new)
        if not interrupted:
            return
    pytest.fail("saving never ran to its end")


# --- what is on the disk is not believed ---


def test_damage_is_named(home, vendor, path):
    home.import_update(vendor.update(1))
    home.import_update(vendor.update(2))
    kept = path / "updates" / "600100" / "00000001.tmr-update"
    for spoil, said in (
        (lambda: kept.write_bytes(b"rubbish\n"), "not the update it was"),
        (kept.unlink, "out of order"),
        (lambda: (path / "container.key.pem").write_bytes(b"rubbish"), "no private key"),
        ((path / "container.key.pem").unlink, "lost its key"),
        (lambda: (path / "container.json").write_bytes(b"{}"), "not as it was written"),
        ((path / "container.json").unlink, "create the container first"),
    ):
        whole = files_below(path)
        spoil()
        with pytest.raises(HomeDamaged, match=said):
            ContainerHome.open(path, world.ROOT)
        for name, data in whole.items():
            Path(name).write_bytes(data)
    kept.rename(kept.with_name("00000000.tmr-update"))
    with pytest.raises(HomeDamaged, match="another update than its name"):
        ContainerHome.open(path, world.ROOT)


def test_damaged_times_are_named(home, path):
    (path / "times.json").write_bytes(b'{"box_ms": ')
    with pytest.raises(HomeDamaged, match=r"times\.json"):
        home.times()


# --- block lists ---


def a_list(home: ContainerHome, number: int, *, key=world.ROOT_KEY, root=world.ROOT, lists=True):
    """A signed block list that names this home's container, or nobody."""
    entries = [(Blocked(home.serial, "1f", "Stolen"), world.NOW)] if lists else []
    return build_block_list(key, root, number, entries, world.NOW, world.NOW + timedelta(days=7))


def test_a_block_locks_for_good_and_a_newer_list_unlocks(home, path):
    assert (home.locked, home.block_list.number) == ("", 0)
    assert home.learn_block_list(a_list(home, 3)).number == 3
    assert home.learn_block_list(a_list(home, 3)).number == 3, "the same one again"
    for seen in (home, ContainerHome.open(path, world.ROOT)):
        assert (seen.locked, seen.block_list.number) == ("Stolen", 3)
    assert home.learn_block_list(a_list(home, 4, lists=False)).number == 4
    for seen in (home, ContainerHome.open(path, world.ROOT)):
        assert (seen.locked, seen.block_list.number) == ("", 4)


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda home: a_list(home, 4, key=world.OTHER_ROOT_KEY, root=world.OTHER_ROOT, lists=False),
         "bad-signature"),
        (lambda home: a_list(home, 2, lists=False), "older"),
        (lambda home: a_list(home, 3, lists=False), "same-number"),
        (lambda home: a_list(home, 4, lists=False)[:-1], "malformed"),
        (lambda home: b"\x30" * (20 << 20), "oversized"),
        (lambda home: b"", "malformed"),
    ],
)  # fmt: skip
def test_a_bad_list_changes_nothing(home, path, made, reason):
    home.learn_block_list(a_list(home, 3))
    before = files_below(path)
    with pytest.raises(BlockListRefused) as caught:
        home.learn_block_list(made(home))
    assert caught.value.reason == reason
    assert (home.locked, home.block_list.number, files_below(path)) == ("Stolen", 3, before)


def test_a_list_that_cannot_be_stored_is_not_obeyed(home, path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(container_home, "write_whole", full)
    with pytest.raises(OSError, match="No space"):
        home.learn_block_list(a_list(home, 3))
    assert (home.locked, ContainerHome.open(path, world.ROOT).locked) == ("", "")


def test_a_damaged_lock_is_no_lost_lock(home, path):
    home.learn_block_list(a_list(home, 3))
    file = path / "block-list.crl"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(HomeDamaged, match="not as it was written"):
        ContainerHome.open(path, world.ROOT)


def test_a_full_container_says_so(home, vendor, path, monkeypatch):
    """All updates are kept, for the ledger: neither one vendor nor many may fill the disk."""
    monkeypatch.setattr(container_home, "UPDATES_MAX", 3)
    monkeypatch.setattr(container_home, "FIRMS_MAX", 1)
    for sequence in (1, 2, 3):
        home.import_update(vendor.update(sequence))
    refused(home, vendor.update(4), "holds 3 updates of firm 600100, which is all it can")
    refused(home, vendor.update(1, "B"), "licences of 1 firms, which is all it can")
    monkeypatch.setattr(container_home, "UPDATES_MAX", 2)
    assert len(ContainerHome.open(path, world.ROOT).updates_after(600_100, 0)) == 3
