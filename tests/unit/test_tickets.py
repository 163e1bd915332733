"""A ticket is worth a licence to whoever has it: it is in no address, no log and no command line.

All routes and verbs that take one are found by walking them, so a new one is looked at, too.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner
from starlette.routing import Route

from appliance.adapters.central_client import CentralSaysNo
from appliance.cli import _ticket, group
from appliance.cli._connection import Asked
from appliance.cli.main import tmr
from appliance.codec.api_groups import GroupFileDocument, ImportedDocument
from appliance.codec.container_orders import ShowTicket
from appliance.codec.ticket_codes import checked
from appliance.services.central import app as central_app
from appliance.services.central.transfers import Transfers as CentralTransfers
from appliance.services.tmr.group_routes import OF_GROUPS
from appliance.services.upstream import admin
from appliance.services.upstream.group_orders import GroupOrders
from tests.unit.documented import PAGES, ROOT, Command, in_blocks, in_sentences, sentences_of
from tests.unit.services.test_transfer import Site, run

TICKET = checked("ABCDEFGHJKMNPQRSTVWXYZ01")
VERBS = {("activate",), ("request",)}
REST: dict[tuple[str, ...], tuple[str, ...]] = {
    ("activate",): (),
    ("request",): ("--ticket", "--firm", "5", "--out", "f"),
}
"""What else each verb is given, so that it takes a ticket."""
PROFILE = ("--profile", "profile.toml")


# --- routes ---


class Heard:
    """An application that keeps what servers and proxies log of a request: all but its body."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.heads: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # The server hands the body over within the scope.
        self.heads.append(repr({name: scope[name] for name in scope if name != "tmr.body"}))
        await self.app(scope, receive, send)


def routes() -> list[Route]:
    apps = (
        central_app.make_app(CentralTransfers(Path("/nowhere"), SimpleNamespace())),  # type: ignore[arg-type]
        admin.make_app(SimpleNamespace()),
    )
    found = [route for app in apps for route in app.routes if isinstance(route, Route)]
    return [*found, *(Route(one.path, print, methods=[one.method]) for one in OF_GROUPS)]


def test_no_address_has_room_for_a_ticket() -> None:
    found = routes()
    assert {"/v1/activate", "/v1/group/activate"} <= {route.path for route in found}
    assert [route.path for route in found if route.param_convertors] == []


def misuses(ticket: str) -> tuple[bytes, ...]:
    """Bodies that hold a ticket, and are refused."""
    return (
        json.dumps({ticket: 1}).encode(),
        json.dumps({"ticket": ticket, "request": "", ticket: ""}).encode(),
        json.dumps({"ticket": [ticket]}).encode(),
        f'{{"ticket":"{ticket}","ticket":"{ticket}","request":""}}'.encode(),
        json.dumps({"ticket": ticket, "request": ticket}).encode(),
        f"{ticket}\n".encode(),
        f'{{"ticket": "{ticket}'.encode(),
    )


def test_a_ticket_is_in_no_address_and_no_log(tmp_path: Path, caplog: Any) -> None:
    """By every route of License Central, and by the operator's at an upstream; used up, wrong, and
    in bodies that are refused."""
    site = Site(tmp_path)
    transfers = CentralTransfers(tmp_path / "central", site.central, names=["127.0.0.1"])
    heard = Heard(central_app.make_app(transfers))
    caplog.set_level(logging.DEBUG)
    code = site.sell()
    paths = [route.path for route in heard.app.routes if "POST" in (route.methods or ())]
    paths.remove("/v1/challenge")  # reads no body

    async def test() -> None:
        upstreams = [site.container()[0] for _ in range(6)]
        assert len((await site.activate(code, upstreams[:3])).updates) == 3
        for wrong in (code, TICKET):
            with pytest.raises(CentralSaysNo):
                await site.activate(wrong, upstreams[3:])
        order = GroupOrders(upstreams[0]._container, upstreams[0])
        assert (await order.carry_out(ShowTicket(TICKET, TICKET.encode()))).refused
        client = site.client()
        for path in paths:
            for body in misuses(code):
                with pytest.raises(CentralSaysNo) as refused:
                    await asyncio.to_thread(client._ask, path, body)
                assert code not in refused.value.detail

    run(site, test, heard)
    assert "activate: peer=127.0.0.1 status=200" in caplog.text
    assert "activate: peer=127.0.0.1 refused=" in caplog.text
    assert any("'path': '/v1/activate'" in head for head in heard.heads)
    for ticket in (code, TICKET):
        assert ticket not in caplog.text
        assert [head for head in heard.heads if ticket in head] == []


