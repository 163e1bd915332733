"""Why the licence machine refuses a command (`appliance.licences`), and what to do.

The place `remedy` is filled from the table of reasons, and `why` of a licence that rests from the
row of its option: both are sentences without places, and are known by their English text.
"""

from __future__ import annotations

from typing import Final

REFUSALS: Final[dict[str, str]] = {
    # --- rules ---
    "rules-lacking": "This needs newer rules than are in force (rules {in_force}); {remedy}",
    "rules-wait": "Rules {version} wait for {hosts}: upgrade {hosts}, then `tmr rules raise`",
    # --- seats ---
    "no-such-licence": "There is no available licence {product} here; {remedy}",
    "licence-rests": "The licence {product} {why}; {remedy}",
    "seats-taken": "All seats of {product} are taken; {remedy}",
    "seats-fewer": "Fewer than {wanted} seats of {product} are free; {remedy}",
    "seats-scattered": "{wanted} seats of {product} are free, but of more licences than one lease"
    " can hold ({most}); ask for fewer seats at a time",
    "seats-awaited": "The free seats of {product} are for those who wait already; {remedy}",
    "waited-in-vain": "No seat of {product} became free in {waited_s} s; {remedy}",
    "seats-beyond": "{wanted} seats of {product} are asked for, and {most} are the most; {remedy}",
    "queue-full": "{most} check-outs wait, which is all that can; {remedy}",
    "queue-full-client": "This client has {most} places in the queue, which is all that one client"
    " can; {remedy}",
    "queue-full-product": "{most} check-outs wait for {product}, which is all that can; {remedy}",
    "exclusive-wanted": "Exclusive use of {product} was asked for, and this station uses it"
    " already; {remedy}",
    "exclusive-held": "This station uses {product} exclusively; {remedy}",
    "leases-full": "This ledger holds {most} leases, which is all it can; {remedy}",
    "client-full": "This client holds {most} leases, which is all that one client can; check some"
    " in first, or use a further client certificate",
    "quota-reached": "This client holds {held} seats of {product}, and an operator allows one"
    " client no more than {quota}; {remedy}",
    # --- access rules ---
    "rule-denies": "Line {line} of the access rules denies {product} to whoever asks here (version"
    " {version}); {remedy}",
    "no-rule-allows": "No access rule allows {product} to whoever asks here (version {version});"
    " {remedy}",
    "maximum-taken": "Line {line} of the access rules allows {most} seats of {product}, and {held}"
    " are taken under it (version {version}); {remedy}",
    "rules-count-too-many": "More than {most} access rules count the seats of {product} for whoever"
    " asks here; {remedy}",
    "seats-kept": "Line {line} of the access rules reserves the free seats of {product} for others"
    " (version {version}); {remedy}",
    "access-other-version": "The change was made to version {base} of the access rules, and version"
    " {in_force} is in force: look at it with `tmr access show`, then make the change to that",
    "access-over-reserved": "Line {line}, column {column}: with this more seats of {product} are"
    " reserved than the {quantity} that there are; reserve fewer",
    # --- leases ---
    "lease-not-there": "There is no lease {lease} of this client; {remedy}",
    "lease-checked-in": "Lease {lease} was checked in; {remedy}",
    "lease-lapsed": "Lease {lease} was expired for want of heartbeats; {remedy}",
    "lease-released": "Lease {lease} was released by an operator; {remedy}",
    "generation-old": "Generation {generation} of lease {lease} is not the present one, {present};"
    " {remedy}",
    "place-old": "Lease {lease} waits at place {place}, not {generation}; {remedy}",
    "lease-of-another": "Lease {lease} was checked out by another request; {remedy}",
    # --- borrowing ---
    "borrow-not-allowed": "Licence {licence} may not be borrowed: its vendor does not allow it;"
    " {remedy}",
    "borrower-lost": "This client borrowed seats that are written off as lost until {until};"
    " {remedy}",
    "borrow-too-long": "Licence {licence} may be borrowed for {most} at most, and {wanted} were"
    " asked for; {remedy}",
    "borrow-time-none": "Nothing is lent now, since there is no certified time; {remedy}",
    "borrow-time-old": "Nothing is lent now, since the certified time is older than seven days;"
    " {remedy}",
    "borrow-time-off": "Nothing is lent now, since log time is not within an hour of what certified"
    " time says; {remedy}",
    "borrowed-all": "{out} of {most} seats of licence {licence} that may be borrowed are out;"
    " {remedy}",
    "borrowed-all-perhaps": "{out} of {most} seats of licence {licence} that may be borrowed are"
    " out, or may be, since this ledger was restored from a backup; {remedy}",
    "loans-full": "{most} loans are out, which is all that can be; {remedy}",
    "loans-full-of-client": "{most} loans of this client are out, which is all that can be;"
    " {remedy}",
    "loan-unknown": "Nothing is borrowed here under this key; {remedy}",
    "loan-returned": "What was borrowed under this key was returned; {remedy}",
    "loan-over": "What was borrowed under this key is over; {remedy}",
    "loan-unproven": "The request is not signed with the borrower's key; {remedy}",
    "loan-otherwise": "Something else is borrowed under this key; repeat that request unchanged, or"
    " draw a new key",
    "cut-below-borrowed": "Licence {licence} would have {left} seats in container {serial}, and"
    " {seats} of it are borrowed until {until}: import the update once they are back",
    # --- units ---
    "number-other-request": "Request {number} on this lease asked for {units} units of product"
    " {product}; repeat it unchanged, or use the next number",
    "number-out-of-order": "Request {number} is out of order: the next number on this lease is"
    " {expected}",
    "units-uncounted": "No licence of {product} that this lease may use has a unit counter;"
    " {remedy}",
    "units-fewer": "{product} has {left} units left, fewer than the {units} asked for; {remedy}",
    "units-scattered": "{product} has {units} units, but of more licences than one request can take"
    " from ({most}); ask for fewer units at a time",
    "reservations-full": "This lease has {most} open reservations; {remedy}",
    "reservation-not-open": "Request {number} on this lease is no open reservation; {remedy}",
    "reservation-exceeded": "Request {number} on this lease reserved {units} units, and {used} are"
    " said to be used; {remedy}",
    "settlement-unsigned": "The settlement of request {number} is not signed as it must; {remedy}",
    "settled-otherwise": "Request {number} on this lease was settled before, with {used} units"
    " used; repeat that unchanged, or leave it",
    "refund-of-nothing": "There is no refund: nothing is known of units taken under {taking};"
    " {remedy}",
    "refund-unsettled": "There is no refund: units taken under {taking} are not settled yet;"
    " {remedy}",
    "refund-again": "There is no refund: {refunded} units taken under {taking} were refunded"
    " already; {remedy}",
    "refund-beyond": "There is no refund: {taken} units were taken under {taking}, and {units} are"
    " to be refunded; {remedy}",
    "refunds-full": "There is no refund: units of {most} licences were refunded, which is all that"
    " can be; {remedy}",
    "refund-not-allowed": "There is no refund: the vendor of {licence} allows {left} more units to"
    " be refunded; {remedy}",
    # --- administration ---
    "founded-already": "This ledger is founded already, as {serial}",
    "founded-not-yet": "This ledger is not founded yet: found it first",
    "enrolled-full": "{most} clients are enrolled, which is all that can be; dismiss one first, or"
    " use client certificates",
    "action-unknown": "{action} is no action: use switchover, maintenance-on or maintenance-off",
    "dismiss-own": "This is the certificate that you act with: let another administrator dismiss"
    " it, or get a new one first and act with that",
    "dismiss-dismissed": "The certificate that asks for this was dismissed itself meanwhile",
    "dismissed-full": "{most} certificates are dismissed that have not ended yet, which is all that"
    " can be; let another authority take over (`tmr pki rotate`)",
    "update-unreadable": "The update cannot be read ({said}); ask the vendor for a new one and"
    " report this",
    "deliveries-full": "{most} updates wait for their containers already: bring their hosts back,"
    " or import this file there by `tmr container import`",
    "block-list-unreadable": "The block list cannot be read ({said}); fetch it again and report"
    " this",
    "statement-unreadable": "The certified statement cannot be read ({said}); update the time again"
    " and report this",
    "binding-unreadable": "What holds the container's key cannot be read ({said})",
    "binding-old": "Container {serial} has said something newer",
    "statement-of-another": "Container {serial} is none of this ledger's",
    "statement-not-asked": "The certified time of {serial} was not asked for in the last {minutes}"
    " minutes of this ledger; update the time again",
}
