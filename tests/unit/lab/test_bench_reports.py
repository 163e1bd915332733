"""What the benches make of what was seen: no lab, no clock."""

from __future__ import annotations

import json

import msgspec
import pytest
from click.testing import CliRunner

from appliance.cli import bench as verbs
from appliance.lab import prerequisites
from appliance.lab.bench import catchup, queue, restart
from appliance.lab.bench.catchup import Absence, CatchUp
from appliance.lab.bench.checkout import Checkout, combined, shares
from appliance.lab.bench.failover import Cuts, Failover, UpstreamLoss, compared, faults
from appliance.lab.bench.figures import spread
from appliance.lab.bench.generator import Result
from appliance.lab.bench.ground import Computer
from appliance.lab.bench.ticket import Tickets
from appliance.lab.story.stage import StoryFailed
from appliance.ledger.replica.surroundings import Retention

MACHINE = Computer(cpus=2, python="3.11.2", kernel="6.1", keepalived="2.2.7")


def result(latencies_us=(1000,), batches=1, refused=None, cpu_s=0.5) -> Result:
    return Result(
        checked_out=len(latencies_us),
        latencies_us=list(latencies_us),
        batches=batches,
        receipts_verified=3,
        refused=refused or {},
        cpu_s=cpu_s,
    )


@pytest.mark.parametrize(
    ("connections", "generators", "parts"),
    [(64, 1, [64]), (64, 3, [22, 21, 21]), (1, 4, [1]), (5, 5, [1] * 5)],
)
def test_connections_are_dealt_to_generators_without_idle_ones(connections, generators, parts):
    assert shares(connections, generators) == parts


def test_generators_are_added_up():
    level = combined(
        2,
        2.0,
        [
            result([1000, 3000], batches=2, refused={"overloaded": 1}),
            result([2000, 9000], batches=1, refused={"overloaded": 2, "quorum-lost": 1}, cpu_s=1.5),
        ],
    )
    assert level.rate_per_s == 2.0
    assert (level.median_s, level.p99_s) == (0.002, 0.009)
    assert level.checked_out == 4
    assert level.batch_mean == 2.0
    assert level.receipts_verified == 6
    assert level.refused == {"overloaded": 3, "quorum-lost": 1}
    assert level.generator_cpus == 1.0


def test_a_level_without_a_single_check_out_says_why():
    with pytest.raises(StoryFailed, match=r"64 connections: .*quorum-lost.*7"):
        combined(64, 1.0, [result((), refused={"quorum-lost": 7})])


def test_a_level_that_met_the_bound_of_leases_is_not_measured():
    with pytest.raises(StoryFailed, match=r"64 connections .*100000 of one .*fewer seconds"):
        combined(64, 1.0, [result(refused={"too-many-leases": 46})])


def test_leases_are_compared_by_client_id_and_grant():
    held = [("cert:a", "x", 1), ("cert:b", "y", 2)]
    assert compared(held, held) == (set(), set())
    lost, doubled = compared(held, [("cert:a", "x", 1)])
    assert (lost, doubled) == ({("cert:b", "y", 2)}, set())
    # A lease that was granted anew is both: the old grant is lost, and a seat is held for a new one
    # that no client knows of.
    lost, doubled = compared(held, [("cert:a", "x", 1), ("cert:b", "y", 9)])
    assert (lost, doubled) == ({("cert:b", "y", 2)}, {("cert:b", "y", 9)})


def test_the_progress_bar_knows_how_many_faults_there_are():
    assert faults(cuts=20, crowds=2) - faults(cuts=20, crowds=1) == 20


def cuts(clients: int) -> Cuts:
    return Cuts(
        clients=clients,
        cuts=20,
        median_s=0.265,
        p99_s=0.29,
        max_s=0.291,
        leases_lost=0,
        seats_doubled=0,
        failed_requests=0,
        requests=60,
    )


def failover_report() -> Failover:
    alone = spread([0.2, 0.25, 0.3])
    assert alone is not None
    return Failover(
        machine=MACHINE,
        advert_int_s=0.1,
        keepalived_median_s=alone.median_s,
        keepalived=alone,
        power_cuts=(cuts(1), cuts(500)),
        switchover=cuts(1),
        upstream_loss=UpstreamLoss(cuts=3, longest_gap_s=0.018, failed_requests=0, requests=350),
    )


def test_the_failover_document_has_the_names_that_were_agreed():
    document = json.loads(msgspec.json.encode(failover_report()))
    assert document["keepalived_median_s"] == 0.25
    assert [crowd["clients"] for crowd in document["power_cuts"]] == [1, 500]
    for crowd in document["power_cuts"]:
        assert {"median_s", "p99_s", "max_s", "leases_lost", "seats_doubled"} <= crowd.keys()
        assert crowd["failed_requests"] == 0
    assert document["machine"]["cpus"] == 2


def test_the_failover_table_has_a_row_for_every_fault(capsys):
    verbs._print_failover(failover_report())
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("\t")[0] == "Fault"
    assert [line.split("\t")[0] for line in lines[1:]] == [
        "keepalived alone",
        "power cut, 1 client(s)",
        "power cut, 500 client(s)",
        "switchover",
        "upstream lost",
    ]
    assert lines[1].split("\t")[2] == "250.0 ms"


def test_the_checkout_table_has_a_row_for_every_level(capsys):
    level = combined(64, 1.0, [result([1000] * 50, refused={"unknown-repeat": 46})])
    verbs._print_checkout(
        Checkout(machine=MACHINE, lab="network", seconds=1.0, generators=1, levels=(level,))
    )
    header, row = capsys.readouterr().out.splitlines()
    assert header.split("\t")[:2] == ["Connections", "Check-outs/s"]
    assert row.split("\t")[:3] == ["64", "50", "1.0 ms"]
    assert row.split("\t")[-1] == "46 unknown-repeat"


