"""The resume file: whoever starts again has its own seat back, and no number is used twice."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.client import (
    AsyncClient,
    AsyncLease,
    LeaseState,
    LeaseStatus,
    OutcomeUnknown,
    Refused,
    ResumeRefused,
    UnfinishedConsumption,
)
from appliance.client.resume import NOT_RESUMED, RESUMED, Kept
from appliance.codec.api import HolderDocument
from appliance.licences.commands import Item
from tests.unit.client.fake import (
    SILENCE,
    Certificates,
    FakeServer,
    Reply,
    Request,
    problem,
    secret_of,
)
from tests.unit.client.test_lease import QUICK, play

OTHER_LEDGER = b"another ledger!!"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "app.lease"


def kept(path: Path) -> Kept:
    return msgspec.json.decode(path.read_bytes(), type=Kept)


async def killed(lease: AsyncLease) -> None:
    """Its process is gone: no heartbeat any more, no check-in, and no lock."""
    await lease.abandon()


def lease_of(client: AsyncClient, path: Path, **fields: Any) -> AsyncLease:
    return client.lease(100001, 10, resume=path, **fields)


def puts(server: FakeServer) -> list[dict[str, Any]]:
    return [one.document | {"path": one.path} for one in server.requests if one.method == "PUT"]


def test_whoever_starts_again_repeats_the_very_check_out(
    certificates: Certificates, path: Path
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        first = lease_of(client, path, holder=HolderDocument(user="ada", pid=7))
        grant = await first.check_out()
        assert kept(path).generation == grant.generation
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        await killed(first)
        seen: list[LeaseStatus] = []
        again = lease_of(client, path, holder=HolderDocument(pid=8), on_change=seen.append)
        await again.check_out()
        one, two = puts(server)
        assert one.pop("nonce") != two.pop("nonce")
        assert one == two, "all but the nonce is the same"
        assert (seen[0].state, seen[0].reason) == (LeaseState.HELD, RESUMED)
        await again.check_in()
        assert server.paths("DELETE"), "a seat that was resumed is given back as any other"
        assert secret_of(server.requests[-1]) == first.secret
        assert not path.exists()

    play(certificates, act)


def test_it_is_there_before_anything_is_asked(certificates: Certificates, path: Path) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        before: list[Kept] = []

        def script(request: Request) -> Reply:
            before.append(kept(path))
            return SILENCE

        server.script = script
        lease = lease_of(client, path, deadline_s=0.2)
        with pytest.raises(OutcomeUnknown):
            await lease.check_out()
        assert before[0].generation == 0
        server.script = None
        again = lease_of(client, path)
        await again.check_out()
        assert again.lease_id == lease.lease_id == before[0].lease_id
        assert again.status.reason == RESUMED
        await again.check_in()

    play(certificates, act)


def test_a_refused_check_out_leaves_nothing_behind(certificates: Certificates, path: Path) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        server.script = lambda request: problem("no-seat-free", 409)
        with pytest.raises(Refused):
            await lease_of(client, path).check_out()
        assert not path.exists()

    play(certificates, act)


def test_numbers_go_on_and_what_is_unknown_is_settled_first(
    certificates: Certificates, path: Path
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        first = lease_of(client, path)
        await first.check_out()
        await first.consume(3)
        assert (kept(path).number, kept(path).unfinished) == (2, 0)
        server.script = lambda r: SILENCE if r.path.endswith("/units") else server.honest(r)
        first._deadline_s = 0.2
        with pytest.raises(OutcomeUnknown):
            await first.consume(5)
        assert (kept(path).number, kept(path).unfinished) == (2, 5)
        await killed(first)
        server.script = None
        again = lease_of(client, path)
        await again.check_out()
        assert again.unfinished == (2, 5)
        with pytest.raises(UnfinishedConsumption):
            await again.consume(1)
        settled = await again.settle()
        assert settled is not None and settled.units_taken == 5
        await again.consume(1)
        numbers = [r.document["number"] for r in server.requests if r.path.endswith("/units")]
        assert numbers[0] == 1 and set(numbers[1:-1]) == {2} and numbers[-1] == 3
        await again.check_in()

    play(certificates, act)


def test_no_units_are_asked_for_that_the_file_does_not_know_of(
    certificates: Certificates, path: Path
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        lease = lease_of(client, path)
        await lease.check_out()
        path.with_name(path.name + ".new").mkdir()  # Where it is written first.
        with pytest.raises(ResumeRefused, match="cannot be used"):
            await lease.consume(3)
        assert not any(r.path.endswith("/units") for r in server.requests)
        assert lease.unfinished is None
        path.with_name(path.name + ".new").rmdir()
        assert (await lease.consume(3)).units_taken == 3
        await lease.check_in()

    play(certificates, act)


@pytest.mark.parametrize("reason", ["lease-ended", "lease-conflict"])
def test_a_seat_that_has_ended_becomes_a_new_one(
    certificates: Certificates, path: Path, reason: str
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        first = lease_of(client, path)
        await first.check_out()
        await first.consume(3)
        await killed(first)
        server.script = lambda r: (
            problem(reason, 410) if first.lease_id in r.path else server.honest(r)
        )
        again = lease_of(client, path)
        await again.check_out()
        assert again.lease_id != first.lease_id
        assert (again.status.reason, kept(path).lease_id) == (NOT_RESUMED, again.lease_id)
        assert "had ended" in again.status.detail
        assert kept(path).number == 1
        await again.check_in()

    play(certificates, act)


def test_a_file_of_another_ledger_is_named_and_not_counted_on(
    certificates: Certificates, path: Path
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        first = lease_of(client, path)
        grant = await first.check_out()
        await first.consume(3)
        await killed(first)
        elsewhere = msgspec.structs.replace(kept(path), ledger_id=OTHER_LEDGER)
        path.write_bytes(msgspec.json.encode(elsewhere))
        again = lease_of(client, path)
        await again.check_out()
        assert again.status.reason == NOT_RESUMED
        assert f"of another ledger ({OTHER_LEDGER.hex()})" in again.status.detail
        assert grant.receipt is not None and kept(path).ledger_id == grant.receipt.ledger_id
        await again.consume(1)
        assert server.requests[-1].document["number"] == 1
        await again.check_in()

    play(certificates, act)


def test_another_release_of_the_program_gives_the_old_seat_back_first(
    certificates: Certificates, path: Path
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        first = lease_of(client, path, release_date="2026-09-01")
        await first.check_out()
        await killed(first)
        again = lease_of(client, path, release_date="2026-10-01")
        await again.check_out()
        asked = [r for r in server.requests if r.method in ("PUT", "DELETE")]
        assert [r.method for r in asked[:3]] == ["PUT", "DELETE", "PUT"]
        assert secret_of(asked[1]) == first.secret
        assert puts(server)[1]["release_date"] == "2026-10-01"
        assert again.lease_id != first.lease_id
        await again.check_in()

    play(certificates, act)


SOUND = Kept(
    lease_id="x", secret=b"s", firm_code=100001, items=(Item(10),), holder=HolderDocument()
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (msgspec.json.encode(SOUND)[:40], "no resume file, or a damaged one"),
        (b"a letter to my mother", "no resume file, or a damaged one"),
        (msgspec.json.encode(msgspec.structs.replace(SOUND, version=2)), "by this version"),
        (msgspec.json.encode(msgspec.structs.replace(SOUND, number=0)), "by this version"),
        (msgspec.json.encode(SOUND) + b" " * (64 << 10), "by this version"),
        (msgspec.json.encode(SOUND)[:-1] + b',"more":1}', "unknown field"),
        (
            msgspec.json.encode(msgspec.structs.replace(SOUND, items=(Item(11),))),
            "the resume file of 100001:11, and not of 100001:10",
        ),
    ],
)
def test_what_is_no_resume_file_of_this_product_is_refused_and_stays(
    certificates: Certificates, path: Path, content: bytes, words: str
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        path.parent.mkdir()
        path.write_bytes(content)
        for _ in range(2):
            with pytest.raises(ResumeRefused, match="name another file") as refused:
                await lease_of(client, path).check_out()
            assert words in refused.value.sentence and str(path) in refused.value.sentence
        assert path.read_bytes() == content
        assert server.requests == []

    play(certificates, act)


def test_an_empty_file_is_none(certificates: Certificates, path: Path) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        path.parent.mkdir()
        path.touch()
        async with lease_of(client, path) as lease:
            assert lease.status.reason == ""

    play(certificates, act)


HOLDS_THE_LOCK = """
import asyncio, sys
from appliance.client.resume import ResumeFile
from appliance.licences.commands import Item
asyncio.run(ResumeFile(sys.argv[1]).open(100001, (Item(10),)))
print("locked", flush=True)
sys.stdin.read()
"""


def test_two_processes_do_not_share_one_seat(certificates: Certificates, path: Path) -> None:
    argv = [sys.executable, "-c", HOLDS_THE_LOCK, str(path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline() == b"locked\n"

        async def refused(client: AsyncClient, server: FakeServer) -> None:
            with pytest.raises(ResumeRefused, match="in use by another process"):
                await lease_of(client, path).check_out()
            assert server.requests == []

        play(certificates, refused)
        other.kill()

    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with lease_of(client, path):
            pass

    play(certificates, act)


def test_nor_do_two_leases_of_one_client(certificates: Certificates, path: Path) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with lease_of(client, path):
            with pytest.raises(ResumeRefused, match="in use by another lease"):
                await lease_of(client, path).check_out()
        async with lease_of(client, path):
            pass

    play(certificates, act)


def test_a_lease_that_is_regained_is_resumed_under_its_new_id(
    certificates: Certificates, path: Path
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        lease = lease_of(client, path, regain=True)
        await lease.check_out()
        before = lease.lease_id
        server.script = lambda r: (
            problem("lease-ended", 410) if before in r.path else server.honest(r)
        )
        await lease.wait_for(LeaseState.AT_RISK)
        await lease.wait_for(LeaseState.HELD)
        assert kept(path).lease_id == lease.lease_id != before
        await lease.check_in()

    play(certificates, act, lease_timing=QUICK)


def test_an_id_and_a_resume_file_are_one_too_many(certificates: Certificates, path: Path) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        with pytest.raises(ValueError, match="no lease_id with it"):
            lease_of(client, path, lease_id="mine")

    play(certificates, act)
