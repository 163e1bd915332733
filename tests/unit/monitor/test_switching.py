"""Another system is chosen: nothing of the one before is seen under its name, reached or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import cast

import pytest

from appliance.client import ConnectionFailed
from monitor_gui.feed.direct import profile_trouble
from monitor_gui.feed.source import Source
from monitor_gui.feed.thread import Ask
from monitor_gui.model.alerts import find, overall
from monitor_gui.model.connections import System
from monitor_gui.model.limits import AlertLimits
from monitor_gui.model.picture import picture
from monitor_gui.model.store import Store
from monitor_gui.model.timeline import Entry
from monitor_gui.model.updates import Closed, Connecting, Opened, StatusHeard
from monitor_gui.model.verdict import Level
from tests.unit.client.fake import Certificates, make_certificates
from tests.unit.monitor.documents import filled, opened, status
from tests.unit.monitor.following import following
from tests.unit.monitor.test_direct import system_of

PLANT = System(name="plant", profile="p.toml")
OTHER = System(name="other", profile="o.toml")


def test_what_was_known_of_another_system_is_void() -> None:
    store = filled()
    store.entries.append(Entry(unix_s=1.0, kind="switch", text="tmr1 took over"))
    generation = store.generation
    store.apply(Connecting("other"))
    assert (store.opened, store.wanted, store.endpoints) == (None, "other", {})
    assert (store.licences, store.leases, list(store.entries)) == (None, None, [])
    assert store.generation > generation, "pages and alerts forget, too"
    assert picture(store, 100.0).tmr == ()
    assert str(overall(store, 100.0, AlertLimits()).headline) == "Connecting to other"


def test_a_switch_that_fails_says_which_system_it_is_about() -> None:
    store = filled()
    store.apply(Connecting("other"))
    store.apply(Closed("it does not answer"))
    found = overall(store, 100.0, AlertLimits())
    assert found.level == Level.UNKNOWN
    assert str(found.headline) == "Not connected to other: it does not answer"
    assert store.seats() == (None, None)
    store.apply(opened())
    assert (store.wanted, store.trouble) == ("plant", "")


def test_the_same_system_reached_anew_goes_on() -> None:
    store = filled()
    store.apply(Closed("the tunnel broke"))
    store.apply(opened())
    assert store.leases is not None


def test_before_anything_is_chosen_nothing_connects() -> None:
    store = Store()
    assert str(overall(store, 1.0, AlertLimits()).headline) == "No system is chosen"
    assert find(store, 1.0, AlertLimits()).alerts == ()


class Plant:
    """A source that answers until it is told to hang while it is closed."""

    endpoints = ("a",)
    identity, role, route = "olga", "operate", "directly"
    faults: tuple[str, ...] = ()
    broken = False

    def __init__(self, name: str) -> None:
        self.name = name

    async def status(self, endpoint: str) -> object:
        return status()

    async def close(self) -> None:
        """It takes its time."""
        await asyncio.sleep(0.05)

    def __getattr__(self, name: str) -> object:
        async def silent(*arguments: object) -> object:
            raise ConnectionFailed("nothing else here")

        async def events(*arguments: object) -> AsyncGenerator[None, None]:
            await asyncio.Event().wait()
            yield

        return events if name == "events" else silent


def test_the_feed_tells_nothing_more_of_the_system_that_was_left() -> None:
    async def opener(system: System | None, ask: Ask) -> Source:
        if system == OTHER:
            raise ConnectionFailed("other does not answer")
        return cast(Source, Plant("plant"))

    with following(opener, PLANT) as followed:
        followed.until(
            lambda s: (
                s.active(s.endpoints["a"].heard_at_s or 0.0) == "tmr1"
                if "a" in s.endpoints
                else False
            ),
            "plant is followed",
        )
        followed.feed.connect(OTHER)
        followed.feed.switchover("tmr2", "meant for other")
        assert not followed.acted("switchover").ok, "plant must not get it"
        followed.until(lambda s: s.trouble == "other does not answer", "the failure is told")
        chosen = followed.of(Connecting)
        after = followed.updates[followed.updates.index(chosen[-1]) :]
        assert [one.name for one in chosen] == ["plant", "other"]
        assert not [one for one in after if isinstance(one, (Opened, StatusHeard))]
        assert (followed.store.opened, followed.store.wanted) == (None, "other")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A CA for these tests."""
    return make_certificates(tmp_path_factory.mktemp("pki"))


def test_a_profile_is_looked_at_when_it_is_given(
    certificates: Certificates, tmp_path: Path
) -> None:
    system = system_of(certificates, tmp_path, [7200])
    assert profile_trouble(system) == ""
    nowhere = System(name="x", profile=str(tmp_path / "nowhere.toml"))
    assert profile_trouble(nowhere).startswith(f"there is no file {tmp_path}")
    text = Path(system.profile).read_text()
    bad = {
        "no TOML": "][",
        "addresses is empty": text.replace('"127.0.0.1:7200"', ""),
        "no such file": text.replace(str(certificates.ca), "/nowhere.pem"),
    }
    for word, content in bad.items():
        Path(system.profile).write_text(content)
        found = profile_trouble(system)
        assert found, word
        assert not found.endswith(".")
