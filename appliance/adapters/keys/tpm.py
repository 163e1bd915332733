"""A container's key, sealed by this host's TPM 2.0 (with tpm2-tools).

TPMs do not sign with Ed25519, so the key is sealed and not made in the chip: what lies on the disk
opens only in the TPM that sealed it, below its owner's primary key (ECC P-256 by the default
template, so it is made anew whenever it is needed). While the service runs the key is in its
memory, as with a file. A virtual machine that is cloned together with its virtual TPM has both.

What can go wrong in here is a TPM whose owner hierarchy was cleared: what it sealed is lost.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from appliance.adapters.keys.shut import KeyShut
from appliance.details import detail

TOOL_S: Final = 30.0
_NAME_BYTES: Final = 34
_ATTRIBUTES: Final = "fixedtpm|fixedparent|userwithauth|noda"


class TpmSealed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the TPM sealed: both parts of the object, and the name of the primary key above it."""

    public: bytes
    private: bytes
    primary: bytes


def seal(secret: bytes, tcti: str) -> TpmSealed:
    """Seals this secret in the TPM that `tcti` names (as tpm2-tools do; "": their default). Raises
    KeyShut."""
    with tempfile.TemporaryDirectory(prefix="tmr-tpm-") as directory:
        work = Path(directory)
        primary = _primary(work, tcti)
        public, private = work / "public", work / "private"
        made = (f"-C{work / 'primary'}", "-i-", f"-u{public}", f"-r{private}", f"-a{_ATTRIBUTES}")
        _tool(tcti, "create", *made, stdin=secret)
        return TpmSealed(public=public.read_bytes(), private=private.read_bytes(), primary=primary)


def unseal(sealed: TpmSealed, tcti: str) -> bytes:
    """The secret again. Raises KeyShut."""
    with tempfile.TemporaryDirectory(prefix="tmr-tpm-") as directory:
        work = Path(directory)
        if _primary(work, tcti) != sealed.primary:
            raise KeyShut(detail("tpm-other"))
        public, private = work / "public", work / "private"
        public.write_bytes(sealed.public)
        private.write_bytes(sealed.private)
        loaded = (f"-C{work / 'primary'}", f"-u{public}", f"-r{private}", f"-c{work / 'key'}")
        _tool(tcti, "load", *loaded)
        return _tool(tcti, "unseal", f"-c{work / 'key'}")


def evidence_of(sealed: TpmSealed) -> tuple[str, ...]:
    """By what the TPM is known again."""
    return (sha256(sealed.primary).hexdigest(),)


def _primary(work: Path, tcti: str) -> bytes:
    """Makes the owner's primary key; gives its name, which is the same as long as the TPM is."""
    context, name = work / "primary", work / "primary.name"
    _tool(tcti, "createprimary", "-Co", "-gsha256", "-Gecc", f"-c{context}")
    _tool(tcti, "readpublic", f"-c{context}", f"-n{name}")
    return name.read_bytes()[:_NAME_BYTES]


def _tool(tcti: str, verb: str, *arguments: str, stdin: bytes = b"") -> bytes:
    program = shutil.which("tpm2")
    if program is None:
        raise KeyShut(detail("tpm-tools-missing"))
    environment = {"PATH": os.environ.get("PATH", os.defpath), "TSS2_LOG": "all+none"}
    if tcti:
        environment["TPM2TOOLS_TCTI"] = tcti
    quiet = () if verb == "unseal" else ("-Q",)
    try:
        done = subprocess.run(
            (program, verb, *quiet, *arguments),
            input=stdin,
            capture_output=True,
            timeout=TOOL_S,
            env=environment,
            check=False,
        )
        if verb != "flushcontext":
            # What a tool loaded stays loaded in a TPM without a resource manager.
            _tool(tcti, "flushcontext", "-t")
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KeyShut(detail("tpm-silent", said=error)) from None
    if done.returncode and verb != "flushcontext":
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        first = said[0] if said else done.returncode
        raise KeyShut(detail("tpm-refuses", verb=verb, said=first))
    return done.stdout
