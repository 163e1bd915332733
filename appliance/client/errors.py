"""Everything that a client call can raise, each with one sentence that says what to do.

Three kinds must not be mixed up: `Refused` is a definite no; `OutcomeUnknown` means that the
request may or may not have taken effect, so it is repeated with the same id; `ReceiptRefused` means
that somebody claimed a grant which the licence containers do not vouch for.
"""

from __future__ import annotations

from appliance.errors import ExitCode, UserError
from appliance.licences.reasons import NO_LICENCE, NO_SEAT_FREE, ROWS
from appliance.sentences import Sentence


class ClientError(UserError):
    """Base of all errors of this library; `code` is what a command line ends with."""

    def __init__(self, sentence: str, code: ExitCode = ExitCode.REFUSED) -> None:
        super().__init__(sentence, code)


class ConnectionFailed(ClientError):
    """One connection could not be made, broke, or ended inside an answer. Retried by the engine."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, ExitCode.UNREACHABLE)


class BadAnswer(ConnectionFailed):
    """The server sent what is not HTTP, is too large, or answers no request."""


class TlsRefused(ClientError):
    """Server and client do not accept each other's certificates; repeating does not help."""


class TooManyCalls(ClientError):
    """More calls wait in this client than its bound allows; nothing was sent."""


class OutcomeUnknown(ClientError):
    """No answer before the deadline, so repeat with the same id. `last` is the last failure."""

    def __init__(self, deadline_s: float, last: str) -> None:
        super().__init__(
            f"no answer within {deadline_s:g} s ({last}); the outcome is unknown: "
            "check the servers and the network, then repeat with the same id",
            ExitCode.UNREACHABLE,
        )
        self.last = last


class QuorumLost(ClientError):
    """The TMR server reaches fewer than two upstreams; `missing` names those it cannot reach."""

    def __init__(self, missing: tuple[str, ...], detail: str = "") -> None:
        names = ", ".join(missing) or "unnamed upstreams"
        super().__init__(
            Sentence(
                "the licence servers have lost their quorum (missing: {names}); bring one of them "
                "back, then repeat",
                names=names,
            ),
            ExitCode.NO_LICENCE,
        )
        self.missing = missing
        self.detail = detail


class Refused(ClientError):
    """A definite refusal. `reason` is the stable word of the problem's type, `status` is HTTP's.

    Without a detail of the server's the table of reasons says what is wrong and what to do.
    """

    def __init__(self, reason: str, detail: str, status: int) -> None:
        row = ROWS.get(reason)
        if not detail and row is not None:
            detail = f"{row.title}; {row.remedy}."
        super().__init__(
            Sentence("{reason}: {detail}", reason=reason, detail=detail) if detail else reason,
            ExitCode.NO_LICENCE if reason in NO_LICENCE else ExitCode.REFUSED,
        )
        self.reason = reason
        self.detail = detail
        self.status = status


class WaitedInVain(Refused):
    """No seat became free in the time that was waited, `waited_s` seconds; nothing is held."""

    def __init__(self, waited_s: float) -> None:
        detail = f"no seat became free in {waited_s:.0f} s; wait longer, or try again later"
        super().__init__(NO_SEAT_FREE, detail, 409)
        self.waited_s = waited_s


class ReceiptRefused(ClientError):
    """A grant without a receipt that convinces. `reason` is one of `receipts.REASONS`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"the receipt is refused ({reason}): {detail}")
        self.reason = reason
        self.detail = detail


class LeaseLost(ClientError):
    """This lease is not held any more, so it cannot be used; check out anew."""


class UnfinishedConsumption(ClientError):
    """An earlier consumption has an unknown outcome: call `settle()` before consuming more."""


class TrustError(ClientError):
    """The program's own `Trust` is missing, is no licence root, or leaves out the wanted firm."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, ExitCode.USAGE)


class ProfileError(ClientError):
    """The client profile is missing or wrong; the message says where and how."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, ExitCode.USAGE)
