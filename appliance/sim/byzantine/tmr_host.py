"""A Byzantine TMR host: it was taken over, and lies to upstreams and to clients (design D3)."""

from __future__ import annotations

import dataclasses
from collections import deque
from typing import Any

from msgspec.structs import replace

from appliance.ledger import messages as m
from appliance.ledger.certificates.proofs import CommitProof, Voice, Vow, ack_bytes, encode_proof
from appliance.ledger.effects import Decided, Effect
from appliance.ledger.election.terms import Term
from appliance.ledger.leader.coordinator import Coordinator
from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.sim.byzantine.fields import IN_A_FIELD, Liar
from appliance.sim.byzantine.snapshots import FORGES_SNAPSHOTS, FalseSnapshot
from appliance.sim.byzantine.upstream import KEPT_MAX, MY_STORE, REPLAYS, LieSchedule, body_of
from appliance.sim.stage import Reply, Stage
from appliance.sim.tmr_host import TmrHost
from appliance.sim.vendor import UPSTREAMS
from appliance.verifier.layouts import ZERO_ROOT

SPLITS = "tells upstreams different entries of its term"
ADOPTS_LESS = "adopts a log that lacks what was committed"
FORGES_VOWS = "adopts with too few, old or forged vows"
LONG_APPENDS = "long appends of made-up entries"
FORGES_COMMITS = "commits without proof"
NAMES_OTHERS = "adds the names of others to proofs"
CLAIMS = "claims without the address"
REPLACES = "replaces stores without consent"
MAKES_UP_ANSWERS = "makes up receipts and answers"
SELLS_REFUSALS = "calls refusals grants, with their true receipts"
TMR_LIES = (
    SPLITS,
    ADOPTS_LESS,
    FORGES_VOWS,
    LONG_APPENDS,
    FORGES_COMMITS,
    NAMES_OTHERS,
    CLAIMS,
    REPLACES,
    MAKES_UP_ANSWERS,
    FORGES_SNAPSHOTS,
    REPLAYS,
    SELLS_REFUSALS,
    IN_A_FIELD,
)


