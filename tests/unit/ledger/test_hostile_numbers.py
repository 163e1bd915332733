"""What a stolen host certificate can say in 64 bits: no number ends a replica or its terms."""

from __future__ import annotations

from appliance.ledger.effects import Effect, Origin, Send, Write
from appliance.ledger.election.terms import NO_TERM, Term, counter_max
from appliance.ledger.messages import AnyMessage, Entries, Fetch, Prepare, Promise, TermRefused
from appliance.ledger.replica.replica import Replica
from appliance.ledger.replica.surroundings import Recovered
from appliance.ledger.timing import Timing
from appliance.licences.machine import Machine
from appliance.licences.model import ContainerUpdate, LicenceKey, ProductItem
from appliance.licences.state import State
from appliance.sim.vendor import SimStore

HIGHEST = 2**64 - 1
ORIGIN = Origin("tmr1", 1)


class NoContainer:
    """A container that holds nothing."""

    serial = "130-1"
    locked = ""

    def item(self, key: LicenceKey) -> ProductItem | None:
        return None

    def sign(self, data: bytes) -> bytes:
        return b""

    def news_for(self, state: State) -> None:
        return None


def no_update(data: bytes) -> ContainerUpdate:
    raise AssertionError("there is none")


def replica(promised: Term = NO_TERM) -> Replica:
    recovered = Recovered(promised, NO_TERM, 0, iter(()))
    return Replica(
        Machine(no_update),
        NoContainer(),
        lambda *_: False,
        SimStore(b"store"),
        lambda *_: False,
        Timing(0.1),
        recovered,
    )


def told(one: Replica, message: AnyMessage) -> list[Effect]:
    return one.receive(1.0, 0, ORIGIN, message)


def test_nothing_is_read_from_the_disk_beyond_the_log() -> None:
    one = replica()
    for first in (1, 2**63, HIGHEST):
        for term in (None, NO_TERM):
            effects = told(one, Fetch(term, first, HIGHEST))
            assert effects == [Send(ORIGIN, Entries(first, (), 0, 0, None))]


def test_no_claim_uses_up_the_counter() -> None:
    """What was promised once can never be taken back, so a leap to the end is not promised."""
    for promised in (NO_TERM, Term(7, "tmr2", 1), Term(2**40, "tmr2", 1)):
        one = replica(promised)
        (refusal,) = told(one, Prepare(Term(HIGHEST, "tmr1", 5)))
        assert isinstance(refusal, Send) and isinstance(refusal.message, TermRefused)
        assert (refusal.message.why, refusal.message.promised) == ("bad-request", promised)
        assert (one.promised, one.hears(1.0)) == (promised, "")
        # The others' terms are followed all the same.
        following = Term(promised.counter + 1, "tmr1", 5)
        (write,) = told(one, Prepare(following))
        assert isinstance(write, Write) and write.promised == following
        (answer,) = one.written(1.0, write.ticket)
        assert isinstance(answer, Send) and isinstance(answer.message, Promise)


def test_how_far_a_claim_may_leap() -> None:
    promised = Term(5, "tmr1", 1)
    assert counter_max(promised, 3) == 3 + 2**32
    # A replica that begins anew joins a cluster of whatever honest age.
    assert counter_max(NO_TERM, 0) == 2**62
    one = replica(promised)
    far = counter_max(promised, 0)
    (write,) = told(one, Prepare(Term(far, "tmr1", 5)))
    assert isinstance(write, Write)
    # Nobody served that term, so from there it goes on in small steps only: one host takes an
    # upstream no further away from the others than these can follow.
    assert counter_max(Term(far, "tmr1", 5), 0) == far + 2**10
    for counter, type_ in ((far + 2**32, Send), (far + 2**10 + 1, Send), (far + 2**10, Write)):
        (effect,) = told(one, Prepare(Term(counter, "tmr1", 5)))
        assert isinstance(effect, type_), counter
