"""The commands that pages and sentences name, and whether the program knows them.

A command stands in a block of a page (fenced, or indented by four), where it has to be whole, or in
backticks within a sentence, where a verb alone, or one that ends in the option that the sentence is
about, is a name and asks for nothing more. Words in capitals are
placeholders of a value; a bare `…` stands for what is left out.
"""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click

from appliance.cli.main import tmr

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "model" / "README.md",
)
PROGRAMS = ("tmr", "make", "ansible-playbook")
FENCE = re.compile(r"^ *```")
SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)")
# What may stand before a command: a prompt, another user or network, settings of the surroundings.
BEFORE = re.compile(
    r"^(?:[$#] )?(?:(?:ip netns exec \S+|runuser \S+ --|sudo(?: -\S+)*|[A-Z_]+=\S*) )*"
    r"(?:\.venv/bin/)?"
)
CUT = frozenset(("|", "||", "&&", "&", ";", ">", ">>", "<", "<<"))
LEFT_OUT = frozenset(("…", "..."))
PLACEHOLDER = re.compile(r"…|\.\.\.|^[A-Z][A-Z0-9_.:#/-]*$|^[a-z-]+:[A-Z]+$")


@dataclass(frozen=True)
class Command:
    """One command as it is written; `whole` if it has to run as it stands."""

    where: str
    words: tuple[str, ...]
    whole: bool

    def __str__(self) -> str:
        return f"{self.where}: {shlex.join(self.words)}"


def _cut(text: str) -> tuple[str, ...]:
    """The words of the first command of a shell's line, without its remark."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for word in lexer:
        if word in CUT:
            break
        words.append(word)
    return tuple(words)


def _command(text: str, where: str, whole: bool) -> Command | None:
    bare = BEFORE.sub("", text)
    name = bare.split(" ", 1)[0]
    if name not in PROGRAMS:
        return None
    try:
        words = _cut(bare)
    except ValueError as error:
        raise AssertionError(f"{where}: no shell reads {text!r} ({error})") from error
    return Command(where, words, whole) if len(words) > 1 else None


def _lines(text: str) -> Iterator[tuple[int, str, bool]]:
    """Each line of a page with its number, and whether it belongs to a block."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if FENCE.match(line):
            fenced = not fenced
            yield number, "", False
        else:
            yield number, line, fenced or line.startswith("    ")


def in_blocks(text: str, where: str) -> Iterator[Command]:
    """The commands that stand in a page's blocks, lines that end in a backslash put together."""
    held, began = "", 0
    for number, line, block in _lines(text):
        if not block:
            held = ""
            continue
        began = began if held else number
        held += line.strip()
        if held.endswith("\\"):
            held = held[:-1]
            continue
        if command := _command(held, f"{where}:{began}", whole=True):
            yield command
        held = ""


def spans(text: str) -> Iterator[str]:
    """What stands in backticks outside a page's blocks, each as one line."""
    prose = "\n".join("" if block else line for _, line, block in _lines(text))
    for paragraph in re.split(r"\n\s*\n", prose):
        for found in SPAN.findall(paragraph):
            yield " ".join(found.split())


def in_sentences(text: str, where: str) -> Iterator[Command]:
    """The commands in backticks of a page's sentences, and of a program's."""
    for span in spans(text):
        if command := _command(span, where, whole=False):
            yield command


def sentences_of(path: Path) -> Iterator[tuple[int, str]]:
    """Each string of a Python file, put together; what is filled in later is a placeholder."""
    tree = ast.parse(path.read_text("utf-8"))
    parts = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield (
                node.lineno,
                "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "VALUE"
                    for part in node.values
                ),
            )
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts
        ):
            yield node.lineno, node.value


def fault_of_tmr(words: tuple[str, ...], whole: bool) -> str:
    """What `tmr` would say against these words before it did anything; "" if nothing."""
    command: click.Command = tmr
    context = click.Context(tmr, info_name="tmr", **tmr.context_settings)
    rest = list(words)
    while isinstance(command, click.Group) and rest:
        rest = getattr(command, "completed", list)(rest)
        if rest[0].startswith("-"):
            own = _takes(command, context)
            if rest[0] not in own:
                break
            rest = rest[1 + own[rest[0]] :]
            continue
        if rest[0] in LEFT_OUT or (not whole and PLACEHOLDER.search(rest[0])):
            return ""
        found = command.get_command(context, rest[0])
        if found is None:
            return f"`{context.command_path}` has no verb {rest[0]!r}"
        context = click.Context(
            found, info_name=rest.pop(0), parent=context, **found.context_settings
        )
        command = found
    if isinstance(command, click.Group) and not rest:
        return (
            f"`{context.command_path}` needs a verb"
            if whole and not command.invoke_without_command
            else ""
        )
    elided = not whole and not rest
    return _fault_of_verb(command, context, rest, elided, named_only=not whole)


