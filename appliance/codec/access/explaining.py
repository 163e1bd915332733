"""Why somebody would get a seat or not: by which rules, and what these rest on."""

from __future__ import annotations

from collections.abc import Iterator

from appliance.codec.access.naming import Shown, texts_of
from appliance.codec.access.subjects import WORTH
from appliance.codec.api_access import AccessExplained, AccessMatch
from appliance.licences.access.form import ALL, AccessRules, Subjects
from appliance.licences.access.judging import free_seats, said_of
from appliance.licences.access.rulebook import Asker, Ruled, keys_of, subject_keys
from appliance.licences.commands import CheckOut, Holder, LeaseRef, Outcome
from appliance.licences.queue.waiting import refusal
from appliance.licences.reasons import GRANTED
from appliance.licences.seats import judge
from appliance.licences.state import State
from appliance.sentences import in_english

NOBODYS = ""
"""No lease has this id."""


def explained(
    state: State,
    product: tuple[int, int],
    who: tuple[str, bytes, bytes, bytes],
    seats: int,
    shown: Shown,
) -> AccessExplained:
    """What a check-out would be told now by so many seats of a product, for `who`: client, tags of
    user and computer, address."""
    asker, firm_code, product_code = Asker(*who), *product
    command = CheckOut(
        LeaseRef(asker.client, NOBODYS),
        firm_code,
        product_code,
        b"",
        Holder(asker.user, asker.host),
        b"",
        seats,
        address=asker.address,
    )
    found = refusal(state, command) or judge(state, command)
    outcome = found if isinstance(found, Outcome) else Outcome(GRANTED)
    ruled, said, mine = said_of(state, product, asker)
    decided, counted = None, []
    if ruled is not None:
        matched = _Matches(state, ruled, product, asker, shown)
        decided = matched.of(said.rule) if said.rule >= 0 else None
        counted = [matched.of(number) for number in mine]
    return AccessExplained(
        version=state.access_version,
        reason=outcome.reason,
        detail=in_english(outcome.detail),
        said=outcome.said,
        scope="none" if ruled is None else _scope(ruled.scope),
        default="allow" if ruled is None or ruled.allows else "deny",
        free=free_seats(state, product),
        decided_by=decided,
        counted_by=tuple(counted),
    )


def _scope(scope: tuple[int, int]) -> str:
    firm_code, product_code = scope
    if firm_code == ALL:
        return "everything"
    return f"{firm_code}" if product_code == ALL else f"{firm_code}:{product_code}"


class _Matches:
    """Says by what rules of one set are for somebody: by whatever of it is worth most."""

    def __init__(
        self, state: State, ruled: Ruled, product: tuple[int, int], asker: Asker, shown: Shown
    ) -> None:
        self._state = state
        self._ruled = ruled
        self._product = product
        self._keys = set(keys_of(ruled.known, asker))
        self._shown = shown
        self._form: AccessRules = state.access[state.access_version].rules

    def of(self, number: int) -> AccessMatch:
        """The rule of this number, which is for whoever asks."""
        rule = self._ruled.rules[number]
        by, worth, group = next(self._by(number), ("everyone", "everyone", ""))
        return AccessMatch(
            action=rule.action,
            line=rule.line,
            by=by,
            worth=worth,
            group=group,
            seats=rule.seats,
            held=self._state.ruled.get((*self._product, number), 0),
        )

    def _by(self, number: int) -> Iterator[tuple[str, str, str]]:
        rule = self._ruled.rules[number]
        lists = [(rule.subjects, "")]
        lists += [
            (self._form.groups[one].subjects, self._form.groups[one].name) for one in rule.groups
        ]
        for kind in ("client", "network", "user", "host"):
            for subjects, group in lists:
                for one in _singly(subjects, kind):
                    if next(subject_keys(one)) in self._keys:
                        yield texts_of(one, self._shown)[0], WORTH[kind], group


def _singly(subjects: Subjects, kind: str) -> Iterator[Subjects]:
    """The subjects of one kind, each by itself."""
    for one in getattr(subjects, f"{kind}s"):
        yield Subjects(**{f"{kind}s": (one,)})
