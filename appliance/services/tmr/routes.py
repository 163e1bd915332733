"""The client API's routes: this table is dispatched, described and measured.

A new route is a row here, its handler, and the documents that it takes and gives. Rows below
/v1/leases/ are dispatched by a thin handler: theirs get what proves the lease (if `secret`) and how
many seconds the client waits as last arguments, and give the answer's status and bytes.
"""

from __future__ import annotations

from typing import Final

from appliance.codec import api
from appliance.codec.api_certificates import CertificatesDocument, DismissRequest, LimitRequest
from appliance.codec.api_names import EraseNameRequest, NameErasedDocument
from appliance.codec.api_queue import PlaceDocument
from appliance.codec.api_rules import RaiseRulesRequest, RulesDocument
from appliance.codec.backup_pages import BackupPage, BackupSnapshot
from appliance.codec.seen_documents import SeenDocument, SeenRequest
from appliance.services.metrics import PLAIN_MEDIA_TYPE
from appliance.services.routes import Route, flag, number, text
from appliance.services.tmr import licence_lists
from appliance.services.tmr import queue_routes as queue
from appliance.services.tmr import unit_routes as units
from appliance.services.tmr.access_routes import OF_ACCESS
from appliance.services.tmr.asking import after_licence, names, places
from appliance.services.tmr.backups import Backups
from appliance.services.tmr.borrow_routes import OF_LOANS
from appliance.services.tmr.counts import CHECK_OUT, HEARTBEAT
from appliance.services.tmr.dismissing import Dismissing
from appliance.services.tmr.documents import PAGE_ROWS, PAGE_ROWS_MAX
from appliance.services.tmr.erasing import Erasing
from appliance.services.tmr.group_routes import OF_GROUPS
from appliance.services.tmr.identity import ADMINISTER, CLIENT, OPERATE, SEAT, VIEW
from appliance.services.tmr.leases import Leases
from appliance.services.tmr.metrics import TmrMetrics
from appliance.services.tmr.openapi import Description
from appliance.services.tmr.operations import Operations
from appliance.services.tmr.rules import Rules
from appliance.services.tmr.seen import SeenByClients
from appliance.services.tmr.streams import Streams
from appliance.services.tmr.time_updates import TimeUpdates
from appliance.services.tmr.unit_routes import LEASE, UNUSABLE
from appliance.services.tmr.usage_routes import OF_USAGE
from appliance.services.tmr.views import Views
from appliance.services.tmr.words import Words
from appliance.verifier.documents import FirmWordsDocument

NOBODY: Final = ""

