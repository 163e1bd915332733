"""`tmr run`: the seat is held while the command runs and given back however that ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.cli._products import Products
from appliance.cli.main import tmr
from appliance.cli.run import Job, hold
from appliance.client import LeaseState
from appliance.errors import ExitCode, UserError
from appliance.licences.commands import Item
from appliance.licences.wishes import WISH_NAMES, Wishes
from tests.unit.client.fake import (
    HOST,
    LEASE_TIMING,
    SILENCE,
    TIMING,
    WAIT_S,
    Certificates,
    FakeServer,
    client_of,
    problem,
    until,
)
from tests.unit.client.test_sync import ServerThread
from tests.unit.licences.wish_samples import ASKED

QUICK = replace(LEASE_TIMING, heartbeat_share=0.0005)
FOREVER = "import time\nwhile True: time.sleep(0.01)"
# Says that it is ready by a file, since its output is not ours to read.
TELLS = "import pathlib, sys, time, signal\nready = pathlib.Path(sys.argv[1])\n"


def python(program: str, *arguments: object) -> tuple[str, ...]:
    return (sys.executable, "-c", program, *map(str, arguments))


def play(certificates: Certificates, act, **fields):
    async def main():
        async with (
            asyncio.timeout(WAIT_S),
            FakeServer(certificates) as server,
            client_of(server, **fields) as client,
        ):
            return await act(client, server)

    return asyncio.run(main())


def job(*command: str, **fields) -> Job:
    return Job(Products(100001, (Item(10),)), command, **fields)


@pytest.mark.parametrize("code", [0, 1, 42])
def test_the_exit_code_is_the_commands(certificates: Certificates, code: int) -> None:
    async def act(client, server):
        assert await hold(client, job(*python(f"raise SystemExit({code})"))) == code
        assert [request.method for request in server.requests] == ["PUT", "DELETE"]

    play(certificates, act)


def test_a_killed_command_gives_128_and_the_signal(certificates: Certificates) -> None:
    async def act(client, server):
        program = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
        assert await hold(client, job(*python(program))) == 128 + signal.SIGKILL
        assert server.paths("DELETE")

    play(certificates, act)


def test_the_command_learns_its_lease(certificates: Certificates, tmp_path: Path) -> None:
    async def act(client, server):
        program = (
            "import os, sys\n"
            "names = [n for n in sorted(os.environ) if n.startswith('TMR_')]\n"
            "open(sys.argv[1], 'w').write(' '.join(f'{n}={os.environ[n]}' for n in names))"
        )
        assert await hold(client, job(*python(program, tmp_path / "out"))) == 0
        lease_id = server.paths("PUT")[0].rpartition("/")[2]
        words = (tmp_path / "out").read_text().split()
        assert {
            f"TMR_LEASE_ID={lease_id}",
            "TMR_FIRM_CODE=100001",
            "TMR_PRODUCT_CODE=10",
            "TMR_ID=4",
            "TMR_FEATURES=5",
        } <= set(words)
        holder = server.requests[0].document["holder"]
        assert holder["pid"] == os.getpid()
        assert holder["application"] == os.path.basename(sys.executable)

    play(certificates, act)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
def test_a_signal_to_us_goes_to_the_command(
    certificates: Certificates, tmp_path: Path, number: signal.Signals
) -> None:
    ready = tmp_path / "ready"
    program = TELLS + (
        f"signal.signal({int(number)}, lambda *_: sys.exit(7))\n"
        "ready.touch()\n"
        "while True: time.sleep(0.01)"
    )

    async def act(client, server):
        running = asyncio.ensure_future(hold(client, job(*python(program, ready))))
        await until(ready.exists)
        os.kill(os.getpid(), number)
        assert await running == 7
        assert server.paths("DELETE")

    play(certificates, act)


def test_a_signal_during_the_check_out_ends_it(certificates: Certificates) -> None:
    async def act(client, server):
        server.script = lambda _: SILENCE
        running = asyncio.ensure_future(hold(client, job("never-started")))
        await until(lambda: len(server.requests) > 0)
        os.kill(os.getpid(), signal.SIGTERM)
        assert await running == 128 + signal.SIGTERM

    play(certificates, act)


def test_a_command_that_cannot_be_run_gives_the_seat_back(
    certificates: Certificates, tmp_path: Path
) -> None:
    async def act(client, server):
        assert await hold(client, job("/no/such/command")) == 127
        (tmp_path / "data").touch()
        assert await hold(client, job(str(tmp_path / "data"))) == 126
        assert len(server.paths("DELETE")) == 2

    play(certificates, act)


def test_on_loss_stop_ends_the_command(
    certificates: Certificates, capsys: pytest.CaptureFixture[str]
) -> None:
    async def act(client, server):
        running = asyncio.ensure_future(hold(client, job(*python(FOREVER), on_loss="stop")))
        await until(lambda: len(server.paths("POST")) > 0)
        server.script = lambda _: problem("lease-ended", 410, detail="released by an operator")
        assert await running == 128 + signal.SIGTERM

    play(certificates, act, lease_timing=QUICK)
    assert "released by an operator; stopping the command" in capsys.readouterr().err


def test_on_loss_stop_kills_what_does_not_listen(
    certificates: Certificates, tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    program = TELLS + (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nready.touch()\nwhile True: time.sleep(0.01)"
    )

    async def act(client, server):
        deaf = job(*python(program, ready), on_loss="stop", grace_s=0.05)
        running = asyncio.ensure_future(hold(client, deaf))
        await until(ready.exists)
        server.script = lambda _: problem("lease-ended", 410)
        assert await running == 128 + signal.SIGKILL

    play(certificates, act, lease_timing=QUICK)


@pytest.mark.parametrize(("on_loss", "said"), [("continue", False), ("warn", True)])
def test_on_loss_continue_and_warn_let_it_run(
    certificates: Certificates,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    on_loss: str,
    said: bool,
) -> None:
    end = tmp_path / "end"
    program = TELLS + "while not ready.exists(): time.sleep(0.01)\nsys.exit(5)"

    async def act(client, server):
        running = asyncio.ensure_future(hold(client, job(*python(program, end), on_loss=on_loss)))
        await until(lambda: len(server.paths("POST")) > 0)
        (lease,) = client._leases
        server.script = lambda _: problem("lease-ended", 410, detail="gone")
        await until(lambda: lease.state is LeaseState.LOST)
        end.touch()
        assert await running == 5

    play(certificates, act, lease_timing=QUICK)
    assert (
        "the lease is lost (lease-ended): gone; and no new seat" in capsys.readouterr().err
    ) is said


def test_a_refusal_starts_nothing_and_has_its_exit_code(
    certificates: Certificates, tmp_path: Path
) -> None:
    async def act(client, server):
        server.script = lambda _: problem("no-seat-free", 409, detail="all 10 seats are taken")
        with pytest.raises(UserError) as refused:
            await hold(client, job(*python("open(__import__('sys').argv[1], 'w')", tmp_path / "x")))
        assert refused.value.code is ExitCode.RUN_NO_LICENCE
        assert "all 10 seats are taken" in refused.value.sentence
        assert not (tmp_path / "x").exists()

    play(certificates, act)


def test_nobody_there_has_its_exit_code(certificates: Certificates) -> None:
    async def act(client, server):
        await server.stop()
        with pytest.raises(UserError) as refused:
            await hold(client, job("true"))
        assert refused.value.code is ExitCode.RUN_UNREACHABLE

    play(certificates, act, timing=replace(TIMING, deadline_s=0.2))


def tmr_run(tmp_path: Path, server: FakeServer, *arguments: str) -> Result:
    """The verb as a user calls it."""
    certificates = server.certificates
    root = x509.load_der_x509_certificate(server.plant.root).public_bytes(Encoding.PEM)
    (tmp_path / "root.pem").write_bytes(root)
    profile = tmp_path / "client.toml"
    profile.write_text(
        f'addresses = ["{HOST}:{server.port}"]\nca = "{certificates.ca}"\n'
        f'certificate = "{certificates.client}"\nkey = "{certificates.client_key}"\n'
        'licence_root = "root.pem"\n'
    )
    return CliRunner().invoke(tmr, ["run", "--profile", str(profile), *arguments])


def test_the_verb(certificates: Certificates, tmp_path: Path) -> None:
    with ServerThread(certificates) as server:
        command = python("import sys; sys.exit(9 if sys.argv[1:] == ['--json', '-x'] else 1)")
        result = tmr_run(tmp_path, server, "--product", "100001:10", "--", *command, "--json", "-x")
        assert (result.exit_code, result.stderr) == (9, "")
        assert [request.method for request in server.requests] == ["PUT", "GET", "DELETE"]

        result = tmr_run(tmp_path, server, "--product", "100001:10", "--", "no-such-command")
        assert result.exit_code == 127
        assert "no-such-command was not found" in result.stderr

        result = tmr_run(tmp_path, server, "--product", "ten", "--", "true")
        assert result.exit_code == 125
        assert "FIRM:PRODUCT" in result.stderr


def test_the_verb_resumes_the_seat_of_who_was_killed(
    certificates: Certificates, tmp_path: Path
) -> None:
    path = tmp_path / "app.lease"

    async def killed(client, server):
        lease = client.lease(100001, 10, resume=path)
        await lease.check_out()
        await lease.abandon()
        return lease.lease_id

    lease_id = play(certificates, killed)
    with ServerThread(certificates) as server:
        wanted = ("--product", "100001:10", "--resume", str(path), "--")
        telling = python(f"import os; assert os.environ['TMR_LEASE_ID'] == '{lease_id}'")
        result = tmr_run(tmp_path, server, *wanted, *telling)
        assert result.exit_code == 0
        assert f"the seat in {path} is held on" in result.stderr
        assert not path.exists()

        path.write_text("a letter")
        result = tmr_run(tmp_path, server, *wanted, "true")
        assert result.exit_code == 125
        assert f"{path} is no resume file" in result.stderr
        assert path.read_text() == "a letter"


def test_the_verb_without_a_licence_root(certificates: Certificates, tmp_path: Path) -> None:
    with ServerThread(certificates) as server:
        tmr_run(tmp_path, server, "--product", "100001:10", "--", "no-such-command")
        profile = tmp_path / "client.toml"
        profile.write_text(profile.read_text("utf-8").replace('licence_root = "root.pem"', ""))
        arguments = ["run", "--profile", str(profile), "--product", "100001:10", "--", "true"]
        result = CliRunner().invoke(tmr, arguments)
        assert result.exit_code == 125
        assert "client.toml: licence_root is missing; name" in result.stderr
        assert server.requests == []


@pytest.mark.parametrize("verb", ["run", "checkout"])
def test_what_believes_a_profile_says_that_it_protects_nothing(verb: str) -> None:
    said = " ".join(CliRunner().invoke(tmr, [verb, "--help"]).stdout.split())
    assert "by the profile's licence_root" in said
    assert "says who is believed" in said
    assert "protect" in said


def test_the_verb_without_a_profile(tmp_path: Path) -> None:
    arguments = ["run", "--profile", str(tmp_path / "gone"), "--product", "1:1", "--", "true"]
    result = CliRunner().invoke(tmr, arguments)
    assert result.exit_code == 125
    assert "which does not exist or is not a file" in result.stderr


def test_what_the_command_line_asks_is_part_of_every_check_out(certificates: Certificates) -> None:
    async def act(client, server):
        wishes = Wishes(**ASKED)
        assert await hold(client, job(*python(""), wishes=wishes)) == 0
        sent = next(one.document for one in server.requests if one.method == "PUT")
        assert {name: sent[name] for name in WISH_NAMES} == ASKED

    play(certificates, act)
