"""What links log when something goes on and on: once, at its level. On both event loops."""

import logging

from appliance.adapters.links import links
from appliance.adapters.links.links import Link
from appliance.details import TEXTS
from tests.unit.adapters.test_links import Plant, files, run

__all__ = ["files", "run"]  # Fixtures.


def test_a_link_that_is_down_is_one_warning_however_often_it_is_dialled(
    files, run, caplog, monkeypatch
):
    monkeypatch.setattr(links, "BACKOFF_MIN_S", 0.0)
    monkeypatch.setattr(links, "BACKOFF_MAX_S", 0.0)
    dialled = []
    dial = Link._dial

    async def counted(link):
        dialled.append(link.name)
        return await dial(link)

    monkeypatch.setattr(Link, "_dial", counted)

    async def story():
        async with Plant(files) as plant:
            await plant.server.close()
            plant.link()
            await plant.until(lambda: len(dialled) > 50)

    run(story())
    told = [one for one in caplog.records if one.getMessage().startswith("link down")]
    assert [(one.levelno, one.getMessage()) for one in told] == [
        (
            logging.WARNING,
            f"link down: peer=up1 why={TEXTS['link-refused-port']}",
        )
    ]


def test_a_peer_that_is_refused_again_and_again_is_logged_once(files, run, caplog, monkeypatch):
    """It comes back a few times a second: at both ends each reason is one record a minute."""
    monkeypatch.setattr(links, "BACKOFF_MIN_S", 0.0)
    monkeypatch.setattr(links, "BACKOFF_MAX_S", 0.0)
    refused = []

    async def story():
        async with Plant(files, allowed_names=("tmr1",)) as plant:
            judge = plant.server.judge

            def counted(identity):
                refused.append(identity)
                return judge(identity)

            monkeypatch.setattr(plant.server, "judge", counted)
            plant.link("tmr2")
            await plant.until(lambda: len(refused) >= 100)

    run(story())
    told = [one.getMessage() for one in caplog.records if "among the hosts" in one.getMessage()]
    assert told == [
        "refused a connection: peer=tmr2@127.0.0.1"
        " why='tmr2' is not among the hosts in this host's settings"
    ]
