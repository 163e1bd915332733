"""The checks of the containers: blocked ones, their time servers, and old certified times."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from appliance.details import Detail
from appliance.watch.facts import NOTICE, WARNING, Facts, Finding, found

_BAD_TIME: Final = frozenset(("failed", "liar"))


def containers(facts: Facts) -> Iterator[Finding]:
    """A container that is blocked or elsewhere than before, or whose certified time is old."""
    if facts.leading is None:
        return
    oldest_s = facts.margins.certified_age_s
    for one in facts.leading.upstreams:
        age_s = one.times.certified_age_s if one.times is not None else None
        if one.elsewhere:
            yield found("container-elsewhere", NOTICE, one.name, host=one.name, what=one.elsewhere)
        if one.locked:
            yield found("container-locked", WARNING, one.name, host=one.name, why=one.locked)
        elif one.reachable and oldest_s and age_s is not None and age_s > oldest_s:
            yield found("certified-age", NOTICE, one.name, host=one.name, age_s=age_s)


def time_servers(facts: Facts) -> Iterator[Finding]:
    """A time server that does not answer: worse if it is a container's last."""
    failing: dict[str, tuple[list[str], list[Detail | None], bool]] = {}
    for one in facts.leading.upstreams if facts.leading is not None else ():
        last = all(server.state in _BAD_TIME for server in one.time_servers)
        for server in one.time_servers if one.reachable else ():
            if server.state in _BAD_TIME:
                hosts, why, any_last = failing.get(server.url, ([], [], False))
                failing[server.url] = (
                    [*hosts, one.name],
                    [*why, server.detail or Detail.of(server.state)],
                    any_last or last,
                )
    for url, (hosts, why, last) in failing.items():
        severity = WARNING if last else NOTICE
        if len(hosts) == 1:
            yield found("time-server", severity, url, "", why[0], host=hosts[0], url=url)
        else:
            yield found(
                "time-server", severity, url, "several", why[0], hosts=tuple(hosts), url=url
            )
