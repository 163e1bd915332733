"""The checks of the containers: blocked ones, and their time servers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from appliance.watch.facts import NOTICE, WARNING, Facts, Finding

_BAD_TIME: Final = frozenset(("failed", "liar"))


def containers(facts: Facts) -> Iterator[Finding]:
    """A container that is blocked, and a time server that does not answer it."""
    if facts.leading is None:
        return
    for one in facts.leading.upstreams:
        if one.locked:
            yield Finding(
                cause=f"container-locked/{one.name}",
                severity=WARNING,
                what=f"The container of {one.name} is blocked: {one.locked}.",
                remedy="Ask the vendor why it was blocked; it takes a new container or a release.",
                brief=f"the vendor blocked the container of {one.name}",
            )
        spare = any(server.state not in _BAD_TIME for server in one.time_servers)
        for server in one.time_servers if one.reachable else ():
            if server.state in _BAD_TIME:
                yield Finding(
                    cause=f"time-server/{one.name}/{server.url}",
                    severity=NOTICE if spare else WARNING,
                    what=f"{one.name} gets no certified time from {server.url}: "
                    f"{server.detail or server.state}.",
                    remedy=f"Check the way from {one.name} to that server, or name another.",
                )
