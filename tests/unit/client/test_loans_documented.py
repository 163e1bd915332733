"""The example of docs/borrowing.md does what it says, by its text alone."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from appliance.client import Client, Lease, Ticket, Trust
from tests.unit.client.fake import Certificates
from tests.unit.client.test_lending import Lender
from tests.unit.client.test_sync import playing
from tests.unit.client.test_ticket import TRUST
from tests.unit.verifier.plant import FIRM_CODE

DOCS = Path(__file__).resolve().parents[3] / "docs" / "borrowing.md"


def example() -> str:
    """The one block of Python, about the product that the fake server has."""
    source: str
    (source,) = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert source.count("6000010, 20") == 2
    return source.replace("6000010, 20", f"{FIRM_CODE}, 10")


@pytest.mark.parametrize("borrowed", [True, False])
def test_the_example_runs_as_it_is_written(
    certificates: Certificates,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    borrowed: bool,
) -> None:
    source, used = example(), list[Any]()
    if not borrowed:  # The one branch takes a lease then.
        source = re.sub(r"    client\.(borrow|extend|give_back)\(.*\n", "", source)
    with playing(certificates) as (client, server):
        lender = Lender(server)
        if not borrowed:
            server.script = None
        names: dict[str, Any] = {"TRUST": TRUST}

        def work() -> None:
            used.append(names["seat"])
            if len(used) == 3:
                close = names["seat"].close if borrowed else names["seat"].check_in
                close()

        @contextlib.contextmanager
        def given(trust: Trust) -> Iterator[Client]:
            assert trust is TRUST
            yield client

        names["work"] = work
        monkeypatch.setattr("appliance.client.find_profile", lambda: Path("profile.toml"))
        profile = SimpleNamespace(client=given)
        monkeypatch.setattr("appliance.client.load_profile", lambda path: profile)
        monkeypatch.chdir(tmp_path)
        exec(compile(source, str(DOCS), "exec"), names)
        assert [type(one) for one in used] == [Ticket if borrowed else Lease] * 3
        assert lender.ends_ms == {}
        assert not list(tmp_path.glob("*.tmr-ticket"))
