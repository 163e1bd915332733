"""A table of routes: what an HTTP face takes and gives, one row a route, and how it is dispatched.

Whatever else is known of a route derives from its row: who may ask, what is read of the query and
the path, the document of the body, the name in metrics, the OpenAPI document. A handler is an
unbound method; the face has one object of each class that the table names (`bind`). It is called
with the caller (if a role is needed), the parts of the path, those of the query, and the body's
document, in this order, and gives a document or a finished response.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MethodType
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute

NUMBER_DIGITS_MAX: Final = 18
NUMBER_MAX: Final = 2**63 - 1
_PART: Final = re.compile(r"{(\w+)}")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of a query. `read` takes all that is given under its name; raises ValueError."""

    name: str
    read: Callable[[Sequence[str]], Any]
    schema: Mapping[str, Any]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """What may stand in one part of a path; `what` names it in a refusal."""

    what: str
    pattern: str
    characters_max: int | None = None
    fits: Callable[[str], object] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fits", re.compile(self.pattern).fullmatch)

    @property
    def schema(self) -> dict[str, Any]:
        """Its JSON schema."""
        longest = {"maxLength": self.characters_max} if self.characters_max else {}
        return {"type": "string", "pattern": f"^{self.pattern}$", **longest}

    def check(self, text: str) -> None:
        """Raise ValueError unless this text fits."""
        if self.fits(text) is None or (self.characters_max or len(text)) < len(text):
            raise ValueError(f"{self.what} is {self.pattern}")


@dataclass(frozen=True, slots=True)
class File:
    """A body that is no JSON: `what` it is, and its greatest length."""

    what: str
    bytes_max: int


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path. `name` is what metrics, logs and the OpenAPI document call it.

    `role` is the least that is needed, "" for none. `response` is a document or a media type,
    `request` a document, a file or nothing. `statuses` are those of success, with another document
    where `also` names one, `reasons` those of refusals that not every route has. A `vital` one is
    answered when there is no room for anything new, an `endless` one holds no place among those
    that are under way. `raw` handlers get the request itself as well, before all else. Those with
    an `origin` get the address that the request comes from, after all else but what the body and
    the secret are. A body may have `body_bytes_max` where that is more than other routes' bodies
    may.
    """

    name: str
    method: str
    path: str
    summary: str
    role: str
    handler: Callable[..., Awaitable[Any]]
    response: type[msgspec.Struct] | str
    request: type[msgspec.Struct] | File | None = None
    query: tuple[Parameter, ...] = ()
    reasons: tuple[str, ...] = ()
    statuses: tuple[int, ...] = (200,)
    also: tuple[tuple[int, type[msgspec.Struct]], ...] = ()
    secret: bool = False
    origin: bool = False
    vital: bool = False
    endless: bool = False
    raw: bool = False
    body_bytes_max: int = 0

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of its path's parts."""
        return tuple(_PART.findall(self.path))


class Bound:
    """A route with the object that handles it, and the words that its path's parts may be."""

    __slots__ = ("act", "decoder", "query", "route", "words")

    def __init__(
        self, route: Route, act: Callable[..., Awaitable[Any]], words: Mapping[str, Word]
    ) -> None:
        self.route = route
        self.act = act
        self.query = route.query
        self.words = tuple((name, words[name]) for name in route.parts)
        self.decoder: msgspec.json.Decoder[Any] | None = None
        if route.request is not None and not isinstance(route.request, File):
            self.decoder = msgspec.json.Decoder(route.request)

    def arguments(self, request: Request) -> list[Any]:
        """The parts of a request's path and of its query. Raises ValueError."""
        found: list[Any] = []
        for name, word in self.words:
            word.check(request.path_params[name])
            found.append(request.path_params[name])
        for parameter in self.query:
            found.append(parameter.read(request.query_params.getlist(parameter.name)))
        return found


def bind(
    table: Iterable[Route], parts: Iterable[object], words: Mapping[str, Word] | None = None
) -> list[Bound]:
    """Each route with that one of the `parts` whose class has its handler. Raises LookupError."""
    owners = {type(part): part for part in parts}
    bound = []
    for route in table:
        name = route.handler.__name__
        owner = next(
            (one for kind, one in owners.items() if kind.__dict__.get(name) is route.handler), None
        )
        if owner is None:
            raise LookupError(f"no part handles {route.method} {route.path}")
        bound.append(Bound(route, MethodType(route.handler, owner), words or {}))
    return bound


def starlette_routes(
    bound: Iterable[Bound], answer: Callable[[Bound, Request], Awaitable[Response]]
) -> list[StarletteRoute]:
    """Starlette's routes, one a path, for all its methods."""
    paths: dict[str, dict[str, Bound]] = {}
    for one in bound:
        paths.setdefault(one.route.path, {})[one.route.method] = one
    return [
        StarletteRoute(path, _endpoint(methods, answer), methods=list(methods))
        for path, methods in paths.items()
    ]


def _endpoint(
    methods: Mapping[str, Bound], answer: Callable[[Bound, Request], Awaitable[Response]]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await answer(methods["GET" if request.method == "HEAD" else request.method], request)

    return endpoint


# --- what may stand in a query ---


def number(
    name: str,
    least: int = 0,
    most: int = NUMBER_MAX,
    default: int | None = None,
    what: str = "no number",
) -> Parameter:
    """A whole number; without a `default` it cannot be left out. Who gives none is told `what` the
    name is."""

    def read(given: Sequence[str]) -> int:
        if not given:
            if default is None:
                raise ValueError(f"{name} is missing: add ?{name}=NUMBER")
            return default
        text = given[-1]
        if not (text.isascii() and text.isdecimal()) or len(text) > NUMBER_DIGITS_MAX:
            raise ValueError(f"{name} is {what}")
        if not least <= int(text) <= most:
            raise ValueError(f"{name} is {least} to {most}")
        return int(text)

    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Parameter(name, read, schema, required=default is None)


def flag(name: str) -> Parameter:
    """Yes or no: 1 or 0."""
    schema = {"type": "string", "enum": ["0", "1"]}
    return Parameter(name, lambda given: bool(given) and given[-1] not in ("", "0"), schema)


def text(name: str, *, required: bool = False) -> Parameter:
    """Some text; that it is there is for the handler to ask, which can say what for."""
    schema = {"type": "string", "minLength": 1}
    return Parameter(name, lambda given: given[-1] if given else "", schema, required)


def by_commas(given: Sequence[str]) -> list[str]:
    """What a query gives under one name, by commas or repeated."""
    return [word for part in given for word in part.split(",") if word]
