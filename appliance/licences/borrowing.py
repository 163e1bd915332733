"""Borrowing: seats that leave the plant, and come back by a signature or by their end.

    command           nothing under the key         out                           over (remembered)
    ----------------  ----------------------------  ----------------------------  -----------------
    Borrow            GRANTED -> out, or refused    same request: GRANTED again   BORROW_ENDED
                                                    signed, with the end that
                                                    stands: extended (1)
    ReturnBorrowed    BORROW_UNKNOWN                signed: DONE -> over          DONE, if it was
                                                                                  returned
    WriteOff          BORROW_UNKNOWN                DONE: labelled, still out     BORROW_ENDED
    (time)                                          over: `borrow_book` says when

(1) An end that is earlier than the one that stands is a repeat of an extension that took effect:
    it gets what stands. An extension never shortens.

The key is the borrower's own, of Ed25519, and what ends or lengthens a loan is signed with it: a
TMR host that is hijacked frees no borrowed seat. What is out is no lease, so nothing but its end,
its return and a vendor's blocked containers touch it, whatever becomes of hosts. A grant names its
absolute end in log time, so it is given only while log time is known to be right: else it could be
a ticket for decades.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from appliance.details import detail
from appliance.licences import commands as c
from appliance.licences import reasons, refuse
from appliance.licences import refuse_borrowing as no
from appliance.licences.access import judging
from appliance.licences.administration import Readers
from appliance.licences.borrow_book import RETURNED
from appliance.licences.borrow_bytes import (
    BORROW_SIGNATURE_BYTES,
    BORROWER_BYTES,
    extend_bytes,
    return_bytes,
)
from appliance.licences.borrow_carried import BORROWED_MAX
from appliance.licences.bounds import (
    COUNT_MAX,
    DURATION_S_MAX,
    NAME_MAX,
    SEATS_MAX,
    TAG_BYTES,
    too_long,
)
from appliance.licences.commands import Borrowed, LeaseRef, Outcome
from appliance.licences.grants import KIND_BORROWED, Line
from appliance.licences.item import terms_of
from appliance.licences.modes import ADDRESS_BYTES, NO_SHARE, STATION_BYTES, USER_LIMIT
from appliance.licences.names import differs
from appliance.licences.offers import Charge, Charges, Offer
from appliance.licences.pools import eligible, room
from appliance.licences.queue.waiting import overtakes
from appliance.licences.reasons import GRANTED
from appliance.licences.records import Act
from appliance.licences.refuse import at_rest, no_seat_free, not_available
from appliance.licences.seats import too_many
from appliance.licences.state import State
from appliance.licences.validity import furthest, time_left, why_offer_rests
from appliance.licences.wishes import why_not, wishes_hash

BORROWED_PER_CLIENT_MAX: Final = 256
"""Of these one client's."""
CERTIFIED_AGE_MS_MAX: Final = 7 * 86_400_000
"""Seats are borrowed only if the certified time is no older than this."""
OFF_MS_MAX: Final = 3_600_000
"""Nor if log time is further than this from the certified time and what has passed since."""
UNCERTIFIED_S_MAX: Final = 7 * 86_400
"""For how long seats are borrowed where operators do without certified time."""
NONCE_MAX: Final = 64
UNCERTIFIED_ON: Final = "uncertified-on"
UNCERTIFIED_OFF: Final = "uncertified-off"
ALL_KNOWN: Final = "all-known"
ACTIONS: Final = (UNCERTIFIED_ON, UNCERTIFIED_OFF, ALL_KNOWN)
"""Let seats be borrowed without certified time, or no more; say of a ledger that was restored that
no seats are out but those that it knows of."""


def borrow(state: State, command: c.Borrow, readers: Readers) -> Outcome:
    """Seats that leave, those that are out already, or a refusal."""
    wrong = _malformed(command)
    if wrong:
        return refuse.bad(wrong)
    out = state.borrowed_by(command.borrower)
    if out is not None:
        return _again(state, command, out, readers)
    ended = state.borrow_ends.get(command.borrower)
    if ended is not None:
        return no.ended(ended.how)
    if command.extends_ms or command.signature:
        return no.unknown()
    return _lend(state, command)


def give_back(state: State, command: c.ReturnBorrowed, readers: Readers) -> Outcome:
    """The seats are free again: whoever borrowed them says so."""
    out = state.borrowed_by(command.borrower)
    if out is None:
        ended = state.borrow_ends.get(command.borrower[:BORROWER_BYTES])
        if ended is None:
            return no.unknown()
        return Outcome(reasons.DONE) if ended.how == RETURNED else no.ended(ended.how)
    data = return_bytes(out.ledger_id, out.borrower)
    if not _signed(command.borrower, data, command.signature, readers):
        return no.not_proven()
    state.end_borrowed(out, RETURNED)
    return _done(out)


