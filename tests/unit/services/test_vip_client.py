"""The line between the TMR service and its address process, and the latter's settings."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from appliance.errors import UserError
from appliance.services import vip_config
from appliance.services.vip_client import VipClient
from appliance.services.vip_config import VipConfig
from appliance.services.vip_protocol import (
    AddressVerdict,
    DropAddress,
    FromTmr,
    MalformedMessage,
    VipState,
    decode_from_tmr,
    decode_from_vip,
    encode,
)

STATE = VipState(
    holds_address=True,
    vrrp="master",
    keepalived_alive=True,
    link_up=True,
    twin_heard=False,
    twin_advert_age_s=None,
    twin_priority=None,
    healthy=True,
    reason="",
    keepalived_starts=1,
)


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test in an event loop of its own, for at most a minute."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), 60))

    return run


class Vip:
    """An address process that says what it is told to and notes what it hears."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.heard: asyncio.Queue[FromTmr] = asyncio.Queue()
        self.connected: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
        self.server: asyncio.Server | None = None
        self.handlers: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        self.server = await asyncio.start_unix_server(self._connect, path=self.path)

    def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.handlers.add(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected.put_nowait(writer)
        # However the client cuts the line, it may.
        with contextlib.closing(writer), contextlib.suppress(OSError):
            while line := await reader.readline():
                self.heard.put_nowait(decode_from_tmr(line))

    async def end(self) -> None:
        if self.server is not None:
            self.server.close()
            await self.server.wait_closed()
        await asyncio.wait_for(asyncio.gather(*self.handlers), 20)

    async def next(self) -> FromTmr:
        return await asyncio.wait_for(self.heard.get(), 20)

    async def until(self, wanted: FromTmr) -> None:
        while await self.next() != wanted:
            pass


class Line:
    """A client on its way, with what it reported."""

    def __init__(self, path: Path) -> None:
        self.states: asyncio.Queue[VipState | None] = asyncio.Queue()
        self.client = VipClient(str(path), 0.05)
        self.task = asyncio.create_task(self.client.run(self.states.put_nowait))

    async def next(self) -> VipState | None:
        return await asyncio.wait_for(self.states.get(), 20)

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@in_loop
async def test_states_and_verdicts_cross(tmp_path: Path) -> None:
    vip = Vip(tmp_path / "s")
    line = Line(vip.path)
    # The client is first and waits for the address process to come up.
    line.client.set_verdict(True, "ok")
    await vip.listen()
    writer = await vip.connected.get()
    assert await vip.next() == AddressVerdict(healthy=True, reason="ok")
    # Repeated unasked: silence would mean death.
    assert await vip.next() == AddressVerdict(healthy=True, reason="ok")
    writer.write(encode(STATE))
    assert await line.next() == STATE
    assert line.client.state == STATE
    line.client.set_verdict(False, "no upstream")
    await vip.until(AddressVerdict(healthy=False, reason="no upstream"))
    line.client.drop_address("switchover")
    await vip.until(DropAddress(reason="switchover"))
    await line.end()
    await vip.end()


@in_loop
async def test_a_lost_line_is_told_once_and_mended(tmp_path: Path) -> None:
    vip = Vip(tmp_path / "s")
    await vip.listen()
    line = Line(vip.path)
    writer = await vip.connected.get()
    writer.write(encode(STATE))
    assert await line.next() == STATE
    writer.transport.abort()
    assert await line.next() is None
    assert line.client.state is None
    writer = await vip.connected.get()
    writer.write(encode(STATE))
    assert await line.next() == STATE
    await line.end()
    await vip.end()


@pytest.mark.parametrize("noise", [b"nonsense\n", b"{}\n", b"\xff\xfe\n", b"x" * 10_000 + b"\n"])
@in_loop
async def test_noise_costs_the_line_and_no_more(tmp_path: Path, noise: bytes) -> None:
    vip = Vip(tmp_path / "s")
    await vip.listen()
    line = Line(vip.path)
    writer = await vip.connected.get()
    writer.write(encode(STATE) + noise)
    assert await line.next() == STATE
    assert await line.next() is None
    writer = await vip.connected.get()
    writer.write(encode(STATE))
    assert await line.next() == STATE
    await line.end()
    await vip.end()


@in_loop
async def test_a_silent_address_process_is_one_that_is_lost(tmp_path: Path) -> None:
    vip = Vip(tmp_path / "s")
    await vip.listen()
    line = Line(vip.path)
    writer = await vip.connected.get()
    writer.write(encode(STATE))
    assert await line.next() == STATE
    # It stays connected and says nothing more.
    assert await line.next() is None
    await line.end()
    await vip.end()


@in_loop
async def test_a_cancellation_that_comes_with_a_line_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vip = Vip(tmp_path / "s")
    await vip.listen()
    loop = asyncio.get_running_loop()
    readline = asyncio.StreamReader.readline

    async def cancelled_with_the_line(reader: asyncio.StreamReader) -> bytes:
        read = await readline(reader)
        if read == encode(STATE):
            # Two turns later: where wait_for of Python 3.11 takes the line and drops the rest.
            loop.call_soon(lambda: loop.call_soon(line.task.cancel))
        return read

    monkeypatch.setattr(asyncio.StreamReader, "readline", cancelled_with_the_line)
    line = Line(vip.path)
    writer = await vip.connected.get()
    writer.write(encode(STATE))
    done, _ = await asyncio.wait({line.task}, timeout=20)
    assert done
    assert line.task.cancelled()
    await vip.end()


@pytest.mark.parametrize(
    "line", [b"", b"{}", b'{"type":"verdict"}', b'{"type":"other"}', b"[1]", b"\xff"]
)
def test_malformed_messages_are_refused(line: bytes) -> None:
    with pytest.raises(MalformedMessage):
        decode_from_tmr(line)
    with pytest.raises(MalformedMessage):
        decode_from_vip(line)


def test_newer_fields_are_ignored() -> None:
    line = encode(AddressVerdict(healthy=True)).replace(b"}", b',"later":1}')
    assert decode_from_tmr(line) == AddressVerdict(healthy=True)


CONFIG = VipConfig(
    interface="eth0",
    address="10.77.0.100/24",
    vrid=77,
    priority=250,
    runtime_dir="/run/tmr-vip",
    socket="/run/tmr/vip.sock",
    unicast_source="10.77.0.21",
    unicast_peers=("10.77.0.22",),
)


def test_settings_make_the_round(tmp_path: Path) -> None:
    path = tmp_path / "vip.toml"
    path.write_text(vip_config.dump(CONFIG))
    assert vip_config.load(path) == CONFIG
    assert CONFIG.vrrp().bare_address == "10.77.0.100"
    assert CONFIG.vrrp().prefix_bits == 24


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("vrid = 77", "vrid = 0"), "router id 0 must be"),
        (("vrid = 77", 'vrid = "x"'), "vrid"),
        (("vrid = 77", ""), "vrid"),
        (("vrid = 77", "vrid = 77\ncolour = 1"), "colour"),
        (("vrid = 77", "vrid ="), "is not TOML"),
        (("/run/tmr/vip.sock", "/run/" + "x" * 120), "longer than 107 bytes"),
    ],
)
def test_bad_settings_are_named(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    path = tmp_path / "vip.toml"
    path.write_text(vip_config.dump(CONFIG).replace(*change))
    with pytest.raises(UserError) as refused:
        vip_config.load(path)
    assert says in refused.value.sentence
    assert str(path) in refused.value.sentence


def test_absent_settings_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Cannot read"):
        vip_config.load(tmp_path / "absent.toml")
