"""Both ends of a sale in a lab: the vendor's License Central, and the customer's three upstreams.

Everything is done by the commands that people type; licences are sold by tickets over the network.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from appliance.client import AsyncClient, AsyncLease, Refused, load_profile
from appliance.client.tools import tool_trust
from appliance.codec.api import GrantDocument, HolderDocument, LicenceDocument
from appliance.lab.build import client_name
from appliance.lab.story.stage import PRESSES, WAIT_S, Stage, StoryFailed, require

FIRM = PRESSES


def holder(user: str = "ada") -> HolderDocument:
    """A program that names this user."""
    return HolderDocument(user=user, host="press-line", application="table")


class Desk:
    """Sells licences in this lab and uses them. The firm is made with it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._client: AsyncClient | None = None
        self._products = 0
        self._firm = ["--firm", str(FIRM.code)]
        self.stage.central("firm", "add", "--code", str(FIRM.code), "--name", FIRM.name)

    # --- the vendor ---

    def sell(self, text: str, *options: str) -> tuple[int, str]:
        """Sell a licence of a new product with these options; gives its code and the ticket."""
        self._products += 1
        product = self._products
        made = ("--code", str(product), "--text", text, *options)
        self.stage.central("product", "add", *self._firm, *made)
        sold = self.stage.central("ticket", "add", *self._firm, "--product", str(product))
        ticket: str = sold["ticket"]
        return product, ticket

    def change(self, product: int, *options: str) -> None:
        """Let the vendor issue this product's licence with other options, and import it."""
        out = self.stage.files.directory / "changes"
        tmr_id = str(self.licence(product).tmr_id)
        self.stage.central("change", *self._firm, "--tmr-id", tmr_id, *options, "--out", str(out))
        self.update()

    # --- the customer ---

    def activate(self, ticket: str, lines: str = "") -> list[str]:
        """Show a ticket, or lines of it, for all three containers; gives which got something."""
        profile = ("--profile", str(self.stage.files.profile("operate")))
        chosen = ("--lines", lines) if lines else ()
        done = self.stage.tmr(self.stage.active(), "activate", *chosen, *profile, typed=ticket)
        return [part["serial"] for part in done["parts"]]

    def apply_rules(self, document: str) -> None:
        """Let the plant's administrator put these access rules in force."""
        file = self.stage.files.directory / "access.toml"
        file.write_text(document, "utf-8")
        profile = str(self.stage.files.profile("administer"))
        self.stage.tmr(
            self.stage.active(),
            *("access", "apply", str(file), "--profile", profile, "--why", "who may press"),
        )

    def usage(self, *arguments: str) -> dict[str, Any]:
        """Ask for the usage record, as the plant's operator. Raises StoryFailed."""
        profile = str(self.stage.files.profile("operate"))
        return self.stage.tmr(self.stage.active(), "usage", *arguments, "--profile", profile)

    def update(self) -> None:
        """Fetch what was issued, on all three upstreams side by side."""
        self.stage.on_upstreams(
            lambda host: self.stage.tmr(host, *self.stage.container(host, "update"))
        )

    def buy(self, text: str, *options: str) -> int:
        """Sell and activate a licence; gives its product code once it can be used."""
        product, ticket = self.sell(text, *options)
        self.activate(ticket)
        self.stage.wait_for(f"the licence “{text}”", lambda: self.licence(product).available)
        return product

    def licence(self, product: int) -> LicenceDocument:
        """The licence of this product as an operator sees it. Raises StoryFailed if there is
        none."""
        found = [one for one in self.stage.licences() if one.product_code == product]
        if len(found) != 1:
            raise StoryFailed(f"{len(found)} licences of product {product}")
        return found[0]

    # --- an application ---

    def seat(self, product: int, before: AsyncLease | None = None, **asked: Any) -> AsyncLease:
        """A seat, checked out; with `before` the same one again, as a program that was started
        anew. Raises Refused, ClientError."""
        return self.stage.clients.call(self._seat(product, before, asked))

    async def _seat(
        self, product: int, before: AsyncLease | None, asked: dict[str, Any]
    ) -> AsyncLease:
        if self._client is None:
            profile = load_profile(self._profile())
            self._client = profile.async_client(tool_trust(profile))
        if before is not None:
            asked |= {"lease_id": before.lease_id, "secret": before.secret}
        asked.setdefault("holder", holder())
        lease = self._client.lease(FIRM.code, product, quorum_wait_s=WAIT_S, **asked)
        await lease.check_out()
        return lease

    def _profile(self) -> Path:
        return self.stage.files.profile(client_name(1))

    def refused(self, product: int, **asked: Any) -> str:
        """The reason for which no further seat is granted. Raises StoryFailed if one is."""
        try:
            lease = self.seat(product, **asked)
        except Refused as refused:
            return refused.reason
        self.give_back(lease)
        raise StoryFailed(f"a seat of product {product} was granted")

    def seats(self, product: int, count: int) -> list[AsyncLease]:
        """So many seats, once all of them are there; before that none."""
        taken: list[AsyncLease] = []
        try:
            for _ in range(count):
                taken.append(self.seat(product))
        except Refused:
            self.give_back(*taken)
            return []
        return taken

    def again(self, product: int, lease: AsyncLease) -> GrantDocument:
        """Ask for the same seat again; requires that it is the same grant."""
        grant = self.seat(product, lease).grant
        before = lease.grant
        require(grant.generation == before.generation, "the seat was granted anew")
        receipt = grant.receipt
        twins = len(receipt.endorsements) if receipt is not None else 0
        require(twins >= 2, f"{twins} twins vouch for the seat")
        return grant

    def give_back(self, *leases: AsyncLease) -> None:
        """Check these seats in."""
        for lease in leases:
            self.stage.clients.call(lease.check_in())

    def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            self.stage.clients.call(self._client.close())
