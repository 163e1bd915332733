"""Names on a TMR host: from those that clients say to tags, and back to those that are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from appliance.codec import api
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.messages import AnyMessage, KeepNames, NamesPage, NamesRequest
from appliance.ledger.names.book import NameBook
from appliance.licences.commands import CheckOut, Holder
from appliance.licences.names import NameRow, pseudonym, short
from appliance.licences.queue.waiting import refusal

ASK_EVERY_S: Final = 2.0


class Names:
    """The names that this host knows. `send` gives a message to an upstream's link; `key` is for a
    ledger that this host founds."""

    def __init__(
        self,
        coordinator: Coordinator,
        send: Callable[[str, AnyMessage], bool],
        key: bytes = b"",
    ) -> None:
        self._coordinator = coordinator
        self._send = send
        self._upstreams = tuple(peer.name for peer in coordinator.peers)
        self._book = NameBook(self._upstreams, key)
        self._ask_at_s = dict.fromkeys(self._upstreams, 0.0)

    def holder(self, said: api.HolderDocument) -> Holder:
        """Who a client says that it is, as the ledger holds it."""
        state = self._coordinator.book.state
        return self._book.holder(state, said.user, said.host, said.pid, said.application)

    def use(self, said: api.HolderDocument, command: CheckOut) -> None:
        """This is ordered next, and has these names. What is new of them goes to the upstreams now,
        and so before the entry; nothing does if the check-out is to be refused."""
        state = self._coordinator.book.state
        names = (said.user, said.host, said.application)
        if self._book.in_use(state, *names) or refusal(state, command) is not None:
            return
        self.use_all(names)

    def use_all(self, names: Iterable[str]) -> None:
        """What is ordered next has these names: what is new of them goes to the upstreams now."""
        state = self._coordinator.book.state
        for name in names:
            self._book.use(state, name)
        told = self._book.told()
        if told:
            for upstream in self._upstreams:
                self._give(upstream, told)

    def __len__(self) -> int:
        return len(self._book)

    def document(self, holder: Holder) -> api.HolderDocument:
        """Who holds a lease, for people."""
        return api.HolderDocument(
            user=self.shown(holder.user),
            host=self.shown(holder.host),
            pid=holder.pid,
            application=self.shown(holder.application),
        )

    def shown(self, tag: bytes) -> str:
        """The name of this tag, or what is shown where none is known."""
        return self._book.shown(self._coordinator.book.state, tag)

    def whole(self, tag: bytes) -> str:
        """The name of this tag; where none is known, `#` and all of the tag."""
        return self.or_pseudonym(tag) or "#"

    def or_pseudonym(self, tag: bytes) -> str:
        """The name of this tag; where none is known, its pseudonym."""
        name = self.shown(tag)
        return pseudonym(tag) if name == short(tag) else name

    def known(self) -> Iterator[tuple[bytes, str]]:
        """All names that are known here, each with its tag."""
        return self._book.known(self._coordinator.book.state)

    def tag(self, name: str) -> bytes:
        """The tag of a name that is not used; empty while the key is not known."""
        return self._book.tag_of(self._coordinator.book.state, name)

    # --- the upstreams ---

    def linked(self, name: str) -> None:
        """An upstream's link stands."""
        self._book.linked(name)
        self._ask_at_s[name] = 0.0

    def heard(self, name: str, page: NamesPage) -> None:
        """An upstream said which names it has."""
        if self._book.take(name, self._coordinator.book.state, page):
            self._ask_at_s[name] = 0.0
        self._give(name, self._book.lacks(name, self._coordinator.book.state))

    def tick(self, now_s: float) -> None:
        """Time passed: forget what is due, and ask for what is new."""
        self._book.tick(now_s, self._coordinator.book.state)
        for name, at_s in self._ask_at_s.items():
            if now_s >= at_s:
                self._ask_at_s[name] = now_s + ASK_EVERY_S
                self._send(name, NamesRequest(self._book.ask(name)))

    def _give(self, name: str, rows: tuple[NameRow, ...]) -> None:
        """Have an upstream keep these, and the key; for who coordinates to do."""
        coordinator = self._coordinator
        key = self._book.key(coordinator.book.state)
        term, wanted = coordinator.term, bool(rows) or not self._book.has_key(name)
        if coordinator.serving and term is not None and key and wanted:
            self._send(name, KeepNames(term, key, rows))
