"""The bounds of the pure rooms, the adapters and the client library."""

from __future__ import annotations

from typing import Any, Final

from tests.unit.bounds.kinds import Bound, along, fixed, most, once, own, sized, within

UPSTREAMS: Final = "ledger.leader.peers.UPSTREAMS"
HOSTS: Final = "licences.container_book.HOSTS_MAX"
STAGED: Final = "ledger.replica.adoption.STAGE_BYTES_MAX"
PLACES = "licences.queue.place.PLACES_MAX"
LEASES: Final = "licences.seats.LEASES_MAX"
REQUESTS: Final = "ledger.leader.serving.REQUESTS_MAX"
TOMBSTONES: Final = "licences.state.TOMBSTONES_MAX"
DOCUMENT: Final = "codec.access.document.DOCUMENT_BYTES_MAX"
OPTIONS: Final = "codec.access.flexlm.OPTIONS_BYTES_MAX"
IN_FORCE: Final = "the access rules in force, and no others"
TWO_HOSTS: Final = "settings name the two TMR hosts, and links let in nobody else"


def _guests(keeper: Any) -> int:
    bounds = keeper.bounds
    unknown: int = bounds.arrivals_max + bounds.shaking_max + bounds.strangers_max
    return unknown + int(bounds.known_max)


_CONTACTS: Final = "a file that is written anew with as many rows at most"

ADAPTERS: Final[dict[str, Bound]] = {
    "adapters.store.archive:Archive._held": most("adapters.store.archive.SEGMENTS_MAX"),
    "adapters.container_home:ContainerHome._imported": most(
        "licences.updates.FIRMS_MAX",
        why="a list for each firm, of container_home.UPDATES_MAX at most",
        shown_by="tests/unit/adapters/test_container_home.py::test_a_full_container_says_so",
    ),
    "codec.access.document:_Reader._groups": within(DOCUMENT, "of one document"),
    "codec.access.document:_Reader._used": within(DOCUMENT, "of one document"),
    "codec.access.document:_Reader._warnings": within(DOCUMENT, "of one document"),
    "codec.access.places:_Walk._arrays": within(DOCUMENT, "of one document"),
    "codec.access.places:_Walk._lines": within(DOCUMENT, "of one document"),
    "codec.access.places:_Walk.places": within(DOCUMENT, "of one document"),
    "codec.access.subjects:Networks._found": within(DOCUMENT, "of one document"),
    "codec.access.flexlm:_Translation._groups": within(OPTIONS, "of one file"),
    "codec.access.flexlm:_Translation._left": within(OPTIONS, "of one file"),
    "codec.access.flexlm:_Translation._lines": within(OPTIONS, "of one file"),
    "codec.access.flexlm:_Translation._products": within(OPTIONS, "of one file"),
    "codec.access.flexlm:_Translation._shut": within(OPTIONS, "of one file"),
    "codec.access.flexlm:_Translation._wanted": within(OPTIONS, "of one file"),
    "codec.access.explaining:_Matches._keys": within(
        "licences.access.form.SUBJECTS_MAX", "of one question"
    ),
    "adapters.container_home:ContainerHome._newest": within(
        "licences.updates.FIRMS_MAX", "one for each firm"
    ),
    "adapters.container_home:ContainerHome._trees": within(
        "licences.updates.FIRMS_MAX", "one for each firm"
    ),
    "adapters.doors.door:Door._sockets": once("open"),
    "adapters.doors.door:Door._doors": once("open"),
    "adapters.doors.door:Door._welcoming": own(
        lambda door: _guests(door.keeper),
        "adapters.doors.doorkeeper.Bounds.arrivals_max",
        why="one for each guest; who was hung up on goes in the same turn of the loop",
        loose=True,
    ),
    "adapters.doors.door:Door._turns": own(
        lambda door: door.keeper.bounds.arrivals_max + door.keeper.bounds.shaking_max,
        "adapters.doors.doorkeeper.Bounds.arrivals_max",
        loose=True,
    ),
    "adapters.doors.doorkeeper:Pool._groups": own(
        lambda pool: pool._most,
        "adapters.doors.doorkeeper.Bounds.arrivals_max",
        measure=lambda groups: sum(map(len, groups.values())),
    ),
    "adapters.doors.doorkeeper:Doorkeeper._guests": own(
        _guests, "adapters.doors.doorkeeper.Bounds.arrivals_max", loose=True
    ),
    "adapters.doors.doorkeeper:Doorkeeper._known": own(
        lambda keeper: keeper.bounds.known_max,
        "adapters.doors.doorkeeper.Bounds.known_max",
        measure=lambda known: sum(known.values()),
    ),
    "adapters.doors.doorkeeper:Doorkeeper._queues": own(
        lambda keeper: keeper.bounds.arrivals_max,
        "adapters.doors.doorkeeper.Bounds.arrivals_max",
        measure=lambda queues: sum(map(len, queues.values())),
    ),
    "adapters.contact_log:_Kept.stations": within("adapters.contact_log.STATIONS_MAX", _CONTACTS),
    "adapters.contact_log:_Kept.at": within("adapters.contact_log.STATIONS_MAX", _CONTACTS),
    "adapters.links.connection:Connection._undelivered": within(
        "codec.frames.FRAME_BYTES_MAX", "while paused nothing more is read: what one read brought"
    ),
    "adapters.links.links:LinkServer._connections": most("adapters.links.links.CONNECTIONS_MAX"),
    "adapters.log_ring:LogRing._records": sized("adapters.log_ring.RECORDS_MAX"),
    "adapters.quiet:Quiet._told": most("adapters.quiet.KEYS_MAX"),
    "adapters.doors.rates:RateLimit._buckets": most("adapters.doors.rates.ADDRESSES_MAX"),
    "adapters.signatures:ContainerKeys._keys": most("adapters.signatures.KEYS_MAX"),
    "adapters.signatures:_store_key()": sized("adapters.signatures.KEYS_MAX"),
    "adapters.store.thread:StoreThread._jobs": sized("adapters.store.thread.QUEUE_MAX"),
    "adapters.store.transaction:Transaction.sealed": within(
        "adapters.store.archive.SEGMENT_BYTES_MAX", "the segments of one transaction"
    ),
}

