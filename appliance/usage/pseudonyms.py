"""What stands for a client in what is handed on, since certificates are often named for a person.

    HMAC-SHA-256(a key of this report alone, client), 16 bytes

The tags of users and computers are pseudonyms by themselves. Clients stand in the ledger in plain,
so a hash of them could be tried with a list of names. The key is drawn anew each time and kept
nowhere: within one report a client has one pseudonym, and nobody can compare two reports by it.
"""

from __future__ import annotations

import hmac

from appliance.licences.names import pseudonym

DIGEST_BYTES = 16


class Pseudonyms:
    """Pseudonyms of clients. `key` is random, and of this report alone."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, client: str) -> str:
        """What stands for this client."""
        data = client.encode("utf-8", "surrogatepass")
        return pseudonym(hmac.digest(self._key, data, "sha256")[:DIGEST_BYTES])
