"""Time-stamp queries, replies and tokens of RFC 3161, as a container makes and believes them.

`asn1crypto` reads and builds, `rfc3161-client` checks chain and signature, and what it leaves open
is checked here: that the signer's certificate is meant for nothing but time stamps (RFC 3161, 2.3),
was valid at the time it certifies, and is the one that the signed attributes name (RFC 5816). Each
refusal has a name. Verification depends on nothing but its arguments, so every replica of the
ledger gives the same verdict on the same token.

What can go wrong in here is a parser that raises something else than a refusal for a stranger's
bytes: `asn1crypto` parses lazily, so all of it happens within `_malformed`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar, Final, NamedTuple

from asn1crypto import algos, cms, core, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

from appliance.codec.certificates import verify_time_server_certificate
from appliance.unreadable import UNREADABLE
from appliance.unreadable_x509 import UNREADABLE_X509
from appliance.verifier.certificates import CertificateRefused

QUERY_MEDIA_TYPE: Final = "application/timestamp-query"
REPLY_MEDIA_TYPE: Final = "application/timestamp-reply"
QUERY_BYTES_MAX: Final = 4 << 10
REPLY_BYTES_MAX: Final = 64 << 10
ACCURACY_UNSTATED_MS: Final = 1_000
"""What is assumed of a token that states no accuracy: gen_time may be in whole seconds."""
ACCURACY_MS_MAX: Final = 60_000
CERTIFICATES_MAX: Final = 8
_GRANTED: Final = "granted"
_WITH_TOKEN: Final = (_GRANTED, "granted_with_mods")
"""Statuses 0 and 1: a token is there (RFC 3161, 2.4.2). What it says is judged all the same."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

MALFORMED: Final = "malformed"
REJECTED: Final = "rejected"
WRONG_IMPRINT: Final = "wrong-imprint"
WRONG_NONCE: Final = "wrong-nonce"
WRONG_SIGNER: Final = "wrong-signer"
EXPIRED_SIGNER: Final = "expired-signer"
MISSING_USAGE: Final = "missing-usage"
INACCURATE: Final = "inaccurate"


class TimestampRefused(Exception):
    """A reply or token that proves nothing: `reason` is a word from above, `detail` a sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Trust(NamedTuple):
    """Whose tokens are believed: those of signers that `anchors` (DER) certify.

    With `own`, the only anchor is the licence root and the signer must be one of its time servers.
    """

    anchors: tuple[bytes, ...]
    own: bool

    @classmethod
    def of_root(cls, root: bytes) -> Trust:
        """Trust in the time servers that this licence root (DER) certified."""
        return cls((root,), own=True)


class Reply(core.Sequence):  # type: ignore[misc]
    """TimeStampResp (RFC 3161, 2.4.2). `asn1crypto` has one that cannot be without a token."""

    _fields: ClassVar = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


class CertifiedTime(NamedTuple):
    """What a token says: the time (Unix ms), its accuracy, who signed, and the token itself."""

    time_ms: int
    accuracy_ms: int
    signer: str
    token: bytes


def build_query(imprint: bytes, nonce: int) -> bytes:
    """A query for a token over this SHA-256, DER; it asks for the signer's certificate."""
    query = tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": {
                "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                "hashed_message": imprint,
            },
            "nonce": nonce,
            "cert_req": True,
        }
    )
    return bytes(query.dump())


def verify_reply(data: bytes, imprint: bytes, nonce: int, trust: Trust) -> CertifiedTime:
    """The time in a server's reply to `build_query(imprint, nonce)`. Raises TimestampRefused."""
    if len(data) > REPLY_BYTES_MAX:
        raise TimestampRefused(
            MALFORMED, f"A reply of {len(data)} bytes is too long; {REPLY_BYTES_MAX} are allowed."
        )
    with _malformed("reply"):
        reply = Reply.load(data, strict=True)
        status = reply["status"]
        word, text = str(status["status"].native), status["status_string"].native
        failures = status["fail_info"].native
        token = bytes(reply["time_stamp_token"].dump())
    if word not in _WITH_TOKEN:
        said = ", ".join([*(text or ()), *sorted(failures or ())]) or "no reason given"
        raise TimestampRefused(
            REJECTED,
            f"The time server answers with status {word!r} instead of a token ({said[:200]}).",
        )
    if not token:
        raise TimestampRefused(MALFORMED, "The time server says granted, but sends no token.")
    return verify_token(token, imprint, trust, nonce)