CLIENT: Final[dict[str, Bound]] = {
    "client.engine:_Race._attempts": most(
        "client.engine.ATTEMPTS_MAX",
        shown_by="tests/unit/client/test_engine.py"
        "::test_a_lasting_silence_gets_new_connections_but_never_a_third",
    ),
    "client.seen:Seen._receipts": most(
        "client.seen.LEDGERS_MAX",
        shown_by="tests/unit/client/test_seen.py::test_ledgers_that_are_remembered_are_bounded",
    ),
    "client.lease_requests:LeaseRequests._watchers": within(
        "client.lease.AsyncLease", "one for each task of the program's own that waits"
    ),
    "client.resume:_open_here": within(
        "client.resume.ResumeFile", "one for each open lease of the program"
    ),
    "client.loan_store:LoanStore._locks": most(
        "client.loan_store.LOCKS_MAX",
        shown_by="tests/unit/client/test_ticket.py::test_one_seat_is_for_one_process",
    ),
    "client.loan_store:_open_here": within(
        "client.loan_store.LOCKS_MAX", "one for each open ticket of the program"
    ),
    "client.profile:_File.addresses": within("client.profile.load_profile", "the user's own file"),
    "verifier.recent:Recent._values": own(
        lambda recent: recent._size, "verifier.receipts.BATCHES_CACHED_MAX"
    ),
    "client.session:AsyncClient._leases": within(
        "licences.seats.LEASES_PER_CLIENT_MAX", "the program's own leases; ended ones go"
    ),
    "client.streams:EventParser._data": within(
        "client.streams.EVENT_BYTES_MAX", "the lines of one event"
    ),
    "client.streams:EventParser._rest": within(
        "client.streams.EVENT_BYTES_MAX", "one read more ends the stream"
    ),
    "client.streams:StreamConnection._pieces": within(
        "client.streams.UNREAD_BYTES_MAX", "reading pauses, so one read more at most"
    ),
    "client.tls:ResumingContext._sessions": most("client.tls._SESSIONS_MAX"),
    "client.tls:ResumingContext._targets": most("client.tls._SESSIONS_MAX"),
    "client.tls:ResumingContext.targets": most("client.tls._SESSIONS_MAX", why="the same"),
    "client.transport:Connection._body": within(
        "client.transport.ANSWER_BYTES_MAX", "the pieces of one answer"
    ),
    "client.wire:_decoders": within("client.wire", "one for each type of document in the code"),
}

