"""The settings of upstreams and TMR servers, from TOML (design D8).

Paths are relative to the settings file. What can go wrong in here is a misspelt name that is
silently ignored: unknown names are refused, and whatever is wrong is said in one sentence that
names the file and the setting.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.adapters.central_client import CentralClient, check_central_url
from appliance.adapters.http_client import Proxy
from appliance.adapters.keys.held import Surroundings
from appliance.adapters.keys.token import TokenAccess
from appliance.adapters.pki.authority import IdentityFiles
from appliance.adapters.store.archive import ArchiveLimits
from appliance.adapters.tsa import check_url
from appliance.clocks.asking import SERVERS_MAX
from appliance.codec.timestamps import Trust
from appliance.errors import UserError
from appliance.ledger.names.keeper import DAY_MS
from appliance.ledger.replica.surroundings import RETENTION, Retention
from appliance.ledger.timing import Timing
from appliance.licences.bounds import CODE_MAX
from appliance.licences.serials import Mask, Serial
from appliance.unreadable import UNREADABLE
from appliance.unreadable_x509 import UNREADABLE_X509
from appliance.verifier.certificates import CertificateRefused, verify_root_certificate

UPSTREAMS: Final = 3
LINK_PORT: Final = 7101
ADMIN_PORT: Final = 7102
TWIN_PORT: Final = 7103
API_PORT: Final = 7200
ANCHORS_MAX: Final = 8
SNAPSHOT_EVERY_MIN: Final = 10
VENDORS_MAX: Final = 32
ENTRIES_MAX: Final = 10_000_000
ARCHIVE_DAYS_MAX: Final = 36_600
NAMES_DAYS_MIN: Final = 2
"""A name that is used every day is written once a day, so it has to outlast one."""
ARCHIVE_MIB_MIN: Final = 16
ARCHIVE_MIB_MAX: Final = 1 << 30
LIMIT_MAX: Final = 10_000_000
_NAME_LENGTH_MAX: Final = 64
_PORT_MAX: Final = 65535
_DOCUMENT_BYTES_MAX: Final = 1 << 20

S = TypeVar("S", bound=msgspec.Struct)


class TlsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where this host's certificate, its key and the deployment's authority are (PEM)."""

    cert: Path
    key: Path
    ca: Path

    @property
    def files(self) -> IdentityFiles:
        """The three paths as `appliance.adapters.pki.authority` takes them."""
        return IdentityFiles(self.cert, self.key, self.ca)


class HostSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another host: its name, as its certificate says it, and its address "host:port"."""

    name: str
    address: str

    def __post_init__(self) -> None:
        _check_name(self.name)
        host_port(self.address)

    @property
    def host_port(self) -> tuple[str, int]:
        """The address in two parts."""
        return host_port(self.address)


class TimeServerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time server that an upstream asks (RFC 3161 over HTTP or HTTPS).

    Without `anchors` it is one that the licence root certified. With them (PEM) it is a public or
    corporate one that they certify; it sets this container's clock, but never log time. `ca` (PEM)
    is who certifies its HTTPS, where that is not one the system knows.
    """

    url: str
    anchors: tuple[Path, ...] = ()
    ca: Path | None = None

    def __post_init__(self) -> None:
        check_url(self.url)
        if len(self.anchors) > ANCHORS_MAX:
            raise ValueError(f"anchors may name at most {ANCHORS_MAX} files")

    def trust(self, root: bytes) -> Trust:
        """Whose tokens are believed from it; `root` is the licence root (DER). Raises UserError."""
        if not self.anchors:
            return Trust.of_root(root)
        return Trust(tuple(read_anchor(path) for path in self.anchors), own=False)


class CentralSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A License Central: its https address, whose certificates to believe there (without `ca`, PEM,
    those that the system believes), and whose it is: of these firms, or of any."""

    url: str
    ca: Path | None = None
    firm_codes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        check_central_url(self.url)

    def client(self, proxy: Proxy | None = None) -> CentralClient:
        """For asking it. Raises UserError."""
        try:
            made = CentralClient(self.url, self.ca, proxy)
        except OSError as error:
            raise UserError(f"{self.ca} cannot be used for License Central: {error}.") from error
        made.firm_codes = frozenset(self.firm_codes)
        return made


class KeySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How this host gets at its container's key, where a token or a TPM holds it.

    `module` is the token's PKCS#11 module ("": as when the container was made) and `pin_file` holds
    its PIN, by default the systemd credential "token-pin"; `tcti` says where the TPM is, as
    tpm2-tools name it ("": their default).
    """

    module: str = ""
    pin_file: Path | None = None
    tcti: str = ""

    @property
    def around(self) -> Surroundings:
        """The same for whoever opens a container."""
        return Surroundings(token=TokenAccess(self.module, self.pin_file), tcti=self.tcti)


class UpstreamSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `tmr serve upstream` needs.

    `links_listen` and `admin_listen` are "host:port"; `container` is the directory made by `tmr
    container init`; `root` the licence root's certificate (DER or PEM); `tmr_hosts` the names of
    the hosts that may coordinate; `box_time_save_s` how often the container's time is stored.
    `time_servers` are asked in this order, every `time_update_s` (see docs/time.md). `central` are
    the vendors' License Centrals, if licences are to travel over the network: of several each names
    its firms. All are asked through `proxy`, or through the one that the environment names, if any.
    Each `snapshot_every` entries the state is dumped (0: never, and the log only grows), and
    `snapshot_keep` entries before a snapshot stay in the log: the same on all three upstreams.
    What leaves the log is archived, for `archive_days` of log time (0: no end), and never more than
    `archive_mib_max` MiB: then the oldest goes first (see docs/archive.md). Names of users, hosts
    and applications are forgotten `names_kept_days` after their last use (see docs/names.md). `key`
    is for containers whose key a token or a TPM holds (see docs/containers.md).
    """

    name: str
    links_listen: str
    tls: TlsSettings
    store: Path
    container: Path
    root: Path
    tmr_hosts: tuple[str, ...]
    admin_listen: str = f"127.0.0.1:{ADMIN_PORT}"
    advert_int_s: float = 0.3
    box_time_save_s: float = 60.0
    time_servers: tuple[TimeServerSettings, ...] = ()
    time_update_s: float = 86_400.0
    central: tuple[CentralSettings, ...] = ()
    proxy: Proxy | None = None
    snapshot_every: int = RETENTION.every
    snapshot_keep: int = RETENTION.keep
    archive_days: float = 792.0
    archive_mib_max: int = 4096
    names_kept_days: float = 90.0
    key: KeySettings = KeySettings()

    def __post_init__(self) -> None:
        _check_name(self.name)
        for host in self.tmr_hosts:
            _check_name(host)
        if not self.tmr_hosts or len({self.name, *self.tmr_hosts}) != len(self.tmr_hosts) + 1:
            raise ValueError("tmr_hosts must name at least one other host, each of them once")
        host_port(self.links_listen)
        host_port(self.admin_listen)
        Timing(self.advert_int_s)
        if not 1 <= self.box_time_save_s <= 3600:
            raise ValueError("box_time_save_s must be from 1 to 3600 seconds")
        if not 60 <= self.time_update_s <= 30 * 86_400:
            raise ValueError("time_update_s must be from 60 to 2592000 seconds")
        if self.snapshot_every and not SNAPSHOT_EVERY_MIN <= self.snapshot_every <= ENTRIES_MAX:
            raise ValueError(
                f"snapshot_every must be 0 or from {SNAPSHOT_EVERY_MIN} to {ENTRIES_MAX} entries"
            )
        if not 0 <= self.snapshot_keep <= ENTRIES_MAX:
            raise ValueError(f"snapshot_keep must be from 0 to {ENTRIES_MAX} entries")
        if not 0 <= self.archive_days <= ARCHIVE_DAYS_MAX:
            raise ValueError(f"archive_days must be from 0 (no end) to {ARCHIVE_DAYS_MAX}")
        if not ARCHIVE_MIB_MIN <= self.archive_mib_max <= ARCHIVE_MIB_MAX:
            raise ValueError(
                f"archive_mib_max must be from {ARCHIVE_MIB_MIN} to {ARCHIVE_MIB_MAX} MiB"
            )
        if not NAMES_DAYS_MIN <= self.names_kept_days <= ARCHIVE_DAYS_MAX:
            raise ValueError(f"names_kept_days must be from {NAMES_DAYS_MIN} to {ARCHIVE_DAYS_MAX}")
        urls = [server.url for server in self.time_servers]
        if len(urls) > SERVERS_MAX or len(set(urls)) != len(urls):
            raise ValueError(f"time_servers may name {SERVERS_MAX} servers, each of them once")
        _check_vendors(self.central)

    @property
    def timing(self) -> Timing:
        """The ledger's intervals."""
        return Timing(self.advert_int_s)

    @property
    def retention(self) -> Retention:
        """How the log is kept short, and how long names lie beside it."""
        return Retention(
            self.snapshot_every,
            self.snapshot_keep,
            names_kept_ms=round(self.names_kept_days * DAY_MS),
        )

    @property
    def archive_limits(self) -> ArchiveLimits:
        """How much of the log's archive stays."""
        return ArchiveLimits(self.archive_days, self.archive_mib_max << 20)

    def central_clients(self) -> tuple[CentralClient, ...]:
        """For the License Centrals of these settings. Raises UserError."""
        if not self.central:
            raise UserError(
                "No License Central is configured: name it in the settings under `central`, or"
                " carry the files by hand."
            )
        made = tuple(one.client(self.proxy) for one in self.central)
        all_codes = frozenset(code for one in self.central for code in one.firm_codes)
        for client in made:
            client.hidden = all_codes - client.firm_codes
        return made