def _takes(command: click.Command, context: click.Context) -> dict[str, int]:
    """The options that take a value, with how many words that is."""
    return {
        name: option.nargs
        for option in command.get_params(context)
        if isinstance(option, click.Option) and not (option.is_flag or option.count)
        for name in (*option.opts, *option.secondary_opts)
    }


def _fault_of_verb(
    command: click.Command, context: click.Context, words: list[str], elided: bool, named_only: bool
) -> str:
    takes = _takes(command, context)
    kept: list[str] = []
    for word in words:
        if word in LEFT_OUT and not (kept and takes.get(kept[-1])):
            elided = True
        else:
            kept.append(word)
    if named_only and kept and takes.get(kept[-1]):
        kept.pop()
        elided = True
    try:
        given, extra, _ = command.make_parser(context).parse_args(list(kept))
    except click.UsageError as error:
        return error.format_message()
    if extra and not command.allow_extra_args and not isinstance(command, click.Group):
        return f"`{context.command_path}` takes no {extra[0]!r}"
    if given.keys() & {"help", "version"}:
        return ""
    for param in command.get_params(context):
        fault = _fault_of_value(param, context, given.get(param.name or ""), elided)
        if fault:
            return fault
    return ""


def _fault_of_value(
    param: click.Parameter, context: click.Context, value: object, elided: bool
) -> str:
    flat = value if isinstance(value, list | tuple) else (value,)
    texts = [text for text in flat if isinstance(text, str)]
    if not texts and (value is None or not flat or not isinstance(value, bool | int)):
        missing = param.required and not elided and param.envvar is None
        return f"`{context.command_path}` needs {param.get_error_hint(context)}" if missing else ""
    if isinstance(param.type, click.Path | click.File) or any(map(PLACEHOLDER.search, texts)):
        return ""
    try:
        param.process_value(context, value)
    except click.UsageError as error:
        return error.format_message()
    return ""


@cache
def option_names() -> frozenset[str]:
    """Every long option that any verb of `tmr` has."""

    def walk(command: click.Command, context: click.Context) -> Iterator[str]:
        for param in command.get_params(context):
            yield from (name for name in (*param.opts, *param.secondary_opts) if name[:2] == "--")
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                below = command.get_command(context, name)
                assert below is not None
                yield from walk(below, click.Context(below, info_name=name, parent=context))

    return frozenset(walk(tmr, click.Context(tmr, info_name="tmr")))


def fault_of_make(words: tuple[str, ...]) -> str:
    """A target or a variable that the Makefile does not have; "" if there is none."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    known = set(re.findall(r"\$\((?:\w+ )?([A-Z_]+)", makefile)) | {
        "DEBIAN",
        "CONTROLLER",
        "PYTHON",
    }
    for word in words:
        name, given, _ = word.partition("=")
        if given and name not in known:
            return f"the Makefile reads no {name}"
        if not given and word not in targets:
            return f"the Makefile has no target {word!r}"
    return ""


@cache
def _deployment() -> str:
    paths = [*(ROOT / "playbooks").rglob("*"), *(ROOT / "roles").rglob("*")]
    return "\n".join(
        path.read_text("utf-8") for path in paths if path.suffix in (".yml", ".j2", ".py")
    )


def fault_of_playbook(words: tuple[str, ...]) -> str:
    """A playbook, inventory, tag or variable that is not there; "" if all are."""
    text = _deployment()
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in ("-i", "-e", "--tags", "--limit", "--extra-vars"):
            if not rest:
                return f"{word} needs a value"
            value = rest.pop(0)
            fault = fault_of_setting(word, value, text)
            if fault:
                return fault
        elif word.startswith("-"):
            if word not in ("--check", "--diff", "--ask-vault-pass"):
                return f"this test knows no {word} of ansible-playbook"
        elif not (ROOT / word).is_file():
            return f"there is no playbook {word}"
    return ""


def fault_of_setting(option: str, value: str, text: str = "") -> str:
    """What is wrong with `-i`, `-e` or `--tags`; "" if nothing is."""
    text = text or _deployment()
    if option == "-i":
        place = ROOT / value
        example = place.with_name(f"{place.name}.example")
        return "" if place.exists() or example.exists() else f"there is no inventory {value}"
    if option in ("-e", "--extra-vars"):
        name = value.partition("=")[0]
        return "" if re.search(rf"\b{re.escape(name)}\b", text) else f"no playbook reads {name}"
    if option == "--tags":
        return (
            ""
            if re.search(rf"tags:.*\b{re.escape(value)}\b", text)
            else f"no task has the tag {value}"
        )
    return ""


def fault_of(command: Command) -> str:
    """What is wrong with a command, as far as it can be known without running it."""
    name, *words = command.words
    if name == "tmr":
        return fault_of_tmr(tuple(words), command.whole)
    if name == "make":
        return fault_of_make(tuple(words))
    return fault_of_playbook(tuple(words))