def test_restarts_are_measured_on_a_store_that_is_gone_afterwards(tmp_path, monkeypatch):
    monkeypatch.setattr(restart, "RETENTION", Retention(every=40, keep=10, slice=20))
    directory = tmp_path / "bench"
    found = restart.measure(directory, 120, 7)
    assert (found.entries, found.leases, found.tail) == (120, 7, 40)
    assert found.snapshot_bytes > 1000
    assert min(found.upstream_whole_s, found.upstream_snapshot_s, found.tmr_whole_s) > 0
    assert found.let_go_max_s > 0
    assert not directory.exists()


def test_restarts_are_told(monkeypatch):
    result = restart.Restart(
        machine=MACHINE,
        entries=30_000,
        leases=1_000,
        tail=10_000,
        snapshot_bytes=400_000,
        upstream_whole_s=0.6,
        upstream_snapshot_s=0.2,
        tmr_whole_s=1.1,
        tmr_snapshot_s=0.5,
        let_go_max_s=0.005,
    )
    monkeypatch.setattr(restart, "measure", lambda *_: result)
    told = CliRunner().invoke(verbs.bench, ["restart"]).output
    assert "600.0 ms" in told and "5.0 ms" in told
    told = CliRunner().invoke(verbs.bench, ["restart", "--json"]).output
    assert json.loads(told)["tmr_whole_s"] == 1.1


def absence(lacked: int, by_snapshot: bool) -> Absence:
    seen = spread([0.01, 0.02, 0.03])
    slow = spread([0.01, 0.02, 0.05])
    assert seen is not None and slow is not None
    return Absence(
        lacked=lacked,
        by_snapshot=by_snapshot,
        took_s=1.23,
        reachable_s=0.5,
        whole=seen,
        without=seen,
        beside=seen,
        starting=seen,
        catching_up=slow,
    )


def test_catching_up_is_told(monkeypatch):
    result = CatchUp(
        machine=MACHINE,
        clients=8,
        requests=3_000,
        failed_requests=0,
        errors=(),
        absences=(absence(500, by_snapshot=False), absence(20_000, by_snapshot=True)),
    )
    monkeypatch.setattr(catchup, "measure", lambda *_: result)
    monkeypatch.setattr(prerequisites, "check", lambda: prerequisites.Prerequisites((), ()))
    header, *rows = CliRunner().invoke(verbs.bench, ["catchup"]).output.splitlines()
    assert header.split("\t")[-1] == "Worst"
    cells = [row.split("\t") for row in rows]
    assert [row[0] for row in cells] == ["500"] * 5 + ["20000"] * 5
    assert cells[4][1] == "it catches up by entries, 0.5 s"
    assert cells[9][1] == "it catches up by a snapshot, 0.5 s"
    assert cells[9][-1] == "50.0 ms"
    document = json.loads(CliRunner().invoke(verbs.bench, ["catchup", "--json"]).output)
    assert document["absences"][1]["catching_up"]["max_s"] == 0.05


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("abcd", "abcd", (0, 0)),
        ("abcd", "bcd", (1, 0)),
        ("abcd", "acbd", (0, 2)),
        ("abcd", "dx", (3, 0)),
        ("", "", (0, 0)),
    ],
)
def test_who_is_lost_from_a_queue_or_stands_elsewhere_is_told_apart(before, after, found):
    assert queue.moved(before, after) == found


def test_a_queue_is_told_with_what_was_lost(monkeypatch):
    asked = []

    def measured(lay, kind, turns, waiting, passed_on, told):
        asked.append((kind, turns, waiting, passed_on))
        told("turns")
        return queue.Queue(
            machine=MACHINE,
            lab=kind,
            turns=turns,
            turn_median_s=0.15,
            turn_p99_s=0.2,
            turn_max_s=0.3,
            waiting=waiting,
            lost=3,
            overtaken=0,
            failover_s=0.6,
            passed_on=passed_on,
            passed_on_wrongly=1,
            pass_on_median_s=0.2,
        )

    monkeypatch.setattr(queue, "measure", measured)
    argv = ["queue", "--loopback", "--turns", "7", "--waiting", "20"]
    told = CliRunner().invoke(verbs.bench, argv)
    assert told.exit_code == 0, told.output
    assert asked == [("loopback", 7, 20, 20)], "nobody passes on to more than wait"
    rows = dict(line.split("\t") for line in told.stdout.splitlines()[1:])
    assert rows["of those who waited, lost"] == "3"
    assert rows["a freed seat is with who waits: median, 99 %, worst"].startswith("150.0 ms")


def test_a_ticket_is_shown_beside_its_aims(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = spread([0.001, 0.002, 0.003])
    assert seen is not None
    found = Tickets(machine=MACHINE, bytes=4437, opened=seen, again=seen, again_cpu_s=0.0021)
    monkeypatch.setattr("appliance.lab.bench.ticket.measure", lambda directory, times: found)
    table = CliRunner().invoke(verbs.bench, ["ticket"])
    assert table.exit_code == 0, table.output
    rows = [line.split("\t") for line in table.stdout.splitlines()]
    assert rows[1:3] == [
        ["bytes of a ticket", "8192", "4437"],
        ["opened after a start of the system, median", "10 ms", "2.0 ms"],
    ]
    shown = json.loads(CliRunner().invoke(verbs.bench, ["ticket", "--json"]).stdout)
    assert (shown["bytes"], shown["opened"]["count"]) == (4437, 3)