def _check_vendors(centrals: tuple[CentralSettings, ...]) -> None:
    """Raises ValueError unless it is clear of each firm whom to ask."""
    urls = [one.url for one in centrals]
    codes = [code for one in centrals for code in one.firm_codes]
    if len(urls) > VENDORS_MAX or len(set(urls)) != len(urls):
        raise ValueError(f"central may name {VENDORS_MAX} License Centrals, each of them once")
    if not all(0 < code <= CODE_MAX for code in codes) or len(set(codes)) != len(codes):
        raise ValueError(f"firm_codes are 1 to {CODE_MAX}, each of them at one License Central")
    if len(urls) > 1 and not all(one.firm_codes for one in centrals):
        raise ValueError("of several License Centrals each has to name its firm_codes")


class AnswerLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds of a TMR server: beyond each of them it refuses clearly (invariant 8).

    `requests_queued_max` counts lease requests under way; a quarter of them is kept for heartbeats,
    check-ins and operators. One client may send `orders_per_client_s` check-outs, units and
    check-ins a second, and `orders_per_client_burst` at once. docs/limits.md has all limits.
    """

    connections_max: int = 12_000
    connections_per_client_max: int = 2_000
    requests_queued_max: int = 20_000
    requests_per_client_max: int = 4_000
    body_bytes_max: int = 64 << 10
    event_streams_max: int = 64
    event_streams_per_client_max: int = 4
    orders_per_client_s: int = 1_000
    orders_per_client_burst: int = 10_000

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
            if getattr(self, name) > LIMIT_MAX:
                raise ValueError(f"{name} must be at most {LIMIT_MAX}")


LIMITS: Final = AnswerLimits()


class TmrSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `tmr serve tmr` needs.

    `api_listen` and `twin_listen` are "host:port". An empty `virtual_ip` is the loopback mode: no
    VRRP, terms alone decide; else `vip_socket` is where the address process listens.
    `virtual_serial` ("131-…") names the virtual container at its founding, else one is drawn.
    `memory` is the file in which this host keeps how far it has seen the ledger to be committed,
    so that it notices when the upstreams are put back; without it, it forgets that when it ends.
    """

    name: str
    twin: HostSettings
    api_listen: tuple[str, ...]
    twin_listen: str
    tls: TlsSettings
    root: Path
    upstreams: tuple[HostSettings, ...]
    virtual_ip: str = ""
    vip_socket: Path | None = None
    virtual_serial: str = ""
    memory: Path | None = None
    advert_int_s: float = 0.3
    limits: AnswerLimits = AnswerLimits()

    def __post_init__(self) -> None:
        _check_name(self.name)
        names = {self.name, self.twin.name, *(host.name for host in self.upstreams)}
        if len(self.upstreams) != UPSTREAMS:
            raise ValueError(f"upstreams must be exactly {UPSTREAMS}, not {len(self.upstreams)}")
        if len(names) != UPSTREAMS + 2:
            raise ValueError("name, twin and upstreams must be five different names")
        if not self.api_listen:
            raise ValueError("api_listen must name at least one address")
        for text in (*self.api_listen, self.twin_listen):
            host_port(text)
        if bool(self.virtual_ip) != (self.vip_socket is not None):
            raise ValueError("virtual_ip and vip_socket belong together; set both or neither")
        if self.virtual_serial and Serial.parse(self.virtual_serial).mask is not Mask.VIRTUAL:
            raise ValueError("virtual_serial must start with 131, the mask of virtual containers")
        Timing(self.advert_int_s)

    @property
    def timing(self) -> Timing:
        """The ledger's intervals."""
        return Timing(self.advert_int_s)


