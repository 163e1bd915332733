"""What a program takes for granted of its surroundings, and what is not always there: a home
directory, a name of the user, a name of the computer, a working directory.

A container may run as a number that is in no /etc/passwd, without HOME (OpenShift); a name may be
in Latin-1 or hold what no terminal should see. Nothing here raises anything but ProfileError.
"""

from __future__ import annotations

import getpass
import os
import socket
import sys
import unicodedata
from pathlib import Path
from typing import Final

from appliance.client.errors import ProfileError
from appliance.sentences import Sentence

_UNFIT: Final = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def home_directory() -> Path | None:
    """This user's home directory, None if there is none to be found."""
    try:
        return Path.home()
    except (RuntimeError, OSError):
        return None


def expanded(path: str | Path, what: str) -> Path:
    """`path` with a leading ~ or ~user replaced; `what` names it in the error.

    Raises ProfileError if there is no such home directory.
    """
    try:
        return Path(path).expanduser()
    except (RuntimeError, OSError) as error:
        raise ProfileError(
            Sentence(
                "{source} names {path}, and whose home directory that is, is not known here; "
                "write the whole path",
                source=what,
                path=path,
            )
        ) from error


def user_name() -> str:
    """The name under which this process runs, else the number, "" if the system has neither."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else ""


def host_name() -> str:
    """The name of this computer, "" if it has none."""
    try:
        return socket.gethostname()
    except (OSError, UnicodeError):
        return ""


def program_name() -> str:
    """The name of the program that runs, as a person would call it."""
    name = os.path.basename(sys.argv[0]) if sys.argv and sys.argv[0] else ""
    if name == "__main__.py":
        name = os.path.basename(os.path.dirname(os.path.abspath(sys.argv[0])))
    return name if name not in ("", "-c", "-m", "-") else os.path.basename(sys.executable or "")


def fitted(text: str, length_max: int) -> str:
    """`text` as it can be shown and sent: what is no text, or controls a terminal, is replaced;
    what is longer than `length_max` characters is cut, with an ellipsis."""
    try:
        # Bytes that were no text when Python read them, of a file name in Latin-1, say.
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode("utf-8")
    text = "".join(_REPLACEMENT if unicodedata.category(c) in _UNFIT else c for c in text)
    return text if len(text) <= length_max else text[: length_max - 1] + "…"
