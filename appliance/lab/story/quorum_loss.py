"""Steps 9 and 10 of the story: what must be refused, without quorum and to attackers."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from appliance.adapters.container_home import ContainerHome
from appliance.client import ClientError, LeaseState, QuorumLost, Trust, Wanted
from appliance.codec.api import GrantDocument
from appliance.lab.hosts import UPSTREAM_LINK_PORT, UPSTREAMS, twin_of
from appliance.lab.inside import Inside
from appliance.lab.story.attack import StolenHost, forge, stolen_files
from appliance.lab.story.crowd import Member
from appliance.lab.story.stage import PRESSES, ROBOTS, Stage, StoryFailed, Told, require

OFF = ("up2", "up3")


def two_upstreams_cut(stage: Stage) -> Told:
    """With one upstream left the licence is gone, honestly; with two it is there again."""
    member = stage.crowd.members[0]
    stage.clients.call(stage.crowd.listen(member))
    for host in OFF:
        stage.lab.cut(host) if stage.networked else stage.lab.power_cut(host)
    shown = stage.wait_for("an empty virtual container", lambda: _gone(stage, member))
    missing = stage.clients.call(_refused_check_out(stage))
    require(missing == OFF, f"the refusal names {missing}")
    states = stage.clients.call(stage.crowd.all_in_state(LeaseState.AT_RISK))
    reasons = {state.reason for state in states}
    require(reasons == {"quorum-lost"}, f"running clients are told {reasons}")
    told = stage.wait_for("the event of the lost quorum", lambda: _quorum_event(stage))
    stage.lab.heal("up2") if stage.networked else stage.lab.boot("up2")
    stage.wait_for("the licence", lambda: _available(stage))
    stage.clients.call(stage.crowd.all_in_state(LeaseState.HELD))
    stage.lab.heal("up3") if stage.networked else stage.lab.boot("up3")
    stage.wait_until_whole()
    require(not stage.crowd.lost(), f"{stage.crowd.lost()} lost their lease")
    return (
        f"{shown}; a check-out was refused as quorum-lost, missing {' and '.join(missing)}; "
        f"{len(states)} running clients were told; with up2 back the licence is there again",
        {"missing": list(missing), "told": len(states), "event": told},
    )


def _gone(stage: Stage, member: Member) -> str:
    try:
        document = stage.clients.call(stage.crowd.licences(member, False))
        status = stage.clients.call(stage.crowd.status(member))
    except ClientError:
        return ""
    noticed = [other.missing for other in stage.statuses().values()]
    if document.licences or set(noticed) != {OFF}:
        return ""
    where = stage.files.virtual_ip or status.host
    return f"{where} answers, its virtual container is empty"


async def _refused_check_out(stage: Stage) -> tuple[str, ...]:
    client = stage.crowd.members[-1].client
    try:
        await client.lease(PRESSES.code, PRESSES.product).check_out()
    except QuorumLost as lost:
        return tuple(sorted(lost.missing))
    raise StoryFailed("a seat was granted without quorum")


def _quorum_event(stage: Stage) -> dict[str, Any]:
    for event in stage.crowd.events:
        with contextlib.suppress(json.JSONDecodeError):
            data = json.loads(event.data)
            if event.name == "upstreams" and len(data.get("missing", ())) == 2:
                return dict(data)
    return {}


def _available(stage: Stage) -> bool:
    try:
        return any(item.available for item in stage.licences())
    except ClientError:
        return False


def attackers(stage: Stage) -> Told:
    """A stolen host certificate, and a stolen container key: refused by name."""
    thief = twin_of(stage.active()).name
    upstream = UPSTREAMS[0]
    stolen = StolenHost(
        thief,
        stolen_files(stage.files.host(thief)),
        upstream.name,
        f"{stage.files.address(upstream.octet)}:{UPSTREAM_LINK_PORT}",
    )
    with Inside(thief, stage.namespace(thief)) as inside:
        host_attack = inside.call(stolen.attack(PRESSES.code, PRESSES.product))
    names = [verdict.refusal for verdict in host_attack]
    wanted = ["direct-use-refused", "hears-coordinator"]
    require(names == wanted, f"the stolen certificate of {thief} led to {host_attack}")
    root = stage.files.root_certificate().read_bytes()
    grant, nonce = stage.clients.call(_one_grant(stage))
    home = _endorser(stage, grant, root)
    asked = Wanted(ROBOTS.code, ROBOTS.product, nonce)
    forgeries = [verdict.refusal for verdict in forge(grant, asked, home, Trust(root))]
    require(forgeries == ["same-twin", "bad-signature"], f"forged receipts: {forgeries}")
    return (
        f"{thief}'s stolen certificate at {upstream.name} alone: {', '.join(names)}; receipts "
        f"forged with {home.serial}'s key: {', '.join(forgeries)}",
        {"stolen_host": names, "forged_receipt": forgeries},
    )


async def _one_grant(stage: Stage) -> tuple[GrantDocument, bytes]:
    """A real grant with its receipt, and the nonce it was asked with."""
    client = stage.crowd.members[0].client
    lease = client.lease(ROBOTS.code, ROBOTS.product)
    grant = await lease.check_out()
    await lease.check_in()
    assert grant.receipt is not None
    return grant, grant.receipt.nonce


def _endorser(stage: Stage, grant: GrantDocument, root: bytes) -> ContainerHome:
    """The container home, on a lab host, of one of the twins that endorsed this grant."""
    receipt = grant.receipt
    assert receipt is not None
    certificates = {endorsement.certificate for endorsement in receipt.endorsements}
    for host in UPSTREAMS:
        home = ContainerHome.open(stage.files.host(host.name) / "container", root)
        if home.certificate in certificates:
            return home
    raise StoryFailed("no container of this lab endorsed the grant")
