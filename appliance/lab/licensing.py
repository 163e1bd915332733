"""The vendor's part before a lab's hosts are switched on: licences into the containers on disk."""

from __future__ import annotations

import secrets
from typing import Final

from appliance.adapters.container_home import ContainerHome
from appliance.adapters.keys.held import HERE, Surroundings
from appliance.codec.request_files import Purpose, Wanted, firm_audience
from appliance.lab.build import LabFiles
from appliance.lab.hosts import UPSTREAMS
from appliance.services.central import LicenseCentral
from appliance.services.central.issued import Issue
from appliance.services.central.options import Options, Product

_ORDER: Final = "lab"


class Vendor:
    """A lab's License Central and its three containers, which no process has open yet."""

    def __init__(self, files: LabFiles, around: Surroundings = HERE) -> None:
        """`around` is what gets at the containers' keys."""
        self._central = LicenseCentral(files.central)
        root = files.root_certificate().read_bytes()
        self._homes = [
            ContainerHome.open(files.host(up.name) / "container", root, around) for up in UPSTREAMS
        ]

    def add_firm(self, firm_code: int, name: str) -> None:
        """A firm with a key of its own."""
        self._central.add_firm(firm_code, name)

    def _wanted(self, firm_code: int) -> Wanted:
        return Wanted(Purpose.ORDER, firm_audience(firm_code), secrets.token_bytes(16), _ORDER)

    def license(self, firm_code: int, product: Product) -> Issue:
        """Issue a licence of this product, new to the firm, and import it into all three."""
        self._central.add_product(firm_code, product)
        return self.license_again(firm_code, product.product_code, Options())

    def license_again(self, firm_code: int, product_code: int, options: Options) -> Issue:
        """Issue another licence of a product with these options, and import it into all three."""
        requests = [home.request(self._wanted(firm_code)) for home in self._homes]
        issue = self._central.issue(firm_code, product_code, requests, options, order=_ORDER)
        by_serial = {update.serial: update.data for update in issue.updates}
        for home in self._homes:
            home.import_update(by_serial[home.serial])
        return issue