def write_off(state: State, command: c.WriteOff) -> Outcome:
    """Label what is out as lost. It is counted until its end: nobody knows who uses it."""
    if too_long(command.who, command.why):
        return refuse.bad(detail("who-why-long"))
    out = state.borrowed_by(command.borrower)
    if out is None:
        ended = state.borrow_ends.get(command.borrower[:BORROWER_BYTES])
        return no.unknown() if ended is None else no.ended(ended.how)
    if not out.lost_at_ms:
        state.set_borrowed(replace(out, lost_at_ms=max(1, state.log_time_ms)))
        subject = f"{out.client}/{out.borrower.hex()}"
        state.note(Act("write-off", subject, command.who, command.why, state.log_time_ms))
    return _done(out)


def operate_borrowing(state: State, command: c.OperateBorrowing) -> Outcome:
    """What operators say of borrowing as a whole."""
    if too_long(command.who, command.why):
        return refuse.bad(detail("who-why-long"))
    if command.action not in ACTIONS:
        return refuse.bad(
            detail("word-not-known", word=repr(command.action[:40]), known=", ".join(ACTIONS))
        )
    if command.action == ALL_KNOWN:
        state.set_in_doubt(False)
    else:
        state.set_uncertified(command.action == UNCERTIFIED_ON)
    act = Act("borrowing", command.action, command.who, command.why, state.log_time_ms)
    state.note(act)
    return Outcome(reasons.DONE)


# --- a loan ---


def _lend(state: State, command: c.Borrow) -> Outcome:
    firm_code, product_code = command.firm_code, command.product_code
    mine = list(state.all_borrowed(command.client))
    lost = next((one for one in mine if one.lost_at_ms), None)
    if lost is not None:
        return no.lost(lost.ends_at_ms)
    if len(mine) >= BORROWED_PER_CLIENT_MAX:
        return no.too_many_of_client(BORROWED_PER_CLIENT_MAX)
    if len(state.borrowed) >= BORROWED_MAX:
        return no.too_many_loans(BORROWED_MAX)
    offers = state.offers.get((firm_code, product_code))
    if offers is None:
        return not_available(firm_code, product_code)
    asked = _as_check_out(command)
    if state.rulebook and (denied := judging.denied(state, asked)) is not None:
        return denied
    suit = list(eligible(state, offers, command.wishes))
    if not suit:
        whys = [why_offer_rests(state, offer, command.wishes) for offer in offers]
        known = [why for why in whys if why]
        if not known:
            return no_seat_free(firm_code, product_code, command.seats)
        return at_rest(furthest(known), firm_code, product_code)
    refusals = []
    for offer in suit:
        wrong = _why_no_term(state, offer, command.seconds) or _why_no_seats(state, offer, asked)
        if wrong is None:
            charges = (Charge(offer.key, command.seats),)
            if overtakes(state, asked, charges):
                return _out(state, command, asked, offer, charges)
            wrong = refuse.others_wait(firm_code, product_code)
        refusals.append(wrong)
    # Of several licences the one that is nearest to being lent says why it is not.
    return max(refusals, key=lambda one: no.NEAREST.index(one.reason))


def _as_check_out(command: c.Borrow) -> c.CheckOut:
    """Who asks for what, as access rules and limits see it."""
    return c.CheckOut(
        LeaseRef(command.client, command.borrower.hex()),
        command.firm_code,
        command.product_code,
        b"",
        command.holder,
        command.nonce,
        command.seats,
        address=command.address,
        wishes=command.wishes,
    )


def _why_no_term(state: State, offer: Offer, seconds: int) -> Outcome | None:
    """Why nobody borrows this licence now, or not for so long; None if somebody may."""
    key, most_s = offer.key, offer.item.borrow_max_s
    if most_s is None:
        return no.not_lent(key)
    if seconds > most_s:
        return no.too_long(key, seconds, most_s)
    if state.borrowing_uncertified:
        if seconds > UNCERTIFIED_S_MAX:
            return no.too_long(key, seconds, UNCERTIFIED_S_MAX)
        return None
    return _why_uncertain(state)


def _why_uncertain(state: State) -> Outcome | None:
    """Why log time is not known to be right, None if it is."""
    certified = state.virtual_certified()
    if certified is None:
        return no.uncertain("borrow-time-none")
    if state.log_time_ms - certified.time_ms > CERTIFIED_AGE_MS_MAX:
        return no.uncertain("borrow-time-old")
    expected_ms = certified.time_ms + state.age_ms - certified.age_ms
    if abs(state.log_time_ms - expected_ms) > OFF_MS_MAX:
        return no.uncertain("borrow-time-off")
    return None


def _why_no_seats(state: State, offer: Offer, asked: c.CheckOut) -> Outcome | None:
    """Why this licence lends no such seats to whoever asks; None if it does."""
    key, item, seats = offer.key, offer.item, asked.seats
    most = terms_of(item).seats
    out = state.out.get(key, 0) + state.held_back(key, item)
    if out + seats > most:
        return no.all_lent(key, out, most, in_doubt=bool(state.held_back(key, item)))
    if room(state, offer, {}, asked.party, seats) < seats:
        return no_seat_free(key.firm_code, key.product_code, seats)
    return too_many(state, asked, (Charge(key, seats),))


