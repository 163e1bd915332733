"""Access rules with names to the form that the ledger has, and back.

What can go wrong in here is two spellings of one subject: they count as one (`fold`), so that none
is there twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from appliance.codec.access.subjects import TAG, Subject, network_text, subject_of
from appliance.codec.api_access import AccessGroup, AccessRule, AccessSet, NamedRules
from appliance.licences.access.form import (
    ALL,
    AccessRules,
    Group,
    Network,
    Rule,
    RuleSet,
    Subjects,
)

Tag = Callable[[str], bytes]
"""The tag of a user's or a computer's name."""
Shown = Callable[[bytes], str]
"""The name of a tag; where it is not known, `#` and the tag."""


def form_of(document: NamedRules, tag: Tag) -> AccessRules:
    """The rules as the ledger has them. Raises ValueError, with what is wrong in words."""
    names = sorted({group.name for group in document.groups})
    if len(names) != len(document.groups):
        raise ValueError("two groups have one name")
    numbers = {name: number for number, name in enumerate(names)}
    groups = sorted(document.groups, key=lambda group: group.name)
    return AccessRules(
        tuple(Group(one.name, _subjects(map(subject_of, one.members), tag)) for one in groups),
        tuple(sorted((_set(one, numbers, tag) for one in document.sets), key=lambda of: of.scope)),
    )


def _set(one: AccessSet, numbers: dict[str, int], tag: Tag) -> RuleSet:
    firm_code = ALL if one.firm_code is None else one.firm_code
    product_code = ALL if one.product_code is None else one.product_code
    rules = tuple(_rule(rule, numbers, tag) for rule in one.rules)
    return RuleSet(firm_code, product_code, one.default, rules)


def _rule(rule: AccessRule, numbers: dict[str, int], tag: Tag) -> Rule:
    groups = set()
    others = []
    for text in rule.who:
        subject = subject_of(text)
        if subject.kind == "group":
            if subject.name not in numbers:
                raise ValueError(f"line {rule.line}: there is no group {subject.name!r}")
            groups.add(numbers[subject.name])
        elif subject.kind != "everyone":
            others.append(subject)
    everyone = not rule.who or "everyone" in rule.who
    return Rule(
        rule.action,
        rule.seats,
        everyone,
        Subjects() if everyone else _subjects(others, tag),
        () if everyone else tuple(sorted(groups)),
        rule.line,
        rule.column,
    )


def _subjects(subjects: Iterable[Subject], tag: Tag) -> Subjects:
    clients, users, hosts = set[str](), set[bytes](), set[bytes]()
    networks = set[Network]()
    for subject in subjects:
        if subject.network is not None:
            networks.add(subject.network)
        elif subject.kind == "client":
            clients.add(subject.name)
        elif subject.kind == "user":
            users.add(_tagged(subject.name, tag))
        elif subject.kind == "host":
            hosts.add(_tagged(subject.name, tag))
        else:
            raise ValueError(f"a group holds no {subject.kind}")
    return Subjects(*(tuple(sorted(of)) for of in (clients, users, hosts, networks)))  # type: ignore[arg-type]


def _tagged(name: str, tag: Tag) -> bytes:
    known = TAG.fullmatch(name)
    return bytes.fromhex(known[1]) if known is not None else tag(name)


def names_in(document: NamedRules) -> set[str]:
    """The names of users and computers that these rules hold."""
    texts = [text for group in document.groups for text in group.members]
    texts += [text for one in document.sets for rule in one.rules for text in rule.who]
    found = (subject_of(text) for text in texts)
    return {
        one.name for one in found if one.kind in ("user", "host") and not TAG.fullmatch(one.name)
    }


def document_of(form: AccessRules, shown: Shown) -> NamedRules:
    """The rules with names, as far as they are known."""
    return NamedRules(
        groups=tuple(
            AccessGroup(name=group.name, members=tuple(texts_of(group.subjects, shown)))
            for group in form.groups
        ),
        sets=tuple(
            AccessSet(
                firm_code=None if one.firm_code == ALL else one.firm_code,
                product_code=None if one.product_code == ALL else one.product_code,
                default=one.default,
                rules=tuple(
                    AccessRule(
                        action=rule.action,
                        who=(
                            *(f"group:{form.groups[number].name}" for number in rule.groups),
                            *texts_of(rule.subjects, shown),
                        ),
                        seats=rule.seats,
                        line=rule.line,
                        column=rule.column,
                    )
                    for rule in one.rules
                ),
            )
            for one in form.sets
        ),
    )


def texts_of(subjects: Subjects, shown: Shown) -> list[str]:
    """These subjects as people write them."""
    return [
        *subjects.clients,
        *map(network_text, subjects.networks),
        *sorted(f"user:{shown(tag)}" for tag in subjects.users),
        *sorted(f"host:{shown(tag)}" for tag in subjects.hosts),
    ]
