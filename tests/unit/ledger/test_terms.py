"""Terms as people read them."""

from __future__ import annotations

from appliance.ledger.election.terms import NO_TERM, Term


def test_a_term_is_told_by_its_counter_its_host_and_the_last_four_digits_of_its_nonce() -> None:
    assert str(Term(3, "tmr1", 0x0123456789ABCDEF)) == "3.tmr1.cdef"
    assert str(Term(4, "tmr2", 0x50007)) == "4.tmr2.0007"
    assert str(NO_TERM) == "0..0000"
