"""What an upstream host keeps of its container: key, serial, imported updates, times.

    container.json            serial, host, day of creation
    container.key.pem         Ed25519, PKCS8, readable to its owner only; or instead of it
    binding.json              what holds the key: this host, its TPM, a token (`adapters.keys.held`)
    updates/FIRM/SEQUENCE.tmr-update   each vendor's updates as they came, from sequence 1 on
    times.json                box time and certified time
    block-list.crl            the newest block list that was seen: it may lock this container

What can go wrong in here is an import that a crash leaves half done: an update is one file, its
renaming is the import, and nothing else is written for it. What the container holds is always read
from those files, so there is no second truth to disagree with.
"""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from appliance.adapters.contact_log import ContactLog
from appliance.adapters.files import make_directory, write_whole
from appliance.adapters.keys import held as holding
from appliance.adapters.keys.held import HERE, Held, HeldDamaged, Surroundings
from appliance.codec.block_list import BLOCK_LIST_BYTES_MAX, read_block_list
from appliance.codec.firm_words import check_changed, check_items
from appliance.codec.licence_files import read_update
from appliance.codec.request_files import Wanted, build_request, open_request
from appliance.codec.signed_files import FILE_BYTES_MAX
from appliance.codec.transfer_files import Addressed, build_receipt, build_return
from appliance.licences.blocking import is_news
from appliance.licences.deltas import whole
from appliance.licences.model import (
    NO_BLOCK_LIST,
    BlockList,
    ContainerUpdate,
    FirmItem,
    LicenceKey,
)
from appliance.licences.refusals import BlockListRefused, UpdateRefused
from appliance.licences.serials import MASK_OF, Binding, Mask, RandomSource, Serial
from appliance.licences.updates import FIRMS_MAX
from appliance.unreadable import UNREADABLE
from appliance.verifier.certificates import verify_container_certificate
from appliance.verifier.merkle import NO_LEAVES, Peaks

_ABOUT_FILE: Final = "container.json"
_TIMES_FILE: Final = "times.json"
_BLOCK_LIST_FILE: Final = "block-list.crl"
_UPDATES: Final = "updates"
_SUFFIX: Final = ".tmr-update"
UPDATES_MAX: Final = 100_000
"""Updates of one firm that a container keeps."""

_T = TypeVar("_T")


class HomeDamaged(Exception):
    """The directory does not hold what a container's must; `detail` says what, in one sentence."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class BoxTimes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The times that outlive a restart, Unix milliseconds; None is "never set"."""

    box_ms: int
    certified_ms: int | None = None


