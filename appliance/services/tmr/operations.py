"""What operators do to the system; each act is a ledger entry with who and why."""

from __future__ import annotations

from appliance.codec import api
from appliance.details import detail
from appliance.licences.commands import (
    AcceptLoss,
    Dismiss,
    Enrol,
    EraseName,
    Limit,
    Operate,
    OperateBorrowing,
    RaiseRules,
    Refund,
    Release,
    Replace,
    ReturnBorrowed,
    SetAccess,
    SetQueue,
    WriteOff,
)
from appliance.sentences import in_english
from appliance.services.tmr.asking import HASH_BYTES
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.problems import REASONS, Refusal
from appliance.services.tmr.standing import ANSWER_WITHIN_S


class Operations:
    """The operators' routes of one TMR host."""

    def __init__(self, host: TmrHost) -> None:
        self._host = host

    async def order(
        self,
        command: Operate
        | Enrol
        | Dismiss
        | EraseName
        | Limit
        | Refund
        | Replace
        | RaiseRules
        | Release
        | SetAccess
        | SetQueue
        | AcceptLoss
        | ReturnBorrowed
        | WriteOff
        | OperateBorrowing,
        within_s: float = ANSWER_WITHIN_S,
    ) -> api.DoneDocument:
        """Have a command ordered. Raises Refusal with the machine's reason if it took no effect."""
        decided = await self._host.orders.submit(command, within_s)
        outcome = decided.outcome
        if not outcome.ok:
            reason = outcome.reason if outcome.reason in REASONS else "bad-request"
            raise Refusal(reason, outcome.detail)
        done = in_english(outcome.detail)
        return api.DoneDocument(index=decided.batch.statement.index, detail=done)

    async def switchover(self, caller: Caller, request: api.OperateRequest) -> api.DoneDocument:
        """Record it, then let the twin serve. Refused if the twin could not.

        The host that is to serve has to be named: the answer may be lost as the address moves, and
        the request repeated at the new active host must not mean the way back. There it is done.
        """
        need_reason(request.why)
        host, twin = self._host, self._host.standing.twin
        if not host.serving:
            raise host.standing.refusal("not-active")
        if request.host not in (host.name, twin):
            raise Refusal("bad-request", detail("host-to-serve-unknown", host=host.name, twin=twin))
        if request.host == host.name:
            await host.orders.fence()
            index = host.coordinator.book.commit_index
            return api.DoneDocument(index=index, detail=f"{host.name} serves already")
        self._need_twin()
        done = await self.order(Operate("switchover", twin, caller.client, request.why))
        host.stand_aside(f"switchover by {caller.client}: {request.why}")
        return done

    async def maintenance(self, caller: Caller, request: api.OperateRequest) -> api.DoneDocument:
        """Start or end a host's maintenance. The active host needs a twin that can take over."""
        need_reason(request.why)
        host, twin = self._host, self._host.standing.twin
        if request.host not in (host.name, twin):
            raise Refusal("bad-request", detail("host-unknown", host=host.name, twin=twin))
        action = "maintenance-on" if request.on else "maintenance-off"
        if request.on and request.host == host.name:
            self._need_twin()
        elif request.on and host.name in host.state.maintenance:
            raise Refusal("twin-not-ready", detail("already-in-maintenance", host=host.name))
        elif not request.on and request.host == host.name and not host.standing.active():
            await host.come_back()
        done = await self.order(Operate(action, request.host, caller.client, request.why))
        if request.on and request.host == host.name:
            host.stand_aside(f"maintenance by {caller.client}: {request.why}")
        return done

    async def replace(self, caller: Caller, request: api.ReplaceRequest) -> api.DoneDocument:
        """Let a new store vote in the stead of a lost one. Refused until that can be finished.

        What was asked for already is done: an answer may be lost, and the request repeated.
        """
        need_reason(request.why)
        host = self._host
        await host.orders.fence()
        book = host.coordinator.book
        done = book.state.membership.admitted(request.place, request.store)
        if done:
            return api.DoneDocument(index=book.commit_index, detail=done)
        why_not = host.coordinator.may_replace(request.place, request.store)
        if why_not is not None:
            raise Refusal("not-yet-replaced" if why_not.passing else "not-replaced", why_not.what)
        return await self.order(Replace(request.place, request.store, caller.client, request.why))

    async def enrol(self, caller: Caller, name: str, request: api.EnrolRequest) -> api.DoneDocument:
        """PUT /v1/clients/{name}."""
        if len(request.token_hash) != HASH_BYTES:
            raise Refusal("bad-request", detail("token-hash-bytes", bytes=HASH_BYTES))
        need_reason(request.why)
        return await self.order(Enrol(name, request.token_hash, caller.client, request.why))

    async def dismiss(self, caller: Caller, name: str, why: str) -> api.DoneDocument:
        """DELETE /v1/clients/{name}."""
        need_reason(why)
        return await self.order(Enrol(name, b"", caller.client, why))

    async def accept_loss(self, caller: Caller, request: api.AcceptLossRequest) -> api.DoneDocument:
        """Take note that the ledger was put back."""
        need_reason(request.why)
        return await self.order(AcceptLoss(caller.client, request.why))

    def _need_twin(self) -> None:
        unready = self._host.standing.twin_ready()
        if unready:
            raise Refusal("twin-not-ready", unready)


def need_reason(why: str) -> None:
    """Raise Refusal unless the operator says why."""
    if not why.strip():
        raise Refusal("bad-request", detail("why-missing"))
    if not why.isprintable():
        raise Refusal("bad-request", detail("why-unprintable"))
