"""The client API's documents by which a backup is taken (`services.tmr.backups`)."""

from __future__ import annotations

from appliance.codec.api import Document


class BackupPage(Document, frozen=True):
    """Committed entries of the ledger from `first` on, encoded as hosts send them, as many as fit.

    `proof` is the encoded proof of entry `commit_index`, to which further pages lead. Entries up to
    `base_index` are gone: a snapshot stands for them.
    """

    ledger_id: bytes
    virtual_serial: str
    first: int
    entries: tuple[bytes, ...]
    commit_index: int
    proof: bytes
    base_index: int = 0


class BackupSnapshot(Document, frozen=True):
    """The snapshot after entry `index`, which has so many `chunks`: what two stores sealed
    (encoded), or one of its chunks."""

    index: int
    chunks: int = 0
    sealed: bytes = b""
    chunk: int = 0
    data: bytes = b""
