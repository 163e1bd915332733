"""Which route a call on one lease means, without a framework: these are the hot ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from appliance.details import detail
from appliance.services.routes import Bound
from appliance.services.tmr.asking import LEASES
from appliance.services.tmr.problems import Refusal

NO_ROUTE: Final = "other"
"""How metrics call what is no route."""


class Thin:
    """A route below /v1/leases/: where its path's fixed words stand, where its other parts."""

    __slots__ = ("act", "decoder", "fixed", "parts", "query", "route")

    def __init__(self, bound: Bound) -> None:
        self.route = bound.route
        self.act = bound.act
        self.decoder = bound.decoder
        self.query = bound.query
        path = bound.route.path.removeprefix(LEASES).split("/")
        places = [at for at, word in enumerate(path) if word.startswith("{")]
        self.fixed = tuple((at, path[at]) for at in range(len(path) - 1) if at not in places)
        self.parts = tuple(zip(places, (word for _, word in bound.words), strict=True))


class Calls:
    """Finds routes by how many parts a path has and by its last word, then by its method."""

    def __init__(self, bound: Iterable[Bound]) -> None:
        self._shapes: dict[tuple[int, str], dict[str, Thin]] = {}
        for one in bound:
            path = one.route.path.removeprefix(LEASES).split("/")
            shape = (len(path), "" if path[-1].startswith("{") else path[-1])
            self._shapes.setdefault(shape, {})[one.route.method] = Thin(one)

    def find(self, method: str, parts: list[str]) -> Thin | None:
        """The route of this method and these parts of what follows /v1/leases/."""
        thin = self._methods(parts).get(method)
        if thin is not None:
            for at, word in thin.fixed:
                if parts[at] != word:
                    return None
        return thin

    def refusal(self, method: str, parts: list[str]) -> Refusal:
        """Why there is no such route."""
        there = [other for other in self._methods(parts) if self.find(other, parts)]
        return wrong_method(method, ", ".join(there)) if there else no_resource()

    def _methods(self, parts: list[str]) -> Mapping[str, Thin]:
        shapes, count = self._shapes, len(parts)
        return shapes.get((count, parts[-1])) or shapes.get((count, "")) or {}


def wrong_method(method: str, allowed: str) -> Refusal:
    """There is such a resource, and it does not take this method."""
    return Refusal("method-not-allowed", detail("method-unfit", method=method), allow=allowed)


def no_resource() -> Refusal:
    """There is no such resource."""
    return Refusal("not-found", detail("no-resource"))
