"""The kind of containers that a licence works in: any, such as are bound to a host, or hardware.

How firmly a container is bound says its serial. The licence rests unless two of its containers are
bound as its vendor wants; one that is not vouches for no grant of it.
"""

from __future__ import annotations

from typing import Final

from appliance.licences.options.row import Case, Field, Kind, Option, Said
from appliance.licences.protection import CONTAINERS
from appliance.licences.reason import at_rest

REASON: Final = at_rest(
    "containers-not-bound",
    "The licence wants containers that are bound more firmly",
    "move it to such containers, or ask the vendor to change that",
)


def _refuses(case: Case) -> bool:
    if case.item.containers == "any":
        return False
    return len(case.state.view[case.key].fitting) < case.state.membership.needed


OPTION = Option(
    fields=(
        Field(
            "containers",
            "kind of containers",
            "--containers",
            "In which containers it works: any, bound to a host, or hardware alone.",
            Kind.WORD,
            words=tuple(CONTAINERS),
        ),
    ),
    name=Said("containers", "Container", "コンテナ"),
    reason=REASON,
    why=Said("containers not bound", "Container nicht gebunden", "コンテナが未バインド"),
    rests="rests, since its vendor wants containers that are bound more firmly",
    refuses=_refuses,
)
