"""Which rules the hosts of a ledger know, and raising the version in force (`rules`, design D1).

What can go wrong in here is to believe that a host knows what it does not: it could take no part
any more. So an upstream's word is signed by its store, and one that is older than what is known of
that store counts for nothing: it was replayed, or overtaken. A TMR host speaks for itself to the
active one, which enters it; a hijacked one can say what it likes of both, and reaches no more than
that the other TMR host has to be upgraded before it serves again.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from appliance.details import Detail, detail
from appliance.licences import commands as c
from appliance.licences import reasons, refuse
from appliance.licences.bounds import NAME_MAX, too_long
from appliance.licences.commands import Outcome
from appliance.licences.members import ALONE, STORES, Member, Membership
from appliance.licences.records import Act, Supported
from appliance.licences.rules import FIRST
from appliance.licences.state import State

VerifyStore = Callable[[bytes, bytes, bytes], bool]
"""(store id, signed bytes, signature) -> whether that store signed them."""

TMR_HOSTS: Final = 2
"""So many TMR hosts have to know what is raised."""
HOSTS_MAX: Final = 16
"""Of how many hosts it is kept what they said: beyond it the oldest word of a TMR host goes."""
_TAG: Final = b"tmr-rules-1\x00"


def no_stores(store: bytes, data: bytes, signature: bytes) -> bool:
    """For machines that meet no upstream's word."""
    return False


def support_bytes(ledger_id: bytes, store: bytes, version: int, known_index: int) -> bytes:
    """The bytes that a store signs to say which rules its host knows, as of that entry."""
    return b"".join(
        (
            _TAG,
            struct.pack(">H", len(ledger_id)),
            ledger_id,
            struct.pack(">H", len(store)),
            store,
            struct.pack(">QQ", version, known_index),
        )
    )


def supported_by(supports: Mapping[str, Supported], host: str) -> int:
    """Up to which version this host knows the rules, as far as it said."""
    said = supports.get(host)
    return said.version if said is not None else FIRST


def due(state: State, host: str, store: bytes, version: int) -> bool:
    """Whether what the ledger has of this host differs from what it knows."""
    said = state.supports.get(host)
    if said is None or said.store != store:
        return state.founded and version != FIRST
    return said.version != version


def support(state: State, command: c.Support, verify: VerifyStore) -> Outcome:
    """Keep which rules a host knows."""
    if not 0 < len(command.who) <= NAME_MAX:
        return refuse.bad(detail("host-name-length", most=NAME_MAX))
    if command.store or command.signature:
        return _of_store(state, command, verify)
    membership = state.membership
    if membership.at(command.who) is not None or (
        membership.pending is not None and membership.pending.place == command.who
    ):
        return refuse.bad(detail("support-for-store", host=command.who))
    _make_room(state, command.who)
    state.set_support(command.who, Supported(command.version, state.entry_index))
    return Outcome(reasons.DONE)


def _of_store(state: State, command: c.Support, verify: VerifyStore) -> Outcome:
    store, known_index = command.store, command.known_index
    member = state.membership.member(store)
    if member is None:
        return refuse.bad(detail("support-no-voter"))
    if known_index >= state.entry_index:
        return refuse.bad(detail("support-early", index=known_index))
    if is_old(state.supports.get(member.place), store, known_index):
        return refuse.bad(detail("support-old", host=member.place))
    data = support_bytes(state.ledger_id, store, command.version, known_index)
    if not verify(store, data, command.signature):
        return refuse.bad(detail("support-unsigned", host=member.place))
    said = Supported(command.version, state.entry_index, store, known_index)
    state.set_support(member.place, said)
    return Outcome(reasons.DONE)


def is_old(before: Supported | None, store: bytes, known_index: int) -> bool:
    """Whether a store knew no more when it said this than when it said what is known of it."""
    return before is not None and before.store == store and known_index <= before.known_index


def _make_room(state: State, host: str) -> None:
    """Forget the oldest word of a TMR host where there is no room for another."""
    others = [(said.index, name) for name, said in state.supports.items() if not said.store]
    if host not in state.supports and len(others) >= HOSTS_MAX - STORES:
        state.set_support(min(others)[1], None)


def missing(state: State, version: int, hosts: Iterable[str]) -> tuple[str, ...]:
    """The voters and TMR hosts that did not say that they know this version, by name."""
    return tuple(
        sorted(
            {
                *(
                    voter.place
                    for voter in state.membership.voters
                    if voter_supports(state, voter) < version
                ),
                *(host for host in hosts if supported_by(state.supports, host) < version),
            }
        )
    )


def voter_supports(state: State, voter: Member) -> int:
    """Up to which version the store that votes there said that it knows; not one before it."""
    said = state.supports.get(voter.place)
    return said.version if said is not None and said.store == voter.store else FIRST


def forget_replaced(state: State, before: Membership) -> None:
    """The word of a store that was replaced goes with it."""
    for voter in before.voters:
        if state.membership.member(voter.store) is None:
            state.set_support(voter.place, None)


def raise_rules(state: State, command: c.RaiseRules) -> Outcome:
    """Put a higher version in force, if all who vote and both TMR hosts know it."""
    version, hosts = command.version, command.hosts
    if too_long(command.who, command.why) or any(not 0 < len(host) <= NAME_MAX for host in hosts):
        return refuse.bad(detail("host-who-why-long"))
    count = ALONE if state.membership.is_alone else TMR_HOSTS
    if len(hosts) != count or len(set(hosts)) != count:
        return refuse.bad(detail("rules-hosts", count=count))
    if version == state.rules:
        return Outcome(reasons.DONE, said=Detail.of(f"rules {version} are in force already"))
    if version < state.rules:
        return refuse.bad(detail("rules-never-lowered", in_force=state.rules))
    pending = state.membership.pending
    waits = missing(state, version, hosts) + ((pending.place,) if pending is not None else ())
    if waits:
        return refuse.rules_wait(version, waits)
    state.set_rules(version)
    state.note(Act("raise-rules", f"{version}", command.who, command.why, state.log_time_ms))
    return Outcome(reasons.DONE, said=Detail.of(f"rules {version} are in force"))
