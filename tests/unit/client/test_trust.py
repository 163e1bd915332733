"""What a program trusts is compiled into it: what it compares, and that no file can change it."""

from __future__ import annotations

import contextlib
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.client import (
    AsyncClient,
    LeaseState,
    ProfileError,
    ReceiptRefused,
    ReceiptVerifier,
    Trust,
    TrustError,
    load_profile,
)
from appliance.client.tools import UnprotectedWarning, tool_trust
from appliance.codec.api import EndedDocument, Problem
from appliance.errors import ExitCode
from appliance.licences.grants import item_hash
from appliance.verifier.documents import FirmWordsDocument
from appliance.verifier.trust import root_der
from tests.unit.client.fake import HOST, Certificates, FakeServer
from tests.unit.client.test_lease import HandClock, play
from tests.unit.verifier import vectors
from tests.unit.verifier.plant import LOG_TIME_MS, Plant, a_grant, a_line, an_item

LOG_DAY = date(2026, 1, 1)  # that of LOG_TIME_MS, which is its very beginning
DAY_MS = 86_400_000
README = Path(__file__).resolve().parents[3] / "README.md"


# --- log time, the build date and this computer's clock ---


@pytest.mark.parametrize(
    ("log_time_ms", "believed"),
    [(LOG_TIME_MS - DAY_MS, True), (LOG_TIME_MS - DAY_MS - 1, False), (0, False)],
)
def test_log_time_before_the_build_date_less_a_day(log_time_ms: int, believed: bool) -> None:
    doubt = Trust(Plant().root, built_on=LOG_DAY).doubt(log_time_ms, None)
    assert (doubt is None) is believed
    if doubt is not None:
        assert doubt.reason == "before-build"
        assert "before this program was built (2026-01-01): put the clocks of" in doubt.detail


@pytest.mark.parametrize("apart_s", [-601, -600, 0, 600, 601])
def test_log_time_and_this_computers_clock(apart_s: int) -> None:
    trust = Trust(Plant().root, clock_tolerance_s=600)
    doubt = trust.doubt(LOG_TIME_MS, lambda: LOG_TIME_MS / 1000 + apart_s)
    assert (doubt is None) is (abs(apart_s) <= 600)
    if doubt is not None:
        assert doubt.reason == "clock-differs"
        assert "log time is 2026-01-01 00:00:00 UTC and this computer's clock says " in doubt.detail
        assert "more than the 600 s apart" in doubt.detail
        assert "put this computer's clock right, or the other one; `tmr time`" in doubt.detail


def test_a_wrong_clock_of_an_honest_plant_stops_nothing_unless_the_vendor_says_so() -> None:
    for wall_s in (lambda: 0.0, lambda: 4e9):
        assert Trust(Plant().root).doubt(LOG_TIME_MS, wall_s) is None
        assert Trust(Plant().root, built_on=LOG_DAY).doubt(LOG_TIME_MS, wall_s) is None


def test_a_log_time_beyond_all_calendars_is_a_refusal_too() -> None:
    doubt = Trust(Plant().root, clock_tolerance_s=600).doubt(2**64 - 1, lambda: 0.0)
    assert doubt is not None and "log time is 18446744073709552 s after 1970" in doubt.detail


def test_settings_that_cannot_be_meant() -> None:
    with pytest.raises(ValueError, match="clock_tolerance_s is 59: give at least 60 seconds"):
        Trust(Plant().root, clock_tolerance_s=59)
    with pytest.raises(ValueError, match="the licence root is no certificate in PEM"):
        Trust("-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----")
    with pytest.raises(ValueError, match="give wall_s"):
        Trust(Plant().root, clock_tolerance_s=60).doubt(0, None)


def test_the_root_as_text_as_pem_and_as_der() -> None:
    pem = pem_of(Plant())
    for root in (pem, f"\n{pem}\n", pem.encode(), Plant().root):
        assert root_der(Trust(root).root) == Plant().root


def test_only_a_log_time_that_is_proven_is_compared() -> None:
    verifier = ReceiptVerifier(Trust(Plant().root, built_on=date(2027, 1, 1)))
    grant = Plant().receipt_for(a_grant(), vectors.NONCE)
    with pytest.raises(ReceiptRefused, match=r"^the receipt is refused \(before-build\): ") as late:
        verifier.verify(grant, vectors.WANTED)
    assert late.value.reason == "before-build"
    assert grant.receipt is not None
    later = msgspec.structs.replace(grant.receipt, log_time_ms=LOG_TIME_MS + 366 * DAY_MS)
    with pytest.raises(ReceiptRefused) as forged:
        verifier.verify(msgspec.structs.replace(grant, receipt=later), vectors.WANTED)
    assert forged.value.reason == "bad-signature"


# --- a client's lease ---


