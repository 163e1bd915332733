"""Nobody else's words move a terminal's cursor, forge a line of a log or turn text around."""

from __future__ import annotations

import inspect
import io
import logging
import re
import types
import typing
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import appliance
from appliance.adapters.log_ring import LogRing
from appliance.adapters.log_text import PlainFormatter
from appliance.cli.main import Verb, VerbGroup
from appliance.cli.output import fail, print_json, print_table
from appliance.client.errors import Refused
from appliance.client.transport import Answer
from appliance.client.wire import read
from appliance.codec import api, api_access, api_rules, backup_pages, seen_documents
from appliance.text import INSTEAD, plain, plain_lines, shown_document

HOSTILE = (
    "eve\x1b[1A\x1b[2K\x1b[31m\x1b]0;owned\x07\x9b2J\u202egnp.exe\u2066\u200b\x00\r\nforged\t\udc80"
)
WORDS = HOSTILE.replace("\udc80", "")
HARMLESS = ["größe=5 名", "Zoë Müller", "עברית", "日本語", "🙂", "a b", ""]


def is_safe(text: str) -> bool:
    return text.isprintable()


@pytest.mark.parametrize("text", HARMLESS)
def test_what_stands_for_itself_stays(text: str) -> None:
    assert plain(text) == plain_lines(text) == text


def test_what_does_not_is_shown_as_such() -> None:
    assert plain("a\x1b[2Jb") == f"a{INSTEAD}[2Jb"
    assert plain("a\nb\tc") == f"a{INSTEAD}b{INSTEAD}c"
    assert plain_lines("a\nb\tc\r\x85d") == f"a\nb\tc{INSTEAD}{INSTEAD}d"
    assert is_safe(plain(HOSTILE))


@given(st.text())
def test_any_text_becomes_one_safe_line_of_the_same_length(text: str) -> None:
    made = plain(text)
    assert is_safe(made)
    assert len(made) == len(text)
    assert plain(made) == made


# --- documents from the network ---


def hostile(kind: Any) -> Any:
    """A value of this type in which every text is hostile."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is str:
        return WORDS
    if kind in (int, float):
        return kind(1)
    if kind is bool:
        return True
    if kind is bytes:
        return b"x"
    if origin is typing.Literal:
        return arguments[0]
    if origin in (typing.Union, types.UnionType):
        return hostile(next(one for one in arguments if one is not type(None)))
    if origin is tuple:
        return (hostile(arguments[0]),)
    if origin is list:
        return [hostile(arguments[0])]
    if origin is dict:
        return {hostile(arguments[0]): hostile(arguments[1])}
    if origin is typing.Annotated:
        value = hostile(arguments[0])
        most = next((m.max_length for m in arguments[1:] if getattr(m, "max_length", None)), None)
        return value[:most] if isinstance(value, str) else value
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind(
            **{
                name: hostile(of)
                for name, of in typing.get_type_hints(kind, include_extras=True).items()
            }
        )
    raise AssertionError(f"what would be hostile in {kind}?")


def texts(value: Any) -> list[str]:
    """Every text in this builtin value."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for one in pair for text in texts(one)]
    if isinstance(value, (list, tuple)):
        return [text for one in value for text in texts(one)]
    return []


DOCUMENTS = dict.fromkeys(
    kind
    for module in (api, api_access, api_rules, backup_pages, seen_documents)
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if issubclass(kind, msgspec.Struct) and kind.__module__.startswith("appliance.codec.")
)


@pytest.mark.parametrize("kind", DOCUMENTS, ids=lambda kind: kind.__name__)
def test_no_document_of_the_api_brings_a_control_character_to_who_shows_it(kind: Any) -> None:
    """Every field of every document, found by its definition."""
    document = hostile(kind)
    if any(texts(msgspec.to_builtins(document))):
        shown = msgspec.to_builtins(shown_document(document))
        assert all(map(is_safe, texts(shown)))
    assert shown_document(shown_document(document)) == shown_document(document)


def test_a_document_without_such_text_is_the_same_object() -> None:
    lease = msgspec.json.decode(b'{"user":"eve","host":"pc","pid":1}', type=api.HolderDocument)
    assert shown_document(lease) is lease


def test_a_refusal_says_nothing_that_a_terminal_would_obey() -> None:
    problem = api.Problem(type=WORDS, title="t", status=409, detail=WORDS)
    answer = Answer(409, api.PROBLEM_MEDIA_TYPE, msgspec.json.encode(problem))
    with pytest.raises(Refused) as caught:
        read(answer, api.GrantDocument)
    assert is_safe(caught.value.detail)
    assert is_safe(caught.value.reason)


# --- a terminal, a pipe, JSON ---


@click.command("table")
def _table() -> None:
    print_table(("a", "b"), [(WORDS, [WORDS])])


@click.command("json")
def _json() -> None:
    print_json({WORDS: [WORDS]})


@click.command("refused")
def _refused() -> None:
    fail(f"There is {WORDS}.")


@pytest.mark.parametrize("command", [_table, _json, _refused], ids=lambda one: one.name)
def test_what_a_verb_prints_is_safe_whatever_is_in_it(
    command: click.Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.cli.main.load_command", lambda target: command)
    group = VerbGroup(name="tmr", verbs={"verb": Verb("nowhere:verb", "")})
    done = CliRunner().invoke(group, ["verb"])
    assert is_safe(done.output.replace("\n", "").replace("\t", ""))
    assert "eve" in done.output


# --- logs ---


def test_a_log_line_stays_one_line() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(PlainFormatter("level=%(levelname)s %(message)s"))
    ring = LogRing("up1", 1)
    logger = logging.Logger("test")
    logger.addHandler(handler)
    logger.addHandler(ring)
    logger.warning("who=%s", "eve\nlevel=ERROR forged\x1b[2J")
    (line,) = stream.getvalue().splitlines()
    assert is_safe(line)
    (record,) = ring.after(0, 9)
    assert is_safe(record.text)


def test_a_traceback_of_ours_keeps_its_lines() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(PlainFormatter("%(message)s"))
    logger = logging.Logger("test")
    logger.addHandler(handler)
    try:
        raise ValueError("\x1b[2J")
    except ValueError:
        logger.exception("failed")
    assert len(stream.getvalue().splitlines()) > 3
    assert "\x1b" not in stream.getvalue()


# --- the house rule ---

WRITERS = {
    "cli/output.py": "the functions that everybody else calls",
    "cli/logs.py": "colours the level itself; each part of a line is made plain before",
}


def test_only_one_place_writes_to_a_terminal() -> None:
    """Whoever prints past `cli/output.py` shows somebody else's words as they came."""
    writing = re.compile(r"\bclick\.s?echo\(|(?<![\w.])print\(|\bstd(out|err)\.write\(")
    rooms = Path(appliance.__file__).parent
    found = {
        str(path.relative_to(rooms))
        for path in rooms.rglob("*.py")
        if writing.search(path.read_text("utf-8"))
    }
    assert found == set(WRITERS)
