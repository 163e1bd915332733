"""The bounds of the services and the monitor."""

from __future__ import annotations

from typing import Any, Final

from appliance.services.tmr.routes import ROUTES
from tests.unit.bounds.kinds import Bound, along, fixed, most, once, own, sized, within

UPSTREAMS: Final = "ledger.leader.peers.UPSTREAMS"
HOSTS: Final = "licences.container_book.HOSTS_MAX"
BODY: Final = "codec.signed_files.FILE_BYTES_MAX"
ANSWER: Final = "client.transport.ANSWER_BYTES_MAX"
SHOWN_HOSTS: Final = "monitor_gui.model.timeline.HOSTS_MAX"
QUERIES: Final = "monitor_gui.model.queries.Query"
DEMO: Final = "monitor_gui.feed.demo_plant.UPSTREAMS"


def _labels(metric: Any) -> int:
    """How many kinds of labels a metric of prometheus_client counts apart."""
    return len(metric._metrics)


def _threads(tunnels: Any) -> int:
    from monitor_gui.feed import ssh

    return ssh.CHANNELS_MAX + len(tunnels._ends) + 1


SERVICES: Final[dict[str, Bound]] = {
    "services.central.handout:Handout._staged": within(
        "services.central.handout.Handout", "the files of one command"
    ),
    "services.central.options:Options.values": within(
        "licences.options.FIELDS", "one for each option"
    ),
    "services.central.returning:Return.sequences": within(BODY, "one for each twin of one order"),
    "services.central.returning:Return.orders": within(BODY, "one for each twin of one order"),
    "services.central.challenges:Challenges._used": within(
        "services.central.challenges.USED_MAX", "a full table refuses"
    ),
    "services.central.challenges:Challenges._of": within(
        "services.central.challenges.USED_MAX", "one for each container in that table"
    ),
    "services.http_connection:Peer.state": within(
        "services.http_connection.Peer", "the server's own, made at its start"
    ),
    "services.http_connection:HttpConnection.app_state": within(
        "services.http_connection.PROVE", "the server's own, and one more"
    ),
    "services.tmr.admission:ClientPace._buckets": most("services.tmr.admission.BUCKETS_MAX"),
    "services.tmr.calls:_Bucket.refused": most("services.tmr.calls.REASONS_MAX"),
    "services.tmr.calls:Calls._buckets": sized("services.tmr.calls.BUCKETS"),
    "services.tmr.dismissing:CertificatesSeen._seen": most("services.tmr.dismissing.SEEN_MAX"),
    "services.tmr.disputes:Disputes._untold": most(UPSTREAMS),
    "services.tmr.disputes:Disputes._told_at_s": most(UPSTREAMS),
    "services.tmr.disputes:Disputes._doubted_at_s": most(UPSTREAMS),
    "services.tmr.events:Listener._queue": most("services.tmr.events.QUEUE_MAX"),
    "services.tmr.events:Hub._listeners": own(
        lambda hub: hub._most, "services.settings.AnswerLimits.event_streams_max"
    ),
    "services.tmr.tickets:Tickets._waiting": most(
        "services.settings.AnswerLimits.requests_queued_max",
        "services.tmr.quotas.LISTS_MAX",
        why="a request that waits holds a place in `quotas.Requests`",
        loose=True,
    ),
    "services.tmr.host:TmrHost._missing": most(UPSTREAMS),
    "services.tmr.origin:_packed()": sized("services.tmr.origin.ADDRESSES_KEPT"),
    "services.tmr.identity:_holder_of()": sized("services.tmr.identity.CALLERS_KEPT"),
    "services.tmr.identity:TokenBook._names": most(
        "licences.administration.CLIENTS_MAX", why="the ledger's table, made anew", loose=True
    ),
    "services.tmr.counts:Counts._checkouts": most(
        "services.tmr.problems.REASONS",
        plus=2,
        measure=_labels,
        why="and granted, and queued",
        loose=True,
    ),
    "services.tmr.counts:Counts._denials": most(
        "services.tmr.problems.REASONS",
        times=len(ROUTES) + 1,
        measure=_labels,
        why="by call",
        loose=True,
    ),
    "services.tmr.counts:Counts._disputes": most(UPSTREAMS, measure=_labels),
    "services.tmr.places:Places.serials": most(HOSTS),
    "services.tmr.places:Places._certificates": most(HOSTS),
    "services.tmr.quotas:Requests._of": own(
        lambda requests: requests._most, "services.settings.AnswerLimits.requests_queued_max"
    ),
    "services.tmr.quotas:Holders._found": within(
        "licences.seats.LEASES_MAX", "made anew, of those who hold leases"
    ),
    "services.tmr.receipts:_Receipt.path": within(
        "ledger.certificates.receipts.LEAVES_MAX", "the path in the tree of one batch"
    ),
    "services.tmr.receipts:_Prepared._voices": within(UPSTREAMS, "of one batch"),
    "services.tmr.receipts:ReceiptMaker.certificates": most(HOSTS, why="`Places` fills it"),
    "services.tmr.receipts:ReceiptMaker._prepared": most("services.tmr.receipts._BATCHES_KEPT"),
    "services.tmr.names:Names._ask_at_s": most(UPSTREAMS),
    "services.tmr.reports:OrderTold.records": sized("services.tmr.reports.RECORDS_MAX"),
    "services.tmr.reports:Reports._told": fixed("the five hosts"),
    "services.tmr.reports:ReportLinks._askers": fixed("the other four hosts"),
    "services.tmr.service:TmrService._tasks": once("_spawn", why="`run` begins each task once"),
    "services.local_wire:LocalWire._to_upstream": most(
        "services.local_wire.HELD_MAX",
        shown_by="tests/unit/services/test_local_wire.py::test_what_does_not_fit_is_lost_and_said_to_be",
    ),
    "services.local_wire:LocalWire._to_host": most(
        "services.local_wire.HELD_MAX",
        shown_by="tests/unit/services/test_local_wire.py::test_what_does_not_fit_is_lost_and_said_to_be",
    ),
    "services.local_wire:LocalWire._questions": most(
        "services.local_wire.QUESTIONS_MAX",
        shown_by="tests/unit/services/test_local_wire.py::test_so_many_questions_wait_and_no_more",
    ),
    "services.standalone.service:StandaloneService._tasks": once(
        "_spawn", why="`run` begins each task once"
    ),
    "services.tmr.thin:Calls._shapes": once("__init__", why="the routes of one lease"),
    "services.tmr.groups:Groups._running": most("services.tmr.groups.RUNNING_MAX"),
    "services.upstream.group_orders:GroupOrders._tasks": most(
        "services.upstream.group_orders.ORDERS_MAX"
    ),
    "services.tmr.time_updates:TimeUpdates._running": most("services.tmr.time_updates.ORDERS_MAX"),
    "services.upstream.container:Content.updates": within(
        "adapters.container_home.UPDATES_MAX", "what the container holds, read anew"
    ),
    "services.upstream.said:Said._newest": sized("services.upstream.said.ENTRIES_KEPT"),
    "services.upstream.time_orders:TimeOrders._taken": most(
        "sim.cluster.TMRS", why="settings name the two TMR hosts, and links let in nobody else"
    ),
    "services.upstream.time_orders:TimeOrders._done": along("_taken"),
    "services.upstream.time_orders:TimeOrders._tasks": along("_taken"),
    "services.upstream.timekeeping:TimeKeeper._servers": fixed("the time servers of the settings"),
    "services.vip:VipService._tasks": most(
        "services.vip.WORKS_MAX",
        plus=1,
        why="and a start",
        shown_by="tests/unit/services/test_vip_bounds.py::test_removals_that_hang_do_not_pile_up",
    ),
    "services.vip:VipService._handlers": most(
        "services.vip.HANDLERS_MAX",
        shown_by="tests/unit/services/test_vip_bounds.py::test_connections_do_not_pile_up",
    ),
}

