"""What reading a certificate raises for bytes that somebody else made: a refusal, never the end."""

from __future__ import annotations

from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

UNREADABLE_X509: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
)
"""For a certificate, a request or a list of revoked ones: loading it, and what is read from it."""