class _About(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    serial: str
    host: str
    created_at_s: int


class _Imported(msgspec.Struct, frozen=True):
    """An update file, its sequence, and that of the update which it follows on."""

    data: bytes
    sequence: int
    follows: int


class ContainerHome:
    """One container on one host. Use `create` once, then `open`; one process at a time."""

    def __init__(self, path: Path, root_certificate: bytes, around: Surroundings = HERE) -> None:
        """Reads everything below `path`. Raises HomeDamaged if any of it is not as written."""
        self._path = path
        self._root = root_certificate
        self._around = around
        self._about = _read_document(path / _ABOUT_FILE, _About)
        self._held = self._find_key()
        self._public_key = self._held.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._imported: dict[int, list[_Imported]] = {}
        self._newest: dict[int, ContainerUpdate] = {}
        self._trees: dict[int, Peaks] = {}
        self._load_updates()
        self._block_list = self._load_block_list()

    @classmethod
    def create(
        cls,
        path: Path,
        rng: RandomSource,
        host: str = "",
        *,
        root_certificate: bytes = b"",
        binding: Binding = Binding.FILE,
        mask: Mask | None = None,
        token_label: str = "",
        around: Surroundings = HERE,
    ) -> ContainerHome:
        """Makes a new container in the empty or absent directory `path`; its serial is its key's.

        Its key is drawn from `rng`, which is the system's but for tests. Without `host` the
        computer's name is told to vendors. `binding` says what holds the key, `mask` which of the
        masks for it the serial gets; `token_label` names the token that makes the key.
        Raises FileExistsError if there is a container already, and KeyShut if the key cannot be
        held so. A creation that a crash interrupted left no `container.json`; it is begun again
        with a new key.
        """
        if (path / _ABOUT_FILE).exists():
            raise FileExistsError(f"{path} holds a container already; use that one.")
        make_directory(path / _UPDATES)
        maker = holding.Maker(binding, token_label, around)
        public_key = holding.make(path, maker, rng)
        about = _About(
            serial=str(Serial.of_key(mask or MASK_OF[binding], public_key)),
            host=host or socket.gethostname(),
            created_at_s=int(datetime.now(UTC).timestamp()),
        )
        write_whole(path / _ABOUT_FILE, _encode(about))
        return cls(path, root_certificate, around)

    @classmethod
    def open(
        cls, path: Path, root_certificate: bytes, around: Surroundings = HERE
    ) -> ContainerHome:
        """The container in this directory; every update in it is verified to the root (DER).

        Its key may be `shut`. Raises HomeDamaged if there is none or any of it is not as written.
        """
        return cls(path, root_certificate, around)

    def _find_key(self) -> Held:
        """The key, or why it is shut."""
        try:
            return holding.find(self._path, self.serial, self._around, _now_s)
        except HeldDamaged as damaged:
            raise HomeDamaged(damaged.detail) from None

    # --- what holds the key ---

    @property
    def held(self) -> Held:
        """What holds the key, and how it was found."""
        return self._held

    @property
    def shut(self) -> str:
        """Why the key cannot be used, "" if it can."""
        return self._held.shut

    def try_again(self) -> str:
        """Looks for a key that is shut once more; gives why it still is. Raises HomeDamaged."""
        if self._held.shut:
            self._held = self._find_key()
        return self._held.shut

    # --- identity ---

    @property
    def serial(self) -> str:
        """The container's serial, "130-…"."""
        return self._about.serial

    @property
    def public_key(self) -> bytes:
        """The raw 32 bytes of the container's public key."""
        return self._public_key

    @property
    def certificate(self) -> bytes | None:
        """The root's certificate for this container, DER; None before the first update."""
        newest = self._any_update()
        return None if newest is None else newest.certificate

    @property
    def cmact_id(self) -> str | None:
        """What this container shares with its twins; None before the first update."""
        newest = self._any_update()
        return None if newest is None else newest.cmact_id

    @property
    def twin(self) -> int | None:
        """1, 2 or 3; None before the first update."""
        newest = self._any_update()
        return None if newest is None else newest.twin

    def contacts(self) -> ContactLog:
        """What this container says of itself each time it talks to its vendor."""
        return ContactLog(self._path, self.serial, self._public_key, lambda: self._held.key)

    def sign(self, data: bytes) -> bytes:
        """The container's Ed25519 signature under these bytes, 64 bytes. Raises KeyShut."""
        return self._held.key.sign(data)

    def request(self, wanted: Wanted | None = None, now: datetime | None = None) -> bytes:
        """The file that asks a vendor for what is wanted; by default it is an open one. Raises
        KeyShut, as the next two do."""
        wanted = wanted or open_request()
        now = now or datetime.now(UTC)
        return build_request(
            self._held.key, self.serial, self._about.host, now, wanted, self._held.evidence
        )

    def receipt(self, firm_code: int, now: datetime | None = None) -> bytes:
        """The file that confirms this firm's newest update. Raises KeyError if there is none."""
        imported = self._imported[firm_code][-1]
        sequence = imported.sequence
        return build_receipt(
            self._held.key,
            self.serial,
            firm_code,
            sequence,
            imported.data,
            now or datetime.now(UTC),
        )

    def return_order(self, key: LicenceKey, to: Addressed, now: datetime | None = None) -> bytes:
        """The file that orders a licence to be taken back, or calls that off."""
        return build_return(self._held.key, self.serial, key, to, now or datetime.now(UTC))

    # --- updates ---

    def import_update(self, data: bytes) -> ContainerUpdate:
        """Imports one update file, durably, and gives what it says.

        Raises UpdateRefused if it is not genuine, for another container, applied already or out of
        order, and OSError if it cannot be stored; it then counts as imported only if it is
        listed by `updates` (the disk took it, but did not confirm it).
        """
        update = read_update(data, self._root)
        self._check_mine(update)
        self._check_order(update)
        self._check_room(update)
        made = self._made(update)
        firm_code = made.firm.firm_code
        tree = check_changed(made.firm, update, self._trees.get(firm_code, NO_LEAVES))
        directory = self._path / _UPDATES / str(firm_code)
        try:
            make_directory(directory)
            write_whole(directory / f"{update.firm.sequence:08d}{_SUFFIX}", data)
        except OSError:
            # The rename may have happened before the failure: what the disk shows is what counts.
            self._load_updates()
            raise
        self._note(data, update, made)
        self._trees[firm_code] = tree
        return made

    def updates(self) -> dict[int, bytes]:
        """The newest update file of each firm code."""
        return {code: imported[-1].data for code, imported in self._imported.items()}

    def updates_by_base(self, firm_code: int) -> dict[int, bytes]:
        """This firm's update files, each by the sequence on which it follows."""
        return {imported.follows: imported.data for imported in self._imported.get(firm_code, [])}

    def updates_after(self, firm_code: int, sequence: int) -> list[bytes]:
        """This firm's update files with a higher sequence, in the order in which they apply."""
        return [
            imported.data
            for imported in self._imported.get(firm_code, [])
            if imported.sequence > sequence
        ]

    def firms(self) -> tuple[FirmItem, ...]:
        """The current firm items, by firm code."""
        return tuple(update.firm for _, update in sorted(self._newest.items()))

    # --- blocking ---

    @property
    def block_list(self) -> BlockList:
        """The newest block list that was ever seen; NO_BLOCK_LIST before the first."""
        return self._block_list

    @property
    def locked(self) -> str:
        """Why this container is blocked, "" if it is not."""
        return self._block_list.reason_for(self.serial)

    def learn_block_list(self, data: bytes) -> BlockList:
        """Keeps a newer block list, durably, and obeys it; the same one again changes nothing.

        Raises BlockListRefused if it is not the root's or older than the one that was seen, and
        OSError if it cannot be stored; the old one then stands.
        """
        block_list = read_block_list(data, self._root)
        if is_news(self._block_list, block_list):
            write_whole(self._path / _BLOCK_LIST_FILE, data)
            self._block_list = block_list
        return self._block_list

    # --- times ---

    def times(self) -> BoxTimes | None:
        """The times as last saved, None if never. Raises HomeDamaged if they cannot be read."""
        path = self._path / _TIMES_FILE
        return _read_document(path, BoxTimes) if path.exists() else None

    def save_times(self, times: BoxTimes) -> None:
        """Saves these times, durably and whole. Raises OSError; the old ones then stand."""
        write_whole(self._path / _TIMES_FILE, _encode(times))

    # --- rules ---

    def _any_update(self) -> ContainerUpdate | None:
        """Any firm's newest update: all agree on certificate, CmActID and twin."""
        return next(iter(self._newest.values()), None)

    def _check_mine(self, update: ContainerUpdate) -> None:
        if update.serial != self.serial:
            raise UpdateRefused(
                f"The update is for container {update.serial}; this is container {self.serial}."
            )
        identity = verify_container_certificate(update.certificate, self._root)
        if identity.public_key != self._public_key:
            raise UpdateRefused(
                f"The update certifies another key than that of this container {self.serial}; "
                "ask the vendor again with this container's request file."
            )
        if self.cmact_id is not None and (update.cmact_id, update.twin) != (
            self.cmact_id,
            self.twin,
        ):
            raise UpdateRefused(
                f"The update is for CmActID {update.cmact_id}, twin {update.twin}; this container "
                f"is CmActID {self.cmact_id}, twin {self.twin}."
            )

    def _check_order(self, update: ContainerUpdate) -> None:
        firm_code, sequence = update.firm.firm_code, update.firm.sequence
        newest = self._newest.get(firm_code)
        held = 0 if newest is None else newest.firm.sequence
        if sequence <= held:
            raise UpdateRefused(
                f"Update {sequence} of firm {firm_code} is applied already (this container holds "
                f"update {held}); it need not be imported again."
            )
        if update.base is None and sequence != held + 1:
            raise UpdateRefused(
                f"Update {sequence} of firm {firm_code} is out of order: apply update {held + 1} "
                "first."
            )

    def _made(self, update: ContainerUpdate) -> ContainerUpdate:
        """The update with the firm's whole item, as it is once this one is imported."""
        newest = self._newest.get(update.firm.firm_code)
        firm = whole(None if newest is None else newest.firm, update)
        return msgspec.structs.replace(update, firm=firm, base=None, dropped=())

    def _note(self, data: bytes, update: ContainerUpdate, made: ContainerUpdate) -> None:
        sequence = update.firm.sequence
        follows = sequence - 1 if update.base is None else update.base.sequence
        imported = self._imported.setdefault(update.firm.firm_code, [])
        imported.append(_Imported(data, sequence, follows))
        self._newest[update.firm.firm_code] = made

    def _check_room(self, update: ContainerUpdate) -> None:
        """All updates are kept: the ledger takes them one after the other."""
        firm_code = update.firm.firm_code
        if firm_code not in self._imported and len(self._imported) >= FIRMS_MAX:
            raise UpdateRefused(
                f"This container holds licences of {FIRMS_MAX} firms, which is all it can; have the"
                f" vendor issue those of firm {firm_code} to another group of containers."
            )
        if len(self._imported.get(firm_code, ())) >= UPDATES_MAX:
            raise UpdateRefused(
                f"This container holds {UPDATES_MAX} updates of firm {firm_code}, which is all it"
                " can; have the vendor issue the licences to another group of containers."
            )

    def _load_updates(self) -> None:
        """Reads and checks every update, in order, as if each were imported now."""
        self._imported, self._newest, self._trees = {}, {}, {}
        for directory in sorted((self._path / _UPDATES).glob("*")):
            for path in sorted(directory.glob(f"*{_SUFFIX}")):
                self._load_update(path)
        for firm_code, update in self._newest.items():
            try:
                # One root is for all that led to it.
                self._trees[firm_code] = check_items(update.firm)
            except UpdateRefused as refused:
                raise HomeDamaged(
                    f"The updates of firm {update.firm.firm_code} in {self._path} are not those"
                    f" that they were: {refused.detail}"
                ) from None

    def _load_block_list(self) -> BlockList:
        """What was stored. A lock must not get lost with a damaged file: that is an error."""
        path = self._path / _BLOCK_LIST_FILE
        try:
            with path.open("rb") as file:
                return read_block_list(file.read(BLOCK_LIST_BYTES_MAX + 1), self._root)
        except FileNotFoundError:
            return NO_BLOCK_LIST
        except BlockListRefused as refused:
            raise HomeDamaged(f"{path} is not as it was written: {refused.detail}") from None

    def _load_update(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                data = file.read(FILE_BYTES_MAX + 1)
            update = read_update(data, self._root)
            self._check_mine(update)
            self._check_order(update)
            made = self._made(update)
        except UpdateRefused as refused:
            raise HomeDamaged(f"{path} is not the update it was: {refused.detail}") from None
        where = (path.parent.name, path.name)
        if where != (str(update.firm.firm_code), f"{update.firm.sequence:08d}{_SUFFIX}"):
            raise HomeDamaged(f"{path} holds another update than its name says.")
        self._note(data, update, made)


def _now_s() -> int:
    return int(datetime.now(UTC).timestamp())


def _encode(document: msgspec.Struct) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _read_document(path: Path, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        raise HomeDamaged(f"{path} is missing; create the container first.") from None
    except UNREADABLE as error:
        raise HomeDamaged(f"{path} is not as it was written: {error}.") from None