def test_a_check_out_that_the_clocks_speak_against_gives_the_seat_back(
    certificates: Certificates,
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        with pytest.raises(ReceiptRefused) as refused:
            await client.lease(100001, 10).check_out()
        assert refused.value.reason == "before-build"
        assert len(server.paths("DELETE")) == 1

    play(certificates, act, trust=Trust(Plant().root, built_on=date(2026, 6, 1)))


def test_a_computers_clock_that_is_put_right_brings_the_lease_back(
    certificates: Certificates,
) -> None:
    """Renewals are compared, too: else who freezes the servers' clocks needs only never to end."""
    wall = [LOG_TIME_MS / 1000]

    async def act(client: AsyncClient, server: FakeServer) -> None:
        lease = client.lease(100001, 10)
        await lease.check_out()
        wall[0] += 3601
        lease._renew_at_s = 0.0
        status = await lease.wait_for(LeaseState.AT_RISK)
        assert status.reason == "clock-differs"
        assert "put this computer's clock right" in status.detail
        assert lease.usable, "the receipt that it has is good until it ends"
        wall[0] -= 3601
        await lease.wait_for(LeaseState.HELD)

    trust = Trust(Plant().root, clock_tolerance_s=3600)
    play(certificates, act, trust=trust, wall_s=lambda: wall[0])


def test_a_lease_that_ends_by_a_wrong_clock_says_which_one(certificates: Certificates) -> None:
    boot, wall = HandClock(), [LOG_TIME_MS / 1000]

    async def act(client: AsyncClient, server: FakeServer) -> None:
        server.lease_ttl_s = 10_000
        lease = client.lease(100001, 10)
        await lease.check_out()
        wall[0] += 3601
        lease._renew_at_s = 0.0
        await lease.wait_for(LeaseState.AT_RISK)
        boot.ahead_s = 601.0
        status = await lease.wait_for(LeaseState.LOST)
        assert status.reason == "receipt-expired"
        assert "(clock-differs)" in status.detail and "this computer's clock" in status.detail

    trust = Trust(Plant().root, clock_tolerance_s=3600)
    play(certificates, act, trust=trust, wall_s=lambda: wall[0], now=boot)


def test_without_trust_one_may_look_and_takes_no_seat(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        with pytest.raises(TrustError, match=r"give it trust=Trust\(root=.*since whoev") as none:
            client.lease(100001, 10)
        assert none.value.code is ExitCode.USAGE
        await client.call("DELETE", "/v1/leases/a?generation=1", EndedDocument)
        assert server.paths("PUT") == []

    play(certificates, act, trust=None)


def test_a_program_without_trust_is_told_that_its_profile_licenses_it(
    certificates: Certificates, tmp_path: Path
) -> None:
    with own_server(certificates, OWN) as port:
        profile = own_profile(tmp_path, certificates, port, 'licence_root = "own-root.pem"')
        warned = pytest.warns(UnprotectedWarning, match="compiles no licence root in")
        with load_profile(profile).client() as client, warned:
            client.lease(6000010, 1)


def test_a_firm_that_is_not_trusted_is_not_even_asked_for(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        with pytest.raises(TrustError, match="firm code 100001 is not among those"):
            await client.lease(100001, 10).check_out()
        assert server.requests == []

    play(certificates, act, trust=Trust(Plant().root, firms=[7]))


# --- the licensee's own server, profile and licence root, against the example in README ---


class OwnServer(BaseHTTPRequestHandler):
    """Says "granted" to everybody. `containers` are the licensee's own, or stolen, or there are
    none; `words` are what he has to show of the firm."""

    protocol_version = "HTTP/1.1"
    containers: Plant | None = None
    words: FirmWordsDocument | None = None

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        asked: dict[str, Any] = msgspec.json.decode(body) if body else {}
        if self.command == "GET":
            self.say(self.words)
            return
        units = asked.get("units", 0)
        line = a_line(1, item_hash=item_hash(6000010, an_item(1)), units=units)
        fields = {"firm_code": 6000010, "lines": (line,), "units_taken": units}
        grant = a_grant(self.path.split("/")[3].partition("?")[0], **fields)
        if self.containers is not None and "nonce" in asked:
            nonce = msgspec.convert(asked["nonce"], bytes, strict=False)
            grant = self.containers.receipt_for(grant, nonce)
        self.say(grant)

    def say(self, document: object) -> None:
        """Answer with this document, or that there is none."""
        answer = msgspec.json.encode(document or Problem(type="", title="unknown", status=404))
        self.send_response(200 if document else 404)
        self.send_header(
            "content-type", "application/json" if document else "application/problem+json"
        )
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_PUT = do_POST = do_DELETE = answer

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@contextlib.contextmanager
def own_server(
    certificates: Certificates, containers: Plant | None, words: FirmWordsDocument | None = None
) -> Iterator[int]:
    """The server on a port of its own."""
    handler = type("Handler", (OwnServer,), {"containers": containers, "words": words})
    with ThreadingHTTPServer((HOST, 0), handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.server, certificates.server_key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def pem_of(plant: Plant) -> str:
    return x509.load_der_x509_certificate(plant.root).public_bytes(Encoding.PEM).decode()


def own_profile(directory: Path, certificates: Certificates, port: int, *more: str) -> Path:
    """The profile that the licensee writes, with a licence root of his own beside it."""
    (directory / "own-root.pem").write_text(pem_of(OWN))
    profile = directory / "profile.toml"
    lines = (f'addresses = ["{HOST}:{port}"]', f'ca = "{certificates.ca}"', 'token = "x"', *more)
    profile.write_text("\n".join(lines))
    return profile


def licensed_by_readme(vendor: Plant, profile: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Run README's example as this vendor compiled it: whether it came to its licensed part."""
    (example,) = re.findall(r"^```python\n(.*?)^```", README.read_text("utf-8"), re.M | re.S)
    source, roots = re.subn(
        r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n",
        lambda _: pem_of(vendor),
        example,
        flags=re.S,
    )
    source, days = re.subn(r"date\([\d, ]+\)", "date(2026, 1, 1)", source)
    source, parts = re.subn(r"^( +)\.\.\. ", r"\1ran.append(True) ", source, flags=re.M)
    assert (roots, days, parts) == (1, 1, 1), "the example says root, build date and its work"
    monkeypatch.setenv("TMR_PROFILE", str(profile))
    ran: list[bool] = []
    exec(compile(source, "README.md", "exec"), {"ran": ran})
    return bool(ran)


VENDOR, OWN = Plant("vendor"), Plant("licensee")


@pytest.mark.parametrize(
    ("containers", "line", "refused"),
    [
        (None, "", "no-receipt"),
        (None, 'licence_root = "own-root.pem"', "no-receipt"),
        (OWN, 'licence_root = "own-root.pem"', "foreign-root"),
        (None, "verify_receipts = false", "is no setting of a profile any more"),
        (OWN, "firm_codes = [6000010]", "is no setting of a profile any more"),
    ],
)
def test_no_server_and_no_profile_of_the_licensees_makes_readmes_example_run(
    containers: Plant | None,
    line: str,
    refused: str,
    certificates: Certificates,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with own_server(certificates, containers) as port:
        profile = own_profile(tmp_path, certificates, port, line)
        with pytest.raises((ReceiptRefused, ProfileError), match=refused):
            licensed_by_readme(VENDOR, profile, monkeypatch)


def test_the_same_server_would_do_if_the_root_were_its_own(
    certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the test above would show nothing: the server is good enough but for the vendor's root,
    and a tool, which has only the profile to believe, believes it."""
    words = OWN.words(an_item(1), firm=OWN.firm_of(6000010), firm_code=6000010)
    with own_server(certificates, OWN, words) as port:
        profile = own_profile(tmp_path, certificates, port, 'licence_root = "own-root.pem"')
        assert licensed_by_readme(OWN, profile, monkeypatch)
        found = load_profile(profile)
        with found.client(tool_trust(found)) as client, client.lease(6000010, 1) as lease:
            assert lease.usable


def by_no_firm() -> None:
    """Nothing to show."""


def by_another_firm() -> FirmWordsDocument:
    """A firm of the same root signs whatever it likes, for its own firm code only."""
    return VENDOR.words(an_item(1), firm=VENDOR.firm, firm_code=6000010)


def by_his_own_firm() -> FirmWordsDocument:
    """A firm of that code under another root."""
    return VENDOR.words(an_item(1), firm=OWN.firm_of(6000010), firm_code=6000010)


def for_other_containers() -> FirmWordsDocument:
    """What the vendor did sell, to somebody else."""
    sold = Plant("vendor", cmact_id="B2")
    assert sold.root == VENDOR.root
    firm = VENDOR.firm_of(6000010)
    return sold.words(an_item(1), firm=firm, firm_code=6000010)


def with_a_changed_item() -> FirmWordsDocument:
    """What the vendor sold to these containers, made more of."""
    sold = VENDOR.words(an_item(1, quantity=2), firm=VENDOR.firm_of(6000010), firm_code=6000010)
    return msgspec.structs.replace(sold, item=sold.item.replace('"quantity":2', '"quantity":3'))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (by_no_firm, "no-firm-word"),
        (by_another_firm, "wrong-firm"),
        (by_his_own_firm, "foreign-root"),
        (for_other_containers, "no-firm-word"),
        (with_a_changed_item, "bad-signature"),
    ],
)
def test_two_stolen_containers_make_no_licence_that_no_vendor_issued(
    certificates: Certificates,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: Callable[[], FirmWordsDocument | None],
    reason: str,
) -> None:
    """README's program with the vendor's own root compiled in, and two of that root's containers
    in a thief's hands: their signatures are sound, and what they endorse was never sold to them."""
    with own_server(certificates, VENDOR, words()) as port:
        profile = own_profile(tmp_path, certificates, port)
        with pytest.raises(ReceiptRefused) as refused:
            licensed_by_readme(VENDOR, profile, monkeypatch)
    assert refused.value.reason == reason


def test_the_same_thief_gets_what_the_vendor_did_sell(
    certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the test above would show nothing. It is what two stolen containers are worth."""
    words = VENDOR.words(an_item(1), firm=VENDOR.firm_of(6000010), firm_code=6000010)
    with own_server(certificates, VENDOR, words) as port:
        assert licensed_by_readme(VENDOR, own_profile(tmp_path, certificates, port), monkeypatch)
