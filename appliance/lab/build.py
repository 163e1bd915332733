"""Everything a lab's five hosts need before they start: certificates, containers, settings.

    DIR/ca/                 the lab's own authority for TLS
    DIR/central/            the vendors' side: licence root and firms
    DIR/vendors/            where the vendors serve it: an authority and a certificate of their own
    DIR/HOST/               one host's files; nobody else's keys are in there
    DIR/people/NAME/        operators and clients, each with a ready profile
    DIR/logs/               what the processes print

Made once for a lab's directory and kept when it is taken down and up again.
"""

from __future__ import annotations

import os
import random
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom

import msgspec

from appliance.adapters.container_home import ContainerHome
from appliance.adapters.files import write_whole
from appliance.adapters.pki import authority as pki
from appliance.adapters.signatures import StoreKey
from appliance.adapters.store.database import Store
from appliance.adapters.vrrp.keepalived import SettingsRefused
from appliance.lab.hosts import (
    CENTRAL_PORT,
    CLIENT_API_PORT,
    LOOPBACK_PREFIX,
    NETWORK_PREFIX,
    PREFIX_BITS,
    SERVERS,
    TIME_SERVER_PORT,
    TMRS,
    TWIN_LINK_PORT,
    UPSTREAM_ADMIN_PORT,
    UPSTREAM_LINK_PORT,
    UPSTREAMS,
    VENDORS,
    VIRTUAL_OCTET,
    LabHost,
    twin_of,
)
from appliance.lab.platform import Kind, LabRefused, ProcessSpec
from appliance.services import settings as service_settings
from appliance.services import vip_config
from appliance.services.central import LicenseCentral
from appliance.services.central.blocking import LIST_DAYS_MAX
from appliance.services.central.time_servers import make_time_server
from appliance.services.settings import (
    AnswerLimits,
    CentralSettings,
    HostSettings,
    TlsSettings,
    TmrSettings,
    UpstreamSettings,
)
from appliance.services.settings import (
    TimeServerSettings as AskedServer,
)
from appliance.services.timeserver import TimeServerSettings

LAB_ADVERT_INT_S = 0.1
VRID = 77
CLIENTS = 12
OPERATORS = ("view", "operate", "administer")
TIME_SERVER_DAYS = 3_650
ORDERS_MAX = 1_000_000
VIP_SOCKET = "vip.sock"
PRIORITIES = {"tmr1": 250, "tmr2": 240}


class LabFiles:
    """The lab's files by meaning."""

    def __init__(self, directory: Path, kind: Kind, advert_int_s: float = LAB_ADVERT_INT_S) -> None:
        """`advert_int_s` is for a lab that is yet to be built."""
        self.directory = directory.absolute()
        self.kind = kind
        self.advert_int_s = advert_int_s
        self.ca = self.directory / "ca"
        self.central = self.directory / "central"
        self.logs = self.directory / "logs"
        self.prefix = NETWORK_PREFIX if kind == "network" else LOOPBACK_PREFIX

    def host(self, name: str) -> Path:
        """A host's own directory."""
        return self.directory / name

    def person(self, name: str) -> Path:
        """An operator's or a client's directory, with `profile.toml` in it."""
        return self.directory / "people" / name

    def profile(self, name: str) -> Path:
        """That person's client profile."""
        return self.person(name) / "profile.toml"

    def root_certificate(self) -> Path:
        """The licence root that everybody pins."""
        return LicenseCentral(self.central).root.certificate_path

    def address(self, octet: int) -> str:
        """An address of the lab."""
        return f"{self.prefix}.{octet}"

    @property
    def virtual_ip(self) -> str:
        """The virtual IP, "" on loopback, where there is none."""
        return self.address(VIRTUAL_OCTET) if self.kind == "network" else ""

    @property
    def time_server(self) -> str:
        """Where the vendors' time server is."""
        return f"http://{self.address(VENDORS.octet)}:{TIME_SERVER_PORT}/"

    @property
    def api_addresses(self) -> list[str]:
        """Where clients go: the virtual IP, or each TMR host."""
        hosts = [self.virtual_ip] if self.virtual_ip else [self.address(h.octet) for h in TMRS]
        return [f"{host}:{CLIENT_API_PORT}" for host in hosts]


