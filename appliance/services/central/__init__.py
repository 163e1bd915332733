"""License Central, first cut: the vendors' side, in a directory (issue "the main job").

Two parties, two stores (design D3): `root` certifies firms and containers, `firms` each hold one
firm's key and sign licences for its firm code. `central` puts both into one directory for whoever
is both, such as the lab; neither store reads the other's files.
"""

from appliance.services.central.central import LicenseCentral
from appliance.services.central.firms import FirmStore
from appliance.services.central.issued import IssuedUpdate
from appliance.services.central.options import Options, Product
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.root import ActivatedContainer, RootAuthority

__all__ = [
    "ActivatedContainer",
    "CentralRefused",
    "FirmStore",
    "IssuedUpdate",
    "LicenseCentral",
    "Options",
    "Product",
    "RootAuthority",
]