FEED: Final[dict[str, Bound]] = {
    "monitor_gui.feed.demo:DemoSource._blocked": within(DEMO, "the demo's three containers"),
    "monitor_gui.feed.demo_clients:Crowd._tasks": once(why="one for each of the demo's people"),
    "monitor_gui.feed.demo_plant:DemoContainer.updates": fixed("two vendors"),
    "monitor_gui.feed.demo_plant:TmrBox.links": within(DEMO, "the demo's upstreams"),
    "monitor_gui.feed.demo_plant:TmrBox.down_at_s": within(DEMO, "the demo's upstreams"),
    "monitor_gui.feed.demo_plant:Plant.upstreams": fixed("the demo's upstreams"),
    "monitor_gui.feed.demo_plant:Plant.tmrs": fixed("the demo's TMR hosts"),
    "monitor_gui.feed.demo_plant:Plant._timers": within(
        "monitor_gui.feed.demo_plant.WIRE_S", "messages on the demo's wire, each for this long"
    ),
    "monitor_gui.feed.demo_reports:Word.lines": sized("monitor_gui.feed.demo_reports.LINES_MAX"),
    "monitor_gui.feed.demo_reports:DemoReports.words": fixed("the demo's five hosts"),
    "monitor_gui.feed.direct:DirectSource._each": fixed("the addresses of the profile"),
    "monitor_gui.feed.poller:Poller._kick": fixed("the addresses of the profile"),
    "monitor_gui.feed.poller:Poller._gathered": most("monitor_gui.feed.poller.GATHERED_MAX"),
    "monitor_gui.feed.poller:Poller._host_of": within(
        "client.profile.load_profile", "one for each address of the profile"
    ),
    "monitor_gui.feed.poller:Poller._silent": within(
        "client.profile.load_profile", "one for each address of the profile"
    ),
    "monitor_gui.feed.poller:Poller._answered_s": within(
        "client.profile.load_profile", "one for each address of the profile"
    ),
    "monitor_gui.feed.ssh:Tunnels._transports": once(why="the hops of one way"),
    "monitor_gui.feed.ssh:Tunnels._ends": within(
        "client.profile.load_profile", "one for each address of the profile"
    ),
    "monitor_gui.feed.ssh:Tunnels._threads": own(
        _threads, "monitor_gui.feed.ssh.CHANNELS_MAX", loose=True
    ),
    "monitor_gui.feed.thread:Feed._acts": most("monitor_gui.feed.thread.ACTS_MAX"),
    "monitor_gui.feed.thread:Feed._questions": within(
        "monitor_gui.feed.thread.ANSWER_WITHIN_S", "one for each hop that is being connected"
    ),
}

