"""The licensee himself, with root on his hosts: what he makes of the keys that he finds there."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

import pytest

from appliance.client import ReceiptRefused, ReceiptVerifier, Refused, Trust, Wanted, load_profile
from appliance.lab.story.stage import PRESSES, ROBOTS, SEATS, Firm
from appliance.licences.grants import hash_of_item
from appliance.verifier.documents import FirmWordsDocument
from tests.attacks.forger import Forger
from tests.lab.world import World

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]


def words_of(world: World, firm: Firm, product: int, tmr_id: int = 1) -> FirmWordsDocument:
    """What the real system shows of the firm's word. Raises Refused."""
    query = urlencode({"firm_code": firm.code, "product_code": product, "tmr_id": tmr_id})
    profile = load_profile(world.files.profile("client-01"))

    async def ask() -> FirmWordsDocument:
        async with profile.async_client() as client:
            return await client.call("GET", f"/v1/firm-words?{query}", FirmWordsDocument)

    return world.stage.clients.call(ask())


def verifier_of(world: World, *words: FirmWordsDocument) -> ReceiptVerifier:
    """A program's, with the vendors' root compiled in, that was shown these words."""
    verifier = ReceiptVerifier(Trust(world.files.root_certificate().read_bytes()))
    for document in words:
        verifier.learn(document)
    return verifier


def wanted_of(firm: Firm, product: int, seats: int = 1, units: int = 0) -> Wanted:
    return Wanted(firm.code, product, secrets.token_bytes(32), units_taken=units, seats=seats)


def item_of(words: FirmWordsDocument) -> bytes:
    return hash_of_item(words.firm_code, words.item.encode())


@pytest.fixture
def thief(world: World) -> Forger:
    """Two of the three containers' keys, as they lie on the disks of up1 and up2."""
    return Forger(world.files, "up1", "up2")


def test_two_containers_keys_make_no_product_that_no_vendor_sold(
    world: World, thief: Forger
) -> None:
    never_sold = 4711
    with pytest.raises(Refused) as unknown:
        words_of(world, PRESSES, never_sold)
    assert unknown.value.reason == "unknown-product"
    shown = words_of(world, PRESSES, PRESSES.product), words_of(world, ROBOTS, ROBOTS.product)
    wanted = wanted_of(PRESSES, never_sold)
    for item_hash in (secrets.token_bytes(32), *map(item_of, shown)):
        grant = thief.grant(wanted, 1, item_hash)
        with pytest.raises(ReceiptRefused) as refused:
            verifier_of(world, *shown).verify(grant, wanted)
        assert refused.value.reason in ("no-firm-word", "beyond-item")


def test_nor_another_vendors(world: World, thief: Forger) -> None:
    """The robots' vendor sold to the same containers; his item is none of the presses' vendor."""
    shown = words_of(world, ROBOTS, ROBOTS.product)
    wanted = wanted_of(PRESSES, ROBOTS.product)
    grant = thief.grant(wanted, 1, item_of(shown))
    with pytest.raises(ReceiptRefused) as refused:
        verifier_of(world, shown).verify(grant, wanted)
    assert refused.value.reason == "no-firm-word"


@pytest.mark.parametrize(
    ("seats", "units", "fields"),
    [
        (SEATS + 1, 0, {}),
        (1, 2**40, {}),
        (1, 0, {"features": 1}),
        (1, 0, {"valid_for_s": 86_400}),
    ],
    ids=["seats", "units", "features", "validity"],
)
def test_nor_more_than_was_sold(
    world: World, thief: Forger, seats: int, units: int, fields: dict[str, int]
) -> None:
    shown = words_of(world, PRESSES, PRESSES.product)
    wanted = wanted_of(PRESSES, PRESSES.product, seats, units)
    grant = thief.grant(wanted, 1, item_of(shown), **fields)
    with pytest.raises(ReceiptRefused) as refused:
        verifier_of(world, shown).verify(grant, wanted)
    assert refused.value.reason == "beyond-item"


def test_what_two_containers_keys_are_worth(world: World, thief: Forger) -> None:
    """Else the tests above would show nothing: of what was sold he makes receipts, each with the
    two serials that he stole."""
    shown = words_of(world, PRESSES, PRESSES.product)
    wanted = wanted_of(PRESSES, PRESSES.product)
    grant = thief.grant(wanted, 1, item_of(shown))
    verifier_of(world, shown).verify(grant, wanted)


def test_one_containers_key_is_worth_nothing(world: World) -> None:
    shown = words_of(world, PRESSES, PRESSES.product)
    wanted = wanted_of(PRESSES, PRESSES.product)
    for homes, reason in ((("up1",), "one-endorsement"), (("up1", "up1"), "same-twin")):
        grant = Forger(world.files, *homes).grant(wanted, 1, item_of(shown))
        with pytest.raises(ReceiptRefused) as refused:
            verifier_of(world, shown).verify(grant, wanted)
        assert refused.value.reason == reason
