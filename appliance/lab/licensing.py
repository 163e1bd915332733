"""The vendor's part before a lab's hosts are switched on: licences into the containers on disk."""

from __future__ import annotations

from appliance.adapters.container_home import ContainerHome
from appliance.lab.build import LabFiles
from appliance.lab.hosts import UPSTREAMS
from appliance.services.central import LicenseCentral
from appliance.services.central.issued import Issue
from appliance.services.central.options import Product


class Vendor:
    """A lab's License Central and its three containers, which no process has open yet."""

    def __init__(self, files: LabFiles) -> None:
        self._central = LicenseCentral(files.central)
        root = files.root_certificate().read_bytes()
        self._homes = [
            ContainerHome.open(files.host(up.name) / "container", root) for up in UPSTREAMS
        ]
        self._requests = [home.request() for home in self._homes]

    def add_firm(self, firm_code: int, name: str) -> None:
        """A firm with a key of its own."""
        self._central.add_firm(firm_code, name)

    def license(self, firm_code: int, product: Product) -> Issue:
        """Issue a licence of this product, new to the firm, and import it into all three."""
        self._central.add_product(firm_code, product)
        issue = self._central.issue(firm_code, product.product_code, self._requests)
        by_serial = {update.serial: update.data for update in issue.updates}
        for home in self._homes:
            home.import_update(by_serial[home.serial])
        return issue
