"""A time server's half of RFC 3161: reads queries, builds signed replies (design D8).

The reply carries the signer's certificate and no chain: `rfc3161-client` refuses a longer one that
is not in DER's order, and whoever asks pins the root anyway. Any of the three SHA-2 imprints is
stamped, so that `openssl ts -query` works with its defaults.

What can go wrong in here is to sign what nobody asked for: imprint, nonce and policy are the
query's, and all else is this server's own.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, NamedTuple

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from appliance.codec.timestamps import QUERY_BYTES_MAX, Reply

POLICY: Final = "2.25.75513934922986292446977195071687706107"
"""The policy under which every token is made: the clock of a TMR time server."""
NONCE_BITS_MAX: Final = 256
_DIGEST_SIZES: Final = {"sha256": 32, "sha384": 48, "sha512": 64}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class QueryRefused(Exception):
    """A query that gets no token. `failure` is PKIFailureInfo's word, `detail` a sentence."""

    def __init__(self, failure: str, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure
        self.detail = detail


class Query(NamedTuple):
    """What was asked: a digest of `algorithm`; `nonce` None and `wants_certificate` as sent."""

    algorithm: str
    digest: bytes
    nonce: int | None
    wants_certificate: bool


class Signer(NamedTuple):
    """A time server's key (ECDSA P-256) and certificate (DER), and how exact its clock is."""

    key: ec.EllipticCurvePrivateKey
    certificate: bytes
    accuracy_ms: int


def read_query(data: bytes) -> Query:
    """The query in these bytes. Raises QueryRefused."""
    if len(data) > QUERY_BYTES_MAX:
        raise QueryRefused("bad_request", f"A query of {len(data)} bytes is too long.")
    try:
        query = tsp.TimeStampReq.load(data, strict=True)
        version = query["version"].native
        algorithm = query["message_imprint"]["hash_algorithm"]["algorithm"].native
        digest = bytes(query["message_imprint"]["hashed_message"].native)
        policy = query["req_policy"].native
        nonce = query["nonce"].native
        wants_certificate = bool(query["cert_req"].native)
        extensions = query["extensions"].native
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError):
        raise QueryRefused("bad_data_format", "This is no query of RFC 3161.") from None
    if version != "v1":
        raise QueryRefused("bad_request", "Only version 1 is known.")
    if _DIGEST_SIZES.get(algorithm) != len(digest):
        raise QueryRefused("bad_alg", "The imprint must be SHA-256, SHA-384 or SHA-512.")
    if policy not in (None, POLICY):
        raise QueryRefused("unaccepted_policy", f"The only policy here is {POLICY}.")
    if nonce is not None and not 0 <= nonce < 1 << NONCE_BITS_MAX:
        raise QueryRefused("bad_request", f"A nonce has at most {NONCE_BITS_MAX} bits.")
    if extensions:
        raise QueryRefused("unaccepted_extension", "No extension is known.")
    return Query(algorithm, digest, nonce, wants_certificate)


def build_reply(query: Query, signer: Signer, serial_number: int, time_ms: int) -> bytes:
    """A granted reply, DER: `time_ms` (Unix ms) certified for this query's digest.

    `serial_number` is positive, at most 160 bits, and never the same twice (RFC 3161, 2.4.2).
    """
    info = _token_info(query, signer, serial_number, time_ms)
    content = info.dump()
    certificate = asn1_x509.Certificate.load(signer.certificate)
    attributes = cms.CMSAttributes(
        [
            _attribute("content_type", "tst_info"),
            _attribute("message_digest", sha256(content).digest()),
            _attribute(
                "signing_certificate_v2",
                tsp.SigningCertificateV2(
                    {"certs": [{"cert_hash": sha256(signer.certificate).digest()}]}
                ),
            ),
        ]
    )
    # The signature covers the attributes as a SET, not under their implicit tag (RFC 5652, 5.4).
    signature = signer.key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256()))
    signer_info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                        {
                            "issuer": certificate.issuer,
                            "serial_number": certificate.serial_number,
                        }
                    )
                }
            ),
            "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
            "signed_attrs": attributes,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
            "signature": signature,
        }
    )
    signed: dict[str, Any] = {
        "version": "v3",
        "digest_algorithms": [algos.DigestAlgorithm({"algorithm": "sha256"})],
        "encap_content_info": {
            "content_type": "tst_info",
            "content": core.ParsableOctetString(content),
        },
        "signer_infos": [signer_info],
    }
    if query.wants_certificate:
        signed["certificates"] = [certificate]
    token = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})
    reply = Reply({"status": {"status": "granted"}, "time_stamp_token": token})
    return bytes(reply.dump())


def build_rejection(refused: QueryRefused) -> bytes:
    """A reply that says why there is no token, DER."""
    status = {
        "status": "rejection",
        "status_string": [refused.detail],
        "fail_info": {refused.failure},
    }
    reply = Reply({"status": status})
    return bytes(reply.dump())


def _token_info(query: Query, signer: Signer, serial_number: int, time_ms: int) -> Any:
    seconds, millis = divmod(signer.accuracy_ms, 1000)
    accuracy: dict[str, int] = {"seconds": seconds}
    if millis:  # DER cannot say 0 there: 1 to 999 only.
        accuracy["millis"] = millis
    fields: dict[str, Any] = {
        "version": "v1",
        "policy": POLICY,
        "message_imprint": {
            "hash_algorithm": algos.DigestAlgorithm({"algorithm": query.algorithm}),
            "hashed_message": query.digest,
        },
        "serial_number": serial_number,
        "gen_time": _EPOCH + timedelta(milliseconds=time_ms),
        "accuracy": accuracy,
    }
    if query.nonce is not None:
        fields["nonce"] = query.nonce
    return tsp.TSTInfo(fields)


def _attribute(kind: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": [value]})
