"""Time stamps: `openssl ts` on either side, and each wrong token refused by its name."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.codec import timestamps as codec
from appliance.codec.certificates import verify_time_server_certificate
from appliance.codec.time_responder import (
    QueryRefused,
    Signer,
    build_rejection,
    build_reply,
    read_query,
)
from appliance.codec.timestamps import (
    Reply,
    TimestampRefused,
    build_query,
    verify_reply,
    verify_token,
)
from appliance.verifier.certificates import CertificateRefused, verify_container_certificate
from tests.unit.codec import time_world as tw
from tests.unit.codec import world

REQUEST, TRUST, NOW_MS = tw.REQUEST, tw.TRUST, tw.NOW_MS
IMPRINT, NONCE = REQUEST.imprint(), REQUEST.query_nonce()

TSA_CONF = """
[ tsa ]
default_tsa = ours
[ ours ]
serial = ./serial
default_policy = 1.2.3.4.1
signer_digest = sha256
digests = sha256, sha384, sha512
accuracy = secs:1, millisecs:500, microsecs:100
ess_cert_id_alg = sha256
"""


def refused(reason: str, reply: bytes, trust=TRUST, said: str = ".") -> None:
    with pytest.raises(TimestampRefused, match=said) as caught:
        verify_reply(reply, IMPRINT, NONCE, trust)
    assert caught.value.reason == reason


def test_a_token_says_when_how_exact_and_who():
    certified = verify_reply(tw.reply_to(), IMPRINT, NONCE, TRUST)
    assert certified[:3] == (NOW_MS, 750, "ts1")
    # The token alone proves the same again, to whoever knows the request.
    assert verify_token(certified.token, IMPRINT, TRUST) == certified


@pytest.mark.parametrize("ms", [0, 1, 120, 999])
def test_milliseconds_survive(ms: int):
    at_ms = NOW_MS // 1000 * 1000 + ms
    assert verify_reply(tw.reply_to(time_ms=at_ms), IMPRINT, NONCE, TRUST).time_ms == at_ms


# --- openssl ts, both ways ---


def test_openssl_verifies_what_our_server_signs(tmp_path: Path):
    tw.write_pem(tmp_path / "root.pem", world.ROOT)
    (tmp_path / "data").write_bytes(b"anything at all")
    for algorithm in ("sha256", "sha384", "sha512"):
        tw.openssl(
            tmp_path, "ts", "-query", "-data", "data", f"-{algorithm}", "-cert", "-out", "q.tsq"
        )
        now_ms = int(datetime.now(UTC).timestamp() * 1000)
        now = datetime.now(UTC)
        der = tw.certificate(validity=(now - timedelta(days=1), now + timedelta(days=1)))
        query = read_query((tmp_path / "q.tsq").read_bytes())
        reply = build_reply(query, Signer(tw.KEY, der, 999), 2**158, now_ms)
        (tmp_path / "r.tsr").write_bytes(reply)
        for against in (["-queryfile", "q.tsq"], ["-data", "data"]):
            said = tw.openssl(
                tmp_path, "ts", "-verify", "-in", "r.tsr", *against, "-CAfile", "root.pem"
            )
            assert "Verification: OK" in said
        assert "Accuracy: 0x0 seconds, 0x03E7 millis" in tw.openssl(
            tmp_path, "ts", "-reply", "-in", "r.tsr", "-text"
        )


def test_openssl_without_cert_gets_no_certificate(tmp_path: Path):
    (tmp_path / "data").write_bytes(b"x")
    tw.openssl(tmp_path, "ts", "-query", "-data", "data", "-sha256", "-out", "q.tsq")
    query = read_query((tmp_path / "q.tsq").read_bytes())
    assert not query.wants_certificate
    now = datetime.now(UTC)
    der = tw.certificate(validity=(now - timedelta(days=1), now + timedelta(days=1)))
    signer = Signer(tw.KEY, der, 999)
    (tmp_path / "r.tsr").write_bytes(build_reply(query, signer, 5, int(now.timestamp() * 1000)))
    tw.write_pem(tmp_path / "root.pem", world.ROOT)
    tw.write_pem(tmp_path / "ts.pem", der)
    said = tw.openssl(
        tmp_path,
        *("ts", "-verify", "-in", "r.tsr", "-queryfile", "q.tsq", "-CAfile", "root.pem"),
        *("-untrusted", "ts.pem"),
    )
    assert "Verification: OK" in said


@pytest.mark.parametrize("chain", [False, True])
def test_we_verify_what_openssl_signs(tmp_path: Path, chain: bool):
    """A corporate time server, here openssl itself; some send their chain along."""
    now = datetime.now(UTC)
    before = tw.VALIDITY
    tw.VALIDITY = (now - timedelta(days=1), now + timedelta(days=1))
    try:
        corporate = tw.Foreign(intermediate=chain)
    finally:
        tw.VALIDITY = before
    (tmp_path / "tsa.cnf").write_text(TSA_CONF)
    (tmp_path / "serial").write_text("01\n")
    (tmp_path / "q.tsq").write_bytes(build_query(IMPRINT, NONCE))
    tw.write_key(tmp_path / "ts.key")
    tw.write_pem(tmp_path / "ts.pem", corporate.signer.certificate)
    (tmp_path / "chain.pem").write_bytes(
        b"".join(one.public_bytes(Encoding.PEM) for one in corporate.chain)
    )
    tw.openssl(
        tmp_path,
        *("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q.tsq", "-out", "r.tsr"),
        *("-signer", "ts.pem", "-inkey", "ts.key"),
        *(["-chain", "chain.pem"] if chain else []),
    )
    certified = verify_reply((tmp_path / "r.tsr").read_bytes(), IMPRINT, NONCE, corporate.trust)
    assert abs(certified.time_ms - int(now.timestamp() * 1000)) < 120_000
    assert (certified.accuracy_ms, certified.signer) == (1501, "CN=Corp time")
    # To the licence root it is a stranger.
    refused("wrong-signer", (tmp_path / "r.tsr").read_bytes())


def test_openssl_reads_our_query_and_our_rejection(tmp_path: Path):
    (tmp_path / "q.tsq").write_bytes(build_query(IMPRINT, NONCE))
    said = tw.openssl(tmp_path, "ts", "-query", "-in", "q.tsq", "-text")
    assert f"Nonce: 0x{NONCE:014X}\n" in said and "Certificate required: yes" in said
    (tmp_path / "r.tsr").write_bytes(build_rejection(QueryRefused("bad_alg", "Not that one.")))
    said = tw.openssl(tmp_path, "ts", "-reply", "-in", "r.tsr", "-text")
    assert "Status: Rejected." in said and "Not that one." in said


# --- wrong tokens ---


def test_a_token_for_another_request_is_refused():
    other = REQUEST._replace(serial=world.SERIALS[2])
    refused("wrong-imprint", tw.reply_to(other, nonce=NONCE))
    refused("wrong-imprint", tw.reply_to(REQUEST._replace(box_ms=1), nonce=NONCE))


def test_a_replayed_token_is_refused():
    """Yesterday's token was for yesterday's nonce, which is part of what it stamps."""
    yesterday = REQUEST._replace(nonce=secrets.token_bytes(16))
    refused("wrong-imprint", tw.reply_to(yesterday))
    refused("wrong-imprint", tw.reply_to(yesterday, nonce=NONCE))


def test_a_wrong_or_missing_nonce_is_refused():
    refused("wrong-nonce", tw.reply_to(nonce=NONCE + 1))
    refused("wrong-nonce", tw.reply_to(nonce=None))


def test_a_signer_of_another_root_is_refused():
    der = tw.certificate(root_key=world.OTHER_ROOT_KEY, root=world.OTHER_ROOT)
    refused("wrong-signer", tw.reply_to(signer=Signer(tw.KEY, der, 750)))


def test_a_signer_with_another_key_than_certified_is_refused():
    from cryptography.hazmat.primitives.asymmetric import ec

    other = ec.derive_private_key(999, ec.SECP256R1())
    refused("wrong-signer", tw.reply_to(signer=Signer(other, tw.SIGNER.certificate, 750)))


def test_a_signer_whose_certificate_is_over_or_not_yet_valid_is_refused():
    for at in (tw.VALIDITY[1] + timedelta(seconds=1), tw.VALIDITY[0] - timedelta(days=2)):
        refused("expired-signer", tw.reply_to(time_ms=int(at.timestamp() * 1000)))


@pytest.mark.parametrize(
    ("usages", "critical"),
    [
        ([], True),
        ([ExtendedKeyUsageOID.SERVER_AUTH], True),
        ([ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.SERVER_AUTH], True),
        ([ExtendedKeyUsageOID.TIME_STAMPING], False),
    ],
)
def test_a_certificate_that_is_not_for_time_stamps_alone_is_refused(usages, critical):
    corporate = tw.Foreign(usages, critical=critical)
    refused("missing-usage", tw.reply_to(signer=corporate.signer), corporate.trust)


def test_a_corporate_server_is_believed_under_its_own_anchor_only():
    corporate = tw.Foreign()
    reply = tw.reply_to(signer=corporate.signer)
    assert verify_reply(reply, IMPRINT, NONCE, corporate.trust).time_ms == NOW_MS
    refused("wrong-signer", reply, TRUST)
    refused("wrong-signer", tw.reply_to(), corporate.trust)


def test_a_container_or_firm_cannot_certify_time():
    with pytest.raises(CertificateRefused):
        verify_time_server_certificate(world.CONTAINER_CERTIFICATES[1], world.ROOT)
    with pytest.raises(CertificateRefused):
        verify_container_certificate(tw.certificate(), world.ROOT)


def test_a_token_without_certificate_is_refused():
    refused("wrong-signer", tw.reply_to(wants_certificate=False))


def test_a_rejection_is_told_with_its_reason():
    rejection = build_rejection(QueryRefused("bad_request", "Come back tomorrow."))
    refused("rejected", rejection, said="Come back tomorrow")


def test_an_hour_of_inaccuracy_is_no_certified_time():
    refused("inaccurate", tw.reply_to(signer=tw.SIGNER._replace(accuracy_ms=3_600_000)))


def test_truncated_prolonged_and_oversized_replies_are_refused():
    reply = tw.reply_to()
    for cut in range(0, len(reply), 7):
        with pytest.raises(TimestampRefused) as caught:
            verify_reply(reply[:cut], IMPRINT, NONCE, TRUST)
        assert caught.value.reason == "malformed", cut
    refused("malformed", reply + b"\0")
    refused("malformed", b"\x30" * (20 << 20), said="too long")


def test_every_altered_byte_is_noticed():
    """Except where two spellings mean the same: nothing signed then differs, nor the time."""
    reply = tw.reply_to()
    for at in range(len(reply)):
        altered = reply[:at] + bytes((reply[at] ^ 1,)) + reply[at + 1 :]
        try:
            certified = verify_reply(altered, IMPRINT, NONCE, TRUST)
        except TimestampRefused:
            continue
        assert certified[:3] == (NOW_MS, 750, "ts1"), at


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_whatever_comes_is_refused_by_name(data: bytes):
    with pytest.raises(TimestampRefused):
        verify_reply(data, IMPRINT, NONCE, TRUST)
    with pytest.raises(TimestampRefused):
        verify_token(data, IMPRINT, TRUST)
    with pytest.raises(QueryRefused):
        read_query(data)


# --- queries ---


def test_bad_queries_get_a_named_rejection():
    good = build_query(IMPRINT, NONCE)
    assert read_query(good).nonce == NONCE
    for data, failure in (
        (good[:-1], "bad_data_format"),
        (good + b"\0" * codec.QUERY_BYTES_MAX, "bad_request"),
        (build_query(IMPRINT[:-1], NONCE), "bad_alg"),
        (build_query(IMPRINT, 1 << 300), "bad_request"),
        (build_query(IMPRINT, -5), "bad_request"),
    ):
        with pytest.raises(QueryRefused) as caught:
            read_query(data)
        assert caught.value.failure == failure


def with_status(status: str, token: bool = True) -> bytes:
    """A granted reply with another status, with its token or without."""
    reply = Reply.load(tw.reply_to())
    changed: dict[str, Any] = {"status": {"status": status}}
    if token:
        changed["time_stamp_token"] = reply["time_stamp_token"]
    return bytes(Reply(changed).dump())


def test_granted_with_modifications_carries_a_token_as_good_as_any():
    """RFC 3161, 2.4.2: with status 0 or 1 there is a token. Nonce and signer are judged as ever."""
    granted = verify_reply(with_status("granted_with_mods"), IMPRINT, NONCE, TRUST)
    assert granted.time_ms == NOW_MS
    changed = Reply.load(tw.reply_to(nonce=7))
    changed["status"] = {"status": "granted_with_mods"}
    refused("wrong-nonce", bytes(changed.dump()))


@pytest.mark.parametrize(
    "status", ["rejection", "waiting", "revocation_warning", "revocation_notification"]
)
def test_any_other_status_is_no_certified_time_and_is_named(status: str):
    refused("rejected", with_status(status), said=f"status '{status}'")


def test_granted_without_a_token_is_refused():
    refused("malformed", with_status("granted", token=False), said="no token")
