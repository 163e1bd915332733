"""What a program asks of its licence: the receipt has to show it, whatever the server says."""

from __future__ import annotations

from base64 import b64encode
from datetime import date

import pytest

from appliance.client import ReceiptRefused, this_station
from appliance.licences.modes import MODES, OF_A_STATION
from appliance.licences.wishes import NO_WISHES
from tests.unit.client.fake import Certificates
from tests.unit.client.test_run import play


@pytest.mark.parametrize(("features", "licensed"), [(5, True), (4, True), (2, False), (7, False)])
def test_features_have_to_stand_in_the_receipt(
    certificates: Certificates, features: int, licensed: bool
) -> None:
    async def act(client, server):
        lease = client.lease(100001, 10, features=features)
        if licensed:
            assert (await lease.check_out()).features == 5
            return
        with pytest.raises(ReceiptRefused, match="features"):
            await lease.check_out()

    play(certificates, act)


@pytest.mark.parametrize("lost", ["release_date", "features"])
def test_a_server_that_leaves_a_wish_out_is_not_believed(
    certificates: Certificates, lost: str
) -> None:
    async def act(client, server):
        server.leaves_out = {lost: getattr(NO_WISHES, lost)}
        lease = client.lease(100001, 10, release_date="2026-09-01", features=5)
        with pytest.raises(ReceiptRefused, match="asked for something else"):
            await lease.check_out()

    play(certificates, act)


def test_units_are_taken_by_a_lease_of_the_same_wishes(certificates: Certificates) -> None:
    async def act(client, server):
        lease = client.lease(100001, 10, release_date="2026-09-01")
        await lease.check_out()
        assert (await lease.consume(3)).units_taken == 3
        server.asked.clear()
        server.asked[lease.lease_id] = b""
        with pytest.raises(ReceiptRefused, match="asked for something else"):
            await lease.consume(3)

    play(certificates, act)


def test_a_date_is_sent_as_text_and_what_nobody_can_ask_is_said(certificates: Certificates) -> None:
    async def act(client, server):
        await client.lease(100001, 10, release_date=date(2026, 9, 1)).check_out()
        assert server.requests[0].document["release_date"] == "2026-09-01"
        for wrong in ({"features": -1}, {"release_date": "soon"}):
            with pytest.raises(ValueError, match=next(iter(wrong))):
                client.lease(100001, 10, **wrong)

    play(certificates, act)


@pytest.mark.parametrize("mode", MODES)
def test_the_mode_and_the_station_have_to_stand_in_the_receipt(
    certificates: Certificates, mode: str
) -> None:
    """A TMR host that names one station for all has each client's disbelief."""

    async def act(client, server):
        lease = client.lease(100001, 10, mode=mode)
        grant = await lease.check_out()
        assert (grant.mode, lease.station) == (mode, this_station(100001))
        assert server.requests[0].document["station"] == b64encode(lease.station).decode()
        server.station = b"somebody else's!"
        other = client.lease(100001, 10, mode=mode, station=b"this one's name.")
        if mode in OF_A_STATION:
            with pytest.raises(ReceiptRefused, match="wrong-mode"):
                await other.check_out()
        else:
            assert (await other.check_out()).share == bytes(16)

    play(certificates, act)


def test_a_seat_may_be_given_back_for_good(certificates: Certificates) -> None:
    async def act(client, server):
        for linger, query in ((True, False), (False, True)):
            lease = client.lease(100001, 10)
            await lease.check_out()
            await lease.check_in(linger=linger)
            last = server.requests[-1]
            assert (last.method, "&no_linger=1" in last.path) == ("DELETE", query)

    play(certificates, act)