CODEC: Final[dict[str, Bound]] = {
    "clocks.asking:Asking._servers": most("clocks.asking.SERVERS_MAX"),
    "clocks.certified:TimeVerdict.outvoted": within(
        "clocks.asking.SERVERS_MAX", "one for each server"
    ),
    "codec.api:LogsDocument.newest": within(
        "client.transport.ANSWER_BYTES_MAX", "one answer; a server names its own five hosts"
    ),
    "codec.api:TimeUpdateDocument.results": within(
        "client.transport.ANSWER_BYTES_MAX", "one answer; a server names its three containers"
    ),
    "details:Detail.values": within("details.VALUES_MAX", "a decoder takes no more"),
    "verifier.certificates:licence_root()": sized("verifier.certificates.ROOTS_MAX"),
    "codec.frames:FrameReader._kept": own(
        lambda reader: 4 + reader._bytes_max, "codec.frames.FRAME_BYTES_MAX", plus=-1
    ),
    "codec.json_keys:_names()": within("codec.json_keys.repeated_key", "one for each type of ours"),
    "codec.timestamps:Reply._fields": fixed("how the standard writes it"),
    "codec.health_documents:Finding.values": fixed("the places of a sentence"),
    "sentences:Sentence.values": once("__new__", why="the places of a sentence"),
    "watch.problem:Problem.cases": fixed("the cases of one problem, which stand in the source"),
}

