"""Access modes and the linger time on the vendor's command line."""

from __future__ import annotations

from typing import Any

import click
import pytest
from click.testing import CliRunner

from appliance.cli._options import chosen, licence_options


def given(*words: str) -> tuple[int, str, dict[str, Any]]:
    """Exit code, output, and the options as they were read."""
    read: dict[str, Any] = {}

    @click.command()
    @licence_options
    def verb(**options: Any) -> None:
        read.update(chosen(options).values)

    result = CliRunner().invoke(verb, words)
    return result.exit_code, result.output, read


@pytest.mark.parametrize(
    ("written", "modes"),
    [
        ("station-share", ("station-share",)),
        ("no-limit, user-limit", ("user-limit", "no-limit")),
        ("exclusive,exclusive", ("exclusive",)),
    ],
)
def test_modes_are_written_by_commas_in_any_order(written: str, modes: tuple[str, ...]) -> None:
    code, _, read = given("--modes", written, "--linger-s", "60")
    assert (code, read) == (0, {"modes": modes, "linger_s": 60})


@pytest.mark.parametrize("written", ["", "site", "user-limit;exclusive", "user-limit,"])
def test_what_is_no_mode_is_refused_by_name(written: str) -> None:
    code, said, read = given("--modes", written)
    assert (code, read) == (2, {})
    assert "names no access modes: write one or more of user-limit," in " ".join(said.split())
