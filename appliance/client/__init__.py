"""What applications import to hold licences of a TMR installation.

    from appliance.client import Trust, find_profile, load_profile

    TRUST = Trust(root="-----BEGIN CERTIFICATE-----...", firms=[100001])

    with load_profile(find_profile()).client(TRUST) as client:
        with client.lease(100001, 10) as lease:
            ...

`AsyncClient` is the same for asyncio. Every receipt is verified (docs/receipts.md), and what is
believed is part of the program, never of a file (docs/programs.md).
"""

from appliance.client.clock import boot_clock
from appliance.client.engine import CallTiming
from appliance.client.errors import (
    BadAnswer,
    ClientError,
    ConnectionFailed,
    LeaseLost,
    OutcomeUnknown,
    ProfileError,
    QuorumLost,
    ReceiptRefused,
    Refused,
    TlsRefused,
    TooManyCalls,
    TrustError,
    UnfinishedConsumption,
    WaitedInVain,
)
from appliance.client.holder import this_process
from appliance.client.lease import AsyncLease, AsyncPart
from appliance.client.profile import Profile, find_profile, load_profile
from appliance.client.receipts import ReceiptVerifier
from appliance.client.resume import ResumeRefused
from appliance.client.session import AsyncClient
from appliance.client.states import LeaseState, LeaseStatus, LeaseTiming
from appliance.client.station import this_station
from appliance.client.streams import ServerEvent
from appliance.client.sync import Client, Lease, Part
from appliance.client.ticket import Ticket
from appliance.client.ticket_files import TicketRefused
from appliance.client.tls import ClientTls
from appliance.client.tools import UnprotectedWarning
from appliance.client.transport import Address
from appliance.codec.api import HolderDocument
from appliance.codec.api_queue import PlaceDocument
from appliance.verifier.receipts import Wanted
from appliance.verifier.trust import Trust

__all__ = [
    "Address",
    "AsyncClient",
    "AsyncLease",
    "AsyncPart",
    "BadAnswer",
    "CallTiming",
    "Client",
    "ClientError",
    "ClientTls",
    "ConnectionFailed",
    "HolderDocument",
    "Lease",
    "LeaseLost",
    "LeaseState",
    "LeaseStatus",
    "LeaseTiming",
    "OutcomeUnknown",
    "Part",
    "PlaceDocument",
    "Profile",
    "ProfileError",
    "QuorumLost",
    "ReceiptRefused",
    "ReceiptVerifier",
    "Refused",
    "ResumeRefused",
    "ServerEvent",
    "Ticket",
    "TicketRefused",
    "TlsRefused",
    "TooManyCalls",
    "Trust",
    "TrustError",
    "UnfinishedConsumption",
    "UnprotectedWarning",
    "WaitedInVain",
    "Wanted",
    "boot_clock",
    "find_profile",
    "load_profile",
    "this_process",
    "this_station",
]
