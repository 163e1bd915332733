"""Whatever reads bytes is fuzzed, or it is said why its bytes are nobody else's.

The places are found by the syntax tree. Each target of `tests/fuzz` is given what it accepts, and
the functions that it goes through are noted; so a target counts for what it reaches, not for what
it is called.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import appliance
from tests.fuzz.targets import TARGETS

ROOMS = Path(appliance.__file__).parent
ELSEWHERE = ("lab", "sim")
"""What they read, they wrote."""
OWN_KEY, OWN_STORE = "this host's own key file", "this store's own record, behind its checksum"
RECORDS = "the vendor's own records"
SETTINGS = "a file that this host's administrator names in the settings"
OWN = {
    "adapters.contact_log:_load": "this container's own file; one that is unreadable begins anew",
    "services.contacts:_read": "this station's own database",
    "adapters.container_home:_read_document": "this container's own file, behind its signature",
    "adapters.keys.held:_read_key": OWN_KEY,
    "adapters.keys.held:read": "this container's own file; what it locks is sealed",
    "adapters.health:certificate_expires_at_s": "this host's own certificate",
    "adapters.host_facts:read_certificate": "this host's own certificates",
    "adapters.pki.hosts:_due": "the controller's own directory of issued certificates",
    "cli.restore:_who": "the certificate of whoever types the command",
    "cli._blocks:_show_log": RECORDS,
    "cli._records:audit": RECORDS,
    "services.central.records.migrations.versions.step_0002_lines:_read": RECORDS,
    "services.central.service:certified_names": "the certificate that this License Central shows",
    "codec.block_list:build_block_list": "the vendor's own root",
    "codec.block_list:certificate_number": "a certificate that the vendor issued and keeps",
    "ledger.membership.founding_anew:decode_known": OWN_STORE,
    "ledger.replica.standing:__init__": OWN_STORE,
    "ledger.replica.standing:proof_in": OWN_STORE,
    "ledger.replica.standing:quarantine_in": OWN_STORE,
    "services.central.storage:read_key": "the vendor's own key file",
    "services.central.whereabouts:_read": "the vendor's own records",
    "services.central.time_servers:_pem": "a certificate that the vendor has just made",
    "services.settings:read_anchor": SETTINGS,
    "services.settings:read_root": SETTINGS,
    "services.timeserver.service:read_signer": SETTINGS,
}


def reads(call: ast.Call, decoders: set[str]) -> bool:
    """Whether this call makes something of bytes from outside."""
    name = ast.unparse(call.func)
    first, last = name.partition(".")[0], name.rpartition(".")[2]
    if first in ("json", "tomllib"):
        return last in ("load", "loads")
    if last.startswith(("load_pem_", "load_der_")):
        return True
    typed = first in decoders or name.lower().endswith("decoder.decode")
    return last == "decode" and (typed or (".encode(" not in name and first == "msgspec"))


def decoders_in(tree: ast.Module) -> set[str]:
    """Names that this module gives to decoders."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if "Decoder(" in ast.unparse(node.value):
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def places(source: str) -> Iterator[str]:
    """The functions of a module in which bytes are read."""
    tree = ast.parse(source)
    decoders = decoders_in(tree)
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
            if any(reads(call, decoders) for call in calls):
                yield function.name


def all_places() -> set[str]:
    """Of the whole package: "room.module:function"."""
    found: set[str] = set()
    for path in ROOMS.rglob("*.py"):
        parts = path.relative_to(ROOMS).with_suffix("").parts
        if parts[0] not in ELSEWHERE:
            found |= {f"{'.'.join(parts)}:{name}" for name in places(path.read_text("utf-8"))}
    return found


def reached() -> set[str]:
    """The functions that the targets go through, each with all that it accepts."""
    seen: set[tuple[str, str]] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            seen.add((frame.f_code.co_filename, frame.f_code.co_name))

    for target in TARGETS.values():
        for data in target.seeds():
            # What a target makes once for all its inputs is not what it does with them.
            for watch in (None, note):
                sys.setprofile(watch)
                try:
                    target.act(data)
                except target.refuses:
                    pass
                finally:
                    sys.setprofile(None)
    found: set[str] = set()
    for filename, name in seen:
        path = Path(filename)
        if path.is_relative_to(ROOMS):
            module = ".".join(path.relative_to(ROOMS).with_suffix("").parts)
            found.add(f"{module}:{name}")
    return found


def test_whatever_reads_bytes_is_fuzzed() -> None:
    missing = all_places() - reached()
    assert missing - set(OWN) == set(), (
        "give it a target in tests/fuzz, or say whose bytes it reads"
    )
    assert set(OWN) - missing == set(), "it is fuzzed, or gone: take it out of the table"


@pytest.mark.parametrize(
    "body",
    [
        "return json.loads(data)",
        "return tomllib.loads(data)",
        "return msgspec.json.decode(data, type=int)",
        "return _decoder.decode(data)",
        "return x509.load_pem_x509_certificate(data)",
        "return load_der_private_key(data, None)",
    ],
)
def test_each_kind_of_reading_is_seen(body: str) -> None:
    source = f"_decoder = msgspec.json.Decoder(int)\ndef read(data):\n    {body}\n"
    assert list(places(source)) == ["read"]
    assert list(places(source.replace(body, "return data.decode()"))) == []