def _out(
    state: State, command: c.Borrow, asked: c.CheckOut, offer: Offer, charges: Charges
) -> Outcome:
    ends_at_ms = _end(state, offer, command.seconds)
    out = Borrowed(
        command.borrower,
        command.client,
        offer.key,
        command.seats,
        command.holder,
        state.commands_applied,
        state.log_time_ms,
        ends_at_ms,
        state.age_ms + ends_at_ms - state.log_time_ms,
        state.ledger_id,
        command.station,
        command.wishes,
        ruled=judging.ruled_by(state, asked, charges) if state.rulebook else (),
    )
    state.lend(out)
    return _granted(state, out, offer)


def _end(state: State, offer: Offer, seconds: int) -> int:
    """When what is borrowed now ends: no later than its licence."""
    end_ms, _ = time_left(state, offer)
    wanted_ms = state.log_time_ms + seconds * 1000
    return wanted_ms if end_ms is None else min(wanted_ms, end_ms)


def _granted(state: State, out: Borrowed, offer: Offer) -> Outcome:
    """What is out, on the terms of now."""
    _, valid_s = time_left(state, offer)
    line = offer.line[0]
    return Outcome(
        GRANTED,
        KIND_BORROWED,
        USER_LIMIT,
        offer.item.role,
        out.station or NO_SHARE,
        out.borrower,
        wishes_hash(out.wishes),
        (Line(line.product_code, line.tmr_id, out.seats, line.item_hash),),
        out.key.firm_code,
        out.generation,
        out.seats,
        offer.item.feature_map,
        valid_s,
        0,
        out.ends_at_ms,
    )


def _again(state: State, command: c.Borrow, out: Borrowed, readers: Readers) -> Outcome:
    """The answer to a request under a key under which something is out."""
    if (
        (command.firm_code, command.product_code) != (out.key.firm_code, out.key.product_code)
        or (command.seats, command.station) != (out.seats, out.station)
        or command.wishes != out.wishes
        or differs(command.holder, out.holder)
        or not (command.extends_ms or command.client == out.client)
    ):
        return no.other_request()
    if command.extends_ms > out.ends_at_ms:
        return refuse.bad(detail("loan-end-unknown"))
    offer = state.offered.get(out.key)
    if offer is None:
        return not_available(out.key.firm_code, out.key.product_code)
    why = why_offer_rests(state, offer, out.wishes)
    if why:
        return at_rest(why, out.key.firm_code, out.key.product_code)
    if command.extends_ms:
        data = extend_bytes(out.ledger_id, out.borrower, command.extends_ms, command.seconds)
        if not _signed(out.borrower, data, command.signature, readers):
            return no.not_proven()
    if command.extends_ms == out.ends_at_ms:
        if out.lost_at_ms:
            return no.lost(out.ends_at_ms)
        wrong = _why_no_term(state, offer, command.seconds)
        if wrong is not None:
            return wrong
        ends_at_ms = _end(state, offer, command.seconds)
        if ends_at_ms > out.ends_at_ms:
            until_age_ms = state.age_ms + ends_at_ms - state.log_time_ms
            out = replace(
                out, ends_at_ms=ends_at_ms, until_age_ms=max(out.until_age_ms, until_age_ms)
            )
            state.set_borrowed(out)
    return _granted(state, out, offer)


def _done(out: Borrowed) -> Outcome:
    line = Line(out.key.product_code, out.key.tmr_id, out.seats)
    return Outcome(
        reasons.DONE, lines=(line,), firm_code=out.key.firm_code, generation=out.generation
    )


def _signed(borrower: bytes, data: bytes, signature: bytes, readers: Readers) -> bool:
    return len(signature) <= BORROW_SIGNATURE_BYTES and readers.store(borrower, data, signature)


def _malformed(command: c.Borrow) -> str:
    """What about a request nobody can ask, "" if nothing is."""
    holder = command.holder
    names = (holder.user, holder.host, holder.application)
    for field, fits in (
        ("borrower", len(command.borrower) == BORROWER_BYTES),
        ("signature", len(command.signature) in (0, BORROW_SIGNATURE_BYTES)),
        ("client", len(command.client) <= NAME_MAX),
        ("nonce", len(command.nonce) <= NONCE_MAX),
        ("holder", max(map(len, names)) <= TAG_BYTES),
        ("station", len(command.station) in (0, STATION_BYTES) and command.station != NO_SHARE),
        ("address", len(command.address) in ADDRESS_BYTES),
        ("seconds", 1 <= command.seconds <= DURATION_S_MAX),
        ("seats", 1 <= command.seats <= SEATS_MAX),
        ("extends_ms", 0 <= command.extends_ms <= COUNT_MAX),
        ("mode", command.wishes.mode == USER_LIMIT),
    ):
        if not fits:
            return detail("field-range", field=field)
    return why_not(command.wishes)