def build(files: LabFiles) -> None:
    """Make what is not there yet. Safe to repeat; keys once made are kept.

    Raises LabRefused, with nothing made, for a directory in which the lab could not run.
    """
    if files.virtual_ip:
        for host in TMRS:
            _check_vip(files, host)
    marker = files.directory / "built"
    if marker.exists():
        _block_list(files)
        return
    files.logs.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    pki.create_ca(files.ca, now, "TMR lab")
    LicenseCentral.create(files.central, "TMR lab root")
    _time_server(files, now)
    for host in SERVERS:
        _identity(files, host, now)
    _vendors(files, now)
    for host in UPSTREAMS:
        _upstream(files, host)
    for host in TMRS:
        _tmr(files, host)
    for role in OPERATORS:
        pki.issue_operator(files.ca, files.person(role), role, role, now)
        _profile(files, role)
    for number in range(1, CLIENTS + 1):
        give_client(files, client_name(number))
    write_whole(marker, b"")


def give_client(files: LabFiles, name: str) -> None:
    """A certificate and a profile for a client, unless it has them."""
    if not files.profile(name).exists():
        pki.issue_client(files.ca, files.person(name), name, datetime.now(UTC))
        _profile(files, name)


def _check_vip(files: LabFiles, host: LabHost) -> None:
    try:
        vip_config.check(_vip(files, host))
    except SettingsRefused as refused:
        raise LabRefused(
            f"The lab cannot run in this directory: {refused.sentence} Name another with --dir."
        ) from None


def client_name(number: int) -> str:
    """The lab's clients are numbered from 1."""
    return f"client-{number:02d}"


def processes(files: LabFiles) -> dict[str, list[ProcessSpec]]:
    """What each host runs."""
    specs: dict[str, list[ProcessSpec]] = {}
    for host in SERVERS:
        role = "upstream" if host.role == "upstream" else "tmr"
        specs[host.name] = [_process(files, host, role)]
        if role == "tmr" and files.virtual_ip:
            specs[host.name].insert(0, _process(files, host, "vip"))
    vendors = files.host(VENDORS.name) / "tls"
    if vendors.exists():  # A lab that was built by an earlier release has none.
        listen = f"{files.address(VENDORS.octet)}:{CENTRAL_PORT}"
        tls = ("--cert", str(vendors / "cert.pem"), "--key", str(vendors / "key.pem"))
        argv = _tmr_argv("central", "--dir", str(files.central), "serve", "--listen", listen, *tls)
        log = str(files.logs / f"{VENDORS.name}-central.log")
        specs[VENDORS.name] = [ProcessSpec(name="central", argv=argv, log=log)]
    config = files.host(VENDORS.name) / "timeserver.toml"
    if config.exists():
        argv = _tmr_argv("timeserver", "--config", str(config))
        log = str(files.logs / f"{VENDORS.name}-timeserver.log")
        spec = ProcessSpec(name="timeserver", argv=argv, log=log)
        specs[VENDORS.name] = [spec, *specs.get(VENDORS.name, [])]
    return specs


def _tmr_argv(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "appliance.cli.main", *words)


def _process(files: LabFiles, host: LabHost, role: str) -> ProcessSpec:
    config = files.host(host.name) / f"{role}.toml"
    argv = _tmr_argv("serve", role, "--config", str(config))
    return ProcessSpec(name=role, argv=argv, log=str(files.logs / f"{host.name}-{role}.log"))


def _identity(files: LabFiles, host: LabHost, now: datetime) -> None:
    addresses = [files.address(host.octet), "127.0.0.1"]
    if host.role == "tmr" and files.virtual_ip:
        addresses.append(files.virtual_ip)
    pki.issue_host(
        files.ca,
        files.host(host.name) / "tls",
        host.name,
        "upstream" if host.role == "upstream" else "tmr",
        now,
        addresses,
        [host.name],
    )


def _vendors(files: LabFiles, now: datetime) -> None:
    """The vendors are nobody of this deployment: TLS there is vouched for by themselves."""
    directory = files.host(VENDORS.name)
    pki.create_ca(directory / "ca", now, "TMR lab vendors")
    address = files.address(VENDORS.octet)
    pki.issue_host(
        directory / "ca", directory / "tls", VENDORS.name, "vendor", now, [address, "127.0.0.1"]
    )


def _tls() -> TlsSettings:
    """Paths in settings are relative to the settings file."""
    tls = Path("tls")
    return TlsSettings(cert=tls / "cert.pem", key=tls / "key.pem", ca=tls / "ca.pem")


