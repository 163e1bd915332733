"""A lab whose three containers are dongles: each key is in a PKCS#11 token, and never leaves it.

    python -m tests.lab.dongles LAB MORE

makes the tokens, the containers and their licences in a process of its own, since SoftHSM2 reads
its settings once in a process.
"""

from __future__ import annotations

import pickle
import re
import shutil
import subprocess
import sys
from pathlib import Path
from random import SystemRandom

from appliance.adapters.container_home import ContainerHome
from appliance.adapters.keys.held import Surroundings
from appliance.adapters.keys.token import TokenAccess
from appliance.lab.hosts import UPSTREAMS
from appliance.lab.licensing import Vendor
from appliance.lab.platform import ProcessSpec
from appliance.licences.serials import Binding, Mask
from tests.lab.world import World
from tests.unit.adapters.tools import MODULE, PIN, Tokens

MASKS = (Mask.DONGLE, Mask.DONGLE_2, Mask.DONGLE_3)


class DongleWorld(World):
    """See the module."""

    @property
    def _tokens(self) -> Path:
        return self.files.directory / "tokens"

    def vendor(self) -> Vendor:
        """Its tokens are open in this process alone."""
        pin = self._tokens / "pin"
        pin.write_text(f"{PIN}\n")
        around = Surroundings(token=TokenAccess(str(MODULE), pin))
        tokens, root = Tokens(self._tokens), self.files.root_certificate().read_bytes()
        for up, mask in zip(UPSTREAMS, MASKS, strict=True):
            directory = self.files.host(up.name)
            shutil.rmtree(directory / "container")
            tokens.new(up.name)
            ContainerHome.create(
                directory / "container",
                SystemRandom(),
                up.name,
                root_certificate=root,
                binding=Binding.TOKEN,
                mask=mask,
                token_label=up.name,
                around=around,
            )
            path = directory / "upstream.toml"
            key = f'key = {{ module = "{MODULE}", pin_file = "{pin}" }}'
            settings, changed = re.subn(r"(?m)^key = .*$", key, path.read_text("utf-8"))
            assert changed == 1
            path.write_text(settings, "utf-8")
        return Vendor(self.files, around)

    def _license(self) -> None:
        self._tokens.mkdir()
        more = self._tokens / "more.pickle"
        more.write_bytes(pickle.dumps(self._more))
        argv = (sys.executable, "-m", "tests.lab.dongles", str(self.files.directory), str(more))
        subprocess.run(argv, check=True, timeout=120)

    def license_in_tokens(self) -> None:
        """What the process of its own does."""
        super()._license()

    def processes(self) -> dict[str, list[ProcessSpec]]:
        env = {"SOFTHSM2_CONF": str(self._tokens / "softhsm2.conf")}
        made = super().processes()
        for up in UPSTREAMS:
            for spec in made[up.name]:
                spec.env.update(env)
        return made


if __name__ == "__main__":
    DongleWorld(
        Path(sys.argv[1]), more=pickle.loads(Path(sys.argv[2]).read_bytes())
    ).license_in_tokens()
