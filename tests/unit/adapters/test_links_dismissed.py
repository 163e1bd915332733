"""Links to and from hosts whose certificate was taken back."""

from appliance.adapters.pki import authority as pki
from appliance.ledger.messages import DirectUse, PreVote
from tests.unit.adapters.test_links import Plant, files, run

__all__ = ["files", "run"]  # fixtures


def test_who_was_dismissed_is_hung_up_on_at_its_next_message_and_not_let_in_again(
    files, run, caplog
):
    serial = pki.own_serial(files["tmr1"].cert)
    dismissed = set()

    def unwelcome(identity):
        return "its certificate was dismissed" if identity.serial in dismissed else ""

    async def story():
        async with Plant(files, unwelcome=unwelcome) as plant:
            link, other = plant.link(), plant.link("tmr2")
            await plant.until(lambda: link.up and other.up)
            assert link.send(PreVote(1))
            await plant.until(lambda: len(plant.got) == 1)
            dismissed.add(serial)
            assert link.send(PreVote(2))
            await plant.until(lambda: "closed a link: peer=tmr1" in caplog.text)
            await plant.until(lambda: "refused a connection: peer=tmr1" in caplog.text)
            assert other.send(PreVote(3))
            await plant.until(lambda: len(plant.got) == 2)
            assert [message for _, message in plant.got] == [PreVote(1), PreVote(3)]

    run(story())


def test_a_dismissed_server_is_hung_up_on_too(files, run):
    serial = pki.own_serial(files["up1"].cert)
    dismissed = set()

    async def story():
        async with Plant(files) as plant:
            link = plant.link(unwelcome=lambda one: "dismissed" if one.serial in dismissed else "")
            await plant.until(lambda: link.up)
            dismissed.add(serial)
            link.send(PreVote(1))
            await plant.until(lambda: plant.got)
            plant.server.send(plant.got[0][0], DirectUse(1, 2))
            await plant.until(lambda: plant.downs() == ["dismissed"])
            assert not any(event[0] == "message" for event in plant.events)

    run(story())
