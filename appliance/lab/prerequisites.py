"""What the network lab needs of the machine, checked before anything is made."""

from __future__ import annotations

import os
import shutil
import sys
from typing import NamedTuple

from appliance.lab.platform import LabRefused

SEARCH_PATH = os.pathsep.join(("/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin"))

# Program -> Debian package.
PROGRAMS = {
    "ip": "iproute2",
    "nft": "nftables",
    "keepalived": "keepalived",
    "nsenter": "util-linux",
    "setsid": "util-linux",
}


class Prerequisites(NamedTuple):
    """What is missing for the network lab; nothing is, if both are empty."""

    packages: tuple[str, ...]
    obstacles: tuple[str, ...]

    @property
    def met(self) -> bool:
        """Whether the network lab can run here."""
        return not self.packages and not self.obstacles

    def require(self) -> None:
        """Raise LabRefused, with one sentence that says what to do, unless all is there."""
        if self.obstacles:
            raise LabRefused(self.obstacles[0])
        if self.packages:
            raise LabRefused(
                "The network lab needs Debian packages that are missing here:"
                f" apt-get install {' '.join(self.packages)}."
            )


def check() -> Prerequisites:
    """Look at this machine; nothing is changed and nothing is raised."""
    obstacles = []
    if sys.platform != "linux":
        obstacles.append(
            "The network lab runs on Linux only: use the loopback lab (make lab LAB=loopback)."
        )
    elif os.geteuid() != 0:
        obstacles.append(
            "The network lab needs root for network namespaces: run it as root,"
            " or use the loopback lab (make lab LAB=loopback)."
        )
    missing = [package for program, package in PROGRAMS.items() if find(program) is None]
    return Prerequisites(tuple(dict.fromkeys(missing)), tuple(obstacles))


def find(program: str) -> str | None:
    """The path of a program, also where a user's PATH lacks the sbin directories."""
    return shutil.which(program) or shutil.which(program, path=SEARCH_PATH)


def path_of(program: str) -> str:
    """The path of a program that must be there. Raises LabRefused."""
    found = find(program)
    if found is None:
        package = PROGRAMS.get(program, program)
        raise LabRefused(f"The program {program} is missing: apt-get install {package}.")
    return found
