"""How large a real ticket is, and how long a program waits for it: read, verified by two
containers' receipts and the firm's word, locked, and how far time has come written to the disk,
unless that was done in the last minute.

It is borrowed in a loopback lab, which is gone before it is opened: nobody is asked.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import msgspec

from appliance.client import Ticket, Trust, load_profile
from appliance.client.tools import tool_trust
from appliance.lab.bench.figures import Spread, rounded, spread
from appliance.lab.bench.ground import FIRM_CODE, PRODUCT_CODE, Computer, Ground, machine
from appliance.lab.build import client_name
from appliance.lab.story.stage import Stage, require
from appliance.services.central.options import Product

HOUR_S = 3_600
LENT = Product(product_code=PRODUCT_CODE, quantity=1, borrow_max_s=HOUR_S)
NAME = "bench.tmr-ticket"


class Tickets(msgspec.Struct, frozen=True, kw_only=True):
    """`bytes` of a ticket; seconds to open it the first time after a start of the system, and again
    within a minute, and of that the processor's own."""

    machine: Computer
    bytes: int
    opened: Spread
    again: Spread
    again_cpu_s: float


def measure(directory: Path, times: int) -> Tickets:
    """Borrow in a lab in `directory`, which is removed; then open the ticket so often. Raises
    LabRefused, StoryFailed, ClientError."""
    with tempfile.TemporaryDirectory(dir=directory.parent) as kept:
        path = Path(kept) / NAME
        with Ground(directory, "loopback", product=LENT) as ground:
            trust = _borrow(ground.stage, path)
        opened = spread(_opened_s(path, trust, f"start {number}") for number in range(times))
        cpu_s = time.process_time()
        again = spread(_opened_s(path, trust, "the same start") for _ in range(times))
        cpu_s = time.process_time() - cpu_s
        assert opened is not None
        assert again is not None
        size = path.stat().st_size
    return Tickets(
        machine=machine(),
        bytes=size,
        opened=opened,
        again=again,
        again_cpu_s=rounded(cpu_s / times),
    )


def _borrow(stage: Stage, into: Path) -> Trust:
    """Borrow a seat, and give the trust by which it is believed. The lab has no certified time yet,
    and does without."""
    profile = str(stage.files.profile("operate"))
    without = ("borrow", "uncertified", "on", "--why", "measuring", "--profile", profile)
    stage.tmr(stage.active(), *without)
    mine = load_profile(stage.files.profile(client_name(1)))
    trust = tool_trust(mine)

    async def borrow() -> None:
        async with mine.async_client(trust) as client:
            await client.borrow(FIRM_CODE, PRODUCT_CODE, hours=1, into=into)

    stage.clients.call(borrow())
    require(into.exists(), "no ticket came")
    return trust


def _opened_s(path: Path, trust: Trust, start: str) -> float:
    begun_s = time.perf_counter()
    ticket = Ticket.open(path, trust, FIRM_CODE, PRODUCT_CODE, starts=lambda: start)
    took_s = time.perf_counter() - begun_s
    ticket.close()
    return took_s
