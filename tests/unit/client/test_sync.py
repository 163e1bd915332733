"""The blocking client: one background thread, any number of callers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from appliance.client import Client, ClientError, LeaseState, ProfileError, Trust, TrustError
from tests.unit.client.fake import (
    HOST,
    LEASE_TIMING,
    TIMING,
    WAIT_S,
    Certificates,
    FakeServer,
    Reply,
    problem,
)


class ServerThread:
    """A fake server in a thread and loop of its own."""

    def __init__(self, certificates: Certificates) -> None:
        self.server = FakeServer(certificates)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake server")

    def __enter__(self) -> FakeServer:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.server.__aenter__(), self._loop).result(WAIT_S)
        return self.server

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(WAIT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_S)
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _stop(self) -> None:
        """A connection that is still shaking hands has to be let go of, too."""
        await self.server.stop()
        await asyncio.sleep(0)
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        if rest:
            await asyncio.wait(rest, timeout=WAIT_S)
        await self.server.cut_handshakes()


@contextmanager
def playing(certificates: Certificates, **fields: Any) -> Iterator[tuple[Client, FakeServer]]:
    with ServerThread(certificates) as server:
        settings: dict[str, Any] = {"timing": TIMING, "lease_timing": LEASE_TIMING} | fields
        trust = Trust(server.plant.root)
        with Client([(HOST, server.port)], certificates.tls(), trust, **settings) as client:
            yield client, server


def test_a_lease_as_a_context(certificates: Certificates) -> None:
    with playing(certificates) as (client, server):
        with client.lease(100001, 10) as lease:
            assert (lease.state, lease.usable) == (LeaseState.HELD, True)
            assert lease.consume(3).units_left == 497
            assert lease.settle() is None
            assert lease.grant.lease_id == lease.lease_id
        assert lease.status.state is LeaseState.RETURNED
        assert [request.method for request in server.requests] == ["PUT", "GET", "POST", "DELETE"]


def test_heartbeats_go_on_while_the_caller_computes(certificates: Certificates) -> None:
    timing = replace(LEASE_TIMING, heartbeat_share=0.0005)
    with playing(certificates, lease_timing=timing) as (client, server):
        heard = threading.Event()

        def script(request: Any) -> Reply:
            if request.path.endswith("/heartbeat"):
                heard.set()
            return server.honest(request)

        server.script = script
        with client.lease(100001, 10):
            assert heard.wait(WAIT_S)


def test_many_threads_share_one_client(certificates: Certificates) -> None:
    with playing(certificates) as (client, server), ThreadPoolExecutor(8) as pool:

        def work(_: int) -> str:
            with client.lease(100001, 10) as lease:
                return lease.lease_id

        ids = list(pool.map(work, range(24)))
        assert len(set(ids)) == 24
        assert len(server.paths("DELETE")) == 24
        assert server.open_max <= 2


def test_a_loss_is_told_and_can_be_waited_for(certificates: Certificates) -> None:
    timing = replace(LEASE_TIMING, heartbeat_share=0.0005)
    with playing(certificates, lease_timing=timing) as (client, server):
        told: list[str] = []
        with client.lease(100001, 10, on_change=lambda s: told.append(s.state.value)) as lease:
            with pytest.raises(TimeoutError):
                lease.wait_for(LeaseState.LOST, timeout_s=0.05)
            server.script = lambda _: problem("lease-ended", 410)
            assert lease.wait_for(LeaseState.LOST, timeout_s=WAIT_S).final
        assert told == ["held", "lost", "returned"]


def test_a_closed_client_and_a_callback_that_would_wait_for_itself(
    certificates: Certificates,
) -> None:
    with playing(certificates) as (client, _):
        trouble: list[str] = []

        def callback(_: object) -> None:
            try:
                client.status()
            except ClientError as error:
                trouble.append(error.sentence)

        with client.lease(100001, 10, on_change=callback):
            pass
        assert "callback" in trouble[0]
        client.close()
        with pytest.raises(ClientError, match="closed"):
            client.status()


def test_a_client_of_before_a_fork_says_so(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    with playing(certificates) as (client, _), monkeypatch.context() as patch:
        patch.setattr("os.getpid", lambda: -1)  # real forks are in test_forks.py
        with pytest.raises(ClientError, match="fork"):
            client.status()


def test_wrong_settings_start_no_thread(certificates: Certificates) -> None:
    before = threading.active_count()
    tls = replace(certificates.tls(), ca=Path("no-such-file.pem"))
    with pytest.raises(ProfileError, match=r"no-such-file\.pem"):
        Client([(HOST, 1)], tls)
    with pytest.raises(TrustError, match=r"^Trust\(root=\.\.\.\) names no licence root: "):
        Client([(HOST, 1)], certificates.tls(), Trust(b"no certificate"))
    assert threading.active_count() == before