MODEL: Final[dict[str, Bound]] = {
    "monitor_gui.feed.thread:Feed._queries": within(QUERIES, "one for each kind of question"),
    "monitor_gui.model.store:Store.answers": within(QUERIES, "one for each kind of question"),
    "monitor_gui.late:LateDesk._waiting": sized("monitor_gui.late.WAITING_MAX"),
    "monitor_gui.model.alerting:AlertBook._items": most("monitor_gui.model.alerting.OPEN_MAX"),
    "monitor_gui.model.alerting:AlertBook._recalled": most("monitor_gui.model.alerting.OPEN_MAX"),
    "monitor_gui.model.alerting:AlertBook.ended": sized("monitor_gui.model.alerting.ENDED_MAX"),
    "monitor_gui.model.connections:_File.system": within(
        "monitor_gui.model.connections.SYSTEMS_MAX", "the user's own file"
    ),
    "monitor_gui.model.holders:Holders._known": own(
        lambda holders: holders._most, "monitor_gui.model.holders.KNOWN_MAX"
    ),
    "monitor_gui.model.logs:Logs.lines": most("monitor_gui.model.logs.LINES_MAX"),
    "monitor_gui.model.rates:Rate._counts": most("monitor_gui.model.rates.WINDOW_S"),
    "monitor_gui.model.store:Store.endpoints": within(
        "client.profile.load_profile", "the addresses of the profile; another system's go"
    ),
    "monitor_gui.model.store:Store.events": sized("monitor_gui.model.store.EVENTS_MAX"),
    "monitor_gui.model.store:Store.denied": most("monitor_gui.model.store.DENIED_MAX"),
    "monitor_gui.model.store:Store.entries": sized("monitor_gui.model.store.ENTRIES_MAX"),
    "monitor_gui.model.store:Store.offsets": sized("monitor_gui.model.store.OFFSETS_MAX"),
    "monitor_gui.model.store:Store.since_s": within(ANSWER, "what is wrong now, by one answer"),
    "monitor_gui.model.timeline:Timeline._names": most(SHOWN_HOSTS),
    "monitor_gui.model.timeline:Timeline._upstreams": along("_names"),
    "monitor_gui.model.timeline:Timeline._views": along("_names"),
    "monitor_gui.model.timeline:Timeline._roles": along("_names"),
    "monitor_gui.model.timeline:Timeline._back_s": along("_names"),
    "monitor_gui.model.timeline:Timeline._holds": along("_names"),
    "monitor_gui.model.updates:Event.data": within(
        "client.streams.EVENT_BYTES_MAX", "the data of one event"
    ),
    "monitor_gui.model.usage:Series.points": most("monitor_gui.model.usage.POINTS_MAX"),
    "monitor_gui.model.usage:Usage.each": most("monitor_gui.model.usage.SERIES_MAX"),
}

