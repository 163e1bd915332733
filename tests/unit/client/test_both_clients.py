"""The blocking client has what the asynchronous one has, and the other way round."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any, assert_type

import pytest

from appliance.client import AsyncClient, AsyncLease, Client, ClientError, Lease, Trust
from appliance.client.states import LeaseState, LeaseStatus
from appliance.client.streams import ServerEvent
from appliance.codec.api import DoneDocument, GrantDocument, StatusDocument
from appliance.codec.api_access import NamedRules
from tests.unit.client.fake import HOST, Certificates, problem
from tests.unit.client.test_sync import playing
from tests.unit.verifier.plant import Plant

# What its leases work with. It lives in the event loop, so no other thread may touch it.
INSIDE = {
    "chance",
    "engine",
    "entropy",
    "exchange",
    "forget",
    "home",
    "maker",
    "remember",
    "seen",
    "verifier",
}
# Not like the asynchronous one: it ends the thread, too.
BY_HAND = {"close"}
ARGUMENTS = {
    "str": "a",
    "int": 1,
    "float": 1.0,
    "bytes": b"a",
    "AnyPath": "a",
    "type[_Document]": DoneDocument,
    "NamedRules": NamedRules(),
}
OF_FILES = {"borrow", "extend", "give_back", "borrow_for", "bring_back"}
"""They read files first, or write them; test_lending has what servers refuse them."""
Pair = tuple[Any, Any]


@pytest.fixture
def pairs(certificates: Certificates) -> Iterator[tuple[Pair, Pair]]:
    """(asynchronous, blocking): a client each, and a lease each, which is checked out nowhere."""
    with Client([(HOST, 1)], certificates.tls(), Trust(Plant().root)) as client:
        lease = client.lease(100001, 10)
        yield (client._inner, client), (lease._inner, lease)


def names(thing: object) -> set[str]:
    """Every public attribute and method."""
    return {name for name in dir(thing) if not name.startswith("_")}


def methods(kind: type) -> dict[str, Callable[..., Any]]:
    """The public methods of a class by their names."""
    return {
        name: member
        for name, member in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_") and name not in INSIDE
    }


def calls(thing: Client | Lease) -> dict[str, Callable[[], object]]:
    """Every verb that asks the servers, with an argument for each parameter that needs one."""
    found: dict[str, Callable[[], object]] = {}
    for name, verb in methods(type(thing)).items():
        parameters = list(inspect.signature(verb).parameters.values())[1:]
        needed = [
            parameter
            for parameter in parameters
            if parameter.default is parameter.empty
            and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        ]
        named = {
            parameter.name: ARGUMENTS[parameter.annotation]
            for parameter in needed
            if parameter.kind is parameter.KEYWORD_ONLY
        }
        given = [ARGUMENTS[one.annotation] for one in needed if one.name not in named]
        if inspect.isgeneratorfunction(verb):
            found[name] = partial(next, verb(thing))
        else:
            found[name] = partial(verb, thing, *given, **named)
    return found


def test_neither_lacks_a_name_of_the_other(pairs: tuple[Pair, Pair]) -> None:
    (asynchronous, blocking), leases = pairs
    assert names(asynchronous) >= INSIDE, "what is excepted exists"
    assert names(asynchronous) - INSIDE == names(blocking)
    assert names(leases[0]) == names(leases[1])


@pytest.mark.parametrize(("asynchronous", "blocking"), [(AsyncClient, Client), (AsyncLease, Lease)])
def test_each_method_is_the_one_of_its_name_with_all_its_parameters(
    asynchronous: type, blocking: type
) -> None:
    theirs, ours = methods(asynchronous), methods(blocking)
    assert theirs.keys() == ours.keys()
    for name, verb in theirs.items():
        mine = ours[name]
        assert mine.__name__ == name
        assert inspect.signature(mine).parameters == inspect.signature(verb).parameters, name
        assert not inspect.iscoroutinefunction(mine)
        assert inspect.isgeneratorfunction(mine) == inspect.isasyncgenfunction(verb)
        assert name in BY_HAND or (inspect.unwrap(mine), mine.__doc__) == (verb, verb.__doc__)
        if inspect.iscoroutinefunction(verb):
            returned = inspect.signature(verb).return_annotation
            assert inspect.signature(mine).return_annotation == returned
    for kind in (asynchronous, blocking):
        word = "a" if kind is asynchronous else ""
        assert {f"__{word}enter__", f"__{word}exit__"} <= vars(kind).keys()


def test_the_clients_are_made_of_the_same() -> None:
    assert inspect.signature(Client) == inspect.signature(AsyncClient)
    assert inspect.signature(Client.lease).return_annotation is Lease
    assert inspect.signature(Client.events).return_annotation is Generator


def test_each_attribute_is_the_one_of_its_name_and_only_read(pairs: tuple[Pair, Pair]) -> None:
    (asynchronous, blocking), (_, lease) = pairs
    for name in names(blocking) - methods(Client).keys():
        assert getattr(blocking, name) is getattr(asynchronous, name)
    attributes = names(lease) - methods(Lease).keys()
    lease._inner = SimpleNamespace(**{name: object() for name in attributes})
    for name in attributes:
        assert getattr(lease, name) is getattr(lease._inner, name)
        with pytest.raises(AttributeError):
            setattr(lease, name, None)


def test_a_servers_refusal_comes_through_every_verb(certificates: Certificates) -> None:
    with playing(certificates) as (client, server):
        server.script = lambda _: problem("forbidden", 403, detail="ask an operator")
        mute = {"close", "lease", "lease_all", "seat", *OF_FILES}
        for name, call in calls(client).items():
            if name not in mute:
                with pytest.raises(ClientError, match="ask an operator"):
                    call()
        asked = len(server.requests)
        assert asked == len(calls(client)) - len(mute)


def test_every_verb_fails_at_once_in_a_child(
    pairs: tuple[Pair, Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    (_, client), (_, lease) = pairs
    with monkeypatch.context() as patch:
        patch.setattr("os.getpid", lambda: -1)  # real forks are in test_forks.py
        for name, call in (calls(client) | calls(lease)).items():
            if name != "close":
                with pytest.raises(ClientError, match="fork"):
                    call()


def as_mypy_sees_it(client: Client, lease: Lease) -> None:
    """Not called: a type or a parameter that the blocking classes lose is an error of mypy here."""
    assert_type(client.status(deadline_s=1.0), StatusDocument)
    assert_type(client.call("GET", "/", DoneDocument), DoneDocument)
    assert_type(client.lease(1, 2, regain=True), Lease)
    assert_type(next(client.events()), ServerEvent)
    assert_type(lease.wait_for(LeaseState.LOST, timeout_s=1.0), LeaseStatus)
    assert_type(lease.grant, GrantDocument)
    client.status(deadline=1.0)  # type: ignore[call-arg]
    client.release("cert:a", 1, "why")  # type: ignore[arg-type]
    Client(timeout_s=1.0)  # type: ignore[call-arg]
    lease.lease_id = "a"  # type: ignore[assignment]
