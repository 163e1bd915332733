"""What a bound may be. Each names something in the code, so that the table fails when it goes.

    most     at most so many: the sum of named limits, `times` and `plus` a little more
    own      the same, by what the object itself was given; the names say where that comes from
    sized    `deque(maxlen=…)` and the like: the size is read from the source and must be that limit
    along    as many as there are in another attribute of the same object
    once     nobody but the named functions of its class enlarge it, and they run once
    fixed    nothing in its module enlarges it, sets it anew, or hands it to somebody who could
    within   it ends with one bounded thing, whose limit is named: a message, a file, a wait

What is `most`, `own`, `sized` or `along` is driven above its bound in `test_bounds_live.py`, or by
the test that `shown_by` names.
"""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

Kind = Literal["most", "own", "sized", "along", "once", "fixed", "within"]
Measure = Callable[[Any], int]


@dataclass(frozen=True, slots=True)
class Bound:
    """One bound; `why` is for whoever reads the table. `measure` counts what is in it.

    `loose`: the bound is known to be higher than what can be reached; what is driven must stay
    below it, and need not reach it.
    """

    kind: Kind
    names: tuple[str, ...] = ()
    why: str = ""
    times: int = 1
    plus: int = 0
    by: Callable[[Any], int] | None = None
    measure: Measure = len
    loose: bool = False
    shown_by: str = ""

    @property
    def is_driven(self) -> bool:
        """Whether the live test has to drive it."""
        return self.kind in ("most", "own", "sized", "along") and not self.shown_by

    def allowed(self, owner: Any, held: Any) -> int:
        """How many there may be in `held`, which is an attribute of `owner`."""
        if self.by is not None:
            return self.by(owner) * self.times + self.plus
        if self.kind == "sized":
            size = getattr(held, "maxlen", None) or getattr(held, "maxsize", None)
            assert size, f"{self.names}: {held!r} has no size of its own"
            return int(size)
        if self.kind == "along":
            return len(getattr(owner, self.names[0])) * self.times + self.plus
        return sum(number(name) for name in self.names) * self.times + self.plus


def most(*names: str, why: str = "", **more: Any) -> Bound:
    """At most the sum of these."""
    return Bound("most", names, why, **more)


def own(by: Callable[[Any], int], *names: str, why: str = "", **more: Any) -> Bound:
    """At most what `by` reads from the object."""
    return Bound("own", names, why, by=by, **more)


def sized(name: str, why: str = "", **more: Any) -> Bound:
    """Its maker says how large it may be."""
    return Bound("sized", (name,), why, **more)


def along(attribute: str, why: str = "", **more: Any) -> Bound:
    """As many as in another attribute."""
    return Bound("along", (attribute,), why, **more)


def once(*functions: str, why: str = "") -> Bound:
    """Only these functions enlarge or set it."""
    return Bound("once", functions, why)


def fixed(why: str = "") -> Bound:
    """As it was made."""
    return Bound("fixed", (), why)


def within(name: str, why: str) -> Bound:
    """It ends with something that has this limit."""
    return Bound("within", (name,), why)


def named(path: str) -> Any:
    """What a dotted name stands for: "ledger.limits.Limits.in_flight", "monitor_gui.….X".

    Raises AttributeError or ImportError if it has gone.
    """
    parts = path.split(".")
    full = parts if parts[0] == "monitor_gui" else ["appliance", *parts]
    for length in range(len(full), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(full[:length]))
        except ModuleNotFoundError as error:
            if error.name is None or not ".".join(full).startswith(error.name):
                raise
            continue
        for part in full[length:]:
            found = _part(found, part)
        return found
    raise ImportError(f"there is no {path}")


def _part(found: Any, part: str) -> Any:
    """An attribute; of a struct's or dataclass's field its default."""
    if isinstance(found, type) and issubclass(found, msgspec.Struct):
        for one in msgspec.structs.fields(found):
            if one.name == part:
                return one.default
    if isinstance(found, type) and dataclasses.is_dataclass(found):
        for field in dataclasses.fields(found):
            if field.name == part:
                return field.default
    return getattr(found, part)


def number(path: str) -> int:
    """A named limit as a number; of a tuple or a mapping its length."""
    found = named(path)
    return int(found) if isinstance(found, int | float) else len(found)