# --- verbs ---


def commands(
    group: click.Group = tmr, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every verb, with the words that lead to it."""
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def takes_a_ticket(path: tuple[str, ...], param: click.Parameter) -> bool:
    """A file of that name is a borrowed seat's, which is of use to its borrower alone."""
    if isinstance(param.type, click.Path):
        return False
    return "ticket" in (param.name or "") or (
        "ticket" in path and isinstance(param, click.Argument)
    )


def test_each_verb_that_takes_a_ticket_takes_it_from_its_input_too() -> None:
    found = {
        path: param
        for path, command in commands()
        for param in command.params
        if takes_a_ticket(path, param)
    }
    assert set(found) == VERBS, "a new one: let it use cli/_ticket.py, and add it here"
    assert not any(param.required for param in found.values())


@pytest.fixture
def taken(monkeypatch: Any, tmp_path: Path) -> Any:
    """Runs a verb; gives its result and the ticket that it went on with."""
    got: list[str] = []

    class Client:
        async def activate(self, ticket: str, chosen: Any, firm: int) -> Any:
            got.append(ticket)
            return ImportedDocument(parts=())

        async def group_request(self, firm: int, *, ticket: str, chosen: Any, order: str) -> Any:
            got.append(ticket)
            return GroupFileDocument(file="{}")

    def perform(connection: Any, work: Any, unknown: str = "") -> Any:
        return asyncio.run(work(Client()))

    monkeypatch.setattr(group, "perform", perform)
    monkeypatch.setattr(Asked, "connect", lambda asked: None)
    monkeypatch.chdir(tmp_path)

    def verb(path: tuple[str, ...], *words: str, typed: str | bytes = "") -> tuple[Any, list[str]]:
        got.clear()
        given = [word for word in words if path == ("activate",) or word.startswith("--")]
        line = (*path, *given, *REST[path], *PROFILE)
        return CliRunner().invoke(tmr, line, input=typed), list(got)

    return verb


@pytest.mark.parametrize("path", sorted(VERBS), ids=" ".join)
@pytest.mark.parametrize("words", [(), ("-",), ("--json",)], ids=repr)
@pytest.mark.parametrize("typed", [TICKET, f"{TICKET}\n", f"  {TICKET}\r\n\r\n"], ids=repr)
def test_a_script_gives_it_in_the_input(taken: Any, path: Any, words: Any, typed: str) -> None:
    done, got = taken(path, *words, typed=typed)
    assert (done.exit_code, got) == (0, [TICKET]), done.output
    assert TICKET not in done.output


@pytest.mark.parametrize("path", sorted(VERBS), ids=" ".join)
def test_at_a_terminal_it_is_asked_for_and_not_shown(
    taken: Any, path: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(_ticket, "_at_terminal", lambda: True)
    done, got = taken(path, typed=f"{TICKET}\n")
    assert (done.exit_code, got) == (0, [TICKET]), done.output
    assert "Ticket: " in done.output and TICKET not in done.output
    if path == ("activate",):
        given, got = taken(path, TICKET)
        assert (given.exit_code, got) == (0, [TICKET])
        assert TICKET not in given.output


@pytest.mark.parametrize("path", sorted(VERBS), ids=" ".join)
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "no ticket"),
        ("\n \n", "no ticket"),
        (f"{TICKET}\n{TICKET}\n", "more than a ticket"),
        ("x" * 100_000, "longer than"),
        (TICKET[:-1] + ("0" if TICKET[-1] != "0" else "1"), "mistyped"),
    ],
    ids=["nothing", "blanks", "two", "long", "typo"],
)
def test_what_is_no_ticket_ends_the_verb_with_a_sentence(
    taken: Any, path: Any, typed: str, said: str
) -> None:
    done, got = taken(path, typed=typed)
    assert (done.exit_code, got) == (2, [])
    assert said in done.output and len(done.output.splitlines()) == 1
    assert TICKET not in done.output


