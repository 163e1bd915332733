"""Which container is at which upstream, and by which certificate its signatures are known."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from appliance.licences.commands import ImportUpdate
from appliance.licences.container_book import HOSTS_MAX
from appliance.licences.model import ContainerUpdate
from appliance.licences.state import State


class Places:
    """By an upstream's name: its container's `serials` and `certificates`, as the ledger tells."""

    def __init__(
        self, read_update: Callable[[bytes], ContainerUpdate], certificates: dict[str, bytes]
    ) -> None:
        """`certificates` is filled here, for whoever makes receipts."""
        self.serials: dict[str, str] = {}
        self._certificates = certificates
        self._read_update = read_update

    def learn(self, command: ImportUpdate) -> None:
        """An update was imported."""
        with suppress(Exception):  # it was verified when it was applied
            update = self._read_update(command.update)
            self._put(command.who, update.serial, update.certificate)

    def restore(self, state: State) -> None:
        """The state came whole, without the entries that led to it."""
        for name, serial in state.hosts.items():
            if serial in state.containers:
                self._put(name, serial, state.containers[serial].certificate)

    def _put(self, name: str, serial: str, certificate: bytes) -> None:
        """As the state does with its hosts: an entry may name anybody as the one who brought it."""
        if name in self.serials or len(self.serials) < HOSTS_MAX:
            self.serials[name] = serial
            self._certificates[name] = certificate