ROUTES: Final = (
    # --- one lease ---
    Route(
        CHECK_OUT,
        "PUT",
        "/v1/leases/{id}",
        "Check out: take a seat, or get a fresh receipt of the seat held under this id",
        SEAT,
        Leases.check_out,
        api.GrantDocument,
        api.CheckOutRequest,
        statuses=(200, 201, 202),
        also=((202, PlaceDocument),),
        origin=True,
        reasons=(
            "no-seat-free",
            "never-satisfiable",
            "queue-full",
            "exclusive-conflict",
            *UNUSABLE,
            "lease-conflict",
            "lease-ended",
            "too-many-leases",
            "over-quota",
            "denied-by-rule",
            "maximum-reached",
            "seats-reserved",
            "too-many-requests",
        ),
    ),
    Route(
        "check-in",
        "DELETE",
        "/v1/leases/{id}",
        "Check in",
        SEAT,
        Leases.check_in,
        api.EndedDocument,
        query=(number("generation", least=1), flag("no_linger")),
        reasons=(*LEASE, "too-many-requests"),
        secret=True,
        vital=True,
    ),
    Route(
        HEARTBEAT,
        "POST",
        "/v1/leases/{id}/heartbeat",
        "Say that the lease is still wanted",
        SEAT,
        Leases.heartbeat,
        api.HeartbeatDocument,
        api.HeartbeatRequest,
        reasons=LEASE,
        secret=True,
        vital=True,
    ),
    *units.OF_LEASES,
    *OF_LOANS,
    Route(
        "release",
        "POST",
        "/v1/leases/{client}/{id}/release",
        "End somebody's lease, with a reason that is recorded",
        OPERATE,
        Leases.release,
        api.EndedDocument,
        api.ReleaseRequest,
        reasons=LEASE,
    ),
    # --- what there is ---
    Route(
        "licences",
        "GET",
        "/v1/licences",
        "The licences of the virtual container, page by page; of one firm or product, if asked",
        CLIENT,
        Views.licences,
        api.LicencesDocument,
        query=(
            flag("all"),
            after_licence("after"),
            number("limit", 1, licence_lists.PAGE_ROWS_MAX, default=licence_lists.PAGE_ROWS),
            number("firm_code", least=1, default=licence_lists.ANY),
            number("product_code", default=licence_lists.ANY),
        ),
    ),
    Route(
        "firm-words",
        "GET",
        "/v1/firm-words",
        "What the firm signed of one licence, for those who verify receipts",
        CLIENT,
        Words.words,
        FirmWordsDocument,
        query=(
            number("firm_code", least=1),
            number("product_code"),
            number("tmr_id"),
        ),
        reasons=("unknown-product",),
    ),
    Route(
        "leases",
        "GET",
        "/v1/leases",
        "The caller's leases, page by page; all, for operators",
        CLIENT,
        Views.leases,
        api.LeasesDocument,
        query=(number("after", default=0), number("limit", 1, PAGE_ROWS_MAX, default=PAGE_ROWS)),
    ),
    Route(
        "status",
        "GET",
        "/v1/status",
        "Who serves, how each host is",
        CLIENT,
        Views.status,
        api.StatusDocument,
    ),
    Route(
        "logs",
        "GET",
        "/v1/logs",
        "What the hosts logged: host names one host or more, after (host:number,…) where to go on",
        VIEW,
        Views.logs,
        api.LogsDocument,
        query=(names("host"), places("after")),
    ),
    Route(
        "events",
        "GET",
        "/v1/events",
        "What happens, as server-sent events",
        CLIENT,
        Streams.listen,
        "text/event-stream",
        reasons=("too-many-subscribers",),
        endless=True,
        raw=True,
    ),
    # --- what operators do ---
    Route(
        "switchover",
        "POST",
        "/v1/switchover",
        "Let the other TMR host serve",
        OPERATE,
        Operations.switchover,
        api.DoneDocument,
        api.OperateRequest,
        reasons=("twin-not-ready",),
    ),
    Route(
        "maintenance",
        "POST",
        "/v1/maintenance",
        "Keep a TMR host from serving, or let it serve again",
        OPERATE,
        Operations.maintenance,
        api.DoneDocument,
        api.OperateRequest,
        reasons=("twin-not-ready",),
    ),
    Route(
        "replace",
        "POST",
        "/v1/replace",
        "Let a new store vote in the stead of a lost one",
        ADMINISTER,
        Operations.replace,
        api.DoneDocument,
        api.ReplaceRequest,
        reasons=("not-replaced", "not-yet-replaced"),
    ),
    Route(
        "seen",
        "POST",
        "/v1/seen",
        "Show the newest receipt, which this host asked for since its ledger lacks that entry",
        CLIENT,
        SeenByClients.show,
        SeenDocument,
        SeenRequest,
    ),
    Route(
        "accept-loss",
        "POST",
        "/v1/accept-loss",
        "Take note that the ledger was put back: the alarm ends, unit counters go on resting",
        OPERATE,
        Operations.accept_loss,
        api.DoneDocument,
        api.AcceptLossRequest,
    ),
    Route(
        "time",
        "POST",
        "/v1/time",
        "Have one container or all get certified time now",
        OPERATE,
        TimeUpdates.update,
        api.TimeUpdateDocument,
        api.TimeUpdateRequest,
        reasons=("not-found",),
    ),
    Route(
        "backup",
        "GET",
        "/v1/backup",
        "The ledger's committed entries, page by page, with a proof of where they end",
        OPERATE,
        Backups.page,
        BackupPage,
        query=(number("first", least=1, default=1),),
        reasons=("not-founded",),
    ),
    Route(
        "backup-snapshot",
        "GET",
        "/v1/backup/snapshot",
        "What stands for entries that are gone: which snapshot, or (with its index) a chunk of it",
        OPERATE,
        Backups.snapshot,
        BackupSnapshot,
        query=(number("index", default=0), number("chunk", default=0)),
        reasons=("snapshot-gone",),
    ),
    *OF_USAGE,
    Route(
        "enrol",
        "PUT",
        "/v1/clients/{name}",
        "Enrol a client that proves itself by a token",
        ADMINISTER,
        Operations.enrol,
        api.DoneDocument,
        api.EnrolRequest,
        reasons=("too-many-clients",),
    ),
    Route(
        "dismiss-client",
        "DELETE",
        "/v1/clients/{name}",
        "Dismiss an enrolled client",
        ADMINISTER,
        Operations.dismiss,
        api.DoneDocument,
        query=(text("why", required=True),),
    ),
    Route(
        "certificates",
        "GET",
        "/v1/certificates",
        "Which certificates were dismissed, and which this host has seen; limits of seats",
        VIEW,
        Dismissing.listed,
        CertificatesDocument,
    ),
    Route(
        "dismiss-certificate",
        "POST",
        "/v1/certificates/{serial}/dismiss",
        "Take a certificate back: it is good no more, from the next request on",
        ADMINISTER,
        Dismissing.dismiss,
        api.DoneDocument,
        DismissRequest,
        reasons=("not-dismissed", "too-many-dismissed"),
    ),
    Route(
        "limit",
        "POST",
        "/v1/limit",
        "Limit how many seats of a product one client may hold",
        ADMINISTER,
        Dismissing.limit,
        api.DoneDocument,
        LimitRequest,
    ),
    *queue.ROUTES,
    *OF_ACCESS,
    *units.OF_OPERATORS,
    *OF_GROUPS,
    Route(
        "erase-name",
        "POST",
        "/v1/names/erase",
        "Have the name of a user, a computer or an application forgotten by all hosts",
        ADMINISTER,
        Erasing.erase,
        NameErasedDocument,
        EraseNameRequest,
    ),
    Route(
        "rules",
        "GET",
        "/v1/rules",
        "Which rules are in force, and which each host knows",
        VIEW,
        Rules.rules,
        RulesDocument,
    ),
    Route(
        "raise-rules",
        "POST",
        "/v1/rules",
        "Put newer rules in force, once all hosts know them",
        ADMINISTER,
        Rules.raise_rules,
        api.DoneDocument,
        RaiseRulesRequest,
        reasons=("rules-not-raised",),
    ),
    # --- the service itself ---
    Route(
        "health",
        "GET",
        "/healthz",
        "200 if this host serves",
        NOBODY,
        Views.health,
        api.DoneDocument,
        reasons=("not-active", "quorum-lost"),
    ),
    Route(
        "description",
        "GET",
        "/openapi.json",
        "This document",
        NOBODY,
        Description.show,
        "application/json",
    ),
    Route(
        "metrics",
        "GET",
        "/metrics",
        "Metrics, as Prometheus reads them",
        VIEW,
        TmrMetrics.show,
        PLAIN_MEDIA_TYPE.partition(";")[0],
        raw=True,
    ),
)
