"""Text that somebody else wrote, made fit to be shown: on a terminal, in a log, in a window.

Whoever checks a licence out says who he is in words of his own. So do hosts, vendors and time
servers. Control characters in such words would move a terminal's cursor, erase or forge lines, set
its title or clipboard, or turn the reading direction around (CWE-150). One function takes them out;
it is called where text comes in (`shown_document`) and once more where it is printed.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec

INSTEAD: Final = "\N{REPLACEMENT CHARACTER}"

T = TypeVar("T")


def plain(text: str) -> str:
    """The text in one line, with U+FFFD for each character that does not stand for itself.

    That is all of Unicode's categories Other and Separator but the space: controls (C0, C1),
    directions, invisible ones, lone surrogates, line ends.
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else INSTEAD for sign in text)


def plain_lines(text: str) -> str:
    """As `plain`, but line feeds and tabs stay: for text of ours that quotes somebody else's."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign in "\n\t" else INSTEAD for sign in text)


def shown_document(document: T) -> T:
    """The document (msgspec structs, containers and builtins) with each text in it made `plain`.

    What holds nothing to be changed is given back as it is.
    """
    shown: T = _shown(document)
    return shown


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, msgspec.Struct):
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        changed = {name: new for name, old in fields.items() if (new := _shown(old)) is not old}
        return msgspec.structs.replace(value, **changed) if changed else value
    if isinstance(value, (list, tuple)):
        items = [_shown(item) for item in value]
        if all(new is old for new, old in zip(items, value, strict=True)):
            return value
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, dict):
        return {_shown(key): _shown(item) for key, item in value.items()}
    return value
