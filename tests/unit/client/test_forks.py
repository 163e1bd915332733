"""A client over a fork: the child's calls fail at once, and nothing of the parent's is touched."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import warnings
from collections.abc import Callable
from functools import partial

import pytest

from appliance.client import Client, ClientError, Lease, LeaseState
from tests.unit.client.fake import WAIT_S, Certificates
from tests.unit.client.test_lease import play
from tests.unit.client.test_sync import playing

GOOD, WRONG = 0, 1


def in_child(work: Callable[[], bool]) -> int:
    """The exit code of a forked child that does this work: GOOD if it gives True. A child that
    waits for ever is ended by its alarm."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        code = WRONG
        try:
            signal.alarm(int(WAIT_S) // 2)
            code = GOOD if work() else WRONG
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def refused(call: Callable[[], object]) -> bool:
    try:
        call()
    except ClientError as error:
        return "fork" in error.sentence
    return False


def test_a_childs_call_waits_for_no_lock_of_another_thread(certificates: Certificates) -> None:
    with playing(certificates) as (client, _), client.lease(100001, 10) as lease:
        held, done = threading.Event(), threading.Event()

        def holds_the_lock() -> None:
            with client._background._lock:
                held.set()
                done.wait(WAIT_S)

        thread = threading.Thread(target=holds_the_lock)
        thread.start()
        try:
            assert held.wait(WAIT_S)
            for call in (client.status, lease.settle, lease.check_in, lease.check_out):
                assert in_child(partial(refused, call)) == GOOD, call
            assert in_child(lambda: client.close() or True) == GOOD  # type: ignore[func-returns-value]
            assert in_child(lambda: refused(lambda: client.lease(100001, 10))) == GOOD
        finally:
            done.set()
            thread.join()


def test_leaving_the_blocks_in_a_child_hides_no_exception_and_ends_nothing(
    certificates: Certificates,
) -> None:
    def leaves(client: Client, lease: Lease) -> bool:
        try:
            with client, _entered(lease):
                raise SystemExit(7)
        except SystemExit as ended:
            return ended.code == 7

    with playing(certificates) as (client, server), client.lease(100001, 10) as lease:
        assert in_child(lambda: leaves(client, lease)) == GOOD
        assert lease.consume(3).units_left == 497, "the parent's connection lives"
        assert [request.method for request in server.requests] == ["PUT", "GET", "POST"]
        assert server.connections == 1


class _entered:
    """`lease` as a context that was entered in the parent."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease

    def __enter__(self) -> Lease:
        return self.lease

    def __exit__(self, *exception: object) -> None:
        self.lease.__exit__(*exception)  # type: ignore[arg-type]


def test_a_child_holds_no_seat(certificates: Certificates) -> None:
    with playing(certificates) as (client, _), client.lease(100001, 10) as lease:
        assert in_child(lambda: (lease.state, lease.usable) == (LeaseState.LOST, False)) == GOOD
        assert lease.usable


def test_a_child_with_its_parents_number_is_a_child_all_the_same(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    with playing(certificates) as (client, _):
        number = os.getpid()
        monkeypatch.setattr("os.getpid", lambda: number)  # as in a new PID namespace
        assert in_child(lambda: refused(client.status)) == GOOD


def test_an_asyncio_client_over_a_fork(certificates: Certificates) -> None:
    async def act(client, server) -> None:
        async with client.lease(100001, 10) as lease:
            connection = client.engine._primary

            def child() -> bool:
                for call in (client.status(), lease.consume(1), lease.check_in()):
                    if not refused(partial(call.send, None)):
                        return False
                leaving = [lease.__aexit__(None, None, None), client.close(), lease.abandon()]
                for step in leaving:
                    try:
                        step.send(None)
                    except StopIteration:
                        continue
                    return False
                return bool(connection.alive)

            assert in_child(child) == GOOD
            assert (await lease.consume(3)).units_left == 497
            assert server.connections == 1

    play(certificates, act)


def test_a_worker_of_multiprocessing(certificates: Certificates) -> None:
    with playing(certificates) as (client, _), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        worker = multiprocessing.get_context("fork").Process(target=_works, args=(client,))
        worker.start()
        worker.join(WAIT_S)
        assert worker.exitcode == 3
        for thing in (client, client.lease(100001, 10), client._inner):
            with pytest.raises(TypeError, match="make a new client there"):
                pickle.dumps(thing)


def _works(client: Client) -> None:
    with client:
        raise SystemExit(3 if refused(client.status) else 4)