LEDGER: Final[dict[str, Bound]] = {
    "ledger.replica.adoption:Adoption._staged": most(
        STAGED, measure=lambda staged: sum(300 + len(entry.body) for entry in staged)
    ),
    "ledger.leader.batches:Flight.requests": most("ledger.leader.serving.BATCH_MAX", loose=True),
    "ledger.leader.batches:Flight.acks": most(UPSTREAMS),
    "ledger.leader.batches:Flight.digests": most(UPSTREAMS),
    "ledger.leader.batches:Flight.odd": most(UPSTREAMS, loose=True),
    "ledger.leader.batches:Flight.answered": along("requests"),
    "ledger.leader.batches:Batches._unsettled": most("ledger.leader.batches.UNSETTLED_MAX"),
    "ledger.leader.batches:Batches._settled": sized("ledger.leader.batches.SETTLED_MAX"),
    "ledger.log.book:_Undo.changes": within(
        "codec.frames.FRAME_BYTES_MAX", "the changes by one entry, which came in one frame"
    ),
    "ledger.log.book:Book._undo": most(
        "ledger.limits.UNCOMMITTED_BYTES_MAX",
        STAGED,
        why="an adopt may still come on what is crowded",
        measure=lambda undo: sum(300 + len(one.entry.body) for one in undo),
        loose=True,
    ),
    "ledger.snapshot.dumps:Dumps._waiting": sized("ledger.snapshot.dumps.WAITING_MAX"),
    "ledger.election.log_selection:LogSelection._rejected": most(UPSTREAMS, loose=True),
    "ledger.election.log_selection:LogSelection._judged": most(UPSTREAMS),
    "ledger.election.log_selection:LogSelection._misfits": most(UPSTREAMS, loose=True),
    "ledger.election.log_selection:LogSelection._doubts": most(UPSTREAMS, loose=True),
    "ledger.leader.denials:Denials._asked": most(REQUESTS),
    "ledger.leader.denials:Denials._held": most(
        REQUESTS, loose=True, why="`Serving.submit` counts both"
    ),
    "ledger.effects:Batch.endorsements": most(UPSTREAMS),
    "ledger.leader.read_index:ReadIndex._waiting": own(
        lambda fences: fences._waiting_max, REQUESTS, times=2, why="and denials that ask again"
    ),
    "ledger.leader.read_index:ReadIndex._flying": own(
        lambda fences: fences._waiting_max, REQUESTS, times=2, loose=True
    ),
    "ledger.snapshot.fetching:Fetching._heads": most(UPSTREAMS),
    "ledger.snapshot.fetching:Fetching._bad": sized("ledger.snapshot.fetching.BAD_MAX"),
    "ledger.names.book:NameBook._rows": most("ledger.names.book.NAMES_MAX"),
    "ledger.names.book:NameBook._tags": most("ledger.names.book.TAGS_MAX"),
    "ledger.names.book:NameBook._told": within(
        "ledger.names.book.NAMES_MAX", "new names; taken with each check-out, which has three"
    ),
    "ledger.names.book:NameBook._shelves": most(UPSTREAMS),
    "ledger.names.book:Shelf.lacks": most("ledger.names.book.NAMES_MAX"),
    "ledger.replication.learner:Learner._firsts": most(UPSTREAMS),
    "ledger.replication.learner:Learner._misfits": most(UPSTREAMS, loose=True),
    "ledger.replication.learner:Learner._held": most(
        "ledger.replication.learner.HELD_BYTES_MAX",
        "codec.frames.FRAME_BYTES_MAX",
        why="and the page that is too much",
        measure=lambda held: sum(300 + len(entry.body) for entry in held),
        loose=True,
    ),
    "ledger.leader.lanes:Lanes._lanes": own(
        lambda lanes: lanes._requests_max + _expiries(),
        REQUESTS,
        LEASES,
        why="what nobody waits for is never refused: each lease expires once, and a few more",
        measure=lambda lanes: sum(map(len, lanes.values())),
        loose=True,
    ),
    "ledger.leader.lanes:Lanes._check_outs": own(lambda lanes: lanes._requests_max, REQUESTS),
    "ledger.leader.lease_clock:LeaseClock._lives": most(
        LEASES, why="a committed entry grants each of them", loose=True
    ),
    "ledger.leader.lease_clock:LeaseClock._heap": own(
        lambda clock: 2 * len(clock._lives) + _stale(), "ledger.leader.lease_clock.STALE_MAX"
    ),
    "verifier.merkle:Tree._levels": within(
        "ledger.certificates.receipts.LEAVES_MAX", "the tree of one batch, or of a firm's items"
    ),
    "verifier.words:_Known.holdings": within("verifier.words.WORDS_MAX", "those of one document"),
    "verifier.words:ItemTree._leaves": within(
        "licences.deltas.ITEMS_MAX", "the items of one firm in one container"
    ),
    "ledger.leader.peers:Peers._peers": most(UPSTREAMS),
    "ledger.election.pre_vote:PreVotes._yields": most(UPSTREAMS, loose=True),
    "ledger.replica.replica:Replica._parked": most("sim.cluster.TMRS", why=TWO_HOSTS, loose=True),
    "ledger.snapshot.sealing:Sealing._seals": most(UPSTREAMS),
    "ledger.snapshot.sealing:Sealing._disputed": most(UPSTREAMS, loose=True),
    "ledger.leader.serving:Serving._beats_sent": sized("ledger.leader.serving.BEATS_KEPT"),
    "ledger.leader.serving:Serving._offered": most("ledger.leader.serving.OFFERS_MAX"),
    "ledger.replica.standing:Standing._pending": most(
        "adapters.store.thread.QUEUE_MAX", why="the store takes no more writes", loose=True
    ),
    "ledger.log.tail:Tail._uncommitted": along(
        "book", why="the book's own undo records", by=lambda tail: len(tail.book._undo)
    ),
    "ledger.membership.heads:Heads._shown": most("ledger.membership.heads.OTHERS_MAX"),
    "ledger.membership.turned_back:TurnedBack._found": most(
        "ledger.membership.turned_back.STORES_MAX"
    ),
    "ledger.log.window:Window._entries": own(
        lambda window: window._bytes_max,
        "ledger.limits.Limits.window_bytes",
        why="the newest stays, however large",
        measure=lambda entries: sum(len(entry.body) for entry in list(entries)[:-1]),
    ),
}


