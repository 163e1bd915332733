"""An upstream knows the ledger, so it refuses whose certificate was taken back."""

from appliance.adapters.pki.authority import which_certificate
from appliance.adapters.signatures import StoreKey
from appliance.ledger.certificates.proofs import CommitProof, Voice, ack_bytes
from appliance.ledger.messages import Heartbeat, HeartbeatAck, PreVote
from appliance.licences.commands import Dismiss, Found
from tests.unit.services.test_upstream import TERM, deployment, lead, link, stopped, upstream
from tests.unit.services.upstream_world import eventually

__all__ = ["deployment", "link", "stopped", "upstream"]  # fixtures


def test_a_dismissed_certificate_opens_no_link_and_administers_nothing(upstream, link):
    """A stolen TMR host's and an operator's certificate, taken back by the ledger."""
    files = upstream.deployment.files
    second = StoreKey.draw()
    stores = (
        ("up1", bytes.fromhex(upstream.status()["store_id"])),
        ("up2", second.id),
        ("up3", b"3"),
    )
    log = lead(link)
    taken = [which_certificate(files[who].cert.read_bytes()) for who in ("tmr1", "operator")]
    acts = [Dismiss(one.serial, one.name, one.role, 0, "AD", "adam", "stolen") for one in taken]
    link.ask(log.append(Found(b"ledger", "131-77000001", stores)))
    ack = link.ask(log.append(*acts))
    assert upstream.ask("operator", "GET", "/v1/container")[0] == 200, "not committed yet"
    root = log.entries[1].root
    voices = (ack.voice, Voice(second.id, second.sign(ack_bytes(TERM, 2, root, b""))))
    beaten = link.ask(Heartbeat(TERM, 1, False, CommitProof(TERM, 2, root, b"", voices)))
    assert (type(beaten), beaten.commit_index) == (HeartbeatAck, 2)
    code, answer = upstream.ask("operator", "GET", "/v1/container")
    assert (code, b"was dismissed" in answer) == (401, True), answer
    assert upstream.ask("admin", "GET", "/v1/container")[0] == 200
    assert upstream.ask("", "GET", "/healthz")[0] == 200
    link.send(Heartbeat(TERM, 2, False))
    assert link.receive() is None, "hung up"
    again = upstream.link()
    assert again.ask(PreVote(1)) is None
    again.close()
    eventually(lambda: upstream.log.count("was dismissed") >= 2, "its log says so")