def test_a_closed_input_holds_none(monkeypatch: Any) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(Exception, match="no ticket"):
        _ticket.read_ticket(None)


# --- what we tell others to type, and what our own playbooks and labs run ---

ALL_VERBS = {path for path, _ in commands()}


def tells(command: Command) -> str:
    """The ticket that stands on this command line; "" if there is none."""
    words = list(command.words)
    for path in VERBS:
        for at in range(len(words)):
            of_another = tuple(words[at - 1 : at + len(path)]) in ALL_VERBS
            if tuple(words[at : at + len(path)]) == path and not of_another:
                after = words[at + len(path) : at + len(path) + 1]
                return "".join(word for word in after if not word.startswith("-"))
    return ""


def runs(text: str) -> list[str]:
    """What follows these verbs in the tasks of a playbook, if it is no option and no new key."""
    verbs = "|".join(r"[\s,'\"\[\]-]+".join(("tmr", *path)[-2:]) for path in VERBS)
    after = re.findall(rf"(?:{verbs})\b['\"]?[\s,+\[\]]*(?:- )?['\"]?([^\s,'\"\]]+)", text)
    return [word for word in after if not word.startswith("-") and not word.endswith(":")]


def test_no_page_and_no_sentence_has_anybody_type_one() -> None:
    told = [
        one
        for page in PAGES
        for text in [page.read_text("utf-8")]
        for one in (*in_blocks(text, page.name), *in_sentences(text, page.name))
    ]
    told += [
        one
        for path in sorted((ROOT / "appliance").rglob("*.py"))
        for line, text in sentences_of(path)
        for one in in_sentences(text, f"{path.name}:{line}")
    ]
    activations = [one for one in told if one.words[1:2] == ("activate",)]
    assert any(one.whole for one in activations), "the pages show how it is done"
    assert [str(one) for one in told if tells(one)] == []


def test_no_playbook_and_no_lab_puts_one_on_a_command_line() -> None:
    for folder in ("playbooks", "roles", "inventory", "scripts"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file():
                assert runs(path.read_text("utf-8", errors="replace")) == [], path
    for folder in ("appliance/lab", "tests/lab", "tests/hosts"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            shown = re.findall(r"\"activate\",\s*ticket", path.read_text("utf-8"))
            assert shown == [], path


@pytest.mark.parametrize(
    "text",
    [
        "    cmd: tmr activate {{ ticket }}\n",
        "    argv:\n      - tmr\n      - activate\n      - '{{ ticket }}'\n",
        '    argv: [tmr, activate, "{{ ticket }}"]\n',
        "    argv: \"{{ tool + ['tmr', 'activate', sold] }}\"\n",
    ],
)
def test_one_in_a_playbook_is_found(text: str) -> None:
    assert len(runs(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "    cmd: tmr activate -\n    stdin: '{{ ticket }}'\n",
        "    argv: [tmr, activate, --json]\n    stdin: '{{ ticket }}'\n",
        "    argv:\n      - tmr\n      - activate\n    stdin: '{{ ticket }}'\n",
    ],
)
def test_one_in_the_input_of_a_task_is_none(text: str) -> None:
    assert runs(text) == []


def test_one_in_a_page_is_found() -> None:
    page = "    tmr activate TICKET\n    tmr activate < t\n"
    assert [tells(one) for one in in_blocks(page, "page")] == ["TICKET", ""]
