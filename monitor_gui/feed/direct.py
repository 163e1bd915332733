"""A system over its client API, by client certificate: directly, or through tunnels.

Each TMR host has a client of its own, since one client stops at the first host that answers; what
only the active host can answer goes to a client of all of them, which moves on from one that does
not serve. So a host that keeps somebody waiting holds up no other's word.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping

from cryptography import x509
from cryptography.x509.oid import NameOID

from appliance.client import (
    AsyncClient,
    CallTiming,
    ClientError,
    ClientTls,
    ProfileError,
    ServerEvent,
    load_profile,
)
from appliance.client.listing import lease_pages, newest
from appliance.client.profile import Profile
from appliance.client.surroundings import expanded
from appliance.client.tls import ResumingContext
from appliance.client.wire import segment
from appliance.codec.api import (
    DoneDocument,
    EndedDocument,
    LeaseDocument,
    LeasesDocument,
    LicencesDocument,
    LogsDocument,
    StatusDocument,
    TimeUpdateDocument,
    TimeUpdateRequest,
)
from appliance.sentences import Sentence
from monitor_gui.model.connections import System, host_port
from monitor_gui.model.timeline import own_row

ANSWER_S = 1.0
TUNNELLED_ANSWER_S = 3.0
ACT_S = 10.0
TIME_S = 30.0
"""A time server may be far away, and there are three containers to ask it."""

Address = tuple[str, int]
Via = Callable[[Address], Address]
"""Maps the address of a TMR host to the one to connect to."""


class DirectSource:
    """A `Source` by `AsyncClient`. `via` puts tunnels in between; TLS still names the far end.

    Must be made in the running loop. Raises ProfileError.
    """

    faults: tuple[str, ...] = ()

    def __init__(self, system: System, via: Via | None = None, route: str = "") -> None:
        profile = profile_of(system)
        addresses = tuple(host_port(text) for text in system.hosts) or profile.addresses
        self.name = system.name
        self.endpoints = tuple(f"{host}:{port}" for host, port in addresses)
        self.identity, self.role = identity_of(profile.tls)
        self.route = route or Sentence("directly")
        self._answer_s = TUNNELLED_ANSWER_S if via else ANSWER_S
        timing = CallTiming(deadline_s=ACT_S)
        near = tuple(_near(via(address), address) for address in addresses) if via else addresses
        context = profile.tls.context()
        if via:
            context.__class__ = _FarContext
        self._each = {
            endpoint: AsyncClient((there,), profile.tls, None, timing=timing, context=context)
            for endpoint, there in zip(self.endpoints, near, strict=True)
        }
        self._any = AsyncClient(near, profile.tls, None, timing=timing, context=context)
        self._answers = ""
        """The endpoint of the host that serves, else of one that answers."""

    async def status(self, endpoint: str) -> StatusDocument:
        """As in `Source`."""
        try:
            document = await self._each[endpoint].status(self._answer_s)
        except ClientError:
            if self._answers == endpoint:
                self._answers = ""
            raise
        own = own_row(document)
        if not self._answers or (own is not None and own.role == "active"):
            self._answers = endpoint
        return document

    async def licences(self) -> LicencesDocument:
        """As in `Source`."""
        return await self._any.licences(all=True, deadline_s=self._answer_s * 2)

    async def leases(self) -> LeasesDocument:
        """As in `Source`."""

        async def fetch(after: int) -> LeasesDocument:
            return await self._any.leases_page(after, deadline_s=self._answer_s * 2)

        found: list[LeaseDocument] = []
        async for page in lease_pages(fetch):
            found += page.leases
        return LeasesDocument(leases=newest(found))

    async def logs(self, after: Mapping[str, int]) -> LogsDocument:
        """As in `Source`."""
        since = ",".join(f"{segment(host)}:{number}" for host, number in after.items())
        path = f"/v1/logs?after={since}" if since else "/v1/logs"
        client = self._each[self._answers or self.endpoints[0]]
        return await client.call("GET", path, LogsDocument, deadline_s=self._answer_s * 2)

    def events(self, endpoint: str) -> AsyncGenerator[ServerEvent, None]:
        """As in `Source`."""
        return self._each[endpoint].events()

    async def release(self, client: str, lease_id: str, generation: int, why: str) -> EndedDocument:
        """As in `Source`."""
        return await self._any.release(client, lease_id, why, generation)

    async def write_off(self, lease_id: str, why: str) -> DoneDocument:
        """As in `Source`."""
        return await self._any.write_off(lease_id, why)

    async def switchover(self, host: str, why: str) -> DoneDocument:
        """As in `Source`."""
        return await self._any.switchover(why, host)

    async def maintenance(self, host: str, on: bool, why: str) -> DoneDocument:
        """As in `Source`."""
        return await self._any.maintenance(host, why, on)

    async def update_time(self, container: str, why: str) -> TimeUpdateDocument:
        """As in `Source`."""
        request = TimeUpdateRequest(why=why, container=container)
        return await self._any.call(
            "POST", "/v1/time", TimeUpdateDocument, request, deadline_s=TIME_S
        )

    async def inject(self, fault: str) -> str:
        """Nothing is broken on purpose in a real system."""
        raise ProfileError("faults can be made in the demo only")

    @property
    def broken(self) -> bool:
        """Each call connects by itself, so it never is."""
        return False

    async def close(self) -> None:
        """As in `Source`."""
        for client in (self._any, *self._each.values()):
            await client.close()


class _Near(str):
    """The near end of a tunnel, with the name of the host at its far end."""

    far = ""


def _near(there: Address, far: Address) -> Address:
    host = _Near(there[0])
    host.far = far[0]
    return host, there[1]


class _FarContext(ResumingContext):
    """Verifies the name of the host at the far end of a tunnel, not of the tunnel's near end."""

    def wrap_bio(self, incoming, outgoing, server_side=False, server_hostname=None, session=None):  # type: ignore[no-untyped-def]
        """As in `ssl.SSLContext`. Raises ValueError for a name that is no tunnel's."""
        if not isinstance(server_hostname, _Near):
            raise ValueError("only what leads through a tunnel may be connected to")
        return super().wrap_bio(incoming, outgoing, server_side, server_hostname.far, session)


