"""chrony's file as Ansible renders it: whom it asks, and whether these prove who they are."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.unit.playing import ROOT, played

ROLE = ROOT / "roles" / "time"
CASES: dict[str, dict[str, Any]] = {
    "defaults": {},
    "own": {"time_servers": ["ntp1", "ntp2"]},
    "nts": {"time_servers": ["ntp1"], "time_pools": ["pool"], "time_nts": True},
    "none": {"time_servers": [], "time_pools": [], "time_nts": True},
}
SOURCES = ("server", "pool", "peer", "refclock")


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[str]]]:
    """The lines of each case's file, as words."""
    directory = tmp_path_factory.mktemp("chrony")
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "connection": "local",
        "vars_files": [str(ROLE / "defaults" / "main.yml")],
        "tasks": [
            {
                "ansible.builtin.template": {
                    "src": str(ROLE / "templates" / "chrony.conf.j2"),
                    "dest": str(directory / f"{case}.conf"),
                },
                "vars": given,
            }
            for case, given in CASES.items()
        ],
    }
    (directory / "play.yml").write_text(yaml.safe_dump([play]))
    done = played("--inventory=localhost,", str(directory / "play.yml"))
    assert done.returncode == 0, done.stdout + done.stderr
    return {
        case: [line.split() for line in (directory / f"{case}.conf").read_text().splitlines()]
        for case in CASES
    }


@pytest.mark.parametrize(
    ("case", "sources"),
    [
        ("defaults", ["pool 2.debian.pool.ntp.org iburst"]),
        ("own", ["server ntp1 iburst", "server ntp2 iburst"]),
        ("nts", ["server ntp1 iburst nts", "pool pool iburst nts"]),
        ("none", []),
    ],
)
def test_the_sources_that_were_given_are_asked_and_no_other(rendered, case, sources):
    found = [" ".join(line) for line in rendered[case] if line and line[0] in SOURCES]
    assert found == sources


@pytest.mark.parametrize("case", CASES)
def test_the_rest_of_the_file_is_the_same_whatever_is_asked(rendered, case):
    rest = [line for line in rendered[case] if line and line[0] not in SOURCES]
    assert rest == [line for line in rendered["none"] if line]
    assert ["makestep", "1", "3"] in rest
    assert all("nts" not in line for line in rest)
