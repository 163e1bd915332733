"""Access rules, looked up by who asks instead of walked.

Each subject has a key, bytes; so have groups and everyone. Of a set of rules is kept, by key, the
first rule that allows or denies, and those that count. So a check-out costs a look for each key of
who asks, and not for each rule: what it is known by (client, user, computer, and the network of
each length that some rule has), the groups of these, and everyone.

All that follows from `form` alone, and is made anew whenever other rules are put in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from appliance.licences.access.form import (
    ALL,
    ALLOW,
    DECIDING,
    IPV4_BYTES,
    RESERVE,
    AccessRules,
    Network,
    Rule,
    RuleSet,
    Subjects,
    masked,
)

EVERYONE: Final = b"*"
CLIENT: Final = b"c"
USER: Final = b"u"
HOST: Final = b"h"
GROUP: Final = b"g"
IPV4: Final = b"4"
IPV6: Final = b"6"
SAID_MAX: Final = 20_000
"""Answers that a rulebook remembers."""


class Asker(NamedTuple):
    """Who asks: the authenticated client (proven), the tags of user and computer that it names
    (claimed, empty for none), and the address that the serving host saw (empty if none)."""

    client: str
    user: bytes = b""
    host: bytes = b""
    address: bytes = b""


class Known(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What all sets share: the groups of each subject, by their keys, and which lengths the
    networks have that some rule or group names."""

    groups: dict[bytes, list[bytes]]
    ipv4_bits: tuple[int, ...]
    ipv6_bits: tuple[int, ...]


class Ruled(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One set of rules. By key: `first` is the number of the first rule that allows or denies,
    `counting` those that reserve or limit, in order. `reserved` is what it reserves in all."""

    scope: tuple[int, int]
    allows: bool
    rules: tuple[Rule, ...]
    first: dict[bytes, int]
    counting: dict[bytes, list[int]]
    reserves: tuple[int, ...]
    reserved: int
    known: Known


class Verdict(NamedTuple):
    """What a set says of who asks: whether it may have a seat, by which rule (-1: by default)."""

    allows: bool
    rule: int


class Said(NamedTuple):
    """What the rules say of who asks for a product: the verdict of the one set that is used, and
    which of its rules count the seats. What `ruled` is None says nothing."""

    ruled: Ruled | None
    verdict: Verdict
    counting: tuple[int, ...]


Question = tuple[int, int, str, bytes, bytes, bytes]
"""Firm code, product code, and then what an `Asker` is."""


class Rulebook(dict[tuple[int, int], Ruled]):
    """The sets by (firm code, product code). It remembers what it said last, of SAID_MAX askers:
    that follows from the rules and the question alone."""

    __slots__ = ("_said",)

    def __init__(self, sets: Iterable[tuple[tuple[int, int], Ruled]] = ()) -> None:
        super().__init__(sets)
        self._said: dict[Question, Said] = {}

    def said(self, question: Question) -> Said:
        """What the rules say of who asks for this product."""
        known = self._said.get(question)
        if known is None:
            if len(self._said) >= SAID_MAX:
                self._said.clear()
            known = self._said[question] = self._judged(*question[:2], Asker(*question[2:]))
        return known

    def _judged(self, firm_code: int, product_code: int, asker: Asker) -> Said:
        ruled = ruled_for(self, firm_code, product_code)
        if ruled is None:
            return NOTHING_SAID
        keys = keys_of(ruled.known, asker)
        return Said(ruled, verdict(ruled, keys), tuple(counting(ruled, keys)))


NOTHING_SAID: Final = Said(None, Verdict(True, -1), ())


def rulebook_of(form: AccessRules) -> Rulebook:
    """The rules of a document, to be looked up."""
    known = _known(form)
    return Rulebook((one.scope, _ruled(one, known)) for one in form.sets)


def ruled_for(
    rulebook: Mapping[tuple[int, int], Ruled], firm_code: int, product_code: int
) -> Ruled | None:
    """The one set that is used for a product: its own, else its firm's, else that of everything."""
    for scope in ((firm_code, product_code), (firm_code, ALL), (ALL, ALL)):
        found = rulebook.get(scope)
        if found is not None:
            return found
    return None


def keys_of(known: Known, asker: Asker) -> list[bytes]:
    """All keys by which rules may be for who asks."""
    client, user, host, address = asker
    own = [client_key(client)]
    if user:
        own.append(USER + user)
    if host:
        own.append(HOST + host)
    if address:
        lengths = known.ipv4_bits if len(address) == IPV4_BYTES else known.ipv6_bits
        own += [network_key(Network(masked(address, bits), bits)) for bits in lengths]
    groups = known.groups
    if groups:
        for key in own[:]:
            own += groups.get(key, ())
    own.append(EVERYONE)
    return own


def verdict(ruled: Ruled, keys: list[bytes]) -> Verdict:
    """Whether a set lets somebody with these keys have a seat: by the first rule that matches."""
    first = ruled.first
    found = [first[key] for key in keys if key in first]
    if not found:
        return Verdict(ruled.allows, -1)
    number = min(found)
    return Verdict(ruled.rules[number].action == ALLOW, number)


def counting(ruled: Ruled, keys: list[bytes]) -> list[int]:
    """The rules that count the seats of somebody with these keys, in the order of the document."""
    if not ruled.counting:
        return []
    by_key = ruled.counting
    return sorted({number for key in keys for number in by_key.get(key, ())})


def client_key(client: str) -> bytes:
    """The key of a client."""
    return CLIENT + client.encode("utf-8", "surrogatepass")


def network_key(network: Network) -> bytes:
    """The key of a network."""
    kind = IPV4 if len(network.prefix) == IPV4_BYTES else IPV6
    return kind + bytes((network.bits,)) + network.prefix


def group_key(number: int) -> bytes:
    """The key of a group."""
    return GROUP + number.to_bytes(2)


def subject_keys(subjects: Subjects) -> Iterator[bytes]:
    """The keys of these subjects."""
    for client in subjects.clients:
        yield client_key(client)
    for user in subjects.users:
        yield USER + user
    for host in subjects.hosts:
        yield HOST + host
    for network in subjects.networks:
        yield network_key(network)


def rule_keys(rule: Rule) -> Iterator[bytes]:
    """The keys of those for whom a rule is."""
    if rule.everyone:
        yield EVERYONE
    yield from subject_keys(rule.subjects)
    yield from map(group_key, rule.groups)


def _known(form: AccessRules) -> Known:
    groups: dict[bytes, list[bytes]] = {}
    for number, group in enumerate(form.groups):
        for key in subject_keys(group.subjects):
            groups.setdefault(key, []).append(group_key(number))
    networks = [network for one in form.lists() for network in one.networks]
    ipv4 = {one.bits for one in networks if len(one.prefix) == IPV4_BYTES}
    ipv6 = {one.bits for one in networks if len(one.prefix) != IPV4_BYTES}
    return Known(groups, tuple(sorted(ipv4)), tuple(sorted(ipv6)))


def _ruled(one: RuleSet, known: Known) -> Ruled:
    first: dict[bytes, int] = {}
    counting: dict[bytes, list[int]] = {}
    for number, rule in enumerate(one.rules):
        for key in rule_keys(rule):
            if rule.action in DECIDING:
                first.setdefault(key, number)
            else:
                counting.setdefault(key, []).append(number)
    reserves = tuple(n for n, rule in enumerate(one.rules) if rule.action == RESERVE)
    reserved = sum(one.rules[number].seats for number in reserves)
    allows = one.default == ALLOW
    return Ruled(one.scope, allows, one.rules, first, counting, reserves, reserved, known)