ROWS: Final = within(ANSWER, "the rows of one answer, or of a list that has its bound")
COLUMNS: Final = within("monitor_gui.qt.rows.Column", "one for each column of the page's table")
WINDOW: Final[dict[str, Bound]] = {
    "monitor_gui.qt.activity:ActivityPage._names": within(ANSWER, "the products of one answer"),
    "monitor_gui.qt.bridge:Bridge._queue": sized(
        "monitor_gui.qt.bridge.QUEUE_MAX", shown_by="tests/gui/test_bounds.py::test_updates"
    ),
    "monitor_gui.qt.clocks:ClocksPage.bounds": fixed(),
    "monitor_gui.qt.clocks:ClocksPage.curves": most(
        "monitor_gui.qt.clocks.CURVES_MAX", shown_by="tests/gui/test_bounds.py::test_curves"
    ),
    "monitor_gui.qt.columns:Columns._columns": COLUMNS,
    "monitor_gui.qt.columns:Columns._numbers": COLUMNS,
    "monitor_gui.qt.columns:Columns._titles": COLUMNS,
    "monitor_gui.qt.columns:Columns._least": COLUMNS,
    "monitor_gui.qt.columns:Columns._want": COLUMNS,
    "monitor_gui.qt.columns:Columns._fixed": COLUMNS,
    "monitor_gui.qt.columns:Columns._hidden": COLUMNS,
    "monitor_gui.qt.columns:Columns._pinned": COLUMNS,
    "monitor_gui.qt.command_palette:CommandPalette._offered": within(
        "monitor_gui.qt.commands.LEASES_MAX", "what is offered while it is open"
    ),
    "monitor_gui.qt.command_palette:CommandPalette._shown": within(
        "monitor_gui.qt.command_palette.SHOWN_MAX", "the best of these"
    ),
    "monitor_gui.qt.connections:SystemForm._others": fixed("the names in the user's list"),
    "monitor_gui.qt.connections:ConnectionsDialog._systems": once("_add", "_edit", "_remove"),
    "monitor_gui.qt.connections:ConnectionsDialog._unsaved": within(
        "monitor_gui.qt.window.UNSAVED_MAX", "one more: what is followed now and was just removed"
    ),
    "monitor_gui.qt.failover:FailoverPage.maintain": fixed(),
    "monitor_gui.qt.failover:FailoverPage._drawn": within(
        "monitor_gui.model.store.ENTRIES_MAX", "of the history, made anew"
    ),
    "monitor_gui.qt.failover:FailoverPage._listed": within(
        "monitor_gui.model.store.ENTRIES_MAX", "of the history, made anew"
    ),
    "monitor_gui.qt.language:_installed": within(
        "monitor_gui.qt.language.install", "the translators in use: the ones before go"
    ),
    "monitor_gui.qt.overview:OverviewPage.cards": within(
        "monitor_gui.qt.overview.OverviewPage", "its own cards, handed to its layout"
    ),
    "monitor_gui.qt.overview:OverviewPage._cells": within(
        "monitor_gui.qt.overview.CAUSES_MAX", "no more rows than are shown"
    ),
    "monitor_gui.qt.months:MonthsPage._rows": within(
        "monitor_gui.feed.usage.SLOTS", "the periods of one stretch"
    ),
    "monitor_gui.qt.queue:QueuePage._places": within(
        "monitor_gui.feed.answers.PLACES_MAX", "the places of one answer"
    ),
    "monitor_gui.qt.rows:RowsModel._columns": fixed(),
    "monitor_gui.qt.rows:RowsModel._shown": ROWS,
    "monitor_gui.qt.rows:RowsModel._keys": ROWS,
    "monitor_gui.qt.rows:RowsModel._words": within(
        "monitor_gui.qt.rows.RowsModel.set_words", "what a person typed"
    ),
    "monitor_gui.qt.scene:Box.lines": within("monitor_gui.qt.scene.LINES_MAX", "set as a whole"),
    "monitor_gui.qt.scene:SystemScene.tmr": fixed(),
    "monitor_gui.qt.scene:SystemScene.upstreams": fixed(),
    "monitor_gui.qt.scene:SystemScene.lines": fixed(),
    "monitor_gui.qt.scene:SystemScene.boxes": fixed(),
    "monitor_gui.qt.streams:StreamModel._columns": within(
        "monitor_gui.qt.rows.Column", "the columns of the source"
    ),
    "monitor_gui.qt.streams:StreamModel.shown": own(
        lambda model: 2 * model._most,
        "monitor_gui.model.store.EVENTS_MAX",
        shown_by="tests/gui/test_streams.py::test_a_flood_is_bounded_and_a_look_back_stays",
    ),
    "monitor_gui.qt.streams:StreamPanel._columns": within(
        "monitor_gui.qt.rows.Column", "the columns of the source"
    ),
    "monitor_gui.qt.streams:StreamPanel._words": within(
        "monitor_gui.qt.streams.StreamPanel", "what a person typed"
    ),
    "monitor_gui.qt.streams:StreamPanel._tests": within(
        "monitor_gui.qt.streams.StreamPanel.add_choice", "one for each choice that the page has"
    ),
    "monitor_gui.qt.usage:UsagePage._names": within(ANSWER, "the products of one answer"),
    "monitor_gui.qt.window:Window.systems": within(
        "monitor_gui.model.connections.SYSTEMS_MAX", "the user's own file"
    ),
    "monitor_gui.qt.window:Window._recent": most(
        "monitor_gui.qt.command_palette.RECENT_MAX",
        shown_by="tests/gui/test_bounds.py::test_recent_commands",
    ),
    "monitor_gui.qt.window:Window._old": most(
        "monitor_gui.qt.window.OLD_MAX", shown_by="tests/gui/test_bounds.py::test_old_leases"
    ),
    "monitor_gui.qt.window:Window._unsaved": within(
        "monitor_gui.qt.window.UNSAVED_MAX", "the newest"
    ),
    "monitor_gui.qt.window:Window._pages": within(
        "monitor_gui.qt.pages.PAGES", "one for each page"
    ),
}