def verify_token(
    token: bytes, imprint: bytes, trust: Trust, nonce: int | None = None
) -> CertifiedTime:
    """The time in a token over this SHA-256. `nonce` None: whatever nonce. Raises TimestampRefused.

    The same arguments always give the same answer.
    """
    if len(token) > REPLY_BYTES_MAX:
        raise TimestampRefused(MALFORMED, f"A token of {len(token)} bytes is too long.")
    with _malformed("token"):
        content = cms.ContentInfo.load(token, strict=True)
        signed = content["content"]
        info = signed["encap_content_info"]["content"].parsed
        stamped = info["message_imprint"]
        algorithm = str(stamped["hash_algorithm"]["algorithm"].native)
        digest = bytes(stamped["hashed_message"].native)
        stated_nonce = info["nonce"].native
        time_ms = _unix_ms(info["gen_time"].native)
        accuracy_ms = _accuracy_ms(info["accuracy"].native)
        signer = _signer(signed)
        decoded = _decoded(token)
    if (algorithm, digest) != ("sha256", imprint):
        raise TimestampRefused(WRONG_IMPRINT, "The token is for another request than ours.")
    if nonce is not None and stated_nonce != nonce:
        raise TimestampRefused(WRONG_NONCE, "The token does not carry the nonce of our query.")
    name = _check_signer(signer, trust, time_ms)
    _check_signature(decoded, imprint, trust)
    if accuracy_ms > ACCURACY_MS_MAX:
        raise TimestampRefused(
            INACCURATE, f"The token's time may be {accuracy_ms} ms off; that is too much."
        )
    return CertifiedTime(time_ms, accuracy_ms, name, token)


def stamped_digest(token: bytes) -> bytes:
    """What this token stamps, as it says itself: nothing is verified. Raises TimestampRefused."""
    if len(token) > REPLY_BYTES_MAX:
        raise TimestampRefused(MALFORMED, f"A token of {len(token)} bytes is too long.")
    with _malformed("token"):
        signed = cms.ContentInfo.load(token, strict=True)["content"]
        info = signed["encap_content_info"]["content"].parsed
        return bytes(info["message_imprint"]["hashed_message"].native)


@contextmanager
def _malformed(what: str) -> Iterator[None]:
    """Turns whatever the parsers raise for a stranger's bytes into a refusal."""
    try:
        yield
    except TimestampRefused:
        raise
    except (
        *UNREADABLE,
        *UNREADABLE_X509,
        LookupError,
        AttributeError,
        OverflowError,
    ) as error:
        raise TimestampRefused(
            MALFORMED, f"This is no time-stamp {what} (RFC 3161): {str(error)[:200]}."
        ) from None