def _expiries() -> int:
    from appliance.licences import seats

    return seats.LEASES_MAX + 64


def _stale() -> int:
    from appliance.ledger.leader import lease_clock as leases

    return leases.STALE_MAX


LICENCES: Final[dict[str, Bound]] = {
    "licences.grants:_remembered()": sized("licences.grants.REMEMBERED"),
    "licences.wishes:_hashed()": sized("licences.wishes.HASHES_KEPT"),
    "licences.validity:_refusals_of()": sized("licences.validity.KINDS_KEPT"),
    "licences.machine:Machine._handlers": fixed("the commands"),
    "licences.rules:SINCE": within("RULES", "declared beside the commands"),
    "licences.rules:LATER": within("RULES", "declared beside the structs"),
    "licences.tables:Tables.supports": most(
        "licences.raising.HOSTS_MAX", why="three places are kept for upstreams", loose=True
    ),
    "licences.snapshot:Loader._buffer": within(
        "licences.snapshot.CHUNKS_MAX", "of one snapshot, whose digest is known at its end only"
    ),
    "licences.tables:Tables.containers": most("licences.members.STORES", why="one for each twin"),
    "licences.tables:Tables.hosts": most(HOSTS),
    "licences.tables:Tables.leases": most(LEASES),
    "licences.tables:Tables.seats": most(
        LEASES,
        "licences.counting.LINGERS_MAX",
        "licences.borrowing.BORROWED_MAX",
        "licences.queue.place.PLACES_MAX",
        times=16,
        why="by licence, of each line",
        loose=True,
    ),
    "licences.tables:Tables.held": most(
        LEASES,
        PLACES,
        "licences.borrowing.BORROWED_MAX",
        times=17,
        why="by client, and by product",
        loose=True,
    ),
    "licences.tables:Tables.sharers": most(
        LEASES, PLACES, times=16, why="of each line", loose=True
    ),
    "licences.tables:Tables.stations": most(
        LEASES, PLACES, times=32, why="twice of each", loose=True
    ),
    "licences.tables:Tables.denials": most("licences.denials.EPISODES_MAX"),
    "ledger.leader.episodes:Episodes._open": own(
        lambda episodes: episodes.most, "licences.denials.EPISODES_MAX"
    ),
    "ledger.leader.episodes:Episodes._of": along("_open", why="by client"),
    "ledger.leader.episodes:Episodes._due": within(
        "licences.denials.EPISODES_MAX", "taken with each tick: what opens and closes in between"
    ),
    "licences.tables:Tables.places": most(PLACES),
    "licences.tables:Tables.place_of": along("places"),
    "licences.tables:Tables.waiters": along("places", why="by client"),
    "licences.tables:Tables.waiting": along("places", times=16, why="by product", loose=True),
    "licences.tables:Tables.holds": along("places", why="all under one key", loose=True),
    "licences.counting:Counting.freed": within(
        "licences.bounds.PRODUCTS_MAX", "of what one command ends; cleared with each"
    ),
    "licences.tables:Tables.lingering": along("_lingers"),
    "licences.tables:Tables.kept": along("_lingers", times=3, why="by licence, owner, and all"),
    "licences.tables:Tables._lingers": most("licences.counting.LINGERS_MAX"),
    "licences.tables:Tables.borrowed": most("licences.borrowing.BORROWED_MAX"),
    "licences.tables:Tables.borrowers": along("borrowed"),
    "licences.tables:Tables.out": along("borrowed"),
    "licences.tables:Tables.due": along("borrowed"),
    "licences.tables:Tables.lent_before": within(
        "licences.deltas.ITEMS_MAX", "of a firm: licences that its updates lowered after a restore"
    ),
    "licences.tables:Tables.borrow_ends": most("licences.borrow_book.ENDS_MAX"),
    "licences.tables:Tables._borrow_ends_order": most("licences.borrow_book.ENDS_MAX"),
    "licences.tables:Tables.units_used": most("licences.leases.USED_MAX"),
    "licences.tables:Tables.takings": most("licences.unit_books.TAKINGS_MAX"),
    "licences.tables:Tables.units_refunded": most("licences.refunds.REFUNDED_MAX"),
    "licences.tables:Tables.usage_starts": most("licences.options.usage_period.STARTS_MAX"),
    "licences.tables:Tables.dismissed": most("licences.dismissing.DISMISSED_MAX"),
    "licences.tables:Tables.erased": most("licences.state.ERASED_MAX"),
    "licences.tables:Tables.access": most("licences.access.applying.ACCESS_KEPT"),
    "licences.tables:Tables.rulebook": within("licences.access.form.SETS_MAX", IN_FORCE),
    "licences.access.rulebook:Known.groups": within("licences.access.form.SUBJECTS_MAX", IN_FORCE),
    "licences.access.rulebook:Rulebook.self": within("licences.access.form.SETS_MAX", IN_FORCE),
    "licences.access.rulebook:Rulebook._said": within(
        "licences.access.rulebook.SAID_MAX", "then it begins anew"
    ),
    "licences.access.rulebook:Ruled.first": within("licences.access.form.SUBJECTS_MAX", IN_FORCE),
    "licences.access.rulebook:Ruled.counting": within(
        "licences.access.form.SUBJECTS_MAX", IN_FORCE
    ),
    "licences.tables:Tables.ruled": within(
        "licences.access.judging.COUNTED_MAX", "so many of each product of a lease"
    ),
    "licences.tables:Tables.quotas": most("licences.dismissing.QUOTAS_MAX"),
    "licences.tables:Tables.clients": most("licences.administration.CLIENTS_MAX"),
    "licences.tables:Tables.maintenance": most("licences.administration.HOSTS_MAX"),
    "licences.tables:Tables.certified": most(
        "licences.members.STORES", why="of containers that are known"
    ),
    "licences.tables:Tables.bindings": most(
        "licences.members.STORES", why="of containers that are known"
    ),
    "licences.tables:Tables.deliveries": most("licences.deliveries.DELIVERIES_MAX"),
    "licences.tables:Tables.anchors": most("licences.certified.ANCHORS_MAX"),
    "licences.tables:Tables.view": within("licences.deltas.ITEMS_MAX", "what the containers hold"),
    "licences.tables:Tables.items": along("view"),
    "licences.tables:Tables.offers": along("items"),
    "licences.tables:Tables.offered": along("items"),
    "licences.tables:Tables.periods": along("items"),
    "licences.tables:Tables._tombstones": along("_ended_order"),
    "licences.tables:Tables._ended_order": most(
        TOMBSTONES, plus=1, why="one is pruned at the next"
    ),
    "licences.tables:Tables._ended_of": along("_ended_order"),
    "licences.tables:Tables._acts": most("licences.state.ACTS_MAX"),
    "licences.undo:Undoable._changes": within(
        "codec.frames.FRAME_BYTES_MAX", "taken after each entry, which came in one frame"
    ),
}
