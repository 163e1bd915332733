"""License Central, first cut: the vendors' side, in a directory (issue "the main job").

Two parties (design D3): `root` certifies firms and containers, `firms` each hold one firm's key, in
a directory of its own, and sign licences for its firm code. `central` puts both into one directory
for whoever is both, such as the lab. What they did is in one database (`records`), without keys.
"""

from appliance.services.central.central import LicenseCentral
from appliance.services.central.firms import FirmStore
from appliance.services.central.issued import IssuedUpdate
from appliance.services.central.options import Options, Product
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.root import ActivatedContainer, RootAuthority
from appliance.services.central.root_key import RootKey

__all__ = [
    "ActivatedContainer",
    "CentralRefused",
    "FirmStore",
    "IssuedUpdate",
    "LicenseCentral",
    "Options",
    "Product",
    "RootAuthority",
    "RootKey",
]
