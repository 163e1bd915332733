"""Words from the wire as people say them; one that nobody here knows is shown as it came."""

from __future__ import annotations

from typing import Final

from appliance.details import AS_IT_IS
from appliance.licences.options import OPTIONS
from appliance.sentences import Sentence
from monitor_gui.model.phrases import Phrase, say

PHASES: Final = {
    "passive": say("passive"),
    "pre-vote": say("asks who is there"),
    "preparing": say("asks for a term"),
    "reading": say("reads the log"),
    "adopting": say("adopts the log"),
    "serving": say("serves"),
    "asked": say("is asked for its promise"),
    "promised": say("promised"),
    "staging": say("gets a long log"),
    "following": say("follows"),
}
"""How far a coordinator or an upstream is in a term."""

REASONS: Final = {
    "bad-request": say("not a proper request"),
    "unauthenticated": say("nobody known"),
    "forbidden": say("not permitted"),
    "not-permitted": say("not permitted"),
    "unknown-product": say("unknown product"),
    "rules-not-raised": say("the rules are not raised yet"),
    "no-seat-free": say("no seat free"),
    "no-unit-counter": say("no unit counter"),
    "units-exhausted": say("units exhausted"),
    "exclusive-conflict": say("used exclusively at this station"),
    "denied-by-rule": say("not allowed by the access rules"),
    "maximum-reached": say("the most that the access rules allow"),
    "seats-reserved": say("the free seats are reserved for others"),
    "access-rules-refused": say("access rules refused"),
    "beyond-reserve": say("more than was reserved"),
    "not-reserved": say("nothing reserved"),
    "too-many-reserved": say("too many reservations open"),
    "settlement-not-proven": say("the settlement is not proven"),
    "refund-refused": say("no refund of these units"),
    "borrow-not-permitted": say("not to be borrowed"),
    "borrow-too-long": say("not to be borrowed for so long"),
    "borrow-limit": say("as many seats are out as may be"),
    "borrow-time-uncertain": say("it is not known well enough what time it is"),
    "borrow-unknown": say("nothing borrowed under this key"),
    "borrow-ended": say("what was borrowed is over"),
    "borrow-not-proven": say("not signed by the borrower"),
    "queued": say("it waits for its turn"),
    "queue-full": say("too many wait already"),
    "never-satisfiable": say("never to be met"),
    "number-out-of-order": say("a number out of order"),
    "lease-unknown": say("lease unknown"),
    "lease-ended": say("lease ended"),
    "lease-conflict": say("lease id used otherwise"),
    "old-generation": say("an older grant"),
    "too-many-leases": say("too many leases"),
    "too-many-clients": say("too many clients"),
    "too-many-requests": say("too many requests at once"),
    "over-quota": say("the client's limit of seats is reached"),
    "not-dismissed": say("the certificate was not dismissed"),
    "too-many-dismissed": say("too many dismissed certificates"),
    "too-many-subscribers": say("too many listeners"),
    "not-found": say("no such thing"),
    "method-not-allowed": say("no such act"),
    "unknown-action": say("no such act"),
    "body-too-large": say("too large"),
    "head-too-large": say("too large"),
    "deadline-passed": say("too late"),
    "internal-error": say("a defect of the service"),
    "unknown-repeat": say("the outcome is unknown, repeat it"),
    "overloaded": say("overloaded, repeat it"),
    "not-active": say("this host does not serve"),
    "quorum-lost": say("quorum lost"),
    "not-founded": say("the ledger is not founded"),
    "already-founded": say("the ledger is founded already"),
    "not-replaced": say("the store was not replaced"),
    "snapshot-gone": say("no such snapshot any more"),
    "not-yet-replaced": say("the store is not replaced yet"),
    "containers-missing": say("a container of the group does not sign"),
    "transfer-refused": say("the vendor refuses, or is not reached"),
    "twin-not-ready": say("the other TMR host is not ready"),
    "update-refused": say("licence update refused"),
    "block-list-refused": say("block list refused"),
    "certified-statement-refused": say("certified time refused"),
    **{
        option.reason.word: Phrase(option.why.en)
        for option in OPTIONS
        if option.reason is not None and option.why is not None
    },
}
"""Why something was refused: the reasons of the API's problems and of the licence machine."""

STATES: Final = {
    "differs": say("differs"),
    "missing": say("missing"),
    "unreachable": say("unreachable"),
    "locked": say("locked"),
    "failed": say("failed"),
    "liar": say("liar"),
    "no phase": say("no phase"),
}
"""How a twin, a time server or an upstream is."""


def phase(name: str) -> Phrase:
    """A phase in words."""
    return PHASES.get(name) or say("{name}", name=name)


def reason(name: str) -> Phrase:
    """A refusal's reason in words."""
    return REASONS.get(name) or say("{name}", name=name)


FAULTS: Final = {
    "cut": say("cut {name}"),
    "restore": say("restore {name}"),
    "clock": say("clock {name}"),
    "mend": say("mend {name}"),
    "lock": say("lock {name}"),
    "unlock": say("unlock {name}"),
    "fill": say("fill {name}"),
    "clean": say("clean {name}"),
    "deafen": say("deafen {name}"),
    "cure": say("cure {name}"),
}
"""What can be made to happen in the demo, by its first word."""
_TEXT_MAX: Final = 2_000
_QUOTES: Final = frozenset(("why", "reason", "detail", "remedy"))
"""Places of sentences in which more than a name may stand."""


def fault(text: str) -> Phrase:
    """A fault of the demo in words."""
    verb, _, name = text.partition(" ")
    return Phrase(FAULTS[verb].template, (("name", name),)) if verb in FAULTS else told(text)


def told(text: str) -> Phrase:
    """What somebody said: a `Sentence` by its parts, a word or a whole sentence that the program
    has as that, and everything else as it stands there."""
    if isinstance(text, Sentence) and text.code == AS_IT_IS:
        return told(str(text))
    if isinstance(text, Sentence):
        values = text.values.items()
        return Phrase(text.template, tuple((name, _quoted(name, value)) for name, value in values))
    known = REASONS.get(text) or PHASES.get(text) or STATES.get(text)
    if known is not None:
        return known
    if not text or len(text) > _TEXT_MAX or "{" in text or "}" in text:
        return say("{text}", text=text)
    return Phrase(text)


def _quoted(name: str, value: str | int) -> str | int | Phrase:
    more = isinstance(value, Sentence) or (name in _QUOTES and isinstance(value, str))
    return told(str(value) if not isinstance(value, Sentence) else value) if more else value