def _upstream(files: LabFiles, host: LabHost) -> None:
    directory = files.host(host.name)
    root = files.root_certificate().read_bytes()
    ContainerHome.create(directory / "container", SystemRandom(), host.name, root_certificate=root)
    write_whole(directory / "root.der", root)
    vendors = files.host(VENDORS.name) / "ca" / "ca.pem"
    write_whole(directory / "vendors.pem", vendors.read_bytes())
    # In the network lab at its console, and for operators at the vendors' (`lab.firewall`).
    admin = files.address(host.octet) if files.kind == "loopback" else "0.0.0.0"
    settings = UpstreamSettings(
        name=host.name,
        links_listen=f"{files.address(host.octet)}:{UPSTREAM_LINK_PORT}",
        admin_listen=f"{admin}:{UPSTREAM_ADMIN_PORT}",
        tls=_tls(),
        store=Path("ledger.sqlite"),
        container=Path("container"),
        root=Path("root.der"),
        advert_int_s=files.advert_int_s,
        tmr_hosts=tuple(tmr.name for tmr in TMRS),
        time_servers=(AskedServer(url=files.time_server),),
        central=(
            CentralSettings(
                url=f"https://{files.address(VENDORS.octet)}:{CENTRAL_PORT}",
                ca=Path("vendors.pem"),
            ),
        ),
    )
    write_whole(directory / "upstream.toml", service_settings.dump(settings).encode())
    key = StoreKey.draw()
    Store.init(directory / settings.store, host.name, key.id, key=key.private)


def _time_server(files: LabFiles, now: datetime) -> None:
    """The vendors' time server: key, certificate, block list, settings."""
    directory = files.host(VENDORS.name)
    root = LicenseCentral(files.central).root
    chance = random.SystemRandom()
    made = make_time_server(root, "lab", directory, TIME_SERVER_DAYS, now, chance)
    settings = TimeServerSettings(
        contacts=Path("contacts.sqlite"),
        key=Path(made.key.name),
        certificate=Path(made.certificate.name),
        listen=f"{files.address(VENDORS.octet)}:{TIME_SERVER_PORT}",
        crl=Path(os.path.relpath(_block_list(files), directory)),
        requests_per_minute=600,
    )
    write_whole(directory / "timeserver.toml", service_settings.dump(settings).encode())


def _block_list(files: LabFiles) -> Path:
    """A new block list of the lab's root, current for long, and where it is."""
    central = LicenseCentral(files.central)
    central.make_block_list(LIST_DAYS_MAX)
    return central.blocks.list_path


def _tmr(files: LabFiles, host: LabHost) -> None:
    directory = files.host(host.name)
    twin = twin_of(host.name)
    write_whole(directory / "root.der", files.root_certificate().read_bytes())
    own = files.address(host.octet)
    settings = TmrSettings(
        name=host.name,
        twin=HostSettings(name=twin.name, address=f"{files.address(twin.octet)}:{TWIN_LINK_PORT}"),
        api_listen=(f"{'0.0.0.0' if files.virtual_ip else own}:{CLIENT_API_PORT}",),
        twin_listen=f"{own}:{TWIN_LINK_PORT}",
        tls=_tls(),
        root=Path("root.der"),
        upstreams=tuple(
            HostSettings(name=up.name, address=f"{files.address(up.octet)}:{UPSTREAM_LINK_PORT}")
            for up in UPSTREAMS
        ),
        virtual_ip=files.virtual_ip,
        vip_socket=Path(VIP_SOCKET) if files.virtual_ip else None,
        memory=Path("memory"),
        advert_int_s=files.advert_int_s,
        # One client of a lab makes all the load of a bench.
        limits=AnswerLimits(orders_per_client_s=ORDERS_MAX, orders_per_client_burst=ORDERS_MAX),
    )
    write_whole(directory / "tmr.toml", service_settings.dump(settings).encode())
    if files.virtual_ip:
        write_whole(directory / "vip.toml", vip_config.dump(_vip(files, host)).encode())


def _vip(files: LabFiles, host: LabHost) -> vip_config.VipConfig:
    """The settings of a TMR host's address process."""
    directory = files.host(host.name)
    return vip_config.VipConfig(
        interface="eth0",
        address=f"{files.virtual_ip}/{PREFIX_BITS}",
        vrid=VRID,
        priority=PRIORITIES[host.name],
        runtime_dir=str(directory / "run"),
        socket=str(directory / VIP_SOCKET),
        advert_int_s=files.advert_int_s,
        twin_address=files.address(twin_of(host.name).octet),
    )


def _profile(files: LabFiles, name: str) -> None:
    """A client profile beside the person's certificate; paths relative to it."""
    root = files.root_certificate()
    person = files.person(name)
    write_whole(person / "root.der", root.read_bytes())
    values: dict[str, object] = {
        "addresses": files.api_addresses,
        "ca": "ca.pem",
        "certificate": "cert.pem",
        "key": "key.pem",
        "licence_root": "root.der",
    }
    lines = [f"{key} = {msgspec.json.encode(value).decode()}\n" for key, value in values.items()]
    write_whole(files.profile(name), "".join(lines).encode())