def _unix_ms(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(milliseconds=1)


def _accuracy_ms(accuracy: dict[str, int | None] | None) -> int:
    """How far off the time may be, rounded up (RFC 3161, 2.4.2)."""
    if accuracy is None:
        return ACCURACY_UNSTATED_MS
    micros = accuracy["micros"] or 0
    return (accuracy["seconds"] or 0) * 1000 + (accuracy["millis"] or 0) + (micros > 0)


def _signer(signed: Any) -> x509.Certificate:
    """The certificate of the one signer, which the signed attributes name too (RFC 5816)."""
    signers, certificates = signed["signer_infos"], signed["certificates"]
    if len(signers) != 1 or not 1 <= len(certificates) <= CERTIFICATES_MAX:
        raise TimestampRefused(
            WRONG_SIGNER, "The token does not hold one signature with its certificate."
        )
    by_number = signers[0]["sid"].chosen
    number = int(by_number["serial_number"].native)
    issuer = by_number["issuer"].dump()
    for choice in certificates:
        one = choice.chosen
        if one.serial_number == number and one.issuer.dump() == issuer:
            der = one.dump()
            if not _is_named(signers[0]["signed_attrs"], der):
                break
            return x509.load_der_x509_certificate(der)
    raise TimestampRefused(WRONG_SIGNER, "The token does not name the certificate it came with.")


def _is_named(attributes: Any, der: bytes) -> bool:
    """Whether the signing-certificate attribute, of either version, is for this certificate."""
    for attribute in attributes:
        kind = attribute["type"].native
        if kind not in ("signing_certificate", "signing_certificate_v2"):
            continue
        named = attribute["values"][0]["certs"][0]
        algorithm = "sha1"
        if kind == "signing_certificate_v2":
            algorithm = str(named["hash_algorithm"]["algorithm"].native)
        digest = hashes.Hash(_HASHES[algorithm]())
        digest.update(der)
        return digest.finalize() == bytes(named["cert_hash"].native)
    return False


_HASHES: Final[dict[str, type[hashes.HashAlgorithm]]] = {
    "sha1": hashes.SHA1,  # RFC 2634's attribute knows no other
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


def _decoded(token: bytes) -> Any:
    """The token as `rfc3161-client` takes it: in a granted reply, its certificates in DER's order.

    OpenSSL writes them in the order of the chain; nothing signed covers their order.
    """
    content = cms.ContentInfo.load(token)  # Again, for it is changed; a copy costs ten times that.
    signed = content["content"]
    certificates = sorted(choice.dump() for choice in signed["certificates"])
    ordered = cms.CertificateSet([cms.CertificateChoices.load(one) for one in certificates])
    signed["certificates"] = ordered
    reply = Reply({"status": {"status": _GRANTED}, "time_stamp_token": content})
    return decode_timestamp_response(bytes(reply.dump()))


def _check_signer(signer: x509.Certificate, trust: Trust, time_ms: int) -> str:
    """The signer's name. Raises TimestampRefused if it may not certify time, or not then."""
    with _malformed("signer's certificate"):
        try:
            usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        except x509.ExtensionNotFound:
            usage = None
        name = signer.subject.rfc4514_string()
        starts, ends = signer.not_valid_before_utc, signer.not_valid_after_utc
    stamps = [ExtendedKeyUsageOID.TIME_STAMPING]
    if usage is None or not usage.critical or list(usage.value) != stamps:
        raise TimestampRefused(
            MISSING_USAGE,
            "The signer's certificate is not for time stamps alone (RFC 3161, section 2.3).",
        )
    if trust.own:
        try:
            name = verify_time_server_certificate(
                signer.public_bytes(Encoding.DER), trust.anchors[0]
            )
        except CertificateRefused as refused:
            raise TimestampRefused(WRONG_SIGNER, refused.detail) from None
    if not _unix_ms(starts) <= time_ms <= _unix_ms(ends):
        raise TimestampRefused(
            EXPIRED_SIGNER,
            f"The certificate of time server {name} was not valid at the time it certified; the"
            " vendor has to renew it.",
        )
    return name


def _check_signature(decoded: Any, imprint: bytes, trust: Trust) -> None:
    with _malformed("trust anchor"):
        roots = [x509.load_der_x509_certificate(anchor) for anchor in trust.anchors]
    verifier = VerifierBuilder(roots=roots).build()
    try:
        verifier.verify(decoded, imprint)
    except VerificationError as error:
        raise TimestampRefused(
            WRONG_SIGNER, f"The token's signer is not trusted here ({error})."
        ) from None
    except (ValueError, TypeError) as error:
        raise TimestampRefused(MALFORMED, f"The token cannot be verified ({error}).") from None


def fingerprint(token: bytes) -> bytes:
    """SHA-256 of a token: what a container signs to say that it is its own."""
    return sha256(token).digest()
