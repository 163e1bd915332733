"""Inputs to begin with: what License Central writes for itself."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from appliance.services.central.records import backups
from appliance.services.central.records.schema import REVISIONS


def vendors_backups() -> Iterator[bytes]:
    """A backup of License Central, row by row, and one that ends early."""
    record, files = backups._encode, (("root/root.cert.der", b"DER"),)
    made = backups.MAGIC
    rows = (("head", REVISIONS[-1], (0, bytes(32))), *(("file", *one) for one in files))
    for one in (*rows, ("row", "products", (1, 2, "{}"))):
        data = record(one)
        made += len(data).to_bytes(4, "big") + data
        yield made
    data = record(("end", "", sha256(made).digest()))
    yield made + len(data).to_bytes(4, "big") + data


def old_firms() -> Iterator[bytes]:
    """A firm's file as it was before there was a database, empty and with a product."""
    yield b'{"firm_code":600100,"firm_name":"Firm A"}'
    yield b'{"firm_code":1,"firm_name":"A","next_tmr_id":2,"products":[{"product_code":10}]}'
