"""A host's files as `host_features` reads them, below a directory of the test."""

from __future__ import annotations

from pathlib import Path

from appliance.adapters.host_features import host_facts
from appliance.adapters.keys.held import Surroundings


class HostTree:
    """One host; each setter changes a thing of it."""

    def __init__(self, root: Path, name: str = "a") -> None:
        self.root = root
        self.machine_id(f"{name}1f0c2b9a3d4e5f60718293a4b5c6d7e")
        self.board(f"4c4c4544-0042-3510-8052-{name}9c04f4d5832")
        self.disk("sda", f"naa.5002538e4000{name}")
        self.card("eth0", f"52:54:00:12:34:{ord(name[0]):02x}")
        self.write(
            "sys/devices/system/cpu/modalias",
            f"cpu:type:x86,ven0000fam0006mod009{name}:feature:,0000,0001",
        )

    @property
    def around(self) -> Surroundings:
        """What a container finds on this host."""
        return Surroundings(lambda: host_facts(self.root))

    def write(self, path: str, text: str) -> None:
        """One file of it."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")

    def machine_id(self, value: str) -> None:
        """The system was installed with this id."""
        self.write("etc/machine-id", value)

    def board(self, uuid: str, serial: str = "") -> None:
        """The main board says this of itself."""
        self.write("sys/class/dmi/id/product_uuid", uuid)
        self.write("sys/class/dmi/id/board_serial", serial)

    def disk(self, name: str, number: str, removable: str = "0") -> None:
        """There is a disk of this name with this number."""
        self.write(f"sys/block/{name}/removable", removable)
        self.write(f"sys/block/{name}/device/wwid", number)

    def card(self, name: str, address: str, assigned: str = "0", device: bool = True) -> None:
        """There is a network device with this address."""
        self.write(f"sys/class/net/{name}/address", address)
        self.write(f"sys/class/net/{name}/addr_assign_type", assigned)
        if device:
            (self.root / f"sys/class/net/{name}/device").mkdir(exist_ok=True)
