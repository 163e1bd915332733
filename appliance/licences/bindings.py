"""What containers said of what holds their keys, in the ledger: compared whenever it is another.

What can go wrong in here is a false alarm. So nothing is refused for what a container says: a
change of the host is noted as an act, and "elsewhere" (another token or TPM, or a host of which
less than half is as it was) is kept with its log time, for whoever looks.
"""

from __future__ import annotations

from collections.abc import Callable

from appliance.details import Detail, detail
from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences.binding import contact
from appliance.licences.bounds import NAME_MAX
from appliance.licences.commands import Outcome
from appliance.licences.model import BindingShown
from appliance.licences.records import Act, Bound
from appliance.licences.refusals import StatementRefused
from appliance.licences.state import State


def no_bindings(data: bytes) -> BindingShown:
    """For machines that meet no binding statement."""
    raise StatementRefused("This ledger was started without a reader of binding statements.")


def show_binding(
    state: State, command: c.ShowBinding, read: Callable[[bytes], BindingShown]
) -> Outcome:
    """Keep what a container says of what holds its key, and note how it differs from before."""
    if len(command.who) > NAME_MAX:
        return _refused(detail("who-long"))
    try:
        shown = read(command.statement)
    except StatementRefused as refused:
        return _refused(refused.detail)
    except Exception as error:  # five dead hosts would be the alternative
        return _refused(detail("binding-unreadable", said=f"{type(error).__name__}: {error}"))
    container = state.containers.get(shown.serial)
    known = container is not None and container.certificate == shown.certificate
    if not known or shown.ledger_id != state.ledger_id:
        return _refused(detail("statement-of-another", serial=shown.serial))
    before = state.bindings.get(shown.serial)
    if before is not None and shown.number <= before.number:
        return _refused(detail("binding-old", serial=shown.serial))
    bound = Bound(shown.number, shown.evidence)
    if before is not None:
        made = contact(before.evidence, shown.evidence)
        changed = ", ".join(made.changed)
        bound = Bound(
            shown.number,
            shown.evidence,
            state.log_time_ms if made.elsewhere else before.elsewhere_at_ms,
            (changed or "binding") if made.elsewhere else before.elsewhere,
        )
        if changed or made.elsewhere:
            action = "container-elsewhere" if made.elsewhere else "host-changed"
            state.note(Act(action, shown.serial, command.who, changed, state.log_time_ms))
    state.set_binding(shown.serial, bound)
    return Outcome(reasons.DONE, said=Detail.of(f"what holds the key of container {shown.serial}"))


def _refused(what: str) -> Outcome:
    return Outcome(reasons.STATEMENT_REFUSED, said=Detail.of(what))
