"""A lab for measuring, in a directory of its own, with one large licence; gone afterwards.

The containers are given their licences before their hosts are switched on, so nothing waits for
commands. What can go wrong here is a lab that stays behind: `Ground` takes it down however the
measuring ends.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from appliance.adapters.vrrp.keepalived import find_keepalived
from appliance.lab.build import LabFiles, build, processes
from appliance.lab.licensing import Vendor
from appliance.lab.open import new_lab
from appliance.lab.platform import Kind, LabRefused
from appliance.lab.story.stage import Stage
from appliance.services.central.options import Product

LAB_ID = "tmrbench"
FIRM_CODE = 6_000_010
PRODUCT_CODE = 1
SEATS = 10_000_000
# Longer than any round: what is measured is not to be mixed with leases that lapse.
LEASE_TTL_S = 3_600


class Computer(msgspec.Struct, frozen=True, kw_only=True):
    """Where it was measured. `keepalived` is "" where there is none."""

    cpus: int
    python: str
    kernel: str
    keepalived: str


def machine() -> Computer:
    """This machine."""
    return Computer(
        cpus=os.cpu_count() or 0,
        python=platform.python_version(),
        kernel=platform.release(),
        keepalived=_keepalived_version(),
    )


def _keepalived_version() -> str:
    program = find_keepalived()
    if program is None:
        return ""
    done = subprocess.run(
        [program, "--version"], capture_output=True, text=True, check=False, timeout=10
    )
    found = re.search(r"v(\d[\w.]*)", done.stderr + done.stdout)
    return found[1] if found else ""


SOLD = Product(product_code=PRODUCT_CODE, quantity=SEATS, lease_ttl_s=LEASE_TTL_S)
"""What is measured, unless it is something else."""


def give_licence(files: LabFiles, product: Product = SOLD) -> None:
    """Issue one licence of this product and import it into the three containers on disk."""
    vendor = Vendor(files)
    vendor.add_firm(FIRM_CODE, "Example Presses")
    vendor.license(FIRM_CODE, product)


class Ground:
    """The lab while it is measured: a context manager. Raises LabRefused, StoryFailed on entry."""

    def __init__(
        self, directory: Path, kind: Kind, lab_id: str = LAB_ID, product: Product = SOLD
    ) -> None:
        self.files = LabFiles(directory, kind)
        self._product = product
        self._lab = new_lab(kind, directory, lab_id)
        self.stage: Stage

    def __enter__(self) -> Self:
        directory = self.files.directory
        if directory.exists():
            raise LabRefused(
                f"{directory} exists: name a directory that does not, because it is removed again."
            )
        try:
            build(self.files)
            give_licence(self.files, self._product)
            self._lab.up(processes(self.files))
            self.stage = Stage(self._lab, self.files)
            self.stage.wait_until_whole()
            self.stage.wait_for("the licence", self._licensed)
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._remove()

    def _licensed(self) -> bool:
        return any(item.available and not item.in_use for item in self.stage.licences())

    def _remove(self) -> None:
        try:
            if hasattr(self, "stage"):
                self.stage.close()
        finally:
            self._lab.down()
            shutil.rmtree(self.files.directory, ignore_errors=True)