def profile_of(system: System) -> Profile:
    """The client profile that a system's settings name. Raises ProfileError."""
    path = expanded(system.profile, "the connection")
    try:
        there = path.is_file()
    except OSError as error:
        raise ProfileError(
            Sentence("{path} cannot be looked at: {why}", path=path, why=error.strerror)
        ) from error
    if not there:
        raise ProfileError(
            Sentence("there is no file {path}; name a client profile (TOML)", path=path)
        )
    return load_profile(path)


def profile_trouble(system: System) -> str:
    """Why nobody can connect by this system's profile, as far as this computer knows; "" if it can
    be used."""
    try:
        profile = profile_of(system)
        profile.tls.context()
        identity_of(profile.tls)
    except ClientError as error:
        return error.sentence.rstrip(".")
    return ""


def identity_of(tls: ClientTls) -> tuple[str, str]:
    """Who we are and our role, as our certificate says; the server decides all the same."""
    if tls.certificate is None:
        return ("a token" if tls.token else "nobody"), "client"
    try:
        subject = x509.load_pem_x509_certificate(tls.certificate.read_bytes()).subject
    except (OSError, ValueError) as error:
        raise ProfileError(
            Sentence("{path} cannot be read ({why})", path=tls.certificate, why=error)
        ) from error

    def first(oid: x509.ObjectIdentifier) -> str:
        found = subject.get_attributes_for_oid(oid)
        return str(found[0].value) if found else ""

    return first(NameOID.COMMON_NAME), first(NameOID.ORGANIZATIONAL_UNIT_NAME)