class ByzantineTmr(TmrHost):
    """A TMR host that lies to upstreams and clients. It has no key that anybody believes."""

    def __init__(self, cluster: Stage, name: str) -> None:
        super().__init__(cluster, name)
        self.lies = LieSchedule(cluster, TMR_LIES)
        self.liar = Liar(self.lies.rng, m.FromTmr)
        self._told: deque[tuple[str, m.Message]] = deque(maxlen=KEPT_MAX)
        self._receipts: deque[Reply] = deque(maxlen=KEPT_MAX)
        self._vows: deque[Vow] = deque(maxlen=KEPT_MAX)
        self._log: dict[int, m.Entry] = {}
        self._false: dict[tuple[Term, int, bytes], m.Entry] = {}
        self._proofs: deque[CommitProof] = deque(maxlen=KEPT_MAX)

    def _may(self, lie: str) -> bool:
        return self.lies.may(lie)

    # --- what it hears ---

    def receive(self, upstream: str, life: int, message: Any) -> None:
        """Keeps whatever bears a signature, and claims terms when it likes."""
        match message:
            case m.Promise():
                self._vows.extend((message.vow, *message.grounds))
                self._proofs.extend(p for p in (message.commit,) if p is not None)
            case m.Entries():
                self._log.update((entry.index, entry) for entry in message.entries)
            case m.PreVoteReply() | m.HeartbeatAck() if self.lies.rng.random() < 0.02:
                if self.coordinator is not None and self._may(CLAIMS):
                    self._step(self.coordinator.want(self.boot_s(), True, "likes to"))
        super().receive(upstream, life, message)

    # --- what it tells upstreams ---

    def _tell(self, to: str, message: m.Message) -> None:
        """Everything that leaves for an upstream."""
        for said in self._lies(to, message):
            lie = self.liar.lie(said) if self._may(IN_A_FIELD) else said
            self._told.append((to, lie))
            super()._tell(to, lie)
        if self.lies.rng.random() < 0.4 and self._may(IN_A_FIELD):
            term = self.coordinator.term if self.coordinator is not None else None
            super()._tell(to, self.liar.out_of_the_blue(term))
        if self._told and self.lies.rng.random() < 0.1 and self._may(REPLAYS):
            super()._tell(*self.lies.rng.choice(self._told))

    def _lies(self, to: str, message: m.Message) -> list[m.Message]:
        """What it tells this upstream instead."""
        match message:
            case m.Append():
                return [self._false_append(message)]
            case m.Adopt() if message.vows:
                return [self._false_adopt(message)]
            case m.Heartbeat():
                return self._false_beat(to, message)
            case _:
                return [message]

    def _false_append(self, message: m.Append) -> m.Append:
        """Another entry at the same place: what it told the others is not what this one gets."""
        entry = message.entry
        commands: tuple[c.AnyCommand, ...] = ()
        if self._may(REPLACES):
            commands = (self._replacement(),)
        elif not self._may(SPLITS):
            self._log[entry.index] = entry
            return message
        at = message.term, entry.index, message.previous_root
        false = self._false.get(at)
        if false is None or commands or self.lies.rng.random() < 0.5:
            false = self.lies.entry(
                entry.index, message.previous_root, message.term, body_of(entry), commands
            )
            self._false[at] = false  # Two that are told the same make it a commit.
        return m.Append(message.term, false, message.previous_root, message.live)

    def _replacement(self) -> c.AnyCommand:
        """A store of its own instead of another's; or an old proof that others agreed."""
        rng = self.lies.rng
        if self._proofs and rng.random() < 0.3:
            return c.Replaced(encode_proof(rng.choice(self._proofs)))
        return c.Replace(rng.choice(UPSTREAMS), MY_STORE.id, "nobody", "made up")

    def _false_adopt(self, message: m.Adopt) -> m.Adopt:
        """A log that ends too early or otherwise, with vows that may or may not lead to it."""
        rng = self.lies.rng
        if self._may(ADOPTS_LESS):
            cut = rng.choice((message.cut_index, max(0, message.cut_index - 2), 0))
            root = self._root(cut) or message.cut_root
            tail = tuple(e for e in message.tail if e.index <= message.last_index - 1)
            if rng.random() < 0.5 or cut != message.cut_index:
                tail = (self._entry_after(cut, root, message.term),)
            end = (tail[-1].index, tail[-1].root) if tail else (cut, root)
            message = replace(
                message,
                cut_index=cut,
                cut_root=root,
                staged_to=cut,
                tail=tail,
                last_index=end[0],
                last_root=end[1],
            )
        elif self._may(REPLACES):
            term, index = message.term, message.last_index
            false = self._entry_after(index, message.last_root, term, (self._replacement(),))
            tail = (*message.tail, false)
            message = replace(message, tail=tail, last_index=index + 1, last_root=false.root)
        if self._may(FORGES_VOWS):
            old = list(self._vows)
            forged = [
                replace(
                    vow,
                    last_index=message.last_index,
                    last_root=message.last_root,
                    proof_index=0,
                    proof_root=ZERO_ROOT,
                )
                for vow in message.vows
            ]
            again = [replace(vow, term=message.term) for vow in old[-3:]]
            vows = rng.choice((message.vows[:1], message.vows[:1] * 2, forged, old[-3:], again))
            message = replace(message, vows=tuple(vows))
        if self._may(FORGES_COMMITS):
            message = replace(message, commit=self._forged_proof(message.term, message.last_index))
        return message

    def _root(self, index: int) -> bytes | None:
        """The root after an entry that it saw, or of no entries."""
        return ZERO_ROOT if not index else self._log[index].root if index in self._log else None

    def _entry_after(
        self, index: int, root: bytes, term: Term, commands: tuple[c.AnyCommand, ...] = ()
    ) -> m.Entry:
        like = body_of(self._log.get(index))
        return self.lies.entry(index + 1, root, term, like, commands)

    def _false_beat(self, to: str, message: m.Heartbeat) -> list[m.Message]:
        """Beats with false proofs; and beside them, out of the blue, entries by a long append."""
        rng = self.lies.rng
        said: list[m.Message] = []
        proof = message.commit or (self._proofs[-1] if self._proofs else None)
        if self._may(FORGES_COMMITS):
            last = self.links[to].number and max(self._log, default=1)
            message = replace(message, commit=self._forged_proof(message.term, last))
        elif proof is not None and self._may(NAMES_OTHERS):
            store = self.cluster.upstreams[to].disk.store.id
            true = tuple(voice for voice in proof.voices if voice.store != store)
            message = replace(
                message, commit=replace(proof, voices=(*true, Voice(store, rng.randbytes(16)))[:3])
            )
        if self.coordinator is not None and rng.random() < 0.2 and self._may(LONG_APPENDS):
            book = self.coordinator.book
            index, root, term = book.last_index, book.last_root, message.term
            commands = (self._replacement(),) if self._may(REPLACES) else ()
            false = self._entry_after(index, root, term, commands)
            said.append(
                m.Adopt(term, index, root, index, (false,), index + 1, false.root, (), None, None)
            )
            if self._may(FORGES_SNAPSHOTS):
                others = [up.disk.store.id for up in self.cluster.upstreams.values()]
                said += FalseSnapshot(rng, book, (MY_STORE,), others).attack(term)
        return [message, *said]

    def _forged_proof(self, term: Term, index: int) -> CommitProof:
        """A proof of an entry of its own, by voices that do not verify."""
        rng, root = self.lies.rng, self._root(index) or ZERO_ROOT
        voices = tuple(
            Voice(upstream.disk.store.id, rng.randbytes(16))
            for upstream in self.cluster.upstreams.values()
        )
        mine = Voice(MY_STORE.id, MY_STORE.sign(ack_bytes(term, index, root, b"")))
        return CommitProof(term, index, root, b"", rng.choice((voices, (mine, mine))))

    # --- what it tells clients ---

    def _order(self, coordinator: Coordinator, ticket: int, command: c.AnyCommand) -> list[Effect]:
        """Who sells refusals needs receipts of some, so it orders what would be refused, too."""
        coordinator._serving.denies = not self.lies.tells(SELLS_REFUSALS)
        return super()._order(coordinator, ticket, command)

    def _decided(self, effect: Decided) -> None:
        """A refusal is signed as well: nothing is wrong with its receipt but what it is for."""
        if effect.outcome.reason != reasons.GRANTED and self._may(SELLS_REFUSALS):
            super()._reply(
                effect.ticket, Reply(reasons.GRANTED, effect.outcome, self._receipt(effect))
            )
            return
        super()._decided(effect)

    def _reply(self, ticket: int, reply: Reply) -> None:
        """Made-up grants with an old or bent receipt, made-up refusals, made-up signs of life."""
        if reply.receipt is not None:
            self._receipts.append(reply)
        if self._may(MAKES_UP_ANSWERS):
            reply = self._false_reply(reply)
        super()._reply(ticket, reply)

    def _false_reply(self, reply: Reply) -> Reply:
        rng = self.lies.rng
        if not self._receipts or rng.random() < 0.3:
            reason = rng.choice(
                (reasons.NO_SEAT_FREE, reasons.LEASE_ENDED, reasons.DONE, "alive", "gone")
            )
            return Reply(reason, ttl_s=60.0)
        old = rng.choice(self._receipts)
        receipt = old.receipt
        assert receipt is not None
        if reply.receipt is not None:  # The true receipt, for more than it is for.
            outcome = replace(reply.outcome, units_taken=reply.outcome.units_taken + 1)
            return Reply(reasons.GRANTED, outcome, reply.receipt)
        words = receipt.endorsements
        bent = rng.choice(
            (
                receipt,
                dataclasses.replace(receipt, endorsements=words[:1] * 2),
                dataclasses.replace(receipt, endorsements=words[:1]),
                dataclasses.replace(receipt, position=receipt.position + 1),
            )
        )
        return Reply(reasons.GRANTED, old.outcome, bent)