def load_upstream(path: Path) -> UpstreamSettings:
    """An upstream's settings. Raises UserError with one sentence naming file and fault."""
    return load_settings(path, UpstreamSettings)


def load_tmr(path: Path) -> TmrSettings:
    """A TMR server's settings. Raises UserError with one sentence naming file and fault."""
    return load_settings(path, TmrSettings)


def load_settings(path: Path, kind: type[S]) -> S:
    """Settings of this kind. Raises UserError with one sentence naming file and fault."""

    def of_file(wanted: type[Any], value: Any) -> Any:
        if wanted is Path and isinstance(value, str) and value:
            return path.parent / value
        raise ValueError("Expected a path")

    try:
        with path.open("rb") as file:
            text = file.read(_DOCUMENT_BYTES_MAX).decode("utf-8")
        return msgspec.convert(tomllib.loads(text), kind, dec_hook=of_file)
    except OSError as error:
        raise UserError(f"Cannot read {path}: {error.strerror}.") from error
    except msgspec.ValidationError as error:
        raise UserError(f"{path}: {error}.") from error
    except UNREADABLE as error:
        raise UserError(f"{path} is not TOML: {error}.") from error


def dump(settings: msgspec.Struct) -> str:
    """The settings as TOML, which the load functions read back; paths as they are in `settings`."""
    plain = msgspec.to_builtins(settings, enc_hook=str)
    return "".join(f"{key} = {_toml(value)}\n" for key, value in plain.items() if value is not None)


def host_port(text: str) -> tuple[str, int]:
    """ "10.77.0.11:7101" or "[fd00::1]:7101" in two parts. Raises ValueError."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdigit() and int(port) <= _PORT_MAX):
        raise ValueError(f"{text!r} is not of the form host:port")
    return host, int(port)


def read_root(path: Path) -> bytes:
    """The licence root's certificate as DER, from DER or PEM. Raises UserError."""
    try:
        with path.open("rb") as file:
            data = file.read(_DOCUMENT_BYTES_MAX)
        if data.startswith(b"-----BEGIN"):
            data = x509.load_pem_x509_certificate(data).public_bytes(Encoding.DER)
        verify_root_certificate(data)
    except OSError as error:
        raise UserError(f"Cannot read the licence root {path}: {error.strerror}.") from error
    except UNREADABLE_X509 as error:
        raise UserError(f"{path} holds no certificate: {error}.") from error
    except CertificateRefused as refused:
        raise UserError(f"{path} is no licence root: {refused.detail}") from refused
    return data


def read_anchor(path: Path) -> bytes:
    """The certificate (DER) in this PEM file. Raises UserError."""
    try:
        with path.open("rb") as file:
            data = file.read(_DOCUMENT_BYTES_MAX)
        return x509.load_pem_x509_certificate(data).public_bytes(Encoding.DER)
    except OSError as error:
        raise UserError(f"Cannot read the trust anchor {path}: {error.strerror}.") from error
    except UNREADABLE_X509 as error:
        raise UserError(f"{path} holds no certificate (PEM): {error}.") from error


def _toml(value: object) -> str:
    """Builtins as a TOML value. JSON's strings, numbers and booleans are TOML's as well."""
    if isinstance(value, dict):
        inner = ", ".join(f"{k} = {_toml(v)}" for k, v in value.items() if v is not None)
        return f"{{ {inner} }}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_toml(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False)


def _check_name(name: str) -> None:
    if not 0 < len(name) <= _NAME_LENGTH_MAX or not name.isprintable():
        raise ValueError(f"{name!r} is no host name")
